"""The final vector of a record: its local facts, joined with its author, the register, dates, judgements.

Local facts are found once and stored. What joins them can change (a new objection, a notice date, an
answer from review), so `decide` builds final vectors anew from stored facts, and never opens a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from klarera.facts import HOUSE, KINDS, SOURCE
from klarera.facts.columns import NO_DAY
from klarera.facts.house import by_kinds
from klarera.facts.rollup import AuthorFlag
from klarera.facts.signatures import distinct_rows, put, unpack
from klarera.model import Measure, State

__all__ = ["Joined", "Judgement", "final_vectors"]

U1 = npt.NDArray[np.uint8]
U8 = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Judgement:
    """An answer a named person gave: the fact, its value, and the rows of this segment it is for."""

    fact: str
    value: bool
    rows: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Joined:
    """What joins the local facts of one segment's records; arrays have one entry a record.

    flags     uint16, flags of the record's author, of all records and the register
    day       int32, published_at in days, NO_DAY if null
    notice    the day people were told, or None; one for each source number
    source    int32, source number of each record
    third     bool, an objection reaches the record otherwise than through its author: a finding about another
              person has a listed key, or the record's own address is listed
    register  whether a register snapshot was given
    named     bool, a name that is listed stands in the record; it may be a namesake's. None: nowhere
    missed    whether names entered the register after the texts were searched
    measures  measures of the house by source number; read only where `house` is None
    house     uint64[n, 3], what they say of each record, where the kinds found do not tell
    """

    flags: npt.NDArray[np.uint16]
    day: npt.NDArray[np.int32]
    notice: Sequence[date | None]
    source: npt.NDArray[np.int32]
    third: npt.NDArray[np.bool_]
    register: bool
    judgements: Sequence[Judgement] = ()
    named: npt.NDArray[np.bool_] | None = None
    missed: bool = False
    measures: Sequence[Sequence[Measure]] = ()
    house: U8 | None = None


def final_vectors(local: U8, number: npt.NDArray[np.int32], joined: Joined) -> tuple[U8, npt.NDArray[np.int32]]:
    """Final vectors of a segment: (uint64[k, SOURCE + 1], int32[n] number of each record's).

    local    uint64[s, WORDS + 1], the segment's distinct local vectors; number int32[n] says whose is which
    The last word of a final vector is the source number, so that one vector never spans two sources.
    """
    extra = joined.flags.astype(np.uint64) | (joined.third.astype(np.uint64) << np.uint64(16))
    extra |= _before_notice(joined).astype(np.uint64) << np.uint64(17)
    if joined.named is not None:
        extra |= joined.named.astype(np.uint64) << np.uint64(21)
    bundle, sets = _bundles(joined.judgements, len(number))
    extra |= bundle << np.uint64(24)
    words, which = _house(joined)
    columns = [number.astype(np.uint64), extra, joined.source.astype(np.uint64)]
    distinct, inverse = distinct_rows(np.stack(columns + ([] if which is None else [which.astype(np.uint64)]), axis=1))
    vectors = local[distinct[:, 0].astype(np.int64)].copy() if len(distinct) else local[:0].copy()
    flags = (distinct[:, 1] & np.uint64(0xFFFF)).astype(np.uint16)
    _put_age(vectors, flags)
    _put_will(vectors, flags, joined.register)
    put(vectors, "third_objected", _third(((distinct[:, 1] >> np.uint64(16)) & np.uint64(1)), joined.register))
    named = (distinct[:, 1] >> np.uint64(21)) & np.uint64(1)
    put(vectors, "third_named", _named(named, joined.register, joined.missed))
    put(
        vectors,
        "published_before_notice",
        ((distinct[:, 1] >> np.uint64(17)) & np.uint64(15)).astype(np.uint8),
    )
    _put_judged(vectors, sets[(distinct[:, 1] >> np.uint64(24)).astype(np.int64)], joined.judgements)
    if which is not None:
        house = words[distinct[:, 3].astype(np.int64)]
    elif joined.measures:
        house = by_kinds(vectors[:, KINDS], joined.measures, distinct[:, 2].astype(np.int32))
    else:
        house = np.zeros((len(vectors), SOURCE - HOUSE), np.uint64)
    full = np.concatenate([vectors, house, distinct[:, 2:3]], axis=1)
    again, merged = distinct_rows(np.ascontiguousarray(full))
    return again, merged[inverse] if len(inverse) else inverse


def _house(joined: Joined) -> tuple[U8, npt.NDArray[np.int32] | None]:
    """The distinct words of the house and the number of each record's; None where the kinds found tell them."""
    if joined.house is None:
        return np.empty((0, SOURCE - HOUSE), np.uint64), None
    return distinct_rows(np.ascontiguousarray(joined.house))


def _before_notice(joined: Joined) -> U1:
    """Whether each record was published before people were told of its source's use."""
    out = np.full(len(joined.day), State.MISSING, np.uint8)
    for number, notice in enumerate(joined.notice):
        if notice is not None:
            rows = (joined.source == number) & (joined.day != NO_DAY)
            told = (notice - date(1970, 1, 1)).days
            out[rows] = np.where(joined.day[rows] < told, State.TRUE, State.FALSE)
    return out


def _put_age(vectors: U8, flags: npt.NDArray[np.uint16]) -> None:
    minor, adult = unpack(vectors, "author_minor"), unpack(vectors, "author_adult")
    says_minor = (flags & AuthorFlag.MINOR) != 0
    says_adult = ((flags & AuthorFlag.ADULT) != 0) | (adult == State.TRUE)
    unclear = (flags & AuthorFlag.MINOR_UNCLEAR) != 0
    minor[unclear & ((minor == State.FALSE) | (minor == State.NOT_LOOKED))] = State.MISSING
    adult[says_adult & ~says_minor] = State.TRUE
    minor[says_minor & ~says_adult], adult[says_minor & ~says_adult] = State.TRUE, State.FALSE
    minor[says_minor & says_adult], adult[says_minor & says_adult] = State.CONFLICT, State.CONFLICT
    put(vectors, "author_minor", minor)
    put(vectors, "author_adult", adult)


def _put_will(vectors: U8, flags: npt.NDArray[np.uint16], register: bool) -> None:
    """Objection, erasure, consent, reserved rights: from the author's own texts and the register."""

    def has(*wanted: AuthorFlag) -> npt.NDArray[np.bool_]:
        mask = 0
        for flag in wanted:
            mask |= int(flag)
        hit: npt.NDArray[np.bool_] = (flags & np.uint16(mask)) != 0
        return hit

    objected = unpack(vectors, "objection_text").copy()
    objected[objected == State.TRUE] = State.FALSE
    objected[has(AuthorFlag.OBJECTED_UNCLEAR, AuthorFlag.REGISTER_OBJECTED_UNCLEAR)] = State.MISSING
    objected[has(AuthorFlag.OBJECTED, AuthorFlag.REGISTER_OBJECTED)] = State.TRUE
    put(vectors, "author_objected", objected)
    chain = unpack(vectors, "objection_chain").copy()
    chain[has(AuthorFlag.CHAIN_OBJECTED)] = State.TRUE
    put(vectors, "author_chain_objected", chain)
    silent = State.FALSE if register else State.NOT_LOOKED
    for name, flag, unclear in (
        ("author_erased", AuthorFlag.REGISTER_ERASED, AuthorFlag.REGISTER_ERASED_UNCLEAR),
        ("author_reserved_rights", AuthorFlag.REGISTER_RESERVED, AuthorFlag.REGISTER_RESERVED_UNCLEAR),
    ):
        states = np.where(has(unclear), State.MISSING, silent)
        put(vectors, name, np.where(has(flag), State.TRUE, states).astype(np.uint8))
    # A consent has to be shown by whoever relies on it (GDPR Art. 7(1)); the register is where it is shown.
    put(vectors, "author_consented", has(AuthorFlag.REGISTER_CONSENTED).astype(np.uint8))


def _third(hit: U8, register: bool) -> U1:
    if not register:
        return np.full(len(hit), State.NOT_LOOKED, np.uint8)
    return hit.astype(np.uint8)


def _named(hit: U8, register: bool, missed: bool) -> U1:
    """A name nobody looked for is not absent."""
    if not register:
        return np.full(len(hit), State.NOT_LOOKED, np.uint8)
    return np.where(hit != 0, State.TRUE, State.NOT_LOOKED if missed else State.FALSE).astype(np.uint8)


def _bundles(judgements: Sequence[Judgement], n: int) -> tuple[U8, npt.NDArray[np.bool_]]:
    """Which judgements concern which records: (uint64[n] number of each record's set, bool[sets, m])."""
    m = len(judgements)
    if m == 0:
        return np.zeros(n, np.uint64), np.zeros((1, 0), np.bool_)
    bits = np.packbits(np.stack([j.rows for j in judgements], axis=1), axis=1, bitorder="little")
    padded = np.zeros((n, (bits.shape[1] + 7) // 8 * 8), np.uint8)
    padded[:, : bits.shape[1]] = bits
    sets, number = distinct_rows(padded.view(np.uint64))
    table = np.unpackbits(np.ascontiguousarray(sets).view(np.uint8), axis=1, bitorder="little")
    return number.astype(np.uint64), table[:, :m].astype(np.bool_)


def _put_judged(vectors: U8, sets: npt.NDArray[np.bool_], judgements: Sequence[Judgement]) -> None:
    """Write the answers; where two concern the same fact of a record, the later one stands."""
    for i, judgement in enumerate(judgements):
        rows = sets[:, i]
        if rows.any():
            states = unpack(vectors, judgement.fact)
            states[rows] = State.TRUE if judgement.value else State.FALSE
            put(vectors, judgement.fact, states)
