"""The record-level rulebook: one module an article, one for each contested field, all dated and cited.

    facts        every question of the law, with who answers it
    grounds      what a conclusion does to a record          redactions   what is taken out
    conditions   what must be settled about project, source or run before release
    questions/   contested points and who takes which position
    gdpr/ copyright/ dma/ dsa/ proposals/                    watch        when it will be out of date

How unknowns are treated stands in `grounds`; who has to show what in `_burden`.

>>> book = rulebook()
>>> book.fact("art9_other").scope.value
'record'
"""

from __future__ import annotations

import sys
from datetime import date
from functools import cache

from klarera.law.book import Rulebook, collect
from klarera.law.expression import Unproven, walk

__all__ = ["VERSION", "assumable", "rulebook"]

VERSION = date(2026, 11, 22)
"""The day the law was last looked through."""


@cache
def rulebook() -> Rulebook:
    """The rulebook of this version of Klarera. Built once a process; the same value every time."""
    return collect(sys.modules[__name__])


@cache
def assumable(book: Rulebook) -> frozenset[str]:
    """Facts whose unknown value may take its best case in a ground (`columns.resolve_best`).

    A fact that lifts a prohibition has to be shown by whoever relies on it (`Unproven`). It is left out: to
    assume it in the project's favour would keep what was found to be forbidden. Not shown, it simply does
    not count, so it never holds a record either.

    >>> "robots_refused" in assumable(rulebook()), "licence_permits" in assumable(rulebook())
    (True, False)
    """
    to_be_shown = {node.fact.name for rule in book.rules for node in walk(rule.when) if isinstance(node, Unproven)}
    return frozenset(fact.name for fact in book.facts) - to_be_shown
