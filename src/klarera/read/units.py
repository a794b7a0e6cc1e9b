"""From the places a walk found to a Piece: RECORD columns, carried columns, and what was not readable.

Shared by all formats whose units are bytes (JSON Lines, JSON arrays, CSV). Casts, the same for all:

- a number or true/false in a column of words is the word as written (an id 17 is "17");
- published_at, fetched_at: ISO 8601, without zone taken as UTC, or epoch seconds, milliseconds or
  microseconds by size; what is no date is null, for a wrong date is an unknown date, not a wrong record;
- author_birth_year: a whole number, else null; author_is_minor: true, "true", 1 or their opposites, else null;
- meta, http_headers: a nested value is carried as its JSON text; elsewhere a nested value is null, but in
  id, source, author and text it makes the unit unreadable, as a text that is no string does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from klarera.batch import RECORD, Records, Unreadable
from klarera.kernels import delimited, lines, values
from klarera.read import Piece
from klarera.read.mapping import MAY_NEST, carried_name

__all__ = ["REASONS", "Found", "Layout", "nothing", "piece", "record_column", "string_column", "unreadable_runs"]

U1 = npt.NDArray[np.uint8]
I4 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int64]

WRONG_TEXT, WRONG_WORD = 11, 12

REASONS = {
    lines.SYNTAX: "not JSON",
    lines.NOT_OBJECT: "not a JSON object",
    lines.TOO_DEEP: f"nested more than {lines.MAX_DEPTH} levels",
    lines.KEY_TWICE: "a mapped key stands twice",
    lines.SURROGATE: "half of a surrogate pair",
    lines.CONTROL: "control character in a string",
    lines.EXTRA_KEY: "a key the first lines do not have, so not carried (name it with --carry)",
    lines.NOT_UTF8: "not UTF-8",
    lines.TOO_LARGE: "too large",
    WRONG_TEXT: "text is not a string",
    WRONG_WORD: "id, source or author is not a string or number",
    delimited.RAGGED: "number of fields differs from the header",
    delimited.BAD_QUOTE: "a quote that does not end its field",
}
"""Status of a unit → what unreadable.jsonl says of it. Never its content."""

MUST_BE_WORDS = ("id", "source", "author")
MANY = 1_000
"""Unreadable units of one piece above which neighbours of one reason are told as one entry."""


class Found(NamedTuple):
    """Where the values of n units lie: kind uint8, lo and hi int32, each [columns, n]; status uint8[n]."""

    buf: U1
    status: U1
    kind: U1
    lo: I4
    hi: I4


@dataclass(frozen=True)
class Layout:
    """Columns in the order of Found: RECORD columns by name, then carried columns of the input."""

    record: tuple[str, ...]
    carry: tuple[str, ...]
    source: str | None = None

    @property
    def schema(self) -> pa.Schema:
        """RECORD, then the carried columns as text."""
        extra = [pa.field(carried_name(name), pa.large_string()) for name in self.carry]
        return pa.schema([*RECORD, *extra])


def piece(found: Found, layout: Layout, unit: I8, place: I8, span: int) -> Piece:
    """The records of the units that are OK, and the unreadable among the rest.

    unit, place  int64[n] of the n units; span: units the piece covers, blank ones too
    """
    status = found.status.copy()
    for number, name in enumerate(layout.record):
        _check_types(name, found.kind[number], status)
    good = np.flatnonzero(status == lines.OK)
    n = len(good)
    columns: dict[str, pa.Array] = {}
    for number, name in enumerate([*layout.record, *map(carried_name, layout.carry)]):
        kind = found.kind[number]
        if kind.any():  # else absent everywhere
            where = [kind, found.lo[number], found.hi[number]]
            where = where if n == len(status) else [some[good] for some in where]
            columns[name] = record_column(name, found.buf, *where)
    if "source" not in columns and layout.source is not None:
        columns["source"] = pa.repeat(pa.scalar(layout.source, pa.large_string()), n)
    arrays = [columns[f.name] if f.name in columns else pa.nulls(n, f.type) for f in layout.schema]
    batch = pa.RecordBatch.from_arrays(arrays, schema=layout.schema)
    bad = np.flatnonzero((status != lines.OK) & (status != lines.BLANK))
    return Piece(Records(batch, unit[good], place[good]), unreadable_runs(bad, good, status, unit, place), span)


def nothing(schema: pa.Schema, *gaps: Unreadable, span: int = 0) -> Piece:
    """A piece without records: units that could not even be held, or blank lines (`span`)."""
    none = np.empty(0, np.int64)
    empty = pa.RecordBatch.from_pylist([], schema=schema)
    return Piece(Records(empty, none, none), gaps, span + sum(gap.units for gap in gaps))


def _check_types(name: str, kind: U1, status: U1) -> None:
    """Mark units whose value of this column cannot be what the column needs."""
    if name == "text":
        wrong, code = (kind >= lines.NUMBER) & (kind <= lines.NESTED), WRONG_TEXT
    elif name in MUST_BE_WORDS:
        wrong, code = kind == lines.NESTED, WRONG_WORD
    else:
        return
    status[wrong & (status == lines.OK)] = code


def record_column(name: str, buf: U1, kind: U1, lo: I4, hi: I4) -> pa.Array:
    """One column, of the type RECORD gives it, or text for a carried one."""
    n = len(kind)
    if name in ("published_at", "fetched_at"):
        moments = np.empty(n, np.int64)
        values.dates(buf, kind, lo, hi, moments)
        return pa.array(moments, pa.int64(), mask=moments == values.UNKNOWN).view(RECORD.field(name).type)
    if name == "author_birth_year":
        years = np.empty(n, np.int64)
        values.integers(buf, kind, lo, hi, years)
        unknown = years == values.UNKNOWN
        return pa.array(np.where(unknown, 0, years).astype(np.int32), mask=unknown)
    if name == "author_is_minor":
        answers = np.empty(n, np.uint8)
        values.flags(buf, kind, lo, hi, answers)
        return pa.array(answers == 1, mask=answers == 2)
    if name in RECORD.names and name not in MAY_NEST:
        kind = np.where(kind == lines.NESTED, np.uint8(lines.NULL), kind)
    return string_column(buf, kind, lo, hi)


def string_column(buf: U1, kind: U1, lo: I4, hi: I4) -> pa.Array:
    """A large_string column of the values at buf[lo:hi], strings unescaped, all else as written."""
    n = len(kind)
    room = np.empty(int(np.sum(hi, dtype=np.int64) - np.sum(lo, dtype=np.int64)), np.uint8)
    offsets, valid = np.empty(n + 1, np.int64), np.empty(n, np.uint8)
    used = values.gather(buf, kind, lo, hi, room, offsets, valid)
    bits = None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))
    data = pa.py_buffer(room).slice(0, used)
    return pa.Array.from_buffers(pa.large_string(), n, [bits, pa.py_buffer(offsets), data])


def unreadable_runs(bad: I8, good: I8, status: U1, unit: I8, place: I8) -> tuple[Unreadable, ...]:
    """An entry for each unreadable unit; in a piece with very many, one for each run of neighbours.

    A run has one reason and no record between; its entry gives the first unit and place and how many.
    """
    if len(bad) <= MANY:
        return tuple(Unreadable(int(unit[i]), int(place[i]), REASONS[int(status[i])]) for i in bad)
    records_before = np.searchsorted(good, bad)
    new = np.ones(len(bad), np.bool_)
    new[1:] = (records_before[1:] != records_before[:-1]) | (status[bad[1:]] != status[bad[:-1]])
    first = np.flatnonzero(new)
    sizes: Sequence[int] = np.diff(np.append(first, len(bad))).tolist()
    return tuple(
        Unreadable(int(unit[i]), int(place[i]), REASONS[int(status[i])], size)
        for i, size in zip(bad[first], sizes, strict=True)
    )
