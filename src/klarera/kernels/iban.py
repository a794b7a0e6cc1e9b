"""The IBAN loop: country, structure and mod 97-10 around each trigger."""

# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from typing import Any

from klarera.kernels import device as _device
from klarera.kernels import i4, i8, kernel, ro, rw, u1
from klarera.kernels.checksums import mod97
from klarera.kernels.numbers import ends_free, is_digit, is_letter, is_word_at, value

__all__ = ["HEAD_REACH", "find_ibans"]

HEAD_REACH = 14
"""Bytes between the country letters and the first digits that make a cluster, at most."""
SEPARATORS = 12


@_device
def grown(buf: Any, head: int, hi: int, length: int, structure: Any, canon: Any) -> int:
    """End of the IBAN whose letters start at `head`, or -1; its 15-34 characters go into `canon`."""
    upper = buf[head] <= 90
    n = seps = 0
    sep = 0
    i = head
    while n < length:
        if i >= hi:
            return -1
        c = buf[i]
        if (c == 32 or c == 45) and n > 1 and buf[i - 1] != c and (sep == 0 or sep == c):
            sep = c
            seps += 1
            if seps > SEPARATORS:
                return -1
            i += 1
            continue
        v = value(c)
        if v < 0 or (is_letter(c) and (c <= 90) != upper):
            return -1
        wanted = structure[n]
        if (wanted == 110 and v > 9) or (wanted == 97 and v < 10):  # n, a
            return -1
        canon[n] = 48 + v if v < 10 else 55 + v
        n += 1
        i += 1
    return i


@_device
def checks(canon: Any, length: int) -> bool:
    """Mod 97-10 with the first four characters moved behind; check digits 00, 01, 99 are never issued."""
    number = (canon[2] - 48) * 10 + canon[3] - 48
    if number < 2 or number > 98:
        return False
    rest = 0
    for k in range(length):
        rest = mod97(rest, value(canon[(k + 4) % length]))
    return rest == 1


@kernel(i8, ro(u1), ro(i8), ro(i4), ro(i8), ro(i8), ro(i8), ro(u1, 2), rw(i4), rw(i8), rw(i8), rw(u1, 2), rw(i8))
def find_ibans(
    buf: Any,
    off: Any,
    row: Any,
    start: Any,
    end: Any,
    length_of: Any,
    structure_of: Any,
    out_row: Any,
    out_start: Any,
    out_end: Any,
    out_canon: Any,
    out_length: Any,
) -> int:
    """IBANs at the triggers (ordered by start); returns how many.

    length_of int64[676], structure_of uint8[676, 34]: by country letters; 0 where there is no country.
    """
    k = 0
    floor = 0
    for t in range(len(row)):
        lo, hi = off[row[t]], off[row[t] + 1]
        p = max(lo, floor, start[t] - HEAD_REACH)
        stop = end[t]
        while p < stop and p + 15 <= hi and k < len(out_row):
            a, b = value(buf[p]), value(buf[p + 1])
            if a < 10 or b < 10 or is_word_at(buf, p - 1, lo, hi):
                p += 1
                continue
            if not (is_digit(buf[p + 2]) or buf[p + 2] == 32 or buf[p + 2] == 45):
                p += 1
                continue
            country = (a - 10) * 26 + b - 10
            length = length_of[country]
            done = -1
            if length:
                done = grown(buf, p, hi, length, structure_of[country], out_canon[k])
            if done > 0 and ends_free(buf, done, lo, hi) and checks(out_canon[k], length):
                out_row[k], out_start[k], out_end[k], out_length[k] = row[t], p, done, length
                k += 1
                floor = p = done
            else:
                p += 1
    return k
