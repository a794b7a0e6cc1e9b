"""Sentences into folded words: where each is, its hash, its form, and what stands before it.

Folding: lower case and without the accents of Latin-1, so that "Étudiante", "etudiante" and "ÉTUDIANTE" are one
word. Letters and digits part ("13f" is "13", "f"), apostrophes part ("j'ai" is "j", "ai"); a handle or a
web address is one word that no lexicon knows.
"""
# ruff: noqa: SIM102  (what these ask for does not compile into a plain loop)

from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import i4, i8, inlined, kernel, ro, rw, u1, u8
from klarera.kernels.placeholders import at_placeholder

__all__ = ["phrase_hashes"]

# What stands before a word: nothing but space; it is glued on; "-"; "'"; a break of the clause; a mark such
# as "/" or "&"; the start of a sentence. Patterns cross GAP_BREAK only where they say so, GAP_HARD never.
SPACE, GLUED, HYPHEN, APOSTROPHE, GAP_MARK, GAP_BREAK, GAP_HARD = range(7)
# Form of a word.
CAPITAL, ALLCAPS, DIGITS, PLAIN_NUMBER, OPAQUE, AT, DOT, SHUT = 1, 2, 4, 8, 16, 32, 64, 128
"""SHUT: a redaction placeholder; no pattern reaches across one, however few words it is."""

BEFORE = 300
"""Bytes before the sentence in which a pronoun may find its person."""
REACH = 500
"""Bytes of one sentence looked at on each side of a trigger."""

_BASE = np.array([ord(c) for c in "aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo*ouuuuyty"], np.uint8)
SEED = np.uint64(14695981039346656037)
PRIME = np.uint64(1099511628211)
_MIX = np.uint64(0x9E3779B97F4A7C15)


@inlined
def letter(buf: Any, p: Any, end: Any) -> Any:
    """Bytes of the letter at p: 0 if it is none."""
    c = buf[p]
    if c < 128:
        return 1 if (97 <= c <= 122) or (65 <= c <= 90) else 0
    if p + 1 >= end:
        return 0
    if c == 0xC2:
        return 2 if buf[p + 1] == 0xAA or buf[p + 1] == 0xB5 or buf[p + 1] == 0xBA else 0
    if c == 0xC3 and (buf[p + 1] == 0x97 or buf[p + 1] == 0xB7):
        return 0
    if 0xC3 <= c <= 0xDF:
        return 2
    if (c == 0xE1 or (0xE4 <= c <= 0xED)) and p + 2 < end:
        return 3
    return 0


@inlined
def folded(buf: Any, p: Any, size: Any) -> Any:
    """Code point of the letter at p in lower case, Latin-1 without accent."""
    c = np.int64(buf[p])
    if size == 1:
        return c + 32 if c <= 90 else c  # letters only
    if size == 3:
        return (c << 12) | (np.int64(buf[p + 1]) << 6) | np.int64(buf[p + 2])
    cp = ((c & 31) << 6) | (np.int64(buf[p + 1]) & 63)
    if 0xC0 <= cp <= 0xFF:
        return np.int64(_BASE[cp - 0xC0])
    if (0x100 <= cp <= 0x137) or (0x14A <= cp <= 0x177):
        return cp | 1
    if (0x139 <= cp <= 0x148) or (0x179 <= cp <= 0x17E):
        return cp + (cp & 1)
    if 0x391 <= cp <= 0x3A9 or 0x410 <= cp <= 0x42F:
        return cp + 32
    if 0x400 <= cp <= 0x40F:
        return cp + 80
    return cp


@inlined
def upper(buf: Any, p: Any, size: Any) -> Any:
    """Whether the letter at p is a capital."""
    c = np.int64(buf[p])
    if size == 1:
        return c <= 90
    if size == 3:
        return False
    cp = ((c & 31) << 6) | (np.int64(buf[p + 1]) & 63)
    if 0xC0 <= cp <= 0xFF:
        return cp <= 0xDE
    return folded(buf, p, size) != cp


@inlined
def digit(c: Any) -> Any:
    """Whether the byte is an ASCII digit."""
    return 48 <= c <= 57


