"""Which law counts: the day asked about, the day of knowledge, proposals by name; and what has moved since.

Three clocks are kept apart: the day a rule is in force, the day it applies (both in law/rule.py), and the
day we encoded it. `Law` fixes all three for one evaluation. The watch list names days on which a text we
encoded is due to change; a rulebook made before such a day does not know what it brought.

>>> Law(on=date(2026, 12, 2), known=date(2026, 11, 22), laws=frozenset({"p837-com"})).on.isoformat()
'2026-12-02'
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from klarera.law.book import Rulebook

__all__ = ["Law", "Watch", "outdated", "stale"]

FRESH_DAYS = 180
"""A rulebook older than this many days is called stale, whatever the watch list says (house rule)."""


@dataclass(frozen=True)
class Law:
    """Which rules count.

    on     the day whose law is asked for
    known  rules encoded after this day are left out
    laws   proposals switched on by name; current law always counts
    """

    on: date
    known: date
    laws: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Watch:
    """A day on which an act we encoded changes, or is expected to: what moves."""

    date: date
    act: str
    what: str


def outdated(book: Rulebook, on: date) -> list[Watch]:
    """Changes the rulebook cannot know: after its version and not after `on`, oldest first.

    Conclusions about such a day carry Cause.OUTDATED for the acts named.
    """
    return [entry for entry in book.watch if book.version < entry.date <= on]


def stale(book: Rulebook, today: date, days: int = FRESH_DAYS) -> bool:
    """Whether nobody has looked at the rulebook for more than `days` days, or a watched day has passed."""
    return today - book.version > timedelta(days=days) or bool(outdated(book, today))
