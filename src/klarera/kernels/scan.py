"""The one fused pass over a batch: triggers, word hits, language, and rows that want a second look.

It walks the Arrow text buffer once, row by row; a candidate never crosses a row. What it costs grows with
the bytes, whatever they hold: every look back ends where the last look forward ended.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from klarera.kernels import i4, i8, inlined, kernel, ro, rw, u1, u8
from klarera.kernels.blocks import block, eight, lowest
from klarera.kernels.triggers import (
    add_colons,
    add_digits,
    add_run,
    close_cluster,
    emit,
    is_encoded,
    placeholder_end,
)  # fmt: skip
from klarera.kernels.utf8 import EIGHT, FOLD_PAIR, PLAIN_LETTER, PRIME, ZERO, char_at, read_word
from klarera.kernels.words import HAS_CHILDREN, HAS_TERMS, LEXICON, MAX_WORDS, find_edge, hashed, sieved

__all__ = ["AT", "CLUSTER", "COLON", "RUN", "SCHEME", "WORDS", "Output", "Rows", "scan_rows"]

AT, SCHEME, CLUSTER, COLON, RUN, WORDS = range(6)
"""Rows of the trigger arrays; WORDS counts hits of the word table."""
CHUNK = 512
"""Words looked up together: so few that they stay in the first cache."""
_S3, _S8 = np.uint64(3), np.uint64(8)
_CHILDREN = np.uint64((1 << 28) - 1)
_TERMS, _MORE = np.uint64(HAS_TERMS), np.uint64(HAS_CHILDREN)
_LANGUAGES = np.uint64(32)
_ONE, _SIXTEEN, _S29, _LOW6, _BITS, _TWO_WORDS = (np.uint64(n) for n in (1, 16, 29, 63, 64, 128))
_ALL, _BYTE, _PAIR, _TOP = np.uint64(2**64 - 1), np.uint64(0xFF), np.uint64(0xFFFF), np.uint64(56)
_SIGN_OF_LETTERS = np.uint64(0x4040404040404040)
"""The bit that letters have and digits have not, in each of eight bytes."""


@inlined
def gap_joins(buf: Any, word: Any, a: Any, b: Any) -> Any:
    """Tell whether a phrase may go on over the gap [a, b): one sign, up to four blanks, or the dot of an
    abbreviation and up to four blanks. `word` is where the word before the gap begins."""
    if b - a == 1:
        return True
    first, size = char_at(buf, a, b)
    if size == b - a:
        return True
    j = a
    if first == 46 and a - word <= 4:
        j += 1
    while j < b:
        point, size = char_at(buf, j, b)
        if point != 32 and point != 10 and point != 9 and point != 0xA0 and point != 0x202F and point != 13:
            return False
        j += size
    return b - a <= 5


@inlined
def add_scores(weights: Any, seen: Any, n: Any, score: Any) -> Any:
    """Sum what the function words and telling letters of a row say for each language."""
    for k in range(_LANGUAGES):
        score[k] = 0
    for i in range(np.uint64(n)):
        said = np.uint64(seen[i])
        for k in range(_LANGUAGES):
            score[k] += np.int64(weights[said, k])


@inlined
def best_language(score: Any, n_languages: Any, least: Any, margin: Any) -> Any:
    """The language whose score leads by the margin and by a tenth of itself, or 0."""
    best, second, at = 0, 0, 0
    for k in range(1, len(score)):
        if score[k] > best:
            best, second, at = score[k], best, k
        elif score[k] > second:
            second = score[k]
    if best < least or best - second < margin or (best - second) * 10 < best or at >= n_languages:
        return 0
    return at


@inlined
def sort_hits(starts: Any, ends: Any, terms: Any, a: Any, b: Any) -> Any:
    """Order the hits of one row by start, end, term; they come ordered by end, so few steps are needed."""
    for i in range(a + 1, b):
        s, e, t, k = starts[i], ends[i], terms[i], i
        while k > a and (
            starts[k - 1] > s or (starts[k - 1] == s and (ends[k - 1] > e or (ends[k - 1] == e and terms[k - 1] > t)))
        ):
            starts[k], ends[k], terms[k] = starts[k - 1], ends[k - 1], terms[k - 1]
            k -= 1
        starts[k], ends[k], terms[k] = s, e, t


class Output(NamedTuple):
    """Where the pass writes. Triggers: one row a kind; hits of the word table beside them."""

    row: npt.NDArray[np.int32]
    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    count: npt.NDArray[np.int32]  # type: ignore[assignment]
    hit_row: npt.NDArray[np.int32]
    hit_start: npt.NDArray[np.int64]
    hit_end: npt.NDArray[np.int64]
    hit_term: npt.NDArray[np.int32]
    n: npt.NDArray[np.int64]
    scratch: npt.NDArray[np.int64]
    seen: npt.NDArray[np.int64]
    words: npt.NDArray[np.int64]
    keys: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, triggers: int, hits: int) -> Output:
        """Room for so many triggers of each kind and so many hits."""
        one, two = (5, triggers), hits
        return cls(
            np.empty(one, np.int32), np.empty(one, np.int64), np.empty(one, np.int64), np.empty(one, np.int32),
            np.empty(two, np.int32), np.empty(two, np.int64), np.empty(two, np.int64), np.empty(two, np.int32),
            np.zeros(6, np.int64), np.zeros((3, 32), np.int64), np.zeros(257, np.int64),
            np.empty((4, CHUNK + 1), np.int64), np.empty((2, CHUNK + 1), np.uint64),
        )  # fmt: skip


class Rows(NamedTuple):
    """What is known and found out of each row: uint8 language (index; given ones are not changed), uint8
    given, int32 words, uint8 look (the row is to be looked at folded as well)."""

    language: npt.NDArray[np.uint8]
    given: npt.NDArray[np.uint8]
    n_words: npt.NDArray[np.int32]
    look: npt.NDArray[np.uint8]


OUTPUT = types.NamedTuple(  # type: ignore[no-untyped-call]
    (rw(i4, 2), rw(i8, 2), rw(i8, 2), rw(i4, 2), rw(i4), rw(i8), rw(i8), rw(i4), rw(i8), rw(i8, 2), rw(i8), rw(i8, 2),
     rw(u8, 2)),
    Output,
)  # fmt: skip
ROWS = types.NamedTuple((rw(u1), rw(u1), rw(i4), rw(u1)), Rows)  # type: ignore[no-untyped-call]


@inlined
def add_hits(lexicon: Any, node: Any, start: Any, end: Any, row: Any, out: Any) -> Any:
    """Note a hit for every term that ends at this node."""
    n = out.n[5]
    for t in range(lexicon.term_at[node], lexicon.term_at[node + 1]):
        if n < len(out.hit_row):
            out.hit_row[n], out.hit_start[n], out.hit_end[n], out.hit_term[n] = row, start, end, lexicon.term[t]
        n += 1
    out.n[5] = n


@inlined
def keep_language(lexicon: Any, language: Any, first: Any, out: Any) -> Any:
    """Drop the row's hits of terms of other languages; the rest in text order."""
    kept = first
    for i in range(first, out.n[5]):
        wanted = lexicon.language[out.hit_term[i]]
        if wanted == 0 or language == 0 or wanted == language:
            out.hit_row[kept], out.hit_start[kept] = out.hit_row[i], out.hit_start[i]
            out.hit_end[kept], out.hit_term[kept] = out.hit_end[i], out.hit_term[i]
            kept += 1
    out.n[5] = kept
    sort_hits(out.hit_start, out.hit_end, out.hit_term, first, kept)


