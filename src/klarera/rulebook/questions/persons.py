"""Persons: third persons, identifiability, namesakes, chain posts, objections after training, open release."""

from __future__ import annotations

from klarera.law.rule import Confidence, Question
from klarera.model import Rank
from klarera.rulebook._acts import (
    CJEU_C413_23,
    CNIL_2025,
    EDPB_28_2024,
    GDPR,
    KOELN,
    META_PRACTICE,
    NOYB_2025,
)  # fmt: skip
from klarera.rulebook.questions._write import FIRST_PARTY, party, position, source, text

__all__ = ["QUESTIONS"]

_O, _S = Confidence.TRANSCRIPTION, Confidence.SECONDARY

QUESTIONS: tuple[Question, ...] = (
    Question(
        "third_persons",
        "May a post be used that identifies another person, who was never told?",
        (
            position(
                "leave-out", "No: that person has no relation to the use and no say.",
                (party("noyb", NOYB_2025("third persons"), "2024-06-06"),),
                builder="Every post with a name or a mention is lost.",
                people="Nobody is in a set because others wrote about them.",
            ),
            position(
                "mask", "Yes, with names, accounts and contact data taken out.",
                (
                    source("EDPB on AI models", Rank.EDPB_FINAL, EDPB_28_2024("paras 101-102"), _S,
                           "2024-12-17"),
                    source("OLG Köln", Rank.INTERIM_RULING, KOELN("Rn. 74 ff"), _S, "2025-05-23",
                           scope=FIRST_PARTY),
                    text("Pseudonymise by design", GDPR("Art. 25(1)"), "2018-05-25"),
                ),
                builder="The record stays with placeholders.",
                people="The name goes; who knows the story may still recognise it.",
            ),
            position(
                "keep-names", "Yes: names belong to public discourse; contact data and numbers are taken "
                "out.",
                (party("Providers", META_PRACTICE("names"), "2024-06-06"),),
                builder="Texts about people stay whole.",
                people="Names of private persons are trained on.",
            ),
        ),
        "GDPR Art. 5(1)(c), Art. 6(1)(f), Art. 14",
    ),
    Question(
        "identifiability",
        "Whose means count when a set is said not to be attributable to persons?",
        (
            position(
                "anyone", "Anyone's: a set is personal as long as somebody can attribute it.",
                (
                    source("EDPB draft on pseudonymisation", Rank.DRAFT,
                           GDPR("Art. 4(1) as read in draft Guidelines 01/2025, para 22"), _S, "2025-01-16",
                           final=False),
                ),
                builder="A pseudonymised set stays under the GDPR for every receiver.",
                people="Rights reach every holder.",
            ),
            position(
                "holder-relative", "The holder's, if they cannot lead it back; publication makes anyone a "
                "holder.",
                (source("EDPS v SRB", Rank.CJEU, CJEU_C413_23("paras 76-86"), _O, "2025-09-04"),),
                builder="A receiver without key and means is outside the GDPR, if that is shown.",
                people="Rights are kept against the party that holds the key.",
            ),
            position(
                "holder-only", "Only the holder's, whoever gets the set next.",
                (party("Industry", GDPR("Art. 4(1), as industry reads it"), "2018-05-25"),),
                builder="Such sets can be published.",
                people="The next holder may attribute what this one cannot.",
            ),
        ),
        "GDPR Art. 4(1)",
        not_encoded="It never lifts what a detector found in a text.",
    ),
    Question(
        "namesakes",
        "What becomes of a record in which a name stands under which somebody objected, perhaps a namesake's?",
        (
            position(
                "asked", "It waits until a named person has found out who is meant.",
                (text("Doubt about who asks is cleared, not decided against them", GDPR("Art. 12(2), (6)"),
                      "2018-05-25"),),
                builder="Records with such a name are held, and reviewed in groups.",
                people="Whoever objects by name alone is heard; nothing about them is used meanwhile.",
            ),
            position(
                "masked", "It stays with the name taken out, until it is shown that the objector is meant.",
                (party("Providers", GDPR("Art. 11, as providers read it"), "2018-05-25"),),
                builder="No record waits.",
                people="The name goes; the rest may still be about whoever objected.",
            ),
        ),
        "GDPR Art. 21(1), Art. 12(2), (6), Art. 11",
    ),
    Question(
        "chain_objection",
        "Is a circulated chain post that objects an objection (Art. 21)?",
        (
            position(
                "counts", "Yes: an objection needs no form, and who posts it means it.",
                (text("No form is asked for", GDPR("Art. 21(1), (5)"), "2018-05-25"),),
                builder="All posts of whoever shared such a text are lost.",
                people="A clear will is heard, however clumsy its form.",
            ),
            position(
                "own-words", "No: it is addressed to nobody and copied; the form is the way.",
                (party("Platforms", META_PRACTICE("chain posts"), "2024-09-01", Confidence.SECONDARY),),
                builder="Authors stay unless they object otherwise.",
                people="Who believed the chain post is trained on.",
            ),
        ),
        "GDPR Art. 21", sensitive=True,
    ),
    Question(
        "objection_after_training",
        "What follows from an objection that comes after the training?",
        (
            position(
                "retrain", "The model is retrained or made to forget.",
                (party("noyb", NOYB_2025("letter of 14 May 2025"), "2025-05-14"),),
                builder="Every objection can cost a training run.",
                people="The right is worth the same before and after.",
            ),
            position(
                "proportionate", "Retraining where proportionate, else filters, and the person is told.",
                (source("CNIL", Rank.OTHER_AUTHORITY, CNIL_2025("rights sheet"), _S, "2025-07-22"),),
                builder="A plan is needed before the start.",
                people="The output stops; the model may keep it.",
            ),
            position(
                "next-version", "The next version leaves the data out.",
                (party("Meta", META_PRACTICE("objections after start"), "2025-04-14"),),
                builder="Nothing to do for this version.",
                people="What was trained stays.",
            ),
        ),
        "GDPR Arts 17, 21",
        not_encoded="It decides no record of a set not yet trained on: it opens a condition.",
    ),
    Question(
        "open_release",
        "Are those who download a published set recipients who must be told of erasures?",
        (
            position(
                "list-and-revoke", "Yes: who publishes keeps a list or a feed.",
                (text("Tell each recipient", GDPR("Art. 17(2), Art. 19"), "2018-05-25",
                      Confidence.TRANSCRIPTION),),
                builder="Registration or a removal feed for downloads.",
                people="An erasure travels.",
            ),
            position(
                "public-good", "No: to tell the public is disproportionate, and openness helps scrutiny.",
                (party("Open publishers", GDPR("Art. 19, as open publishers read it"), "2018-05-25"),),
                builder="Publish and forget.",
                people="Copies stay where they are.",
            ),
        ),
        "GDPR Art. 19",
    ),
)  # fmt: skip
