"""Values of units, from the places a walk found to Arrow buffers: strings, dates, small numbers.

Kinds are those of kernels.json_text and kernels.delimited. Nothing here
allocates by content: the caller sizes the output.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import device, i4, i8, inlined, kernel, ro, rw, u1
from klarera.kernels.delimited import DOUBLED
from klarera.kernels.json_text import ABSENT, ESCAPED, FALSE, NULL, NUMBER, QUOTE, TRUE, copy, unescape

__all__ = ["dates", "flags", "gather", "integers"]

UNKNOWN = -(2**63)
"""What `dates` and `integers` give for a value that is not one."""

DAY = 86_400_000_000


@kernel(i8, ro(u1), ro(u1), ro(i4), ro(i4), rw(u1), rw(i8), rw(u1))
def gather(buf: Any, kind: Any, lo: Any, hi: Any, out: Any, offsets: Any, valid: Any) -> int:
    """Copy values to `out`, strings unescaped, all else as written; returns the bytes written.

    out needs sum(hi - lo) bytes. offsets int64[n + 1]; valid uint8[n], 0 for a null.
    """
    to = 0
    offsets[0] = 0
    for row in range(len(kind)):
        if kind[row] == ESCAPED:
            to = unescape(buf, lo[row], hi[row], out, to)
        elif kind[row] == DOUBLED:
            at = lo[row]
            while at < hi[row]:
                out[to] = buf[at]
                to += 1
                at += 2 if buf[at] == QUOTE else 1
        elif kind[row] != ABSENT and kind[row] != NULL:
            to = copy(buf, lo[row], hi[row], out, to)
        valid[row] = kind[row] != ABSENT and kind[row] != NULL
        offsets[row + 1] = to
    return to


@inlined
def digit(buf: Any, at: int) -> Any:
    """Value of the digit at `at`, wide enough to reckon with."""
    return np.int64(buf[at]) - 48


@device
def read_digits(buf: Any, at: int, size: int, end: int) -> Any:
    """The number written in exactly `size` digits at `at`, or -1."""
    if at + size > end:
        return -1
    value = 0
    for k in range(at, at + size):
        if buf[k] < 48 or buf[k] > 57:
            return -1
        value = value * 10 + digit(buf, k)
    return value


@device
def days_before(year: int, month: int, day: int) -> Any:
    """Days from 1970-01-01 to this day of the Gregorian calendar (Hinnant's algorithm)."""
    if month <= 2:
        year -= 1
    era = year // 400
    of_era = year - era * 400
    shifted = month - 3 if month > 2 else month + 9
    of_year = (153 * shifted + 2) // 5 + day - 1
    return int(era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468)


@device
def month_length(year: int, month: int) -> Any:
    """Days of a month."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31


@device
def fraction(buf: Any, at: int, end: int) -> Any:
    """Millionths of the digits at `at` (further digits cut off) and the byte behind them."""
    value, size = 0, 0
    while at < end and 48 <= buf[at] <= 57:
        if size < 6:
            value = value * 10 + digit(buf, at)
            size += 1
        at += 1
    for _ in range(size, 6):
        value *= 10
    return value, at


@device
def epoch(buf: Any, at: int, end: int) -> Any:
    """Microseconds of an epoch number: below 1e11 seconds, below 1e14 milliseconds, else microseconds."""
    negative = at < end and buf[at] == 45
    if negative:
        at += 1
    value, first = 0, at
    while at < end and 48 <= buf[at] <= 57 and at - first < 18:
        value = value * 10 + digit(buf, at)
        at += 1
    part = 0
    if at == first:
        return UNKNOWN
    if at < end and buf[at] == 46:
        part, at = fraction(buf, at + 1, end)
    if at != end:
        return UNKNOWN
    if value < 100_000_000_000:
        value = value * 1_000_000 + part
    elif value < 100_000_000_000_000:
        value = value * 1_000 + part // 1_000
    return -value if negative else value


@device
def zone(buf: Any, at: int, end: int) -> Any:
    """Minutes east of UTC written from `at` to the end, 0 for none or Z; UNKNOWN if it is no zone."""
    if at == end or (at + 1 == end and (buf[at] == 90 or buf[at] == 122)):
        return 0
    if buf[at] != 43 and buf[at] != 45:
        return UNKNOWN
    hours = read_digits(buf, at + 1, 2, end)
    rest = at + 3
    minutes = 0
    if rest < end:
        if buf[rest] == 58:
            rest += 1
        minutes = read_digits(buf, rest, 2, end)
        rest += 2
    if hours < 0 or hours > 15 or minutes < 0 or minutes > 59 or rest != end:
        return UNKNOWN
    offset = hours * 60 + minutes
    return offset if buf[at] == 43 else -offset


@device
def clock(buf: Any, at: int, end: int) -> Any:
    """Microseconds of the time hh:mm[:ss[.f]] at `at` and the byte behind it; UNKNOWN if it is none."""
    hour, minute, second, part = read_digits(buf, at, 2, end), 0, 0, 0
    if at + 2 >= end or buf[at + 2] != 58:
        return UNKNOWN, at
    minute = read_digits(buf, at + 3, 2, end)
    at += 5
    if at < end and buf[at] == 58:
        second = read_digits(buf, at + 1, 2, end)
        at += 3
        if at < end and (buf[at] == 46 or buf[at] == 44):
            part, at = fraction(buf, at + 1, end)
    # A leap second reads as the last second's end, as POSIX time does.
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or second < 0 or second > 60:
        return UNKNOWN, at
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + part, at


@device
def moment(buf: Any, at: int, end: int) -> Any:
    """Microseconds since 1970 UTC of an ISO 8601 date or date and time, or of an epoch number."""
    while at < end and buf[at] <= 32:
        at += 1
    while end > at and buf[end - 1] <= 32:
        end -= 1
    if end - at < 10 or buf[at + 4] != 45 or buf[at + 7] != 45:
        return epoch(buf, at, end)
    year, month, day = read_digits(buf, at, 4, end), read_digits(buf, at + 5, 2, end), read_digits(buf, at + 8, 2, end)
    if year < 1 or month < 1 or month > 12 or day < 1 or day > month_length(year, month):
        return UNKNOWN
    value = days_before(year, month, day) * DAY
    at += 10
    if at == end:
        return value
    if buf[at] != 84 and buf[at] != 116 and buf[at] != 32:
        return UNKNOWN
    time, at = clock(buf, at + 1, end)
    if time == UNKNOWN:
        return UNKNOWN
    if at < end and buf[at] == 32:
        at += 1
    if at + 3 == end and buf[at] == 85 and buf[at + 1] == 84 and buf[at + 2] == 67:  # UTC
        at = end
    offset = zone(buf, at, end)
    return UNKNOWN if offset == UNKNOWN else value + time - offset * 60_000_000


@kernel(i8, ro(u1), ro(u1), ro(i4), ro(i4), rw(i8))
def dates(buf: Any, kind: Any, lo: Any, hi: Any, out: Any) -> int:
    """Microseconds since 1970 UTC of each value, UNKNOWN where it is no date; returns how many are."""
    found = 0
    for row in range(len(kind)):
        value = UNKNOWN
        if kind[row] != ABSENT and kind[row] != NULL:
            value = moment(buf, lo[row], hi[row])
        out[row] = value
        found += value != UNKNOWN
    return found


@kernel(i8, ro(u1), ro(u1), ro(i4), ro(i4), rw(i8))
def integers(buf: Any, kind: Any, lo: Any, hi: Any, out: Any) -> int:
    """Whole numbers of up to nine digits, as numbers or strings ("1999", 1999.0); UNKNOWN for all else."""
    found = 0
    for row in range(len(kind)):
        value = UNKNOWN
        if kind[row] != ABSENT and kind[row] != NULL and hi[row] > lo[row]:
            at, end, size = lo[row], hi[row], 0
            while at < end and 48 <= buf[at] <= 57:
                at += 1
            size = at - lo[row]
            if at < end and buf[at] == 46 and at + 1 < end:
                at += 1
                while at < end and buf[at] == 48:
                    at += 1
            if at == end and 0 < size <= 9:
                value = read_digits(buf, lo[row], size, end)
        out[row] = value
        found += value != UNKNOWN
    return found


@device
def letters(buf: Any, lo: int, hi: int, word: Any) -> Any:
    """Whether [lo, hi) spells this lower-case word in any case."""
    if hi - lo != len(word):
        return False
    for k in range(len(word)):  # noqa: SIM110  (compiled loop)
        if (buf[lo + k] | 32) != word[k]:
            return False
    return True


@kernel(i8, ro(u1), ro(u1), ro(i4), ro(i4), rw(u1))
def flags(buf: Any, kind: Any, lo: Any, hi: Any, out: Any) -> int:
    """1 for true, "true", 1 and "1"; 0 for false, "false", 0 and "0"; 2 (unknown) for all else."""
    found = 0
    for row in range(len(kind)):
        value = 2
        if kind[row] == TRUE:
            value = 1
        elif kind[row] == FALSE:
            value = 0
        elif kind[row] != ABSENT and kind[row] != NULL:
            first, end = lo[row], hi[row]
            if kind[row] == NUMBER and end - first == 3 and buf[first + 1] == 46 and buf[first + 2] == 48:
                end = first + 1  # 1.0, as table tools write a column with nulls
            if letters(buf, first, end, b"true"):
                value = 1
            elif letters(buf, first, end, b"false"):
                value = 0
            elif end - first == 1 and (buf[first] == 48 or buf[first] == 49):
                value = buf[first] - 48
        out[row] = value
        found += value != 2
    return found
