"""The loops for secrets that show by themselves: tokens by prefix, JSON web tokens, key blocks."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
# ruff: noqa: ANN001, ANN201, ANN202, SIM110  (types stand in the signatures; generators do not compile to loops)
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1
from klarera.kernels.numbers import is_digit, is_word_at

__all__ = ["SIGNS", "Formats", "distinct", "find_key_blocks", "find_tokens", "mask"]

_UPPER, _LOWER, _DIGIT = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz", b"0123456789"
_ALNUM = _UPPER + _LOWER + _DIGIT
SIGNS = {
    "upper": _UPPER + _DIGIT,
    "alnum": _ALNUM,
    "word": _ALNUM + b"_",
    "url": _ALNUM + b"_-",
    "dotted": _ALNUM + b"_-.",
    "hex": _DIGIT + b"abcdefABCDEF",
}
"""Signs a token may hold, by the name the table uses."""

DISTINCT = 8
"""Different signs a token holds at the very least; "xxxxxxxx" and "00000000" stand for one."""
PEM_BYTES = 1 << 15
"""Bytes of the longest key block."""


def mask(chars: bytes) -> npt.NDArray[np.bool_]:
    """bool[256]: true for these bytes."""
    table = np.zeros(256, np.bool_)
    table[list(chars)] = True
    return table


_URL = mask(SIGNS["url"])
_BODY = mask(_ALNUM + b"+/=\r\n\\")


class Formats(NamedTuple):
    """Token formats: prefix bytes, which signs (bits of `signs`, by byte) the rest holds, least and most of them."""

    prefix: npt.NDArray[np.uint8]
    prefix_off: npt.NDArray[np.int64]
    signs: npt.NDArray[np.int64]
    bit: npt.NDArray[np.int64]
    least: npt.NDArray[np.int64]
    most: npt.NDArray[np.int64]


FORMATS = types.NamedTuple((rw(u1), rw(i8), rw(i8), rw(i8), rw(i8), rw(i8)), Formats)


@device
def distinct(buf, a, b):
    """How many different bytes buf[a:b] holds: a whole number that tells keys from fillers."""
    low, high, n = np.uint64(0), np.uint64(0), 0
    for p in range(a, b):
        bit = np.uint64(1) << np.uint64(buf[p] & 63)
        if buf[p] & 64:
            n += (high & bit) == 0
            high |= bit
        else:
            n += (low & bit) == 0
            low |= bit
    return n


@device
def prefixed_end(buf, a, hi, formats):
    """End of the token of a known format that begins at a, or -1."""
    for f in range(len(formats.bit)):
        first, last = formats.prefix_off[f], formats.prefix_off[f + 1]
        if buf[a] != formats.prefix[first] or a + last - first + formats.least[f] > hi:
            continue
        same = True
        for k in range(1, last - first):
            same = same and buf[a + k] == formats.prefix[first + k]
        if not same:
            continue
        rest = a + last - first
        e = rest
        while e < hi and e - rest <= formats.most[f] and formats.signs[buf[e]] >> formats.bit[f] & 1:
            e += 1
        while e > rest and buf[e - 1] == 46:
            e -= 1
        whole = formats.least[f] <= e - rest <= formats.most[f] and not (e < hi and _URL[buf[e]])
        if whole and distinct(buf, rest, e) >= DISTINCT:
            return e
    return -1


@device
def web_token_end(buf, a, hi):
    """End of the JSON web token (RFC 7519: header, claims, signature) that begins at a, or -1."""
    if a + 3 > hi or buf[a] != 101 or buf[a + 1] != 121 or buf[a + 2] != 74:  # eyJ, the start of {" in Base64
        return -1
    j = a
    for part in range(3):
        s = j
        while j < hi and _URL[buf[j]]:
            j += 1
        if j - s < 10 or (part == 1 and not (buf[s] == 101 and buf[s + 1] == 121)):
            return -1
        if part < 2:
            if j >= hi or buf[j] != 46:
                return -1
            j += 1
    return j


@device
def bot_start(buf, a, b, lo):
    """Where a Telegram bot's token (8-10 digits, colon, 35 signs) begins whose last part is buf[a:b]; -1 if none."""
    if b - a != 35 or a - 9 < lo or buf[a - 1] != 58 or buf[a] != 65 or buf[a + 1] != 65:
        return -1
    s = a - 1
    while s > lo and a - s < 12 and is_digit(buf[s - 1]):
        s -= 1
    return s if 8 <= a - 1 - s <= 10 and not is_word_at(buf, s - 1, lo, b) else -1


