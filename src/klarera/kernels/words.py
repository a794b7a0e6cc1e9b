"""The one word table: an open-addressing hash table whose edges form a trie of words.

An edge leads from a node over one word to the next node; node 0 is the root. Slot: (key of the word,
parent << 36 | child << 8 | flags). Words of up to eight bytes are their own key; longer ones are
compared byte by byte, so a collision of hashes never gives a false hit. Each child has one parent edge,
so what belongs to an edge is stored at its child.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from klarera.kernels import i4, i8, inlined, kernel, ro, rw, u1, u2, u8
from klarera.kernels.utf8 import BYTE_CLASS, ZERO, read_word, same_folded

__all__ = [
    "HAS_CHILDREN", "HAS_TERMS", "IS_FUNCTION", "LEXICON", "MAX_WORDS", "Growing", "Lexicon", "find_edge", "flag_edges",
    "hashed", "insert_phrases", "sieved",
]  # fmt: skip

MAX_WORDS = 16
"""Words of the longest phrase."""
HAS_TERMS, HAS_CHILDREN, IS_FUNCTION = 2, 4, 8
"""Flags of an edge."""

_MIX = np.uint64(0xD6E8FEB86659FD93)
_NODE = np.uint64(0xA0761D6478BD642F)
_S29, _S32, _S36, _S8 = np.uint64(29), np.uint64(32), np.uint64(36), np.uint64(8)
_CHILD = np.uint64((1 << 28) - 1)
_ONE, _S6, _LOW6 = np.uint64(1), np.uint64(6), np.uint64(63)


class Lexicon(NamedTuple):
    """The word table and what goes with it, as the pass reads it.

    slots             uint64[2^k, 2]; shift = 64 - k
    sieve             uint64[2^m], a bit for every edge; sieve_shift = 58 - m. Small enough to stay in the cache,
                      it answers for most words that go on in no phrase
    word_at, word_len, blob   folded bytes of the word that leads to a node
    term_at, term     terms that end at a node: term[term_at[node]:term_at[node + 1]]
    language          uint8 a term, 0 any
    function          uint16 a node, its row of `weight`
    weight            uint8[rows, 32], what a function word or telling letter says for each language
    hints             uint16[2048], row of `weight` a code point below U+0800 points to, 0 none
    norm              uint16[65536], what a code point folds to in the second view, 0 itself
    names, name_off   names of redaction placeholders
    n_languages       columns from here on stand for languages klarera does not know
    least, margin     score a language must reach, and lead by
    """

    slots: npt.NDArray[np.uint64]
    shift: int
    word_at: npt.NDArray[np.int64]
    word_len: npt.NDArray[np.int32]
    blob: npt.NDArray[np.uint8]
    term_at: npt.NDArray[np.int64]
    term: npt.NDArray[np.int32]
    language: npt.NDArray[np.uint8]
    function: npt.NDArray[np.uint16]
    weight: npt.NDArray[np.uint8]
    hints: npt.NDArray[np.uint16]
    norm: npt.NDArray[np.uint16]
    names: npt.NDArray[np.uint8]
    name_off: npt.NDArray[np.int64]
    n_languages: int
    least: int
    margin: int
    sieve: npt.NDArray[np.uint64]
    sieve_shift: int


LEXICON = types.NamedTuple(  # type: ignore[no-untyped-call]
    (
        rw(u8, 2), i8, rw(i8), rw(i4), rw(u1), rw(i8), rw(i4), rw(u1), rw(u2), rw(u1, 2), rw(u2), rw(u2), rw(u1),
        rw(i8), i8, i8, i8, rw(u8), i8,
    ),
    Lexicon,
)  # fmt: skip


@inlined
def hashed(key: Any, node: Any) -> Any:
    """Hash of an edge; its highest bits say where in the sieve and in the slots to look."""
    x = key ^ np.uint64(node) * _NODE
    x = (x ^ x >> _S32) * _MIX
    return (x ^ x >> _S29) * _NODE


@inlined
def find_edge(
    slots: Any,
    first: Any,
    word_at: Any,
    word_len: Any,
    blob: Any,
    node: Any,
    key: Any,
    is_long: Any,
    buf: Any,
    start: Any,
    end: Any,
) -> Any:
    """The slot value of the edge from `node` over the word buf[start:end], or 0; `first` is its first slot."""
    # An unsigned index saves the test whether it counts from the end.
    mask = np.uint64(len(slots) - 1)
    s = np.uint64(first)
    while True:
        value = slots[s, 1]
        if value == ZERO:
            return ZERO
        if slots[s, 0] == key and np.int64(value >> _S36) == node and np.int64(value & np.uint64(1)) == is_long:
            if is_long == 0:
                return value
            child = np.int64(value >> _S8 & _CHILD)
            if word_len[child] == end - start and same_folded(buf, start, end, blob, word_at[child]):
                return value
        s = (s + _ONE) & mask


class Growing(NamedTuple):
    """The part of a Lexicon that grows as phrases are inserted; used: nodes, bytes of blob."""

    slots: npt.NDArray[np.uint64]
    shift: int
    word_at: npt.NDArray[np.int64]
    word_len: npt.NDArray[np.int32]
    blob: npt.NDArray[np.uint8]
    used: npt.NDArray[np.int64]


GROWING = types.NamedTuple((rw(u8, 2), i8, rw(i8), rw(i4), rw(u1), rw(i8)), Growing)  # type: ignore[no-untyped-call]


@kernel(i8, ro(u1), ro(i8), GROWING, rw(i8), rw(u1), allocates=True)
def insert_phrases(buf: Any, off: Any, table: Any, last: Any, children: Any) -> int:
    """Insert every phrase (folded already); returns the number of nodes, the root being the first.

    last      int64, becomes the node each phrase ends at; -1 without a word, -2 with too many
    children  uint8 a node, 1 where an edge leaves it
    """
    norm, hints = np.zeros(65536, np.uint16), np.zeros(2048, np.uint16)
    slots, used = table.slots, table.used
    for i in range(len(off) - 1):
        node: Any = 0
        j, hi, depth = off[i], off[i + 1], 0
        while j < hi and depth <= 16:
            if BYTE_CLASS[buf[j]] & 12:
                j += 1
                continue
            start = j
            j, key, flags, _ = read_word(buf, start, off[i], hi, norm, hints)
            if key == ZERO:
                continue
            depth += 1
            is_long = flags >> 4 & 1
            s = hashed(key, node) >> np.uint64(table.shift)
            value = find_edge(slots, s, table.word_at, table.word_len, table.blob, node, key, is_long, buf, start, j)
            children[node] = 1
            if value != ZERO:
                node = np.int64(value >> _S8 & _CHILD)
                continue
            new = used[0]
            while slots[s, 1] != ZERO:
                s = (s + _ONE) & np.uint64(len(slots) - 1)
            slots[s, 0] = key
            slots[s, 1] = np.uint64(node) << _S36 | np.uint64(new) << _S8 | np.uint64(is_long)
            table.word_at[new], table.word_len[new] = used[1], j - start
            for k in range(start, j):
                table.blob[used[1] + k - start] = buf[k]
            used[0], used[1], node = new + 1, used[1] + j - start, new
        last[i] = -1 if depth == 0 else (-2 if depth > 16 else node)
    return int(used[0])


@inlined
def sieved(sieve: Any, shift: Any, h: Any) -> Any:
    """False only if there is no edge of this hash."""
    bit = h >> np.uint64(shift)
    return sieve[bit >> _S6] >> (bit & _LOW6) & _ONE != ZERO


@kernel(i8, rw(u8, 2), rw(u1), rw(u8), i8)
def flag_edges(slots: Any, flags: Any, sieve: Any, shift: Any) -> int:
    """Add the flags of its child to every edge, and every edge to the sieve; returns how many edges there are."""
    n = 0
    for s in range(len(slots)):
        value = slots[s, 1]
        if value == ZERO:
            continue
        slots[s, 1] = value | np.uint64(flags[np.int64(value >> _S8 & _CHILD)])
        bit = np.int64(hashed(slots[s, 0], value >> _S36) >> np.uint64(shift))
        sieve[bit >> 6] |= np.uint64(1) << np.uint64(bit & 63)
        n += 1
    return n
