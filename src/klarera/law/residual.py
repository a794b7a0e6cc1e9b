"""What is left of a conclusion under one day of law and one reading: a smaller expression over facts alone.

Rules are put in the place of the conclusions they conclude, exceptions become `not`, adopted positions become
constants; an `Adopted` that stays is one on which the reading takes no position: unknown for everyone. The
value is the same in all three values, so the residual is what is compiled to columns, and what answers which
facts a conclusion needs and which way each pushes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import product

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
from klarera.law.readings import Reading
from klarera.law.rule import Rule

__all__ = ["Atom", "best_case", "fact_of", "facts_needed", "polarity", "residual", "simplify"]

Atom = Fact | Compare | InSet | Unproven
"""What a fact enters an expression by."""

MAX_MIXED = 8
"""Atoms that push both ways, in one conclusion, for which all combinations are still tried."""


def residual(book: Rulebook, conclusion: str, law: Law, reading: Reading) -> Expression:
    """The conclusion as one expression over facts."""
    return simplify(book, Conclusion(conclusion), law, reading)


def simplify(book: Rulebook, condition: Expression, law: Law, reading: Reading) -> Expression:
    """Any expression of the book as one over facts: Fact, Compare, InSet, Unproven, All, Any, Not, Const."""
    done: dict[str, Expression] = {}

    def conclusion(name: str) -> Expression:
        if name not in done:
            rules = book.rules_for(name, law)
            done[name] = _any([_all([small(r.when), *(_not(conclusion(x)) for x in r.unless)]) for r in rules])
        return done[name]

    def rule(one: Rule) -> Expression:
        return _all([small(one.when), *[_not(conclusion(name)) for name in one.unless]])

    def small(node: Expression) -> Expression:
        match node:
            case Conclusion(name):
                return conclusion(name)
            case Adopted():
                return _adopted(node, reading)
            case All(args):
                return _all([small(arg) for arg in args])
            case Any(args):
                return _any([small(arg) for arg in args])
            case Not(arg):
                return _not(small(arg))
        return node

    return small(condition)


def _adopted(node: Adopted, reading: Reading) -> Expression:
    if node.question not in reading.adopted:
        raise UsageError(f"the reading says nothing on question {node.question!r}")
    position = reading.adopted[node.question]
    return node if position is None else Const(position == node.position)


def _all(args: list[Expression]) -> Expression:
    return _join(All, Const(True), Const(False), args)


def _any(args: list[Expression]) -> Expression:
    return _join(Any, Const(False), Const(True), args)


def _join(kind: type[All] | type[Any], neutral: Const, decisive: Const, args: list[Expression]) -> Expression:
    flat: dict[Expression, None] = {}
    for arg in args:
        flat |= dict.fromkeys(arg.args if isinstance(arg, kind) else (arg,))
    flat.pop(neutral, None)
    if decisive in flat:
        return decisive
    return neutral if not flat else next(iter(flat)) if len(flat) == 1 else kind(tuple(flat))


def _not(arg: Expression) -> Expression:
    match arg:
        case Const(value):
            return Const(not value)
        case Not(inner):
            return inner
    return Not(arg)


def fact_of(atom: Atom) -> Fact:
    """The fact an atom is about."""
    return atom if isinstance(atom, Fact) else atom.fact


def facts_needed(book: Rulebook, conclusion: str, law: Law, reading: Reading) -> set[str]:
    """Facts on which the conclusion still depends; others need not be given."""
    return {fact_of(atom).name for atom, _ in _signed(residual(book, conclusion, law, reading), True)}


def polarity(book: Rulebook, conclusion: str, law: Law, reading: Reading) -> dict[str, int]:
    """Which way each fact pushes: +1 where it makes the conclusion true, -1 false, 0 where both.

    Of a number, day or word it is the comparison that pushes. Where nothing is 0, three-valued evaluation
    decides whatever can be decided; with 0 it may say unknown although every answer leads to one outcome.
    """
    signs: dict[str, set[bool]] = {}
    for atom, positive in _signed(residual(book, conclusion, law, reading), True):
        signs.setdefault(fact_of(atom).name, set()).add(positive != isinstance(atom, Unproven))
    return {name: 0 if len(both) == 2 else 1 if True in both else -1 for name, both in sorted(signs.items())}


def _signed(node: Expression, positive: bool) -> Iterator[tuple[Atom, bool]]:
    if isinstance(node, Fact | Compare | InSet | Unproven):
        yield node, positive
    for child in node.children():
        yield from _signed(child, positive != isinstance(node, Not))


def best_case(node: Expression, names: Collection[str]) -> Expression:
    """`node` with every atom of these facts at the value that least makes it true.

    Where an atom pushes both ways, the conclusion has to be true with it and without it. True here means true
    whatever these facts turn out to be; false means some answer to them leaves the conclusion false.

    Raises: UsageError for a residual with more such atoms than can be tried.
    """
    signs: dict[Atom, set[bool]] = {}
    for atom, positive in _signed(node, True):
        if fact_of(atom).name in names:
            signs.setdefault(_ask(atom), set()).add(positive != isinstance(atom, Unproven))
    mixed = [atom for atom, both in signs.items() if len(both) == 2]
    if len(mixed) > MAX_MIXED:
        raise UsageError(f"{len(mixed)} facts push a conclusion both ways", hint="split the rule")
    fixed = {atom: True not in both for atom, both in signs.items() if len(both) == 1}
    worlds = product((False, True), repeat=len(mixed))
    return _all([_assume(node, {**fixed, **dict(zip(mixed, w, strict=True))}) for w in worlds])


def _ask(atom: Atom) -> Atom:
    """The question an atom puts; `Unproven` puts its fact's."""
    return atom.fact if isinstance(atom, Unproven) else atom


def _assume(node: Expression, values: dict[Atom, bool]) -> Expression:
    match node:
        case Unproven(fact):
            return Const(not values[fact]) if fact in values else node
        case Fact() | Compare() | InSet():
            return Const(values[node]) if node in values else node
        case All(args):
            return _all([_assume(arg, values) for arg in args])
        case Any(args):
            return _any([_assume(arg, values) for arg in args])
        case Not(arg):
            return _not(_assume(arg, values))
    return node
