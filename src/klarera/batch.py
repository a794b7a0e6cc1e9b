"""The batches rooms hand each other: records in Arrow, findings and facts as typed arrays.

Offsets are UTF-8 bytes, end exclusive. `Records.text` is one contiguous Arrow large_string column, so
that kernels read its buffers without a copy.

>>> records = Records.of({"id": ["a", "b"], "text": ["héllo", None]}, source="posts")
>>> buf, off = text_buffers(records.batch.column("text"))
>>> off.tolist(), bytes(buf[:6]).decode()
([0, 6, 6], 'héllo')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = [
    "FINDING",
    "MAX_BATCH_BYTES",
    "MAX_BATCH_ROWS",
    "RECORD",
    "Findings",
    "Records",
    "Unreadable",
    "text_buffers",
]

MAX_BATCH_BYTES = 16 << 20
"""A batch holds at most this many bytes of text (one record may reach it alone)."""
MAX_BATCH_ROWS = 65_536

RECORD = pa.schema(
    [
        ("id", pa.large_string()),
        ("text", pa.large_string()),
        ("source", pa.large_string()),
        ("url", pa.large_string()),
        ("author", pa.large_string()),
        ("author_name", pa.large_string()),
        ("published_at", pa.timestamp("us", "UTC")),
        ("fetched_at", pa.timestamp("us", "UTC")),
        ("visibility", pa.large_string()),
        ("author_birth_year", pa.int32()),
        ("author_is_minor", pa.bool_()),
        ("country", pa.large_string()),
        ("language", pa.large_string()),
        ("licence", pa.large_string()),
        ("http_headers", pa.large_string()),
        ("meta", pa.large_string()),
    ]
)
"""One public thing a row: a post, a page, a track listened to. What is not known is null."""

FINDING = pa.schema(
    [
        ("row", pa.int32()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("ctx_start", pa.int32()),
        ("ctx_end", pa.int32()),
        ("kind", pa.uint8()),
        ("about", pa.uint8()),
        ("stance", pa.uint8()),
        ("strength", pa.uint8()),
        ("score", pa.uint8()),
        ("detector", pa.uint8()),
        ("key", pa.binary(16)),
    ]
)

Array = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Unreadable:
    """A unit of input that could not become a record: its place and why, never its content.

    unit    number of the unit in its shard, from 0 (a line, a row, an item of an export)
    place   byte offset of the unit in the decoded stream, or row number in a table; -1 if unknown
    units   how many units this entry stands for (a corrupt page loses many at once)
    """

    unit: int
    place: int
    reason: str
    units: int = 1


@dataclass(frozen=True)
class Records:
    """A batch of records with the place each came from.

    batch    RECORD columns first, in that order; carried columns may follow
    unit     int64[n], number of the unit in its shard, from 0
    place    int64[n], byte offset of the unit in the decoded stream, or row number in a table
    """

    batch: pa.RecordBatch
    unit: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.batch.num_rows)

    @classmethod
    def of(cls, columns: Mapping[str, Sequence[object]], *, source: str | None = None) -> Records:
        """Build a small batch from Python lists (tests, examples); missing RECORD columns are null."""
        n = len(next(iter(columns.values())))
        arrays = []
        for field in RECORD:
            values = columns.get(field.name)
            if values is None and field.name == "source" and source is not None:
                values = [source] * n
            arrays.append(pa.nulls(n, field.type) if values is None else pa.array(values, field.type))
        place = np.arange(n, dtype=np.int64)
        return cls(pa.RecordBatch.from_arrays(arrays, schema=RECORD), place, place.copy())


@dataclass(frozen=True)
class Findings:
    """What detectors saw in one batch, as parallel arrays ordered by (row, start, end, kind).

    row                 int32, row of the batch
    start, end          int32, bytes within that row's text
    ctx_start, ctx_end  int32, bytes of the sentence around it, same base
    kind .. strength    uint8, codes of model.Kind, About, Stance, Strength
    score               uint8, 0-100 from a model; 255 where there is none
    detector            uint8, number in the run's catalogue
    key                 uint8[n, 16], keyed hash of the canonical identifier; zeros if not identifying
    """

    row: npt.NDArray[np.int32]
    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    ctx_start: npt.NDArray[np.int32]
    ctx_end: npt.NDArray[np.int32]
    kind: npt.NDArray[np.uint8]
    about: npt.NDArray[np.uint8]
    stance: npt.NDArray[np.uint8]
    strength: npt.NDArray[np.uint8]
    score: npt.NDArray[np.uint8]
    detector: npt.NDArray[np.uint8]
    key: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.row)

    @classmethod
    def empty(cls) -> Findings:
        """No findings."""
        i, u = np.empty(0, np.int32), np.empty(0, np.uint8)
        return cls(i, i, i, i, i, u, u, u, u, u, u, np.empty((0, 16), np.uint8))

    @classmethod
    def concat(cls, parts: Sequence[Findings]) -> Findings:
        """All of `parts`, in canonical order."""
        if not parts:
            return cls.empty()
        joined = cls(*[np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)])
        return joined.take(np.lexsort((joined.kind, joined.end, joined.start, joined.row)))

    def take(self, index: Array) -> Findings:
        """The findings at these positions or under this mask, in that order."""
        return Findings(*[getattr(self, f.name)[index] for f in fields(self)])

    def to_arrow(self) -> pa.RecordBatch:
        """The same findings as a batch of schema FINDING."""
        plain = [pa.array(getattr(self, f.name)) for f in fields(self) if f.name != "key"]
        key = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(16), len(self), [None, pa.py_buffer(np.ascontiguousarray(self.key))]
        )
        return pa.RecordBatch.from_arrays([*plain, key], schema=FINDING)

    @classmethod
    def from_arrow(cls, table: pa.Table | pa.RecordBatch) -> Findings:
        """The inverse of to_arrow."""
        if table.num_rows == 0:
            return cls.empty()

        def one(name: str) -> pa.Array:
            column = table.column(name)
            return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column

        key = one("key")
        raw = np.frombuffer(key.buffers()[1], np.uint8)[key.offset * 16 : (key.offset + len(key)) * 16]
        plain = {f.name: one(f.name).to_numpy(zero_copy_only=False) for f in fields(cls) if f.name != "key"}
        return cls(**plain, key=raw.reshape(-1, 16))


def text_buffers(column: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Bytes and offsets of a large_string array, without a copy; a null row has length 0.

    Returns (buf uint8[total], off int64[n + 1]); row i is buf[off[i]:off[i + 1]]. Both are read-only.
    """
    n = len(column)
    if n == 0:
        return np.empty(0, np.uint8), np.zeros(1, np.int64)
    _, offsets, data = column.buffers()
    off = np.frombuffer(offsets, np.int64)[column.offset : column.offset + n + 1]
    buf = np.frombuffer(data, np.uint8) if data is not None and data.size else np.empty(0, np.uint8)
    return buf, off
