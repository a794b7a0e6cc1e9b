"""Three values: true, false, None for unknown (strong Kleene), and how a given value becomes one of them.

    False and ? = False      True or ? = True      not ? = ?

>>> all_of([True, None]), all_of([False, None]), any_of([True, None]), negate(None)
(None, False, True, None)
"""

from __future__ import annotations

import operator
import typing
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from math import isfinite, isnan

from klarera.errors import UsageError
from klarera.law.expression import Adopted, All, Any, Compare, Const, Expression, Fact, InSet, Not, Unproven
from klarera.model import Cause, State

__all__ = [
    "COMPARISONS", "Given", "Plain", "all_of", "any_of", "evaluate", "holds", "negate", "read", "threshold",
]  # fmt: skip

Given = bool | int | float | str | date | State | None
"""What a caller may supply for a fact."""
Plain = bool | float | str | date
"""What a fact is once read; numbers are 64-bit floats in every evaluator."""

COMPARISONS: dict[str, Callable[[typing.Any, typing.Any], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip


def all_of(values: Collection[bool | None]) -> bool | None:
    """And: false if one is false, else unknown if one is unknown, else true."""
    return False if False in values else None if None in values else True


def any_of(values: Collection[bool | None]) -> bool | None:
    """Or: true if one is true, else unknown if one is unknown, else false."""
    return True if True in values else None if None in values else False


def negate(value: bool | None) -> bool | None:
    """Not: unknown stays unknown."""
    return None if value is None else not value


def read(fact: Fact, given: Given) -> tuple[Plain | None, Cause | None]:
    """The value of a fact, or None with the cause. NaN is unknown. A value of another type is an error.

    >>> read(Fact("age", "How old?", type="number"), float("nan"))
    (None, <Cause.MISSING: 1>)
    """
    if given is None:
        return None, Cause.JUDGEMENT if fact.judgement else Cause.MISSING
    if isinstance(given, State):
        if given > State.TRUE:
            missing = given is State.MISSING and fact.judgement
            return None, Cause.JUDGEMENT if missing else Cause(given - 1)
        if fact.type == "bool":
            return bool(given), None
    elif fact.type == "bool":
        if isinstance(given, bool):
            return given, None
    elif fact.type == "number":
        if isinstance(given, int | float) and not isinstance(given, bool):
            return _number(fact, given)
    elif fact.type == "date":
        if isinstance(given, date) and not isinstance(given, datetime):
            return given, None
    elif isinstance(given, str):
        if fact.words and given not in fact.words:
            raise UsageError(f"fact {fact.name}: not one of its words", hint=", ".join(fact.words))
        return given, None
    raise UsageError(f"fact {fact.name}: expected a {fact.type}, got {type(given).__name__}")


def _number(fact: Fact, given: int | float) -> tuple[float | None, Cause | None]:
    try:
        value = float(given)
    except OverflowError:
        raise UsageError(f"fact {fact.name}: the number is too large for 64 bits") from None
    return (None, Cause.MISSING) if isnan(value) else (value, None)


def threshold(fact: Fact, value: object) -> Plain:
    """A value written in a rule, as the fact's type; days are written as ISO text ("2026-08-02").

    Raises: UsageError if it does not fit the fact.
    """
    if fact.type == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        number = _number(fact, value)[0]
        if number is not None and isfinite(number):
            return number
    elif fact.type == "word" and isinstance(value, str):
        if not fact.words or value in fact.words:
            return value
        raise UsageError(f"fact {fact.name}: {value!r} is not one of its words", hint=", ".join(fact.words))
    elif fact.type == "date" and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise UsageError(f"fact {fact.name}: {value!r} does not fit a fact of type {fact.type}")


def holds(atom: Compare | InSet) -> Callable[[Plain], bool]:
    """The test a comparison makes on a known value."""
    if isinstance(atom, Compare):
        compare, bound = COMPARISONS[atom.op], threshold(atom.fact, atom.value)
        return lambda value: compare(value, bound)
    listed = frozenset(threshold(atom.fact, value) for value in atom.values)
    return lambda value: value in listed


def evaluate(node: Expression, facts: Mapping[str, Given]) -> bool | None:
    """Value of an expression over facts alone: the scope of a source, or a residual.

    An `Adopted` that a residual left standing is unknown. Raises: UsageError at a conclusion.
    """
    match node:
        case Const(value):
            return value
        case All(args):
            return all_of([evaluate(arg, facts) for arg in args])
        case Any(args):
            return any_of([evaluate(arg, facts) for arg in args])
        case Not(arg):
            return negate(evaluate(arg, facts))
        case Fact():
            known = read(node, facts.get(node.name))[0]
            return None if known is None else bool(known)
        case Unproven(fact):
            return not read(fact, facts.get(fact.name))[0]
        case Compare(fact) | InSet(fact):
            known = read(fact, facts.get(fact.name))[0]
            return None if known is None else holds(node)(known)
        case Adopted():
            return None
    raise UsageError(f"{node} cannot stand in an expression over facts alone")
