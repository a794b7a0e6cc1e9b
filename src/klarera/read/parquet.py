"""Parquet: rows of a table, read by row groups.

A unit is a row; `unit` counts the rows of the shard from 0, `place` the rows of the file. Only the columns
needed are read, and never more rows at once than memory allows: sizes in the footer are not believed where a
dictionary can stand for more (200 kB of file may be 2 GB of text), the longest entry of the dictionary is
looked up first. Page checksums are verified where there are some. What Arrow reads is validated in full. A
page that cannot be read makes the rest of its row group unreadable; the next row group goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from klarera.batch import MAX_BATCH_BYTES, MAX_BATCH_ROWS, Unreadable
from klarera.errors import InputError
from klarera.read import Options, Piece, Reader, Shard
from klarera.read.mapping import carried, resolve
from klarera.read.table import Shape, is_text, pieces_of, storage
from klarera.read.units import nothing

__all__ = ["READER"]

STEP = 1 << 20
DECODED = 64 << 20
"""Bytes one batch may decode to, as far as footer and dictionaries tell."""
PREFIX_ROWS = 256
"""Rows of a batch of prefix-coded strings, whose size nothing tells beforehand."""


def plan(path: Path, first: int, options: Options) -> list[Shard]:
    """Stretches of row groups of about `shard_bytes`."""
    with opened(path) as file:
        groups = [file.metadata.row_group(k).total_byte_size for k in range(file.metadata.num_row_groups)]
    bounds, held = [0], 0
    for number, size in enumerate(groups):
        if held and held + size > options.shard_bytes:
            bounds.append(number)
            held = 0
        held += size
    size = path.stat().st_size
    stops = [*bounds[1:], len(groups)]
    return [
        Shard(first + k, "parquet", str(path), start, stop, size)
        for k, (start, stop) in enumerate(zip(bounds, stops, strict=True))
    ]


def columns(path: Path, options: Options) -> tuple[dict[str, str], list[str]]:
    """The mapping in use and the columns nobody mapped."""
    with opened(path) as file:
        shape = shape_of(file, options, path.name)
    return shape.mapping.columns, shape.mapping.rest


def opened(path: Path, **more: object) -> pq.ParquetFile:
    """The file with its footer read; InputError if that fails."""
    try:
        return pq.ParquetFile(path, page_checksum_verification=True, buffer_size=STEP, **more)
    except (pa.ArrowException, OSError):
        raise InputError(str(path), "is not Parquet, or its footer is broken", hint="fetch the file again") from None


def shape_of(file: pq.ParquetFile, options: Options, place: str) -> Shape:
    """Which columns are read and what they become."""
    schema = file.schema_arrow
    if len(set(schema.names)) < len(schema.names):
        raise InputError(place, "two columns have the same name")
    nested = [field.name for field in schema if pa.types.is_nested(storage(field.type))]
    mapping = resolve([n for n in schema.names if n not in nested], options, place=place)
    mapping.rest[:] = [name for name in schema.names if name in nested or name in mapping.rest]
    carry = carried(mapping, options, present=schema.names, place=place)
    return Shape.of(schema, mapping, carry, place)


def read(shard: Shard, options: Options, digest: Callable[[bytes], None]) -> Iterator[Piece]:
    """The shard's rows as pieces."""
    path = Path(shard.path)
    if shard.start == 0:
        with path.open("rb") as raw:
            while data := raw.read(STEP):
                digest(data)
    with opened(path) as file:
        shape = shape_of(file, options, path.name)
        sizes = [file.metadata.row_group(k).num_rows for k in range(shard.stop)]
        base = sum(sizes[: shard.start])
        unit, decoded = 0, 0
        for group in range(shard.start, shard.stop):
            done, fault = 0, "rows that the footer promises are missing"
            batches = group_batches(file, path, group, shape)
            while done < sizes[group]:
                if decoded > options.max_decoded:
                    fault = f"decodes to more than {options.max_decoded} bytes"
                    break
                try:
                    batch = next(batches, None)
                except (pa.ArrowException, OSError):
                    fault = "page that cannot be read"
                    break
                if batch is None:
                    break
                for piece in pieces_of(batch, shape, unit + done, base + unit + done, options):
                    decoded += piece.records.batch.nbytes
                    yield piece
                done += batch.num_rows
            if missing := sizes[group] - done:
                gap = Unreadable(unit + done, base + unit + done, fault, missing)
                yield nothing(shape.schema, gap)
            unit += sizes[group]


def group_batches(file: pq.ParquetFile, path: Path, group: int, shape: Shape) -> Iterator[pa.RecordBatch]:
    """The row group's needed columns in validated batches of bounded size."""
    rows = batch_rows(file, path, group, shape)
    for batch in file.iter_batches(rows, row_groups=[group], columns=shape.needed, use_threads=False):
        batch.validate(full=False)
        for column in batch.columns:
            if not is_text(storage(column.type)):  # text is checked row by row
                column.validate(full=True)
        yield batch


def batch_rows(file: pq.ParquetFile, path: Path, group: int, shape: Shape) -> int:
    """How many rows to decode at once so that a batch stays about DECODED bytes."""
    meta = file.metadata.row_group(group)
    chunks = [meta.column(k) for k in range(meta.num_columns)]
    chunks = [chunk for chunk in chunks if chunk.path_in_schema.split(".")[0] in shape.needed]
    told = sum(chunk.total_uncompressed_size for chunk in chunks) / max(1, meta.num_rows)
    strings = [c for c in chunks if c.physical_type == "BYTE_ARRAY"]
    coded = [c.path_in_schema for c in strings if any("DICTIONARY" in e for e in c.encodings)]
    longest = longest_entry(path, group, coded) if coded else 0
    rows = min(MAX_BATCH_ROWS, MAX_BATCH_BYTES // max(1, int(told)), DECODED // max(1, longest))
    if any("DELTA_BYTE_ARRAY" in chunk.encodings for chunk in strings):
        rows = min(rows, PREFIX_ROWS)
    return max(1, rows)


def longest_entry(path: Path, group: int, coded: list[str]) -> int:
    """Bytes of the longest dictionary entries of these columns in a row group, summed over the columns."""
    with opened(path, read_dictionary=coded) as file:
        batch = next(file.iter_batches(1, row_groups=[group], columns=coded, use_threads=False), None)
    total = 0
    for column in batch.columns if batch is not None else ():
        if pa.types.is_dictionary(column.type) and len(column.dictionary):
            total += pc.max(pc.binary_length(column.dictionary)).as_py() or 0
    return total


READER = Reader(name="parquet", version=1, suffixes=(".parquet", ".pq"), plan=plan, read=read, columns=columns)