@inlined
def plain_number(buf: Any, lo: Any, hi: Any, start: Any, end: Any) -> Any:
    """Whether the digits [start, end) count something whole: no time, price, share, score, decimal, rank."""
    if start > lo:
        c = buf[start - 1]
        if c == 35 or c == 36 or c == 43 or c == 0xA3 or c == 0xAC or c == 126:
            return False
        if c == 45 and (start - 1 == lo or buf[start - 2] <= 32):
            return False
        if (c == 46 or c == 44 or c == 58 or c == 47 or c == 39 or c == 45 or c == 95) and start - 1 > lo:
            if digit(buf[start - 2]) or (c != 44 and c != 46 and letter(buf, start - 2, start - 1) > 0):
                return False
    if end < hi:
        c = buf[end]
        if c == 37 or c == 36 or c == 43 or c == 0xC2 or c == 95 or c == 42:
            return False
        if c == 0xE2 and end + 2 < hi and buf[end + 1] == 0x82:
            return False
        follows = end + 1 < hi and digit(buf[end + 1])
        if (c == 46 or c == 44 or c == 58 or c == 47 or c == 45) and follows:
            return False
        if (c == 39 or c == 34) and (follows or end + 1 >= hi or buf[end + 1] == 32):
            return False
        if c == 32 and end + 1 < hi:
            n = buf[end + 1]
            if n == 37 or n == 0xC2 or (n == 0xE2 and end + 2 < hi and buf[end + 2] == 0x82):
                return False
            if (n == 47 or n == 45 or n == 58) and end + 2 < hi and buf[end + 2] == 32:
                # "3 - 1", "13 / 20": tokenised scores
                q = end + 3
                if q < hi and digit(buf[q]):
                    return False
    return True


@inlined
def vowel(c: Any) -> Any:
    """Whether the byte is a vowel letter."""
    c |= 32
    return c == 97 or c == 101 or c == 105 or c == 111 or c == 117 or c == 121


@inlined
def abbreviated(buf: Any, start: Any, end: Any) -> Any:
    """Whether the word looks like a title or an initial: "J", "Dr", "Mrs", "Mme", "Prof", not "AI", "No", "Dad"."""
    size = end - start
    if not 65 <= buf[start] <= 90 or size > 4:
        return False
    if size == 1:
        return buf[start] != 73
    if size == 4:
        return buf[start] == 80 and buf[start + 1] == 114  # Prof
    return buf[start + 1] >= 97 and not vowel(buf[start]) and not vowel(buf[start + 1])


@inlined
def stops(buf: Any, p: Any, lo: Any, hi: Any) -> Any:
    """Whether the byte at p ends a sentence."""
    c = buf[p]
    if c > 63:
        return False
    if c == 10 or c == 13 or c == 33:
        return True
    if c == 63:
        return p + 1 >= hi or buf[p + 1] <= 32 or buf[p + 1] >= 128 or buf[p + 1] == 63 or buf[p + 1] == 33
    if c != 46:
        return False
    if (p + 1 < hi and buf[p + 1] == 46) or (p > lo and buf[p - 1] == 46):
        return False
    q = p + 1
    while q < hi and (buf[q] == 34 or buf[q] == 39 or buf[q] == 41):
        q += 1
    if q < hi and buf[q] > 32:
        return False
    while q < hi and buf[q] <= 32:
        q += 1
    k = p
    while k > lo and (buf[k - 1] > 64 or digit(buf[k - 1])):
        k -= 1
    if k == p or q >= hi:
        return True
    if digit(buf[k]):  # an ordinal: "im 5. Monat"
        return not (p - k <= 2 and digit(buf[p - 1]) and letter(buf, q, hi) > 0)
    size = letter(buf, q, hi)
    return not (abbreviated(buf, k, p) and size > 0 and upper(buf, q, size))


@inlined
def bounds(buf: Any, lo: Any, hi: Any, hit_start: Any, hit_end: Any) -> Any:
    """Bounds of the sentence around a hit in the row [lo, hi), and where its foregoing text begins."""
    a = hit_start
    first = max(lo, hit_start - REACH)
    while a > first and not stops(buf, a - 1, lo, hi):
        a -= 1
    b = hit_end
    last = min(hi, hit_end + REACH)
    while b < last and not stops(buf, b, lo, hi):
        b += 1
    while b < last and buf[b] > 32 and stops(buf, b, lo, hi):  # "?!" belongs to its sentence
        b += 1
    before = max(lo, a - BEFORE)
    while a < hi and a > lo and (buf[a] & 0xC0) == 0x80:
        a += 1
    while before < a and (buf[before] & 0xC0) == 0x80:
        before += 1
    while b < hi and (buf[b] & 0xC0) == 0x80:
        b += 1
    return before, a, b


@inlined
def gap_of(buf: Any, a: Any, b: Any, lo: Any, hi: Any) -> Any:
    """What stands in [a, b) between two words."""
    if a == b:
        return GLUED
    gap = SPACE
    p = a
    while p < b:
        c = buf[p]
        if stops(buf, p, lo, hi):
            return GAP_HARD
        if c == 39 or (c == 0xE2 and p + 2 < b and buf[p + 1] == 0x80 and (buf[p + 2] | 1) == 0x99):
            gap = max(gap, APOSTROPHE) if b - a <= 4 else max(gap, GAP_MARK)
            p += 1 if c == 39 else 3
            continue
        if c == 0xE2 and p + 2 < b and buf[p + 1] == 0x80 and (0x9C <= buf[p + 2] <= 0x9F):
            gap = max(gap, GAP_MARK)
            p += 3
            continue
        if c == 45:
            alone = p > a and p + 1 < b
            gap = max(gap, GAP_BREAK if alone else HYPHEN)
        elif c == 46:
            gap = max(gap, SPACE if p == a and b - a <= 2 else GAP_BREAK)
        elif c == 34 or c == 47 or c == 38 or c == 43 or c == 35 or c == 64 or c == 42 or c == 95:
            gap = max(gap, GAP_MARK)
        elif c == 0xC2 and p + 1 < b and buf[p + 1] == 0xA0:
            p += 1
        elif c > 32:
            gap = max(gap, GAP_BREAK)
        p += 1
    return gap


