"""The value of one case, and what its proof promises."""

from __future__ import annotations

import json
from datetime import date, datetime
from itertools import product
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.errors import EvidenceError, UsageError
from klarera.law import Proof, Reading, Rulebook, Step, judge, open_facts, prove, prune, render, replay
from klarera.law.case import from_dict, leaves, to_dict
from klarera.law.expression import Adopted, Conclusion, Expression, Fact, Unproven
from klarera.law.kleene import Given, all_of, any_of
from klarera.law.rule import Question
from klarera.model import Cause, Rank, State

from .books import (
    AGE,
    FACTS,
    LAND,
    LAW,
    NO_READING,
    SEEN,
    VALUES,
    A,
    B,
    C,
    book,
    by_case,
    question,
    rows,
    rule,
    source,
    used,
)  # fmt: skip
from .random_books import BOOLS, READINGS, rulebooks

PROPERTY = settings(max_examples=40, deadline=None, derandomize=True)
T, F, U = True, False, None


def value(when: Expression, facts: dict[str, Given]) -> bool | None:
    return prove(book(rule("r", "x", when)), "x", facts, LAW, NO_READING).value


KLEENE = {
    # a, b: and, or, not a
    (T, T): (T, T, F), (T, F): (F, T, F), (T, U): (U, T, F),
    (F, T): (F, T, T), (F, F): (F, F, T), (F, U): (F, U, T),
    (U, T): (U, T, U), (U, F): (F, U, U), (U, U): (U, U, U),
}  # fmt: skip


@pytest.mark.parametrize(("a", "b"), KLEENE)
def test_three_values(a: bool | None, b: bool | None) -> None:
    facts: dict[str, Given] = {"a": a, "b": b}
    assert (value(A & B, facts), value(A | B, facts), value(~A, facts)) == KLEENE[a, b]


EXCEPTION = {
    # when, exception: conclusion
    (T, T): F, (T, F): T, (T, U): U,
    (F, T): F, (F, F): F, (F, U): F,
    (U, T): F, (U, F): U, (U, U): U,
}  # fmt: skip


@pytest.mark.parametrize(("a", "b"), EXCEPTION)
def test_an_unknown_exception_neither_holds_nor_fails(a: bool | None, b: bool | None) -> None:
    rules = book(rule("r", "x", A, "e"), rule("s", "e", B))
    assert prove(rules, "x", {"a": a, "b": b}, LAW, NO_READING).value is EXCEPTION[a, b]


@pytest.mark.parametrize(("given_", "expected"), [(T, F), (F, T), (U, T)])
def test_unproven_is_false_or_unknown(given_: bool | None, expected: bool) -> None:
    assert value(Unproven(A, "Act Art. 2"), {"a": given_}) is expected


UNKNOWN = {
    "not given": (A, {}, Cause.MISSING),
    "given as nothing": (A, {"a": None}, Cause.MISSING),
    "nobody looked": (A, {"a": State.NOT_LOOKED}, Cause.NOT_LOOKED),
    "sources conflict": (A, {"a": State.CONFLICT}, Cause.CONFLICT),
    "rulebook outdated": (A, {"a": State.OUTDATED}, Cause.OUTDATED),
    "not a number": (AGE < 16, {"age": float("nan")}, Cause.MISSING),
    "number with a cause": (AGE < 16, {"age": State.JUDGEMENT}, Cause.JUDGEMENT),
    "word not given": (LAND.one_of("DE"), {}, Cause.MISSING),
    "day not given": (SEEN > "2025-08-02", {}, Cause.MISSING),
}


@pytest.mark.parametrize(("when", "facts", "cause"), UNKNOWN.values(), ids=UNKNOWN)
def test_unknown_keeps_its_cause(when: Expression, facts: dict[str, Given], cause: Cause) -> None:
    proof = prove(book(rule("r", "x", when)), "x", facts, LAW, NO_READING)
    (leaf,) = open_facts(proof)
    assert (proof.value, leaf.cause) == (None, cause)


