"""The path of the 2025 Meta file: fifteen measures, each a rule that says when it is met.

What they are worth: two texts accepted training on own public posts after such measures. One is a statement
of an authority that made no finding (DPC, 21 May 2025); the other an interim ruling after a summary review,
final only in that track and limited to first-party data (OLG Köln, 23 May 2025). Neither binds anyone else,
and a project that is no platform cannot copy P3, P4 and P7 in full. Meeting them decides no record; what a
measure asks of records stands in the articles, what it asks of the project in `conditions`.

    origin   statement = asked for by the DPC     ruling = relied on by OLG Köln
             practice  = what Meta did            guidance = CNIL, EDPB
"""

from __future__ import annotations

from datetime import date

from klarera.law.expression import Conclusion, Expression, Not
from klarera.law.rule import Citation, Confidence, Level, Rule
from klarera.rulebook._acts import CNIL_2025, DPC_2025, EDPB_28_2024, KOELN, META_PRACTICE
from klarera.rulebook.facts import (
    ages_checked,
    compatibility_test,
    criteria_set,
    distrusted_sites_left_out,
    dpia_done,
    identifiers_looked_for,
    joins_services,
    lia_done,
    names_looked_for,
    notice_given,
    notice_weeks,
    objection_route,
    objection_route_nonusers,
    obtained,
    order_mixed,
    output_filter,
    period_set,
    private_switch,
    register_given,
    removal_on_request,
    review_report,
    robots_refused,
    special_looked_for,
    transparency_page,
    visibility,
)  # fmt: skip

__all__ = ["RULES"]

_FROM: tuple[date, date | None] = (date(2025, 5, 21), None)


def _measure(
    number: int, when: Expression, cite: Citation, says: str,
    level: Level = Level.STATEMENT, confidence: Confidence = Confidence.OFFICIAL, not_encoded: str = "",
) -> Rule:  # fmt: skip
    return Rule(
        f"meta-2025.p{number}", f"meta_2025_p{number}", when, cite, says, _FROM, level, confidence,
        not_encoded=not_encoded,
    )  # fmt: skip


_ANALYSIS = Confidence.ANALYSIS

RULES: tuple[Rule, ...] = (
    _measure(
        1, obtained.one_of("first-party-platform") & visibility.one_of("public"),
        KOELN("Rn. 74 ff"), "Only the own platform's public content, no private messages. Origin: ruling, "
              "statement.",
        Level.INTERIM, Confidence.SECONDARY,
    ),
    _measure(
        2, ages_checked, DPC_2025("measures"),
        "Accounts of adults only; content about minors left out where it can be seen. Origin: statement, "
        "practice.",
        confidence=Confidence.SECONDARY,
        not_encoded="The record's side: gdpr.6-1-f.child and gdpr.6-1-f.minor-other.",
    ),
    _measure(
        3, notice_given & (notice_weeks >= 6), DPC_2025("measures"),
        "Each user is told in the app or by mail; 43 days lay between notice and start. The DPC asked for "
        "more "
        "time and published no number: six weeks is what happened, not what is owed. Origin: statement, "
        "ruling.",
    ),
    _measure(
        4, objection_route, DPC_2025("measures"),
        "An objection form that is easy and asks no reasons, all accepted. It counts because it goes beyond "
        "Art. 21. Origin: statement; that all were accepted is practice.",
    ),
    _measure(
        5, objection_route_nonusers, META_PRACTICE("second form"),
        "A second form for people without an account. Origin: practice, one source.",
        confidence=Confidence.SINGLE,
    ),
    _measure(
        6, objection_route & register_given, META_PRACTICE("effect of objections"),
        "An objection before the start takes out all posts; a later one takes them out of the next "
        "training run. "
        "Origin: practice.", confidence=Confidence.SECONDARY,
    ),
    _measure(
        7, private_switch, DPC_2025("measures"),
        "Published posts can be switched to private before the start. Origin: statement.",
    ),
    _measure(
        8, identifiers_looked_for & names_looked_for & order_mixed, KOELN("Rn. 74 ff"),
        "No account names, mail, telephone or addresses in the set; no order by person. Origin: ruling, "
        "statement.",
        Level.INTERIM, Confidence.SECONDARY,
    ),
    _measure(
        9, Not(joins_services), KOELN("Rn. 41-48"),
        "The same person's data of two services are not joined. Origin: ruling.",
        Level.INTERIM, Confidence.SECONDARY,
    ),
    _measure(
        10, special_looked_for & removal_on_request, CNIL_2025("scraping sheet"),
        "Special categories are filtered, and removed on request. Origin: guidance, ruling.",
        Level.GUIDELINE, Confidence.SECONDARY,
    ),
    _measure(
        11, output_filter, DPC_2025("measures"),
        "Output is filtered against personal data, and what the model gives back is tested. Origin: "
        "statement, "
        "guidance.",
    ),
    _measure(
        12, lia_done & dpia_done & compatibility_test, DPC_2025("measures"),
        "Assessment of the interest, impact assessment and compatibility test, dated before the start. "
        "Origin: statement.",
    ),
    _measure(
        13, transparency_page & period_set, DPC_2025("measures"),
        "A public page names sources and period. Origin: statement; the content is that of Arts. 13-14.",
    ),
    _measure(
        14, review_report, DPC_2025("follow-up report"),
        "A review about five months after the start. Origin: statement.",
    ),
    _measure(
        15,
        Not(obtained.one_of("third-party-scrape", "purchased-set"))
        | (criteria_set & distrusted_sites_left_out & Not(robots_refused)),
        CNIL_2025("scraping sheet"),
        "Who scrapes adds: criteria laid down before, sensitive sites left out, refusing sites left out. "
        "Origin: guidance.",
        Level.GUIDELINE, Confidence.SECONDARY,
    ),
    Rule(
        "meta-2025.all", "meta_2025_path",
        Conclusion("meta_2025_p1") & Conclusion("meta_2025_p2") & Conclusion("meta_2025_p3")
        & Conclusion("meta_2025_p4") & Conclusion("meta_2025_p5") & Conclusion("meta_2025_p6")
        & Conclusion("meta_2025_p7") & Conclusion("meta_2025_p8") & Conclusion("meta_2025_p9")
        & Conclusion("meta_2025_p10") & Conclusion("meta_2025_p11") & Conclusion("meta_2025_p12")
        & Conclusion("meta_2025_p13") & Conclusion("meta_2025_p14") & Conclusion("meta_2025_p15"),
        EDPB_28_2024("paras 96-107"),
        "All fifteen. Measures the law asks for anyway do not count as mitigation, and nobody promised "
        "that all are enough.",
        _FROM, Level.OURS, _ANALYSIS,
    ),
)  # fmt: skip
