"""People beside the records: how many authors, third persons and minors stand behind what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from klarera import store
from klarera.decide import Verdicts
from klarera.facts.signatures import unpack
from klarera.model import Decision, State
from klarera.pipeline.settle import Settled
from klarera.pipeline.write import Stored

__all__ = ["authors_behind", "counts"]


def authors_behind(out: Path, stored: Sequence[Stored], vectors: npt.NDArray[np.bool_]) -> int:
    """Distinct authors of the records whose vector is marked. Records without an author count as none."""
    keys: list[npt.NDArray[np.uint8]] = []
    for segment in stored:
        number = store.read_table(out / segment.decisions, ["vector"]).column("vector").to_numpy()
        rows = vectors[number]
        if rows.any():
            table = store.read_table(store.work(out, "facts", segment.segment), ["author"])
            authors = store.keys_of(table.column("author"))[rows]
            keys.append(_distinct(authors[authors.any(axis=1)]))
    return len(_distinct(np.concatenate(keys))) if keys else 0


def _distinct(keys: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    from klarera.facts.signatures import distinct_rows

    halves = np.ascontiguousarray(keys).view(np.uint64).reshape(-1, 2)
    return np.ascontiguousarray(distinct_rows(halves)[0]).view(np.uint8).reshape(-1, 16)


def counts(out: Path, stored: Sequence[Stored], settled: Settled, verdicts: Verdicts) -> dict[str, int]:
    """Authors in all, authors left out, and records about third persons and minors that are kept or left out."""
    every = np.ones(len(settled.vectors), np.bool_)
    gone = verdicts.decision >= Decision.HOLD
    minor = unpack(settled.vectors, "author_minor") == State.TRUE
    third = unpack(settled.vectors, "names_other") == State.TRUE
    return {
        "authors": authors_behind(out, stored, every),
        "authors_with_records_left_out": authors_behind(out, stored, gone),
        "minors": authors_behind(out, stored, minor),
        "records_naming_others": int(settled.records[third].sum()),
        "records_naming_others_kept": int(settled.records[third & ~gone].sum()),
    }
