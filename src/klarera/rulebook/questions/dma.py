"""DMA: what is combining, what is cross-use."""

from __future__ import annotations

from klarera.law.rule import Confidence, Question
from klarera.model import Rank
from klarera.rulebook._acts import DMA, DMA_GDPR_DRAFT, KOELN, META_PRACTICE
from klarera.rulebook.facts import gatekeeper
from klarera.rulebook.questions._write import FIRST_PARTY, party, position, source

__all__ = ["QUESTIONS"]

_S = Confidence.SECONDARY

QUESTIONS: tuple[Question, ...] = (
    Question(
        "dma_combining",
        "Does putting personal data of two services into one training set combine them (DMA Art. 5(2)(b))?",
        (
            position(
                "any-merge", "Yes, joined or not: Recital 36 aims at the pool of data.",
                (party("Consumer association and commentators", DMA("Art. 5(2)(b), Recital 36"),
                       "2025-05-12"),),
                builder="One set a service, or consent.",
                people="A gatekeeper cannot pool services without asking.",
            ),
            position(
                "same-person", "Only if data of the same person are linked.",
                (
                    source("OLG Köln", Rank.INTERIM_RULING, KOELN("Rn. 41-48"), _S, "2025-05-23",
                           scope=gatekeeper & FIRST_PARTY),
                    source("Joint guidelines, draft", Rank.DRAFT, DMA_GDPR_DRAFT("section 2.6"), _S,
                           "2025-10-09",
                           final=False),
                ),
                builder="An unordered set without account names is outside.",
                people="One is not profiled across services; one's posts are pooled.",
            ),
            position(
                "profiles-only", "Only if a profile is built for a purpose towards that person.",
                (party("Gatekeepers", META_PRACTICE("DMA"), "2024-03-07"),),
                builder="Training never combines.",
                people="The choice the DMA gives is not asked for.",
            ),
        ),
        "DMA Art. 5(2)(b)",
    ),
    Question(
        "dma_cross_use",
        "Is training an assistant on a listed service's data cross-use in another service (DMA Art. "
        "5(2)(c))?",
        (
            position(
                "needs-consent", "Yes: the assistant is another service.",
                (party("Consumer association and commentators", DMA("Art. 5(2)(c)"), "2025-05-12"),),
                builder="Consent for users of listed services.",
                people="One is asked before posts feed another product.",
            ),
            position(
                "same-service", "No: the assistant supports the service it is built into.",
                (party("Gatekeepers", META_PRACTICE("DMA"), "2024-03-07"),),
                builder="No consent.",
                people="Posts feed every product of the group.",
            ),
        ),
        "DMA Art. 5(2)(c)",
    ),
)  # fmt: skip
