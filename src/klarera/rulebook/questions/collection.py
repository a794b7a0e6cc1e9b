"""Collection: how hard to search, older posts, members' areas, opposing sources, the platform's duty."""

from __future__ import annotations

from klarera.law.rule import Confidence, Question
from klarera.model import Rank
from klarera.rulebook._acts import (
    CJEU_C136_17,
    CJEU_C252_21,
    CJEU_C492_23,
    CNIL_2025,
    DPC_2025,
    DSA,
    EDPB_03_2026,
    EDPB_28_2024,
    GARANTE_GEDI,
    GDPR,
    HMBBFDI_2025,
    KOELN,
    META_PRACTICE,
    NOYB_2025,
)  # fmt: skip
from klarera.rulebook.questions._write import FIRST_PARTY, SCRAPED, party, position, source, text

__all__ = ["QUESTIONS"]

_O, _S = Confidence.TRANSCRIPTION, Confidence.SECONDARY

QUESTIONS: tuple[Question, ...] = (
    Question(
        "search",
        "Which search for what the law protects is enough?",
        (
            position(
                "every-record", "Each record is searched for each kind, or it is not used.",
                (source("Garante, GEDI", Rank.OTHER_AUTHORITY, GARANTE_GEDI("Arts 6, 9, 10"), _S,
                        "2024-11-27"),),
                builder="Languages without detectors are held.",
                people="No text is used that nobody looked at.",
            ),
            position(
                "reasonable", "What one's responsibilities, powers and capabilities allow, and its limits "
                "are said.",
                (
                    source("GC and Others (search engines, by analogy)", Rank.CJEU,
                           CJEU_C136_17("operative part 1"), _O, "2019-09-24"),
                    source("Russmedia: as far as possible", Rank.CJEU, CJEU_C492_23("paras 122-126"),
                           Confidence.OFFICIAL, "2025-12-02"),
                    text("State of the art and cost count", GDPR("Art. 25(1)"), "2018-05-25",
                         Confidence.TRANSCRIPTION),
                ),
                builder="What was not looked for is listed first, as a condition.",
                people="Languages with few speakers are searched less well; the report says so.",
            ),
        ),
        "GDPR Arts 9, 24, 25", sensitive=True,
    ),
    Question(
        "older_posts",
        "May posts be used that are older than any notice of the use?",
        (
            position(
                "after-notice-only", "No: nobody could expect it.",
                (
                    source("HmbBfDI", Rank.OTHER_AUTHORITY, HMBBFDI_2025("posts before mid-2024"), _S,
                           "2025-05-22",
                           scope=FIRST_PARTY),
                    party("noyb", NOYB_2025("expectations"), "2024-06-06"),
                ),
                builder="Everything before the notice is lost, undated posts too.",
                people="What was written without knowing is not used.",
            ),
            position(
                "with-measures", "Expectations are one factor; notice, objection and masking can make up "
                "for it.",
                (
                    source("Factors of the balance", Rank.CJEU, CJEU_C252_21("paras 112, 116, 122-123"), _O,
                           "2023-07-04"),
                    source("EDPB on AI models", Rank.EDPB_FINAL, EDPB_28_2024("paras 91-107"), _S,
                           "2024-12-17"),
                    source("DPC on Meta", Rank.AUTHORITY, DPC_2025("measures"), Confidence.OFFICIAL,
                           "2025-05-21",
                           scope=FIRST_PARTY),
                    source("OLG Köln", Rank.INTERIM_RULING, KOELN("Rn. 74 ff"), _S, "2025-05-23",
                           scope=FIRST_PARTY),
                ),
                builder="Old posts stay if the measures are taken before the start.",
                people="One has to object in time.",
            ),
            position(
                "public-is-enough", "Yes: what is public is public.",
                (party("Providers", META_PRACTICE("public posts"), "2024-06-06"),),
                builder="No date matters.",
                people="Nothing one wrote in public is out of reach.",
            ),
        ),
        "GDPR Art. 6(1)(f), Recital 47",
    ),
    Question(
        "members_only",
        "Are posts that every registered member can see public?",
        (
            position(
                "public-only", "No: public is what anyone finds without an account.",
                (
                    source("OLG Köln", Rank.INTERIM_RULING, KOELN("Rn. 74 ff"), _S, "2025-05-23",
                           scope=FIRST_PARTY),
                    source("CNIL", Rank.OTHER_AUTHORITY, CNIL_2025("freely accessible data"), _S,
                           "2025-06-19"),
                    text("Expectations in the context", GDPR("Recital 47"), "2018-05-25"),
                ),
                builder="Groups and walled forums are lost.",
                people="What was written to members stays among them.",
            ),
            position(
                "members-count", "Yes, where anybody is admitted automatically.",
                (
                    party("Platforms, with the DSA's notion of the public", DSA("Recital 14"), "2022-11-16",
                          Confidence.ANALYSIS),
                ),
                builder="Large parts of platforms stay.",
                people="A wall that anyone passes protects nobody.",
            ),
        ),
        "GDPR Art. 6(1)(f), Recital 47",
    ),
    Question(
        "opposing_sources",
        "Do robots.txt and terms of a site bar collection under data protection law?",
        (
            position(
                "any-opposition", "Yes: any clear refusal, terms included.",
                (party("Rightholders and noyb", NOYB_2025("scraping"), "2024-06-06"),),
                builder="Every source whose terms forbid it is lost.",
                people="A site's promise to its users holds.",
            ),
            position(
                "clear-signals", "Technical refusals do: robots.txt, ai.txt, CAPTCHA.",
                (
                    source("CNIL", Rank.OTHER_AUTHORITY, CNIL_2025("scraping sheet, mandatory measures"), _S,
                           "2025-06-19",
                           scope=SCRAPED),
                    source("EDPB draft on scraping", Rank.DRAFT, EDPB_03_2026("paras 37, 45"), _O,
                           "2026-07-07",
                           scope=SCRAPED, final=False),
                ),
                builder="Signals have to be read and kept when fetching.",
                people="Where the site speaks up, its users are left out.",
            ),
            position(
                "factor-only", "No: they are one circumstance among others.",
                (party("Industry", GDPR("Art. 6(1)(f), as industry reads it"), "2018-05-25"),),
                builder="Nothing is lost.",
                people="A refusal weighs little.",
            ),
        ),
        "GDPR Art. 5(1)(c), Art. 6(1)(f)",
    ),
    Question(
        "platform_duty",
        "Must a platform hinder others from copying its users' posts?",
        (
            position(
                "hinder", "Yes, by technical measures as far as possible.",
                (
                    source("Russmedia (advertisements)", Rank.CJEU, CJEU_C492_23("paras 122-126"),
                           Confidence.OFFICIAL, "2025-12-02", scope=FIRST_PARTY),
                ),
                builder="Platforms add measures; a leak alone is no breach.",
                people="Less is copied behind one's back.",
            ),
            position(
                "terms-suffice", "No: terms that forbid it are enough.",
                (party("Platforms", META_PRACTICE("terms"), "2024-06-06"),),
                builder="Nothing to build.",
                people="Copies are made and stay.",
            ),
        ),
        "GDPR Arts 24, 32",
    ),
)  # fmt: skip
