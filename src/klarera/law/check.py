"""What holds of every rulebook.

A book is refused if its words do not resolve, its conclusions run in a circle, or a rule says what the
evaluators could not keep apart from an unknown. The refusal names every problem at once.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, get_args, get_type_hints

from klarera.errors import UsageError
from klarera.law.codec import MAX_DEPTH
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
    walk,
)
from klarera.law.kleene import COMPARISONS, threshold
from klarera.law.rule import Level, Question, Rule, Status
from klarera.model import Decision, Rank, Scope

if TYPE_CHECKING:
    from klarera.law.book import Rulebook

__all__ = ["needs", "shapes", "validate"]

TYPES = ("bool", "number", "date", "word")
WORD = re.compile(r"[a-z][a-z0-9_]*\Z")
IDENTIFIER = re.compile(r"[a-z0-9][A-Za-z0-9_.@/()*-]*\Z")
FINAL = (Rank.CJEU, Rank.FINAL_JUDGMENT, Rank.EDPB_FINAL)
MAX_INTEGER = 2**53 - 1
"""The largest whole number that JSON and 64-bit floats both keep (RFC 8785)."""
MAX_LEVELS = 200
"""Levels of the deepest proof; evaluators recurse, at two frames a level."""


def shapes(book: Rulebook) -> None:
    """Raise UsageError if a part is not a tuple of what it should hold."""
    from klarera.law import book as home

    hints = get_type_hints(type(book), vars(home))
    for field in fields(book):
        value, hint = getattr(book, field.name), hints[field.name]
        if hint is date:
            if type(value) is not date:
                raise UsageError("rulebook: version is not a day")
            continue
        kind = get_args(hint)[0]
        if not isinstance(value, tuple) or not all(isinstance(entry, kind) for entry in value):
            raise UsageError(f"rulebook: {field.name} is not a tuple of {kind.__name__}")


def validate(book: Rulebook) -> None:
    """Raise one UsageError that names every problem."""
    if problems := list(_problems(book)) or list(_nesting(book)):
        raise UsageError("the rulebook does not hold together:\n  " + "\n  ".join(problems))


def _problems(book: Rulebook) -> Iterator[str]:
    yield from _duplicates("fact", (fact.name for fact in book.facts))
    yield from _duplicates("rule", (rule.id for rule in book.rules))
    yield from _duplicates("question", (question.id for question in book.questions))
    yield from _duplicates("ground", (ground.code for ground in book.grounds))
    yield from _duplicates("ground for", (ground.conclusion for ground in book.grounds))
    yield from _duplicates("condition", (condition.id for condition in book.conditions))
    for fact in book.facts:
        yield from _fact(fact)
    for rule in book.rules:
        yield from _rule(book, rule)
    for question in book.questions:
        yield from _question(book, question)
    yield from _outcomes(book)
    yield from _conditions(book)


def _duplicates(what: str, names: Iterable[str]) -> Iterator[str]:
    yield from (f"{what} {name}: more than once" for name, n in sorted(Counter(names).items()) if n > 1)


def _fact(fact: Fact) -> Iterator[str]:
    if not WORD.match(fact.name):
        yield f"fact {fact.name!r}: a name is small letters, digits and _"
    if fact.type not in TYPES:
        yield f"fact {fact.name}: type {fact.type!r} is not one of {', '.join(TYPES)}"
    if fact.words and fact.type != "word":
        yield f"fact {fact.name}: only a fact of type word lists words"
    if not fact.ask:
        yield f"fact {fact.name}: asks nothing"


def _span(place: str, span: tuple[date, date | None]) -> Iterator[str]:
    start, end = span
    if end is not None and end <= start:
        yield f"{place}: ends before it begins"


def _rule(book: Rulebook, rule: Rule) -> Iterator[str]:
    place = f"rule {rule.id}"
    if not IDENTIFIER.match(rule.id):
        yield f"rule {rule.id!r}: not a usable id"
    if not WORD.match(rule.conclusion):
        yield f"{place}: conclusion {rule.conclusion!r} is not a word of small letters, digits and _"
    yield from _expression(book, rule.when, place)
    for name in rule.unless:
        if name not in book.conclusions:
            yield f"{place}: unless {name!r}, which no rule concludes"
    yield from _duplicates(f"{place}: unless", rule.unless)
    yield from _span(f"{place}: in_force", rule.in_force)
    if rule.applies is not None:
        yield from _span(f"{place}: applies", rule.applies)
    if not rule.cite.act or not rule.says:
        yield f"{place}: without {'citation' if rule.says else 'words of what it says'}"
    ids = {other.id for other in book.rules}
    yield from (f"{place}: replaces {name!r}, which is no rule" for name in rule.replaces if name not in ids)
    if rule.replaces and not rule.law:
        yield f"{place}: only a proposal replaces rules; close the old rule by its date"
    if rule.level is Level.PROPOSAL and not rule.law:
        yield f"{place}: a proposal needs the name that switches it on"
    if rule.status is Status.REVIEWED and not rule.reviewed_by:
        yield f"{place}: reviewed by nobody"


def _expression(
    book: Rulebook, node: object, place: str, *, only: frozenset[Scope] | None = None, plain: bool = False
) -> Iterator[str]:
    """Problems of one expression; `only` limits whose facts it may use, `plain` leaves it facts alone."""
    if not isinstance(node, Expression):
        yield f"{place}: {node!r} is no expression (a fact is compared with one_of, <, >; never ==)"
        return
    if _depth(node) > MAX_DEPTH:
        yield f"{place}: nested deeper than {MAX_DEPTH} levels"
        return
    for one in _nodes(node):
        yield from _node(book, one, place)
        if plain and isinstance(one, Conclusion | Adopted):
            yield f"{place}: {one} cannot stand here, only facts"
        fact = one if isinstance(one, Fact) else getattr(one, "fact", None)
        if only is not None and isinstance(fact, Fact) and fact.scope not in only:
            yield f"{place}: {fact.name} is a fact of a {fact.scope}, which cannot decide this"


def _depth(node: Expression) -> int:
    level: list[object] = [node]
    depth = 0
    while level and depth <= MAX_DEPTH + 1:
        level, depth = [c for n in level if isinstance(n, Expression) for c in n.children()], depth + 1
    return depth


def _nodes(node: object) -> Iterator[object]:
    """Every node, and whatever stands where one should."""
    yield node
    for child in node.children() if isinstance(node, Expression) else ():
        yield from _nodes(child)


def _node(book: Rulebook, node: object, place: str) -> Iterator[str]:
    match node:
        case All(args) | Any(args):
            if not args:
                yield f"{place}: an empty {type(node).__name__.lower()}"
        case Conclusion(name):
            if name not in book.conclusions:
                yield f"{place}: {name!r}, which no rule concludes"
        case Adopted(question, position):
            if question not in book.by_question:
                yield f"{place}: adopts a position of {question!r}, which is no question"
            elif position not in {p.id for p in book.by_question[question].positions}:
                yield f"{place}: {position!r} is no position of {question}"
        case Unproven(fact, cite):
            yield from _declared(book, fact, place)
            if not cite:
                yield f"{place}: {fact.name} taken as unproven without a citation"
            if fact.type != "bool":
                yield f"{place}: {fact.name} is a {fact.type}; only a bool can be unproven"
        case Compare(fact, op, value):
            yield from _declared(book, fact, place)
            if op not in COMPARISONS or fact.type not in ("number", "date"):
                yield f"{place}: {fact.name} {op}: only numbers and days are compared, by < <= > >="
            else:
                yield from _fits(fact, (value,), place)
        case InSet(fact, values):
            yield from _declared(book, fact, place)
            if fact.type == "bool" or not values:
                yield f"{place}: {fact.name}.one_of(...) needs values, and a fact that is not a bool"
            else:
                yield from _fits(fact, values, place)
        case Fact():
            yield from _declared(book, node, place)
            if node.type != "bool":
                yield f"{place}: {node.name} is a {node.type} and stands alone; compare it"
        case Const() | Not():
            pass
        case _:
            yield f"{place}: {node!r} is no expression (a fact is compared with one_of, <, >; never ==)"


def _declared(book: Rulebook, fact: Fact, place: str) -> Iterator[str]:
    if fact != book.by_fact.get(fact.name):
        said = "declared otherwise" if fact.name in book.by_fact else "not declared"
        yield f"{place}: fact {fact.name} is {said}"


def _fits(fact: Fact, values: tuple[object, ...], place: str) -> Iterator[str]:
    for value in values:
        try:
            threshold(fact, value)
        except UsageError as error:
            yield f"{place}: {error.problem}"
            continue
        if isinstance(value, int) and abs(value) > MAX_INTEGER:
            yield f"{place}: {value} is too large to be kept exactly; write a float"


_WIDE = frozenset(Scope) - {Scope.RECORD, Scope.AUTHOR}


def _question(book: Rulebook, question: Question) -> Iterator[str]:
    place = f"question {question.id}"
    if not IDENTIFIER.match(question.id) or question.id == "base":
        yield f"question {question.id!r}: not a usable id"
    if len(question.positions) < 2:
        yield f"{place}: fewer than two positions"
    yield from _duplicates(f"{place}: position", (position.id for position in question.positions))
    for position in question.positions:
        for source in position.sources:
            at = f"{place}, {position.id}, {source.name!r}"
            yield from _expression(book, source.scope, at, only=_WIDE, plain=True)
            yield from _span(at, source.period)
            if source.rank in FINAL and not source.final:
                yield f"{at}: ranked {source.rank.name} but not final"


def _outcomes(book: Rulebook) -> Iterator[str]:
    for ground in book.grounds:
        if ground.conclusion not in book.conclusions:
            yield f"ground {ground.code}: no rule concludes {ground.conclusion!r}"
        if ground.action not in (Decision.DROP, Decision.REDACT):
            yield f"ground {ground.code}: a ground drops or redacts"
    for row in book.redactions:
        if row.conclusion not in book.conclusions:
            yield f"redaction for {row.conclusion!r}, which no rule concludes"
        if row.extent not in ("span", "sentence"):
            yield f"redaction for {row.conclusion}: extent {row.extent!r} is not span or sentence"


def _conditions(book: Rulebook) -> Iterator[str]:
    for condition in book.conditions:
        place = f"condition {condition.id}"
        yield from _declared(book, condition.fact, place)
        if condition.fact.type != "bool":
            yield f"{place}: {condition.fact.name} is not a bool"
        if condition.fact.scope not in _WIDE:
            yield f"{place}: {condition.fact.name} is a fact of a {condition.fact.scope}; that holds records"
        yield from _expression(book, condition.when, place, only=_WIDE)
        yield from _span(place, condition.in_force)
        if condition.before not in ("training", "lasting"):
            yield f"{place}: before {condition.before!r} is not training or lasting"
        if not condition.addressee or not condition.closes:
            yield f"{place}: says not who closes it, or how"


def needs(rule: Rule) -> set[str]:
    """Conclusions one rule refers to."""
    return {node.name for node in walk(rule.when) if isinstance(node, Conclusion)} | set(rule.unless)


def _nesting(book: Rulebook) -> Iterator[str]:
    """Conclusions that need themselves, or stand on so many others that a proof could run out of stack."""
    graph: dict[str, set[str]] = defaultdict(set)
    for rule in book.rules:
        graph[rule.conclusion] |= needs(rule)
    try:
        order = list(TopologicalSorter({name: sorted(graph[name]) for name in sorted(graph)}).static_order())
    except CycleError as error:
        yield f"conclusions in a circle: {' -> '.join(reversed(error.args[1]))}"
        return
    levels = dict.fromkeys(order, 0)
    for name in order:
        rules = [rule for rule in book.rules if rule.conclusion == name]
        below = [_depth(rule.when) + max((levels[n] for n in needs(rule)), default=0) for rule in rules]
        levels[name] = 2 + max(below, default=0)
    if deepest := [name for name in order if levels[name] > MAX_LEVELS]:
        yield f"{deepest[0]}: a proof of more than {MAX_LEVELS} levels"