@inlined
def plain_word(buf: Any, j: Any, end: Any) -> Any:
    """(key, flags) of the word buf[j:end] of ASCII letters and digits, as read_word gives them, but for the flag
    DIGIT. Sixteen bytes from its last on must lie in buf."""
    size = np.uint64(end - j)
    p = np.uint64(j)
    letters, mixed = ZERO, ZERO
    while size > _SIXTEEN:
        packed = eight(buf, p)
        letters |= packed
        mixed = (mixed ^ small(packed)) * PRIME
        p += EIGHT
        size -= EIGHT
    # Both at once, since no one can foretell which it is: a branch taken wrong costs more.
    one, two = eight(buf, p), eight(buf, p + EIGHT) >> (_TWO_WORDS - size * EIGHT & _LOW6)
    short = one >> (_BITS - size * EIGHT & _LOW6)
    is_long = size > EIGHT
    letters |= one | two if is_long else short
    mixed = (mixed ^ small(one)) * PRIME
    mixed = (mixed ^ small(two)) * PRIME
    flags = np.int64(letters & _SIGN_OF_LETTERS != ZERO) | np.int64(is_long) << 4
    return mixed ^ mixed >> _S29 if is_long else small(short), flags


@inlined
def letter_word(buf: Any, j: Any, end: Any, special: Any, norm: Any, hints: Any) -> Any:
    """(key, flags, hint) of the word buf[j:end] of at most sixteen bytes, as read_word gives them but for the flag
    DIGIT, if all in it that is not ASCII are plain letters of two bytes; else key 0. `special` are their bits."""
    p = np.uint64(j)
    one, two = eight(buf, p), eight(buf, p + EIGHT)
    flags, hint = np.int64(0), np.int64(0)
    while special != ZERO:
        b = lowest(special)
        first, second = np.int64(buf[j + b]), np.int64(buf[j + b + 1])
        point = (first & 31) << 6 | second & 63
        two_bytes = 0xC2 <= first < 0xE0 and second & 0xC0 == 0x80 and j + b + 1 < end
        if not two_bytes or not PLAIN_LETTER[point] or norm[point] != 0:
            return ZERO, np.int64(0), np.int64(0)
        flags |= np.int64(0x370 <= point < 0x530) << 2
        if hints[point]:
            hint = np.int64(hints[point])
        pair = np.uint64(FOLD_PAIR[point])
        if b == 7:
            one = one & ~_BYTE | pair >> EIGHT
            two = two & ~(_BYTE << _TOP) | (pair & _BYTE) << _TOP
        elif b < 7:
            s = np.uint64(48 - 8 * b)
            one = one & ~(_PAIR << s) | pair << s
        else:
            s = np.uint64(112 - 8 * b)
            two = two & ~(_PAIR << s) | pair << s
        special &= special - _ONE
        special &= special - _ONE
    size = np.uint64(end - j)
    two >>= _TWO_WORDS - size * EIGHT & _LOW6
    short = one >> (_BITS - size * EIGHT & _LOW6)
    is_long = size > EIGHT
    letters = ascii_letters(one) | ascii_letters(two) if is_long else ascii_letters(short)
    mixed = (ZERO ^ (one | ascii_letters(one) >> _ONE)) * PRIME
    mixed = (mixed ^ (two | ascii_letters(two) >> _ONE)) * PRIME
    flags |= np.int64(letters != ZERO) | np.int64(is_long) << 4
    return mixed ^ mixed >> _S29 if is_long else short | ascii_letters(short) >> _ONE, flags, hint


