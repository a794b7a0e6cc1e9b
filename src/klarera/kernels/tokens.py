"""What detectors of technical tokens share: the nearest cue, spans as they stand."""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201  (types stand in the signatures of the kernels)
from __future__ import annotations

from klarera.kernels import device, i8, kernel, ro, rw, u1
from klarera.kernels.numbers import broken

__all__ = ["copy_spans", "nearest_cue"]

LONGEST_CUE = 64
"""Bytes of the longest cue phrase."""


@device
def nearest_cue(buf, pos, lo, reach, cue_start, cue_end, cue_tag):
    """(tag, bytes between) of the cue word that ends last before `pos`, at most `reach` bytes, in the same
    clause; (0, reach) if there is none. The cue arrays are ordered by start."""
    left, right = 0, len(cue_start)
    while left < right:
        middle = (left + right) // 2
        if cue_start[middle] < pos:
            left = middle + 1
        else:
            right = middle
    tag, best = 0, reach + 1
    i = left - 1
    while i >= 0 and cue_start[i] >= lo and cue_start[i] + LONGEST_CUE + reach >= pos:
        gap = pos - cue_end[i]
        if 0 <= gap < best and not broken(buf, cue_end[i], pos):
            tag, best = cue_tag[i], gap
        i -= 1
    return tag, min(best, reach)


@kernel(i8, ro(u1), ro(i8), ro(i8), rw(u1), rw(i8))
def copy_spans(buf, start, end, out, out_off):
    """Canonical forms that are the very bytes of the spans: case matters. Returns their bytes in all."""
    n = 0
    out_off[0] = 0
    for i in range(len(start)):
        for p in range(start[i], end[i]):
            out[n] = buf[p]
            n += 1
        out_off[i + 1] = n
    return n
