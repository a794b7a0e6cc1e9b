"""The payment-card loop: groupings, issuer ranges and Luhn over clusters of digits."""

# mypy: disable-error-code="no-any-return"
# ruff: noqa: SIM110  (a generator inside all() does not compile into a plain loop)
from __future__ import annotations

from typing import Any

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1
from klarera.kernels.checksums import luhn
from klarera.kernels.numbers import digit_groups, ends_free, is_word_at, next_groups, starts_free

__all__ = ["SHORTEST", "find_cards"]

MAX_GROUPS = 64
SHORTEST = 12
"""Digits of the shortest card number."""


@device
def usual(first: Any, last: Any, i: int, j: int, total: int) -> bool:
    """Groups i..j are written as cards are: 4-4-4-4(-1..3), 4-4-5, 4-6-5, 4-6-4, 6-13."""
    n = j - i + 1
    a = last[i] - first[i]
    b = last[i + 1] - first[i + 1]
    if n == 2:
        return a == 6 and b == 13
    if a != 4:
        return False
    if n == 3:
        return (b == 6 and total in (14, 15)) or (b == 4 and total == 13)
    if b != 4 or last[i + 2] - first[i + 2] != 4:
        return False
    return (n == 4 and total in (13, 14, 15, 16)) or (
        n == 5 and last[i + 3] - first[i + 3] == 4 and total in (17, 18, 19)
    )


@device
def alone(buf: Any, first: Any, last: Any, i: int, j: int, n: int) -> bool:
    """Groups i..j are not a part of a longer number: neighbours are parted by a space, and next to
    groups of four no further one stands, in the same writing."""
    if i > 0 and (buf[first[i] - 1] != 32 or (j > i and last[i - 1] - first[i - 1] == 4)):
        return False
    return not (j + 1 < n and (buf[last[j]] != 32 or (j > i and last[j + 1] - first[j + 1] == 4)))


@device
def same_separator(buf: Any, first: Any, last: Any, i: int, j: int) -> bool:
    """One space, or one hyphen, between all groups."""
    sep = buf[last[i]]
    if sep != 32 and sep != 45:
        return False
    for g in range(i, j):
        if first[g + 1] - last[g] != 1 or buf[last[g]] != sep:
            return False
    return True


@device
def issued(v: Any, n: int, low: Any, high: Any, digits: Any, lengths: Any) -> bool:
    """Some issuer range covers these leading digits at this length."""
    for r in range(len(low)):
        if lengths[r] >> n & 1:
            lead = 0
            for k in range(digits[r]):
                lead = lead * 10 + v[k]
            if low[r] <= lead <= high[r]:
                return True
    return False


@kernel(
    i8,
    ro(u1),
    ro(i8),
    ro(i4),
    ro(i8),
    ro(i8),
    ro(i4),
    ro(i8),
    ro(i8),
    ro(i8),
    ro(i8),
    rw(i4),
    rw(i8),
    rw(i8),
    scratch=((i8, MAX_GROUPS), (i8, MAX_GROUPS), (i8, 20)),
)
def find_cards(
    buf: Any,
    off: Any,
    row: Any,
    start: Any,
    end: Any,
    count: Any,
    low: Any,
    high: Any,
    digits: Any,
    lengths: Any,
    out_row: Any,
    out_start: Any,
    out_end: Any,
    first: Any,
    last: Any,
    v: Any,
) -> int:
    """Card numbers in the clusters; returns how many.

    low, high, digits, lengths: issuer ranges by their leading digits; lengths is a mask of bits.
    """
    k = 0
    for t in range(len(row)):
        if count[t] < SHORTEST:
            continue
        lo, hi = off[row[t]], off[row[t] + 1]
        n = digit_groups(buf, start[t], end[t], first, last)
        tail = n > 1 and last[n - 1] >= end[t] and first[n - 1] - last[n - 2] > 1 and is_word_at(buf, end[t], lo, hi)
        n -= 1 if tail else 0  # "4111 ... 1111 (0x52...": the last digits belong to the next word
        if (
            n == 0
            or not starts_free(buf, first[0], lo, hi)
            or ((tail or last[n - 1] >= end[t]) and not ends_free(buf, last[n - 1], lo, hi))
        ):
            continue
        i = 0
        while i < n and k < len(out_row):
            more = next_groups(buf, end[t], first, last, i, n)
            if more:
                i, n = 1, more
            total = 0
            found = False
            for j in range(i, min(n, i + 5)):
                for p in range(first[j], last[j]):
                    if total < 20:
                        v[total] = buf[p] - 48
                    total += 1
                if total < 12:
                    continue
                if total > 19:
                    break
                shaped = j == i or (usual(first, last, i, j, total) and same_separator(buf, first, last, i, j))
                if not shaped or not alone(buf, first, last, i, j, n):
                    continue
                if luhn(v, 0, total) and issued(v, total, low, high, digits, lengths):
                    out_row[k], out_start[k], out_end[k] = row[t], first[i], last[j]
                    k += 1
                    i = j + 1
                    found = True
                    break
            if not found:
                i += 1
    return k
