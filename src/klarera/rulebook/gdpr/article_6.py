"""GDPR Art. 6(1): the basis of the whole use, children first (closing words), expectations, opposing sources.

    no basis, or one that cannot carry training              drop everything: no-basis
    consent, and neither author nor project can show it      drop
    the author is below 18                                   drop, unless Art. 8 consent is shown
    the author's age is not shown                            drop under the reading `every-author` only
    another minor is the subject                             as the reading says
    older than the notice                                    as the reading says
    the source objects                                       as the reading says

Unknown facts of the project leave all of this open: conditions, not holds.
"""

from __future__ import annotations

from datetime import date

from klarera.law.expression import Adopted, Expression
from klarera.law.rule import Citation, Confidence, Level, Rule
from klarera.model import Purpose
from klarera.rulebook._acts import CJEU_C252_21, CJEU_C394_23, CNIL_2025, GDPR, GDPR_FROM
from klarera.rulebook._burden import RECORD_SPEAKS, shown, unshown
from klarera.rulebook.facts import (
    author_adult,
    author_consented,
    author_minor,
    consent_shown,
    interest_told,
    legal_basis,
    minor_other,
    notice_date,
    notice_given,
    objection_route,
    obtained,
    public_authority,
    published_before_notice,
    purpose,
    robots_refused,
    terms_forbid,
)  # fmt: skip

__all__ = ["RULES"]

_CONSENT = "GDPR Art. 7(1): the controller has to be able to show consent"
_FROM_THE_PERSON = obtained.one_of("first-party-platform", "user-prompt", "device-telemetry")
_CHILD = GDPR("Art. 6(1)(f) closing words, Recital 38")


def _basis(
    name: str, when: Expression, cite: Citation, says: str, confidence: Confidence = Confidence.TRANSCRIPTION,
    level: Level = Level.LAW, start: date = GDPR_FROM[0],
) -> Rule:  # fmt: skip
    return Rule(
        name, "no_legal_basis", when, cite, says, (start, None), level, confidence, unless=("not_attributable",)
    )


def _minor(name: str, conclusion: str, when: Expression, says: str, confidence: Confidence) -> Rule:
    return Rule(name, conclusion, when, _CHILD, says, GDPR_FROM, Level.LAW, confidence)


def _expected(name: str, when: Expression, says: str) -> Rule:
    return Rule(
        name, "no_expectation", when, GDPR("Art. 6(1)(f), Recital 47"), says, GDPR_FROM, Level.OURS,
        Confidence.ANALYSIS, unless=("consented", "not_attributable"),
    )  # fmt: skip


RULES: tuple[Rule, ...] = (
    _basis(
        "gdpr.6-1.none",
        legal_basis.one_of("none"),
        GDPR("Art. 6(1)"),
        "Processing needs one of the six bases.",
    ),
    _basis(
        "gdpr.6-1-a",
        legal_basis.one_of("consent") & unshown(author_consented, _CONSENT) & ~consent_shown,
        GDPR("Art. 6(1)(a), Art. 7(1)"),
        "Consent carries only what each person consented to, and the controller has to show it.",
    ),
    _basis(
        "gdpr.6-1-b",
        legal_basis.one_of("contract") & purpose.one_of(Purpose.TRAIN_MODEL.value),
        CJEU_C252_21("paras 98-99"),
        "A contract carries what is objectively indispensable for it; training a model on posts is not.",
        Confidence.ANALYSIS,
        Level.JUDGMENT,
        date(2023, 7, 4),
    ),
    _basis(
        "gdpr.6-1.authority",
        legal_basis.one_of("legitimate-interest") & public_authority,
        GDPR("Art. 6(1) second subparagraph"),
        "A public authority cannot rest its tasks on a legitimate interest.",
    ),
    _basis(
        "gdpr.13-1-d",
        legal_basis.one_of("legitimate-interest") & _FROM_THE_PERSON & ~interest_told,
        CJEU_C394_23("paras 52, 63-64"),
        "Where data are collected from the person, an interest not named to them then cannot carry the use.",
        Confidence.TRANSCRIPTION,
        Level.JUDGMENT,
        date(2025, 1, 9),
    ),
    Rule(
        "gdpr.7-1",
        "consented",
        shown(author_consented, _CONSENT),
        GDPR("Art. 7(1)"),
        "The author's consent to this purpose is shown.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
    ),
    Rule(
        "gdpr.6-1-f.child",
        "minor_author",
        author_minor,
        _CHILD,
        "Interests of a child override more easily: posts of minors are left out.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
        unless=("child_consent",),
    ),
    Rule(
        "gdpr.6-1-f.every-author",
        "age_unverified",
        unshown(author_adult) & Adopted("author_age", "every-author"),
        _CHILD,
        "Read strictly, whoever relies on an interest shows of each author that they are not a child.",
        GDPR_FROM,
        Level.OURS,
        Confidence.ANALYSIS,
        unless=("child_consent", "not_attributable"),
    ),
    _minor(
        "gdpr.6-1-f.minor-other",
        "minor_other_found",
        minor_other & Adopted("minor_other", "leave-out"),
        "A post about an identifiable minor is left out.",
        Confidence.ANALYSIS,
    ),
    _minor(
        "gdpr.6-1-f.minor-sentence",
        "redact_minor_sentence",
        minor_other & Adopted("minor_other", "take-out-sentence"),
        "What is said about an identifiable minor is taken out.",
        Confidence.ANALYSIS,
    ),
    _expected(
        "gdpr.6-1-f.before-notice",
        Adopted("older_posts", "after-notice-only")
        & (shown(published_before_notice, RECORD_SPEAKS) | (published_before_notice & (notice_date >= "2018-05-25"))),
        "Who wrote before the notice could not expect the use; a post without a day may be older.",
    ),
    _expected(
        "gdpr.6-1-f.no-notice",
        Adopted("older_posts", "after-notice-only") & ~notice_given,
        "Where nobody was told, nobody could expect the use.",
    ),
    _expected(
        "gdpr.6-1-f.old-without-route",
        Adopted("older_posts", "with-measures") & shown(published_before_notice, RECORD_SPEAKS) & ~objection_route,
        "Missing expectations can be made up for by measures; without a way to object they are not.",
    ),
    Rule(
        "gdpr.6-1-f.refused",
        "source_opposed",
        (Adopted("opposing_sources", "any-opposition") | Adopted("opposing_sources", "clear-signals")) & robots_refused,
        CNIL_2025("scraping sheet, mandatory measures"),
        "Sites that clearly refuse collection by robots.txt, ai.txt or CAPTCHA are left out.",
        GDPR_FROM,
        Level.GUIDELINE,
        Confidence.SECONDARY,
        unless=("not_attributable",),
    ),
    Rule(
        "gdpr.6-1-f.terms",
        "source_opposed",
        Adopted("opposing_sources", "any-opposition") & terms_forbid,
        GDPR("Art. 6(1)(f), Recital 47"),
        "Read strictly, terms that forbid collection shape what people expect, and bar it.",
        GDPR_FROM,
        Level.OURS,
        Confidence.ANALYSIS,
        unless=("not_attributable",),
    ),
)
