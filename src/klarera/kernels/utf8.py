"""What a word is, byte by byte, and how its case is folded.

A word is a run of ASCII letters and digits and of bytes from 0x80 on, except the signs that part words:
U+0080-00BF but ª µ º, U+2000-2BFF (punctuation, currency, arrows, symbols, dingbats), U+3000-301F,
variation selectors, U+FEFF, U+FFFD, and everything from U+1F000 on (emoji, tags). ASCII signs, among
them the apostrophe, the hyphen and the low line, part words too.

Folding keeps the length: ASCII, Latin-1, Latin Extended, Greek (final sigma too), Cyrillic and Armenian
capitals become small letters of the same number of bytes; all else stays as it is.

>>> words("Größe, O'Neill — ΠΟΛΙΣ")
['größe', 'o', 'neill', 'πολισ']
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from klarera.kernels import i8, inlined, kernel, ro, rw, u1

__all__ = [
    "ACTIVE", "ACTIVE_SIGNS", "BYTE_CLASS", "DIGIT", "FOLD_BYTE", "FOLD_PAIR", "FOLD_TWO", "LETTER", "LONG", "LOOK",
    "OTHER_SCRIPT", "PLAIN_LETTER", "SIGN", "char_at", "char_before", "fold_case", "read_word", "word_bounds", "words",
]  # fmt: skip

LETTER, DIGIT, SIGN, ACTIVE, TWO, THREE, FOUR, STRAY = 1, 2, 4, 8, 16, 32, 64, 128
"""Classes of bytes, one bit each. ACTIVE signs may start a candidate; STRAY bytes are not UTF-8."""
OTHER_SCRIPT, LOOK, LONG = 4, 8, 16
"""More flags of a word: holds Greek or Cyrillic; should be looked at folded; is longer than eight bytes."""


ACTIVE_SIGNS = b"@:[&%"


def _byte_classes() -> npt.NDArray[np.uint8]:
    table = np.full(256, SIGN, np.uint8)
    for first, last, kind in (
        (0x30, 0x39, DIGIT), (0x41, 0x5A, LETTER), (0x61, 0x7A, LETTER), (0x80, 0xFF, STRAY),
        (0xC2, 0xDF, TWO), (0xE0, 0xEF, THREE), (0xF0, 0xF4, FOUR),
    ):  # fmt: skip
        table[first : last + 1] = kind
    table[list(ACTIVE_SIGNS)] = ACTIVE
    return table


def _small_letters(stop: int) -> npt.NDArray[np.uint16]:
    table = np.arange(stop, dtype=np.uint16)
    for point in range(stop):
        small = chr(point).lower()
        if len(small) == 1 and (ord(small) < 0x80) == (point < 0x80) and ord(small) < stop:
            table[point] = ord(small)
    if stop > 0x3C2:
        table[0x3C2] = 0x3C3
    return table


BYTE_CLASS = _byte_classes()
FOLD_TWO = _small_letters(0x800)
FOLD_BYTE = np.arange(256, dtype=np.uint8)
FOLD_BYTE[:0x80] = _small_letters(0x80)

FOLD_PAIR = (0xC0 | FOLD_TWO >> 6) << 8 | 0x80 | FOLD_TWO & 63
"""The two bytes a code point from U+0080 to U+07FF folds to, as one number."""
PLAIN_LETTER = np.zeros(0x800, np.bool_)
PLAIN_LETTER[0xC0:] = True
PLAIN_LETTER[[0xD7, 0xF7, 0x61C]] = PLAIN_LETTER[0x300:0x370] = False
"""Code points below U+0800 that neither part words nor can be a disguise, wherever they stand."""

PRIME = np.uint64(0x9E3779B97F4A7C15)
EIGHT = np.uint64(8)
ZERO = np.uint64(0)


@inlined
def char_at(buf: Any, j: Any, hi: Any) -> Any:
    """(code point, bytes) of the character at j; a byte that is not UTF-8 is (that byte + 0xDC00, 1)."""
    c = np.int64(buf[j])
    if c < 0x80:
        return c, 1
    left = hi - j
    if 0xC2 <= c < 0xE0 and left > 1 and (buf[j + 1] & 0xC0) == 0x80:
        return (c & 31) << 6 | np.int64(buf[j + 1] & 63), 2
    if 0xE0 <= c < 0xF0 and left > 2 and (buf[j + 1] & 0xC0) == 0x80 and (buf[j + 2] & 0xC0) == 0x80:
        return (c & 15) << 12 | np.int64(buf[j + 1] & 63) << 6 | np.int64(buf[j + 2] & 63), 3
    if (
        0xF0 <= c < 0xF5
        and left > 3
        and (buf[j + 1] & 0xC0) == 0x80
        and (buf[j + 2] & 0xC0) == 0x80
        and (buf[j + 3] & 0xC0) == 0x80
    ):
        point = (c & 7) << 18 | np.int64(buf[j + 1] & 63) << 12 | np.int64(buf[j + 2] & 63) << 6
        return point | np.int64(buf[j + 3] & 63), 4
    return c + 0xDC00, 1


@inlined
def char_before(buf: Any, j: Any, lo: Any) -> Any:
    """(code point, bytes) of the character that ends at j; j must be beyond lo."""
    s = j - 1
    while s > lo and j - s < 4 and (buf[s] & 0xC0) == 0x80:
        s -= 1
    point, size = char_at(buf, s, j)
    if size == j - s:
        return point, size
    return np.int64(buf[j - 1]) + 0xDC00, 1


@inlined
def parts_words(point: Any) -> Any:
    """Tell whether a code point from 0x80 on stands between words."""
    if point < 0xC0:
        return point != 0xAA and point != 0xB5 and point != 0xBA
    if point < 0x2000:
        return point == 0xD7 or point == 0xF7
    if point < 0x2C00:
        return True
    if point < 0xFE00:
        return 0x3000 <= point < 0x3020 or 0xDC00 <= point < 0xE000
    if point < 0x10000:
        return point < 0xFE10 or point == 0xFEFF or point == 0xFFFD
    return point >= 0x1F000


@inlined
def is_hidden(point: Any) -> Any:
    """Characters that show nothing: soft hyphen, joiners, zero-width, direction marks, selectors, tags."""
    if point < 0x2000:
        return point == 0xAD or point == 0x34F or point == 0x61C or point == 0x180E
    if point < 0x2070:
        return 0x200B <= point <= 0x200F or 0x202A <= point <= 0x202E or point >= 0x2060
    return 0xFE00 <= point < 0xFE10 or point == 0xFEFF or 0xE0000 <= point < 0xE01F0


@inlined
def needs_look(point: Any, before: Any, after: Any, plain: Any) -> Any:
    """Tell whether a character may be a disguise, so that the row is looked at folded as well.

    before, after: the bytes around it, 32 at the ends; plain: what it folds to, 0 itself. What shows nothing
    disguises only behind an ASCII letter, digit or one of @.+#* and before something visible; blanks and dashes
    only between digits.
    """
    if plain != 0 or point == 0x202E:
        return True
    if 0x300 <= point < 0x370 or is_hidden(point):
        return after > 32 and (BYTE_CLASS[before] & 3 != 0 or before in (64, 46, 43, 35, 42))
    if point == 0xA0 or 0x2000 <= point <= 0x2015 or point == 0x202F or point == 0x2212:
        return (BYTE_CLASS[before] == 2 or before == 41) and (BYTE_CLASS[after] == 2 or after == 40)
    return 0x1D400 <= point < 0x1D800 or 0x1F130 <= point < 0x1F18A


@inlined
def folded_byte(point: Any, byte: Any, k: Any, size: Any) -> Any:
    """Byte k of a character in its small form: of `point` if it has two bytes, else as it is."""
    if size == 2:
        return np.uint64(0xC0 | point >> 6 if k == 0 else 0x80 | point & 63)
    return np.uint64(byte)


@inlined
def read_word(buf: Any, j: Any, lo: Any, hi: Any, norm: Any, hints: Any) -> Any:
    """Read the word at j, or the one sign that is not ASCII.

    Returns (end, key, flags, hint). Up to eight bytes the key is the folded word itself, beyond it is a
    hash (flag LONG). flags without LETTER, DIGIT or OTHER bits: 0 and key 0 mean "no word, one sign read".
    hint is the last entry of `hints` that a letter of the word points to.
    """
    packed, mixed = ZERO, ZERO
    start: Any = j
    count: Any = 0
    flags: Any = 0
    hint: Any = 0
    while j < hi:
        c = buf[j]
        kind = BYTE_CLASS[c]
        if kind & 3:
            if count == 8:
                mixed = (mixed ^ packed) * PRIME
                packed, count = ZERO, 0
            packed = packed << EIGHT | np.uint64(FOLD_BYTE[c])
            count += 1
            flags |= np.int64(kind)
            j += 1
            continue
        if kind & 12:
            break
        # Decoded here: a call that takes an array costs more than the decoding.
        point: Any = np.int64(c) + 0xDC00
        size = 1
        if kind == 16 and j + 1 < hi and buf[j + 1] & 0xC0 == 0x80:
            point, size = np.int64(c & 31) << 6 | np.int64(buf[j + 1] & 63), 2
        elif kind == 32 and j + 2 < hi and buf[j + 1] & 0xC0 == 0x80 and buf[j + 2] & 0xC0 == 0x80:
            point = np.int64(c & 15) << 12 | np.int64(buf[j + 1] & 63) << 6 | np.int64(buf[j + 2] & 63)
            size = 3
        elif kind == 64 and j + 3 < hi and buf[j + 1] & 0xC0 == 0x80 and buf[j + 3] & 0xC0 == 0x80:
            point = np.int64(c & 7) << 18 | np.int64(buf[j + 1] & 63) << 12 | np.int64(buf[j + 2] & 63) << 6
            point, size = point | np.int64(buf[j + 3] & 63), 4
        plain = np.int64(norm[point]) if point < 0x10000 else np.int64(0)
        before = buf[j - 1] if j > lo else np.uint8(32)
        after = buf[j + size] if j + size < hi else np.uint8(32)
        if needs_look(point, before, after, plain):
            flags |= 8
        if parts_words(point):
            if j == start:
                return j + size, ZERO, flags, 0
            break
        if point < 0x800:
            if 0x370 <= point < 0x530:
                flags |= 4
            if hints[point]:
                hint = np.int64(hints[point])
            point = np.int64(FOLD_TWO[point])
        if count + size > 8:
            # Full: the first bytes complete the eight, the rest begins the next.
            for k in range(size):
                if count == 8:
                    mixed = (mixed ^ packed) * PRIME
                    packed, count = ZERO, 0
                packed = packed << EIGHT | folded_byte(point, buf[j + k], k, size)
                count += 1
        else:
            for k in range(size):
                packed = packed << EIGHT | folded_byte(point, buf[j + k], k, size)
            count += size
        j += size
    if j - start > 8:
        mixed = (mixed ^ packed) * PRIME
        return j, mixed ^ mixed >> np.uint64(29), flags | 16, hint
    return j, packed, flags, hint


@inlined
def same_folded(buf: Any, start: Any, end: Any, blob: Any, at: Any) -> Any:
    """Tell whether buf[start:end], folded, equals the bytes of `blob` from `at` on."""
    j = start
    while j < end:
        c = buf[j]
        if c < 0x80 or not 0xC2 <= c < 0xE0 or j + 1 == end:
            if FOLD_BYTE[c] != blob[at + j - start]:
                return False
            j += 1
        else:
            folded = np.int64(FOLD_TWO[np.int64(c & 31) << 6 | np.int64(buf[j + 1] & 63)])
            if blob[at + j - start] != 0xC0 | folded >> 6 or blob[at + j + 1 - start] != 0x80 | folded & 63:
                return False
            j += 2
    return True


@kernel(i8, ro(u1), rw(u1))
def fold_case(buf: Any, out: Any) -> int:
    """Write buf with small letters to out, which has the same length; returns that length."""
    j, hi = 0, len(buf)
    while j < hi:
        point, size = char_at(buf, j, hi)
        if size == 2:
            folded = np.int64(FOLD_TWO[point])
            out[j], out[j + 1] = 0xC0 | folded >> 6, 0x80 | folded & 63
        else:
            for k in range(size):
                out[j + k] = FOLD_BYTE[buf[j + k]]
        j += size
    return hi


@kernel(i8, ro(u1), rw(i8, 2), allocates=True)
def word_bounds(buf: Any, out: Any) -> int:
    """Write (start, end) of every word of buf to out; returns how many there are."""
    norm, hints = np.zeros(65536, np.uint16), np.zeros(2048, np.uint16)
    j, n, hi = 0, 0, len(buf)
    while j < hi:
        if BYTE_CLASS[buf[j]] & 12:
            j += 1
            continue
        end, key, _, _ = read_word(buf, j, 0, hi, norm, hints)
        if key != ZERO:
            out[n, 0], out[n, 1] = j, end
            n += 1
        j = end
    return n


def words(text: str) -> list[str]:
    """The folded words of a text, as the word pass sees them.

    >>> words("E-Mail: ЁЛКА! 2nd")
    ['e', 'mail', 'ёлка', '2nd']
    """
    buf = np.frombuffer(text.encode(), np.uint8)
    small, bounds = np.empty_like(buf), np.empty((len(buf), 2), np.int64)
    fold_case(buf, small)
    return [small[a:b].tobytes().decode() for a, b in bounds[: word_bounds(buf, bounds)]]
