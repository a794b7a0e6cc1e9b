"""One pass over JSON units: where the values of the wanted keys lie, and which units are not readable.

A unit is the bytes of one JSON value that should be an object (a line, an item of an array, the object
under a key). The walk is strict (RFC 8259) with one exception: NaN and the infinities, which several
writers emit, read as null. Every byte is looked at, so a unit is either wholly well formed or named bad;
one bad unit costs what a good one costs. UTF-8 itself is checked elsewhere (`not_utf8`), on whole blocks.

    status  OK BLANK SYNTAX NOT_OBJECT TOO_DEEP KEY_TWICE SURROGATE CONTROL EXTRA_KEY NOT_UTF8 TOO_LARGE
    kind    ABSENT NULL PLAIN ESCAPED NUMBER TRUE FALSE NESTED
"""

from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import b1, device, i4, i8, inlined, kernel, ro, rw, u1

__all__ = ["not_utf8", "walk"]

OK, BLANK, SYNTAX, NOT_OBJECT, TOO_DEEP, KEY_TWICE, SURROGATE, CONTROL, EXTRA_KEY, NOT_UTF8, TOO_LARGE = range(11)
ABSENT, NULL, PLAIN, ESCAPED, NUMBER, TRUE, FALSE, NESTED = range(8)

MAX_DEPTH = 64
SLOTS = 256
LONGEST_KEY = 1024
"""Bytes of a key written with escapes that is still compared with the wanted ones."""

QUOTE, BACKSLASH, COMMA, COLON, MINUS, DOT = 34, 92, 44, 58, 45, 46
LEFT_BRACE, RIGHT_BRACE, LEFT_BRACKET, RIGHT_BRACKET = 123, 125, 91, 93

# Marks bytes that end the fast run inside a string: quote, backslash, control characters.
STOPS = np.zeros(256, np.uint8)
STOPS[:32] = 1
STOPS[[QUOTE, BACKSLASH]] = 1

# Value of a hexadecimal digit; 255 for all other bytes.
HEX = np.full(256, 255, np.uint8)
HEX[48:58] = np.arange(10)
HEX[65:71] = HEX[97:103] = np.arange(10, 16)


@inlined
def byte_at(buf: Any, at: int) -> int:
    """buf[at]; an unsigned place spares the question whether to count from the end."""
    return buf[np.uint64(at)]  # type: ignore[no-any-return]


@inlined
def run_end(buf: Any, at: int, end: int) -> int:
    """First byte from `at` that is in STOPS."""
    k, stop = np.uint64(at), np.uint64(end)
    while k < stop and STOPS[buf[k]] == 0:
        k += np.uint64(1)
    return np.int64(k)


@inlined
def copy(buf: Any, lo: int, hi: int, out: Any, to: int) -> int:
    """Copy buf[lo:hi] to out[to:]; the end of the copy."""
    start, target = np.uint64(lo), np.uint64(to)
    for k in range(np.uint64(hi - lo)):
        out[target + np.uint64(k)] = buf[start + np.uint64(k)]
    return to + (hi - lo)


@inlined
def blank_end(buf: Any, at: int, end: int) -> int:
    """First byte from `at` that is no JSON white space."""
    while at < end and (byte_at(buf, at) == 32 or byte_at(buf, at) == 10 or byte_at(buf, at) == 13 or byte_at(buf, at) == 9):
        at += 1
    return at


@inlined
def string_end(buf: Any, at: int, end: int) -> tuple[int, bool]:
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
        elif (
            byte == QUOTE
            or byte == BACKSLASH
            or byte == 47
            or byte == 98
            or byte == 102
            or byte == 110
            or byte == 114
            or byte == 116
        ):
            at += 2
        else:
            return -SYNTAX, escaped


@device
def code_unit(buf: Any, at: int) -> int:
    """The 16 bits of the four hexadecimal digits at `at`."""
    high = (np.int64(HEX[buf[at]]) << 12) | (np.int64(HEX[buf[at + 1]]) << 8)
    return high | (np.int64(HEX[buf[at + 2]]) << 4) | np.int64(HEX[buf[at + 3]])


@device
def unescape(buf: Any, lo: int, hi: int, out: Any, to: int) -> int:
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
            if byte == 98:
                byte = 8
            elif byte == 102:
                byte = 12
            elif byte == 110:
                byte = 10
            elif byte == 114:
                byte = 13
            elif byte == 116:
                byte = 9
            out[to] = byte
            to += 1
    return to


