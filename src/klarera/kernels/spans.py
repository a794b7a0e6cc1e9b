"""What happens to spans after they are found: sentences, overlaps, shared canonical form."""

from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import b1, device, i4, i8, kernel, ro, rw, u1
from klarera.kernels.addresses import word_keys
from klarera.kernels.utf8 import char_at

__all__ = ["claim", "key_messages", "sentences", "shared_form"]

_DROPPED = np.zeros(256, np.bool_)
_DROPPED[list(b" .-/()")] = True
_PLAIN = np.ones(256, np.bool_)
_PLAIN[list(b"\n\r!.?\xcd\xd8\xe2\xe3")] = False
"""Bytes that neither end a sentence nor begin a character that does."""
_SMALL = np.arange(256, dtype=np.uint8)
_SMALL[65:91] += 32

_KEYS = word_keys(
    "abs al art bd betr bl bzw ca cf co corp dept dipl dr ed ehem ev evtl ff fig fr frl geb gen ggf gest gmbh hl hr "
    "hrsg inc ing inkl insb jr jun lt ltd max mag mgr min mind mio mlle mme mr mrd mrs ms nr no nos obj ok op phd "
    "pp prof resp rev sen sgt sog sr sra srta ss st str stv tab tel tgl tj tzn ul usf usw vgl vol vs zb zt zzgl"
)
"""Abbreviations behind which a sentence goes on."""


@device
def abbreviated(buf: Any, dot: Any, lo: Any) -> Any:
    """Tell whether the dot ends an initial or an abbreviation."""
    j, packed = dot, np.uint64(0)
    while j > lo and dot - j < 7 and (65 <= buf[j - 1] <= 90 or 97 <= buf[j - 1] <= 122):
        j -= 1
        packed |= np.uint64(_SMALL[buf[j]]) << np.uint64(8 * (dot - 1 - j))
    if j == dot or (j > lo and buf[j - 1] >= 0x80):
        return False
    if dot - j == 1:
        return True
    at = np.searchsorted(_KEYS, packed)
    return at < len(_KEYS) and _KEYS[at] == packed


@device
def is_blank(point: Any) -> Any:
    """Blanks and line ends."""
    return (
        point == 32
        or 9 <= point <= 13
        or point == 0xA0
        or 0x2000 <= point <= 0x200A
        or point == 0x202F
        or point == 0x3000
    )


@device
def is_blank_byte(c: Any) -> Any:
    """ASCII blanks and line ends."""
    return c == 32 or 9 <= c <= 13


@device
def closes(point: Any) -> Any:
    """Closing quotes and brackets, which belong to the sentence before them."""
    return point in (34, 39, 41, 93, 125, 0xBB, 0xAB, 0x2019, 0x201D, 0x201C, 0x203A, 0x300D)


@device
def next_end(buf: Any, j: Any, lo: Any, hi: Any) -> Any:
    """End of the sentence that goes on at j: behind its last mark and quotes, or the line end, or hi."""
    while j < hi:
        if _PLAIN[buf[np.uint64(j)]]:
            j += 1
            continue
        point, size = char_at(buf, j, hi)
        if point == 10 or point == 13 or point == 0x2028 or point == 0x2029:
            return j if j > lo else j + size
        j += size
        if point not in (33, 46, 63, 0x2026, 0x203C, 0x2047, 0x2048, 0x2049, 0x3002, 0x61F, 0x37E):
            continue
        dot, single = j - size, point == 46
        while j < hi:
            point, size = char_at(buf, j, hi)
            if point not in (33, 46, 63, 0x2026) and not closes(point):
                break
            single = single and closes(point)
            j += size
        if j == hi or (buf[dot] == 0xE3 and not single):
            return j
        if not is_blank(point):
            continue
        if single:
            if abbreviated(buf, dot, lo):
                continue
            k = j
            while k < hi and is_blank(point) and point != 10:
                k += size
                if k < hi:
                    point, size = char_at(buf, k, hi)
            # A small letter after a dot goes on with the sentence.
            if k < hi and 97 <= point <= 122:
                continue
        return j
    return hi


