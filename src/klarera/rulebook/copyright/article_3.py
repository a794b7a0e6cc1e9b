"""Directive (EU) 2019/790 Art. 3: mining for scientific research. No reservation stands against it.

a research organisation or heritage institution, for research      reservations do not count
access neither open nor permitted                                  no help (article_4)
"""

from __future__ import annotations

from klarera.law.rule import Confidence, Level, Rule
from klarera.rulebook._acts import DSM, TDM_FROM
from klarera.rulebook._burden import shown
from klarera.rulebook.facts import research_organisation, research_purpose

__all__ = ["RULES"]

_SHOW = "Directive (EU) 2019/790 Art. 2(1): who relies on the exception shows that they are within it"

RULES: tuple[Rule, ...] = (
    Rule(
        "dsm.3-1",
        "research_exception",
        shown(research_organisation, _SHOW) & shown(research_purpose, _SHOW),
        DSM("Art. 2(1), Art. 3(1)"),
        "Research organisations and heritage institutions may mine for research, whatever was reserved.",
        TDM_FROM,
        Level.LAW,
        Confidence.OFFICIAL,
        not_encoded="Secure storage (3(2)) and that copies are not published: duties of the project, not "
        "of a record. "
        "Individual researchers under § 60d UrhG and § 42h UrhG (AT).",
    ),
)
