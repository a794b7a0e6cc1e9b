"""GDPR Art. 4(1): when a text concerns an identified or identifiable person.

Every record is taken to be personal data of its author and of whom it names; that is why this rulebook
applies to it at all. A set nobody who holds it can attribute may leave the GDPR (CJEU C-413/23 P), if a
named person judged so and shows it. Then what the GDPR asks of the whole use (basis, expectations, ages,
the source's objection) falls away; what a detector found in a text refutes the judgement for that text, so
special categories, minors, objections and identifiers count in any case.
"""

from __future__ import annotations

from datetime import date

from klarera.law.expression import Adopted
from klarera.law.rule import Confidence, Level, Rule
from klarera.model import Purpose
from klarera.rulebook._acts import CJEU_C413_23, GDPR, GDPR_FROM
from klarera.rulebook._burden import shown
from klarera.rulebook.facts import attribution_ruled_out, names_other, purpose

__all__ = ["RULES"]

_PUBLISHED = purpose.one_of(Purpose.PUBLISH.value)

RULES: tuple[Rule, ...] = (
    Rule(
        "gdpr.4-1.relative",
        "not_attributable",
        Adopted("identifiability", "holder-relative") & shown(attribution_ruled_out) & ~_PUBLISHED & ~names_other,
        CJEU_C413_23("paras 76-77, 82, 85"),
        "A set is not personal data for a holder who can neither lift the measures nor lead the data back by "
        "other means; to publish it makes anyone its holder.",
        (date(2025, 9, 4), None),
        Level.JUDGMENT,
        Confidence.TRANSCRIPTION,
        not_encoded="The test of isolation, linkage and inference itself: a person's judgement, given as a fact.",
    ),
    Rule(
        "gdpr.4-1.holder",
        "not_attributable",
        Adopted("identifiability", "holder-only") & shown(attribution_ruled_out) & ~names_other,
        GDPR("Art. 4(1), Recital 26"),
        "Read mildly, only the holder's own means count, whoever else gets the set.",
        GDPR_FROM,
        Level.OURS,
        Confidence.ANALYSIS,
    ),
)