@device
def pairs_hold(buf: Any, lo: int, hi: int) -> bool:
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
def digits_end(buf: Any, at: int, end: int) -> int:
    """First byte from `at` that is no digit."""
    while at < end and 48 <= buf[at] <= 57:
        at += 1
    return at


@device
def number_end(buf: Any, at: int, end: int) -> int:
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
def spells(buf: Any, at: int, end: int, word: Any) -> bool:
    """Whether the bytes at `at` are this word."""
    if at + len(word) > end:
        return False
    for k in range(len(word)):  # noqa: SIM110  (compiled loop)
        if buf[at + k] != word[k]:
            return False
    return True


@inlined
def scalar_end(buf: Any, at: int, end: int) -> tuple[int, int]:
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
def key_end(buf: Any, at: int, end: int) -> int:
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
def nested_end(buf: Any, at: int, end: int, above: int) -> int:
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
        elif byte == LEFT_BRACE or byte == LEFT_BRACKET:
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


@inlined
def name_hash(buf: Any, lo: int, hi: int, room: int) -> int:
    """Slot of a name among `room`: by its length and up to three of its bytes."""
    size = hi - lo
    if size == 0:
        return 0
    mixed = size + 31 * np.int64(byte_at(buf, lo)) + 131 * np.int64(byte_at(buf, hi - 1)) + 17 * np.int64(byte_at(buf, lo + size // 2))
    return mixed % room


@inlined
def name_number(buf: Any, lo: int, hi: int, slots: Any, names: Any, offsets: Any) -> int:
    """Number of the wanted name that equals the bytes [lo, hi), or -1."""
    slot = name_hash(buf, lo, hi, len(slots))
    while slots[slot] >= 0:
        number = slots[slot]
        start = offsets[number]
        if offsets[number + 1] - start == hi - lo:
            same = True
            for k in range(hi - lo):
                if names[start + k] != byte_at(buf, lo + k):
                    same = False
                    break
            if same:
                return int(number)
        slot = (slot + 1) % len(slots)
    return -1


@device
def walk_object(
    buf: Any, at: int, end: int, row: int, slots: Any, names: Any, offsets: Any, known: int,
    scratch: Any, kind: Any, lo: Any, hi: Any,
) -> int:  # fmt: skip
    """Status of one unit; fills kind, lo and hi of its row. Names from number `known` on are not wanted."""
    at = blank_end(buf, at, end)
    if at >= end:
        return BLANK
    if byte_at(buf, at) != LEFT_BRACE:
        return NOT_OBJECT
    extra = False
    at = blank_end(buf, at + 1, end)
    if at < end and byte_at(buf, at) == RIGHT_BRACE:
        at += 1
    else:
        while True:
            if at >= end or byte_at(buf, at) != QUOTE:
                return SYNTAX
            first = at + 1
            close, escaped = string_end(buf, first, end)
            if close < 0:
                return -close
            number = -1
            if not escaped:
                number = name_number(buf, first, close, slots, names, offsets)
            elif close - first <= LONGEST_KEY:
                size = unescape(buf, first, close, scratch, 0)
                if size >= 0:
                    number = name_number(scratch, 0, size, slots, names, offsets)
            extra = extra or number < 0
            at = blank_end(buf, close + 1, end)
            if at >= end or byte_at(buf, at) != COLON:
                return SYNTAX
            at = blank_end(buf, at + 1, end)
            if at >= end:
                return SYNTAX
            byte = byte_at(buf, at)
            start = at
            if byte == QUOTE:
                start = at + 1
                close, escaped = string_end(buf, start, end)
                if close < 0:
                    return -close
                stop, at = close, close + 1
                found = ESCAPED if escaped else PLAIN
            elif byte == LEFT_BRACE or byte == LEFT_BRACKET:
                at = nested_end(buf, at, end, 1)
                if at < 0:
                    return -at
                stop, found = at, NESTED
            else:
                at, found = scalar_end(buf, at, end)
                if at < 0:
                    return -at
                stop = at
            if 0 <= number < known:
                if kind[number, row] != ABSENT:
                    return KEY_TWICE
                if found == ESCAPED and not pairs_hold(buf, start, stop):
                    return SURROGATE
                kind[number, row] = found
                lo[number, row] = start
                hi[number, row] = stop
            at = blank_end(buf, at, end)
            if at >= end:
                return SYNTAX
            if byte_at(buf, at) == COMMA:
                at = blank_end(buf, at + 1, end)
            elif byte_at(buf, at) == RIGHT_BRACE:
                at += 1
                break
            else:
                return SYNTAX
    if blank_end(buf, at, end) < end:
        return SYNTAX
    return EXTRA_KEY if extra else OK


@kernel(i8, ro(u1), ro(i8), ro(i8), ro(u1), ro(i8), i8, b1, rw(u1), rw(u1, 2), rw(i4, 2), rw(i4, 2))
def walk(
    buf: Any, begin: Any, end: Any, names: Any, offsets: Any, known: int, closed: bool,
    status: Any, kind: Any, lo: Any, hi: Any,
) -> int:  # fmt: skip
    """Walk the units buf[begin[i]:end[i]]; returns how many are OK.

    names, offsets  the keys that are named, as bytes; the first `known` of them are wanted
    closed          a key that is not named makes the unit EXTRA_KEY
    status          uint8[n]; units whose status is not OK on entry are left as they are
    kind, lo, hi    [known, n], zeros on entry: kind of the value and its bytes (strings without quotes)
    """
    slots = np.full(SLOTS + 4 * len(offsets), -1, np.int32)
    for number in range(len(offsets) - 1):
        slot = name_hash(names, offsets[number], offsets[number + 1], len(slots))
        while slots[slot] >= 0:
            slot = (slot + 1) % len(slots)
        slots[slot] = number
    scratch = np.empty(LONGEST_KEY, np.uint8)
    good = 0
    for row in range(len(begin)):
        if status[row] != OK:
            continue
        found = walk_object(
            buf, begin[row], end[row], row, slots, names, offsets, known, scratch, kind, lo, hi
        )
        if found == EXTRA_KEY and not closed:
            found = OK
        status[row] = found
        good += found == OK
    return good


@kernel(i8, ro(u1), i8, i8, rw(i8), rw(i8))
def members(buf: Any, at: int, end: int, begin: Any, stop: Any) -> int:
    """Elements of the JSON array whose bytes behind "[" or behind an element start at `at`.

    Fills begin and stop with the checked elements up to their capacity. stop[n] and begin[n] of the
    returned n are: the byte to go on at, and 0 more may come, 1 the array ended, 2 it is broken here.
    """
    n = 0
    room = len(begin) - 1
    while True:
        at = blank_end(buf, at, end)
        if at < end and buf[at] == COMMA:
            at = blank_end(buf, at + 1, end)
        state = 2
        if at < end and buf[at] == RIGHT_BRACKET:
            state = 1
        elif n == room:
            state = 0
        elif at < end:
            byte = buf[at]
            if byte == QUOTE:
                close, _ = string_end(buf, at + 1, end)
                last = close + 1 if close >= 0 else close
            elif byte == LEFT_BRACE or byte == LEFT_BRACKET:
                last = nested_end(buf, at, end, 1)
            else:
                last, _ = scalar_end(buf, at, end)
            if last >= 0:
                begin[n], stop[n] = at, last
                n += 1
                at = last
                continue
        begin[n], stop[n] = state, at
        return n


@device
def sequence_size(buf: Any, at: int, end: int) -> int:
    """Bytes of the well formed sequence of several bytes at `at` (Unicode 16, table 3-7), or 0."""
    first = buf[at]
    if first < 0xC2 or first > 0xF4:
        return 0
    size = 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    if at + size > end:
        return 0
    low, high = 0x80, 0xBF
    if first == 0xE0:
        low = 0xA0
    elif first == 0xED:
        high = 0x9F
    elif first == 0xF0:
        low = 0x90
    elif first == 0xF4:
        high = 0x8F
    if buf[at + 1] < low or buf[at + 1] > high:
        return 0
    for k in range(at + 2, at + size):
        if buf[k] & 0xC0 != 0x80:
            return 0
    return size


@kernel(i8, ro(u1), ro(i8), ro(i8), rw(u1))
def not_utf8(buf: Any, begin: Any, end: Any, status: Any) -> int:
    """Set status NOT_UTF8 for the units that are not well formed UTF-8; returns how many."""
    bad = 0
    for row in range(len(begin)):
        at = begin[row]
        while at < end[row]:
            if byte_at(buf, at) < 0x80:
                at += 1
                continue
            size = sequence_size(buf, at, end[row])
            if size == 0:
                status[row] = NOT_UTF8
                bad += 1
                break
            at += size
    return bad
