"""Numbering plans: what the table find/phone.tsv says about the digits of one number."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from klarera.kernels import device, i8, rw, u2
from klarera.kernels.checksums import decimal

__all__ = [
    "MAX_DIGITS",
    "PLANS",
    "Plans",
    "calling_code",
    "code_size",
    "fits",
    "international",
    "plan_of",
    "trunk_size",
    "valid",
]

MAX_DIGITS = 15


class Plans(NamedTuple):
    """The numbering plans as the loop reads them.

    lengths     int64[1000], by calling code: mask of the lengths of national numbers, 0 not assigned
    detailed    int64[1000], by calling code: number of its ranges' block, -1 where only lengths are known
    range_at    int64[blocks, 17]: ranges of length L of a block are range_at[b, L]:range_at[b, L + 1]
    low, high   int64[ranges], whole national numbers
    country     uint16[plans], two letters packed; code, trunk int64[plans] (trunk -1: none)
    form_at     int64[plans + 1], form int64: groupings in base 16, first group highest
    """

    lengths: npt.NDArray[np.int64]
    detailed: npt.NDArray[np.int64]
    range_at: npt.NDArray[np.int64]
    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]
    country: npt.NDArray[np.uint16]
    code: npt.NDArray[np.int64]
    trunk: npt.NDArray[np.int64]
    form_at: npt.NDArray[np.int64]
    form: npt.NDArray[np.int64]


PLANS = types.NamedTuple((rw(i8), rw(i8), rw(i8, 2), rw(i8), rw(i8), rw(u2), rw(i8), rw(i8), rw(i8), rw(i8)), Plans)  # type: ignore[no-untyped-call]


@device
def valid(plans: Any, code: int, v: Any, first: int, n: int) -> bool:
    """Digits v[first:n] are a valid national number under a calling code whose ranges are known."""
    block = plans.detailed[code]
    length = n - first
    if block < 0 or length < 1 or length > 15:
        return False
    left, right = plans.range_at[block, length], plans.range_at[block, length + 1]
    number = decimal(v, first, length)
    stop = right
    while left < right:
        middle = (left + right) // 2
        if plans.high[middle] < number:
            left = middle + 1
        else:
            right = middle
    return left < stop and plans.low[left] <= number


@device
def calling_code(plans: Any, v: Any, first: int, n: int) -> int:
    """The assigned calling code at v[first], or 0. No code is the beginning of another."""
    code = 0
    for i in range(first, min(n, first + 3)):
        code = code * 10 + v[i]
        if code and plans.lengths[code]:
            return code
    return 0


@device
def code_size(code: int) -> int:
    """Digits of a calling code."""
    return 1 if code < 10 else 2 if code < 100 else 3


@device
def international(plans: Any, v: Any, skip: int, n: int, strict: bool) -> int:
    """Where the national number begins in v[skip:n] (code first), or 0. `strict`: the plan must know it."""
    code = calling_code(plans, v, skip, n)
    if code == 0 or n - skip > MAX_DIGITS + 1 or n - skip < 7:
        return 0
    at = skip + code_size(code)
    if valid(plans, code, v, at, n):
        return at
    # The trunk 0 is often kept by mistake; in Italy it belongs to the number and is valid above.
    if at < n and v[at] == 0 and valid(plans, code, v, at + 1, n):
        return at + 1
    if not strict and n - at < 16 and plans.lengths[code] >> (n - at) & 1:
        return at
    return 0


@device
def shape(first: Any, last: Any, i: int, j: int, drop: int) -> int:
    """Group sizes in base 16, the first `drop` digits left out."""
    form = 0
    for g in range(i, j + 1):
        size = last[g] - first[g] - (drop if g == i else 0)
        if size > 0:
            form = form * 16 + min(size, 15)
    return form


@device
def trunk_size(plans: Any, p: int, v: Any, n: int) -> int:
    """Digits of the trunk prefix of plan p that v begins with; 0 if none."""
    if plans.trunk[p] == 0 and n and v[0] == 0:
        return 1
    if plans.trunk[p] == 6 and n > 1 and v[0] == 0 and v[1] == 6:  # Hungary's 06
        return 2
    return 0


@device
def fits(plans: Any, p: int, first: Any, last: Any, i: int, j: int, v: Any, n: int, exact: bool) -> bool:
    """Groups i..j with digits v[:n] are a national number of plan p; `exact`: grouped as it writes them."""
    drop = trunk_size(plans, p, v, n)
    if plans.trunk[p] >= 0 and drop == 0 and exact and v[0] == 0:
        return False
    if exact:
        form = shape(first, last, i, j, drop)
        written = False
        for f in range(plans.form_at[p], plans.form_at[p + 1]):
            written = written or plans.form[f] == form
        if not written:
            return False
    return valid(plans, plans.code[p], v, drop, n)


@device
def plan_of(plans: Any, country: int) -> int:
    """Number of the country's plan, or -1."""
    for p in range(len(plans.country)):
        if country and plans.country[p] == country:
            return p
    return -1
