"""Readings: which position of each contested Question is taken, and why.

    supported   the position of the highest source whose scope fits this project; if there is none, if sources
                of one rank disagree, or if on a sensitive question all there is is one interim ruling: the
                stricter
    strict      always the strictest position
    industry    always the mildest
    unanimous   only what all positions share: where there are several, the outcome is unknown

A mapping {question: position, "base": name} is the project's own. Positions run from the strictest to the
mildest. A position that rests on nothing but proposals is no law: no reading takes it until the proposal is
switched on by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from klarera.errors import UsageError
from klarera.law.kleene import Given, evaluate
from klarera.law.rule import Position, Question, Source
from klarera.model import Rank

if TYPE_CHECKING:
    from klarera.law.book import Rulebook
    from klarera.law.dates import Law

__all__ = ["BASES", "Reading", "Why", "resolve"]

BASES = ("supported", "strict", "industry", "unanimous")


@dataclass(frozen=True)
class Why:
    """Why one position was taken.

    position  None = positions differ and the reading takes none
    source    name of the source that carried it, "" if none did; rank and confidence are the source's
    stricter  taken because it is the stricter, not because a source carried it
    because   one plain sentence
    passed    sources passed over, each with the reason
    """

    position: str | None
    because: str
    source: str = ""
    rank: Rank | None = None
    confidence: str = ""
    stricter: bool = False
    passed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """Question → adopted position; None means the positions differ and the value is unknown."""

    name: str
    adopted: Mapping[str, str | None]
    why: Mapping[str, Why]

    @property
    def key(self) -> tuple[tuple[str, str | None], ...]:
        """What the reading decides, to compare and to hash."""
        return tuple(sorted(self.adopted.items()))


def resolve(book: Rulebook, choice: str | Mapping[str, str], facts: Mapping[str, Given], law: Law) -> Reading:
    """The reading named, or the project's own choices over a base, for these source and project facts.

    Raises: UsageError for an unknown reading, question or position, or a position that is only proposed.
    """
    own = {} if isinstance(choice, str) else {k: v for k, v in choice.items() if k != "base"}
    base = choice if isinstance(choice, str) else choice.get("base", "supported")
    if base not in BASES:
        raise UsageError(f"unknown reading {base!r}", hint=f"one of {', '.join(BASES)}")
    for name in own:
        book.question(name)
    why = {}
    for question in book.questions:
        open_to_all = [p for p in question.positions if _is_law(p, law)]
        if question.id in own:
            why[question.id] = _own(question, own[question.id], open_to_all)
        elif not open_to_all:
            raise UsageError(f"question {question.id}: every position is only proposed")
        elif base == "supported":
            why[question.id] = _supported(question, open_to_all, facts, law)
        else:
            why[question.id] = _fixed(base, open_to_all)
    adopted = {name: reason.position for name, reason in why.items()}
    return Reading(base if not own else "own", adopted, why)


def _is_law(position: Position, law: Law) -> bool:
    return not position.sources or any(_switched_on(source, law) for source in position.sources)


def _switched_on(source: Source, law: Law) -> bool:
    return source.law in law.laws if source.law else source.rank is not Rank.PROPOSAL


def _own(question: Question, chosen: str, available: list[Position]) -> Why:
    if chosen not in {p.id for p in question.positions}:
        named = ", ".join(p.id for p in question.positions)
        raise UsageError(f"question {question.id} has no position {chosen!r}", hint=f"one of {named}")
    if chosen not in {p.id for p in available}:
        raise UsageError(f"question {question.id}: {chosen} is only proposed", hint="--law switches it on")
    return Why(chosen, "the project's own choice")


def _fixed(base: str, positions: list[Position]) -> Why:
    if len(positions) == 1:
        return Why(positions[0].id, "the only position that is law")
    if base == "unanimous":
        return Why(None, "the positions differ")
    if base == "strict":
        return Why(positions[0].id, "the strictest position", stricter=True)
    return Why(positions[-1].id, "the mildest position")


def _supported(question: Question, positions: list[Position], facts: Mapping[str, Given], law: Law) -> Why:
    fitting: list[tuple[Position, Source]] = []
    passed: list[str] = []
    for position in question.positions:
        for source in position.sources:
            reason = _misfit(source, facts, law)
            if reason:
                passed.append(f"{source.name} ({position.id}): {reason}")
            else:
                fitting.append((position, source))
    strictest = positions[0].id
    if not fitting:
        return Why(strictest, "no source fits; the stricter", stricter=True, passed=tuple(passed))
    best = min(source.rank for _, source in fitting)
    top = [(position, source) for position, source in fitting if source.rank is best]
    winner, source = top[0]
    carried = {"source": source.name, "rank": best, "confidence": source.confidence.value}
    if len({position.id for position, _ in top}) > 1:
        because = f"sources of equal rank ({_rank(best)}) disagree; the stricter of them"
        return Why(winner.id, because, stricter=True, passed=tuple(passed), **carried)  # type: ignore[arg-type]
    single = len({source.cite for _, source in top}) == 1
    if question.sensitive and best is Rank.INTERIM_RULING and single and winner.id != strictest:
        passed.append(f"{source.name} ({winner.id}): a single interim ruling on a sensitive question")
        because = "a single interim ruling is not enough on a sensitive question; the stricter"
        return Why(strictest, because, stricter=True, passed=tuple(passed))
    because = f"the highest source that fits: {source.name} ({_rank(best)})"
    return Why(winner.id, because, passed=tuple(passed), **carried)  # type: ignore[arg-type]


def _misfit(source: Source, facts: Mapping[str, Given], law: Law) -> str:
    """Why a source does not speak here, "" if it does."""
    if not _switched_on(source, law):
        return "a proposal that is not switched on" if source.law else "a proposal"
    start, end = source.period
    if not (start <= law.on and (end is None or law.on < end)):
        return f"cannot be relied on on {law.on}"
    fits = evaluate(source.scope, facts)
    if fits is None:
        return "whether it fits this project is not known"
    return "" if fits else "does not fit this project"


def _rank(rank: Rank) -> str:
    return rank.name.lower().replace("_", " ")
