"""Reading whole files through the catalogue, with the promises that hold for every format checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from klarera.batch import MAX_BATCH_BYTES, MAX_BATCH_ROWS, RECORD, Unreadable, text_buffers
from klarera.read import Options, catalog

MARKER = "Zyxwv-Marker-7391"
"""Stands in bad input; no reason and no message may hold it."""


@dataclass
class Read:
    """All that came out of some inputs."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    unit: list[int] = field(default_factory=list)
    place: list[int] = field(default_factory=list)
    gaps: list[Unreadable] = field(default_factory=list)
    span: int = 0
    raw: bytes = b""
    pieces: int = 0

    @property
    def texts(self) -> list[str | None]:
        """The texts in order."""
        return [row["text"] for row in self.rows]

    @property
    def reasons(self) -> list[str]:
        """Why units were not readable, in order."""
        return [gap.reason for gap in self.gaps]

    @property
    def units(self) -> int:
        """Units that ended as a record or unreadable."""
        return len(self.rows) + sum(gap.units for gap in self.gaps)


def read_inputs(*inputs: str | Path, **settings: Any) -> Read:
    """Read inputs from end to end."""
    options, out, raw = Options(**settings), Read(), bytearray()
    for shard in catalog.plan(inputs, options):
        units: list[int] = []
        for piece in catalog.read(shard, options, raw.extend):
            batch = piece.records.batch
            assert batch.schema.names[: len(RECORD)] == RECORD.names
            assert all(batch.schema.field(f.name).type == f.type for f in RECORD)
            batch.validate(full=True)
            text = text_buffers(batch.column("text"))[1]
            assert len(piece.records) <= MAX_BATCH_ROWS
            assert len(piece.records) <= 1 or text[-1] - text[0] <= MAX_BATCH_BYTES
            assert piece.records.unit.dtype == piece.records.place.dtype == np.int64
            out.rows += batch.to_pylist()
            out.unit += piece.records.unit.tolist()
            out.place += piece.records.place.tolist()
            out.gaps += piece.unreadable
            out.span += piece.span
            out.pieces += 1
            units += piece.records.unit.tolist() + [gap.unit for gap in piece.unreadable]
        assert len(set(units)) == len(units), "a unit stands twice"
    assert MARKER not in "".join(out.reasons)
    out.raw = bytes(raw)
    return out


@pytest.fixture(scope="session")
def read() -> Callable[..., Read]:
    """read(*inputs, **options) -> Read."""
    return read_inputs
