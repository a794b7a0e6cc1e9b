"""Mutants: every kind of change is made, each is a book of its own, and a full table notices them."""

from __future__ import annotations

from datetime import date

import pytest

from klarera.law import Law, Reading, Rulebook, prove
from klarera.law.expression import Adopted, Const, Expression, Unproven
from klarera.law.mutate import mutants

from .books import (
    AGE,
    DAY,
    LAND,
    LAW,
    NO_READING,
    SEEN,
    A,
    B,
    C,
    book,
    by_case,
    full,
    question,
    rows,
    rule,
)  # fmt: skip


def changes(rules: Rulebook) -> dict[str, Rulebook]:
    return {str(mutant): mutant.book for mutant in mutants(rules)}


QUESTION = question("q", ("hard", ()), ("soft", ()), ("none", ()))
KINDS: dict[str, tuple[Expression, set[str]]] = {
    "a leaf": (A, {"negate a"}),
    "a leaf under not": (~A, {"negate a"}),
    "all": (A & B, {"all becomes any", "drop a", "drop b", "negate a", "negate b"}),
    "any": (A | B, {"any becomes all", "drop a", "drop b", "negate a", "negate b"}),
    "a threshold": (
        AGE < 16, {"age < 16 becomes <=", "age < 16 becomes 15", "age < 16 becomes 17", "negate age < 16"},
    ),
    "a float": (
        AGE > 100.0,
        {"age > 100.0 becomes >=", "age > 100.0 becomes 99.9", "age > 100.0 becomes 100.1", "negate age > 100.0"},
    ),
    "a day": (
        SEEN >= "2025-08-02",
        {
            "seen >= 2025-08-02 becomes >", "seen >= 2025-08-02 becomes 2025-08-01",
            "seen >= 2025-08-02 becomes 2025-08-03", "negate seen >= 2025-08-02",
        },
    ),
    "a list": (LAND.one_of("DE", "FR"), {"land without DE", "land without FR", "negate land in {DE, FR}"}),
    "a burden of proof": (Unproven(A, "Act Art. 2"), {"a not proven becomes not a", "negate a not proven"}),
    "a position": (
        Adopted("q", "hard"), {"reading q = hard becomes soft", "reading q = hard becomes none"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("when", "expected"), KINDS.values(), ids=KINDS)
def test_conditions(when: Expression, expected: set[str]) -> None:
    names = changes(book(rule("r", "x", when), questions=(QUESTION,)))
    moved = {"in force from a day earlier", "in force from a day later"}
    assert set(names) == {f"r: {what}" for what in expected | moved | {"the rule is gone"}}


def test_rules_and_dates() -> None:
    spans = {"in_force": (date(2025, 1, 1), date(2025, 1, 2)), "applies": (date(2025, 1, 1), None)}
    rules = book(rule("r", "x", Const(True), "e", **spans), rule("s", "e", A))  # type: ignore[arg-type]
    names = {name for name in changes(rules) if name.startswith("r: ")}
    assert names == {
        "r: the rule is gone", "r: negate true", "r: no exception e",
        "r: in force from a day earlier", "r: in force to a day later",
        "r: applies from a day earlier", "r: applies from a day later",
    }  # fmt: skip


def test_names_are_unique_and_every_mutant_is_another_book() -> None:
    made = full()
    found = list(mutants(made))
    assert len({str(mutant) for mutant in found}) == len(found) > 30
    hashes = {mutant.book.hash for mutant in found}
    assert made.hash not in hashes
    assert len(hashes) == len(found)


def test_the_same_change_at_two_places_is_told_apart() -> None:
    names = changes(book(rule("r", "x", (A & B) | (A & C))))
    assert {"r: negate a", "r: negate a (2)"} <= set(names)


def test_a_full_table_around_the_dates_kills_every_mutant() -> None:
    first = date(2025, 8, 2)
    rules = book(
        rule("r", "x", (A & ~B) | (AGE < 16), "e", in_force=(first, None)),
        rule("s", "e", C & Adopted("q", "hard"), in_force=(first, None)), questions=(QUESTION,),
    )  # fmt: skip
    readings = [Reading("r", {"q": position}, {}) for position in ("hard", "soft", "none", None)]
    days = [Law(date(2025, 8, 1), DAY), Law(first, DAY)]
    cases = rows([A, B, C]) + [{"a": False, "c": False, "age": age} for age in (14, 15, 16, 17)]

    def answers(of: Rulebook) -> list[bool | None]:
        said = [by_case(of, name, cases, law, r) for name in "xe" for law in days for r in readings]
        return [answer for some in said for answer in some]

    survivors = [str(mutant) for mutant in mutants(rules) if answers(mutant.book) == answers(rules)]
    assert survivors == []


def test_one_scenario_is_not_enough() -> None:
    rules = book(rule("r", "x", A & ~B))
    case = {"a": True, "b": False}
    survivors = {
        mutant.what for mutant in mutants(rules) if prove(mutant.book, "x", case, LAW, NO_READING).value is True
    }
    assert {"all becomes any", "drop a", "drop not b"} <= survivors
