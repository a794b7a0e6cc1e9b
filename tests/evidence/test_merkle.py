"""RFC 6962 trees: published vectors, every size to 300, and proofs an opponent bent."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.evidence import merkle
from klarera.evidence.merkle import consistency_holds, inclusion_holds

# The eight leaves and the roots of their first 1-8 that the implementations of Certificate Transparency
# share as test vectors.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {  # (index, size): proof
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {  # (old, new): proof
    (1, 1): [],
    (1, 8): INCLUSION[0, 8],
    (6, 8): ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a", *INCLUSION[5, 8][1:]],
    (2, 5): INCLUSION[1, 5][1:],
    (6, 7): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}

KNOWN = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]
MANY = [merkle.leaf_hash(str(number).encode()) for number in range(300)]
MANY_ROOTS = [merkle.root(MANY[:size]) for size in range(301)]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.root(KNOWN[:size]).hex() == [empty, *ROOTS][size]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_are_the_published_ones(index: int, size: int) -> None:
    proof = merkle.inclusion_proof(merkle.in_memory(KNOWN), index, size)
    assert [node.hex() for node in proof] == INCLUSION[index, size]


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_consistency_proofs_are_the_published_ones(old: int, new: int) -> None:
    proof = merkle.consistency_proof(merkle.in_memory(KNOWN), old, new)
    assert [node.hex() for node in proof] == CONSISTENCY[old, new]


def memoized() -> merkle.Tree:
    cache: dict[tuple[int, int], bytes] = {}

    def mth(start: int, end: int) -> bytes:
        if end - start == 1:
            return MANY[start]
        if (start, end) not in cache:
            middle = start + merkle.split(end - start)
            cache[start, end] = merkle.node_hash(mth(start, middle), mth(middle, end))
        return cache[start, end]

    return mth


def test_every_pair_of_sizes_to_300_proves_its_consistency() -> None:
    """All 45,451 pairs; the tree is the recursion of the RFC, the roots are the loop's."""
    mth = memoized()
    for new in range(301):
        for old in range(new + 1):
            proof = merkle.consistency_proof(mth, old, new)
            assert consistency_holds(old, new, MANY_ROOTS[old], MANY_ROOTS[new], proof), (old, new)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 100, 255, 256, 257, 300])
def test_every_leaf_proves_its_place_and_no_other(size: int) -> None:
    mth = memoized()
    for index in range(size):
        proof = merkle.inclusion_proof(mth, index, size)
        assert inclusion_holds(MANY[index], index, size, proof, MANY_ROOTS[size])
        assert size == 1 or not inclusion_holds(MANY[index], (index + 1) % size, size, proof, MANY_ROOTS[size])


def bent(rng: random.Random, proof: list[bytes]) -> list[bytes]:
    """The proof with one change that matters."""
    noise = rng.randbytes(32)
    ways = [[*proof, noise], [noise, *proof], [*proof, b""], [noise] * len(proof) or [noise]]
    if proof:
        place = rng.randrange(len(proof))
        bit = bytearray(proof[place])
        bit[rng.randrange(32)] ^= 1 << rng.randrange(8)
        ways += [proof[:-1], proof[1:], [*proof[:place], bytes(bit), *proof[place + 1 :]]]
        ways += [[*proof[:place], proof[place][:31], *proof[place + 1 :]], [*proof, proof[place]]]
    if len(proof) > 1:
        ways += [proof[::-1]]
    return rng.choice(ways)


def test_none_of_10_000_bent_proofs_is_accepted() -> None:
    rng, mth, tried = random.Random(6962), memoized(), 0
    while tried < 10_000:
        new = rng.randint(1, 300)
        old, index = rng.randint(1, new), rng.randrange(new)
        for is_inclusion in (True, False):
            make = merkle.inclusion_proof if is_inclusion else merkle.consistency_proof
            proof = make(mth, index if is_inclusion else old, new)
            wrong = bent(rng, proof)
            if wrong == proof:
                continue
            tried += 1
            if is_inclusion:
                assert not inclusion_holds(MANY[index], index, new, wrong, MANY_ROOTS[new])
            else:
                assert not consistency_holds(old, new, MANY_ROOTS[old], MANY_ROOTS[new], wrong)


REFUSED = {
    "to the past": (2, 1, MANY_ROOTS[2], MANY_ROOTS[1], []),
    "no proof between sizes": (1, 2, MANY_ROOTS[1], MANY_ROOTS[2], []),
    "same size, other root": (3, 3, MANY_ROOTS[3], MANY_ROOTS[4], []),
    "same size, with a proof": (3, 3, MANY_ROOTS[3], MANY_ROOTS[3], [MANY[0]]),
    "empty old tree, wrong root": (0, 3, MANY_ROOTS[1], MANY_ROOTS[3], []),
    "empty old tree, with a proof": (0, 3, MANY_ROOTS[0], MANY_ROOTS[3], [MANY[0]]),
    "swapped roots": (2, 4, MANY_ROOTS[4], MANY_ROOTS[2], merkle.consistency_proof(memoized(), 2, 4)),
    "a root that is no hash": (2, 4, b"", MANY_ROOTS[4], merkle.consistency_proof(memoized(), 2, 4)),
    "negative": (-1, 4, MANY_ROOTS[0], MANY_ROOTS[4], []),
}


@pytest.mark.parametrize(("old", "new", "old_root", "new_root", "proof"), REFUSED.values(), ids=REFUSED)
def test_inconsistent_trees_are_refused(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: list[bytes]
) -> None:
    assert not consistency_holds(old, new, old_root, new_root, proof)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1), (5, 3)])
def test_a_leaf_outside_the_tree_is_refused(index: int, size: int) -> None:
    assert not inclusion_holds(MANY[0], index, size, [], MANY[0])


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40), st.data())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_a_changed_leaf_changes_the_root(entries: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    other = data.draw(st.binary(max_size=4).filter(lambda entry: entry != entries[place]))
    changed = [*entries[:place], other, *entries[place + 1 :]]
    assert merkle.root([*map(merkle.leaf_hash, entries)]) != merkle.root([*map(merkle.leaf_hash, changed)])
