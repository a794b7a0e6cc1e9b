"""GDPR Art. 5(1)(a) and (c): what was not public stays out; what is not needed is taken out.

the record's column says private                     drop
its column, or its source, says members only         drop, unless the reading counts members as public
no column, and the source was not open               drop
an identifier, wherever it stands                    redact its bytes
another person is identified                         as the reading of `third_persons` says
"""

from __future__ import annotations

from klarera.law.expression import Adopted, Expression, Fact
from klarera.law.rule import Confidence, Level, Rule
from klarera.rulebook._acts import EDPB_28_2024, GDPR, GDPR_FROM
from klarera.rulebook._burden import RECORD_SPEAKS, shown, unshown
from klarera.rulebook.facts import (
    has_contact,
    has_contact_other,
    has_device,
    has_financial,
    has_handle,
    has_location,
    has_name,
    has_official_id,
    has_secret,
    names_other,
    visibility,
    visibility_login,
    visibility_private,
    visibility_public,
)  # fmt: skip

__all__ = ["RULES"]

_PUBLIC_ONLY = Adopted("members_only", "public-only")
_NO_COLUMN = unshown(visibility_public, RECORD_SPEAKS)
_EXPECTED = GDPR("Art. 5(1)(a), Art. 6(1)(f), Recital 47")


def _visible(name: str, when: Expression, says: str) -> Rule:
    return Rule(name, "not_public", when, _EXPECTED, says, GDPR_FROM, Level.LAW, Confidence.ANALYSIS)


def _minimised(conclusion: str, *facts: Fact) -> Rule:
    """An identifier is redacted if found; where nobody looked, only the strictest search holds the record."""
    when: Expression = shown(facts[0], RECORD_SPEAKS)
    for fact in facts[1:]:
        when = when | shown(fact, RECORD_SPEAKS)
    for fact in facts:
        when = when | (fact & Adopted("search", "every-record"))
    return Rule(
        f"gdpr.5-1-c.{conclusion.removeprefix('redact_').replace('_', '-')}",
        conclusion,
        when,
        GDPR("Art. 5(1)(c), Art. 25(1)"),
        "Only data the purpose needs are used: what identifies or reaches a person is taken out.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
    )


_MASKED = _minimised("redact_name", has_name)

RULES: tuple[Rule, ...] = (
    _visible(
        "gdpr.5-1-a.private",
        shown(visibility_private, RECORD_SPEAKS),
        "Whoever writes to a closed circle does not expect the text in a training set.",
    ),
    _visible(
        "gdpr.5-1-a.members-column",
        shown(visibility_login, RECORD_SPEAKS) & _PUBLIC_ONLY,
        "Whoever writes for members does not expect use by others, where members are not counted as the public.",
    ),
    _visible(
        "gdpr.5-1-a.members-source",
        _NO_COLUMN & ~visibility.one_of("public") & _PUBLIC_ONLY,
        "Where a record does not say who could see it, what is said of its source counts: it was not public.",
    ),
    _visible(
        "gdpr.5-1-a.closed-source",
        _NO_COLUMN & ~visibility.one_of("public", "login"),
        "Where a record does not say who could see it, what is said of its source counts: it was closed.",
    ),
    _minimised("redact_contact", has_contact, has_contact_other),
    _minimised("redact_handle", has_handle),
    _minimised("redact_financial", has_financial),
    _minimised("redact_official_id", has_official_id),
    _minimised("redact_device", has_device),
    _minimised("redact_location", has_location),
    _minimised("redact_secret", has_secret),
    Rule(
        _MASKED.id,
        _MASKED.conclusion,
        _MASKED.when & (Adopted("third_persons", "mask") | Adopted("third_persons", "leave-out")),
        EDPB_28_2024("paras 101-102"),
        "Masking names is a measure that protects persons who were never asked.",
        GDPR_FROM,
        Level.GUIDELINE,
        Confidence.SECONDARY,
    ),
    Rule(
        "gdpr.5-1-c.third-person",
        "third_person_found",
        names_other & Adopted("third_persons", "leave-out"),
        GDPR("Art. 5(1)(c), Art. 6(1)(f)"),
        "A text that identifies somebody who never wrote it is not needed, where texts without are at hand.",
        GDPR_FROM,
        Level.OURS,
        Confidence.ANALYSIS,
    ),
)
