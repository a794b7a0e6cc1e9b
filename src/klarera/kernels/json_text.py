"""The grammar of JSON text (RFC 8259), in loops that say where a value ends or why it is none.

Strict, with one exception: NaN and the infinities, which several writers emit, read as null. Functions that
give an end give minus a status where there is none. UTF-8 is not their matter.

    status  OK BLANK SYNTAX NOT_OBJECT TOO_DEEP KEY_TWICE SURROGATE CONTROL EXTRA_KEY NOT_UTF8 TOO_LARGE
    kind    ABSENT NULL PLAIN ESCAPED NUMBER TRUE FALSE NESTED
"""

from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import device, inlined

__all__ = [
    "ABSENT", "BLANK", "COLON", "COMMA", "CONTROL", "ESCAPED", "EXTRA_KEY", "FALSE", "KEY_TWICE", "LEFT_BRACE",
    "LEFT_BRACKET", "MAX_DEPTH", "NESTED", "NOT_OBJECT", "NOT_UTF8", "NULL", "NUMBER", "OK", "PLAIN", "QUOTE",
    "RIGHT_BRACE", "RIGHT_BRACKET", "SURROGATE", "SYNTAX", "TOO_DEEP", "TOO_LARGE", "TRUE", "blank_end", "byte_at",
    "copy", "nested_end", "pairs_hold", "scalar_end", "string_end", "unescape",
]  # fmt: skip

OK, BLANK, SYNTAX, NOT_OBJECT, TOO_DEEP, KEY_TWICE, SURROGATE, CONTROL, EXTRA_KEY, NOT_UTF8, TOO_LARGE = range(11)
ABSENT, NULL, PLAIN, ESCAPED, NUMBER, TRUE, FALSE, NESTED = range(8)

MAX_DEPTH = 64
QUOTE, BACKSLASH, COMMA, COLON, MINUS, DOT = 34, 92, 44, 58, 45, 46
LEFT_BRACE, RIGHT_BRACE, LEFT_BRACKET, RIGHT_BRACKET = 123, 125, 91, 93

# Marks bytes that end the fast run inside a string: quote, backslash, control characters.
STOPS = np.zeros(256, np.uint8)
STOPS[:32] = 1
STOPS[[QUOTE, BACKSLASH]] = 1

# What a letter behind a backslash stands for; 0 for none.
ESCAPE = np.zeros(256, np.uint8)
ESCAPE[list(b'"\\/bfnrt')] = list(b'"\\/\b\f\n\r\t')

# Value of a hexadecimal digit; 255 for all other bytes.
HEX = np.full(256, 255, np.uint8)
HEX[48:58] = np.arange(10)
HEX[65:71] = HEX[97:103] = np.arange(10, 16)


@inlined
def byte_at(buf: Any, at: int) -> Any:
    """buf[at]; an unsigned place spares the question whether to count from the end."""
    return buf[np.uint64(at)]


@inlined
def run_end(buf: Any, at: int, end: int) -> Any:
    """First byte from `at` that is in STOPS."""
    k, stop = np.uint64(at), np.uint64(end)
    while k < stop and STOPS[buf[k]] == 0:
        k += np.uint64(1)
    return np.int64(k)


@inlined
def copy(buf: Any, lo: int, hi: int, out: Any, to: int) -> Any:
    """Copy buf[lo:hi] to out[to:]; the end of the copy."""
    start, target = np.uint64(lo), np.uint64(to)
    for k in range(np.uint64(hi - lo)):
        out[target + np.uint64(k)] = buf[start + np.uint64(k)]
    return to + (hi - lo)


@inlined
def blank_end(buf: Any, at: int, end: int) -> Any:
    """First byte from `at` that is no JSON white space."""
    while at < end and (
        byte_at(buf, at) == 32 or byte_at(buf, at) == 10 or byte_at(buf, at) == 13 or byte_at(buf, at) == 9
    ):
        at += 1
    return at