@pytest.mark.parametrize("given_", [None, State.MISSING])
def test_a_judgement_nobody_made_waits_for_a_person(given_: Given) -> None:
    fact = Fact("weighed", "Do the interests prevail?", judgement=True)
    rules = book(rule("r", "x", fact), facts=(fact,))
    (leaf,) = open_facts(prove(rules, "x", {"weighed": given_}, LAW, NO_READING))
    assert leaf.cause is Cause.JUDGEMENT


def test_states_true_and_false_are_values() -> None:
    assert value(A & ~B, {"a": State.TRUE, "b": State.FALSE}) is True


WRONG = {
    "number for a bool": (A, {"a": 1}),
    "word for a bool": (A, {"a": "yes"}),
    "bool for a number": (AGE < 16, {"age": True}),
    "word for a number": (AGE < 16, {"age": "15"}),
    "number beyond 64 bits": (AGE < 16, {"age": 10**400}),
    "state for a number": (AGE < 16, {"age": State.TRUE}),
    "word outside the list": (LAND.one_of("DE"), {"land": "XX"}),
    "number for a word": (LAND.one_of("DE"), {"land": 49}),
    "moment for a day": (SEEN > "2025-08-02", {"seen": datetime(2025, 8, 2, 12)}),
    "word for a day": (SEEN > "2025-08-02", {"seen": "2025-08-02"}),
    "behind unproven": (Unproven(A, "Act Art. 2"), {"a": 0}),
    "fact nobody declared": (A, {"typo": True}),
}


@pytest.mark.parametrize(("when", "facts"), WRONG.values(), ids=WRONG)
def test_a_value_of_another_type_is_an_error(when: Expression, facts: dict[str, Given]) -> None:
    with pytest.raises(UsageError):
        value(when, facts)


def test_unknown_words_are_errors() -> None:
    rules = book(rule("r", "x", A & Adopted("q", "p")), questions=(_question(),))
    with pytest.raises(UsageError, match="concludes"):
        prove(rules, "y", {}, LAW, NO_READING)
    with pytest.raises(UsageError, match="nothing on question"):
        prove(rules, "x", {}, LAW, NO_READING)


def _question() -> Question:
    return question("q", ("p", (source("s", Rank.CJEU),)), ("o", ()))


def test_a_conclusion_without_a_rule_in_time_is_false_and_says_so() -> None:
    rules = book(rule("r", "x", A, in_force=(date(2030, 1, 1), None)))
    proof = prove(rules, "x", {"a": True}, LAW, NO_READING)
    assert proof.value is False
    assert [leaf.step for leaf in leaves(proof)] == [Step.ABSENT]


def test_a_condition_of_its_own_is_judged_like_a_rule() -> None:
    rules = book(rule("r", "x", A))
    proof = judge(rules, Conclusion("x") & ~B, {"a": True, "b": None}, LAW, NO_READING)
    assert (proof.value, [leaf.name for leaf in open_facts(proof)]) == (None, ["b"])


def test_the_proof_in_words() -> None:
    rules = book(
        rule("act.1", "owes", A & ~B & (AGE < 16), "exempt"), rule("act.2", "exempt", C | Adopted("q", "p")),
        questions=(_question(),),
    )  # fmt: skip
    proof = prove(rules, "owes", {"a": True, "b": False, "age": 15}, LAW, Reading("u", {"q": None}, {}))
    assert render(proof) == [
        "? owes",
        "  ? rule act.1 [Act Art. 1]",
        "    + Is a so?",
        "    + not",
        "      - Is b so?",
        "    + How old? Less than 16 (it is 15.0)",
        "    ? unless",
        "      ? exempt",
        "        ? rule act.2 [Act Art. 1]",
        "          ? any of",
        "            ? Is c so? (unknown: nobody supplied it)",
        "            ? the reading of q is p (unknown: the positions differ)",
    ]
    assert [(leaf.fact, leaf.name) for leaf in open_facts(proof)] == [("c", "c"), ("", "q")]


