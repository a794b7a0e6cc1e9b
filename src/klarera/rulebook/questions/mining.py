"""Text and data mining: which reservations count, what access is, what mining covers."""

from __future__ import annotations

from klarera.law.rule import Confidence, Question
from klarera.model import Rank
from klarera.rulebook._acts import (
    AI_ACT,
    AIPREF,
    AMSTERDAM_HOWARDS,
    APERTUS,
    DSM,
    EUIPO_2025,
    GPAI_CODE,
    LG_HAMBURG,
    MUENCHEN_GEMA,
    OLG_HAMBURG,
    RFC_9309,
    RIGHTSHOLDERS,
)  # fmt: skip
from klarera.rulebook.facts import copied_in_germany
from klarera.rulebook.questions._write import party, position, source, text

__all__ = ["QUESTIONS"]

_O, _S, _A = Confidence.OFFICIAL, Confidence.SECONDARY, Confidence.ANALYSIS
_CODE = source(
    "GPAI Code of Practice", Rank.AUTHORITY, GPAI_CODE("Measure 1.3"), _O, "2025-08-01"
)  # fmt: skip
_OLG = source(
    "OLG Hamburg (not final)", Rank.INTERIM_RULING, OLG_HAMBURG("press release"), _O, "2025-12-10",
    scope=copied_in_germany, final=False,
)  # fmt: skip
_LG = source(
    "LG Hamburg (not final)", Rank.INTERIM_RULING, LG_HAMBURG("obiter"), _O, "2024-09-27",
    scope=copied_in_germany, final=False,
)  # fmt: skip
_AMSTERDAM = source("Rb. Amsterdam", Rank.INTERIM_RULING, AMSTERDAM_HOWARDS("4.32-4.33"), _O, "2024-10-30", final=False)
_AUTHORS = party("Authors' associations", RIGHTSHOLDERS("2024-2026"), "2024-01-01")
_INDUSTRY = party("Industry", DSM("Art. 4, as industry reads it"), "2021-06-07")

