"""Directive (EU) 2019/790 Art. 4: text and data mining by anyone, unless it is reserved.

    a reservation was found, in whatever form the reading counts      drop, unless licence or Art. 3 is shown
    the content was not openly accessible                             drop, unless a licence is shown
    nothing is known of reservations or access                        a condition of the source, not a hold

A reservation counts as it stood when the page was copied. Any signal that reserves this use counts: the
families of signals have no order of precedence in law.
"""

from __future__ import annotations

from klarera.law.expression import Adopted, Conclusion, Expression
from klarera.law.rule import Citation, Confidence, Level, Rule
from klarera.model import Purpose
from klarera.rulebook._acts import AIPREF, DSM, MUENCHEN_GEMA, TDM_FROM
from klarera.rulebook._burden import RECORD_SPEAKS, shown, unshown
from klarera.rulebook.facts import (
    access_permitted,
    author_reserved_rights,
    commercial,
    licence_forbids,
    licence_open,
    licence_permits,
    only_non_generative,
    purpose,
    register_given,
    research_set,
    reserved,
    reserved_by_host,
    reserved_generative,
    reserved_in_words,
    reserved_later,
    reserved_machine,
    reserved_other_signal,
    robots_denied,
    robots_names_other_bots,
    signals_unreadable,
    terms_forbid,
)  # fmt: skip

__all__ = ["RULES"]

_LICENCE = "Copyright: whoever copies shows the licence"
_HOST = "Directive (EU) 2019/790 Art. 4(3): the rightholder reserves"
_ART_4_3 = DSM("Art. 4(3), Recital 18")


def _rule(
    name: str, conclusion: str, when: Expression, says: str, *, cite: Citation = _ART_4_3,
    level: Level = Level.LAW, confidence: Confidence = Confidence.OFFICIAL, unless: tuple[str, ...] = (),
) -> Rule:  # fmt: skip
    return Rule(f"dsm.{name}", conclusion, when, cite, says, TDM_FROM, level, confidence, unless=unless)


def _reserved(name: str, when: Expression, says: str, *, unless: tuple[str, ...] = ()) -> Rule:
    """A form of reservation that counts only under one reading of the directive."""
    return _rule(name, "mining_reserved", when, says, level=Level.OURS, confidence=Confidence.ANALYSIS, unless=unless)


_GROUNDS = ("licensed", "research_exception")

RULES: tuple[Rule, ...] = (
    _rule(
        "4-3.record", "mining_reserved", shown(reserved_machine, RECORD_SPEAKS),
        "A record that came with a machine-readable reservation is reserved.",
    ),
    _rule(
        "4-3.source", "mining_reserved",
        reserved & (Adopted("host_reservation", "host-may") | unshown(reserved_by_host, _HOST)),
        "A source whose machine-readable signals reserve mining is reserved.",
    ),
    _rule(
        "4-3.author", "mining_reserved",
        shown(author_reserved_rights, RECORD_SPEAKS) | (author_reserved_rights & register_given),
        "A rightholder who reserved mining of their works, by whatever way reached the register, is heard.",
        level=Level.OURS, confidence=Confidence.ANALYSIS,
    ),
    _reserved(
        "4-3.words",
        Adopted("reservation_in_words", "words-count")
        & (reserved_in_words | shown(licence_forbids, RECORD_SPEAKS)),
        "Recital 18 names terms and conditions among the means that reserve.",
        unless=("machine_form_only",),
    ),
    _reserved(
        "4-3.named-bots", Adopted("named_bots", "against-everyone") & robots_names_other_bots,
        "Who shuts out some AI crawlers by name shows the will to reserve against all.",
    ),
    _reserved(
        "4-3.other-signal", Adopted("other_signals", "any-signal") & reserved_other_signal,
        "A signal outside robots.txt is machine-readable and expresses the reservation.",
    ),
    _reserved(
        "4-3.later", Adopted("later_reservation", "stop-use") & reserved_later,
        "A reservation that came after the copy ends further use.",
    ),
    _reserved(
        "4-3.unreadable", Adopted("unreadable_signals", "leave-out") & signals_unreadable,
        "A signal that could not be read may have reserved; it is never consent.",
    ),
    _rule(
        "4-3.generative", "mining_reserved",
        reserved_generative
        & (
            Adopted("generative_only", "any-training")
            | unshown(only_non_generative,
                      "Directive (EU) 2019/790 Art. 4(3): whoever mines shows that they may")
        ),
        "A reservation of training generative models counts for these; read strictly, for all training.",
        cite=AIPREF("vocabulary"), level=Level.DRAFT, confidence=Confidence.OFFICIAL,
    ),
    _rule(
        "4-1.access", "no_access", ~access_permitted,
        "Only content to which access was open or permitted may be mined; a login, paywall or barrier ends "
        "that.",
        cite=DSM("Art. 4(1), Recital 14"),
    ),
    _rule(
        "4-1.terms", "no_access", Adopted("terms_and_access", "terms-bind") & terms_forbid,
        "Art. 7(1) does not protect Art. 4 against contract: terms that forbid access end it.",
        cite=DSM("Art. 4(1), Art. 7(1)"), level=Level.OURS, confidence=Confidence.ANALYSIS,
    ),
    _rule(
        "4-1.denied", "no_access", Adopted("denied_robots", "barrier") & robots_denied,
        "A site that denies its robots.txt denies access.",
        cite=DSM("Recital 14"), level=Level.OURS, confidence=Confidence.ANALYSIS,
    ),
    _rule(
        "4-1.licence", "licensed",
        shown(licence_open, RECORD_SPEAKS) | shown(licence_permits, _LICENCE),
        "A licence or contract for this use needs no exception.",
        cite=DSM("Recital 18"),
    ),
    _rule(
        "4-3.reserved", "no_copyright_ground", Conclusion("mining_reserved"),
        "Reserved works may not be mined under Art. 4.", unless=_GROUNDS,
    ),
    _rule(
        "4-1.no-access", "no_copyright_ground", Conclusion("no_access"),
        "Without access that is open or permitted neither Art. 3 nor Art. 4 helps.",
        cite=DSM("Art. 3(1), Art. 4(1)"), unless=("licensed",),
    ),
    _rule(
        "4-1.training", "no_copyright_ground",
        Adopted("mining_covers_training", "not-training") & purpose.one_of(Purpose.TRAIN_MODEL.value),
        "Read strictly, training a generative model is no mining at all.",
        cite=MUENCHEN_GEMA("and the wider positions of authors' associations"), level=Level.OURS,
        confidence=Confidence.ANALYSIS, unless=_GROUNDS,
    ),
    _rule(
        "3.reuse", "no_copyright_ground",
        Adopted("research_reuse", "own-ground") & research_set & commercial,
        "A set made under the research exception carries no commercial use by itself.",
        cite=DSM("Art. 2(1), Art. 3"), level=Level.OURS, confidence=Confidence.ANALYSIS, unless=("licensed",),
    ),
)  # fmt: skip