def test_a_fact_behind_a_burden_of_proof_stays_open() -> None:
    rules = book(rule("r", "x", A & Unproven(B, "Act Art. 2")))
    proof = prove(rules, "x", {"a": True}, LAW, NO_READING)
    assert (proof.value, [leaf.name for leaf in open_facts(proof)]) == (True, ["b"])


@given(rulebooks(unproven=False, plain=True))
@PROPERTY
def test_more_facts_never_undo_an_answer(rules: Rulebook) -> None:
    """Unproven is exempt: it says what holds while something is not known."""
    names = [fact.name for fact in used(rules)]
    answers = by_case(rules, "top", rows(used(rules)), LAW, READINGS[0])
    table = dict(zip(product(VALUES["bool"], repeat=len(names)), answers, strict=True))
    for row, answer in table.items():
        if answer is not None:
            for i, known in enumerate(row):
                filled = [(*row[:i], v, *row[i + 1 :]) for v in (True, False)] if known is None else []
                assert all(table[more] is answer for more in filled)


def test_unproven_is_undone_by_facts() -> None:
    when = Unproven(A, "Act Art. 2")
    assert (value(when, {}), value(when, {"a": True})) == (True, False)


@st.composite
def proofs(draw: st.DrawFn) -> tuple[Rulebook, dict[str, Given], Reading, Proof]:
    rules = draw(rulebooks())
    facts = {f.name: draw(st.sampled_from(VALUES[f.type])) for f in used(rules)}
    reading = draw(st.sampled_from(READINGS))
    return rules, facts, reading, prove(rules, "top", facts, LAW, reading)


MANY = settings(max_examples=80, deadline=None, derandomize=True)


@given(proofs())
@MANY
def test_the_leaves_alone_give_the_root(made: tuple[Rulebook, dict[str, Given], Reading, Proof]) -> None:
    proof = made[3]
    assert replay(proof) is proof.value
    assert replay(prune(proof)) is proof.value


@given(proofs())
@MANY
def test_no_leaf_of_a_pruned_proof_can_go(made: tuple[Rulebook, dict[str, Given], Reading, Proof]) -> None:
    pruned = prune(made[3])
    for number, _ in enumerate(leaves(pruned)):
        assert replay(pruned, without={number}) is None


@given(proofs())
@MANY
def test_facts_not_asked_for_cannot_matter(
    made: tuple[Rulebook, dict[str, Given], Reading, Proof],
) -> None:
    rules, facts, reading, proof = made
    asked = {leaf.fact for leaf in open_facts(proof)}
    idle = [f for f in used(rules) if proof_unknown(facts[f.name]) and f.name not in asked]
    for answers in product(*[VALUES[f.type][:2] for f in idle]):
        case = facts | dict(zip([f.name for f in idle], answers, strict=True))
        assert prove(rules, "top", case, LAW, reading).value is proof.value


def proof_unknown(given_: Given) -> bool:
    return given_ is None or given_ != given_


ASKED = {
    "settled by another ground": (A | B, {"a": True}, []),
    "settled against": (A & B, {"a": False}, []),
    "a dead branch is not asked": ((A & B) | C, {"a": False}, ["c"]),
    "a live branch is asked in order": ((C & B) | A, {}, ["c", "b", "a"]),
    "each once": ((A & B) | (A & ~B), {}, ["a", "b"]),
    "known facts are not asked": (A & B, {"a": True}, ["b"]),
}


@pytest.mark.parametrize(("when", "facts", "asked"), ASKED.values(), ids=ASKED)
def test_what_is_asked(when: Expression, facts: dict[str, Given], asked: list[str]) -> None:
    proof = prove(book(rule("r", "x", when)), "x", facts, LAW, NO_READING)
    assert [leaf.fact for leaf in open_facts(proof)] == asked


@given(proofs())
@MANY
def test_an_unknown_root_has_something_to_ask(
    made: tuple[Rulebook, dict[str, Given], Reading, Proof],
) -> None:
    proof = made[3]
    if proof.value is None:
        assert open_facts(proof)


