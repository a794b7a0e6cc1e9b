"""Findings → states: what the text of a record says, as answers to the law's questions.

A detector that ran within its coverage and found nothing answers *false*. Outside its coverage, or not
installed, the answer is unknown: nobody looked. A finding whose person is unclear makes the fact unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from klarera.batch import Findings
from klarera.model import ART9, IDENTIFIERS, LANGUAGES, About, Kind, Stance, State

__all__ = ["GROUPS", "Coverages", "author_states", "kinds_found", "text_states"]

U1 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

GROUPS: Mapping[str, tuple[Kind, ...]] = {
    "has_contact": (Kind.EMAIL, Kind.PHONE),
    "has_name": (Kind.PERSON,),
    "has_handle": (Kind.HANDLE, Kind.PROFILE_URL),
    "has_financial": (Kind.IBAN, Kind.CARD, Kind.WALLET),
    "has_official_id": (Kind.NATIONAL_ID, Kind.ID_DOCUMENT, Kind.PLATE, Kind.BIRTH_DATE),
    "has_device": (Kind.IP, Kind.MAC),
    "has_location": (Kind.GEO, Kind.ADDRESS),
    "has_secret": (Kind.SECRET,),
}
"""Fact → kinds of finding that make it true, whomever they are about (but not a mere topic)."""


@dataclass(frozen=True)
class Coverages:
    """What was looked for: kind → bool[len(LANGUAGES)], true where the language is covered.

    A kind that is absent, or covers nothing, was not looked for at all.
    """

    by_kind: Mapping[Kind, Mask]

    def states(self, kinds: tuple[Kind, ...], language: U1) -> U1:
        """FALSE where any of the kinds that exist was looked for in the record's language, else NOT_LOOKED.

        A group is looked for where one of its kinds was; kinds nobody looked for are conditions of the run.
        """
        covered = np.zeros(len(LANGUAGES), np.bool_)
        for kind in kinds:
            if kind in self.by_kind:
                covered |= self.by_kind[kind]
        table = np.where(covered, State.FALSE, State.NOT_LOOKED).astype(np.uint8)
        return table[language]


def text_states(found: Findings, language: U1, coverages: Coverages) -> dict[str, U1]:
    """States of the record facts that rest on findings; each uint8[n], n = len(language)."""
    about, stance, kind = found.about, found.stance, found.kind
    stated, other = stance == Stance.STATED, about == About.OTHER
    unclear, author = about == About.UNCLEAR, about == About.AUTHOR
    real = about != About.GENERAL
    out: dict[str, U1] = {}

    def of(kinds: tuple[Kind, ...]) -> Mask:
        wanted = np.zeros(256, np.bool_)
        wanted[[int(k) for k in kinds]] = True
        hit: Mask = wanted[kind]
        return hit

    def answer(kinds: tuple[Kind, ...], yes: Mask, unknown: Mask | None = None) -> U1:
        states = coverages.states(kinds, language)
        if unknown is not None:
            states[found.row[unknown]] = State.MISSING
        states[found.row[yes]] = State.TRUE
        return states

    for name, kinds in GROUPS.items():
        out[name] = answer(kinds, of(kinds) & real)
    contact = of(GROUPS["has_contact"])
    out["has_contact_other"] = answer(GROUPS["has_contact"], contact & other)
    named = (Kind.PERSON, Kind.HANDLE, Kind.PROFILE_URL)
    out["names_other"] = answer(named, of(tuple(IDENTIFIERS)) & other)

    art9, art10 = tuple(sorted(ART9)), (Kind.CRIMINAL,)
    for name, kinds in (("art9", art9), ("art10", art10)):
        hit = of(kinds)
        out[f"{name}_author"] = answer(kinds, hit & author & stated, hit & unclear & stated)
        # Whether a statement about somebody else is a quotation or a question, it still says it of them.
        out[f"{name}_other"] = answer(kinds, hit & other & (stance != Stance.NEGATED), hit & unclear & stated)
    hit = of(art9)
    out["art9_implied"] = answer(art9, hit & ((author & ~stated) | (other & (stance == Stance.NEGATED))))
    out["minor_other"] = answer((Kind.MINOR,), of((Kind.MINOR,)) & other & stated)
    objection = (Kind.OBJECTION,)
    out["objection_text"] = answer(
        objection, of(objection) & stated & (about <= About.AUTHOR), of(objection) & (stance == Stance.QUOTED)
    )
    chain = (Kind.CHAIN_OBJECTION,)
    out["objection_chain"] = answer(chain, of(chain) & (about <= About.AUTHOR))
    return out


def kinds_found(found: Findings, rows: int) -> npt.NDArray[np.uint64]:
    """Bit set of the kinds found in each record, uint64[rows]; a finding that is a mere topic does not count."""
    bits = np.zeros(rows, np.uint64)
    real = found.about != About.GENERAL
    np.bitwise_or.at(bits, found.row[real], np.uint64(1) << found.kind[real].astype(np.uint64))
    return bits


def author_states(found: Findings, language: U1, coverages: Coverages) -> dict[str, U1]:
    """States of what a record's text says about its author's age and will; each uint8[n]."""
    stated = found.stance == Stance.STATED
    out: dict[str, U1] = {}
    for name, kind in (("author_minor", Kind.MINOR), ("author_adult", Kind.ADULT)):
        hit = (found.kind == kind) & stated
        states = coverages.states((kind,), language)
        if kind is Kind.ADULT:
            # Nobody is an adult because a detector saw no age.
            states[states == State.FALSE] = State.MISSING
        else:
            states[found.row[hit & (found.about == About.UNCLEAR)]] = State.MISSING
        states[found.row[hit & (found.about == About.AUTHOR)]] = State.TRUE
        out[name] = states
    return out
