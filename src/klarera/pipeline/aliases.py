"""What else an author is known by: a second name beside the key, an address or number in its place.

Each alias is a pair of the author's key and a key the register may list: the source's name of the author by
`author_name`, that name as a person's, and whatever of `author` and `author_name` is itself an e-mail address,
a telephone number or the address of a profile. Pairs are stored once a shard, so that an objection made later is
a join and not a scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from klarera import store
from klarera.batch import Records
from klarera.facts.signatures import distinct_rows
from klarera.model import Kind
from klarera.pipeline.settings import Settings, canonical_author, scanner_of

__all__ = ["aliases_of", "save"]

U1 = npt.NDArray[np.uint8]

_WHOLE = np.array([int(k) for k in (Kind.EMAIL, Kind.PHONE, Kind.PROFILE_URL)], np.uint8)
_MAY_BE = r"[^\s@]@[^\s@]|[^\s]\.[^\s]+/|\d[\d\s./()-]{4,}\d"
"""What an address or number has; all else is not looked at."""


def aliases_of(records: Records, accounts: U1, author_of: npt.NDArray[np.int32], settings: Settings) -> U1:
    """Pairs uint8[m, 32], each once: the author's key, then the alias's.

    accounts   uint8[k, 16], keys of the batch's authors in order of first appearance
    author_of  int32[n], the number of each record's author among them
    """
    rows = _first_of(author_of, records.batch.column("author_name"))
    rows = rows[accounts[author_of[rows]].any(axis=1)]
    if not len(rows):
        return np.empty((0, 32), np.uint8)
    batch = records.batch.select(["source", "author", "author_name"]).take(pa.array(rows))
    mine = accounts[author_of[rows]]
    author, name = batch.column("author"), batch.column("author_name")
    pairs: list[U1] = [np.empty((0, 32), np.uint8)]
    if name.null_count < len(name):
        source = pc.fill_null(batch.column("source"), "")
        other = pc.fill_null(pc.not_equal(canonical_author(author), canonical_author(name)), False)
        second = np.flatnonzero(other.to_numpy(zero_copy_only=False))
        keys = settings.author_keys(source.take(pa.array(second)), name.take(pa.array(second)))
        pairs.append(np.concatenate([mine[second], keys], axis=1))
        named = np.flatnonzero(pc.is_valid(name).to_numpy(zero_copy_only=False))
        keys = settings.name_keys(canonical_author(name.take(pa.array(named))).to_pylist())
        pairs.append(np.concatenate([mine[named], keys], axis=1))
    for column in (author, name):
        if column.null_count == len(column):
            continue
        may = pc.fill_null(pc.match_substring_regex(column, _MAY_BE), False).to_numpy(zero_copy_only=False)
        if may.any():
            pairs.append(_identifiers(column, mine, np.flatnonzero(may), settings))
    return _distinct(np.concatenate(pairs))


def _first_of(author_of: npt.NDArray[np.int32], name: pa.Array) -> npt.NDArray[np.int64]:
    """The first row of each distinct pair of author and second name."""
    number = author_of
    if name.null_count < len(name):
        code = np.asarray(name.dictionary_encode(null_encoding="encode").indices, np.uint64)
        _, number = distinct_rows(np.column_stack([author_of.astype(np.uint64), code]))
    # Numbered in order of first appearance: a row is the first of its pair where the number is a new highest.
    highest = np.maximum.accumulate(np.concatenate((np.full(1, -1, np.int32), number)))
    return np.flatnonzero(highest[1:] > highest[:-1])


def _identifiers(column: pa.Array, authors: U1, rows: npt.NDArray[np.int64], settings: Settings) -> U1:
    """Pairs for the values that are, as a whole, an address or number."""
    values = pc.utf8_trim_whitespace(column.take(pa.array(rows)))
    found = scanner_of(settings).find(Records.of({"text": values.to_pylist()})).findings
    size = pc.binary_length(values).to_numpy(zero_copy_only=False)
    whole = np.isin(found.kind, _WHOLE) & (found.start == 0) & (found.end == size[found.row])
    return np.concatenate([authors[rows[found.row[whole]]], found.key[whole].reshape(-1, 16)], axis=1)


def _distinct(pairs: U1) -> U1:
    words = np.ascontiguousarray(pairs).view(np.uint64).reshape(-1, 4)
    given = (words[:, 0] | words[:, 1]) != 0
    return distinct_rows(np.ascontiguousarray(words[given]))[0].view(np.uint8).reshape(-1, 32)


def save(out: Path, shard: int, pairs: Sequence[U1]) -> None:
    """Write the pairs of a shard, sorted, each once; nothing if it has none."""
    whole = _distinct(np.concatenate([np.empty((0, 32), np.uint8), *pairs]))
    if not len(whole):
        return
    halves = whole.view(">u8")
    whole = whole[np.lexsort(halves.T[::-1])]
    columns = {"author": store.keys_array(whole[:, :16]), "key": store.keys_array(whole[:, 16:])}
    store.write_table(store.work(out, "aliases", f"{shard:05d}"), pa.table(columns))
