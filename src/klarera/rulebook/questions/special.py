"""Special categories: searching for them, what is left over, what is implied, what was made public."""

from __future__ import annotations

from klarera.law.rule import Confidence, Question
from klarera.model import Rank
from klarera.rulebook._acts import (
    CJEU_C136_17,
    CJEU_C184_20,
    CJEU_C252_21,
    CJEU_C474_24,
    CJEU_C492_23,
    CNIL_2025,
    EDPB_03_2026,
    GARANTE_GEDI,
    KOELN,
    META_PRACTICE,
)  # fmt: skip
from klarera.rulebook.questions._write import FIRST_PARTY, party, position, source

__all__ = ["QUESTIONS"]

_O, _S = Confidence.TRANSCRIPTION, Confidence.SECONDARY
_DRAFT = source("EDPB draft on scraping", Rank.DRAFT, EDPB_03_2026("Art. 9 part"), _S, "2026-07-07", final=False)
_GARANTE = source("Garante, GEDI", Rank.OTHER_AUTHORITY, GARANTE_GEDI("Arts 6, 9, 10"), _S, "2024-11-27")
_CNIL = source("CNIL", Rank.OTHER_AUTHORITY, CNIL_2025("residual data"), _S, "2025-06-19")

QUESTIONS: tuple[Question, ...] = (
    Question(
        "screening",
        "Does searching texts for special categories, to leave them out, itself need an exception of Art. "
        "9(2)?",
        (
            position(
                "needs-exception", "Yes: to find them is to process them.",
                (_DRAFT, _GARANTE),
                builder="Before the search a basis for it has to be written down.",
                people="Nobody sorts people by health or belief, not even to protect them, without a ground.",
            ),
            position(
                "part-of-protection", "No: who has to keep them out has to look for them.",
                (
                    source("Russmedia: find them before publication", Rank.CJEU, CJEU_C492_23("paras 97-106"),
                           Confidence.OFFICIAL, "2025-12-02"),
                    source("GC and Others (search engines, by analogy)", Rank.CJEU,
                           CJEU_C136_17("operative part 1"), _O, "2019-09-24"),
                ),
                builder="The search is part of minimisation.",
                people="What is found is left out; the search leaves places and kinds, never the text.",
            ),
        ),
        "GDPR Art. 9(1)", sensitive=True,
    ),
    Question(
        "filtering_after_collection",
        "Does filtering after collection cure that special categories were collected with the rest?",
        (
            position(
                "at-collection", "No: what cannot be separated at collection is prohibited as a whole.",
                (
                    source("Data collected en bloc", Rank.CJEU, CJEU_C252_21("para 89"), _O, "2023-07-04"),
                    _DRAFT,
                ),
                builder="Sources have to be chosen and filtered as they are collected.",
                people="Sensitive posts never reach a set that is filtered later, or not at all.",
            ),
            position(
                "before-use", "Yes, if it takes place before use and what is found is removed.",
                (_CNIL,),
                builder="Existing sets can be cleared.",
                people="Posts are collected first; what detectors miss stays.",
            ),
        ),
        "GDPR Art. 9(1)", sensitive=True,
        not_encoded="It decides no record, because each record is an item of its own: it opens a condition.",
    ),
    Question(
        "residual_art9",
        "What of special categories that detectors did not find?",
        (
            position(
                "exclude", "They may not be there: the residue has to be measured and driven down.",
                (
                    source("Any other person is covered", Rank.CJEU, CJEU_C252_21("paras 68, 73"), _O,
                           "2023-07-04"),
                    _GARANTE, _DRAFT,
                ),
                builder="What is missed is a known risk, with a figure.",
                people="How much was missed is said openly.",
            ),
            position(
                "remove-when-known", "Unintended residue is tolerated despite safeguards, and removed once "
                "known.",
                (_CNIL,),
                builder="Filter, and a way to report.",
                people="Removal after somebody notices.",
            ),
            position(
                "on-request", "The prohibition acts once a person asks for removal.",
                (
                    source("OLG Köln", Rank.INTERIM_RULING, KOELN("on Art. 9, third parties"), _S,
                           "2025-05-23",
                           scope=FIRST_PARTY),
                ),
                builder="A way to ask is enough.",
                people="Who does not know of it cannot ask.",
            ),
        ),
        "GDPR Art. 9", sensitive=True,
        not_encoded="No position keeps a record in which something was found.",
    ),
    Question(
        "implied",
        "Is a special category revealed by a denial, a quotation, a question or a wish?",
        (
            position(
                "leave-out", "Yes, and the record that reveals it goes.",
                (_GARANTE, _DRAFT),
                builder="Whole posts are lost for a clause.",
                people="Nothing around a sensitive remark is used.",
            ),
            position(
                "take-out-sentence", "Yes: whatever lets it be inferred is covered, and goes with its "
                "sentence.",
                (source("Indirect revelation suffices", Rank.CJEU, CJEU_C184_20("paras 117-128"), _O,
                        "2022-08-01"),),
                builder="Posts stay, shortened.",
                people="The remark is not used.",
            ),
            position(
                "stated-only", "Only what the text states about a person is covered.",
                (
                    source("A fact near a category is not the category", Rank.CJEU,
                           CJEU_C474_24("suspension notice"), _O, "2026-07-14"),
                    party("Only if used to infer", META_PRACTICE("special categories"), "2024-06-06"),
                ),
                builder="Nothing is lost.",
                people="Denials and rumours about people are trained on.",
            ),
        ),
        "GDPR Art. 9(1)", sensitive=True,
        not_encoded="Traits inferable from photographs, names or tracks listened to: no fact of a text "
                    "carries them.",
    ),
    Question(
        "manifestly_public",
        "When has an author manifestly made an own special category public (Art. 9(2)(e))?",
        (
            position(
                "informed-setting", "By an individual setting, knowing what it does, that lets anyone see "
                "it.",
                (source("Settings chosen with full knowledge", Rank.CJEU, CJEU_C252_21("paras 77-85"), _O,
                        "2023-07-04"),),
                builder="Only platforms that can show the setting may use such posts.",
                people="A default that is public is no choice.",
            ),
            position(
                "public-post", "By a public post from a public account.",
                (
                    source("OLG Köln", Rank.INTERIM_RULING, KOELN("on Art. 9, own data"), _S, "2025-05-23",
                           scope=FIRST_PARTY),
                    party("Providers", META_PRACTICE("public posts"), "2024-06-06"),
                ),
                builder="Own statements in public posts stay.",
                people="What one said in public about one's health or belief is trained on.",
            ),
        ),
        "GDPR Art. 9(2)(e)", sensitive=True,
    ),
)  # fmt: skip
