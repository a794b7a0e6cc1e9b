"""GDPR Art. 10: offences and convictions. There is no exception for what is public.

stated about the author or another person      drop, under every reading
unclear whom it concerns                       unknown: the record is held
"""

from __future__ import annotations

from klarera.law.rule import Confidence, Level, Rule
from klarera.rulebook._acts import GDPR, GDPR_FROM
from klarera.rulebook.facts import art10_author, art10_other

__all__ = ["RULES"]

_LEFT_OUT = (
    "National law for media, archives and research (Arts. 85(2), 89(3)) that could open a way: not "
    "encoded, so the "
    "answer is the stricter one."
)

RULES: tuple[Rule, ...] = (
    Rule(
        "gdpr.10.other",
        "art10_found",
        art10_other,
        GDPR("Art. 10"),
        "Data on another person's offences or convictions are used only under official authority or where "
        "law "
        "permits it with safeguards.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
        not_encoded=_LEFT_OUT,
    ),
    Rule(
        "gdpr.10.author",
        "art10_found",
        art10_author,
        GDPR("Art. 10"),
        "That the person said it themselves changes nothing: Art. 10 knows no data made public.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
        not_encoded=_LEFT_OUT,
    ),
)
