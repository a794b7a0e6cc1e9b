"""How Questions are written down: sources by rank, and the scopes in which they speak.

Texts of law whose meaning is the very question are ranked OTHER_AUTHORITY here: they carry a position where
nobody above has spoken. A judgment that is not final ranks as an interim ruling. Parties and associations
rank as INDUSTRY, on whichever side they stand.
"""

from __future__ import annotations

from datetime import date

from klarera.law.expression import Const, Expression
from klarera.law.rule import Citation, Confidence, Position, Source
from klarera.model import Rank
from klarera.rulebook.facts import obtained

__all__ = ["ANYWHERE", "FIRST_PARTY", "SCRAPED", "party", "position", "source", "text"]

ANYWHERE: Expression = Const(True)
FIRST_PARTY: Expression = obtained.one_of("first-party-platform")
SCRAPED: Expression = obtained.one_of("third-party-scrape", "purchased-set")


def source(
    name: str, rank: Rank, cite: Citation, confidence: Confidence, since: str, *,
    scope: Expression = ANYWHERE, final: bool = True,
) -> Source:  # fmt: skip
    """A source that can be relied on from `since` (ISO day) on."""
    return Source(name, rank, cite, confidence, scope, final, (date.fromisoformat(since), None))


def text(name: str, cite: Citation, since: str, confidence: Confidence = Confidence.ANALYSIS) -> Source:
    """The words of the law itself, which no one above has read for this point."""
    return source(name, Rank.OTHER_AUTHORITY, cite, confidence, since)


def party(name: str, cite: Citation, since: str, confidence: Confidence = Confidence.SECONDARY) -> Source:
    """A party's or association's view."""
    return source(name, Rank.INDUSTRY, cite, confidence, since)


def position(name: str, says: str, sources: tuple[Source, ...], *, builder: str, people: str) -> Position:
    """One answer, with what it means to whoever builds and to whose data it is."""
    return Position(name, says, sources, builder, people)
