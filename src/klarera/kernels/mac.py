"""The loops for hardware addresses: six groups of two hex digits, or three of four."""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202, SIM110  (types stand in the signatures; generators do not compile to loops)
from __future__ import annotations

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1
from klarera.kernels.numbers import is_digit, is_word_at, value
from klarera.kernels.tokens import nearest_cue

__all__ = ["DIGITS", "find_dotted", "find_pairs"]

DIGITS = 12
REACH = 24
"""Bytes a cue may stand before an address that is written like a number."""
DOTTED = 14
"""Bytes of "001a.2b3c.4d5e"."""


@device
def is_nobodys(canon):
    """All zeros, or the broadcast."""
    zeros, ones = True, True
    for k in range(12):
        zeros &= canon[k] == 48
        ones &= canon[k] == 102
    return zeros or ones


@device
def grouped(buf, i, hi, size, canon):
    """Separator of the twelve hex digits from i in groups of `size`, one sign between; 0 if there are none."""
    length = 11 + 12 // size
    if i + length > hi:
        return 0
    sign, n = buf[i + size], 0
    for p in range(length):
        c = buf[i + p]
        if p % (size + 1) == size:
            if c != sign:
                return 0
            continue
        v = value(c)
        if v < 0 or v > 15:
            return 0
        canon[n] = 48 + v if v < 10 else 87 + v
        n += 1
    return int(sign)


@device
def is_number(canon):
    """No letter among the digits."""
    for k in range(12):
        if canon[k] > 57:
            return False
    return True


@kernel(
    i8, ro(u1), ro(i8), ro(i4), ro(i8), ro(i8), ro(i8), ro(i8), ro(i8), rw(i4), rw(i8), rw(i8), rw(u1, 2)
)  # fmt: skip
def find_pairs(buf, off, row, start, end, cue_start, cue_end, cue_tag, out_row, out_start, out_end, canon):
    """Addresses in pairs among colon groups, long runs and clusters; returns how many.

    The place must end with the address; it may begin with the end of a label ("MAC:00:..").
    """
    k = 0
    for t in range(len(row)):
        lo, hi = off[row[t]], off[row[t] + 1]
        i = end[t] - 17
        if i < start[t] or k == len(out_row):
            continue
        sign = grouped(buf, i, hi, 2, canon[k])
        if (sign != 58 and sign != 45) or is_nobodys(canon[k]):
            continue
        if i > start[t]:
            label = sign == 58 and buf[i - 1] == 58
            for p in range(start[t], i - 1):
                label &= not is_digit(buf[p]) and buf[p] != 58
            label &= i - start[t] > 1
            spaced = buf[i - 1] == 32 or buf[i - 1] == 40
            if not label and not spaced:
                continue
        if is_word_at(buf, i - 1, lo, hi) or is_word_at(buf, end[t], lo, hi):
            continue
        if i > lo and (buf[i - 1] in (45, 46) or (buf[i - 1] == 58 and sign == 58 and i == start[t])):
            before = buf[i - 2] if i - 2 >= lo else buf[i - 1]
            if buf[i - 1] != 58 or is_digit(before) or before == 58:
                continue
        if end[t] + 1 < hi and buf[end[t]] in (45, 46, 58) and is_word_at(buf, end[t] + 1, lo, hi):
            continue
        if sign == 45 and is_number(canon[k]):
            tag, _ = nearest_cue(buf, i, lo, REACH, cue_start, cue_end, cue_tag)
            if tag == 0:
                continue
        out_row[k], out_start[k], out_end[k] = row[t], i, end[t]
        k += 1
    return k


@kernel(
    i8, ro(u1), ro(i8), ro(i4), ro(i8), ro(i8), ro(i8), ro(i8), ro(i8), rw(i4), rw(i8), rw(i8), rw(u1, 2)
)  # fmt: skip
def find_dotted(buf, off, row, start, end, cue_start, cue_end, cue_tag, out_row, out_start, out_end, canon):
    """Addresses in three groups of four that touch buf[start:end]; the places are ordered by start. Returns
    how many."""
    k, floor = 0, 0
    for t in range(len(row)):
        lo, hi = off[row[t]], off[row[t] + 1]
        i = max(lo, floor, start[t] - DOTTED + 1)
        while i < end[t] and i + DOTTED <= hi and k < len(out_row):
            if buf[i + 4] != 46 or buf[i + 9] != 46 or is_word_at(buf, i - 1, lo, hi):
                i += 1
                continue
            whole = grouped(buf, i, hi, 4, canon[k]) == 46 and not is_nobodys(canon[k])
            stop = i + DOTTED
            if whole and not is_word_at(buf, stop, lo, hi) and not (i > lo and buf[i - 1] in (43, 44, 45, 46, 47)):
                goes_on = stop + 1 < hi and buf[stop] in (45, 46) and is_word_at(buf, stop + 1, lo, hi)
                plain = is_number(canon[k])
                if plain:
                    tag, _ = nearest_cue(buf, i, lo, REACH, cue_start, cue_end, cue_tag)
                    plain = tag == 0
                if not goes_on and not plain:
                    out_row[k], out_start[k], out_end[k] = row[t], i, stop
                    k += 1
                    floor = i = stop
                    continue
            i += 1
    return k
