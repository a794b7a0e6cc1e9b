"""The files of one segment as a commit names them, and what their tables hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from klarera import store
from klarera.act.edits import EDIT, Edits

__all__ = ["HELD_OWN", "Stored", "by_kind", "edits_in", "edits_table"]

EDITS = pa.schema([("row", pa.int32()), ("column", pa.string()), *((f.name, f.type) for f in EDIT)])

HELD_OWN = ("unit", "place", "reasons", "held_on", "expired")
"""Columns of a held table beside rid, text and what is carried."""


@dataclass(frozen=True)
class Stored:
    """The files of one segment as a commit names them, relative to OUT; "" where there is none."""

    segment: str
    rows: int
    decisions: str
    edits: str = ""
    held: str = ""
    part: str = ""


def edits_table(by_column: Mapping[str, Edits]) -> pa.Table:
    """The edits of a segment, by column, as its table."""
    parts = []
    for column, edits in by_column.items():
        put = pa.array([x.decode() for x in edits.labels] or [""], pa.large_string())
        parts.append(
            pa.table(
                [
                    pa.array(edits.row),
                    pa.array([column] * len(edits.row), pa.string()),
                    pa.array(edits.start),
                    pa.array(edits.end),
                    put.take(pa.array(edits.label)),
                ],
                schema=EDITS,
            )
        )
    return pa.concat_tables(parts).combine_chunks()


def edits_in(out: Path, stored: Stored) -> dict[str, Edits]:
    """The edits of a segment by column, as they stand in OUT."""
    table = store.read_table(out / stored.edits)
    result = {}
    for name in pc.unique(table.column("column")).to_pylist():
        part = table.filter(pc.equal(table.column("column"), name)).combine_chunks()
        put = part.column("put").combine_chunks().dictionary_encode()
        labels = tuple(str(x).encode() for x in put.dictionary.to_pylist())
        row, start, end = (part.column(c).to_numpy() for c in ("row", "start", "end"))
        label = put.indices.to_numpy(zero_copy_only=False).astype(np.int32)
        result[name] = Edits(row, start, end, label, labels)
    return result


def by_kind(table: pa.Table) -> dict[str, int]:
    counts = table.column("put").combine_chunks().value_counts()
    out: dict[str, int] = {}
    for entry in counts.to_pylist():
        kind = str(entry["values"]).strip("[]").split(" ")[0]
        out[kind] = out.get(kind, 0) + int(entry["counts"])
    return out
