"""What no rulebook may hold, each refused with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any as Whatever

import pytest

from klarera.errors import UsageError
from klarera.law import Rulebook, prove, prune, replay
from klarera.law.case import from_dict, to_dict
from klarera.law.expression import Adopted, All, Any, Compare, Conclusion, Expression, Fact, InSet, Not, Unproven
from klarera.law.rule import Level, Status
from klarera.model import Decision, Rank

from .books import (
    AGE,
    CITE,
    LAND,
    LAW,
    NO_READING,
    SEEN,
    A,
    B,
    book,
    by_columns,
    ground,
    parts,
    question,
    redaction,
    rule,
    settled,
    source,
)


def deep() -> Expression:
    node: Expression = A
    for _ in range(100):
        node = Not(node)
    return node


EXPRESSIONS: dict[str, tuple[Whatever, str]] = {
    "fact not declared": (Fact("z", "Z?"), "not declared"),
    "fact declared otherwise": (Fact("a", "Something else?"), "declared otherwise"),
    "conclusion nobody concludes": (Conclusion("zz"), "no rule concludes"),
    "question nobody asks": (Adopted("zz", "hard"), "is no question"),
    "position nobody takes": (Adopted("q", "zz"), "no position of q"),
    "equality makes a plain false": (A & (LAND == "DE"), "never =="),  # type: ignore[comparison-overlap, operator]
    "and makes a plain fact": (True, "no expression"),
    "a number alone": (A & AGE, "stands alone"),
    "a bool compared": (Compare(A, "<", 1), "only numbers and days"),
    "a word compared": (Compare(LAND, "<", "DE"), "only numbers and days"),
    "an unknown operator": (Compare(AGE, "==", 1), "only numbers and days"),
    "a bool in a list": (InSet(A, (True,)), "not a bool"),
    "a list of nothing": (InSet(LAND, ()), "needs values"),
    "a word not of the fact": (LAND.one_of("XX"), "not one of its words"),
    "a word for a number": (AGE < "16", "does not fit"),
    "a truth for a number": (AGE < True, "does not fit"),
    "a number that is none": (float("nan") > AGE, "does not fit"),
    "a number without end": (float("inf") > AGE, "does not fit"),
    "a number JSON cannot keep": (AGE < 2**60, "too large"),
    "a day that is none": (SEEN > "2025-02-30", "does not fit"),
    "unproven without citation": (Unproven(A), "without a citation"),
    "unproven number": (Unproven(AGE, "Act Art. 2"), "only a bool"),
    "all of nothing": (All(()), "an empty all"),
    "any of nothing": (Any(()), "an empty any"),
    "nested without end": (deep(), "nested deeper"),
}


@pytest.mark.parametrize(("when", "said"), EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_a_condition_the_evaluators_cannot_read_is_refused(when: Whatever, said: str) -> None:
    made = question("q", ("hard", ()), ("soft", ()))
    with pytest.raises(UsageError, match=said):
        book(rule("r", "x", when), questions=(made,))


def test_and_or_if_are_refused_where_they_are_written() -> None:
    with pytest.raises(UsageError, match="three values"):
        A and B  # noqa: B018


HARD, SOFT = ("hard", (source("x", Rank.CJEU),)), ("soft", ())
PARTS: dict[str, tuple[Callable[[], Rulebook], str]] = {
    "a list for a tuple": (lambda: parts(rules=[]), "not a tuple"),
    "a rule among facts": (lambda: parts(facts=(rule("r", "x", A),)), "not a tuple of Fact"),
    "no day for version": (lambda: parts(version="2026"), "not a day"),
    "a fact twice": (lambda: book(facts=(A, A)), "fact a: more than once"),
    "a rule twice": (lambda: book(rule("r", "x", A), rule("r", "x", B)), "rule r: more than once"),
    "a ground twice": (lambda: book(rule("r", "x", A), grounds=(ground("x"),) * 2), "more than once"),
    "a question twice": (lambda: book(questions=(question("q", HARD, SOFT),) * 2), "more than once"),
    "a position twice": (lambda: book(questions=(question("q", HARD, HARD),)), "more than once"),
    "an exception twice": (lambda: book(rule("r", "x", A, "e", "e"), rule("e", "e", B)), "more than once"),
    "a question with one answer": (lambda: book(questions=(question("q", HARD),)), "fewer than two"),
    "a question named like the base": (lambda: book(questions=(question("base", HARD, SOFT),)), "usable id"),
    "a fact named like code": (lambda: book(facts=(Fact("A b", "?"),)), "small letters"),
    "a fact of no type": (lambda: book(facts=(Fact("a", "?", type="text"),)), "is not one of"),
    "words for a bool": (lambda: book(facts=(Fact("a", "?", words=("x",)),)), "lists words"),
    "a fact that asks nothing": (lambda: book(facts=(Fact("a", ""),)), "asks nothing"),
    "a rule id with a blank": (lambda: book(rule("r 1", "x", A)), "usable id"),
    "a conclusion with a blank": (lambda: book(rule("r", "x y", A)), "small letters"),
    "an exception nobody concludes": (lambda: book(rule("r", "x", A, "e")), "no rule concludes"),
    "a ground nobody concludes": (lambda: book(grounds=(ground("x"),)), "no rule concludes"),
    "a ground that keeps": (
        lambda: book(rule("r", "x", A), grounds=(ground("x", Decision.KEEP),)),
        "drops or",
    ),
    "a rule that ends first": (
        lambda: book(rule("r", "x", A, in_force=(date(2025, 1, 1), date(2025, 1, 1)))),
        "ends before",
    ),
    "a rule that applies backwards": (
        lambda: book(rule("r", "x", A, applies=(date(2025, 1, 2), date(2025, 1, 1)))),
        "ends before",
    ),
    "a rule without words": (lambda: book(replace(rule("r", "x", A), says="")), "words of what"),
    "a rule without citation": (
        lambda: book(replace(rule("r", "x", A), cite=replace(CITE, act=""))),
        "without citation",
    ),
    "a rule that replaces nothing": (lambda: book(rule("r", "x", A, law="p", replaces=("z",))), "is no rule"),
    "current law that replaces": (
        lambda: book(rule("r", "x", A, replaces=("s",)), rule("s", "x", B)),
        "only a proposal",
    ),
    "a proposal without name": (
        lambda: book(replace(rule("r", "x", A), level=Level.PROPOSAL)),
        "needs the name",
    ),
    "reviewed by nobody": (lambda: book(replace(rule("r", "x", A), status=Status.REVIEWED)), "by nobody"),
    "a circle": (
        lambda: book(rule("r", "x", A, "y"), rule("s", "y", ~Conclusion("x"))),
        "circle: (x -> y -> x|y -> x -> y)",
    ),
    "a conclusion of itself": (lambda: book(rule("r", "x", Conclusion("x"))), "x -> x"),
    "a source scoped by a record": (
        lambda: book(questions=(question("q", ("h", (source("s", Rank.CJEU, A),)), SOFT),)),
        "fact of a record",
    ),
    "a source scoped by a conclusion": (
        lambda: book(
            rule("r", "x", A),
            questions=(question("q", ("h", (source("s", Rank.CJEU, Conclusion("x")),)), SOFT),),
        ),
        "only facts",
    ),
    "a final rank that is not final": (
        lambda: book(questions=(question("q", ("h", (replace(source("s", Rank.CJEU), final=False),)), SOFT),)),
        "not final",
    ),
    "a condition on a record": (lambda: parts(conditions=(settled(fact=A),)), "holds records"),
    "a condition on a number": (lambda: parts(conditions=(settled(fact=AGE),)), "is not a bool"),
    "a condition for some time": (
        lambda: parts(conditions=(settled(before="soon"),)),
        "training or lasting",
    ),
    "a condition nobody closes": (lambda: parts(conditions=(settled(addressee=""),)), "says not who"),
    "a redaction nobody concludes": (
        lambda: parts(redactions=(redaction(conclusion="zz"),)),
        "no rule concludes",
    ),
    "a redaction of a page": (lambda: parts(redactions=(redaction(extent="page"),)), "span or sentence"),
}


@pytest.mark.parametrize(("make", "said"), PARTS.values(), ids=PARTS)
def test_parts_that_do_not_fit_are_refused(make: Callable[[], Rulebook], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        make()


def chain(length: int) -> Rulebook:
    rules = [rule(f"act.{i}", f"c{i}", A, f"c{i + 1}") for i in range(length)]
    return book(*rules, rule("act.end", f"c{length}", B))


def test_exceptions_nested_too_deep_are_refused_and_the_deepest_allowed_can_be_proven() -> None:
    with pytest.raises(UsageError, match="more than 200 levels"):
        chain(66)
    deepest = chain(65)
    proof = prove(deepest, "c0", {"a": True, "b": None}, LAW, NO_READING)
    assert replay(from_dict(to_dict(prune(proof)))) is proof.value is None
    assert by_columns(deepest, "c0", [{"a": True}], LAW, NO_READING) == [None]


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        book(rule("r", "x", Conclusion("zz")), rule("s", "y", A, "ww"))
    assert "zz" in str(caught.value)
    assert "ww" in str(caught.value)
