"""DMA Art. 5(2): a gatekeeper combines or cross-uses personal data only by choice and consent.

data of the same person from two services joined          drop, unless consent or 6(1)(c)-(e) GDPR
data of two services put in one set                       as the reading of `dma_combining` says
data of a listed service used in another service          as the reading of `dma_cross_use` says
whether the operator is a gatekeeper is not said          a condition
"""

from __future__ import annotations

from datetime import date

from klarera.law.expression import Adopted, Expression
from klarera.law.rule import Confidence, Level, Rule
from klarera.rulebook._acts import DMA
from klarera.rulebook.facts import (
    dma_consent,
    gatekeeper,
    joins_services,
    legal_basis,
    merges_services,
    used_in_other_service,
)  # fmt: skip

__all__ = ["RULES"]


def _combines(name: str, point: str, when: Expression, says: str, confidence: Confidence) -> Rule:
    return Rule(
        name,
        "dma_combination",
        gatekeeper & when & ~dma_consent,
        DMA(point),
        says,
        (date(2022, 11, 1), None),
        Level.LAW,
        confidence,
        unless=("dma_other_basis",),
        applies=(date(2024, 3, 7), None),
        not_encoded="Gatekeepers listed later: six months from their own decision (Art. 3(10)).",
    )


RULES: tuple[Rule, ...] = (
    _combines(
        "dma.5-2-b.joined",
        "Art. 5(2)(b)",
        joins_services & (Adopted("dma_combining", "any-merge") | Adopted("dma_combining", "same-person")),
        "Data of the same end user from a listed service and another are not joined without choice and consent.",
        Confidence.TRANSCRIPTION,
    ),
    _combines(
        "dma.5-2-b.merged",
        "Art. 5(2)(b)",
        merges_services & Adopted("dma_combining", "any-merge"),
        "Read strictly, to put personal data of two services in one set is to combine them.",
        Confidence.ANALYSIS,
    ),
    _combines(
        "dma.5-2-c",
        "Art. 5(2)(c)",
        used_in_other_service & Adopted("dma_cross_use", "needs-consent"),
        "Data of a listed service are not cross-used in another one provided separately.",
        Confidence.TRANSCRIPTION,
    ),
    Rule(
        "dma.5-2.other-basis",
        "dma_other_basis",
        legal_basis.one_of("legal-obligation", "vital-interests", "public-task"),
        DMA("Art. 5(2) third subparagraph, Recital 36"),
        "Only points (c), (d) and (e) of Art. 6(1) GDPR can stand in for consent here.",
        (date(2022, 11, 1), None),
        Level.LAW,
        Confidence.TRANSCRIPTION,
        applies=(date(2024, 3, 7), None),
    ),
)
