"""What deserves an author's or a lawyer's eye although the rulebook is well formed.

versions    two versions of one rule (same id before "@") overlap, leave a gap, conclude different words
weak        a conclusion that keeps records rests, on some day, on one secondary source or memory alone
unused      facts, questions, conclusions and redactions that nothing depends on
proposals   sources of proposals without the name that would switch them on
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from klarera.law.check import needs
from klarera.law.expression import Adopted, Conclusion, Expression, Fact, Not, walk
from klarera.law.rule import Confidence, Rule
from klarera.model import Decision, Rank

if TYPE_CHECKING:
    from klarera.law.book import Rulebook

__all__ = ["lint"]

WEAK = (Confidence.SINGLE, Confidence.MEMORY)


def lint(book: Rulebook) -> list[str]:
    """Everything worth a look, one line each, in a fixed order."""
    return [*_versions(book), *_weak_keepers(book), *_unused(book), *_proposals(book)]


def _versions(book: Rulebook) -> Iterator[str]:
    families: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in book.rules:
        families[rule.id.partition("@")[0], rule.law].append(rule)
    for (family, _), rules in sorted(families.items()):
        ordered = sorted(rules, key=lambda rule: _counting(rule)[0])
        if len({rule.conclusion for rule in rules}) > 1:
            yield f"rules {family}: versions conclude different words"
        for old, new in pairwise(ordered):
            end, start = _counting(old)[1], _counting(new)[0]
            if end is None or end > start:
                yield f"rules {old.id} and {new.id}: overlap from {start}"
            elif end < start:
                yield f"rules {old.id} and {new.id}: gap from {end} to {start}"


def _counting(rule: Rule) -> tuple[date, date | None]:
    """The days on which a rule counts: in force and applying."""
    spans = (rule.in_force, rule.applies or rule.in_force)
    return max(start for start, _ in spans), min((end for _, end in spans if end), default=None)


def _weak_keepers(book: Rulebook) -> Iterator[str]:
    """Conclusions whose truth keeps a record and that on some day rest on weak sources alone."""
    for conclusion in sorted(_keepers(book)):
        rules = [rule for rule in book.rules if rule.conclusion == conclusion]
        for day in sorted({_counting(rule)[0] for rule in rules}):
            counting = [rule for rule in rules if rule.counts_on(day, date.max, frozenset({rule.law}))]
            if counting and all(rule.confidence in WEAK for rule in counting):
                named = ", ".join(rule.id for rule in counting)
                yield f"{conclusion}: from {day} only weakly sourced rules keep records by it ({named})"
                break


def _keepers(book: Rulebook) -> set[str]:
    """Conclusions that stand against a ground: exceptions, or under a `not`, an odd number of times."""
    referred = {name for rule in book.rules for name in needs(rule)}
    grounds = {ground.conclusion for ground in book.grounds}
    todo = [(name, True) for name in sorted((book.conclusions - referred) | grounds)]
    seen = set(todo)
    while todo:
        name, drops = todo.pop()
        for rule in book.rules:
            if rule.conclusion != name:
                continue
            below = [(exception, not drops) for exception in rule.unless]
            below += [(n, drops == positive) for n, positive in _signed(rule.when, True)]
            for entry in below:
                if entry not in seen:
                    seen.add(entry)
                    todo.append(entry)
    return {name for name, drops in seen if not drops}


def _signed(node: Expression, positive: bool) -> Iterator[tuple[str, bool]]:
    if isinstance(node, Conclusion):
        yield node.name, positive
    for child in node.children():
        yield from _signed(child, positive != isinstance(node, Not))


def _unused(book: Rulebook) -> Iterator[str]:
    nodes = [node for rule in book.rules for node in walk(rule.when)]
    nodes += [node for condition in book.conditions for node in walk(condition.when)]
    scopes = [s.scope for q in book.questions for p in q.positions for s in p.sources]
    used = {f.name for n in nodes for f in (n, getattr(n, "fact", None)) if isinstance(f, Fact)}
    used |= {c.fact.name for c in book.conditions}
    used |= {f.name for s in scopes for n in walk(s) for f in (n, getattr(n, "fact", None)) if isinstance(f, Fact)}
    yield from (f"fact {fact.name}: nothing uses it" for fact in book.facts if fact.name not in used)
    asked = {node.question for node in nodes if isinstance(node, Adopted)}
    yield from (f"question {q.id}: no rule depends on it" for q in book.questions if q.id not in asked)
    roots = {name for rule in book.rules for name in needs(rule)} | {g.conclusion for g in book.grounds}
    roots |= {n.name for c in book.conditions for n in walk(c.when) if isinstance(n, Conclusion)}
    yield from (f"{name}: concluded, but no ground, rule or condition uses it"
                for name in sorted(book.conclusions - roots))  # fmt: skip
    redacting = {g.conclusion for g in book.grounds if g.action is Decision.REDACT}
    rows = {row.conclusion for row in book.redactions}
    yield from (f"redaction for {name}: no ground redacts by it" for name in sorted(rows - redacting))
    yield from (f"ground for {name}: redacts, but no redaction says what" for name in sorted(redacting - rows))


def _proposals(book: Rulebook) -> Iterator[str]:
    for question in book.questions:
        for number, position in enumerate(question.positions):
            for source in position.sources:
                if source.rank is Rank.PROPOSAL and not source.law:
                    yield f"question {question.id}, {source.name!r}: a proposal without name never counts"
            if number and position.sources and all(s.confidence in WEAK for s in position.sources):
                yield f"question {question.id}, {position.id}: milder, and rests on weak sources alone"
