"""The rulebook as a value: what is refused, what goes through JSON, what is collected, what is linted."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any as Whatever

import pytest
from hypothesis import given, settings

from klarera.errors import InputError, UsageError
from klarera.law import Law, Rulebook, Watch, collect, prove
from klarera.law.expression import (
    Adopted,
    All,
    Any,
    Compare,
    Conclusion,
    Const,
    Expression,
    Fact,
    InSet,
    Not,
    Unproven,
)
from klarera.law.rule import ConditionSpec, Confidence, Level, Redaction, Status
from klarera.model import About, Decision, Kind, Rank, Scope

from .books import (
    AGE,
    CITE,
    DAY,
    FACTS,
    LAND,
    LAW,
    NO_READING,
    SEEN,
    A,
    B,
    C,
    book,
    ground,
    question,
    rule,
    source,
)
from .random_books import rulebooks

HOST = Fact("host", "Is it the platform's own?", Scope.SOURCE)
TOLD = Fact("told", "Were people told?", Scope.PROJECT)


def condition(**changes: Whatever) -> ConditionSpec:
    return replace(
        ConditionSpec("notice", TOLD, True, CITE, "People are told.", "the operator", "a notice"), **changes
    )


def redaction(**changes: Whatever) -> Redaction:
    row = Redaction("y", (Kind.EMAIL, Kind.PHONE), (About.OTHER,), "span", CITE, "Contact data go.")
    return replace(row, **changes)


def full() -> Rulebook:
    """A book with every kind of part and node."""
    return Rulebook(
        facts=(*FACTS, HOST, TOLD),
        rules=(
            rule(
                "act.1@2020",
                "x",
                (A & ~B) | (AGE < 16) | LAND.one_of("DE", "FR"),
                "e",
                in_force=(date(2020, 1, 1), date(2025, 1, 1)),
            ),
            rule(
                "act.1@2025",
                "x",
                A & (SEEN >= "2025-08-02") & Adopted("q", "hard"),
                "e",
                in_force=(date(2025, 1, 1), None),
                applies=(date(2025, 8, 2), None),
            ),
            rule("act.2", "e", Unproven(C, "Act Art. 2") | Const(False)),
            rule("act.3", "y", ~Conclusion("x") & (AGE > 1e25)),
            rule("prop.1", "e", B, law="p1", replaces=("act.2",)),
        ),
        questions=(
            question(
                "q",
                ("hard", (source("x", Rank.CJEU, HOST),)),
                ("soft", (source("y", Rank.PROPOSAL, law="p1"),)),
                sensitive=True,
            ),
        ),
        grounds=(ground("x"), ground("y", Decision.REDACT)),
        conditions=(condition(when=HOST & ~Conclusion("y")),),
        redactions=(redaction(),),
        version=DAY,
        watch=(Watch(date(2027, 1, 1), "Act", "Art. 1 changes"),),
    )


class TestJson:
    def test_a_full_book_goes_through_unchanged(self) -> None:
        made = full()
        again = Rulebook.from_json(made.to_json())
        assert again == made
        assert again.to_json() == made.to_json()
        assert again.hash == made.hash

    @given(rulebooks())
    @settings(max_examples=50, deadline=None, derandomize=True)
    def test_random_books_go_through_unchanged(self, made: Rulebook) -> None:
        assert Rulebook.from_json(made.to_json()) == made

    def test_the_hash_is_of_the_canonical_bytes_and_stable(self) -> None:
        # Changes only with the JSON form; then SCHEMA changes too.
        assert book(rule("a", "x", A)).hash == PINNED

    def test_order_of_parts_does_not_show(self) -> None:
        rules = (rule("a", "x", A, "e"), rule("b", "e", B))
        forward = book(*rules, grounds=(ground("x"), ground("e", Decision.REDACT)))
        backward = book(*rules[::-1], facts=FACTS[::-1], grounds=(ground("e", Decision.REDACT), ground("x")))
        assert (forward, forward.hash) == (backward, backward.hash)
        assert [g.action for g in forward.grounds] == [Decision.DROP, Decision.REDACT]

    def test_any_change_shows_in_the_hash(self) -> None:
        made = full()
        changed = replace(made, rules=(replace(made.rules[0], says="Otherwise."), *made.rules[1:]))
        assert changed.hash != made.hash

    def test_a_pickled_book_is_the_same_and_carries_no_compiled_rules(self) -> None:
        made = full()
        before = len(pickle.dumps(made))
        prove(book(rule("a", "x", A)), "x", {}, LAW, NO_READING)
        made.rules_for("x", LAW)
        assert pickle.loads(pickle.dumps(made)) == made
        assert len(pickle.dumps(made)) == before

    def test_equal_books_are_equal_keys(self) -> None:
        assert {full(): 1}[full()] == 1


def edit(path: str, value: object) -> Callable[[Whatever], None]:
    def change(tree: Whatever) -> None:
        *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
        for step in way:
            tree = tree[step]
        if value is DROP:
            del tree[last]
        else:
            tree[last] = value

    return change


DROP = object()
BAD_TREES = {
    "another schema": edit("schema", 2),
    "a part missing": edit("rules", DROP),
    "a part too many": edit("code", "import os"),
    "facts no list": edit("facts", {}),
    "fact of a key less": edit("facts/0/ask", DROP),
    "fact of a key more": edit("facts/0/run", "x"),
    "fact of another type": edit("facts/0/ask", 3),
    "unknown scope": edit("facts/0/scope", "planet"),
    "no day": edit("version", "soon"),
    "rule of another type": edit("rules/0", []),
    "node of two keys": edit("rules/0/when", {"fact": "a", "not": {"fact": "a"}}),
    "node nobody knows": edit("rules/0/when", {"exec": "a"}),
    "fact nobody declared": edit("rules/0/when", {"fact": "zz"}),
    "comparison too short": edit("rules/0/when", {"compare": ["age", "<"]}),
    "threshold of another type": edit("rules/0/when", {"compare": ["age", "<", None]}),
    "constant of another type": edit("rules/0/when", {"const": 1}),
    "all of no list": edit("rules/0/when", {"all": {"fact": "a"}}),
    "span too long": edit("rules/0/in_force", ["2020-01-01", None, None]),
    "unknown rank": edit("questions/0/positions/0/sources/0/rank", "POPE"),
    "unknown kind": edit("redactions/0/kinds", ["SOUL"]),
    "flag of another type": edit("questions/0/sensitive", 1),
}


@pytest.mark.parametrize("change", BAD_TREES.values(), ids=BAD_TREES)
def test_a_malformed_rulebook_is_refused(change: Callable[[Whatever], None]) -> None:
    tree = json.loads(full().to_json())
    change(tree)
    with pytest.raises(InputError, match="rulebook"):
        Rulebook.from_json(json.dumps(tree).encode())


BAD_BYTES = {
    "no JSON": b"{",
    "no UTF-8": b"\xff",
    "no object": b"[]",
    "a key twice": b'{"schema":1,"schema":1}',
    "not finite": b'{"schema":NaN}',
    "nested without end": b"[" * 200_000,
}


@pytest.mark.parametrize("data", BAD_BYTES.values(), ids=BAD_BYTES)
def test_bytes_that_are_no_rulebook_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        Rulebook.from_json(data)


def test_an_expression_without_end_is_refused() -> None:
    tree = json.loads(full().to_json())
    node: Whatever = {"fact": "a"}
    for _ in range(200):
        node = {"not": node}
    tree["rules"][0]["when"] = node
    with pytest.raises(InputError, match="too deep"):
        Rulebook.from_json(json.dumps(tree).encode())


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


def parts(**changes: Whatever) -> Rulebook:
    return replace(full(), **changes)


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
    "a circle": (lambda: book(rule("r", "x", A, "y"), rule("s", "y", ~Conclusion("x"))), "x -> y -> x"),
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
        lambda: book(
            questions=(question("q", ("h", (replace(source("s", Rank.CJEU), final=False),)), SOFT),)
        ),
        "not final",
    ),
    "a condition on a record": (lambda: parts(conditions=(condition(fact=A),)), "holds records"),
    "a condition on a number": (lambda: parts(conditions=(condition(fact=AGE),)), "is not a bool"),
    "a condition for some time": (
        lambda: parts(conditions=(condition(before="soon"),)),
        "training or lasting",
    ),
    "a condition nobody closes": (lambda: parts(conditions=(condition(addressee=""),)), "says not who"),
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


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        book(rule("r", "x", Conclusion("zz")), rule("s", "y", A, "ww"))
    assert "zz" in str(caught.value)
    assert "ww" in str(caught.value)


WEAK, STRONG = Confidence.MEMORY, Confidence.OFFICIAL
VERSIONS = (date(2020, 1, 1), date(2025, 1, 1))
LINT: dict[str, tuple[Callable[[], Rulebook], str]] = {
    "versions overlap": (
        lambda: book(rule("r@1", "x", A), rule("r@2", "x", B, in_force=(date(2025, 1, 1), None))),
        "overlap",
    ),
    "versions leave a gap": (
        lambda: book(
            rule("r@1", "x", A, in_force=VERSIONS), rule("r@2", "x", B, in_force=(date(2025, 1, 2), None))
        ),
        "gap from 2025-01-01 to 2025-01-02",
    ),
    "versions conclude two things": (
        lambda: book(
            rule("r@1", "x", A, in_force=VERSIONS), rule("r@2", "y", B, in_force=(date(2025, 1, 1), None))
        ),
        "different words",
    ),
    "an exception from memory": (
        lambda: book(rule("r", "x", A, "e"), rule("s", "e", B, confidence=WEAK), grounds=(ground("x"),)),
        "only weakly sourced rules keep records by it (s)",
    ),
    "an exception from one lead": (
        lambda: book(
            rule("r", "x", A & ~Conclusion("e")),
            rule("s", "e", B, confidence=Confidence.SINGLE),
            grounds=(ground("x"),),
        ),
        "only weakly sourced",
    ),
    "an exception from memory for a time": (
        lambda: book(
            rule("r", "x", A, "e"),
            rule("s@1", "e", B, confidence=WEAK, in_force=VERSIONS),
            rule("s@2", "e", B, in_force=(date(2025, 1, 1), None)),
            grounds=(ground("x"),),
        ),
        "from 2020-01-01 only weakly sourced",
    ),
    "a milder position from memory": (
        lambda: book(questions=(question("q", HARD, ("soft", (source("y", Rank.CJEU, confidence=WEAK),))),)),
        "milder, and rests on weak sources",
    ),
    "a proposal nobody can switch on": (
        lambda: book(questions=(question("q", HARD, ("soft", (source("y", Rank.PROPOSAL),))),)),
        "never counts",
    ),
    "a fact nothing uses": (lambda: book(rule("r", "x", B)), "fact a: nothing uses it"),
    "a question nothing uses": (
        lambda: book(questions=(question("q", HARD, SOFT),)),
        "no rule depends on it",
    ),
    "a conclusion nothing uses": (lambda: book(rule("r", "x", A)), "x: concluded, but"),
    "a redaction without ground": (lambda: parts(grounds=(ground("y"),)), "no ground redacts by it"),
    "a ground without redaction": (lambda: parts(redactions=()), "no redaction says what"),
}


@pytest.mark.parametrize(("make", "said"), LINT.values(), ids=LINT)
def test_lint_sees(make: Callable[[], Rulebook], said: str) -> None:
    assert any(said in line for line in make().lint()), make().lint()


CLEAN: dict[str, Callable[[], Rulebook]] = {
    "versions that follow each other": lambda: book(
        rule("r@1", "x", A, in_force=VERSIONS),
        rule("r@2", "x", A, in_force=(date(2025, 1, 1), None)),
        facts=(A,),
        grounds=(ground("x"),),
    ),
    "a weak rule that only drops": lambda: book(
        rule("r", "x", A, confidence=WEAK), facts=(A,), grounds=(ground("x"),)
    ),
    "a weak exception to an exception": lambda: book(
        rule("r", "x", A, "e"),
        rule("s", "e", B, "f"),
        rule("t", "f", C, confidence=WEAK),
        facts=(A, B, C),
        grounds=(ground("x"),),
    ),
    "a weak exception beside a strong one": lambda: book(
        rule("r", "x", A, "e"),
        rule("s", "e", B, confidence=WEAK),
        rule("t", "e", C),
        facts=(A, B, C),
        grounds=(ground("x"),),
    ),
}


@pytest.mark.parametrize("make", CLEAN.values(), ids=CLEAN)
def test_lint_is_silent_on(make: Callable[[], Rulebook]) -> None:
    assert make().lint() == []


class TestQueries:
    def test_rules_of_a_conclusion_in_time(self) -> None:
        made = full()
        assert [r.id for r in made.rules_for("x", Law(date(2024, 12, 31), DAY))] == ["act.1@2020"]
        assert [r.id for r in made.rules_for("x", Law(date(2025, 8, 1), DAY))] == []
        assert [r.id for r in made.rules_for("x", Law(date(2025, 8, 2), DAY))] == ["act.1@2025"]

    def test_names(self) -> None:
        assert (full().fact("age"), full().question("q").id) == (AGE, "q")
        with pytest.raises(UsageError, match="no fact"):
            full().fact("zz")
        with pytest.raises(UsageError, match="no question"):
            full().question("zz")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], ModuleType]:
    """Write modules of a throw-away package and import it."""

    def make(modules: dict[str, str]) -> ModuleType:
        root = tmp_path / "invented_law"
        for name, text in {"__init__.py": "", **modules}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, "utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        for name in [name for name in sys.modules if name.split(".")[0] == "invented_law"]:
            monkeypatch.delitem(sys.modules, name)
        import importlib

        return importlib.import_module("invented_law")

    return make


PACKAGE = {
    "__init__.py": "from datetime import date\nVERSION = date(2026, 11, 22)\n",
    "facts.py": "from klarera.law.expression import Fact\na = Fact('a', 'Is a so?')\nFACTS = (a,)\n",
    "_words.py": "HELPER = 1\n",
    "gdpr/__init__.py": "",
    "gdpr/one.py": (
        "from datetime import date\n"
        "from klarera.law.rule import Citation, Confidence, Level, Rule\n"
        "from invented_law.facts import a\n"
        "FACTS = (a,)\n"
        "RULES = (Rule('gdpr.1', 'x', a, Citation('Act', 'Art. 1'), 'Says x.', (date(2018, 5, 25), None),"
        " Level.LAW, Confidence.OFFICIAL),)\n"
    ),
}
Package = Callable[[dict[str, str]], ModuleType]


def test_a_package_is_collected(package: Package) -> None:
    made = collect(package(PACKAGE))
    assert [fact.name for fact in made.facts] == ["a"]
    assert [r.id for r in made.rules] == ["gdpr.1"]
    assert made.version == date(2026, 11, 22)


REFUSED = {
    "no version": ({"__init__.py": ""}, "no VERSION"),
    "a module without law": ({"gdpr/two.py": "X = 1\n"}, "gdpr.two holds no law"),
    "a list": ({"gdpr/two.py": "RULES = []\n"}, "not a tuple"),
    "a fact declared twice and otherwise": (
        {"gdpr/two.py": "from klarera.law.expression import Fact\nFACTS = (Fact('a', 'Other?'),)\n"},
        "more than once",
    ),
}


@pytest.mark.parametrize(("changes", "said"), REFUSED.values(), ids=REFUSED)
def test_a_package_that_hides_something_is_refused(
    package: Package, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        collect(package(PACKAGE | changes))


def test_the_engine_needs_neither_polars_nor_numba_nor_a_rulebook() -> None:
    code = (
        "import sys, klarera.law\n"
        "from klarera.law import mutate, residual, sheet, sql\n"
        "print([m for m in ('polars', 'numba', 'duckdb', 'pyarrow', 'numpy', 'klarera.rulebook')"
        " if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


PINNED = "0"
