"""Whether a pattern can match at a trigger at all, by the words right beside it.

Most triggers stand among words that no pattern has there ("13 people"). This test reads two words and saves cutting
the sentence. It may say yes too often, never no where a pattern anchored at the trigger would match.

Patterns are bits here. `near_key` [slot] hash of a word; `near_bits` [slot, side] patterns that may have it
there, and in [slot, 2] all ones for a word that begins a new clause; `near_sign` [language, sign, side] patterns that
take any word, any that begins no clause, a word across a break, the end of a clause, a number, a capitalised word,
and those that only a counting number triggers. Side 0 is the left one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import inlined
from klarera.kernels.cue_words import PRIME, SEED, digit, plain_number

__all__ = ["NEAR_SIGNS"]

ANY_WORD, FREE_WORD, ACROSS, AT_EDGE, NUMBER, CAPITALISED, COUNTED = range(7)
NEAR_SIGNS = 7
LONGEST = 128
"""Bytes read back over words joined by dots or low lines."""
_ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_NONE = np.uint64(0)
_ONE = np.uint64(1)
# Whether a break stands before the word: no, in any case, at once with the end of the sentence, or to be found out.
_JOINED, _BROKEN, _ENDED, _OPEN = range(4)


@inlined
def is_letter(c: Any) -> Any:
    """Whether the byte is an ASCII letter."""
    return 97 <= (c | 32) <= 122


@inlined
def gap_with(gap: Any, c: Any) -> Any:
    """What stands between two words, once the byte c is part of it too."""
    if c == 10 or c == 13 or c == 33:
        return _ENDED
    if gap == _OPEN or c == 46 or c == 45 or c == 63 or c == 64 or c >= 128:
        return _OPEN
    if c <= 32 or c == 39 or c == 34 or c == 47 or c == 38 or c == 43 or c == 35 or c == 42 or c == 95:
        return gap
    return _BROKEN


@inlined
def patterns_of(h: Any, side: Any, sign: Any, near_key: Any, near_bits: Any) -> Any:
    """Patterns that may have the word of this hash on this side."""
    mask = np.uint64(len(near_key) - 1)
    s = (h ^ (h >> np.uint64(31))) & mask
    while near_key[s] != _NONE:
        if near_key[s] == h:
            return near_bits[s, side] | sign[ANY_WORD, side] | (sign[FREE_WORD, side] & ~near_bits[s, 2])
        s = (s + _ONE) & mask
    return sign[ANY_WORD, side] | sign[FREE_WORD, side]


@inlined
def beside(gap: Any, words: Any, sign: Any, side: Any) -> Any:
    """Patterns that may go on over this gap to a word that has `words`."""
    if gap == _JOINED:
        return words
    if gap == _OPEN:
        return words | sign[AT_EDGE, side]
    if gap == _BROKEN:
        return (words & sign[ACROSS, side]) | sign[AT_EDGE, side]
    return sign[AT_EDGE, side]


@inlined
def to_left(buf: Any, lo: Any, at: Any, salt: Any, sign: Any, near_key: Any, near_bits: Any) -> Any:
    """Patterns that may go on leftwards from the byte `at`."""
    p = at
    gap = _JOINED
    while p > lo and gap != _ENDED and not is_letter(buf[p - 1]) and not digit(buf[p - 1]):
        gap = gap_with(gap, buf[p - 1])
        if buf[p - 1] >= 128 or buf[p - 1] == 64:
            return _ALL
        p -= 1
    if p == lo or gap == _ENDED:
        return sign[AT_EDGE, 0]
    end = p
    if digit(buf[p - 1]):
        while p > lo and digit(buf[p - 1]):
            p -= 1
    else:
        while p > lo and is_letter(buf[p - 1]):
            p -= 1
    q = p
    while (
        q > lo
        and p - q <= LONGEST
        and (is_letter(buf[q - 1]) or digit(buf[q - 1]) or buf[q - 1] == 95 or buf[q - 1] == 46)
    ):
        q -= 1
    if p - q > LONGEST:
        return _ALL  # who runs words together without end shall not be read again for each of them
    if q > lo and (buf[q - 1] == 64 or (q == p and buf[q - 1] >= 128)):
        return _ALL  # the end of a handle, or of a word of which this is not the beginning
    return beside(gap, word_patterns(buf, p, end, salt, sign, 0, near_key, near_bits), sign, 0)


@inlined
def to_right(buf: Any, at: Any, hi: Any, salt: Any, sign: Any, near_key: Any, near_bits: Any) -> Any:
    """Patterns that may go on rightwards from the byte `at`."""
    p = at
    gap = _JOINED
    while p < hi and gap != _ENDED and not is_letter(buf[p]) and not digit(buf[p]):
        gap = gap_with(gap, buf[p])
        if buf[p] >= 128 or buf[p] == 64:
            return _ALL
        p += 1
    if p == hi or gap == _ENDED:
        return sign[AT_EDGE, 1]
    start = p
    if digit(buf[p]):
        while p < hi and digit(buf[p]):
            p += 1
    else:
        while p < hi and is_letter(buf[p]):
            p += 1
        if p < hi and buf[p] >= 128:
            return _ALL
    return beside(gap, word_patterns(buf, start, p, salt, sign, 1, near_key, near_bits), sign, 1)


@inlined
def word_patterns(
    buf: Any, start: Any, end: Any, salt: Any, sign: Any, side: Any, near_key: Any, near_bits: Any
) -> Any:
    """Patterns that may have the word buf[start:end] of ASCII letters or digits on this side."""
    h = SEED
    letters = is_letter(buf[start])
    for p in range(start, end):
        h = (h ^ np.uint64(buf[p] | 32 if letters else buf[p])) * PRIME
    bits = patterns_of(h ^ salt, side, sign, near_key, near_bits)
    if not letters:
        return bits | sign[NUMBER, side]
    return bits | sign[CAPITALISED, side] if buf[start] <= 90 else bits


@inlined
def near(
    buf: Any, lo: Any, hi: Any, start: Any, end: Any, bits: Any, salt: Any, sign: Any, near_key: Any, near_bits: Any
) -> Any:
    """Those of the patterns `bits` that can match around the trigger buf[start:end] of the row [lo, hi)."""
    p = start
    while p < end and digit(buf[p]):
        p += 1
    if p > start and not plain_number(buf, lo, hi, start, p):
        bits &= ~sign[COUNTED, 0]
    if bits != _NONE:
        bits &= to_left(buf, lo, start, salt, sign, near_key, near_bits)
    if bits == _NONE:
        return _NONE
    right = to_right(buf, end, hi, salt, sign, near_key, near_bits)
    if start < p < end:  # of "16f" the number alone is a trigger too
        right |= to_right(buf, p, hi, salt, sign, near_key, near_bits)
    return bits & right
