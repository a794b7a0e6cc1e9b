"""The tables beside the number detectors, and what turns the scan's hits into arrays for their loops.

A table is tab-separated; its first line is a comment with source and date.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from klarera.find import Scan, Term

__all__ = ["cue_arrays", "packed_canon", "rows"]

I8 = npt.NDArray[np.int64]


def rows(name: str) -> list[list[str]]:
    """The fields of every line of `name`, without comments.

    >>> rows("iban.tsv")[0]
    ['AD', '24', '4n4n12c']
    """
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def cue_arrays(scan: Scan, detector: str, terms: tuple[Term, ...]) -> tuple[I8, I8, I8]:
    """Start, end and tag (the term's tag as a number) of this detector's hits, ordered by start.

    A detector the scan did not run for has none.
    """
    mine = scan.own.get(detector)
    if mine is None:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64)
    return mine.start, mine.end, _tags(terms)[mine.term]


@cache
def _tags(terms: tuple[Term, ...]) -> I8:
    return np.array([int(term.tag) for term in terms], np.int64)


def packed_canon(canon: npt.NDArray[np.uint8], length: I8) -> tuple[npt.NDArray[np.uint8], I8]:
    """The fields canon and canon_off of Spans from a table uint8[k, width] whose rows hold `length` bytes.

    >>> canon, off = packed_canon(np.frombuffer(b"12_345", np.uint8).reshape(2, 3), np.array([2, 3]))
    >>> bytes(canon), off.tolist()
    (b'12345', [0, 2, 5])
    """
    inside = np.arange(canon.shape[1]) < length[:, None]
    return canon[inside], np.concatenate(([0], np.cumsum(length))).astype(np.int64)
