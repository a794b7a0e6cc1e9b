"""Merkle trees as in RFC 6962, section 2.1: hashes, roots, inclusion and consistency proofs.

Pure: a tree is a function `mth(start, end)` that gives MTH(D[start:end]), so that the same proofs are
made from a list in memory and from tiles on disk. A check answers bool and never raises: it reads what
an opponent wrote.

>>> leaves = [leaf_hash(bytes([n])) for n in range(5)]
>>> proof = inclusion_proof(in_memory(leaves), 2, 5)
>>> [inclusion_holds(leaf, 2, 5, proof, root(leaves)) for leaf in leaves]
[False, False, True, False, False]
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

__all__ = [
    "EMPTY_ROOT",
    "Tree",
    "consistency_holds",
    "consistency_proof",
    "in_memory",
    "inclusion_holds",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "root",
    "split",
]

Tree = Callable[[int, int], bytes]
"""MTH(D[start:end]) for 0 <= start < end."""

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """MTH({d(0)}) = SHA-256(0x00 || d(0))."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(n: int) -> int:
    """k, the largest power of two smaller than n; n > 1."""
    return 1 << ((n - 1).bit_length() - 1)


def root(leaves: Sequence[bytes]) -> bytes:
    """MTH of a whole tree, given its leaf hashes.

    Level by level, an odd last node rising unchanged: the same tree as the recursion of the RFC.
    """
    if not leaves:
        return EMPTY_ROOT
    row = list(leaves)
    while len(row) > 1:
        odd = row[len(row) & ~1 :]
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)] + odd
    return row[0]


def in_memory(leaves: Sequence[bytes]) -> Tree:
    """The tree over leaf hashes held in a list."""
    return lambda start, end: root(leaves[start:end])


def inclusion_proof(mth: Tree, index: int, size: int) -> list[bytes]:
    """PATH(index, D[0:size]), section 2.1.1; 0 <= index < size."""
    return _path(mth, index, 0, size)


def _path(mth: Tree, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + split(end - start)
    if index < middle:
        return [*_path(mth, index, start, middle), mth(middle, end)]
    return [*_path(mth, index, middle, end), mth(start, middle)]


def consistency_proof(mth: Tree, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[0:new]), section 2.1.2; 0 <= old <= new. Empty for an empty old tree."""
    return _subproof(mth, old, 0, new, whole=True) if old else []


def _subproof(mth: Tree, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
    if old == end:
        return [] if whole else [mth(start, end)]
    middle = start + split(end - start)
    if old <= middle:
        return [*_subproof(mth, old, start, middle, whole=whole), mth(middle, end)]
    return [*_subproof(mth, old, middle, end, whole=False), mth(start, middle)]


def inclusion_holds(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Does `proof` show that `leaf` (a leaf hash) stands at `index` in the tree with this root?"""
    if not (0 <= index < size and _are_hashes(leaf, expected, *proof)):
        return False
    return _climb(leaf, index, size, proof) == expected


def _climb(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root a path leads to; None if it has the wrong length."""
    if size == 1:
        return leaf if not proof else None
    if not proof:
        return None
    k = split(size)
    if index < k:
        below = _climb(leaf, index, k, proof[:-1])
        return None if below is None else node_hash(below, proof[-1])
    below = _climb(leaf, index - k, size - k, proof[:-1])
    return None if below is None else node_hash(proof[-1], below)


def consistency_holds(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Does `proof` show that the tree of size `new` begins with the tree of size `old`?"""
    if not (0 <= old <= new and _are_hashes(old_root, new_root, *proof)):
        return False
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    roots = _climb_both(old, new, proof, old_root, whole=True)
    return roots == (old_root, new_root)


def _climb_both(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, *, whole: bool
) -> tuple[bytes, bytes] | None:
    """The two roots a proof leads to; None if it has the wrong length. Mirrors SUBPROOF."""
    if old == new:
        if whole:
            return (old_root, old_root) if not proof else None
        return (proof[0], proof[0]) if len(proof) == 1 else None
    if not proof:
        return None
    k, last = split(new), proof[-1]
    if old <= k:
        below = _climb_both(old, k, proof[:-1], old_root, whole=whole)
        return None if below is None else (below[0], node_hash(below[1], last))
    below = _climb_both(old - k, new - k, proof[:-1], old_root, whole=False)
    return None if below is None else (node_hash(last, below[0]), node_hash(last, below[1]))


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == 32 for value in values)