@kernel(i8, ro(u1), ro(i8), ro(i4), ro(i8), ro(i8), FORMATS, rw(i4), rw(i8), rw(i8))
def find_tokens(buf, off, row, start, end, formats, out_row, out_start, out_end):
    """Tokens that begin where a long run of letters and digits begins; returns how many."""
    k = 0
    for t in range(len(row)):
        lo, hi = off[row[t]], off[row[t] + 1]
        a = start[t]
        if is_word_at(buf, a - 1, lo, hi):
            continue
        if a - 3 >= lo and buf[a - 1] == 46 and buf[a - 2] == 71 and buf[a - 3] == 83:  # SG.
            a -= 3
            if is_word_at(buf, a - 1, lo, hi):
                continue
        e = prefixed_end(buf, a, hi, formats)
        if e < 0:
            e = web_token_end(buf, a, hi)
        if e < 0:
            a = bot_start(buf, start[t], end[t], lo)
            e = end[t]
        if a >= 0 and e > a and not is_word_at(buf, e, lo, hi):
            out_row[k], out_start[k], out_end[k] = row[t], a, e
            k += 1
    return k


@device
def dashes(buf, i, hi):
    """Five hyphens stand at i."""
    if i + 5 > hi:
        return False
    for k in range(5):
        if buf[i + k] != 45:
            return False
    return True


@device
def is_word(buf, i, hi, first, second, third):
    """Three bytes stand at i."""
    return i + 3 <= hi and buf[i] == first and buf[i + 1] == second and buf[i + 2] == third


@kernel(i8, ro(u1), ro(i8), ro(i4), ro(i8), ro(i8), rw(i4), rw(i8), rw(i8))
def find_key_blocks(buf, off, row, start, end, out_row, out_start, out_end):
    """Blocks of RFC 7468 around the words "private key" (ordered by start), to their end line, or as far as
    they go; returns how many."""
    k, floor = 0, 0
    for t in range(len(row)):
        lo, hi = max(off[row[t]], floor), off[row[t] + 1]
        s = start[t]
        while s > lo and start[t] - s < 32 and (65 <= buf[s - 1] <= 90 or buf[s - 1] == 32 or is_digit(buf[s - 1])):
            s -= 1
        begins = is_word(buf, s, hi, 66, 69, 71) and s - 5 >= lo and dashes(buf, s - 5, hi)  # BEG
        j = end[t]
        if is_word(buf, j, hi, 32, 66, 76):  # " BLOCK" of OpenPGP
            j += 6
        if not begins or not dashes(buf, j, hi):
            continue
        j += 5
        body = j
        stop = min(hi, body + PEM_BYTES)
        while j < stop and not dashes(buf, j, hi):
            j += 1
        e = j
        if j < stop and is_word(buf, j + 5, hi, 69, 78, 68):  # END
            e = j + 8
            while e < hi and e - j < 64 and (65 <= buf[e] <= 90 or buf[e] == 32):
                e += 1
            e = e + 5 if dashes(buf, e, hi) else e
        else:
            e = body
            while e < stop and _BODY[buf[e]]:
                e += 1
            while e > body and buf[e - 1] <= 32:
                e -= 1
        out_row[k], out_start[k], out_end[k] = row[t], s - 5, e
        floor = e
        k += 1
    return k