@given(proofs())
@MANY
def test_a_proof_goes_through_json(made: tuple[Rulebook, dict[str, Given], Reading, Proof]) -> None:
    proof = made[3]
    assert from_dict(json.loads(json.dumps(to_dict(proof)))) == proof


def test_days_go_through_json() -> None:
    rules = book(rule("r", "x", SEEN > "2025-08-02"))
    proof = prove(rules, "x", {"seen": date(2025, 8, 3)}, LAW, NO_READING)
    assert from_dict(json.loads(json.dumps(to_dict(proof)))) == proof


def test_an_altered_proof_shows() -> None:
    proof = prove(book(rule("r", "x", A & B)), "x", {"a": True, "b": False}, LAW, NO_READING)
    data = json.loads(json.dumps(to_dict(proof)))
    data["value"] = True
    forged = from_dict(data)
    assert replay(forged) is not forged.value


BROKEN = {
    "no object": [],
    "no value": {"step": "fact", "label": "l"},
    "value of another type": {"step": "fact", "label": "l", "value": 1},
    "unknown step": {"step": "hope", "label": "l", "value": True},
    "unknown cause": {"step": "fact", "label": "l", "value": None, "cause": "SHY"},
    "unknown key": {"step": "fact", "label": "l", "value": True, "more": 1},
    "leaf with children": {
        "step": "fact", "label": "l", "value": True,
        "children": [{"step": "fact", "label": "l", "value": True}],
    },
    "not without a child": {"step": "not", "label": "l", "value": True},
    "not with two children": {
        "step": "not",
        "label": "l",
        "value": True,
        "children": [{"step": "fact", "label": "l", "value": True}] * 2,
    },
    "label of another type": {"step": "fact", "label": 3, "value": True},
    "children of another type": {"step": "all", "label": "l", "value": True, "children": 3},
    "day that is none": {"step": "compare", "label": "l", "value": True, "given": {"date": "tomorrow"}},
}  # fmt: skip


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_what_is_no_proof_is_refused(data: object) -> None:
    with pytest.raises(EvidenceError):
        from_dict(data)


def test_order_of_rules_does_not_matter() -> None:
    rules = (rule("a", "x", A, "e"), rule("b", "x", B & C), rule("c", "e", C), rule("d", "e", B))
    forward, backward = book(*rules), book(*reversed(rules), facts=FACTS[::-1])
    cases = rows([A, B, C])
    assert by_case(forward, "x", cases, LAW, NO_READING) == by_case(backward, "x", cases, LAW, NO_READING)
    assert prove(forward, "x", {}, LAW, NO_READING) == prove(backward, "x", {}, LAW, NO_READING)


def test_a_proof_with_a_hundred_rules_in_the_book_takes_less_than_a_millisecond() -> None:
    chains = [
        rule(
            f"act.{chain}-{i}",
            f"c{chain}_{i}",
            (BOOLS[i % 4] & ~BOOLS[(i + 1) % 4]) | BOOLS[(i + 2) % 4],
            *([f"c{chain}_{i + 1}"] if i < 29 else []),
        )
        for chain in range(4)
        for i in range(30)
    ]
    rules = book(*chains, facts=BOOLS)
    facts: dict[str, Given] = {"a": True, "c": None, "d": False}
    assert sum(1 for _ in leaves(prove(rules, "c0_0", facts, LAW, NO_READING))) == 90
    times = []
    for _ in range(100):
        start = perf_counter()
        prove(rules, "c0_0", facts, LAW, NO_READING)
        times.append(perf_counter() - start)
    assert min(times) < 1e-3  # the fastest, because the machine may be busy


@given(st.lists(st.sampled_from([True, False, None])))
@PROPERTY
def test_joins_are_minimum_and_maximum(values: list[bool | None]) -> None:
    order = [False, None, True]
    assert all_of(values) is min([True, *values], key=order.index)
    assert any_of(values) is max([False, *values], key=order.index)
