"""§ 44b UrhG: the German form of Art. 4. Online, only a machine-readable reservation counts.

all copying takes place in Germany (shown)      a reservation in prose has no effect
any of it elsewhere, or not shown               the strictest place counts
"""

from __future__ import annotations

from klarera.law.rule import Confidence, Level, Rule
from klarera.rulebook._acts import TDM_FROM, URHG
from klarera.rulebook._burden import shown
from klarera.rulebook.facts import copied_in_germany

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    Rule(
        "urhg.44b-3",
        "machine_form_only",
        shown(
            copied_in_germany,
            "The law of the place of each copy counts; whoever relies on one place shows it",
        ),
        URHG("§ 44b(3) sentence 2"),
        "For works open online a reservation has effect only in machine-readable form.",
        TDM_FROM,
        Level.LAW,
        Confidence.OFFICIAL,
        not_encoded="Deletion when no longer needed (44b(2)). Whether clear prose can be machine-readable "
        "is left open by "
        "OLG Hamburg and pending before the BGH (judgment announced for 2026-12-17).",
    ),
)
