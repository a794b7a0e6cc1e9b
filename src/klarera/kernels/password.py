"""The loops for passwords and keys: in URLs, and behind cues."""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202, SIM110  (types stand in the signatures; generators do not compile to loops)
from __future__ import annotations

import numpy as np

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1, u8
from klarera.kernels.addresses import one_of, packed_word
from klarera.kernels.numbers import is_digit, is_letter, is_word_at
from klarera.kernels.secret import DISTINCT, SIGNS, distinct, mask

__all__ = ["BEARER", "KEY", "PASSWORD", "PEM", "SAID", "WEAK", "find_cued", "find_userinfo"]

PASSWORD, WEAK, SAID, KEY, BEARER, PEM = range(1, 7)
"""Tags of the cues, as secret_cues.tsv names them."""
LEAST_PASSWORD, MOST_PASSWORD = 6, 128
LEAST_KEY, USERINFO = 16, 256

_KEY = mask(SIGNS["url"] + b"+/=.~")
# What ends a password that is not in quotation marks, and what ends one in a URL.
_ENDS = mask(bytes(range(33)) + b"\"'`,;<>)]}&|\\")
_ENDS_USERINFO = mask(bytes(range(33)) + b"\"'`<>/?#\\")
# Signs that stand in passwords, and seldom in words, names of variables, paths or dates.
_TELLING = mask(b"!#$%&*+=?@^~|")


@device
def is_filler(buf, a, b):
    """What stands where a secret belongs: <...>, {...}, ${...}, $NAME, %s, [..]."""
    c = buf[a]
    if c == 60 or c == 123 or c == 91 or c == 37:
        return True
    if c != 36 or b - a < 2:
        return False
    if buf[a + 1] == 123 or buf[a + 1] == 40:
        return True
    for p in range(a + 1, b):
        if not (65 <= buf[p] <= 90 or buf[p] == 95 or is_digit(buf[p])):
            return False
    return True


@kernel(i8, ro(u1), ro(i8), ro(i4), ro(i8), ro(u8), rw(i4), rw(i8), rw(i8))
def find_userinfo(buf, off, row, at, fillers, out_row, out_start, out_end):
    """Name and password between "://" and "@" (RFC 3986 3.2.1); returns how many. fillers: words that stand for
    a password, packed."""
    k = 0
    for t in range(len(row)):
        hi = off[row[t] + 1]
        a = at[t] + 3
        colon, sign, j = np.int64(-1), np.int64(-1), a
        while j < hi and j - a < USERINFO and not _ENDS_USERINFO[buf[j]]:
            if buf[j] == 58 and colon < 0:
                colon = j
            elif buf[j] == 64:
                sign = j
            j += 1
        if colon < 0 or sign <= colon + 1 or sign + 1 >= hi:
            continue
        if not is_word_at(buf, sign + 1, a, hi) and buf[sign + 1] != 91:
            continue
        word = packed_word(buf, colon + 1, sign)
        if is_filler(buf, colon + 1, sign) or (word and one_of(fillers, word)):
            continue
        starred = True
        for p in range(colon + 1, sign):
            starred &= buf[p] == buf[colon + 1]
        if starred and sign - colon > 2:
            continue
        out_row[k], out_start[k], out_end[k] = row[t], a, sign
        k += 1
    return k


@device
def past_connector(buf, i, hi, needed):
    """Where the value begins behind a cue that ends at i: over marks, ":" or "=" and one quotation mark; -1 if
    the sign between is needed and missing. Also the quotation mark, or 0."""
    j = i
    while j < hi and j - i < 3 and buf[j] in (34, 39, 96, 42, 93):  # " ' ` * ]
        j += 1
    s = j
    while j < hi and j - s < 3 and (buf[j] == 32 or buf[j] == 9 or buf[j] == 0xC2 or buf[j] == 0xA0):
        j += 1
    if j < hi and (buf[j] == 58 or buf[j] == 61):
        j += 1
        while j < hi and (buf[j] == 61 or buf[j] == 62):
            j += 1
    elif needed or j == s:
        return np.int64(-1), 0
    s = j
    while j < hi and j - s < 4 and (buf[j] == 32 or buf[j] == 9 or buf[j] == 42):
        j += 1
    quote = 0
    if j < hi and buf[j] in (34, 39, 96):
        quote = int(buf[j])
        j += 1
    return j, quote


@device
def value_end(buf, a, hi, quote):
    """End of the value at a: at its closing quotation mark, else at a blank or bracket, without end marks."""
    j = a
    if quote:
        while j < hi and j - a <= MOST_PASSWORD and buf[j] != quote and buf[j] >= 32:
            j += 1
        return j if j < hi and buf[j] == quote else a
    while j < hi and j - a <= MOST_PASSWORD and not _ENDS[buf[j]]:
        j += 1
    while j > a and buf[j - 1] in (46, 58, 63):  # . : ?
        j -= 1
    return j


@device
def is_password(buf, a, b, digits_too, words):
    """Tell whether buf[a:b] is no ordinary word, name of a variable, address or placeholder.

    Exclamation marks at the end may be the sentence's: they are taken along, but prove nothing.
    """
    long_enough = b - a >= LEAST_PASSWORD
    while b > a and buf[b - 1] == 33:
        b -= 1
    if not long_enough or b == a or b - a > MOST_PASSWORD or is_filler(buf, a, b):
        return False
    letters, digits, telling, others, dotted = 0, 0, 0, 0, False
    for p in range(a, b):
        c = buf[p]
        if is_letter(c) or c >= 0x80:
            letters += 1
        elif is_digit(c):
            digits += 1
        elif _TELLING[c]:
            telling += 1
        elif c == 32 or c == 40:  # prose, or a call
            return False
        else:
            others += 1
            inner = a < p < b - 1 and is_letter(buf[p - 1]) and is_letter(buf[p + 1])
            dotted |= c == 46 and inner
            if c == 47 and buf[p - 1] == 47:
                return False
    if letters == 0:
        return digits_too and digits == b - a
    if telling == 0 and (digits == 0 or dotted):
        return False
    word = packed_word(buf, a, b)
    return distinct(buf, a, b) >= 4 and not (word and one_of(words, word))


@device
def is_key(buf, a, b, hi):
    """Tell whether buf[a:b] is one long token of letters and digits that looks drawn by lot."""
    if b - a < LEAST_KEY or (b < hi and buf[b] == 40):
        return False
    letters, digits = 0, 0
    for p in range(a, b):
        if not _KEY[buf[p]] or (buf[p] == 47 and buf[p - 1] == 47):
            return False
        letters += is_letter(buf[p])
        digits += is_digit(buf[p])
    return letters > 0 and digits > 1 and distinct(buf, a, b) >= DISTINCT


@kernel(i8, ro(u1), ro(i8), ro(i4), ro(i8), ro(i8), ro(u8), rw(i4), rw(i8), rw(i8))
def find_cued(buf, off, row, cue_end, cue_tag, words, out_row, out_start, out_end):
    """Passwords and keys behind cues; returns how many. words: what is never a password, packed."""
    k = 0
    for t in range(len(row)):
        hi, tag = off[row[t] + 1], cue_tag[t]
        a, quote = past_connector(buf, cue_end[t], hi, tag != SAID and tag != BEARER)
        if a < 0:
            continue
        b = value_end(buf, a, hi, quote)
        long = tag in (KEY, BEARER)
        if is_key(buf, a, b, hi) if long else is_password(buf, a, b, tag == PASSWORD, words):
            out_row[k], out_start[k], out_end[k] = row[t], a, b
            k += 1
    return k
