"""The loop over personal numbers: layouts of find/national_id.tsv at every place where one may begin."""

# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1, u2
from klarera.kernels.national_checks import has_check_digit, passes
from klarera.kernels.numbers import (
    REACH,
    cue_before,
    digit_groups,
    ends_free,
    is_digit,
    is_letter,
    is_word_at,
    next_groups,
    starts_free,
    value,
)

__all__ = ["CONTEXT", "CUE", "FREE", "MAX_FIRST", "SHORTEST", "WIDTH", "Layouts", "find_national_ids"]

FREE, CONTEXT, CUE = 0, 1, 2
"""What a layout needs: nothing; a cue, the record's country or its language; a cue or the country."""
WIDTH = 24
"""Bytes of the longest layout and of a canonical number, at most."""
SHORTEST = 5
"""Digits of the shortest layout."""
MAX_GROUPS = 64
MAX_FIRST = 16


class Layouts(NamedTuple):
    """The layouts as the loop reads them, ordered by their leading run of digits (0: begins with a letter).

    at        int64[18]: layouts whose leading run is r are at[r]:at[r + 1]
    follows   uint8[17, 256]: 1 where byte c (0: none) may stand behind a leading run of r in some layout
    text      uint8[n, WIDTH], length int64[n]
    scheme, need   int64[n]
    country   uint16[n], two letters packed; bit int64[n], the country's bit among cue tags
    language  int64[n], mask of language indices
    """

    at: npt.NDArray[np.int64]
    follows: npt.NDArray[np.uint8]
    text: npt.NDArray[np.uint8]
    length: npt.NDArray[np.int64]
    scheme: npt.NDArray[np.int64]
    need: npt.NDArray[np.int64]
    country: npt.NDArray[np.uint16]
    bit: npt.NDArray[np.int64]
    language: npt.NDArray[np.int64]


LAYOUTS = types.NamedTuple((rw(i8), rw(u1, 2), rw(u1, 2), rw(i8), rw(i8), rw(i8), rw(u2), rw(i8), rw(i8)), Layouts)  # type: ignore[no-untyped-call]


@device
def matched(buf: Any, at: int, hi: int, text: Any, length: int, v: Any) -> int:
    """Values of buf[at:at + length] in v if it has this layout; their number, or 0. Letters in one case."""
    if at + length > hi:
        return 0
    n = 0
    case = 0
    for i in range(length):
        c, wanted = buf[at + i], text[i]
        if wanted == 100:  # d
            if not is_digit(c):
                return 0
        elif wanted == 97 or wanted == 120:  # a, x
            if not is_letter(c):
                if wanted == 97 or not is_digit(c):
                    return 0
            elif case == 0:
                case = 1 if c <= 90 else 2
            elif case != (1 if c <= 90 else 2):
                return 0
        elif c != wanted:
            return 0
        else:
            continue
        v[n] = value(c)
        n += 1
    return n


@device
def grounded(layouts: Any, k: int, country: int, language: int, tags: int) -> bool:
    """The record, or the cues before the number (tags), give what layout k needs."""
    need = layouts.need[k]
    if need == FREE or (country and country == layouts.country[k]):
        return True
    if need == CONTEXT and language and layouts.language[k] >> language & 1:
        return True
    return tags & layouts.bit[k] != 0


@device
def at_place(
    buf: Any, lo: int, hi: int, at: int, leading: int, layouts: Any, country: int, language: int, cue_start: Any,
    cue_end: Any, cue_tag: Any, v: Any, canon: Any, found: Any,
) -> bool:  # fmt: skip
    """The longest number at byte `at`. found: its end, bytes of canon, 1 if it has a check digit."""
    found[0] = -1
    if not starts_free(buf, at, lo, hi):
        return False
    tags = cue_before(buf, at, lo, REACH, cue_start, cue_end, cue_tag)
    for k in range(layouts.at[leading], layouts.at[leading + 1]):
        end = at + layouts.length[k]
        wanted = layouts.text[k, leading]
        literal = wanted not in (0, 97, 120)
        if end <= found[0] or (literal and (at + leading >= hi or buf[at + leading] != wanted)):
            continue
        if not grounded(layouts, k, country, language, tags):
            continue
        n = matched(buf, at, hi, layouts.text[k], layouts.length[k], v)
        if n == 0 or not ends_free(buf, end, lo, hi) or not passes(layouts.scheme[k], v, n):
            continue
        found[0], found[1], found[2] = end, n, has_check_digit(layouts.scheme[k], n)
        for i in range(n):
            canon[i] = 48 + v[i] if v[i] < 10 else 55 + v[i]
    return found[0] > 0


@kernel(
    i8,
    ro(u1),
    ro(i8),
    ro(u2),
    ro(u1),
    ro(i4),
    ro(i8),
    ro(i8),
    ro(i4),
    LAYOUTS,
    ro(i8),
    ro(i8),
    ro(i8),
    rw(i4),
    rw(i8),
    rw(i8),
    rw(u1),
    rw(u1, 2),
    rw(i8),
    scratch=((i8, MAX_GROUPS), (i8, MAX_GROUPS), (i8, WIDTH), (i8, 3)),
)
def find_national_ids(
    buf: Any, off: Any, country: Any, language: Any, row: Any, start: Any, end: Any, count: Any, layouts: Any,
    cue_start: Any, cue_end: Any, cue_tag: Any, out_row: Any, out_start: Any, out_end: Any, out_checked: Any,
    out_canon: Any, out_length: Any,
    first: Any, last: Any, v: Any, found: Any,
) -> int:  # fmt: skip
    """Personal numbers at the triggers (clusters and runs, ordered by start); returns how many.

    count: digits of clusters; of runs any number from SHORTEST on.
    """
    k = 0
    floor = 0
    for t in range(len(row)):
        r = row[t]
        lo, hi = off[r], off[r + 1]
        if count[t] < SHORTEST:
            continue
        here, spoken = np.int64(country[r]), np.int64(language[r])
        at = start[t]
        if is_letter(buf[at]):
            # A run: it may be one number from end to end, as Italy's tax code is.
            if (
                at >= floor
                and k < len(out_row)
                and at_place(
                    buf, lo, hi, at, 0, layouts, here, spoken, cue_start, cue_end, cue_tag, v, out_canon[k], found
                )
            ):
                out_row[k], out_start[k], out_end[k], out_length[k] = r, at, found[0], found[1]
                out_checked[k] = found[2]
                k += 1
                floor = found[0]
            continue
        g = -1
        n = digit_groups(buf, at, end[t], first, last)
        while k < len(out_row):
            g += 1
            more = next_groups(buf, end[t], first, last, g, n)
            if more:
                g, n = 1, more
            if g >= n:
                break
            at = first[g]
            leading = last[g] - at
            if g == 0 and at > lo:
                back = at - 1
                if buf[back] == 45 and back > lo:
                    back -= 1
                if is_letter(buf[back]) and not is_word_at(buf, back - 1, lo, hi):
                    at, leading = back, 0
            sign = buf[at + leading] if at + leading < hi else 0
            if at < floor or leading > MAX_FIRST or not layouts.follows[leading, sign]:
                continue
            if at_place(
                buf, lo, hi, at, leading, layouts, here, spoken, cue_start, cue_end, cue_tag, v, out_canon[k], found
            ):
                out_row[k], out_start[k], out_end[k], out_length[k] = r, at, found[0], found[1]
                out_checked[k] = found[2]
                k += 1
                floor = found[0]
    return k
