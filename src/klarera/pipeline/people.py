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
from klarera.pipeline.stored import Stored

__all__ = ["authors_behind", "counts"]


def authors_behind(out: Path, stored: Sequence[Stored], *vectors: npt.NDArray[np.bool_]) -> list[int]:
    """Distinct authors of the records whose vector is marked, for each marking; the tables are read once.

    Records without an author count as none.
    """
    found: list[npt.NDArray[np.uint64]] = [np.empty((0, 2), np.uint64)]
    behind: list[npt.NDArray[np.bool_]] = [np.empty((0, len(vectors)), np.bool_)]
    for segment in stored:
        number = store.read_table(out / segment.decisions, ["vector"]).column("vector").to_numpy()
        author = store.read_table(store.work(out, "facts", segment.segment), ["author"]).column("author").to_numpy()
        keys = store.keys_of(store.read_table(store.work(out, "accounts", segment.segment)).column("author"))
        marks = np.zeros((len(keys), len(vectors)), np.bool_)
        for i, marked in enumerate(vectors):
            marks[author[marked[number]], i] = True
        marks[~keys.any(axis=1)] = False
        found.append(np.ascontiguousarray(keys).view(np.uint64).reshape(-1, 2))
        behind.append(marks)
    authors, marks = np.concatenate(found), np.concatenate(behind)
    return [len(distinct_rows(authors[marks[:, i]])[0]) for i in range(len(vectors))]


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
