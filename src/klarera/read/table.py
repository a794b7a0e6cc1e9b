"""Arrow columns of a table → RECORD columns, by the casts of units.py, and batches cut to their limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from klarera.batch import MAX_BATCH_BYTES, MAX_BATCH_ROWS, RECORD, Records, text_buffers
from klarera.errors import InputError
from klarera.kernels import lines
from klarera.read import Options, Piece
from klarera.read.mapping import Mapping, carried_name
from klarera.read.units import record_column, unreadable_runs

__all__ = ["Shape", "cuts", "is_text", "pieces_of", "storage"]

MOMENTS = ("published_at", "fetched_at")
FROM_WORDS = (*MOMENTS, "author_birth_year", "author_is_minor")
U1 = npt.NDArray[np.uint8]
I8 = npt.NDArray[np.int64]


class Shape(NamedTuple):
    """How the columns of one table become a batch: RECORD column → column, and what is carried."""

    mapping: Mapping
    carry: list[str]
    schema: pa.Schema

    @classmethod
    def of(cls, present: pa.Schema, mapping: Mapping, carry: list[str], place: str) -> Shape:
        """Check the types. InputError for a text that is no text, or words that are a nested type."""
        for name, column in mapping.columns.items():
            kind = storage(present.field(column).type)
            fits = is_text(kind) if name == "text" else not pa.types.is_nested(kind)
            if not fits and not pa.types.is_null(kind):
                raise InputError(
                    place, f"column '{column}' of type {kind} cannot be {name}", hint=f"--map {name}=COLUMN"
                )
        extra = [pa.field(carried_name(name), plain(present.field(name).type)) for name in carry]
        return cls(mapping, carry, pa.schema([*RECORD, *extra]))

    @property
    def needed(self) -> list[str]:
        """Columns of the table to read."""
        return list(dict.fromkeys([*self.mapping.columns.values(), *self.carry]))


def storage(kind: pa.DataType) -> pa.DataType:
    """The type below extensions and dictionaries."""
    while True:
        if isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        elif pa.types.is_dictionary(kind):
            kind = kind.value_type
        else:
            return kind


def is_text(kind: pa.DataType) -> bool:
    """Whether values of this type are strings, or bytes that may be."""
    t = pa.types
    tests = (t.is_string, t.is_large_string, t.is_string_view, t.is_binary, t.is_large_binary, t.is_binary_view)
    return any(test(kind) for test in tests)


def plain(kind: pa.DataType) -> pa.DataType:
    """The type a carried column has in the batch: strings as large_string, all else as it is."""
    kind = storage(kind)
    t = pa.types
    return pa.large_string() if t.is_string(kind) or t.is_string_view(kind) else kind


def pieces_of(batch: pa.RecordBatch, shape: Shape, unit: int, place: int, options: Options) -> Iterator[Piece]:
    """A batch of the table as pieces; its first row is number `unit` of the shard, `place` of the file."""
    status = np.zeros(batch.num_rows, np.uint8)
    columns = {name: words(batch.column(column), status) for name, column in shape.mapping.columns.items()}
    columns |= {carried_name(name): as_plain(batch.column(name), status) for name in shape.carry}
    sizes = np.zeros(batch.num_rows, np.int64)
    for column in columns.values():
        if pa.types.is_large_string(column.type):
            sizes += np.diff(text_buffers(column)[1])
    status[sizes > options.max_record] = lines.TOO_LARGE
    text = np.diff(text_buffers(columns["text"])[1]) if "text" in columns else sizes
    for first, stop in cuts(np.where(status == lines.OK, text, 0)):
        n = stop - first
        good, bad = np.flatnonzero(status[first:stop] == lines.OK), np.flatnonzero(status[first:stop])
        arrays = {name: column.slice(first, n) for name, column in columns.items()}
        if len(bad):
            arrays = {name: column.take(pa.array(good)) for name, column in arrays.items()}
        made = [_finish(field, arrays.get(field.name), len(good), options) for field in shape.schema]
        units, places = np.arange(unit + first, unit + stop), np.arange(place + first, place + stop)
        records = Records(pa.RecordBatch.from_arrays(made, schema=shape.schema), units[good], places[good])
        yield Piece(records, unreadable_runs(bad, good, status[first:stop], units, places), n)


def cuts(sizes: I8, limit: int = MAX_BATCH_BYTES) -> Iterator[tuple[int, int]]:
    """Stretches of rows within MAX_BATCH_ROWS and `limit` bytes; a longer row goes alone.

    >>> list(cuts(np.array([1, MAX_BATCH_BYTES, 5, 6])))
    [(0, 1), (1, 2), (2, 4)]
    """
    ends = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        before = int(ends[first - 1]) if first else 0
        stop = int(np.searchsorted(ends, before + limit, side="right"))
        stop = min(max(stop, first + 1), first + MAX_BATCH_ROWS)
        yield first, stop
        first = stop


def words(column: pa.Array, status: U1) -> pa.Array:
    """A mapped column as large_string where it is text, checked; other types stay for _finish."""
    column = _unwrapped(column)
    if pa.types.is_null(column.type):
        return pa.nulls(len(column), pa.large_string())
    if not is_text(column.type):
        return column
    return _checked(column.cast(pa.large_binary()), status)


def as_plain(column: pa.Array, status: U1) -> pa.Array:
    """A carried column: strings as checked large_string, all else as it is."""
    column = _unwrapped(column)
    kind = plain(column.type)
    if pa.types.is_large_string(kind):
        return _checked(column.cast(pa.large_binary()), status)
    return column


def _unwrapped(column: pa.Array) -> pa.Array:
    """The values below extensions and dictionaries."""
    while True:
        if isinstance(column, pa.ExtensionArray):
            column = column.storage
        elif pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        else:
            return column


def _checked(column: pa.Array, status: U1) -> pa.Array:
    """Bytes as large_string; rows that are not UTF-8 are marked, and null."""
    viewed = column.view(pa.large_string())
    try:
        viewed.validate(full=True)
    except pa.ArrowInvalid:
        buf, off = text_buffers(column)
        marks = np.zeros(len(column), np.uint8)
        lines.not_utf8(buf, np.ascontiguousarray(off[:-1]), np.ascontiguousarray(off[1:]), marks)
        status[(marks != lines.OK) & (status == lines.OK)] = lines.NOT_UTF8
        return pc.if_else(pa.array(marks == lines.OK), column, None).view(pa.large_string())
    return viewed


def _finish(field: pa.Field, column: pa.Array | None, n: int, options: Options) -> pa.Array:
    """One column of the batch in the type the schema gives it."""
    if column is None:
        if field.name == "source" and options.source is not None:
            return pa.repeat(pa.scalar(options.source, pa.large_string()), n)
        return pa.nulls(n, field.type)
    if column.type.equals(field.type) or field.name not in RECORD.names:
        return column
    if field.name in MOMENTS and pa.types.is_temporal(column.type):
        return _moments(column)
    if not pa.types.is_large_string(column.type):
        column = column.cast(pa.large_string())
    return column if field.name not in FROM_WORDS else _from_words(field.name, column)


def _moments(column: pa.Array) -> pa.Array:
    """Dates and timestamps in microseconds UTC; without zone they are UTC. Beyond the range: null."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp(column.type.unit))  # with a zone, values are UTC already
    elif not pa.types.is_date(column.type):
        return pa.nulls(len(column), RECORD.field("published_at").type)
    return column.cast(pa.timestamp("us"), safe=False).view(RECORD.field("published_at").type)


def _from_words(name: str, column: pa.Array) -> pa.Array:
    """A column of dates, years or yes and no, read from words."""
    column = pa.concat_arrays([column])  # offsets from 0
    buf, off = text_buffers(column)
    valid = column.is_valid().to_numpy(zero_copy_only=False)
    kind = np.where(valid, np.uint8(lines.PLAIN), np.uint8(lines.NULL))
    return record_column(name, buf, kind, off[:-1].astype(np.int32), off[1:].astype(np.int32))
