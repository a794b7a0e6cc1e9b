"""What detectors of numbers share: byte classes, word bounds, digit groups, the cue before a number.

Offsets are absolute in the text buffer; `lo` and `hi` bound the row. Nothing here reads outside them.
"""

# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from typing import Any

from klarera.kernels import device
from klarera.kernels.placeholders import at_placeholder

__all__ = [
    "broken",
    "cue_before",
    "digit_groups",
    "ends_free",
    "is_digit",
    "is_letter",
    "is_word_at",
    "next_groups",
    "starts_free",
    "value",
]

REACH = 30
"""A cue word counts when it ends at most this many bytes before the number."""


@device
def is_digit(c: int) -> bool:
    """An ASCII digit."""
    return 48 <= c <= 57


@device
def is_letter(c: int) -> bool:
    """An ASCII letter."""
    return 65 <= c <= 90 or 97 <= c <= 122


@device
def value(c: int) -> int:
    """0-9 for digits, 10-35 for letters of either case, -1 for anything else."""
    if 48 <= c <= 57:
        return int(c) - 48
    if 65 <= c <= 90:
        return int(c) - 55
    if 97 <= c <= 122:
        return int(c) - 87
    return -1


@device
def is_word_at(buf: Any, i: int, lo: int, hi: int) -> bool:
    """Byte i belongs to a letter, digit or underscore; outside the row there is none.

    Only scripts that part words by spaces count: a number may follow a Chinese or Thai word directly. A redaction
    placeholder is a word: what is glued to one was glued to what stood there.
    """
    if i < lo or i >= hi:
        return False
    lead = i
    while lead > lo and buf[lead] & 0xC0 == 0x80:
        lead -= 1
    c = buf[lead]
    if c == 91:
        return at_placeholder(buf, i, hi)
    if c < 0x80:
        return is_digit(c) or is_letter(c) or c == 95
    return 0xC3 <= c <= 0xDF or c == 0xE1


@device
def starts_free(buf: Any, i: int, lo: int, hi: int) -> bool:
    """No word and no longer number is glued before byte i."""
    if is_word_at(buf, i - 1, lo, hi):
        return False
    if i - 1 >= lo and buf[i - 1] in (43, 44, 45, 46, 47, 58):  # + , - . / :
        return not (i - 2 >= lo and is_digit(buf[i - 2]))
    return True


@device
def ends_free(buf: Any, i: int, lo: int, hi: int) -> bool:
    """No word and no longer number goes on at byte i, the first byte behind."""
    if is_word_at(buf, i, lo, hi):
        return False
    if i < hi and buf[i] in (43, 44, 45, 46, 47, 58):
        return not (i + 1 < hi and (is_digit(buf[i + 1]) or (buf[i + 1] == 91 and at_placeholder(buf, i + 1, hi))))
    return True


@device
def digit_groups(buf: Any, start: int, end: int, first: Any, last: Any) -> int:
    """Fill `first` and `last` with the runs of digits in buf[start:end]; how many there are.

    Runs beyond the arrays' size are left out.
    """
    n = 0
    i = start
    while i < end and n < len(first):
        if is_digit(buf[i]):
            first[n] = i
            while i < end and is_digit(buf[i]):
                i += 1
            last[n] = i
            n += 1
        else:
            i += 1
    return n


@device
def next_groups(buf: Any, end: int, first: Any, last: Any, i: int, n: int) -> int:
    """Read on where a cluster holds more groups than fit and fewer than ten lie ahead of group i.

    Returns how many groups there are then, group i - 1 being the first; 0 if nothing was read.
    """
    if n < len(first) or i + 10 <= n or i < 2 or last[n - 1] >= end:
        return 0
    return digit_groups(buf, first[i - 1], end, first, last)


@device
def broken(buf: Any, start: int, end: int) -> bool:
    """A sentence, clause or paragraph ends inside buf[start:end], or a redaction placeholder stands there.

    A full stop right at the start belongs to an abbreviation (`Tel. 030 ...`) unless a capital follows.
    """
    for i in range(start, end):
        c = buf[i]
        if c in (33, 59, 63):  # ! ; ?
            return True
        if c == 91 and at_placeholder(buf, i, end):
            return True
        stops = i + 1 < end and c == 46 and buf[i + 1] in (10, 32)
        if stops and (i > start or (i + 2 < end and 65 <= buf[i + 2] <= 90)):
            return True
        if i + 1 < end and c == 10 and buf[i + 1] == 10:
            return True
    return False


@device
def cue_before(buf: Any, pos: int, lo: int, reach: int, cue_start: Any, cue_end: Any, cue_tag: Any) -> int:
    """Union of the tags (bits) of the cue words that end at most `reach` bytes before `pos`, unbroken.

    The cue arrays are ordered by start.
    """
    left, right = 0, len(cue_start)
    while left < right:
        middle = (left + right) // 2
        if cue_start[middle] < pos:
            left = middle + 1
        else:
            right = middle
    tags = 0
    i = left - 1
    # a phrase is shorter than 64 bytes, so an earlier start cannot end within reach
    while i >= 0 and cue_start[i] >= lo and cue_start[i] + 64 + reach >= pos:
        end = cue_end[i]
        if end <= pos and pos - end <= reach and not broken(buf, end, pos):
            tags |= cue_tag[i]
        i -= 1
    return tags
