"""Bytes → Record batches. One module a format; catalog.py finds them and plans shards.

Every unit of input (a JSONL line that is not blank, a CSV record, a Parquet row, an item of an export)
ends as one record or in one Unreadable; the sum is checked for every shard. A shard is a stretch of one
file that one worker reads from end to end; the same files give the same shards on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from klarera.batch import Records, Unreadable

__all__ = ["Options", "Piece", "Reader", "Shard"]


@dataclass(frozen=True)
class Options:
    """How to read.

    mapping     RECORD column → column of the input ("text" → "body"); what is not named is guessed
                from the layouts the reader knows
    carry       columns of the input to carry along as they are; ("*",) for all
    source      name of the source if the input has no such column
    max_record  bytes; a longer unit is unreadable "too large"
    shard_bytes decoded bytes of one shard where the format can be cut
    readers     entry points of readers of others; of two that are as sure of a file, theirs reads it
    max_decoded bytes a compressed stream or one Parquet file may grow to
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    carry: tuple[str, ...] = ()
    source: str | None = None
    max_record: int = 16 << 20
    shard_bytes: int = 64 << 20
    max_decoded: int = 1 << 40
    readers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shard:
    """A stretch of one file: bytes [start, stop) of a line format, row groups [start, stop) of Parquet.

    A compressed stream and an export are one shard: start 0, stop = size of the file. `mark` tells files apart by
    what they hold, not by their name (catalog.mark_of).
    """

    number: int
    reader: str
    path: str
    start: int
    stop: int
    size: int
    mark: str = ""


class Piece(NamedTuple):
    """What a reader yields: one batch of records and the units that could not become any.

    Pieces of one shard come in input order; together they hold each unit exactly once.
    `span` counts the lines, rows or items the piece covers, blank lines too: FILE:LINE of a unit is the
    spans of the file's earlier shards + unit + 1.
    """

    records: Records
    unreadable: tuple[Unreadable, ...] = ()
    span: int = 0


@dataclass(frozen=True)
class Reader:
    """One format.

    suffixes   lower-case endings it answers to, longest first (".jsonl.gz")
    plan       (path, number of the first shard, options) -> shards of that file
    read       (shard, options, digest) -> pieces; `digest(bytes)` is called with every raw byte of
               the shard once, in order, so that the input is hashed while it is read. Parquet calls it
               with the whole file in the shard that holds the first row group.
    columns    (path, options) -> (mapping in use, columns not mapped), for the summary
    sniff      (path) -> how sure it is that a file with one of the suffixes is this format: 0 it is not,
               1 by its form, 2 by what it holds. The surest reads it, of equals the first by name
    """

    name: str
    version: int
    suffixes: tuple[str, ...]
    plan: Callable[[Path, int, Options], list[Shard]]
    read: Callable[[Shard, Options, Callable[[bytes], None]], Iterator[Piece]]
    columns: Callable[[Path, Options], tuple[dict[str, str], list[str]]]
    sniff: Callable[[Path], int] = lambda _: 1
