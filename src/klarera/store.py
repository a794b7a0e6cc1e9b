"""What a clearance looks like on disk: names and schemas of its tables, and how they are written and read.

    OUT/cleared/part-00017-00-<12 hex>.parquet   what may leave, ordered by rid
    OUT/work/                                    mode 0700, personal data, never published
        facts/     one row a record, in input order: place, rid, author, local vector
        vectors/   the distinct local vectors of a segment
        findings/  what was seen, aligned with facts by row
        decisions/ one row a record: final vector, decision, aligned with facts by row
        edits/     what was taken out of which record of a segment, by row
        held/      records that wait for a person, certain redactions made
        authors/   what records say of their authors, one file a shard

A segment is a stretch of one shard of at most SEGMENT_BYTES of text: it is read, sorted and written as one, so
it bounds memory; where it ends depends on the records alone, never on batches or workers.
"""

from __future__ import annotations

from base64 import b32decode, b32encode
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from klarera.errors import EvidenceError
from klarera.evidence.files import Mark, hash_file, make_folder, placing
from klarera.facts import SOURCE

__all__ = [
    "DECISIONS",
    "FACTS",
    "KEY",
    "SEGMENT_BYTES",
    "SEGMENT_ROWS",
    "Segment",
    "findings",
    "findings_of",
    "keys_array",
    "keys_of",
    "read_table",
    "vector_columns",
    "vectors_of",
    "work",
    "write_table",
]

SCHEMA = "1"
SEGMENT_BYTES = 64 << 20
SEGMENT_ROWS = 1 << 20
KEY = pa.binary(16)

FACTS = pa.schema(
    [
        ("unit", pa.int64()),
        ("place", pa.int64()),
        ("rid", KEY),
        ("author", KEY),
        ("url", KEY),
        ("source", pa.int32()),
        ("day", pa.int32()),
        ("language", pa.uint8()),
        ("words", pa.int32()),
        ("bytes", pa.int32()),
        ("flags", pa.uint16()),
        ("vector", pa.int32()),
    ]
)
DECISIONS = pa.schema([("rid", KEY), ("vector", pa.int32()), ("decision", pa.uint8())])


@dataclass(frozen=True, order=True)
class Segment:
    """A stretch of one shard: its number and its place among the shard's segments."""

    shard: int
    number: int

    def __str__(self) -> str:
        return f"{self.shard:05d}-{self.number:02d}"

    @classmethod
    def parse(cls, name: str) -> Segment:
        """The inverse of str.

        >>> str(Segment.parse("00017-00"))
        '00017-00'
        """
        shard, _, number = name.partition("-")
        return cls(int(shard), int(number))


def work(out: Path, room: str, segment: Segment | str) -> Path:
    """Where the table of one segment lies."""
    return out / "work" / room / f"{segment}.parquet"


def findings_of(out: Path, segment: Segment | str, column: str) -> Path:
    """Where the findings in one column of a segment lie. A column may have any name, a file may not."""
    plain = "" if column == "text" else f".{b32encode(column.encode()).decode().lower()}"
    return work(out, "findings", f"{segment}{plain}")


def findings(out: Path, segment: Segment | str) -> dict[str, Path]:
    """The findings tables of a segment by column: of the text first, then of carried columns by name."""
    rest = {}
    for path in (out / "work" / "findings").glob(f"{segment}.?*.parquet"):
        name = path.name.removeprefix(f"{segment}.").removesuffix(".parquet")
        rest[b32decode(name.upper()).decode()] = path
    return {"text": findings_of(out, segment, "text"), **dict(sorted(rest.items()))}


def write_table(path: Path, table: pa.Table, *, dictionary: bool | list[str] = False) -> Mark:
    """Write one Parquet file whole or not at all, with page checksums; returns its hash and size.

    The same table gives the same bytes: one row group, zstd level 1, no statistics of the writer's day.
    """
    make_folder(path.parent)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), b"klarera.schema": SCHEMA.encode()})
    with placing(path) as temporary:
        pq.write_table(
            table,
            temporary,
            compression="zstd",
            compression_level=1,
            use_dictionary=dictionary,
            write_page_checksum=True,
            row_group_size=max(1, table.num_rows),
            store_schema=True,
        )
    return hash_file(path)


def read_table(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Read one of our tables; its page checksums are checked. Raises EvidenceError if it does not read."""
    try:
        return pq.read_table(path, columns=columns, page_checksum_verification=True, use_threads=False)
    except FileNotFoundError:
        raise EvidenceError(path.name, "is missing", hint="klarera verify") from None
    except (OSError, pa.ArrowException) as error:
        raise EvidenceError(path.name, f"cannot be read: {type(error).__name__}", hint="klarera verify") from None


def keys_array(keys: npt.NDArray[np.uint8]) -> pa.Array:
    """uint8[n, 16] as an Arrow column; zeros (no author) stay zeros."""
    data = pa.py_buffer(np.ascontiguousarray(keys))
    return pa.FixedSizeBinaryArray.from_buffers(KEY, len(keys), [None, data])


def keys_of(column: pa.ChunkedArray | pa.Array) -> npt.NDArray[np.uint8]:
    """The inverse of keys_array."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if len(array) == 0:
        return np.empty((0, 16), np.uint8)
    raw = np.frombuffer(array.buffers()[1], np.uint8)
    return raw[array.offset * 16 : (array.offset + len(array)) * 16].reshape(-1, 16)


def vector_columns(vectors: npt.NDArray[np.uint64]) -> dict[str, npt.NDArray[np.uint64]]:
    """The words of vectors as columns w0, w1, ... (facts), kinds, and source where there is one."""
    names = [f"w{i}" for i in range(SOURCE - 1)] + ["kinds", "source"]
    return {name: np.ascontiguousarray(vectors[:, i]) for i, name in enumerate(names[: vectors.shape[1]])}


def vectors_of(table: pa.Table) -> npt.NDArray[np.uint64]:
    """The inverse of vector_columns; other columns of the table are left alone."""
    names = [name for name in _VECTOR if name in table.column_names]
    stack = [table.column(name).to_numpy() for name in names]
    return np.ascontiguousarray(np.stack(stack, axis=1))


_VECTOR = tuple(vector_columns(np.empty((0, SOURCE + 1), np.uint64)))
