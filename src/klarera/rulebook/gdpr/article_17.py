"""GDPR Art. 17: erasure.

the author asked for erasure                             drop all their records
a named person judged that Art. 17(3) stands against it  keep
no register was given                                    a condition of the run, never a hold
"""

from __future__ import annotations

from klarera.law.rule import Confidence, Level, Rule
from klarera.rulebook._acts import GDPR, GDPR_FROM
from klarera.rulebook._burden import shown
from klarera.rulebook.facts import author_erased, erasure_refused, register_given

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    Rule(
        "gdpr.17-1",
        "erasure",
        shown(author_erased) | (author_erased & register_given),
        GDPR("Art. 17(1)"),
        "Who asks for erasure on one of the six grounds has it; a request is honoured unless refused with reasons.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
        unless=("erasure_excepted",),
        not_encoded="Telling others who received the data (17(2), 19): a condition, not a property of a record.",
    ),
    Rule(
        "gdpr.17-3",
        "erasure_excepted",
        shown(erasure_refused, "GDPR Art. 12(4): a refusal is decided and reasoned"),
        GDPR("Art. 17(3)"),
        "Expression and information, legal duty, public health, archives and research, legal claims.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
    ),
)
