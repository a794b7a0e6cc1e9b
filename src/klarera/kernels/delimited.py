"""One pass over delimited text (RFC 4180): where the fields of each record lie.

A field that opens with a quote runs to the quote that closes it, over separators and line ends; a doubled
quote inside stands for one. A quote elsewhere is a character like others. Lines end at LF or CR LF. An empty
field without quotes is null, with quotes an empty string. Status and kinds are those of kernels.json_text, with
DOUBLED for a value that holds doubled quotes.
"""

from __future__ import annotations

from typing import Any

from klarera.kernels import b1, device, i4, i8, kernel, ro, rw, u1
from klarera.kernels.json_text import ABSENT, NULL, OK, PLAIN, QUOTE

__all__ = ["BAD_QUOTE", "DOUBLED", "RAGGED", "split"]

DOUBLED = 8
RAGGED, BAD_QUOTE = 13, 14
LF, CR = 10, 13
OPEN, FAULTY = -1, -2


@device
def quoted_end(buf: Any, at: int, size: int, final: bool, sep: int) -> Any:
    """Place of the closing quote of the field whose first byte is `at`, and whether quotes are doubled.

    OPEN if it does not close within the bytes, FAULTY if something other than the field's end follows.
    """
    doubled = False
    while at < size:
        if buf[at] != QUOTE:
            at += 1
        elif at + 1 < size and buf[at + 1] == QUOTE:
            doubled = True
            at += 2
        elif at + 1 == size:
            return (at if final else OPEN), doubled
        elif buf[at + 1] == sep or buf[at + 1] == LF:
            return at, doubled
        elif buf[at + 1] == CR and at + 2 == size:
            return (at if final else OPEN), doubled
        elif buf[at + 1] == CR and buf[at + 2] == LF:
            return at, doubled
        else:
            return FAULTY, doubled
    return OPEN, doubled


@device
def line_end(buf: Any, at: int, size: int) -> Any:
    """First byte behind the line at `at`, or `size`."""
    while at < size and buf[at] != LF:
        at += 1
    return min(at + 1, size)


@kernel(i8, ro(u1), b1, i8, ro(i4), rw(u1), rw(i8), rw(i8), rw(u1, 2), rw(i4, 2), rw(i4, 2))
def split(
    buf: Any, final: bool, sep: int, wanted: Any, status: Any, begin: Any, stop: Any, kind: Any, lo: Any, hi: Any
) -> int:
    """Find the records of `buf`, up to len(status); returns how many, without blank lines.

    final   the bytes end the input: the last record needs no line end, an open quote is a fault
    wanted  int32[fields]: row of kind, lo and hi to fill for a field, or -1
    begin, stop  int64[len(status) + 1]; begin of the returned number is the byte to go on at
    kind    zeros on entry
    """
    size, room, fields = len(buf), len(status), len(wanted)
    at, n = 0, 0
    while at < size and n < room:
        start, field, fault = at, 0, OK
        whole = False
        while True:
            first, found = at, PLAIN
            if at < size and buf[at] == QUOTE:
                close, doubled = quoted_end(buf, at + 1, size, final, sep)
                if close == FAULTY or (close == OPEN and final):
                    fault = BAD_QUOTE
                    at = line_end(buf, start, size)
                    whole = final or buf[at - 1] == LF
                    break
                if close == OPEN:
                    break
                first, last, at = at + 1, close, close + 1
                found = DOUBLED if doubled else PLAIN
                if at < size and buf[at] == CR:
                    at += 1
            else:
                while at < size and buf[at] != sep and buf[at] != LF:
                    at += 1
                if at == size and not final:
                    break
                last = at
                if last > first and buf[last - 1] == CR and (at == size or buf[at] == LF):
                    last -= 1
                if last == first:
                    found = NULL
            if field < fields and wanted[field] >= 0:
                kind[wanted[field], n], lo[wanted[field], n], hi[wanted[field], n] = found, first, last
            field += 1
            if at < size and buf[at] == sep:
                at += 1
                continue
            at = min(at + 1, size)
            whole = True
            break
        if not whole:
            begin[n] = start
            return n
        if fault == OK and field == 1 and found == NULL:
            for row in range(len(kind)):
                kind[row, n] = ABSENT
            continue
        if fault == OK and field != fields:
            fault = RAGGED
        status[n], begin[n], stop[n] = fault, start, at
        n += 1
    begin[n] = at
    return n
