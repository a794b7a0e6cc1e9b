"""GDPR Art. 18: restriction. What is restricted may be stored, not used for training.

the author objected, and it is not decided and told        drop (from the release; the data may stay stored)
accuracy contested, unlawful use, legal claims (judged)    drop
"""

from __future__ import annotations

from klarera.law.rule import Confidence, Level, Rule
from klarera.rulebook._acts import GDPR, GDPR_FROM
from klarera.rulebook._burden import shown, unshown
from klarera.rulebook.facts import author_objected, author_restricted, objection_decided

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    Rule(
        "gdpr.18-1-d",
        "restriction",
        author_objected
        & unshown(objection_decided, "GDPR Art. 18(1)(d): restricted until it is verified whose grounds override"),
        GDPR("Art. 18(1)(d), Art. 18(2)"),
        "From the objection until its decision the data are only stored.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
    ),
    Rule(
        "gdpr.18-1-a",
        "restriction",
        shown(author_restricted),
        GDPR("Art. 18(1)(a)-(c), Art. 18(2)"),
        "A restriction the person asked for on another ground is running.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
    ),
)
