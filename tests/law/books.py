"""Small invented rulebooks for tests, and one table of what the three evaluators say of every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any as Whatever

import duckdb
import polars as pl

from klarera.law import Law, Reading, Rulebook, Watch, columns, prove, sql
from klarera.law.expression import Adopted, Conclusion, Const, Expression, Fact, Unproven, walk
from klarera.law.kleene import Given
from klarera.law.rule import (
    Citation,
    ConditionSpec,
    Confidence,
    Ground,
    Level,
    Position,
    Question,
    Redaction,
    Rule,
    Source,
)
from klarera.model import About, Decision, Kind, Rank, Scope

DAY = date(2026, 11, 22)
LAW = Law(DAY, DAY)
ALWAYS = (date(2018, 5, 25), None)
NO_READING = Reading("none", {}, {})
CITE = Citation("Act", "Art. 1")
EVERYWHERE = Const(True)

A, B, C = (Fact(name, f"Is {name} so?") for name in "abc")
AGE = Fact("age", "How old?", type="number")
LAND = Fact("land", "Which land?", type="word", words=("DE", "FR", "SE"))
SEEN = Fact("seen", "Seen when?", type="date")
FACTS = (A, B, C, AGE, LAND, SEEN)

VALUES: Mapping[str, Sequence[Given]] = {
    "bool": (True, False, None),
    "number": (12, 16.0, 16.5, float("nan"), float("inf"), None),
    "word": ("DE", "FR", None),
    "date": (date(2025, 8, 1), date(2025, 8, 2), date(2025, 8, 3), None),
}
TYPES = {"bool": pl.Boolean(), "number": pl.Float64(), "word": pl.String(), "date": pl.Date()}
SQL_TYPES = {"bool": "BOOLEAN", "number": "DOUBLE", "word": "VARCHAR", "date": "DATE"}


def rule(
    name: str,
    conclusion: str,
    when: Expression,
    *unless: str,
    in_force: tuple[date, date | None] = ALWAYS,
    applies: tuple[date, date | None] | None = None,
    confidence: Confidence = Confidence.OFFICIAL,
    law: str = "",
    replaces: tuple[str, ...] = (),
    known: date = DAY,
) -> Rule:
    """A rule with invented words around what the test is about."""
    return Rule(
        name, conclusion, when, CITE, f"It says {conclusion}.", in_force,
        Level.PROPOSAL if law else Level.LAW, confidence, unless=unless, applies=applies, law=law,
        replaces=replaces, known=known,
    )  # fmt: skip


def source(
    name: str, rank: Rank, scope: Expression = EVERYWHERE, *, law: str = "",
    period: tuple[date, date | None] = ALWAYS, confidence: Confidence = Confidence.OFFICIAL,
) -> Source:  # fmt: skip
    """A source of that name and rank."""
    final = rank <= Rank.EDPB_FINAL
    return Source(name, rank, Citation(name, ""), confidence, scope, final=final, law=law, period=period)


def question(name: str, *positions: tuple[str, tuple[Source, ...]], sensitive: bool = False) -> Question:
    """A Question with these positions, strictest first."""
    made = tuple(Position(p, f"Says {p}.", sources, "for builders", "for people") for p, sources in positions)
    return Question(name, f"What about {name}?", made, "Act Art. 1", sensitive=sensitive)


def ground(conclusion: str, action: Decision = Decision.DROP) -> Ground:
    """A ground named after its conclusion."""
    return Ground(conclusion, action, conclusion.replace("_", "-"), f"Because of {conclusion}.")


def book(
    *rules: Rule, facts: tuple[Fact, ...] = FACTS, questions: tuple[Question, ...] = (),
    grounds: tuple[Ground, ...] = (),
) -> Rulebook:  # fmt: skip
    """A rulebook of these parts."""
    return Rulebook(facts, rules, questions, grounds, (), (), DAY)


def used(rules: Rulebook) -> list[Fact]:
    """Facts the rules mention, by name."""
    found = {}
    for one in rules.rules:
        for node in walk(one.when):
            fact = node if isinstance(node, Fact) else getattr(node, "fact", None)
            if isinstance(fact, Fact):
                found[fact.name] = fact
    return [found[name] for name in sorted(found)]


def rows(facts: Sequence[Fact]) -> list[dict[str, Given]]:
    """Every combination of values, unknown among them."""
    values = [VALUES[fact.type] for fact in facts]
    return [dict(zip([f.name for f in facts], row, strict=True)) for row in product(*values)]


def by_case(
    rules: Rulebook, conclusion: str, cases: Sequence[Mapping[str, Given]], law: Law, reading: Reading
) -> list[bool | None]:
    """What the evaluator of single cases says of each row."""
    return [prove(rules, conclusion, case, law, reading).value for case in cases]


def frame(facts: Sequence[Fact], cases: Sequence[Mapping[str, Given]]) -> pl.DataFrame:
    """The rows as typed columns."""
    data = {f.name: [case.get(f.name) for case in cases] for f in facts}
    data["row"] = list(range(len(cases)))
    return pl.DataFrame(data, {f.name: TYPES[f.type] for f in facts} | {"row": pl.Int64()})


def by_columns(
    rules: Rulebook, conclusion: str, cases: Sequence[Mapping[str, Given]], law: Law, reading: Reading
) -> list[bool | None]:
    """What Polars says of each row."""
    table = frame(rules.facts, cases)
    return list(table.select(columns.compile(rules, conclusion, law, reading)).to_series())


def by_sql(
    rules: Rulebook, conclusion: str, cases: Sequence[Mapping[str, Given]], law: Law, reading: Reading,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> list[bool | None]:  # fmt: skip
    """What DuckDB says of each row."""
    connection = connection or duckdb.connect()
    connection.register("cases", frame(rules.facts, cases).to_arrow())
    query = sql.select(rules, [conclusion], law, reading, "cases")
    return [value for (value,) in connection.sql(f"{query} ORDER BY row").fetchall()]


HOST = Fact("host", "Is it the platform's own?", Scope.SOURCE)
TOLD = Fact("told", "Were people told?", Scope.PROJECT)


def settled(**changes: Whatever) -> ConditionSpec:
    """A condition, with some fields otherwise."""
    return replace(ConditionSpec("notice", TOLD, True, CITE, "People are told.", "the operator", "a notice"), **changes)


def redaction(**changes: Whatever) -> Redaction:
    """A row of the table of redactions, with some fields otherwise."""
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
        conditions=(settled(when=HOST & ~Conclusion("y")),),
        redactions=(redaction(),),
        version=DAY,
        watch=(Watch(date(2027, 1, 1), "Act", "Art. 1 changes"),),
    )


def parts(**changes: Whatever) -> Rulebook:
    """The full book with some parts otherwise."""
    return replace(full(), **changes)
