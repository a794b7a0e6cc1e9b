"""Counts by source and language beneath the distinct vectors: what a price or a sum in tokens is broken down by.

A vector says a record's source, not its language. The stored facts of each record do, and its decision names its
vector; so the pairs are counted from these two tables, and no text is opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from klarera import store
from klarera.errors import UsageError
from klarera.facts import SOURCE
from klarera.model import LANGUAGES
from klarera.pipeline.settle import Settled
from klarera.pipeline.stored import Stored

__all__ = ["DIMENSIONS", "Breakdown", "breakdown"]

I8 = npt.NDArray[np.int64]

DIMENSIONS = ("source", "language")


@dataclass(frozen=True)
class Breakdown:
    """Records and words of every pair of vector and cell that occurs.

    by       the dimensions, in the order of DIMENSIONS
    cells    the labels of each cell, one a dimension, sorted
    vector, cell, records, words   int64[k], one entry a pair
    """

    by: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    vector: I8
    cell: I8
    records: I8
    words: I8

    def sums(self, values: I8, weight: I8) -> I8:
        """int64[cells]: the sum over pairs of weight (an entry a pair) times the value of the pair's vector."""
        total = np.zeros(len(self.cells), np.int64)
        np.add.at(total, self.cell, weight * values[self.vector])
        return total


def breakdown(
    out: Path, names: Sequence[str], settled: Settled, stored: Sequence[Stored], by: Sequence[str]
) -> Breakdown:
    """Count the pairs of a decided corpus.

    names    the sources in their numbering
    settled  the vectors in the order in which the decisions number them
    by       some of DIMENSIONS, in any order

    Raises UsageError for another dimension.
    """
    for name in by:
        if name not in DIMENSIONS:
            raise UsageError(f"nothing is broken down by '{name}'", hint="source, language, or source,language")
    ordered = tuple(d for d in DIMENSIONS if d in by)
    pairs = _by_language(out, stored) if "language" in ordered else _whole(settled)
    vector, language = pairs[:, 0], pairs[:, 1]
    source = settled.vectors[vector, SOURCE].astype(np.int64)
    codes = [source if d == "source" else language for d in ordered]
    labels = {"source": [n or "-" for n in names] or ["-"], "language": [c or "unknown" for c in LANGUAGES]}
    distinct, cell = np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)
    named = [tuple(labels[d][code] for d, code in zip(ordered, row, strict=True)) for row in distinct.tolist()]
    rank = np.argsort(np.array(sorted(range(len(named)), key=named.__getitem__), np.int64))
    return Breakdown(ordered, tuple(sorted(named)), vector, rank[cell.reshape(-1)], pairs[:, 2], pairs[:, 3])


def _whole(settled: Settled) -> I8:
    """Each vector with all its records, as vector, 0, records, words."""
    count = len(settled.records)
    return np.stack([np.arange(count), np.zeros(count, np.int64), settled.records, settled.words], axis=1)


def _by_language(out: Path, stored: Sequence[Stored]) -> I8:
    """int64[k, 4]: vector, language, records, words of every pair that occurs, sorted."""
    parts = [_summed(*_segment(out, segment)) for segment in stored]
    whole = np.concatenate(parts) if parts else np.empty((0, 4), np.int64)
    return _summed(whole[:, 0], whole[:, 1], whole[:, 2], whole[:, 3])


def _segment(out: Path, segment: Stored) -> tuple[I8, I8, I8, I8]:
    facts = store.read_table(store.work(out, "facts", segment.segment), ["language", "words"])
    vector = store.read_table(out / segment.decisions, ["vector"]).column("vector").to_numpy()
    language, words = (facts.column(name).to_numpy().astype(np.int64) for name in ("language", "words"))
    return vector.astype(np.int64), language, np.ones(len(vector), np.int64), words


def _summed(vector: I8, language: I8, records: I8, words: I8) -> I8:
    keys, inverse = np.unique(vector * len(LANGUAGES) + language, return_inverse=True)
    sums = np.zeros((len(keys), 4), np.int64)
    sums[:, 0], sums[:, 1] = keys // len(LANGUAGES), keys % len(LANGUAGES)
    np.add.at(sums[:, 2], inverse.reshape(-1), records)
    np.add.at(sums[:, 3], inverse.reshape(-1), words)
    return sums
