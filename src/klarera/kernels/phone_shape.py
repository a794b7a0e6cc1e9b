"""Digit groups that are not telephone numbers though they are long enough: dates, years, prices, addresses."""

# mypy: disable-error-code="no-any-return"
# ruff: noqa: SIM110  (a generator inside all() does not compile into a plain loop)
from __future__ import annotations

from typing import Any

from klarera.kernels import device
from klarera.kernels.numbers import is_digit

__all__ = ["looks_otherwise", "priced"]


@device
def number(buf: Any, start: int, end: int) -> int:
    """The digits as a number; at most nine of them."""
    n = 0
    for p in range(start, min(end, start + 9)):
        n = n * 10 + int(buf[p]) - 48
    return n


@device
def is_year(n: int) -> bool:
    """A year that people write about."""
    return 1500 <= n <= 2099


@device
def dated(buf: Any, first: Any, last: Any, i: int, j: int) -> bool:
    """Groups i.. begin with d-m-yyyy, d-m-yy or yyyy-m-d."""
    if j < i + 2 or buf[last[i]] not in (45, 46, 47, 32) or buf[last[i]] != buf[last[i + 1]]:
        return False
    a, b, c = last[i] - first[i], last[i + 1] - first[i + 1], last[i + 2] - first[i + 2]
    x = number(buf, first[i], last[i])
    y, z = number(buf, first[i + 1], last[i + 1]), number(buf, first[i + 2], last[i + 2])
    day_month = (1 <= x <= 31 and 1 <= y <= 12) or (1 <= x <= 12 and 1 <= y <= 31)
    if a <= 2 and b <= 2 and c == 4:
        return day_month and is_year(z)
    if a == 4 and b <= 2 and c <= 2:
        return is_year(x) and 1 <= y <= 12 and 1 <= z <= 31
    return a <= 2 and b <= 2 and c == 2 and j == i + 2 and day_month


@device
def years(buf: Any, first: Any, last: Any, i: int, j: int) -> bool:
    """A range or list of years: groups of four, all of them years."""
    for g in range(i, j + 1):
        if last[g] - first[g] != 4 or not is_year(number(buf, first[g], last[g])):
            return False
    return True


@device
def hours(buf: Any, first: Any, last: Any, i: int, j: int) -> bool:
    """Opening hours: 10.30-17.00."""
    if j != i + 3 or buf[last[i]] != 46 or buf[last[i + 1]] != 45 or buf[last[i + 2]] != 46:
        return False
    return number(buf, first[i], last[i]) <= 24 and number(buf, first[i + 2], last[i + 2]) <= 24


@device
def dotted_quad(buf: Any, first: Any, last: Any, i: int, j: int) -> bool:
    """Four numbers below 256 joined by dots."""
    if j != i + 3:
        return False
    for g in range(i, j + 1):
        if number(buf, first[g], last[g]) > 255 or (g < j and buf[last[g]] != 46):
            return False
    return True


@device
def thousands(buf: Any, first: Any, last: Any, i: int, j: int) -> bool:
    """1.234.567: one to three digits, then threes, joined by dots, not beginning with 0."""
    if j == i or last[i] - first[i] > 3 or buf[first[i]] == 48:
        return False
    for g in range(i, j):
        if buf[last[g]] != 46 or last[g + 1] - first[g + 1] != 3:
            return False
    return True


@device
def social_security(buf: Any, first: Any, last: Any, i: int, j: int) -> bool:
    """3-2-4 with hyphens, as a US social security number is written."""
    return (
        j == i + 2
        and last[i] - first[i] == 3
        and last[i + 1] - first[i + 1] == 2
        and last[j] - first[j] == 4
        and buf[last[i]] == 45
        and buf[last[i + 1]] == 45
    )


@device
def priced(buf: Any, start: int, lo: int, hi: int) -> bool:
    """A currency sign stands before."""
    p = start - 1
    if p >= lo and buf[p] == 32:
        p -= 1
    if p < lo:
        return False
    if buf[p] == 36 or (p - 1 >= lo and buf[p - 1] == 0xC2 and 0xA2 <= buf[p] <= 0xA5):
        return True
    return p - 2 >= lo and buf[p - 2] == 0xE2 and buf[p - 1] == 0x82


@device
def counted(buf: Any, end: int, hi: int) -> bool:
    """A percent or currency sign follows, or decimals do."""
    p = end
    if p + 1 < hi and buf[p] == 44 and is_digit(buf[p + 1]):
        return True
    if p < hi and buf[p] == 32:
        p += 1
    if p < hi and buf[p] in (36, 37):
        return True
    return (p + 1 < hi and buf[p] == 0xC2 and 0xA2 <= buf[p + 1] <= 0xA5) or (
        p + 2 < hi and buf[p] == 0xE2 and buf[p + 1] == 0x82 and buf[p + 2] == 0xAC
    )


@device
def looks_otherwise(buf: Any, first: Any, last: Any, i: int, j: int, lo: int, hi: int) -> bool:
    """Groups i..j are written as something else than a telephone number."""
    return (
        dated(buf, first, last, i, j)
        or years(buf, first, last, i, j)
        or hours(buf, first, last, i, j)
        or dotted_quad(buf, first, last, i, j)
        or thousands(buf, first, last, i, j)
        or social_security(buf, first, last, i, j)
        or counted(buf, last[j], hi)
    )
