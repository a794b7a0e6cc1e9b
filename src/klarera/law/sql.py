"""The same conclusions as DuckDB SQL: a second opinion on the columns, and a way to run rules in a database.

Written from the rules themselves, not from the residual that klarera.law.columns compiles, so that the two
share no step that could be wrong in both. Only makes strings; nothing here opens a database.

>>> from klarera.law.expression import Fact
>>> identifier('odd "name"')
'"odd ""name\"""'
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from klarera.errors import UsageError
from klarera.law.book import Rulebook
from klarera.law.dates import Law
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
from klarera.law.kleene import Plain, threshold
from klarera.law.readings import Reading
from klarera.law.rule import Rule

__all__ = ["compile", "ground_columns", "identifier", "select"]


def compile(book: Rulebook, conclusion: str, law: Law, reading: Reading) -> str:  # noqa: A001
    """The conclusion as one SQL expression over columns named after facts; NULL for unknown."""
    rules = book.rules_for(conclusion, law)
    return _join("OR", "FALSE", [_rule(book, rule, law, reading) for rule in rules])


def ground_columns(book: Rulebook, law: Law, reading: Reading) -> dict[str, str]:
    """One SQL expression for each ground's conclusion, in the order of the book's grounds."""
    return {g.conclusion: compile(book, g.conclusion, law, reading) for g in book.grounds}


def select(book: Rulebook, conclusions: Iterable[str], law: Law, reading: Reading, table: str) -> str:
    """A query for these conclusions over every row of `table`."""
    columns = [f"{compile(book, name, law, reading)} AS {identifier(name)}" for name in conclusions]
    return f"SELECT {', '.join(columns)} FROM {identifier(table)}"  # noqa: S608 (quoted identifiers)


def identifier(name: str) -> str:
    """A name in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def _rule(book: Rulebook, rule: Rule, law: Law, reading: Reading) -> str:
    exceptions = [f"(NOT {compile(book, name, law, reading)})" for name in rule.unless]
    return _join("AND", "TRUE", [_sql(book, rule.when, law, reading), *exceptions])


def _sql(book: Rulebook, node: Expression, law: Law, reading: Reading) -> str:
    match node:
        case Const(value):
            return "TRUE" if value else "FALSE"
        case Fact(name):
            return identifier(name)
        case Compare(fact, op, value):
            return f"({_known(fact)} {op} {_literal(threshold(fact, value))})"
        case InSet(fact, values):
            listed = ", ".join(_literal(threshold(fact, value)) for value in values)
            return f"({_known(fact)} IN ({listed}))"
        case Unproven(fact):
            return f"({identifier(fact.name)} IS DISTINCT FROM TRUE)"
        case Adopted(question, position):
            if question not in reading.adopted:
                raise UsageError(f"the reading says nothing on question {question!r}")
            taken = reading.adopted[question]
            return "CAST(NULL AS BOOLEAN)" if taken is None else "TRUE" if taken == position else "FALSE"
        case Conclusion(name):
            return compile(book, name, law, reading)
        case Not(arg):
            return f"(NOT {_sql(book, arg, law, reading)})"
        case All(args):
            return _join("AND", "TRUE", [_sql(book, arg, law, reading) for arg in args])
        case Any(args):
            return _join("OR", "FALSE", [_sql(book, arg, law, reading) for arg in args])
    raise TypeError(f"no such node: {type(node).__name__}")


def _join(word: str, empty: str, parts: list[str]) -> str:
    return f"({f' {word} '.join(parts)})" if parts else empty


def _known(fact: Fact) -> str:
    # DuckDB orders NaN above every number; it is no value at all here.
    column = identifier(fact.name)
    return f"NULLIF(CAST({column} AS DOUBLE), 'NaN'::DOUBLE)" if fact.type == "number" else column


def _literal(value: Plain) -> str:
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return f"CAST({value!r} AS DOUBLE)"
