"""A sample for a first look: records spread over the shards, and examples of what came out."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from klarera import store
from klarera.batch import RECORD
from klarera.errors import InputError
from klarera.read import Options, Shard
from klarera.read.catalog import read

__all__ = ["Taken", "examples", "take_sample"]

SHARDS = 8
"""A sample looks into at most this many shards, spread over all."""


@dataclass(frozen=True)
class Taken:
    """How many records were sampled, and the bytes of input they stand for."""

    records: int
    bytes: int


def take_sample(shards: Sequence[Shard], options: Options, size: int, target: Path) -> Taken:
    """Write the first records of up to SHARDS shards as Parquet. Raises InputError if there are none."""
    step = max(1, len(shards) // SHARDS)
    chosen = list(shards)[::step][:SHARDS]
    each = -(-size // len(chosen))
    batches: list[pa.RecordBatch] = []
    used = 0
    for shard in chosen:
        left = each
        raw = [0]

        def count(data: bytes, raw: list[int] = raw) -> None:
            raw[0] += len(data)

        for piece in read(shard, options, count):
            batch = piece.records.batch.select(RECORD.names).slice(0, left)
            batches.append(batch)
            left -= len(batch)
            used += raw[0] * len(batch) // max(len(piece.records), 1)
            raw[0] = 0
            if left <= 0:
                break
    table = pa.Table.from_batches(batches, RECORD) if batches else pa.table({})
    if not table.num_rows:
        raise InputError(Path(shards[0].path).name, "holds no record that can be read", hint="klarera doctor INPUT")
    pq.write_table(table, target)
    return Taken(table.num_rows, max(used, 1))


def examples(out: Path, size: int) -> list[str]:
    """Redacted texts of the sample, at most `size`, each one line of at most 120 characters."""
    found: list[str] = []
    for path in sorted((out / "cleared").glob("*.parquet")):
        for text in store.read_table(path, ["text"]).column("text").to_pylist():
            if "[" in text and len(found) < size:
                plain = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
                found.append(plain[:120])
    return found
