"""The folded copy of rows that may hold disguised text, with a map back to every original byte.

Nothing a character folds to is longer than the character, so the copy is never longer than the row.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from klarera.kernels import i8, inlined, kernel, ro, rw, u1, u2, u4
from klarera.kernels.addresses import one_of
from klarera.kernels.utf8 import BYTE_CLASS, char_at, is_hidden, parts_words

__all__ = ["FOLDS", "Copy", "Folds", "fold_rows", "map_back"]


class Folds(NamedTuple):
    """What folds to what.

    plain       uint16[65536]: code point → plain code point, 0 itself
    math        uint8[1024]: U+1D400 + i → ASCII, 0 none
    alike       uint8[2048]: Greek or Cyrillic letter → the ASCII letter it looks like, 0 none
    pair, whole uint32 sorted (base << 8 | mark - 0x300) → uint16 code point they compose to
    entity      uint64 sorted (name of a character entity, packed) → uint16 code point
    """

    plain: npt.NDArray[np.uint16]
    math: npt.NDArray[np.uint8]
    alike: npt.NDArray[np.uint8]
    pair: npt.NDArray[np.uint32]
    whole: npt.NDArray[np.uint16]
    entity: npt.NDArray[np.uint64]
    meaning: npt.NDArray[np.uint16]


class Copy(NamedTuple):
    """The copy: bytes, and for each the range of original bytes it stands for; used: bytes in use."""

    buf: npt.NDArray[np.uint8]
    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    used: npt.NDArray[np.int64]


u8_ = types.uint64
FOLDS = types.NamedTuple((rw(u2), rw(u1), rw(u1), rw(u4), rw(u2), rw(u8_), rw(u2)), Folds)  # type: ignore[no-untyped-call]
COPY = types.NamedTuple((rw(u1), rw(i8), rw(i8), rw(i8)), Copy)  # type: ignore[no-untyped-call]


@inlined
def put(copy: Any, point: Any, a: Any, b: Any) -> Any:
    """Append a code point that stands for the original bytes [a, b)."""
    n = copy.used[0]
    if point < 0x80:
        copy.buf[n], size = point, 1
    elif point < 0x800:
        copy.buf[n], copy.buf[n + 1], size = 0xC0 | point >> 6, 0x80 | point & 63, 2
    elif point < 0x10000:
        copy.buf[n], copy.buf[n + 1], copy.buf[n + 2] = 0xE0 | point >> 12, 0x80 | point >> 6 & 63, 0x80 | point & 63
        size = 3
    else:
        copy.buf[n], copy.buf[n + 1] = 0xF0 | point >> 18, 0x80 | point >> 12 & 63
        copy.buf[n + 2], copy.buf[n + 3], size = 0x80 | point >> 6 & 63, 0x80 | point & 63, 4
    for k in range(size):
        copy.start[n + k], copy.end[n + k] = a, b
    copy.used[0] = n + size


@inlined
def hex_value(c: Any) -> Any:
    """Value of a hex digit, or -1."""
    if 48 <= c <= 57:
        return np.int64(c) - 48
    small = np.int64(c) | 32
    return small - 87 if 97 <= small <= 102 else np.int64(-1)


@inlined
def percent(buf: Any, j: Any, hi: Any) -> Any:
    """(ASCII sign, bytes) of "%40", or of "%2540"; (0, 0) if it is none."""
    k = j + 1
    if k + 3 < hi and buf[k] == 50 and buf[k + 1] == 53 and hex_value(buf[k + 2]) >= 0:
        k += 2
    if k + 1 >= hi:
        return np.int64(0), 0
    high, low = hex_value(buf[k]), hex_value(buf[k + 1])
    if high < 2 or high > 7 or low < 0:
        return np.int64(0), 0
    return high * 16 + low, k + 2 - j


@inlined
def entity(buf: Any, j: Any, hi: Any, names: Any, meaning: Any) -> Any:
    """(code point, bytes) of the character entity at "&"; "&amp;#64;" too. (0, 0) if it is none."""
    k = j + 1
    if k + 4 < hi and buf[k] == 97 and buf[k + 1] == 109 and buf[k + 2] == 112 and buf[k + 3] == 59:
        if buf[k + 4] != 35:
            return np.int64(38), 5
        k += 4
    point, s = np.int64(0), k
    if k < hi and buf[k] == 35:
        base = 16 if k + 1 < hi and buf[k + 1] | 32 == 120 else 10
        k += 1 if base == 10 else 2
        s = k
        while k < hi and k - s < 7 and 0 <= hex_value(buf[k]) < base:
            point = point * base + hex_value(buf[k])
            k += 1
    else:
        packed = np.uint64(0)
        while k < hi and k - s < 8 and BYTE_CLASS[buf[k]] == 1:
            packed = packed << np.uint64(8) | np.uint64(buf[k])
            k += 1
        if one_of(names, packed):
            point = np.int64(meaning[np.searchsorted(names, packed)])
    wrong = point < 32 or point > 0x10FFFF or 0xD800 <= point < 0xE000
    if k == s or k >= hi or buf[k] != 59 or wrong:
        return np.int64(0), 0
    return point, k + 1 - j


@inlined
def plain_of(point: Any, folds: Any) -> Any:
    """What a character folds to by itself; 0 if it stays."""
    if point < 0x10000:
        return np.int64(folds.plain[point])
    if 0x1D400 <= point < 0x1D800:
        return np.int64(folds.math[point - 0x1D400])
    for first in (0x1F130, 0x1F150, 0x1F170):
        if first <= point < first + 26:
            return point - first + 65
    return np.int64(0)


@inlined
def joins_numbers(point: Any, before: Any, after: Any) -> Any:
    """The plain form of a blank or dash between digits or brackets, 0 for others."""
    if not ((BYTE_CLASS[before] == 2 or before == 41) and (BYTE_CLASS[after] == 2 or after == 40)):
        return 0
    if point == 0xA0 or 0x2000 <= point <= 0x200A or point == 0x202F:
        return 32
    return 45 if 0x2010 <= point <= 0x2015 or point == 0x2212 else 0


@inlined
def mixed_word(buf: Any, j: Any, hi: Any) -> Any:
    """(end, mixed) of the word at j: does it hold ASCII letters beside Greek or Cyrillic ones?"""
    ascii_letter, other = False, False
    while j < hi:
        point, size = char_at(buf, j, hi)
        if point < 0x80:
            if BYTE_CLASS[point] & 3 == 0:
                break
            ascii_letter |= BYTE_CLASS[point] == 1
        elif parts_words(point) and not is_hidden(point):
            break
        other |= 0x370 <= point < 0x530
        j += size
    return j, ascii_letter and other


@inlined
def reverse(buf: Any, j: Any, hi: Any, folds: Any, copy: Any) -> Any:
    """Append what a right-to-left override at j shows, in the order it is read; returns its end."""
    stop = j + 3
    while stop < hi:
        point, size = char_at(buf, stop, hi)
        if point == 10 or 0x202A <= point <= 0x202E:
            break
        stop += size
    b = stop
    while b > j + 3:
        a = b - 1
        while a > j + 3 and b - a < 4 and buf[a] & 0xC0 == 0x80:
            a -= 1
        point, _ = char_at(buf, a, b)
        plain = plain_of(point, folds)
        if (not is_hidden(point) and point < 0xDC00) or point > 0xDFFF:
            put(copy, plain if plain else point, a, b)
        b = a
    return stop


@inlined
def selector_run(buf: Any, j: Any, hi: Any) -> Any:
    """Bytes of the variation selectors that follow one another from j on."""
    k = j
    while k < hi:
        point, size = char_at(buf, k, hi)
        if not (0xFE00 <= point < 0xFE10 or 0xE0100 <= point < 0xE01F0):
            break
        k += size
    return k - j


@inlined
def compose(folds: Any, copy: Any, lo: Any, mark: Any, b: Any) -> Any:
    """Join a combining mark to the letter written last, or leave it out; False if there is no letter."""
    n = copy.used[0]
    if n == lo:
        return False
    at = n - 1
    while at > lo and n - at < 2 and copy.buf[at] & 0xC0 == 0x80:
        at -= 1
    base, size = char_at(copy.buf, at, n)
    if size != n - at or not (base >= 0xC0 or BYTE_CLASS[base] == 1) or base >= 0x800:
        return False
    pair = np.uint32(base << 8 | mark - 0x300)
    k = np.searchsorted(folds.pair, pair)
    if k < len(folds.pair) and folds.pair[k] == pair:
        a = copy.start[at]
        copy.used[0] = at
        put(copy, np.int64(folds.whole[k]), a, b)
        return True
    return base < 0x80


@kernel(i8, ro(u1), ro(i8), ro(i8), FOLDS, COPY, rw(i8))
def fold_rows(buf: Any, off: Any, rows: Any, folds: Any, copy: Any, copy_off: Any) -> int:
    """Write the folded copy of these rows; copy needs as many bytes as they have. Returns bytes written."""
    copy_off[0] = 0
    for r in range(len(rows)):
        lo, hi, first = off[rows[r]], off[rows[r] + 1], copy.used[0]
        j, word, mixed = lo, lo, False
        while j < hi:
            point, size = char_at(buf, j, hi)
            before = copy.buf[copy.used[0] - 1] if copy.used[0] > first else np.uint8(32)
            after = buf[j + size] if j + size < hi else np.uint8(32)
            if point >= 0xDC00 and point < 0xE000:
                n = copy.used[0]
                copy.buf[n], copy.start[n], copy.end[n] = buf[j], j, j + 1
                copy.used[0] = n + 1
                j += 1
                continue
            if point < 0x80:
                found, length = np.int64(0), 0
                if point == 37:
                    found, length = percent(buf, j, hi)
                elif point == 38:
                    found, length = entity(buf, j, hi, folds.entity, folds.meaning)
                if length:
                    put(copy, found, j, j + length)
                    j += length
                    continue
            elif point == 0x202E:
                j = reverse(buf, j, hi, folds, copy)
                continue
            elif is_hidden(point) or point == 0x20E3:
                run = selector_run(buf, j, hi)
                # Many selectors in a row carry a provenance manifest (C2PA): not ours to read or to drop.
                manifest = run > size and run >= 8
                behind = BYTE_CLASS[before] & 3 != 0 or before in (64, 46, 43, 35, 42, 45)
                if not manifest and behind and (after > 32 or point == 0x20E3):
                    j += size
                    continue
                if manifest:
                    size = run
                    for k in range(j, j + run):
                        n = copy.used[0]
                        copy.buf[n], copy.start[n], copy.end[n] = buf[k], k, k + 1
                        copy.used[0] = n + 1
                    j += run
                    continue
            elif 0x300 <= point < 0x370 and compose(folds, copy, first, point, j + size):
                j += size
                continue
            plain = np.int64(0)
            if point >= 0x80:
                plain = plain_of(point, folds)
                if plain == 0:
                    plain = np.int64(joins_numbers(point, before, after))
                if plain == 0 and point < 0x800:
                    if j >= word:
                        word, mixed = mixed_word(buf, j, hi)
                    if mixed:
                        plain = np.int64(folds.alike[point])
            elif j >= word and BYTE_CLASS[point] & 3:
                word, mixed = mixed_word(buf, j, hi)
            put(copy, plain if plain else point, j, j + size)
            j += size
        copy_off[r + 1] = copy.used[0]
    return int(copy.used[0])


@kernel(i8, ro(i8), ro(i8), COPY, rw(i8), rw(i8))
def map_back(start: Any, end: Any, copy: Any, out_start: Any, out_end: Any) -> int:
    """Original byte range of each span of the copy: from the first to the last byte it came from."""
    for i in range(len(start)):
        a, b = copy.start[start[i]], copy.end[start[i]]
        for k in range(start[i], end[i]):
            a, b = min(a, copy.start[k]), max(b, copy.end[k])
        out_start[i], out_end[i] = a, b
    return len(start)