@inlined
def string_end(buf: Any, at: int, end: int) -> Any:
    """Place of the closing quote of the string whose first byte is `at`, and whether it has escapes.

    Negative: minus the status.
    """
    escaped = False
    while True:
        at = run_end(buf, at, end)
        if at >= end:
            return -SYNTAX, escaped
        byte = byte_at(buf, at)
        if byte == QUOTE:
            return at, escaped
        if byte != BACKSLASH:
            return -CONTROL, escaped
        escaped = True
        if at + 1 >= end:
            return -SYNTAX, escaped
        byte = byte_at(buf, at + 1)
        if byte == 117:  # u
            if at + 5 >= end:
                return -SYNTAX, escaped
            for k in range(at + 2, at + 6):
                if HEX[byte_at(buf, k)] == 255:
                    return -SYNTAX, escaped
            at += 6
        elif ESCAPE[byte] != 0:
            at += 2
        else:
            return -SYNTAX, escaped


@device
def code_unit(buf: Any, at: int) -> Any:
    """The 16 bits of the four hexadecimal digits at `at`."""
    high = (np.int64(HEX[buf[at]]) << 12) | (np.int64(HEX[buf[at + 1]]) << 8)
    return high | (np.int64(HEX[buf[at + 2]]) << 4) | np.int64(HEX[buf[at + 3]])


@device
def unescape(buf: Any, lo: int, hi: int, out: Any, to: int) -> Any:
    """Write the string whose checked bytes are [lo, hi) to out[to:]; its end, or -1 for a lone surrogate."""
    at = lo
    while at < hi:
        first = at
        while at < hi and buf[at] != BACKSLASH:
            at += 1
        to = copy(buf, first, at, out, to)
        if at == hi:
            return to
        byte = buf[at + 1]
        at += 2
        if byte == 117:
            point = code_unit(buf, at)
            at += 4
            if 0xD800 <= point < 0xE000:
                if point >= 0xDC00 or at + 5 >= hi or buf[at] != BACKSLASH or buf[at + 1] != 117:
                    return -1
                low = code_unit(buf, at + 2)
                if low < 0xDC00 or low >= 0xE000:
                    return -1
                at += 6
                point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00)
            if point < 0x80:
                out[to] = point
                to += 1
            elif point < 0x800:
                out[to] = 0xC0 | (point >> 6)
                out[to + 1] = 0x80 | (point & 63)
                to += 2
            elif point < 0x10000:
                out[to] = 0xE0 | (point >> 12)
                out[to + 1] = 0x80 | ((point >> 6) & 63)
                out[to + 2] = 0x80 | (point & 63)
                to += 3
            else:
                out[to] = 0xF0 | (point >> 18)
                out[to + 1] = 0x80 | ((point >> 12) & 63)
                out[to + 2] = 0x80 | ((point >> 6) & 63)
                out[to + 3] = 0x80 | (point & 63)
                to += 4
        else:
            out[to] = ESCAPE[byte]
            to += 1
    return to


@device
def pairs_hold(buf: Any, lo: int, hi: int) -> Any:
    """Whether every surrogate escape in the checked string [lo, hi) has its other half."""
    at = lo
    while at < hi:
        if buf[at] != BACKSLASH:
            at += 1
            continue
        if buf[at + 1] != 117:
            at += 2
            continue
        point = code_unit(buf, at + 2)
        at += 6
        if 0xD800 <= point < 0xE000:
            if point >= 0xDC00 or at + 5 >= hi or buf[at] != BACKSLASH or buf[at + 1] != 117:
                return False
            low = code_unit(buf, at + 2)
            if low < 0xDC00 or low >= 0xE000:
                return False
            at += 6
    return True


@device
def digits_end(buf: Any, at: int, end: int) -> Any:
    """First byte from `at` that is no digit."""
    while at < end and 48 <= buf[at] <= 57:
        at += 1
    return at


