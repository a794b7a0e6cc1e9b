"""The birth-date loop: the date beside each cue, in digits or with the name of the month."""

# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1
from klarera.kernels.checksums import is_date
from klarera.kernels.numbers import broken, is_digit, is_letter, is_word_at
from klarera.kernels.placeholders import at_placeholder

__all__ = ["CUE", "HASH_PRIME", "SELF", "Months", "find_birth_dates"]

CUE, SELF = 1, 2
"""Tags of a hit, bits: announces a date of birth; says that it is the writer's."""
AHEAD, BEHIND = 40, 12
"""Bytes from a cue to the date that follows, or from the date that went before to the cue, at most."""
CLAUSE = 60
"""Bytes before the cue in which a word can make the date the writer's."""
HASH_PRIME = 2_147_483_647
NUMBER, MONTH = 1, 2


class Months(NamedTuple):
    """Month names: hash int64[n] in order, number int64[n], blob uint8, at int64[n + 1]."""

    hash: npt.NDArray[np.int64]
    number: npt.NDArray[np.int64]
    blob: npt.NDArray[np.uint8]
    at: npt.NDArray[np.int64]


MONTHS = types.NamedTuple((rw(i8), rw(i8), rw(u1), rw(i8)), Months)  # type: ignore[no-untyped-call]


@device
def month_of(buf: Any, start: int, end: int, months: Any) -> int:
    """The month that buf[start:end] names, or 0."""
    h = 0
    for i in range(start, end):
        h = (h * 257 + int(buf[i])) % HASH_PRIME
    k = np.searchsorted(months.hash, h)
    while k < len(months.hash) and months.hash[k] == h:
        at, length = months.at[k], months.at[k + 1] - months.at[k]
        same = length == end - start
        for i in range(length if same else 0):
            same = same and months.blob[at + i] == buf[start + i]
        if same:
            return months.number[k]
        k += 1
    return 0


@device
def word_end(buf: Any, i: int, hi: int) -> int:
    """End of the letters that begin at i."""
    while i < hi and (is_letter(buf[i]) or buf[i] >= 0xC3 or buf[i] & 0xC0 == 0x80):
        i += 1
    return i


@device
def parts(buf: Any, at: int, hi: int, months: Any, kind: Any, val: Any, first: Any, last: Any) -> int:
    """Up to three numbers and month names from `at` on; returns how many. Between them stand at most four
    signs, and words of up to three bytes (de, of, th, m) that name no month."""
    n = 0
    i = at
    gap = fillers = 0
    while i < hi and n < 3 and gap <= 4 and fillers <= 2:
        c = buf[i]
        if is_digit(c):
            j, v = i, 0
            while j < hi and is_digit(buf[j]) and j - i < 5:
                v = v * 10 + int(buf[j]) - 48
                j += 1
            if j - i > 4:
                return n
            kind[n], val[n], first[n], last[n] = NUMBER, v, i, j
            n += 1
            gap = fillers = 0
            i = j
        elif is_letter(c) or c >= 0xC3:
            j = word_end(buf, i, hi)
            month = month_of(buf, i, j, months)
            if month:
                kind[n], val[n], first[n], last[n] = MONTH, month, i, j
                n += 1
                gap = fillers = 0
            elif n == 0 or j - i > 3:
                return n
            else:
                fillers += 1
            i = j
        else:
            if n == 0 or c == 10 or c == 59 or c == 58:
                return n
            gap += 1
            i += 1
    return n


@device
def joined_alike(buf: Any, first: Any, last: Any) -> bool:
    """Three numbers are parted by the same one of . / - with at most one space behind."""
    sign = buf[last[0]]
    if sign not in (45, 46, 47) or buf[last[1]] != sign:
        return False
    for g in range(2):
        rest = first[g + 1] - last[g]
        if rest > 2 or (rest == 2 and buf[last[g] + 1] != 32):
            return False
    return True


@device
def set_date(date: Any, year: int, month: int, day: int, digits: int) -> bool:
    """Keep year, month, day and the digits of the year if this can be someone's birthday."""
    if digits == 2:
        real = is_date(1900 + year, month, day) or is_date(2000 + year, month, day)
    else:
        real = digits == 4 and 1850 <= year <= 2100 and is_date(year, month, day)
    if real:
        date[0], date[1], date[2], date[3] = year, month, day, digits
    return real


@device
def date_at(buf: Any, at: int, hi: int, months: Any, work: Any, date: Any) -> int:
    """End of the date that begins at `at`, or -1; year, month, day, digits of the year in `date`."""
    kind, val, first, last = work[0], work[1], work[2], work[3]
    if parts(buf, at, hi, months, kind, val, first, last) < 3:
        return -1
    if is_word_at(buf, last[2], at, hi) and kind[2] == NUMBER and last[2] - first[2] == 4:
        return -1
    a, b, c = last[0] - first[0], last[1] - first[1], last[2] - first[2]
    x, y, z = val[0], val[1], val[2]
    good = False
    if kind[0] == NUMBER and kind[1] == NUMBER and kind[2] == NUMBER:
        if joined_alike(buf, first, last):
            if a == 4 and b <= 2 and c <= 2:
                good = set_date(date, x, y, z, 4)
            elif a <= 2 and b <= 2:
                good = set_date(date, z, y, x, c) or set_date(date, z, x, y, c)
    elif kind[0] == NUMBER and kind[1] == MONTH and kind[2] == NUMBER:
        good = set_date(date, x, y, z, 4) if a == 4 and c <= 2 else a <= 2 and set_date(date, z, y, x, c)
    elif kind[0] == MONTH and kind[1] == NUMBER and kind[2] == NUMBER:
        good = b <= 2 and set_date(date, z, x, y, c)
    return last[2] if good else -1


