"""The words that decide records: each ground with what follows and its code, which is stable for ever.

A ground to drop is true, false or unknown. The decision step reads them in three steps:

    an unknown fact of a source, the project or the run     takes its best case in the ground, if it is among
                                                            rulebook.assumable(book); its condition opens
    a record or author fact nobody looked for (NOT_LOOKED)  the same, unless NOT_LOOKED_HOLDS
    any other unknown record or author fact                 holds the record

A fact that lifts a prohibition is never assumed: what is not shown lifts nothing (`_burden`).
"""

from __future__ import annotations

from klarera.law.expression import Adopted, Expression
from klarera.law.rule import Ground
from klarera.model import Decision

__all__ = ["GROUNDS", "NOT_LOOKED_HOLDS"]

NOT_LOOKED_HOLDS: Expression = Adopted("search", "every-record")
"""Whether a record in which nobody looked is held; under milder positions that is a condition of the run."""


def _drop(conclusion: str, code: str, says: str) -> Ground:
    return Ground(conclusion, Decision.DROP, code, says)


def _redact(conclusion: str, says: str) -> Ground:
    return Ground(conclusion, Decision.REDACT, conclusion.replace("_", "-"), says)


GROUNDS: tuple[Ground, ...] = (
    _drop("erasure", "erased", "The author asked for erasure."),
    _drop("objection", "objection", "The author objected to this use."),
    _drop("chain_objection", "objection-chain", "The author posted a chain post that objects to this use."),
    _drop(
        "third_objection",
        "objection-third",
        "The record concerns another person who objected, or an objection names it.",
    ),
    _drop("restriction", "restricted", "The record may only be stored until the author's request is decided."),
    _drop("minor_author", "minor-author", "The author is below 18."),
    _drop("age_unverified", "age-unverified", "Nothing shows that the author is 18 or older."),
    _drop("minor_other_found", "minor-other", "The record is about an identifiable minor."),
    _drop("art9_other_found", "art9-other", "The record states a special category about another person."),
    _drop(
        "art9_author_found",
        "art9-author",
        "The author states an own special category; no exception is shown.",
    ),
    _drop("art9_implied_found", "art9-implied", "The record lets a special category of a person be inferred."),
    _drop("art10_found", "art10", "The record states an offence or conviction."),
    _drop("not_public", "not-public", "The record was not open to the public."),
    _drop("third_person_found", "third-person", "The record identifies a person other than its author."),
    _drop("no_legal_basis", "no-basis", "The use has no basis in GDPR Art. 6(1)."),
    _drop("no_expectation", "before-notice", "The record is older than the notice of this use."),
    _drop("source_opposed", "source-opposed", "The source objects to being collected."),
    _drop("no_copyright_ground", "no-copyright-ground", "Neither licence nor exception permits the copying."),
    _drop("dma_combination", "dma-5-2", "A gatekeeper combines data of two services without consent."),
    _drop("dsa40_only", "dsa40", "Researcher access was given for another use only."),
    _redact("redact_contact", "Contact data are taken out."),
    _redact("redact_name", "Names of persons are taken out."),
    _redact("redact_handle", "Account names and profile addresses are taken out."),
    _redact("redact_financial", "Account, card and wallet numbers are taken out."),
    _redact("redact_official_id", "Official numbers, plates and dates of birth are taken out."),
    _redact("redact_device", "Network and device addresses are taken out."),
    _redact("redact_location", "Postal addresses and exact places are taken out."),
    _redact("redact_secret", "Passwords, keys and tokens are taken out."),
    _redact("redact_art9_sentence", "Sentences from which a special category follows are taken out."),
    _redact("redact_minor_sentence", "Sentences about a minor are taken out."),
)
"""In the order in which the first reason of a record is named: persons' wishes, minors, then the rest."""
