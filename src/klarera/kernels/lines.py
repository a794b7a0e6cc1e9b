"""One pass over JSON units: where the values of the wanted keys lie, and which units are not readable.

A unit is the bytes of one JSON value that should be an object (a line, an item of an array, the object
under a key). Every byte is looked at, so a unit is either wholly well formed or named bad; one bad unit costs
what a good one costs. Status and kinds are those of kernels.json_text. UTF-8 is checked apart (`not_utf8`),
where a whole block did not pass.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import b1, device, i4, i8, inlined, kernel, ro, rw, u1
from klarera.kernels.json_text import (
    ABSENT,
    BLANK,
    COLON,
    COMMA,
    CONTROL,
    ESCAPED,
    EXTRA_KEY,
    FALSE,
    KEY_TWICE,
    LEFT_BRACE,
    LEFT_BRACKET,
    MAX_DEPTH,
    NESTED,
    NOT_OBJECT,
    NOT_UTF8,
    NULL,
    NUMBER,
    OK,
    PLAIN,
    QUOTE,
    RIGHT_BRACE,
    RIGHT_BRACKET,
    SURROGATE,
    SYNTAX,
    TOO_DEEP,
    TOO_LARGE,
    TRUE,
    blank_end,
    byte_at,
    nested_end,
    pairs_hold,
    scalar_end,
    string_end,
    unescape,
)  # fmt: skip

__all__ = [
    "ABSENT", "BLANK", "CONTROL", "ESCAPED", "EXTRA_KEY", "FALSE", "KEY_TWICE", "MAX_DEPTH", "NESTED", "NOT_OBJECT",
    "NOT_UTF8", "NULL", "NUMBER", "OK", "PLAIN", "SURROGATE", "SYNTAX", "TOO_DEEP", "TOO_LARGE", "TRUE", "members",
    "not_utf8", "walk",
]  # fmt: skip

SLOTS = 256
LONGEST_KEY = 1024
"""Bytes of a key written with escapes that is still compared with the wanted ones."""


@inlined
def name_hash(buf: Any, lo: int, hi: int, room: int) -> Any:
    """Slot of a name among `room`: by its length and up to three of its bytes."""
    size = hi - lo
    if size == 0:
        return 0
    mixed = (
        size
        + 31 * np.int64(byte_at(buf, lo))
        + 131 * np.int64(byte_at(buf, hi - 1))
        + 17 * np.int64(byte_at(buf, lo + size // 2))
    )
    return mixed % room


@inlined
def name_number(buf: Any, lo: int, hi: int, slots: Any, names: Any, offsets: Any) -> Any:
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
) -> Any:  # fmt: skip
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
            elif byte in (LEFT_BRACE, LEFT_BRACKET):
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


@kernel(i8, ro(u1), ro(i8), ro(i8), ro(u1), ro(i8), i8, b1, rw(u1), rw(u1, 2), rw(i4, 2), rw(i4, 2), allocates=True)
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
        found = walk_object(buf, begin[row], end[row], row, slots, names, offsets, known, scratch, kind, lo, hi)
        if found == EXTRA_KEY and not closed:
            found = OK
        status[row] = found
        good += found == OK
    return good


@kernel(i8, ro(u1), i8, b1, rw(i8), rw(i8))
def members(buf: Any, at: int, started: bool, begin: Any, stop: Any) -> int:
    """Elements of a JSON array, from the byte behind its bracket (or behind an element: `started`).

    Fills begin and stop with the checked elements up to their capacity. For the returned n, begin[n] is 0
    if more may come, 1 if the array ended, 2 if it is broken; stop[n] is the byte this is so at.
    """
    n, room, end = 0, len(begin) - 1, len(buf)
    while True:
        at = blank_end(buf, at, end)
        state = 2
        if at < end and buf[at] == RIGHT_BRACKET:
            state = 1
        elif n == room:
            state = 0
        elif at < end:
            first = at
            if started and buf[at] == COMMA:
                first = blank_end(buf, at + 1, end)
            last = -SYNTAX
            if first < end and started == (buf[at] == COMMA):
                byte = buf[first]
                if byte == QUOTE:
                    last, _ = string_end(buf, first + 1, end)
                    last += last >= 0
                elif byte in (LEFT_BRACE, LEFT_BRACKET):
                    last = nested_end(buf, first, end, 1)
                else:
                    last, _ = scalar_end(buf, first, end)
            if last >= 0:
                begin[n], stop[n] = first, last
                n, at, started = n + 1, last, True
                continue
        begin[n], stop[n] = state, at
        return n


@device
def sequence_size(buf: Any, at: int, end: int) -> Any:
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
