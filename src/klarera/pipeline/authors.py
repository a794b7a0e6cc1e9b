"""What is known of every author of the corpus, in buckets by the first bits of the author's key.

    work/authors/00017.parquet        what the records of shard 17 say of their authors
    work/authors/flags-0000.parquet   bucket 0: key and flags of all authors in it, of all shards and the register

The number of buckets is a power of two that follows from the number of entries, so that a bucket holds about
BUCKET authors; the merge and every join hold one bucket (and CHUNK entries) in memory, however many authors there are.
The flags of an author do not depend on the number of buckets.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from klarera import store
from klarera.facts.rollup import AuthorTable

__all__ = ["BUCKET", "CHUNK", "flags_of", "place_authors", "rewrite"]

U1 = npt.NDArray[np.uint8]
U2 = npt.NDArray[np.uint16]

BUCKET = 1 << 20
"""Authors with flags in one bucket, about; 18 bytes each."""
CHUNK = 1 << 22
"""Entries of shards that are sorted at once before they go to their buckets."""
MOST_BITS = 12


def place_authors(out: Path, shards: Sequence[int], register: AuthorTable) -> None:
    """Merge what all shards say of their authors with what the register says, bucket by bucket."""
    paths = [store.work(out, "authors", f"{number:05d}") for number in shards]
    entries = len(register.keys) + sum(pq.read_metadata(path).num_rows for path in paths)
    bits = min(MOST_BITS, max(0, (entries - 1).bit_length() - (BUCKET - 1).bit_length()))
    room = out / "work" / "drafts" / "authors"
    shutil.rmtree(room, ignore_errors=True)  # left by a killed run
    for number, table in enumerate(_chunks(paths, register)):
        for bucket, (start, stop) in enumerate(_bounds(table.keys, bits)):
            if stop > start or number == 0:
                part = AuthorTable(table.keys[start:stop], table.flags[start:stop])
                store.write_table(room / f"{bucket:04d}-{number:06d}.parquet", _columns(part))
    for bucket in range(1 << bits):
        drafts = sorted(room.glob(f"{bucket:04d}-*.parquet"))
        tables = [_read(path) for path in drafts]
        keys, flags = [t.keys for t in tables], [t.flags for t in tables]
        rewrite(out, f"work/authors/flags-{bucket:04d}.parquet", _columns(_merged(keys, flags)))
    for path in _buckets(out)[1 << bits :]:
        path.unlink()  # of a change with more buckets
    shutil.rmtree(room, ignore_errors=True)


def flags_of(out: Path, authors: U1) -> U2:
    """The flags of these authors, uint16[n]; 0 for one without any. Loads one bucket at a time, and only those needed.

    authors  uint8[n, 16]; zeros where a record names none
    """
    paths = _buckets(out)
    flags = np.zeros(len(authors), np.uint16)
    number = _number(authors, (len(paths) - 1).bit_length())
    order = np.argsort(number, kind="stable")
    ends = np.searchsorted(number[order], np.arange(len(paths) + 1))
    for path, start, stop in zip(paths, ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        if stop > start:
            rows = order[start:stop]
            flags[rows] = _read(path).of(authors[rows])
    return flags


def rewrite(out: Path, path: str, table: pa.Table) -> None:
    """Write a table of the driver's own; it may stand there from a change that was not committed."""
    draft = out / "work" / "drafts" / path.replace("/", "_")
    draft.unlink(missing_ok=True)
    store.write_table(draft, table)
    (out / path).parent.mkdir(parents=True, exist_ok=True)
    draft.replace(out / path)


def _buckets(out: Path) -> list[Path]:
    return sorted((out / "work" / "authors").glob("flags-*.parquet"))


def _chunks(paths: Sequence[Path], register: AuthorTable) -> Iterator[AuthorTable]:
    """The register's and the shards' entries, merged CHUNK at a time; at least one table."""
    keys, flags, held = [register.keys], [register.flags], len(register.keys)
    for path in paths:
        table = _read(path)
        keys.append(table.keys)
        flags.append(table.flags)
        held += len(table.keys)
        if held >= CHUNK:
            yield _merged(keys, flags)
            keys, flags, held = [], [], 0
    yield _merged(keys, flags)


def _merged(keys: Sequence[U1], flags: Sequence[U2]) -> AuthorTable:
    none, no_flags = np.empty((0, 16), np.uint8), np.empty(0, np.uint16)
    return AuthorTable.merge(np.concatenate([none, *keys]), np.concatenate([no_flags, *flags]))


def _number(keys: U1, bits: int) -> npt.NDArray[np.uint16]:
    """The bucket of each key: its first bits."""
    first = np.ascontiguousarray(keys[:, :2]).view(">u2").reshape(-1).astype(np.uint16)
    return (first >> np.uint16(16 - bits) if bits else np.zeros_like(first)).astype(np.uint16)


def _bounds(keys: U1, bits: int) -> list[tuple[int, int]]:
    """Where each bucket stands in sorted keys."""
    ends = np.searchsorted(_number(keys, bits), np.arange((1 << bits) + 1)).tolist()
    return list(pairwise(ends))


def _columns(table: AuthorTable) -> pa.Table:
    return pa.table({"author": store.keys_array(table.keys), "flags": table.flags})


def _read(path: Path) -> AuthorTable:
    table = store.read_table(path)
    return AuthorTable(store.keys_of(table.column("author")), table.column("flags").to_numpy())
