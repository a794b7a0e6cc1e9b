"""CSV and TSV with a header line; plain, gzip or zstd.

A unit is a record (a quoted field may hold line ends); `unit` counts the records of the file from 0 without
the header and blank lines, `place` is the record's byte offset in the decoded stream. The separator is a tab
for .tsv; for .csv it is the one of comma, semicolon and tab that parts the header into most fields. A file
is one shard: whether a line end lies inside quotes is only known from the start.

A record with more or fewer fields than the header is unreadable, and so is the line where a quote opens
that nothing closes (within `max_record` or the file): reading goes on with the next line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from klarera.batch import MAX_BATCH_ROWS, Unreadable
from klarera.errors import InputError
from klarera.kernels import delimited, lines
from klarera.read import Options, Piece, Reader, Shard
from klarera.read.jsonl import UTF8_BOM, is_utf8, refuse_other_encodings
from klarera.read.mapping import Mapping, carried, resolve
from klarera.read.stream import BLOCK, Window, cut, open_shard
from klarera.read.units import REASONS, Found, Layout, nothing, piece

__all__ = ["READER"]

U1 = npt.NDArray[np.uint8]
SEPARATORS = (",", ";", "\t")
LONGEST_HEADER = 1 << 20
WALK_BYTES = 64 << 20


class Header(NamedTuple):
    """The header line: names of the fields, separator, and its size in bytes with a byte order mark."""

    names: list[str]
    separator: str
    size: int


def plan(path: Path, first: int, options: Options) -> list[Shard]:
    """One shard a file."""
    return cut("csv", path, first, replace(options, shard_bytes=max(1, path.stat().st_size)))


def columns(path: Path, options: Options) -> tuple[dict[str, str], list[str]]:
    """The mapping in use and the columns nobody mapped."""
    header = header_of(path, options)
    mapping = resolve(header.names, options, place=path.name)
    return mapping.columns, mapping.rest


def header_of(path: Path, options: Options) -> Header:
    """The header of a file. InputError if there is none, or two fields share a name."""
    size = path.stat().st_size
    source, place, file = open_shard(Shard(0, "csv", str(path), 0, size, size), options, lambda _: None)
    with file:
        window = Window(source, place)
        window.limit = LONGEST_HEADER
        window.fill()
        start = bytes(window.room[: window.held])
    refuse_other_encodings(start[:4], path.name)
    mark = len(UTF8_BOM) if start.startswith(UTF8_BOM) else 0
    try:
        text = start[mark:].decode("utf-8", "ignore" if len(start) == LONGEST_HEADER else "strict")
    except UnicodeDecodeError:
        text = start[mark:].decode("utf-8", "replace")
    best = Header([], ",", 0)
    for separator in ("\t",) if ".tsv" in path.name.lower() else SEPARATORS:
        rows = io.StringIO(text, newline="")
        names = next(csv.reader(rows, delimiter=separator), [])
        if len(names) > len(best.names):
            best = Header(names, separator, mark + len(text[: rows.tell()].encode()))
    if not best.names:
        raise InputError(path.name, "has no header line", hint="a first line with the names of the columns")
    if len(set(best.names)) < len(best.names):
        raise InputError(path.name, "two columns have the same name", line=1)
    return best


def read(shard: Shard, options: Options, digest: Callable[[bytes], None]) -> Iterator[Piece]:
    """The file's records as pieces."""
    path = Path(shard.path)
    header = header_of(path, options)
    mapping = resolve(header.names, options, place=path.name)
    table = Table.of(header, mapping, carried(mapping, options, present=header.names, place=path.name), options)
    source, place, file = open_shard(shard, options, digest)
    with file:
        window = Window(source, place)
        window.fill()
        window.drop(min(header.size, window.held))
        unit = 0
        while window.fill():
            made, used = table.piece(window, unit, options.max_record)
            if not used:
                if window.limit <= options.max_record and not window.ended:
                    window.limit = min(2 * window.limit, options.max_record + 1)
                    continue
                made = nothing(table.layout.schema, pass_over(window, unit))
            else:
                window.drop(used)
            unit += made.span
            if made.span:
                yield made
        if window.fault:
            yield nothing(table.layout.schema, Unreadable(unit, window.place, window.fault))


def pass_over(window: Window, unit: int) -> Unreadable:
    """Give up the first line of a window that holds no whole record, as little as can be."""
    size, place = window.room.find(b"\n", 0, window.held) + 1, window.place
    if size:
        window.drop(size)
        return Unreadable(unit, place, REASONS[delimited.BAD_QUOTE])
    window.skip_line()
    return Unreadable(unit, place, REASONS[lines.TOO_LARGE])


class Table(NamedTuple):
    """Which fields are wanted: for each field of the header the row of Found, or -1; rows of each column."""

    separator: int
    wanted: npt.NDArray[np.int32]
    place: list[int]
    layout: Layout

    @classmethod
    def of(cls, header: Header, mapping: Mapping, carry: list[str], options: Options) -> Table:
        """The fields a mapping needs."""
        names = [*mapping.columns.values(), *carry]
        distinct = list(dict.fromkeys(names))
        wanted = np.array([distinct.index(n) if n in distinct else -1 for n in header.names], np.int32)
        source = None if "source" in mapping.columns else options.source
        layout = Layout(tuple(mapping.columns), tuple(carry), source)
        return cls(ord(header.separator), wanted, [distinct.index(n) for n in names], layout)

    def piece(self, window: Window, unit: int, max_record: int) -> tuple[Piece, int]:
        """The next whole records of the window, at most MAX_BATCH_ROWS and BLOCK bytes, and their size."""
        final = window.ended and not window.fault
        buf = np.frombuffer(window.room, np.uint8, window.held)
        width = int(self.wanted.max()) + 1
        room = min(MAX_BATCH_ROWS, max(1, WALK_BYTES // (9 * max(1, width))), len(buf))
        begin, stop, status = np.zeros(room + 1, np.int64), np.zeros(room + 1, np.int64), np.zeros(room, np.uint8)
        kind = np.zeros((width, room), np.uint8)
        lo, hi = np.zeros((width, room), np.int32), np.zeros((width, room), np.int32)
        n = delimited.split(buf, final, self.separator, self.wanted, status, begin, stop, kind, lo, hi)
        used = int(begin[n])
        if used > BLOCK and n > 1:  # a long record goes alone
            n = max(1, int(np.searchsorted(stop[:n], BLOCK, side="right")))
            used = int(stop[n - 1])
        status, begin, stop = status[:n].copy(), begin[:n].copy(), stop[:n].copy()
        status[(stop - begin > max_record) & (status == lines.OK)] = lines.TOO_LARGE
        if not is_utf8(buf[:used]):
            lines.not_utf8(buf, begin, stop, status)
        found = Found(buf, status, kind[self.place, :n], lo[self.place, :n], hi[self.place, :n])
        made = piece(found, self.layout, np.arange(unit, unit + n), window.place + begin, n)
        return made, used


READER = Reader(
    name="csv",
    version=1,
    suffixes=tuple(ending + packed for ending in (".csv", ".tsv") for packed in (".gz", ".zst", ".zstd", "")),
    plan=plan,
    read=read,
    columns=columns,
)