@device
def date_after(buf: Any, start: int, hi: int, months: Any, work: Any, date: Any, span: Any) -> bool:
    """The first date that begins at most AHEAD bytes behind a cue, in its sentence."""
    for p in range(start, min(hi, start + AHEAD)):
        if is_word_at(buf, p - 1, start, hi) or broken(buf, start, p):
            continue
        if is_digit(buf[p]) or is_letter(buf[p]) or buf[p] >= 0xC3:
            end = date_at(buf, p, hi, months, work, date)
            if end > 0:
                span[0], span[1] = p, end
                return True
    return False


@device
def spent(buf: Any, start: int, hi: int) -> bool:
    """The cue's own date is a placeholder by now, so that a date before the cue is not its."""
    for p in range(start, min(hi, start + AHEAD)):
        if buf[p] == 91 and at_placeholder(buf, p, hi):
            return bool(buf[p + 1] == 66 and buf[p + 2] == 73 and buf[p + 3] == 82)  # BIR
    return False


@device
def date_before(buf: Any, stop: int, lo: int, months: Any, work: Any, date: Any, span: Any) -> bool:
    """A date that ends at most BEHIND bytes before a cue, in its sentence."""
    for p in range(max(lo, stop - AHEAD), stop):
        if is_word_at(buf, p - 1, lo, stop):
            continue
        if is_digit(buf[p]) or is_letter(buf[p]) or buf[p] >= 0xC3:
            end = date_at(buf, p, stop, months, work, date)
            if end > 0 and stop - end <= BEHIND and not broken(buf, end, stop):
                span[0], span[1] = p, end
                return True
    return False


@device
def writers_own(buf: Any, h: int, span: Any, lo: int, cue_start: Any, cue_end: Any, cue_tag: Any) -> bool:
    """Some hit in the clause of hit h and the date says that the writer speaks of themselves."""
    left = min(span[0], cue_start[h])
    right = max(span[1], cue_end[h])
    i = h
    while i >= 0 and cue_start[i] >= lo and cue_start[i] + CLAUSE >= left:
        if cue_tag[i] & SELF and (cue_end[i] > left or not clause_ends(buf, cue_end[i], left)):
            return True
        i -= 1
    i = h + 1
    while i < len(cue_start) and cue_end[i] <= right:
        if cue_tag[i] & SELF:
            return True
        i += 1
    return False


@device
def clause_ends(buf: Any, start: int, end: int) -> bool:
    """A sign that parts clauses stands in buf[start:end]."""
    for i in range(start, end):
        if buf[i] in (33, 44, 58, 59, 63, 10) or (buf[i] == 46 and i + 1 < end and buf[i + 1] == 32):
            return True
    return False


@kernel(
    i8,
    ro(u1),
    ro(i8),
    ro(i4),
    ro(i8),
    ro(i8),
    ro(i8),
    MONTHS,
    rw(i4),
    rw(i8),
    rw(i8),
    rw(u1),
    rw(i8, 2),
    scratch=((i8, (4, 3)), (i8, 4), (i8, 2)),
)
def find_birth_dates(
    buf: Any, off: Any, cue_row: Any, cue_start: Any, cue_end: Any, cue_tag: Any, months: Any, out_row: Any,
    out_start: Any, out_end: Any, out_own: Any, out_date: Any,
    work: Any, date: Any, span: Any,
) -> int:  # fmt: skip
    """Dates of birth beside the cues (ordered by start); returns how many. A date is given once."""
    k = 0
    for h in range(len(cue_row)):
        if not cue_tag[h] & CUE:
            continue
        lo, hi = off[cue_row[h]], off[cue_row[h] + 1]
        if not (
            date_after(buf, cue_end[h], hi, months, work, date, span)
            or (not spent(buf, cue_end[h], hi) and date_before(buf, cue_start[h], lo, months, work, date, span))
        ):
            continue
        own = writers_own(buf, h, span, lo, cue_start, cue_end, cue_tag)
        seen = -1
        for g in range(max(0, k - 8), k):
            if out_start[g] < span[1] and span[0] < out_end[g]:
                seen = g
        if seen >= 0:
            out_own[seen] |= own
            continue
        out_row[k], out_start[k], out_end[k], out_own[k] = cue_row[h], span[0], span[1], own
        for i in range(4):
            out_date[k, i] = date[i]
        k += 1
    return k