@inlined
def opaque_end(buf: Any, p: Any, hi: Any) -> Any:
    """End of the handle or web address, or of a placeholder with a word glued to it, that begins at p; or p."""
    if buf[p] == 64:
        q = p + 1
        while q < hi and (letter(buf, q, hi) == 1 or digit(buf[q]) or buf[q] == 95 or buf[q] == 46):
            q += 1
        while q > p + 1 and buf[q - 1] == 46:
            q -= 1
        return q if q > p + 1 else p
    if buf[p] == 91 and at_placeholder(buf, p, hi):
        q = p
        while buf[q] != 93:
            q += 1
        q += 1
        stop, glued = q, False
        while stop < hi and buf[stop] > 32:  # "[EMAIL].Then": the word was part of the address
            if buf[stop] == 91 and at_placeholder(buf, stop, hi):
                while buf[stop] != 93:
                    stop += 1
            glued |= letter(buf, stop, hi) > 0 or digit(buf[stop])
            stop += 1
        return stop if glued else q
    c = buf[p] | 32
    if c == 104 and p + 7 < hi and (buf[p + 1] | 32) == 116 and (buf[p + 2] | 32) == 116:
        q = p + 4
        if (buf[q] | 32) == 115:
            q += 1
        if buf[q] != 58 or buf[q + 1] != 47:
            return p
    elif c == 119 and p + 4 < hi and (buf[p + 1] | 32) == 119 and (buf[p + 2] | 32) == 119 and buf[p + 3] == 46:
        q = p
    else:
        return p
    while q < hi and buf[q] > 32:
        q += 1
    return q


@inlined
def cut(
    buf: Any, a: Any, b: Any, lo: Any, hi: Any, start: Any, end: Any, word: Any, gap: Any, form: Any, value: Any
) -> Any:
    """Cut [a, b) into words; returns how many. gap has one more entry than there are words."""
    n = 0
    last = a
    p = a
    while p < b and n < len(start):
        size = letter(buf, p, b)
        number = digit(buf[p])
        q = opaque_end(buf, p, b)
        if q == p and size == 0 and not number:
            p += 1
            continue
        gap[n] = gap_of(buf, last, p, lo, hi) if n > 0 else GAP_HARD
        start[n] = p
        value[n] = -1
        h = SEED
        if q > p:
            form[n] = OPAQUE | AT if buf[p] == 64 else (OPAQUE | SHUT if buf[p] == 91 else OPAQUE)
            h = np.uint64(1)
            p = q
        elif number:
            v = np.int64(0)
            while p < b and digit(buf[p]):
                v = np.int64(min(v * 10 + buf[p] - 48, np.int64(1_000_000)))
                h = (h ^ np.uint64(buf[p])) * PRIME
                p += 1
            value[n] = v
            form[n] = DIGITS | (PLAIN_NUMBER if plain_number(buf, lo, hi, start[n], p) else 0)
        else:
            capital = upper(buf, p, size)
            caps = True
            letters = 0
            while size > 0:
                caps &= upper(buf, p, size)
                h = (h ^ np.uint64(folded(buf, p, size))) * PRIME
                letters += 1
                p += size
                size = letter(buf, p, b) if p < b else 0
            form[n] = (CAPITAL if capital else 0) | (ALLCAPS if caps and letters > 1 else 0)
            form[n] |= DOT if capital and p < b and buf[p] == 46 else 0
        end[n] = p
        word[n] = h
        last = p
        n += 1
    gap[n] = GAP_HARD
    return n


@inlined
def chained(h: Any, word: Any) -> Any:
    """Hash of a phrase grown by one word."""
    h = (h ^ word) * _MIX
    return h ^ (h >> np.uint64(29))


@kernel(i8, ro(u1), ro(i8), rw(u8, 2), rw(i4), allocates=True)
def phrase_hashes(buf: Any, off: Any, word: Any, count: Any) -> Any:
    """Word hashes of each phrase: word[i, :count[i]]; returns 0."""
    m = word.shape[1]
    start, end, value = np.empty(m, np.int64), np.empty(m, np.int64), np.empty(m, np.int64)
    gap, form = np.empty(m + 1, np.int64), np.empty(m, np.int64)
    for i in range(len(off) - 1):
        lo, hi = off[i], off[i + 1]
        count[i] = cut(buf, lo, hi, lo, hi, start, end, word[i], gap, form, value)
    return 0
