"""Addresses grown around a trigger: e-mail addresses, handles, links to profiles.

Every loop is bounded (LOCAL, DOMAIN, NAME, URL bytes), so a hostile text costs no more than a plain one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1
from klarera.kernels.utf8 import BYTE_CLASS, FOLD_BYTE, FOLD_TWO, char_at, char_before, parts_words

__all__ = [
    "DOMAIN",
    "domain_end",
    "fold_into",
    "grow_emails",
    "is_name_char",
    "local_start",
    "name_end",
    "one_of",
    "packed_word",
    "spans_form",
    "top_label_ok",
    "word_key",
    "word_keys",
]

LOCAL, DOMAIN, NAME = 64, 255, 64
"""Most bytes of a local part, a domain (RFC 5321, 4.5.3.1) and a handle."""

_LOCAL = np.zeros(256, np.bool_)
_LOCAL[list(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-'~")] = True

_NO_TLD = "png jpg jpeg gif svg webp bmp pdf css js jsx ts tsx json html htm txt xml yml yaml toml csv exe dll"


def word_key(word: str) -> int:
    """A word of at most eight bytes as one number, as the word pass packs it."""
    return int.from_bytes(word.encode(), "big")


def word_keys(words: str) -> npt.NDArray[np.uint64]:
    """Such words, parted by blanks, as a sorted array."""
    return np.array(sorted(word_key(word) for word in words.split()), np.uint64)


_FILES = word_keys(_NO_TLD)


@device
def packed_word(buf: Any, a: Any, b: Any) -> Any:
    """buf[a:b], folded, as one number; 0 if longer than eight bytes."""
    packed = np.uint64(0)
    if b - a > 8:
        return packed
    for j in range(a, b):
        packed = packed << np.uint64(8) | np.uint64(FOLD_BYTE[buf[j]])
    return packed


@device
def one_of(keys: Any, packed: Any) -> Any:
    """Tell whether a packed word is in a sorted list."""
    at = np.searchsorted(keys, packed)
    return at < len(keys) and keys[at] == packed


@device
def fold_into(buf: Any, a: Any, b: Any, out: Any, n: Any) -> Any:
    """Append buf[a:b] in small letters; returns the new length."""
    j = a
    while j < b:
        point, size = char_at(buf, j, b)
        if size == 2:
            folded = np.int64(FOLD_TWO[point])
            out[n], out[n + 1] = 0xC0 | folded >> 6, 0x80 | folded & 63
        else:
            for k in range(size):
                out[n + k] = FOLD_BYTE[buf[j + k]]
        n, j = n + size, j + size
    return n


@device
def is_name_char(point: Any) -> Any:
    """Letters, digits, the low line, and word characters beyond ASCII."""
    if point < 0x80:
        return 48 <= point <= 57 or 65 <= point <= 90 or 97 <= point <= 122 or point == 95
    return not parts_words(point)


@device
def ends_ascii_word(point: Any, ascii_only: Any) -> Any:
    """Tell whether a character of a script written without blanks follows an ASCII name."""
    return ascii_only and (point >= 0x2E80 or 0xE00 <= point < 0x1000)


@device
def top_label_ok(buf: Any, a: Any, b: Any) -> Any:
    """Tell whether buf[a:b] has the shape of a top-level domain: two letters or more, or punycode."""
    if b - a < 2 or b - a > 63:
        return False
    if b - a > 4 and packed_word(buf, a, a + 4) == np.uint64(0x786E2D2D):
        return True
    for j in range(a, b):
        if buf[j] < 0x80 and BYTE_CLASS[buf[j]] != 1:
            return False
    return not one_of(_FILES, packed_word(buf, a, b))


@device
def domain_end(buf: Any, start: Any, hi: Any) -> Any:
    """Where the domain name that begins at `start` ends; `start` if there is none with a top label.

    A sentence that follows without a blank ("example.org.Then") is cut off.
    """
    j, label, dots = start, start, 0
    ascii_only: Any = True
    best = start
    limit = min(hi, start + DOMAIN)
    while True:
        point, size = char_at(buf, j, hi) if j < limit else (np.int64(32), 1)
        inside: Any = point == 45 or (is_name_char(point) and point != 95)
        if inside and point >= 0x250 and dots and ascii_only and j > label:
            inside = False
        if inside:
            ascii_only = ascii_only and point < 0x80
            j += size
            continue
        end = j
        while end > label and buf[end - 1] == 45:
            end -= 1
        if end == label or buf[label] == 45:
            break
        if dots:
            fresh_sentence = 65 <= buf[label] <= 90 and 97 <= buf[label - 2] <= 122 and best > start
            if top_label_ok(buf, label, end) and not fresh_sentence:
                best = end
        if point != 46 or end != j:
            break
        dots, j = dots + 1, j + 1
        label = j
    return best


@device
def local_start(buf: Any, end: Any, lo: Any) -> Any:
    """Where the local part that ends at `end` begins; `end` if there is none."""
    j, floor, ascii_only = end, max(lo, end - LOCAL), True
    while j > floor:
        point, size = char_before(buf, j, lo)
        if j - size < floor:
            break
        if point < 0x80:
            if not _LOCAL[point] or (point == 46 and j < end and buf[j] == 46):
                break
        elif parts_words(point) or ends_ascii_word(point, ascii_only and j < end):
            break
        else:
            ascii_only = False
        j -= size
    if j + 3 <= end and buf[j] == 37:
        j += 3
    while j < end and buf[j] < 0x80 and BYTE_CLASS[buf[j]] & 3 == 0 and buf[j] != 95:
        j += 1
    return j


@device
def is_userinfo(buf: Any, start: Any, lo: Any) -> Any:
    """Tell whether a password of a URL ("://name:password@host") begins at `start`."""
    if start == lo or buf[start - 1] != 58:
        return False
    j = start - 1
    while j > lo and start - j < 128 and buf[j - 1] > 32 and buf[j - 1] != 64:
        if buf[j - 1] == 47:
            return j - 3 >= lo and buf[j - 2] == 47 and buf[j - 3] == 58
        j -= 1
    return False


@kernel(i8, ro(u1), ro(i8), ro(i4), ro(i8), rw(i8, 2))
def grow_emails(buf: Any, off: Any, row: Any, at: Any, out: Any) -> int:
    """Grow an address around each "@"; out: start, end, 1 or 0 for none. Returns how many there are."""
    n, taken = 0, np.int64(-1)
    for i in range(len(at)):
        lo, hi, p = off[row[i]], off[row[i] + 1], at[i]
        out[i, 2] = 0
        start = local_start(buf, p, max(lo, taken))
        if start == p or (start > lo and buf[start - 1] == 64) or is_userinfo(buf, start, lo):
            continue
        end = domain_end(buf, p + 1, hi)
        if end == p + 1:
            end = literal_end(buf, p + 1, hi)
        if end == p + 1:
            continue
        remote = end < hi and buf[end] == 58 and packed_word(buf, start, p) == np.uint64(0x676974)
        if remote and end + 1 < hi and buf[end + 1] > 32:
            continue
        out[i, 0], out[i, 1], out[i, 2] = start, end, 1
        n, taken = n + 1, end
    return n


@device
def literal_end(buf: Any, start: Any, hi: Any) -> Any:
    """Where an address literal "[192.0.2.1]" ends, or `start`."""
    if start >= hi or buf[start] != 91:
        return start
    j, dots = start + 1, 0
    while j < hi and j - start < 48 and (BYTE_CLASS[buf[j]] & 3 or buf[j] == 46 or buf[j] == 58):
        dots += buf[j] == 46 or buf[j] == 58
        j += 1
    return j + 1 if j < hi and buf[j] == 93 and dots >= 2 else start


@device
def name_end(buf: Any, start: Any, hi: Any) -> Any:
    """Where the handle that begins at `start` ends; dots and hyphens count only between its parts."""
    j, ascii_only = start, True
    limit = min(hi, start + NAME)
    while j < limit:
        point, size = char_at(buf, j, hi)
        if point == 46 or point == 45:
            if j == start or j + 1 >= limit:
                break
            after, _ = char_at(buf, j + 1, hi)
            if not is_name_char(after) or ends_ascii_word(after, ascii_only):
                break
        elif not is_name_char(point) or ends_ascii_word(point, ascii_only and j > start):
            break
        if point >= 0x80:
            ascii_only = False
        if j + size > limit:
            break
        j += size
    return j


@kernel(i8, ro(u1), ro(i8), ro(i8), rw(u1), rw(i8))
def spans_form(buf: Any, start: Any, end: Any, out: Any, out_off: Any) -> int:
    """Canonical forms that are just small letters; out needs as many bytes as the spans."""
    n = 0
    out_off[0] = 0
    for i in range(len(start)):
        n = fold_into(buf, start[i], end[i], out, n)
        out_off[i + 1] = n
    return n
