"""People beside the records: how many authors, third persons and minors stand behind what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from klarera import store
from klarera.decide import Verdicts
from klarera.facts.signatures import distinct_rows, unpack
from klarera.model import Decision, State
from klarera.pipeline.settle import Settled
from klarera.pipeline.write import Stored

__all__ = ["authors_behind", "counts"]


def authors_behind(out: Path, stored: Sequence[Stored], *vectors: npt.NDArray[np.bool_]) -> list[int]:
    """Distinct authors of the records whose vector is marked, for each marking; the tables are read once.

    Records without an author count as none.
    """
    bits = np.zeros(len(vectors[0]), np.uint64)
    for i, marked in enumerate(vectors):
        bits |= marked.astype(np.uint64) << np.uint64(i)
    found: list[npt.NDArray[np.uint64]] = [np.empty((0, 3), np.uint64)]
    for segment in stored:
        number = store.read_table(out / segment.decisions, ["vector"]).column("vector").to_numpy()
        mine = bits[number]
        table = store.read_table(store.work(out, "facts", segment.segment), ["author"])
        author = np.ascontiguousarray(store.keys_of(table.column("author"))).view(np.uint64).reshape(-1, 2)
        rows = (mine != 0) & ((author[:, 0] | author[:, 1]) != 0)
        found.append(distinct_rows(np.column_stack([author[rows], mine[rows]]))[0])
    pairs = np.concatenate(found)
    counted = []
    for i in range(len(vectors)):
        marked = (pairs[:, 2] >> np.uint64(i)) & np.uint64(1) != 0
        counted.append(len(distinct_rows(np.ascontiguousarray(pairs[marked, :2]))[0]))
    return counted


def counts(out: Path, stored: Sequence[Stored], settled: Settled, verdicts: Verdicts) -> dict[str, int]:
    """Authors in all, authors left out, and records about third persons and minors that are kept or left out."""
    every = np.ones(len(settled.vectors), np.bool_)
    gone = verdicts.decision >= Decision.HOLD
    minor = unpack(settled.vectors, "author_minor") == State.TRUE
    third = unpack(settled.vectors, "names_other") == State.TRUE
    authors, left_out, minors = authors_behind(out, stored, every, gone, minor)
    return {
        "authors": authors,
        "authors_with_records_left_out": left_out,
        "minors": minors,
        "records_naming_others": int(settled.records[third].sum()),
        "records_naming_others_kept": int(settled.records[third & ~gone].sum()),
    }
