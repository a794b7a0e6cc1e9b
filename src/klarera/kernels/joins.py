"""Joining rows by string keys: a hash to sort and search by, and the check that the keys are the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import i8, kernel, ro, rw, u1, u8

__all__ = ["byte_offsets", "hash_rows", "pairs"]

BASIS, PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)


@kernel(i8, ro(u1), ro(i8), rw(u8))
def hash_rows(buf: Any, off: Any, out: Any) -> int:
    """64 bits of FNV-1a of each row buf[off[i]:off[i + 1]]."""
    for row in range(len(out)):
        mixed = BASIS
        for at in range(off[row], off[row + 1]):
            mixed = (mixed ^ np.uint64(buf[at])) * PRIME
        out[row] = mixed
    return len(out)


@kernel(i8, ro(u1), ro(i8), ro(u1), ro(i8), ro(i8), ro(i8), ro(i8), rw(i8), rw(i8))
def pairs(
    left: Any, left_off: Any, right: Any, right_off: Any, order: Any, first: Any, last: Any, a: Any, b: Any
) -> int:
    """Write the pairs of equal rows (left i, right order[k]), k in [first[i], last[i]); returns how many."""
    n = 0
    for row in range(len(first)):
        start, size = left_off[row], left_off[row + 1] - left_off[row]
        for k in range(first[row], last[row]):
            other = order[k]
            begin = right_off[other]
            if right_off[other + 1] - begin != size:
                continue
            same = True
            for byte in range(size):
                if left[start + byte] != right[begin + byte]:
                    same = False
                    break
            if same:
                a[n], b[n] = row, other
                n += 1
    return n


@kernel(i8, ro(u1), ro(i8), ro(i8), ro(u1), rw(i8), rw(i8), rw(u1))
def byte_offsets(buf: Any, off: Any, row: Any, points: Any, start: Any, end: Any, fits: Any) -> int:
    """Turn spans into bytes of their row and say which lie within it on whole characters.

    Spans are ordered by (row, start). points[i] = 1: start and end of span i are code points, else bytes.
    """
    good = 0
    current, at, count = -1, 0, 0
    for i in range(len(row)):
        base, stop = off[row[i]], off[row[i] + 1]
        if points[i]:
            if row[i] != current or start[i] < count:
                current, at, count = row[i], base, 0
            while at < stop and count < start[i]:
                at += 1
                while at < stop and buf[at] & 0xC0 == 0x80:
                    at += 1
                count += 1
            close, passed = at, count
            while close < stop and passed < end[i]:
                close += 1
                while close < stop and buf[close] & 0xC0 == 0x80:
                    close += 1
                passed += 1
            fits[i] = count == start[i] and passed == end[i]
            start[i], end[i] = at - base, close - base
        else:
            lo, hi = base + start[i], base + end[i]
            fits[i] = hi <= stop and buf[lo] & 0xC0 != 0x80 and (hi == stop or buf[hi] & 0xC0 != 0x80)
        good += fits[i]
    return good
