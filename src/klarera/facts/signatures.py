"""Packing states into vectors and numbering the distinct ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from klarera.facts import FACTS, KINDS, SHIFT, WORDS
from klarera.model import State

__all__ = ["distinct_rows", "pack", "put", "unpack"]

U8 = npt.NDArray[np.uint64]
U1 = npt.NDArray[np.uint8]


def pack(states: Mapping[str, U1], kinds: U8) -> U8:
    """Local vectors uint64[n, WORDS + 1] of these states; a fact that is not given is MISSING.

    kinds  uint64[n], bit k set where a finding of kind k is about somebody

    >>> one = pack({"has_name": np.array([1], np.uint8)}, np.zeros(1, np.uint64))
    >>> int(unpack(one, "has_name")[0]), int(unpack(one, "art9_other")[0]) == State.MISSING
    (1, True)
    """
    vectors = np.zeros((len(kinds), WORDS + 1), np.uint64)
    vectors[:, KINDS] = kinds
    for name in FACTS:
        word, shift = SHIFT[name]
        given = states.get(name)
        if given is None:
            vectors[:, word] |= np.uint64(int(State.MISSING) << shift)
        else:
            vectors[:, word] |= given.astype(np.uint64) << np.uint64(shift)
    return vectors


def unpack(vectors: U8, name: str) -> U1:
    """The states of one fact, uint8[n]."""
    word, shift = SHIFT[name]
    return ((vectors[:, word] >> np.uint64(shift)) & np.uint64(15)).astype(np.uint8)


def put(vectors: U8, name: str, states: U1) -> None:
    """Write the states of one fact into the vectors."""
    word, shift = SHIFT[name]
    vectors[:, word] &= ~np.uint64(15 << shift)
    vectors[:, word] |= states.astype(np.uint64) << np.uint64(shift)


def distinct_rows(vectors: U8) -> tuple[U8, npt.NDArray[np.int32]]:
    """The distinct vectors in order of first appearance, and for each row the number of its own.

    >>> rows, inverse = distinct_rows(np.array([[1, 2], [3, 4], [1, 2]], np.uint64))
    >>> rows.tolist(), inverse.tolist()
    ([[1, 2], [3, 4]], [0, 1, 0])
    """
    from klarera.kernels.vectors import distinct

    n = len(vectors)
    if n == 0:
        return vectors, np.empty(0, np.int32)
    slots = np.full(1 << (2 * n).bit_length(), -1, np.int32)
    inverse, first = np.empty(n, np.int32), np.empty(n, np.int32)
    found = distinct(np.ascontiguousarray(vectors), slots, inverse, first)
    return vectors[first[:found]], inverse
