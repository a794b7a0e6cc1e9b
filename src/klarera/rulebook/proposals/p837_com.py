"""COM(2025) 837 (Digital Omnibus, Commission text of 19 November 2025): switched on by "p837-com". Not law.

    Art. 88c    objection to training becomes unconditional
    Art. 9(5)   special categories found in a set are removed: the sentence goes, the record may stay
    Art. 4(1)   personal data relative to who holds them, without a reading
    another person's stated special category is left out under it as under the law today

Nothing here is in force: the day is the day of the proposal, and the Council and the Parliament work on other
texts.
"""

from __future__ import annotations

from datetime import date

from klarera.law.rule import Confidence, Level, Rule
from klarera.rulebook._acts import COM_837
from klarera.rulebook._burden import shown
from klarera.rulebook.facts import (
    art9_author,
    art9_implied,
    attribution_ruled_out,
    author_objected,
    names_other,
    objection_text,
)  # fmt: skip

__all__ = ["RULES"]

_LAW = "p837-com"
_FROM: tuple[date, date | None] = (date(2025, 11, 19), None)

RULES: tuple[Rule, ...] = (
    Rule(
        "p837-com.88c",
        "objection",
        author_objected | objection_text,
        COM_837("Art. 3, new GDPR Art. 88c"),
        "An objection to training counts without reasons and without exception.",
        _FROM,
        Level.PROPOSAL,
        Confidence.TRANSCRIPTION,
        law=_LAW,
        replaces=("gdpr.21-1",),
    ),
    Rule(
        "p837-com.9-5.author",
        "redact_art9_sentence",
        art9_author,
        COM_837("Art. 3, new GDPR Art. 9(2)(k) and 9(5)"),
        "Special categories left in a training set are removed when found.",
        _FROM,
        Level.PROPOSAL,
        Confidence.TRANSCRIPTION,
        unless=("explicit_consent", "made_public"),
        law=_LAW,
        replaces=("gdpr.9-1.author",),
        not_encoded="Shielding from output where removal would take disproportionate effort.",
    ),
    Rule(
        "p837-com.9-5.implied",
        "redact_art9_sentence",
        art9_implied,
        COM_837("Art. 3, new GDPR Art. 9(2)(k) and 9(5)"),
        "What lets a special category be inferred is removed when found.",
        _FROM,
        Level.PROPOSAL,
        Confidence.TRANSCRIPTION,
        unless=("explicit_consent",),
        law=_LAW,
        replaces=("gdpr.9-1.implied-drop", "gdpr.9-1.implied-sentence"),
    ),
    Rule(
        "p837-com.4-1",
        "not_attributable",
        shown(attribution_ruled_out) & ~names_other,
        COM_837("Art. 3, GDPR Art. 4(1) as amended"),
        "Data are not personal for a holder who cannot identify by means reasonably likely to be used by it, "
        "whatever a later recipient can do.",
        _FROM,
        Level.PROPOSAL,
        Confidence.TRANSCRIPTION,
        law=_LAW,
        replaces=("gdpr.4-1.relative", "gdpr.4-1.holder"),
    ),
)
