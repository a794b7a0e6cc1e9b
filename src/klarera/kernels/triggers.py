"""Candidates of the fused pass: clusters of digits, runs, colon groups, placeholders, encoded signs.

Every look back ends where the last look forward ended, so the cost grows with the bytes alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from klarera.kernels import inlined
from klarera.kernels.utf8 import BYTE_CLASS

__all__ = ["add_colons", "add_digits", "add_run", "close_cluster", "emit", "is_encoded", "placeholder_end"]


def _signs(chars: bytes) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    table[list(chars)] = True
    return table


_JOINS_DIGITS = _signs(b" ./-()+")
_HEX = _signs(b"0123456789abcdefABCDEF")
_RUN_SIGN = _signs(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-")


@inlined
def emit(
    n: Any, kind: Any, rows: Any, starts: Any, ends: Any, counts: Any, row: Any, start: Any, end: Any, count: Any
) -> Any:
    """Note a trigger; beyond the capacity only its number is counted."""
    k = n[kind]
    if k < rows.shape[1]:
        rows[kind, k], starts[kind, k], ends[kind, k], counts[kind, k] = row, start, end, count
    n[kind] = k + 1


@inlined
def joined(buf: Any, a: Any, b: Any) -> Any:
    """Tell whether the bytes between two digit runs keep them in one cluster: one separator, or two of
    which one is a bracket."""
    if b - a == 1:
        return _JOINS_DIGITS[buf[a]]
    if b - a == 2:
        bracket = buf[a] in (40, 41) or buf[a + 1] in (40, 41)
        return bracket and _JOINS_DIGITS[buf[a]] and _JOINS_DIGITS[buf[a + 1]]
    return False


@inlined
def close_cluster(cluster: Any, n: Any, rows: Any, starts: Any, ends: Any, counts: Any, row: Any) -> Any:
    """Give the cluster that ends here, if it has four digits."""
    if cluster[2] >= 4:
        emit(n, 2, rows, starts, ends, counts, row, cluster[0], cluster[1], cluster[2])
    cluster[2] = 0


@inlined
def add_digits(
    buf: Any, lo: Any, a: Any, b: Any, cluster: Any, n: Any, rows: Any, starts: Any, ends: Any, counts: Any, row: Any
) -> Any:
    """Take the digit runs of the word [a, b) into clusters. cluster: start, end, digits."""
    j = a
    while j < b:
        if BYTE_CLASS[buf[j]] != 2:
            j += 1
            continue
        s = j
        while j < b and BYTE_CLASS[buf[j]] == 2:
            j += 1
        if cluster[2] and not joined(buf, cluster[1], s):
            close_cluster(cluster, n, rows, starts, ends, counts, row)
        if cluster[2] == 0:
            floor = max(lo, cluster[1])
            cluster[0] = s
            while cluster[0] > floor and s - cluster[0] < 2 and buf[cluster[0] - 1] in (40, 43):
                cluster[0] -= 1
        cluster[1] = j
        cluster[2] += j - s


@inlined
def add_run(
    buf: Any,
    lo: Any,
    hi: Any,
    start: Any,
    end: Any,
    done: Any,
    n: Any,
    rows: Any,
    starts: Any,
    ends: Any,
    counts: Any,
    row: Any,
) -> Any:
    """Give the runs of [A-Za-z0-9_-] that the word [start, end), which holds a digit, is part of; returns
    where the last of them ends."""
    a = start
    floor = max(lo, done)
    while a > floor and _RUN_SIGN[buf[a - 1]]:
        a -= 1
    b = a
    while a < end:
        letter, digit = False, False
        b = a
        while b < hi and _RUN_SIGN[buf[b]]:
            letter |= BYTE_CLASS[buf[b]] == 1
            digit |= BYTE_CLASS[buf[b]] == 2
            b += 1
        if letter and digit and b - a >= 16:
            emit(n, 4, rows, starts, ends, counts, row, a, b, 0)
        a = b + 1
    return max(b, end)


@inlined
def add_colons(
    buf: Any, lo: Any, hi: Any, j: Any, done: Any, n: Any, rows: Any, starts: Any, ends: Any, counts: Any, row: Any
) -> Any:
    """Give the group of hex digits joined by colons around the ":" at j; returns its end."""
    a, b, colons, digits = j, j, 0, 0
    while a > done and a > lo and _HEX[buf[a - 1]]:
        a -= 1
    digits = j - a
    while b < hi and (buf[b] == 58 or _HEX[buf[b]]):
        if buf[b] == 58:
            colons += 1
        else:
            digits += 1
        b += 1
    done = b
    if colons < 2:
        return done
    # A single colon at either end belongs to the sentence, a double one to the address.
    if buf[b - 1] == 58 and buf[b - 2] != 58:
        b, colons = b - 1, colons - 1
    if a == j and buf[a + 1] != 58:
        a, colons = a + 1, colons - 1
    if colons >= 2 and digits > 0:
        emit(n, 3, rows, starts, ends, counts, row, a, b, colons)
    return done


@inlined
def placeholder_end(buf: Any, j: Any, hi: Any, names: Any, name_off: Any) -> Any:
    """Where the redaction placeholder at "[" ends ("[EMAIL]", "[PHONE 3f9k]"), or j if it is none."""
    k = j + 1
    while k < hi and k - j < 24 and (65 <= buf[k] <= 90 or buf[k] == 95 or 48 <= buf[k] <= 57):
        k += 1
    known = False
    for i in range(len(name_off) - 1):
        a, length = name_off[i], name_off[i + 1] - name_off[i]
        if length == k - j - 1:
            same = True
            for m in range(length):
                same &= buf[j + 1 + m] == names[a + m]
            known |= same
    if not known or k >= hi:
        return j
    if buf[k] == 32:
        s = k + 1
        k = s
        while k < hi and k - s < 8 and (97 <= buf[k] <= 122 or 48 <= buf[k] <= 57):
            k += 1
        if k - s != 4:
            return j
    return k + 1 if k < hi and buf[k] == 93 else j


@inlined
def is_encoded(buf: Any, j: Any, hi: Any) -> Any:
    """Tell whether "&" or "%" at j begins an entity, or an encoded @, +, ., or digit."""
    if buf[j] == 37:
        if j + 2 >= hi:
            return False
        a, b = buf[j + 1], buf[j + 2]
        return (a == 52 and b == 48) or (a == 51 and 48 <= b <= 57) or (a == 50 and b in (66, 98, 69, 101))
    k = j + 1
    if k < hi and buf[k] == 35:
        return True
    while k < hi and k - j < 10 and BYTE_CLASS[buf[k]] == 1:
        k += 1
    return k < hi and k > j + 1 and buf[k] == 59