QUESTIONS: tuple[Question, ...] = (
    Question(
        "mining_covers_training",
        "Does the exception for text and data mining cover the training of generative models?",
        (
            position(
                "not-training", "No: the makers of the law did not think of it.",
                (_AUTHORS,),
                builder="Only licensed or free texts remain.",
                people="Authors are asked and paid.",
            ),
            position(
                "preparation", "It covers the copies that prepare training, not works kept in the model.",
                (
                    source("AI Act presupposes it", Rank.AUTHORITY, AI_ACT("Art. 53(1)(c), Recital 105"), _O,
                           "2024-07-12"),
                    source("LG München I (not final)", Rank.INTERIM_RULING, MUENCHEN_GEMA("42 O 14139/24"),
                           _S,
                           "2025-11-11", final=False),
                    text("Any automated analysis, any purpose", DSM("Art. 2(2), Art. 4(1)"), "2021-06-07",
                         _O),
                ),
                builder="Sets can be built; what a model gives back has to be tested.",
                people="Authors keep what can be recognised in the output.",
            ),
            position(
                "whole-pipeline", "It covers everything up to the model.",
                (_INDUSTRY,),
                builder="No test of memorised works.",
                people="Works live on in models.",
            ),
        ),
        "Directive (EU) 2019/790 Art. 4(1)",
    ),
    Question(
        "reservation_in_words",
        "Does a reservation in prose (terms, imprint) count for content online?",
        (
            position(
                "words-count", "Yes: Recital 18 names terms and conditions.",
                (text("Recital 18", DSM("Recital 18"), "2021-06-07", _O), _LG),
                builder="Terms of each source have to be read.",
                people="Authors can reserve in plain words.",
            ),
            position(
                "machine-form", "No: only what a machine can capture and act on.",
                (_OLG, _INDUSTRY),
                builder="Only signals are read.",
                people="Authors without technical means cannot reserve.",
            ),
        ),
        "Directive (EU) 2019/790 Art. 4(3)",
    ),
    Question(
        "named_bots",
        "Does a robots.txt that shuts out some AI crawlers by name reserve against all?",
        (
            position(
                "against-everyone", "Yes: it shows the will.",
                (party("Apertus", APERTUS("filtering"), "2025-09-01"), _AUTHORS),
                builder="A site that blocks one AI crawler is left out.",
                people="A site need not list every crawler.",
            ),
            position(
                "own-token", "No: the own token or * decides.",
                (_CODE, _AMSTERDAM),
                builder="Only what addresses one's own crawler counts.",
                people="A new crawler is never named in time.",
            ),
        ),
        "Directive (EU) 2019/790 Art. 4(3)",
    ),
    Question(
        "host_reservation",
        "Can a platform reserve for works of its users?",
        (
            position(
                "host-may", "Yes, as licensee or representative.",
                (
                    source("EUIPO study", Rank.OTHER_AUTHORITY, EUIPO_2025("who may reserve"), _S,
                           "2025-05-12"),
                    _LG,
                ),
                builder="Platform signals bind for all posts.",
                people="Users are protected without doing anything, by the platform's will.",
            ),
            position(
                "only-rightholder", "No: only the author.",
                (_INDUSTRY,),
                builder="Platform signals can be passed over, if it is shown that only the host spoke.",
                people="The platform cannot fence in what users want open.",
            ),
        ),
        "Directive (EU) 2019/790 Art. 4(3)",
    ),
    Question(
        "later_reservation",
        "Does a reservation made after the copy end further use of the copy?",
        (
            position(
                "stop-use", "Yes: stop, delete, leave out of the next training.",
                (_AUTHORS, party("Apertus", APERTUS("applied to older crawls"), "2025-09-01")),
                builder="Sets have to be checked again before each training.",
                people="A change of mind counts.",
            ),
            position(
                "at-copy", "No: what counts is how it stood when copied.",
                (
                    _OLG,
                    source("AIPREF: valid when fetched", Rank.DRAFT, AIPREF("vocabulary"), _O, "2026-08-19",
                           final=False),
                ),
                builder="A dated crawl stays usable.",
                people="Earlier openness cannot be undone.",
            ),
        ),
        "Directive (EU) 2019/790 Art. 4(2)-(3)",
    ),
    Question(
        "terms_and_access",
        "Do terms that forbid scraping end access to pages that are open?",
        (
            position(
                "terms-bind", "Yes: Art. 4 is not protected against contract.",
                (_AUTHORS, text("Art. 4 is missing in Art. 7(1)", DSM("Art. 7(1)"), "2021-06-07", _A)),
                builder="Terms have to be read.",
                people="What a site promised its authors holds.",
            ),
            position(
                "open-pages", "No: what anyone can open is accessible.",
                (_AMSTERDAM, _INDUSTRY),
                builder="Only logins, paywalls and barriers close a page.",
                people="Terms on an open page protect nobody.",
            ),
        ),
        "Directive (EU) 2019/790 Art. 4(1), Art. 7(1)",
    ),
    Question(
        "research_reuse",
        "May a set made under the research exception be used commercially by others?",
        (
            position(
                "own-ground", "No, not on that exception: the user needs a ground of their own.",
                (_AUTHORS, text("Who is within Art. 3", DSM("Art. 2(1), Art. 3"), "2021-06-07", _A)),
                builder="Research sets are re-checked.",
                people="No laundering through research.",
            ),
            position(
                "harmless", "Yes, without decisive influence on the research body.",
                (_OLG, _INDUSTRY),
                builder="Open research sets can be used.",
                people="Reservations are lost on the way.",
            ),
        ),
        "Directive (EU) 2019/790 Art. 3",
    ),
    Question(
        "unreadable_signals",
        "What if a signal could not be read?",
        (
            position(
                "leave-out", "Then nothing from there is used.",
                (_AUTHORS, party("RSL: no document, no licence", RIGHTSHOLDERS("RSL 1.0"), "2025-12-10")),
                builder="Outages cost sources.",
                people="Silence is never consent.",
            ),
            position(
                "by-protocol", "Then the protocol says what follows.",
                (_CODE, party("RFC 9309", RFC_9309("2.3.1"), "2022-09-01", _O)),
                builder="Errors of the server mean no, missing files mean yes.",
                people="A broken file may cost the reservation.",
            ),
        ),
        "Directive (EU) 2019/790 Art. 4(3)",
    ),
    Question(
        "other_signals",
        "Do signals outside robots.txt (noai, ai.txt, Content-Signal) reserve?",
        (
            position(
                "any-signal", "Yes: machine-readable is machine-readable.",
                (text("Machine-readable means", DSM("Art. 4(3), Recital 18"), "2021-06-07", _O), _AUTHORS),
                builder="All families are read.",
                people="The means at hand are enough.",
            ),
            position(
                "robots-only", "No: until a list is agreed, only robots.txt.",
                (_INDUSTRY,),
                builder="One file is read.",
                people="Who cannot edit robots.txt cannot reserve.",
            ),
        ),
        "Directive (EU) 2019/790 Art. 4(3)",
        not_encoded="A record's own headers count under every position; the Commission's list was not "
                    "published yet.",
    ),
    Question(
        "denied_robots",
        "What if robots.txt answers 401, 403 or 429?",
        (
            position(
                "barrier", "The site denies access; nothing from there is used.",
                (text("Access that is open", DSM("Recital 14"), "2021-06-07", _A), _AUTHORS),
                builder="Such hosts are left out.",
                people="A closed door is a closed door.",
            ),
            position(
                "unavailable", "The file is unavailable, and crawling allowed.",
                (party("RFC 9309", RFC_9309("2.3.1.3"), "2022-09-01", _O),),
                builder="Such hosts stay.",
                people="A denial is read as consent.",
            ),
        ),
        "Directive (EU) 2019/790 Recital 14",
    ),
    Question(
        "generative_only",
        "Does a reservation of generative training bar other training?",
        (
            position(
                "any-training", "Yes: who reserves one training means all.",
                (_AUTHORS,),
                builder="Classifiers lose such sources too.",
                people="The will is read widely.",
            ),
            position(
                "as-worded", "No: it says what it says.",
                (
                    source("AIPREF vocabulary", Rank.DRAFT, AIPREF("train-ai"), _O, "2026-09-14",
                           final=False),
                    _INDUSTRY,
                ),
                builder="Models that generate nothing may use them.",
                people="The words one chose decide.",
            ),
        ),
        "Directive (EU) 2019/790 Art. 4(3)",
    ),
)  # fmt: skip
