"""Distinct vectors, key look-ups and flag tables: loops over packed facts and 16-byte keys."""

from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1, u2, u8

__all__ = ["distinct", "find_keys", "or_flags"]


@device
def _mix(h: Any) -> Any:
    h ^= h >> np.uint64(33)
    h *= np.uint64(0xFF51AFD7ED558CCD)
    h ^= h >> np.uint64(33)
    h *= np.uint64(0xC4CEB9FE1A85EC53)
    return h ^ (h >> np.uint64(33))


@kernel(i8, ro(u8, 2), rw(i4), rw(i4), rw(i4))
def distinct(vectors: Any, slots: Any, inverse: Any, first: Any) -> Any:
    """Number the distinct rows of `vectors` in order of first appearance.

    vectors uint64[n, w]; slots int32[power of two > 2 n], all -1; inverse int32[n] and first int32[n] are
    written: the number of each row's vector, and for each number the first row that has it.
    Returns how many there are.
    """
    n, w = vectors.shape
    mask = np.uint64(len(slots) - 1)
    found = 0
    for i in range(n):
        h = np.uint64(0x9E3779B97F4A7C15)
        for j in range(w):
            h = _mix(h ^ vectors[i, j])
        at = h & mask
        while True:
            number = slots[at]
            if number < 0:
                slots[at] = found
                first[found] = i
                inverse[i] = found
                found += 1
                break
            same = True
            row = first[number]
            for j in range(w):
                if vectors[row, j] != vectors[i, j]:
                    same = False
                    break
            if same:
                inverse[i] = number
                break
            at = (at + np.uint64(1)) & mask
    return found


@kernel(i8, ro(u1, 2), ro(u1, 2), rw(i8))
def find_keys(keys: Any, table: Any, out: Any) -> Any:
    """Where each 16-byte key stands in a sorted table: out int64[n], -1 if absent.

    keys uint8[n, 16]; table uint8[m, 16] sorted by bytes, distinct. A key of zeros is absent. Returns hits.
    """
    hits = 0
    m = len(table)
    for i in range(len(keys)):
        out[i] = -1
        zero = True
        for b in range(16):
            if keys[i, b] != 0:
                zero = False
                break
        if zero:
            continue
        low, high = 0, m
        while low < high:
            middle = (low + high) >> 1
            less = False
            for b in range(16):
                if table[middle, b] != keys[i, b]:
                    less = table[middle, b] < keys[i, b]
                    break
            if less:
                low = middle + 1
            else:
                high = middle
        if low < m:
            same = True
            for b in range(16):
                if table[low, b] != keys[i, b]:
                    same = False
                    break
            if same:
                out[i] = low
                hits += 1
    return hits


@kernel(i8, ro(u1, 2), ro(u2), rw(u1, 2), rw(u2))
def or_flags(keys: Any, flags: Any, out_keys: Any, out_flags: Any) -> Any:
    """Merge neighbours with the same key by or-ing their flags; `keys` must be sorted.

    Returns how many distinct keys were written to out_keys uint8[m, 16] and out_flags uint16[m].
    """
    k = 0
    for i in range(len(keys)):
        same = k > 0
        if same:
            for b in range(16):
                if out_keys[k - 1, b] != keys[i, b]:
                    same = False
                    break
        if same:
            out_flags[k - 1] |= flags[i]
        else:
            for b in range(16):
                out_keys[k, b] = keys[i, b]
            out_flags[k] = flags[i]
            k += 1
    return k
