"""GDPR Art. 21: objection.

    the author objected, in a text or the register             drop all their records
    unless compelling grounds are shown (21(1))                a named person's judgement, never assumed
    direct marketing (21(2)-(3))                               no exception
    research (21(6))                                           only a public-interest task stands against it
    another person identified in the record objected           drop
    somebody objected under a name that stands in the record   as the reading says; whose name it is, a person judges
    an objection names the record itself                       drop
    a circulated chain post                                    as the reading says

An objection is not tested for its basis: under consent it is a withdrawal (Art. 7(3)), and where it has no
effect in law (contract, legal duty) it is honoured all the same.
"""

from __future__ import annotations

from klarera.law.expression import Adopted
from klarera.law.rule import Confidence, Level, Rule
from klarera.rulebook._acts import GDPR, GDPR_FROM
from klarera.rulebook._burden import shown, unshown
from klarera.rulebook.facts import (
    author_chain_objected,
    author_objected,
    compelling_grounds,
    direct_marketing,
    objection_chain,
    objection_text,
    public_interest_task,
    register_given,
    research_purpose,
    third_meant,
    third_named,
    third_objected,
)  # fmt: skip

__all__ = ["RULES"]

_OBJECTED = author_objected | objection_text
_GROUNDS = "GDPR Art. 21(1): the controller demonstrates compelling grounds"

RULES: tuple[Rule, ...] = (
    Rule(
        "gdpr.21-1",
        "objection",
        _OBJECTED & unshown(compelling_grounds, _GROUNDS),
        GDPR("Art. 21(1)"),
        "Who objects is left out, unless the controller shows compelling grounds that override, or legal claims.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
        not_encoded="The bases under which Art. 21 does not apply: objections are honoured there too, "
        "which is stricter.",
    ),
    Rule(
        "gdpr.21-3",
        "objection",
        _OBJECTED & direct_marketing,
        GDPR("Art. 21(2)-(3)"),
        "Against direct marketing an objection has no exception.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
    ),
    Rule(
        "gdpr.21-6",
        "objection",
        _OBJECTED & shown(research_purpose, "GDPR Art. 21(6), Art. 89(1): the use is research where that is shown"),
        GDPR("Art. 21(6)"),
        "In research an objection counts unless a task in the public interest needs the data.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
        unless=("public_task",),
    ),
    Rule(
        "gdpr.21-6.task",
        "public_task",
        shown(public_interest_task, "GDPR Art. 21(6): necessity has to be shown"),
        GDPR("Art. 21(6)"),
        "The research is necessary for a task carried out in the public interest.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
    ),
    Rule(
        "gdpr.21-1.third",
        "third_objection",
        shown(third_objected) | (third_objected & register_given),
        GDPR("Art. 21(1)"),
        "The right is that of anyone whom the data concern, with an account or without.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
    ),
    Rule(
        "gdpr.21-1.named",
        "third_objection",
        third_named
        & (
            shown(third_meant, "GDPR Art. 12(6): the identity is confirmed")
            | (third_meant & register_given & Adopted("namesakes", "asked"))
        ),
        GDPR("Art. 21(1), Art. 12(2), (6)"),
        "A name may be shared. Whose it is has to be found out before the record is used; it is not assumed.",
        GDPR_FROM,
        Level.OURS,
        Confidence.ANALYSIS,
    ),
    Rule(
        "gdpr.21-1.chain",
        "chain_objection",
        (author_chain_objected | objection_chain)
        & Adopted("chain_objection", "counts")
        & unshown(compelling_grounds, _GROUNDS),
        GDPR("Art. 21(1)"),
        "An objection needs no form; whoever posts a chain text that objects says that they object.",
        GDPR_FROM,
        Level.OURS,
        Confidence.ANALYSIS,
    ),
)