@inlined
def ascii_letters(packed: Any) -> Any:
    """The sign of letters in those of eight bytes that are ASCII."""
    return packed & _SIGN_OF_LETTERS & ~(packed >> _ONE)


@inlined
def small(packed: Any) -> Any:
    """Eight ASCII letters and digits with small letters."""
    return packed | (packed & _SIGN_OF_LETTERS) >> _ONE


@kernel(i8, ro(u1), ro(i8), i8, LEXICON, ROWS, OUTPUT)
def scan_rows(buf: Any, off: Any, first_row: Any, lexicon: Any, rows: Any, out: Any) -> int:
    """Scan rows from `first_row` on. Returns the row it stopped before: len(off) - 1, or one whose output
    did not fit (nothing of it is kept; call again from there with more room). If that is `first_row`, out.n
    says how much room it takes."""
    n, names, name_off = out.n, lexicon.names, lexicon.name_off
    sieve, sieve_shift = lexicon.sieve, lexicon.sieve_shift
    slots, shift, blob = lexicon.slots, lexicon.shift, lexicon.blob
    word_at, word_len = lexicon.word_at, lexicon.word_len
    norm, hints, function, weights = lexicon.norm, lexicon.hints, lexicon.function, lexicon.weight
    score, before, cluster = out.scratch[0], out.scratch[1], out.scratch[2]
    start, stop, mark, picked = out.words[0], out.words[1], out.words[2], out.words[3]
    key, slot, seen = out.keys[0], out.keys[1], out.seen
    at, last = np.int64(-64), len(buf)
    word, digit, active, high = ZERO, ZERO, ZERO, ZERO
    for row in range(first_row, len(off) - 1):
        lo, hi = off[row], off[row + 1]
        for k in range(6):
            before[k] = n[k]
        cluster[2] = 0
        cluster[1] = lo
        n_words, look = 0, 0
        scored: Any = 0
        run_done, colon_done, shut = lo, lo, lo - 1
        given = rows.given[row] != 0
        counted = 0 if given else 1
        j, m = lo, 0
        while True:
            while j < hi and m < CHUNK:
                if j >= at + 64:
                    at = j
                    word, digit, active, high = block(buf, at)
                ahead = (word | active) >> np.uint64(j - at)
                if ahead == ZERO:
                    j = at + 64
                    continue
                j += lowest(ahead)
                if j >= hi:
                    break
                bit = np.uint64(j - at)
                if active >> bit & _ONE:
                    sign = buf[j]
                    if sign == 64:
                        if j == shut:  # "[IP]@pay": what stood before the sign is gone, no name begins here
                            j += 1
                            continue
                        emit(n, 0, out.row, out.start, out.end, out.count, row, j, j + 1, 0)
                    elif sign == 58:
                        if j + 2 < hi and buf[j + 1] == 47 and buf[j + 2] == 47:
                            emit(n, 1, out.row, out.start, out.end, out.count, row, j, j + 3, 0)
                        elif j >= colon_done:
                            colon_done = add_colons(
                                buf, lo, hi, j, colon_done, n, out.row, out.start, out.end, out.count, row
                            )
                    elif sign == 91:
                        past = placeholder_end(buf, j, hi, names, name_off)
                        if past > j:
                            close_cluster(cluster, n, out.row, out.start, out.end, out.count, row)
                            run_done = colon_done = shut = j = past
                            continue
                    elif is_encoded(buf, j, hi):
                        look = 1
                    j += 1
                    continue
                end = j + lowest(~(word >> bit))
                if end >= at + 64 and at < j:
                    at = j  # the word may go on behind the block
                    word, digit, active, high = block(buf, at)
                    bit = ZERO
                    end = j + lowest(~word)
                end = min(end, hi)
                inside = _ALL >> np.uint64(64 - (end - j))
                hint = np.int64(0)
                special = high >> bit & inside
                code, flags = ZERO, np.int64(0)
                if end - j < 64 and end + 16 <= last:
                    if special == ZERO:
                        code, flags = plain_word(buf, j, end)
                    elif end - j <= 16:
                        code, flags, hint = letter_word(buf, j, end, special, norm, hints)
                    flags |= np.int64(digit >> bit & inside != ZERO) << 1
                if code == ZERO:
                    end, code, flags, hint = read_word(buf, j, lo, hi, norm, hints)
                    look |= flags & 8
                    if code == ZERO:
                        j = end
                        continue
                n_words += 1
                if flags & 2:
                    add_digits(buf, lo, j, end, cluster, n, out.row, out.start, out.end, out.count, row)
                    if j >= run_done:
                        run_done = add_run(
                            buf, lo, hi, j, end, run_done, n, out.row, out.start, out.end, out.count, row
                        )
                if flags & 4 and flags & 1:
                    look = 1
                u = np.uint64(m)
                start[u], stop[u], key[u], mark[u] = j, end, code, hint << 1 | flags >> 4 & 1
                m += 1
                j = end
            # What begins in the last words of a full chunk waits until the words behind them are read.
            begun = m if j >= hi else m - MAX_WORDS
            c: Any = 0
            for w in range(np.uint64(begun)):
                h = hashed(key[w], ZERO)
                u = np.uint64(c)
                picked[u], slot[u] = np.int64(w), h >> np.uint64(shift)
                c += np.int64(sieved(sieve, sieve_shift, h)) | np.int64(mark[w] > 1)
            d: Any = 0
            for k in range(np.uint64(c)):
                u = np.uint64(picked[k])
                value = find_edge(
                    slots, slot[k], word_at, word_len, blob, 0, key[u], mark[u] & 1, buf, start[u], stop[u]
                )
                # Without branches, for no one can foretell them: what is not counted is written over.
                seen[np.uint64(scored)] = np.int64(function[value >> _S8 & _CHILDREN])
                scored += np.int64(value >> _S3 & _ONE) & counted & np.int64(scored < 256)
                if mark[u] > 1 and counted and scored < 256:
                    seen[np.uint64(scored)] = mark[u] >> 1
                    scored += 1
                v = np.uint64(d)
                picked[v], slot[v] = np.int64(u), value
                h = hashed(key[u + _ONE], value >> _S8 & _CHILDREN)
                more = np.int64(value & _MORE != ZERO) & np.int64(sieved(sieve, sieve_shift, h))
                d += np.int64(value & _TERMS != ZERO) | more
            for k in range(np.uint64(d)):
                begin, value = picked[k], slot[k]
                i = begin
                child = np.int64(value >> _S8 & _CHILDREN)
                if value & _TERMS:
                    add_hits(lexicon, child, start[i], stop[i], row, out)
                while value & _MORE and i + 1 < m:
                    h = hashed(key[i + 1], child)
                    if not sieved(sieve, sieve_shift, h) or not gap_joins(buf, start[i], stop[i], start[i + 1]):
                        break
                    i += 1
                    value = find_edge(
                        slots, h >> np.uint64(shift), word_at, word_len, blob, child, key[i], mark[i] & 1, buf,
                        start[i], stop[i],
                    )  # fmt: skip
                    child = np.int64(value >> _S8 & _CHILDREN)
                    if value & _TERMS:
                        add_hits(lexicon, child, start[begin], stop[i], row, out)
            if j >= hi:
                break
            for i in range(MAX_WORDS):
                start[i], stop[i], key[i], mark[i] = start[begun + i], stop[begun + i], key[begun + i], mark[begun + i]
            m = MAX_WORDS
        close_cluster(cluster, n, out.row, out.start, out.end, out.count, row)
        if max(n[0], n[1], n[2], n[3], n[4]) > out.row.shape[1] or n[5] > len(out.hit_row):
            if row > first_row:
                for k in range(6):
                    n[k] = before[k]
            return row
        if not given:
            add_scores(weights, seen, scored, score)
            rows.language[row] = best_language(score, lexicon.n_languages, lexicon.least, lexicon.margin)
        rows.n_words[row] = n_words
        rows.look[row] = 1 if look else 0
        keep_language(lexicon, rows.language[row], before[5], out)
    return len(off) - 1
