"""Union of edits and splice redaction: text is built once, copied in stretches."""

from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import i4, i8, inlined, kernel, ro, rw, u1, u8
from klarera.kernels.ahead import ask_for, copy_from

__all__ = ["merge_edits", "splice", "spliced_lengths"]


@kernel(i8, ro(i4), ro(i4), ro(i4), ro(u1), rw(i4), rw(i4), rw(i4), rw(u1), rw(i4))
def merge_edits(
    row: Any, start: Any, end: Any, kind: Any, o_row: Any, o_start: Any, o_end: Any, o_kind: Any, o_from: Any
) -> Any:
    """Union of overlapping edits of one row; input sorted by (row, start, -end, kind).

    A union takes kind, and number in the input (o_from), of its longest part; of equals the first.
    Edits that only touch stay apart. Returns how many edits were written.
    """
    k = 0
    longest = 0
    for i in range(len(row)):
        if k > 0 and o_row[k - 1] == row[i] and start[i] < o_end[k - 1]:
            if end[i] > o_end[k - 1]:
                o_end[k - 1] = end[i]
            if end[i] - start[i] > longest:
                longest = end[i] - start[i]
                o_kind[k - 1] = kind[i]
                o_from[k - 1] = i
        else:
            o_row[k], o_start[k], o_end[k], o_kind[k], o_from[k] = row[i], start[i], end[i], kind[i], i
            longest = end[i] - start[i]
            k += 1
    return k


@kernel(i8, ro(i8), ro(i8), ro(i8), ro(i4), ro(i4), ro(i4), ro(i8), rw(i8))
def spliced_lengths(
    length: Any, own: Any, first: Any, start: Any, end: Any, label: Any, label_off: Any, out: Any
) -> Any:
    """Offsets of the spliced text: out int64[m + 1] for m texts of `length` bytes.

    own int64[m]: the edits of text j are [first[own[j]], first[own[j] + 1]) in start, end, label; label_off
    int64[labels + 1]. Returns the total bytes, or -1 if an edit ends behind its text.
    """
    total = 0
    out[0] = 0
    for j in range(len(length)):
        total += length[j]
        o = own[j]
        for e in range(first[o], first[o + 1]):
            if end[e] > length[j]:
                return -1
            total += label_off[label[e] + 1] - label_off[label[e]] - (end[e] - start[e])
        out[j + 1] = total
    return total


_AHEAD, _LINES = 16, 4
"""How many texts ahead, and how many cache lines of each, as measured: posts are some 200 bytes."""


@inlined
def _put(source: Any, start: Any, end: Any, target: Any, at: Any) -> Any:
    """Copy a label. Unsigned places: a signed one may be negative, and that test keeps a loop from being a memcpy."""
    first, to = np.uint64(start), np.uint64(at)
    for k in range(np.uint64(end - start)):
        target[to + k] = source[first + k]
    return at + (end - start)


@kernel(i8, ro(u8), ro(i8), ro(i8), ro(i8), ro(i4), ro(i4), ro(i4), ro(u1), ro(i8), rw(u1))
def splice(
    address: Any, length: Any, own: Any, first: Any, start: Any, end: Any, label: Any, labels: Any, label_off: Any,
    dst: Any,
) -> Any:  # fmt: skip
    """Write the spliced texts into dst uint8[total]; address uint64[m] says where each text lies, the other
    arguments are as in spliced_lengths, which has tested them."""
    o: Any = np.int64(0)
    for j in range(len(length)):
        # Texts come in no order of the memory: some are asked for ahead.
        if j + _AHEAD < len(length):
            for line in range(_LINES):
                ask_for(address[j + _AHEAD] + np.uint64(64 * line))
        base, mine, a = address[j], own[j], np.int64(0)
        for e in range(first[mine], first[mine + 1]):
            o = copy_from(base + np.uint64(a), dst, o, np.int64(start[e]) - a)
            o = _put(labels, label_off[label[e]], label_off[label[e] + 1], dst, o)
            a = np.int64(end[e])
        o = copy_from(base + np.uint64(a), dst, o, length[j] - a)
    return o


@kernel(i8, ro(i4), ro(i4), ro(i4), ro(i4), ro(i4), ro(i4), ro(i4), ro(i4), ro(i4), rw(i4), rw(i4), rw(i4), rw(i4))
def remap_edits(
    row: Any, start: Any, end: Any, label: Any, o_row: Any, o_start: Any, o_end: Any, o_label: Any, o_put: Any,
    r_row: Any, r_start: Any, r_end: Any, r_label: Any,
) -> Any:  # fmt: skip
    """New edits in the offsets of a text that old edits have already been put into.

    row, start, end, label  int32[n], the new edits, in offsets of the original, sorted by (row, start)
    o_row .. o_label        int32[m], the old edits, sorted so; labels are numbered alike on both sides
    o_put                   int32[m], bytes of each old edit's placeholder
    r_row .. r_label        written: the new edits that are not there yet, in offsets of the stored text
    Every old edit lies wholly within a new one, or the row has no new edits at all beside it: the new
    decision is the stricter. Returns how many were written, or -1 - i if new edit i cuts an old one.
    """
    k = 0
    j = 0
    delta = 0
    current = -1
    for i in range(len(row)):
        if row[i] != current:
            current = row[i]
            delta = 0
            while j < len(o_row) and o_row[j] < current:
                j += 1
        while j < len(o_row) and o_row[j] == current and o_end[j] <= start[i]:
            delta += o_put[j] - (o_end[j] - o_start[j])
            j += 1
        first = start[i] + delta
        if j < len(o_row) and o_row[j] == current and o_start[j] < start[i]:
            return -1 - i
        same = False
        while j < len(o_row) and o_row[j] == current and o_start[j] < end[i]:
            if o_end[j] > end[i]:
                return -1 - i
            same = o_start[j] == start[i] and o_end[j] == end[i] and o_label[j] == label[i]
            delta += o_put[j] - (o_end[j] - o_start[j])
            j += 1
        if not same:
            r_row[k], r_start[k], r_end[k], r_label[k] = current, first, end[i] + delta, label[i]
            k += 1
    return k
