"""Check-digit schemes: arrays of values in, a remainder or a verdict out.

Values are 0-9 for digits and 10-35 for letters. Sources: ISO/IEC 7064:2003 (mod 97-10, mod 11,10),
ISO/IEC 7812-1 annex B (Luhn), J. Verhoeff, Error Detecting Decimal Codes (1969).
"""

# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import device

__all__ = ["decimal", "is_date", "luhn", "mod97", "mod_11_10", "two_digit_date", "verhoeff", "weighted"]

_PRODUCT = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ],
    np.int32,
)
"""Multiplication in the dihedral group D5."""

_SHIFT = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ],
    np.int32,
)
"""Powers of Verhoeff's permutation."""


@device
def luhn(v: Any, first: int, last: int) -> bool:
    """Digits v[first:last], check digit last, sum to a multiple of 10 with every second one doubled."""
    total = 0
    for k in range(last - first):
        d = v[last - 1 - k]
        if k & 1:
            d = 2 * d - 9 if d > 4 else 2 * d
        total += d
    return total % 10 == 0


@device
def verhoeff(v: Any, first: int, last: int, check: int) -> bool:
    """`check` is the Verhoeff digit of v[first:last]."""
    state = _PRODUCT[0, _SHIFT[0, check]]
    for k in range(last - first):
        state = _PRODUCT[state, _SHIFT[(k + 1) & 7, v[last - 1 - k]]]
    return state == 0


@device
def mod97(remainder: int, digit_or_letter: int) -> int:
    """One step of mod 97-10: the remainder after one more value; a letter counts as two digits."""
    return (remainder * (100 if digit_or_letter > 9 else 10) + digit_or_letter) % 97


@device
def mod_11_10(v: Any, first: int, last: int) -> bool:
    """ISO 7064 mod 11,10 over v[first:last], check digit last."""
    state = 5
    for i in range(first, last):
        state = ((state or 10) * 2 % 11 + v[i]) % 10
    return state == 1


@device
def weighted(v: Any, first: int, weights: Any) -> int:
    """Sum of v[first + i] * weights[i]."""
    total = 0
    for i in range(len(weights)):
        total += v[first + i] * weights[i]
    return total


@device
def decimal(v: Any, first: int, count: int) -> int:
    """The number that `count` digits from v[first] write."""
    n = 0
    for i in range(first, first + count):
        n = n * 10 + v[i]
    return n


@device
def is_date(year: int, month: int, day: int) -> bool:
    """The day exists in the Gregorian calendar."""
    if month < 1 or month > 12 or day < 1:
        return False
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return day <= (29 if leap else 28)
    return day <= (30 if month in (4, 6, 9, 11) else 31)


@device
def two_digit_date(year: int, month: int, day: int) -> bool:
    """The day exists in 19yy or 20yy."""
    return is_date(1900 + year, month, day) or is_date(2000 + year, month, day)
