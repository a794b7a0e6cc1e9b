"""DSA Art. 40: data got by researcher access serve research on systemic risks, and nothing else.

obtained that way, and the use is not such research      drop
how the data were obtained is not said                   a condition
"""

from __future__ import annotations

from datetime import date

from klarera.law.rule import Confidence, Level, Rule
from klarera.rulebook._acts import DSA
from klarera.rulebook._burden import unshown
from klarera.rulebook.facts import obtained, systemic_risk_research

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    Rule(
        "dsa.40",
        "dsa40_only",
        obtained.one_of("dsa40-research")
        & unshown(systemic_risk_research, "DSA Art. 40(8), (12): the researcher shows the research"),
        DSA("Art. 40(4), (8), (12)"),
        "Access for researchers is given only for research on systemic risks; such data do not train products.",
        (date(2022, 11, 16), None),
        Level.LAW,
        Confidence.ANALYSIS,
        applies=(date(2024, 2, 17), None),
    ),
)