@device
def number_end(buf: Any, at: int, end: int) -> Any:
    """End of the JSON number at `at`, or minus the status."""
    if buf[at] == MINUS:
        at += 1
    first = at
    at = digits_end(buf, at, end)
    if at == first or (buf[first] == 48 and at > first + 1):
        return -SYNTAX
    if at < end and buf[at] == DOT:
        first = at + 1
        at = digits_end(buf, first, end)
        if at == first:
            return -SYNTAX
    if at < end and (buf[at] == 101 or buf[at] == 69):  # e E
        first = at + 1
        if first < end and (buf[first] == 43 or buf[first] == MINUS):
            first += 1
        at = digits_end(buf, first, end)
        if at == first:
            return -SYNTAX
    return at


@device
def spells(buf: Any, at: int, end: int, word: Any) -> Any:
    """Whether the bytes at `at` are this word."""
    if at + len(word) > end:
        return False
    for k in range(len(word)):  # noqa: SIM110  (compiled loop)
        if buf[at + k] != word[k]:
            return False
    return True


@inlined
def scalar_end(buf: Any, at: int, end: int) -> Any:
    """End and kind of the number or word at `at`; a negative end is minus the status."""
    byte = buf[at]
    if 48 <= byte <= 57:
        return number_end(buf, at, end), NUMBER
    if spells(buf, at, end, b"true"):
        return at + 4, TRUE
    if spells(buf, at, end, b"false"):
        return at + 5, FALSE
    if spells(buf, at, end, b"null"):
        return at + 4, NULL
    if spells(buf, at, end, b"NaN"):
        return at + 3, NULL
    if spells(buf, at, end, b"Infinity"):
        return at + 8, NULL
    if spells(buf, at, end, b"-Infinity"):
        return at + 9, NULL
    if byte == MINUS:
        return number_end(buf, at, end), NUMBER
    return -SYNTAX, NULL


@device
def key_end(buf: Any, at: int, end: int) -> Any:
    """From the first byte after white space: the byte behind `"key" :`, or minus the status."""
    if at >= end or buf[at] != QUOTE:
        return -SYNTAX
    close, _ = string_end(buf, at + 1, end)
    if close < 0:
        return close
    at = blank_end(buf, close + 1, end)
    if at >= end or buf[at] != COLON:
        return -SYNTAX
    return blank_end(buf, at + 1, end)


@device
def nested_end(buf: Any, at: int, end: int, above: int) -> Any:
    """End of the object or array at `at`, checked, or minus the status; `above` levels are open already."""
    objects = np.uint64(0)  # one bit an open level: 1 for an object
    depth = 0
    while True:
        # A value is expected at `at`.
        if at >= end:
            return -SYNTAX
        byte = buf[at]
        opened = False
        if byte == QUOTE:
            close, _ = string_end(buf, at + 1, end)
            if close < 0:
                return close
            at = close + 1
        elif byte in (LEFT_BRACE, LEFT_BRACKET):
            depth += 1
            if depth + above > MAX_DEPTH:
                return -TOO_DEEP
            is_object = np.uint64(byte == LEFT_BRACE)
            objects = (objects << np.uint64(1)) | is_object
            at = blank_end(buf, at + 1, end)
            if at >= end:
                return -SYNTAX
            if buf[at] != RIGHT_BRACE and buf[at] != RIGHT_BRACKET:
                opened = True
                if is_object:
                    at = key_end(buf, at, end)
                    if at < 0:
                        return at
        else:
            at, _ = scalar_end(buf, at, end)
            if at < 0:
                return at
        # Behind a value: close levels, or go to the next member.
        while not opened:
            at = blank_end(buf, at, end)
            if at >= end:
                return -SYNTAX
            byte = buf[at]
            is_object = objects & np.uint64(1)
            if byte == COMMA:
                at = blank_end(buf, at + 1, end)
                if is_object:
                    at = key_end(buf, at, end)
                    if at < 0:
                        return at
                break
            if (byte == RIGHT_BRACE and is_object) or (byte == RIGHT_BRACKET and not is_object):
                depth -= 1
                objects >>= np.uint64(1)
                at += 1
                if depth == 0:
                    return at
            else:
                return -SYNTAX
