"""Many cases: a conclusion as one Polars expression over columns named after facts.

    bool → Boolean, null for unknown      number → integer or float (NaN is unknown)
    word → String                         date → Date

Each expression gives one nullable Boolean, with the same three values as klarera.law.case. Polars has many
calls that turn null into false or skip it (any_horizontal, max_horizontal, when, filter, fill_null, is_in
with a null in the list, group_by().any()); only the calls listed in tests/law/test_columns.py may stand here.

>>> import polars as pl
>>> from klarera.law.expression import Fact
>>> a, b = Fact("a", "a?"), Fact("b", "b?")
>>> frame = pl.DataFrame({"a": [True, False, None], "b": [None] * 3}, {"a": pl.Boolean, "b": pl.Boolean})
>>> frame.select(emit(a & b)).to_series().to_list()
[None, False, None]
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from functools import reduce

import polars as pl

from klarera.errors import UsageError
from klarera.law.book import Rulebook
from klarera.law.dates import Law
from klarera.law.expression import (
    Adopted,
    All,
    Any,
    Compare,
    Const,
    Expression,
    Fact,
    InSet,
    Not,
    Unproven,
)
from klarera.law.kleene import Plain, threshold
from klarera.law.readings import Reading
from klarera.law.residual import best_case, facts_needed, polarity, residual, simplify

__all__ = [
    "check_schema", "compile", "condition", "emit", "facts_needed", "ground_columns", "polarity",
    "resolve_best",
]  # fmt: skip

_COMPARE: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip


def compile(book: Rulebook, conclusion: str, law: Law, reading: Reading) -> pl.Expr:  # noqa: A001
    """The conclusion as a nullable Boolean column; its length is the frame's even if it is constant."""
    return emit(residual(book, conclusion, law, reading)).alias(conclusion)


def condition(book: Rulebook, when: Expression, law: Law, reading: Reading) -> pl.Expr:
    """Any expression over the book's words as a column: a condition's `when`."""
    return emit(simplify(book, when, law, reading))


def ground_columns(book: Rulebook, law: Law, reading: Reading) -> dict[str, pl.Expr]:
    """One column for each ground: its conclusion → expression, in the order of the book's grounds."""
    return {g.conclusion: compile(book, g.conclusion, law, reading) for g in book.grounds}


def resolve_best(book: Rulebook, conclusion: str, law: Law, reading: Reading, names: Collection[str]) -> pl.Expr:
    """The conclusion with these facts at the values least likely to make it true.

    The decision step gives the unknown facts of project, source and run here: what is true nevertheless is
    true whatever they turn out to be; what is not is decided under the condition that they are settled.
    """
    best = best_case(residual(book, conclusion, law, reading), names)
    return emit(best).alias(conclusion)


def check_schema(book: Rulebook, names: Collection[str], schema: Mapping[str, pl.DataType]) -> None:
    """Raise UsageError where a column for one of these facts is absent or of another type."""
    for name in sorted(names):
        kind = book.fact(name).type
        found = schema.get(name)
        if found is None:
            raise UsageError(f"no column {name!r} for a fact the rules need")
        fits = {"bool": pl.Boolean, "word": pl.String, "date": pl.Date}.get(kind)
        if not (found == fits if fits else found.is_numeric()):
            raise UsageError(f"column {name!r} is {found}, and the fact is a {kind}")


def emit(node: Expression) -> pl.Expr:
    """An expression over facts as a column as long as the frame."""
    match node:
        case Const(value):
            return pl.repeat(value, pl.len(), dtype=pl.Boolean)
        case Adopted():
            return pl.repeat(None, pl.len(), dtype=pl.Boolean)
    return _part(node)


def _part(node: Expression) -> pl.Expr:
    match node:
        case Fact(name):
            return pl.col(name)
        case Compare(fact, op, value):
            return _COMPARE[op](_known(fact), _literal(threshold(fact, value)))
        case InSet(fact, values):
            # Not is_in: what it says of null differs by the list and by the release.
            equal = [_known(fact) == _literal(threshold(fact, value)) for value in values]
            return reduce(operator.or_, equal)
        case Unproven(fact):
            return pl.col(fact.name).is_null() | ~pl.col(fact.name)
        case All(args):
            return reduce(operator.and_, [_part(arg) for arg in args])
        case Any(args):
            return reduce(operator.or_, [_part(arg) for arg in args])
        case Not(arg):
            return ~_part(arg)
        case Const(value):
            return pl.lit(value)
        case Adopted():
            return pl.lit(None, dtype=pl.Boolean)
    raise TypeError(f"no such node: {type(node).__name__}")


def _known(fact: Fact) -> pl.Expr:
    # NaN compares as the largest number in Polars; it is no value at all here.
    return pl.col(fact.name).fill_nan(None) if fact.type == "number" else pl.col(fact.name)


def _literal(value: Plain) -> pl.Expr:
    # A typed literal keeps Polars from rounding a threshold to the width of the column.
    return pl.lit(value, dtype=pl.Float64) if isinstance(value, float) else pl.lit(value)
