"""One identifier, one finding: what happens where identifying spans overlap.

E-mail addresses and profile links win over all they hold or cut; addresses, links and handles that are only
cut stay too. Among kinds made of digits and signs a checksum goes before mere form, then IBAN, CARD,
NATIONAL_ID, IP MAC WALLET SECRET, GEO, BIRTH_DATE, PHONE, then the longer span, then the earlier. Kinds found
by cue words (PERSON, health, ...) are never removed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from klarera.find import I4, I8, U1
from klarera.kernels.spans import claim
from klarera.model import Kind, Strength

__all__ = ["Raw", "settled", "with_second"]

_TIERS: tuple[tuple[Kind, ...], ...] = (
    (Kind.EMAIL, Kind.PROFILE_URL),
    (Kind.IBAN,),
    (Kind.CARD,),
    (Kind.NATIONAL_ID,),
    (Kind.IP, Kind.MAC, Kind.WALLET, Kind.SECRET),
    (Kind.ID_DOCUMENT,),
    (Kind.GEO,),
    (Kind.BIRTH_DATE,),
    (Kind.PHONE,),
    (Kind.PLATE,),
    (Kind.HANDLE,),
)
_TIER = np.full(256, 255, np.uint8)
for _number, _kinds in enumerate(_TIERS):
    _TIER[[int(kind) for kind in _kinds]] = _number

_WRITTEN = [int(Kind.EMAIL), int(Kind.PROFILE_URL), int(Kind.HANDLE)]
"""Kinds that signs make: one of them that another only cuts ("@mira.https://...") stays, for its bytes are no
less an identifier. Digits that two kinds share are of one kind only."""


class Raw(NamedTuple):
    """Spans of all detectors of one batch, absolute, with their detector and canonical forms.

    canon, canon_off: uint8[m], int64[k + 1].
    """

    row: I4
    start: I8
    end: I8
    kind: U1
    about: U1
    stance: U1
    strength: U1
    score: U1
    detector: U1
    canon: U1
    canon_off: I8


def settled(raw: Raw) -> npt.NDArray[np.int64]:
    """Positions of the spans that stay, ordered by (row, start, end, kind, detector)."""
    rest = (raw.kind, raw.about, raw.stance, raw.detector)
    word = np.zeros(len(raw.row), np.uint32)
    for column in rest:
        word = word << np.uint32(8) | column
    # Offsets lie within one batch, far below 2^31.
    order = np.lexsort((word, raw.start << 32 | raw.end))
    order = order[_first_of_equals(raw, order)]
    tier = _TIER[raw.kind[order]]
    rivals = order[tier < 255]
    if len(rivals) < 2:
        return order
    start, end = raw.start[rivals], raw.end[rivals]
    # Rows are disjoint in the buffer, so a chain of overlaps never crosses a row.
    reach = np.maximum.accumulate(end)
    group = np.concatenate(([0], np.cumsum(start[1:] >= reach[:-1])))
    crowded = np.bincount(group)[group] > 1
    if not crowded.any():
        return order
    rivals, start, end, group = rivals[crowded], start[crowded], end[crowded], group[crowded]
    rank = _TIER[raw.kind[rivals]].astype(np.int64)
    unsure = (raw.strength[rivals] != Strength.CHECKSUM) & (rank > 0)
    best_first = np.lexsort((start, start - end, rank, unsure, group)).astype(np.int64)
    kept = np.zeros(len(rivals), np.bool_)
    claim(best_first, group.astype(np.int64), np.ascontiguousarray(start), np.ascontiguousarray(end), kept)
    beaten = ~kept & (~np.isin(raw.kind[rivals], _WRITTEN) | _held(start, end, kept))
    lost = np.zeros(len(raw.row), np.bool_)
    lost[rivals[beaten]] = True
    return order[~lost[order]]


def _held(start: I8, end: I8, kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which spans lie wholly within one that stays. Spans that stay do not overlap; one of each group does."""
    order = np.argsort(start[kept], kind="stable")
    begins, ends = start[kept][order], end[kept][order]
    at = np.searchsorted(begins, start, side="right") - 1
    return (at >= 0) & (ends[np.maximum(at, 0)] >= end)


def _first_of_equals(raw: Raw, order: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """True for the first of spans that say the same of the same bytes."""
    first = np.ones(len(order), np.bool_)
    if len(order) > 1:
        same = np.ones(len(order) - 1, np.bool_)
        for column in (raw.start, raw.end, raw.kind, raw.about, raw.stance):
            values = column[order]
            same &= values[1:] == values[:-1]
        first[1:] = ~same
    return first


def with_second(first: Raw, second: Raw) -> Raw:
    """Spans of both views. Of one that both give, the second's stays, since its canonical form is the plain
    one; otherwise one of the second stays only if none of its kind and detector in the first covers it."""
    twin_first, twin_second = _twins(first, second)
    a, b = _taken(first, ~twin_first), _taken(second, twin_second | ~_covered(first, second))
    pairs: Any = zip(a[:10], b[:10], strict=True)
    columns: list[Any] = [np.concatenate(pair) for pair in pairs]
    return Raw._make((*columns, np.concatenate((a.canon_off, a.canon_off[-1] + b.canon_off[1:]))))


def _taken(raw: Raw, mask: npt.NDArray[np.bool_]) -> Raw:
    """The spans under a mask, with their canonical forms."""
    sizes = np.diff(raw.canon_off)
    canon_off = np.concatenate(([0], np.cumsum(sizes[mask]))).astype(np.int64)
    fields: Any = raw[:9]
    columns: list[Any] = [column[mask] for column in fields]
    return Raw._make((*columns, raw.canon[np.repeat(mask, sizes)], canon_off))


def _twins(first: Raw, second: Raw) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which spans of each view stand in the other as well."""
    names = ("start", "end", "kind", "detector", "about", "stance")
    columns: list[Any] = [np.concatenate((getattr(first, n), getattr(second, n))) for n in names]
    order = np.lexsort(columns[::-1])
    twin = np.zeros(len(order), np.bool_)
    if len(order) > 1:
        same = np.ones(len(order) - 1, np.bool_)
        for column in columns:
            same &= column[order][1:] == column[order][:-1]
        from_first = order < len(first.row)
        pair = np.flatnonzero(same & (from_first[1:] != from_first[:-1]))
        twin[order[pair]] = twin[order[pair + 1]] = True
    return twin[: len(first.row)], twin[len(first.row) :]


def _covered(first: Raw, second: Raw) -> npt.NDArray[np.bool_]:
    covered = np.zeros(len(second.row), np.bool_)
    who = second.detector.astype(np.int64) << 8 | second.kind
    for one in np.unique(who):
        mine = np.flatnonzero(who == one)
        theirs = np.flatnonzero((first.detector == one >> 8) & (first.kind == one & 255))
        if not len(theirs):
            continue
        theirs = theirs[np.argsort(first.start[theirs], kind="stable")]
        reach = np.maximum.accumulate(first.end[theirs])
        at = np.searchsorted(first.start[theirs], second.start[mine], side="right") - 1
        covered[mine] = (at >= 0) & (reach[at] >= second.end[mine])
    return covered
