"""Minors: must every author's age be shown, and what of minors in posts of others?"""

from __future__ import annotations

from klarera.law.rule import Confidence, Question
from klarera.model import Rank
from klarera.rulebook._acts import (
    CJEU_C252_21,
    DPC_2025,
    DSA,
    EDPB_05_2020,
    EDPB_1_2025,
    EDPB_28_2024,
    GDPR,
    KOELN,
    META_PRACTICE,
    SCHLESWIG,
)  # fmt: skip
from klarera.rulebook.questions._write import FIRST_PARTY, party, position, source, text

__all__ = ["QUESTIONS"]

QUESTIONS: tuple[Question, ...] = (
    Question(
        "author_age",
        "Must the age of every author be verified before posts are used on a legitimate interest?",
        (
            position(
                "every-author", "Yes: a post is used only if its author is shown to be 18 or older.",
                (
                    party("Parties' reading of the Schleswig hearing", SCHLESWIG("hearing"), "2025-08-12",
                          Confidence.SINGLE),
                ),
                builder="Nearly everything without ages is lost.",
                people="No minor's post is used, and platforms are pressed to verify everyone's age.",
            ),
            position(
                "whole-source",
                "No: age assurance is proportionate to the risk and made for the source; signs of minority "
                "count.",
                (
                    source("EDPB on age assurance", Rank.EDPB_FINAL, EDPB_1_2025("principles 2-4"),
                           Confidence.SECONDARY, "2025-02-11"),
                    source("EDPB on consent of children", Rank.EDPB_FINAL, EDPB_05_2020("paras 132-137"),
                           Confidence.TRANSCRIPTION, "2020-05-04"),
                    source("DPC on Meta", Rank.AUTHORITY, DPC_2025("measures"), Confidence.SECONDARY,
                           "2025-05-21", scope=FIRST_PARTY),
                    source("OLG Köln", Rank.INTERIM_RULING, KOELN("Rn. 74 ff"), Confidence.SECONDARY,
                           "2025-05-23", scope=FIRST_PARTY),
                ),
                builder="A statement on each source is needed before release.",
                people="Minors who gave a false age, and no sign of it in any post, are not spared.",
            ),
            position(
                "signs-only", "No: who has no relation to the authors acts on the signs of minority they "
                "see.",
                (
                    text("No duty to collect more data to know who or how old",
                         DSA("Art. 28(3); GDPR Art. 11(1)"),
                         "2024-02-17"),
                ),
                builder="Nothing is asked of sources.",
                people="Only minors who say so are spared.",
            ),
        ),
        "GDPR Art. 6(1)(f), Art. 8", sensitive=True,
    ),
    Question(
        "minor_other",
        "May a post be used that is about another person who is a minor?",
        (
            position(
                "leave-out", "No: the child's interest overrides, and the child has not written it.",
                (
                    source("CJEU on children", Rank.CJEU, CJEU_C252_21("para 111"), Confidence.TRANSCRIPTION,
                           "2023-07-04"),
                    text("Interests of a child in particular", GDPR("Art. 6(1)(f), Recital 38"),
                         "2018-05-25"),
                ),
                builder="Posts of parents and teachers about children are lost.",
                people="Nothing about an identifiable child is used.",
            ),
            position(
                "take-out-sentence", "Yes, without what is said about the minor.",
                (
                    source("EDPB: leave out categories of data", Rank.EDPB_FINAL,
                           EDPB_28_2024("paras 104-105"),
                           Confidence.SECONDARY, "2024-12-17"),
                    source("DPC on Meta", Rank.AUTHORITY, DPC_2025("filtering"), Confidence.SECONDARY,
                           "2025-05-21", scope=FIRST_PARTY),
                ),
                builder="The record stays, shortened.",
                people="What was said of the child goes; that it was collected does not.",
            ),
            position(
                "best-effort", "Yes: detection as far as it goes is enough, and mentions stay.",
                (party("Practice of providers", META_PRACTICE("minors"), "2024-06-06"),),
                builder="Nothing is lost.",
                people="Children are in the set because adults wrote about them.",
            ),
        ),
        "GDPR Art. 6(1)(f), Recital 38", sensitive=True,
    ),
)  # fmt: skip
