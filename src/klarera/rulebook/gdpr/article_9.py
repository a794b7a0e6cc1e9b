"""GDPR Art. 9: special categories, as stated, and as they can be inferred.

    stated about another identifiable person             drop, under every reading
    stated by the author about themselves                drop, unless 9(2)(a) or 9(2)(e) is shown
    denied, quoted, asked, wished                        as the reading of `implied` says
    unclear whom it concerns                             unknown: the record is held

What a detector found is known. A reading that tolerates what one does not know never keeps what was found.
Art. 9(2)(e) is per item: it lifts the author's own statement in a record that was public, nothing else.
"""

from __future__ import annotations

from klarera.law.expression import Adopted
from klarera.law.rule import Confidence, Level, Rule
from klarera.rulebook._acts import CJEU_C184_20, CJEU_C252_21, GDPR, GDPR_FROM, KOELN
from klarera.rulebook._burden import RECORD_SPEAKS, shown, unshown
from klarera.rulebook.facts import (
    art9_author,
    art9_implied,
    art9_other,
    author_consented,
    public_by_choice,
    visibility,
    visibility_login,
    visibility_private,
    visibility_public,
)  # fmt: skip

__all__ = ["RULES"]

_PUBLIC = shown(visibility_public, RECORD_SPEAKS) | (
    visibility.one_of("public") & unshown(visibility_private, RECORD_SPEAKS) & unshown(visibility_login, RECORD_SPEAKS)
)
"""Its column says public, or it has no column and its source was."""

_EXCEPTIONS = ("explicit_consent", "made_public")

RULES: tuple[Rule, ...] = (
    Rule(
        "gdpr.9-1.other",
        "art9_other_found",
        art9_other,
        CJEU_C252_21("paras 68, 73"),
        "The prohibition protects any person a text reveals something about, not only its author; nobody but "
        "that person can lift it.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
        not_encoded="Exceptions of Art. 9(2)(b)-(d) and (f)-(j): none of them covers training on public "
        "posts by "
        "itself; (j) needs Union or national law that is not encoded.",
    ),
    Rule(
        "gdpr.9-1.author",
        "art9_author_found",
        art9_author,
        GDPR("Art. 9(1)"),
        "Special categories are not used unless an exception is shown.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
        unless=_EXCEPTIONS,
        not_encoded="As for gdpr.9-1.other.",
    ),
    Rule(
        "gdpr.9-2-a",
        "explicit_consent",
        shown(author_consented, "GDPR Art. 7(1), Art. 9(2)(a): explicit consent has to be shown"),
        GDPR("Art. 9(2)(a)"),
        "The author explicitly consented to this purpose.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
    ),
    Rule(
        "gdpr.9-2-e.setting",
        "made_public",
        Adopted("manifestly_public", "informed-setting") & _PUBLIC & shown(public_by_choice),
        CJEU_C252_21("paras 77-85"),
        "An own item is manifestly public if its author, by an individual setting and knowing what it "
        "does, chose "
        "that anyone may see it.",
        GDPR_FROM,
        Level.JUDGMENT,
        Confidence.TRANSCRIPTION,
    ),
    Rule(
        "gdpr.9-2-e.account",
        "made_public",
        Adopted("manifestly_public", "public-post") & _PUBLIC,
        KOELN("on Art. 9, own data"),
        "An own item posted publicly from a public account counts as manifestly made public.",
        GDPR_FROM,
        Level.INTERIM,
        Confidence.SECONDARY,
    ),
    Rule(
        "gdpr.9-1.implied-drop",
        "art9_implied_found",
        art9_implied & Adopted("implied", "leave-out"),
        CJEU_C184_20("paras 117-128"),
        "What lets a special category be inferred is one; the record goes.",
        GDPR_FROM,
        Level.OURS,
        Confidence.ANALYSIS,
        unless=("explicit_consent",),
    ),
    Rule(
        "gdpr.9-1.implied-sentence",
        "redact_art9_sentence",
        art9_implied & Adopted("implied", "take-out-sentence"),
        CJEU_C184_20("paras 117-128"),
        "What lets a special category be inferred is one; the sentence goes, and nothing is left to infer from.",
        GDPR_FROM,
        Level.JUDGMENT,
        Confidence.TRANSCRIPTION,
        unless=("explicit_consent",),
    ),
)
