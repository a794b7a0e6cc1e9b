"""Case, Polars columns and DuckDB agree on every three-valued row of the grounds, and best cases never hold."""

from __future__ import annotations

from datetime import date
from itertools import product
from random import Random

import duckdb
import polars as pl
import pytest

from klarera.law import Law, Reading, prove, resolve, sql
from klarera.law import columns as law_columns
from klarera.law.expression import Compare, Fact, InSet, Unproven, walk
from klarera.law.kleene import Given
from klarera.law.residual import facts_needed, residual
from klarera.model import Scope
from klarera.rulebook import rulebook

BOOK = rulebook()
DAY = date(2026, 11, 22)
LAWS = {"today": Law(DAY, DAY), "p837-com": Law(DAY, DAY, frozenset({"p837-com"}))}
TYPES = {"bool": pl.Boolean, "number": pl.Float64, "date": pl.Date, "word": pl.String}
MOST = 8
"""Facts of a ground up to which all rows are tried."""


def reading(name: str, law: Law) -> Reading:
    return resolve(BOOK, name, {}, law)


def answers(fact: Fact, atoms: set[Compare | InSet]) -> list[Given]:
    """Unknown, and values on both sides of everything the rules ask of the fact."""
    if fact.type == "bool":
        return [None, False, True]
    if fact.type == "date":
        return [None, date(2018, 5, 24), date(2018, 5, 25)]
    asked = {value for atom in atoms if isinstance(atom, InSet) for value in atom.values}
    other = next(word for word in (*fact.words, "other") if word not in asked)
    return [None, other, *sorted(str(value) for value in asked)]


def choices(conclusion: str, law: Law, read: Reading) -> tuple[list[str], list[list[Given]]]:
    """The facts of a ground under this reading, and the answers that can make a difference to each."""
    node = residual(BOOK, conclusion, law, read)
    atoms = {n for n in walk(node) if isinstance(n, Compare | InSet)}
    names = sorted(facts_needed(BOOK, conclusion, law, read))
    return names, [answers(BOOK.fact(n), {a for a in atoms if a.fact.name == n}) for n in names]


def rows(values: list[list[Given]]) -> list[tuple[Given, ...]]:
    """All rows of at most MOST facts, else a fixed sample of them."""
    if len(values) <= MOST:
        return list(product(*values))
    dice = Random(0)
    return [tuple(dice.choice(column) for column in values) for _ in range(5000)]


CASES = [
    pytest.param(ground.conclusion, name, law, id=f"{ground.code}, {name}, {law}")
    for ground in BOOK.grounds
    for law in LAWS
    for name in ("supported", "strict", "industry", "unanimous")
    if law == "today" or name == "supported"
]


@pytest.mark.parametrize(("conclusion", "name", "law"), CASES)
def test_three_evaluators_agree(conclusion: str, name: str, law: str) -> None:
    read = reading(name, LAWS[law])
    names, values = choices(conclusion, LAWS[law], read)
    cases = rows(values)
    frame = (
        pl.DataFrame(cases, {n: TYPES[BOOK.fact(n).type] for n in names}, orient="row")
        if names
        else pl.DataFrame([[None]])
    )
    # The SQL is written from the rules, so it names facts that no longer matter under this reading.
    rest = [pl.lit(None, TYPES[f.type]).alias(f.name) for f in BOOK.facts if f.name not in names]
    frame = frame.with_columns(rest)
    expected = [prove(BOOK, conclusion, dict(zip(names, case, strict=True)), LAWS[law], read).value for case in cases]
    column = frame.select(law_columns.compile(BOOK, conclusion, LAWS[law], read)).to_series().to_list()
    assert column == expected
    with duckdb.connect() as base:
        base.register("rows", frame.to_arrow())
        fetched = base.sql(sql.select(BOOK, [conclusion], LAWS[law], read, "rows")).fetchall()
    assert [value for (value,) in fetched] == expected


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("name", ["supported", "strict", "industry"])
def test_no_fact_pushes_a_ground_both_ways(name: str, law: str) -> None:
    read = reading(name, LAWS[law])
    for ground in BOOK.grounds:
        signs = law_columns.polarity(BOOK, ground.conclusion, LAWS[law], read)
        assert 0 not in signs.values(), (ground.code, signs)


def test_what_has_to_be_shown_is_never_asked_plainly_of_a_project() -> None:
    """Else its unknown would hold records: `assumable` leaves facts out that have to be shown."""
    shown, plain = set(), set()
    for rule in BOOK.rules:
        for node in walk(rule.when):
            for child in (node, *node.children()):
                if isinstance(child, Unproven):
                    shown.add(child.fact)
                elif isinstance(child, Compare | InSet):
                    plain.add(child.fact)
                elif isinstance(child, Fact):
                    plain.add(child)
    mixed = {fact.name for fact in shown & plain if fact.scope not in (Scope.RECORD, Scope.AUTHOR)}
    assert mixed == set()
