"""Who has to show what. The two turns of phrase in which the rulebook speaks of proof.

What the law forbids is forbidden when the fact is known. What would lift a prohibition has to be shown by
whoever relies on it (GDPR Art. 5(2); for consent Art. 7(1)); what is not shown lifts nothing. So an
exception that rests on a project or a source is never assumed in its favour, and an unknown about a
project or a source never forbids a record either: it is a condition.
"""

from __future__ import annotations

from klarera.law.expression import Expression, Fact, Not, Unproven

__all__ = ["RECORD_SPEAKS", "SHOW", "shown", "unshown"]

SHOW = "GDPR Art. 5(2): whoever relies on it has to show it"
RECORD_SPEAKS = "GDPR Art. 5(2): what came with the record is shown; nothing came otherwise"


def shown(fact: Fact, cite: str = SHOW) -> Expression:
    """True if the fact is established, false if it is not or unknown.

    >>> str(shown(Fact("consented", "Did they consent?")))
    'not consented not proven'
    """
    return Not(Unproven(fact, cite))


def unshown(fact: Fact, cite: str = SHOW) -> Expression:
    """True if the fact is false or unknown: the other side of `shown`."""
    return Unproven(fact, cite)
