"""Broken rulebooks: every small change to a rule that its tests must notice.

    swap all and any · negate a leaf · drop a part of all or any · drop a value of one_of · drop an exception
    < to <=, > to >= · a threshold one step up or down · a burden of proof taken for a plain fact
    in force or applies, from or to, one day earlier or later · the rule gone · another position adopted

A test suite of a rulebook kills a mutant if a scenario comes out otherwise; a survivor is waived in writing
or shows a scenario that is missing.

>>> from klarera.law.expression import Fact
>>> a, b = Fact("a", "a?"), Fact("b", "b?")
>>> [what for what, _ in _conditions(a & ~b, {})]
['all becomes any', 'drop a', 'drop not b', 'negate a', 'negate b']
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from klarera.law.book import Rulebook
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
    Scalar,
    Unproven,
)
from klarera.law.rule import Question, Rule

__all__ = ["Mutant", "mutants"]

_LOOSER = {">": ">=", ">=": ">", "<": "<=", "<=": "<"}
_DAY = timedelta(days=1)


class Mutant(NamedTuple):
    """One change: the rule it is in, what it is, and the whole book with it."""

    rule: str
    what: str
    book: Rulebook

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


def mutants(book: Rulebook) -> Iterator[Mutant]:
    """Every mutant, by rule id, in a fixed order; the names (`str`) are unique."""
    for number, rule in enumerate(book.rules):
        turns: Counter[str] = Counter()
        seen = {rule}
        for what, changed in _rule(rule, book.by_question):
            if changed in seen:
                continue
            seen.add(changed)
            turns[what] += 1
            # The same change at another place of the rule is told apart by its turn.
            name = what if turns[what] == 1 else f"{what} ({turns[what]})"
            rules = (*book.rules[:number], changed, *book.rules[number + 1 :])
            yield Mutant(rule.id, name, replace(book, rules=rules))


def _rule(rule: Rule, questions: Mapping[str, Question]) -> Iterator[tuple[str, Rule]]:
    if rule.when != Const(False):
        # The conclusion has to stay a word of the book, so the rule stays and never fires.
        yield "the rule is gone", replace(rule, when=Const(False))
    for what, when in _conditions(rule.when, questions):
        yield what, replace(rule, when=when)
    for name in rule.unless:
        yield f"no exception {name}", replace(rule, unless=tuple(x for x in rule.unless if x != name))
    for what, span in _spans(rule.in_force):
        yield f"in force {what}", replace(rule, in_force=span)
    for what, span in _spans(rule.applies) if rule.applies else ():
        yield f"applies {what}", replace(rule, applies=span)


def _spans(span: tuple[date, date | None]) -> Iterator[tuple[str, tuple[date, date | None]]]:
    start, end = span
    moved = [("from a day earlier", (start - _DAY, end)), ("from a day later", (start + _DAY, end))]
    if end is not None:
        moved += [("to a day earlier", (start, end - _DAY)), ("to a day later", (start, end + _DAY))]
    yield from ((what, new) for what, new in moved if new[1] is None or new[0] < new[1])


def _conditions(node: Expression, questions: Mapping[str, Question]) -> Iterator[tuple[str, Expression]]:
    """Every expression one change away from `node`."""
    match node:
        case All(args) | Any(args):
            yield from _joined(node, args, questions)
        case Not(arg):
            for what, changed in _conditions(arg, questions):
                # A negated leaf under a `not` is the leaf: one level, not three.
                yield what, changed.arg if isinstance(changed, Not) else Not(changed)
        case Compare(fact, op, value):
            yield f"{node} becomes {_LOOSER[op]}", Compare(fact, _LOOSER[op], value)
            for moved in _steps(fact, value):
                yield f"{node} becomes {moved}", Compare(fact, op, moved)
            yield f"negate {node}", Not(node)
        case InSet(fact, values):
            for left in values if len(values) > 1 else ():
                yield f"{fact} without {left}", InSet(fact, tuple(v for v in values if v != left))
            yield f"negate {node}", Not(node)
        case Unproven(fact):
            yield f"{node} becomes not {fact}", Not(fact)
            yield f"negate {node}", Not(node)
        case Adopted(question, position):
            asked = questions[question].positions
            for other in (p.id for p in asked if p.id != position):
                yield f"{node} becomes {other}", Adopted(question, other)
        case Fact() | Conclusion() | Const():
            yield f"negate {node}", Not(node)


def _joined(
    node: All | Any, args: tuple[Expression, ...], questions: Mapping[str, Question]
) -> Iterator[tuple[str, Expression]]:
    kind, other = (All, Any) if isinstance(node, All) else (Any, All)
    if len(args) > 1:
        yield f"{kind.__name__.lower()} becomes {other.__name__.lower()}", other(args)
        for i, arg in enumerate(args):
            rest = args[:i] + args[i + 1 :]
            yield f"drop {arg}", rest[0] if len(rest) == 1 else kind(rest)
    for i, arg in enumerate(args):
        for what, changed in _conditions(arg, questions):
            yield what, kind((*args[:i], changed, *args[i + 1 :]))


def _steps(fact: Fact, value: Scalar) -> Iterator[Scalar]:
    if fact.type == "date":
        day = date.fromisoformat(str(value))
        yield from ((day - _DAY).isoformat(), (day + _DAY).isoformat())
    elif isinstance(value, int):
        yield from (value - 1, value + 1)
    elif isinstance(value, float):
        yield from (value * 0.999, value * 1.001) if value else (-1e-9, 1e-9)
