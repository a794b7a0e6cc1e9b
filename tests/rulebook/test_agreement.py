"""Case, Polars columns and DuckDB agree on every three-valued row of the grounds, and best cases never hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product

import duckdb
import polars as pl
import pytest

from klarera.law import Law, Reading, prove, resolve, sql
from klarera.law import columns as law_columns
from klarera.law.expression import Compare, Fact, InSet, Unproven, walk
from klarera.law.kleene import Given
from klarera.law.residual import facts_needed, residual
from klarera.rulebook import rulebook

BOOK = rulebook()
DAY = date(2026, 11, 22)
LAWS = {"today": Law(DAY, DAY), "p837-com": Law(DAY, DAY, frozenset({"p837-com"}))}
TYPES = {"bool": pl.Boolean, "number": pl.Float64, "date": pl.Date, "word": pl.String}
MOST = 8
"""Facts of a ground for which all rows are tried."""


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


def rows(conclusion: str, law: Law, read: Reading) -> tuple[list[str], Iterator[tuple[Given, ...]]]:
    names = sorted(facts_needed(BOOK, conclusion, law, read))
    node = residual(BOOK, conclusion, law, read)
    atoms = {n for n in walk(node) if isinstance(n, Compare | InSet)}
    values = [answers(BOOK.fact(n), {a for a in atoms if a.fact.name == n}) for n in names]
    return names, product(*values)


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
    names, table = rows(conclusion, LAWS[law], read)
    if len(names) > MOST:
        pytest.skip(f"{len(names)} facts: tried on the rows of the scenario tables instead")
    cases = list(table)[:7000]
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


def test_a_fact_to_be_shown_is_never_asked_plainly_unless_its_silence_is_settled() -> None:
    """In one residual a project fact is either shown or plain; else its best case would be half a case."""
    read = reading("supported", LAWS["today"])
    for ground in BOOK.grounds:
        node = residual(BOOK, ground.conclusion, LAWS["today"], read)
        shown = {n.fact.name for n in walk(node) if isinstance(n, Unproven)}
        plain = {
            getattr(n, "fact", n).name  # type: ignore[attr-defined]
            for parent in walk(node)
            for n in (*parent.children(), parent)
            if isinstance(n, Fact | Compare | InSet)
        }
        mixed = {n for n in shown & plain if BOOK.fact(n).scope.value not in ("record", "author")}
        assert mixed == set(), ground.code