@device
def skip_blanks(buf: Any, j: Any, hi: Any) -> Any:
    """Place of the next sign that is no blank, or hi."""
    while j < hi:
        point, size = char_at(buf, j, hi)
        if not is_blank(point):
            return j
        j += size
    return j


@kernel(i8, ro(u1), ro(i8), ro(i4), ro(i8), ro(i8), ro(i8), rw(i8), rw(i8))
def sentences(buf: Any, off: Any, row: Any, start: Any, end: Any, by_end: Any, first: Any, last: Any) -> int:
    """Bounds of the sentence(s) around each span, absolute: `first` where the one that holds its first byte
    begins, `last` where the one that holds its last byte ends.

    Spans are ordered by (row, start); by_end lists them by (row, end). Each row is walked once, and a second
    time at most where spans end behind the sentence they begin in.
    """
    k, n = 0, len(row)
    while k < n:
        r = row[k]
        lo, hi = off[r], off[r + 1]
        stop = k
        a, b = skip_blanks(buf, lo, hi), next_end(buf, lo, lo, hi)
        begin = skip_blanks(buf, b, hi)
        while stop < n and row[stop] == r:
            while b < hi and begin <= start[stop]:
                a = begin
                b = next_end(buf, a, lo, hi) if a < hi else hi
                begin = skip_blanks(buf, b, hi)
            first[stop], last[stop] = min(a, start[stop]), b
            stop += 1
        b = lo
        for m in range(k, stop):
            i = by_end[m]
            stop_at = last[i]
            if stop_at < end[i]:
                # Ends come in order, so this walk goes on where it was, or where the sentence of the span ends.
                b = max(b, stop_at)
                while b < end[i]:
                    b = next_end(buf, skip_blanks(buf, b, hi), lo, hi)
                stop_at = b
            while stop_at > end[i] and is_blank_byte(buf[stop_at - 1]):
                stop_at -= 1
            last[i] = max(stop_at, end[i])
        k = stop
    return n


@kernel(i8, ro(i8), ro(i8), ro(i8), ro(i8), rw(b1), allocates=True)
def claim(order: Any, group: Any, start: Any, end: Any, kept: Any) -> int:
    """Go through spans in `order`, best first within a group; keep one unless a kept one overlaps it.

    A group holds spans that overlap each other in a chain; groups follow one another in `order`.
    """
    k, n, total = 0, len(order), 0
    while k < n:
        stop, lo, hi = k, start[order[k]], end[order[k]]
        while stop < n and group[order[stop]] == group[order[k]]:
            lo, hi = min(lo, start[order[stop]]), max(hi, end[order[stop]])
            stop += 1
        taken = np.zeros(hi - lo, np.bool_)
        for m in range(k, stop):
            i = order[m]
            free = True
            for p in range(start[i] - lo, end[i] - lo):
                if taken[p]:
                    free = False
                    break
            kept[i] = free
            if free:
                taken[start[i] - lo : end[i] - lo] = True
                total += 1
        k = stop
    return total


@kernel(i8, ro(u1), ro(i8), ro(i8), rw(u1), rw(i8))
def shared_form(buf: Any, start: Any, end: Any, out: Any, out_off: Any) -> int:
    """Canonical form of identifiers without one of their own: ASCII lower case, without " .-/()".

    out needs as many bytes as the spans; out_off has one entry more than there are spans.
    """
    n = 0
    out_off[0] = 0
    for i in range(len(start)):
        for j in range(start[i], end[i]):
            if not _DROPPED[buf[j]]:
                out[n] = _SMALL[buf[j]]
                n += 1
        out_off[i + 1] = n
    return n


@kernel(i8, ro(i8), ro(u1), ro(i8), ro(u1), rw(u1), rw(i8))
def key_messages(which: Any, kind: Any, canon_off: Any, canon: Any, out: Any, out_off: Any) -> int:
    """What is hashed for each identifier: its kind, a zero byte, its canonical form."""
    n = 0
    out_off[0] = 0
    for i in range(len(which)):
        k = which[i]
        out[n], out[n + 1] = kind[k], 0
        n += 2
        for j in range(canon_off[k], canon_off[k + 1]):
            out[n] = canon[j]
            n += 1
        out_off[i + 1] = n
    return n
