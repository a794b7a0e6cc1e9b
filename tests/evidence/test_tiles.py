"""The layout of C2SP tlog-tiles."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.evidence import merkle, tiles
from klarera.evidence.merkle import leaf_hash

PATHS = {
    "first": ((0, 0, 256), "tile/0/000"),
    "the specification's example": ((0, 1234067, 256), "tile/0/x001/x234/067"),
    "partial": ((2, 0, 1), "tile/2/000.p/1"),
    "a thousand": ((1, 1000, 256), "tile/1/x001/000"),
    "entries": (("entries", 999, 255), "tile/entries/999.p/255"),
}


@pytest.mark.parametrize(("tile", "path"), PATHS.values(), ids=PATHS)
def test_paths(tile: tuple[int | str, int, int], path: str) -> None:
    assert tiles.tile_path(*tile) == path


def test_shape_of_the_specification_s_example() -> None:
    """A tree of 70,000: 273 full tiles and 112 hashes, 1 full and 17, then 1."""
    by_level: dict[int, list[int]] = {}
    for level, _, width in tiles.shape(70_000):
        by_level.setdefault(level, []).append(width)
    assert by_level == {0: [256] * 273 + [112], 1: [256, 17], 2: [1]}


def test_shape_of_a_full_tile() -> None:
    assert list(tiles.shape(256)) == [(0, 0, 256), (1, 0, 1)]


@pytest.mark.parametrize("size", [1, 255, 256, 257, 65_536, 65_537, 70_000])
def test_tiles_hold_the_subtrees_the_specification_names(size: int) -> None:
    leaves = [number.to_bytes(32, "big") for number in range(size)]
    grown = dict(tiles.grow(0, leaves, lambda _: []))
    assert list(grown) == [tiles.tile_path(*tile) for tile in tiles.shape(size)]
    for level, index, width in tiles.shape(size):
        row = tiles.split_tile(grown[tiles.tile_path(level, index, width)])
        span, last = 256**level, width - 1
        for i in {0, last}:
            start = (index * 256 + i) * span
            assert row[i] == merkle.root(leaves[start : start + span])


@given(st.lists(st.integers(0, 600), min_size=1, max_size=5))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_growing_in_steps_gives_the_tiles_of_growing_at_once(steps: list[int]) -> None:
    leaves = [leaf_hash(str(number).encode()) for number in range(sum(steps))]
    grown: dict[str, bytes] = {}
    old = 0
    for step in steps:

        def tail(level: int, old: int = old, grown: dict[str, bytes] = grown) -> list[bytes]:
            count = old // 256**level
            path = tiles.tile_path(level, count // 256, count % 256)
            return tiles.split_tile(grown[path]) if count % 256 else []

        grown |= dict(tiles.grow(old, leaves[old : old + step], tail))
        old += step
    once = dict(tiles.grow(0, leaves, lambda _: []))
    assert {path: grown[path] for path in once} == once


@given(st.lists(st.binary(max_size=300), max_size=20))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_unpack_undoes_pack(entries: list[bytes]) -> None:
    assert tiles.unpack(tiles.pack(entries)) == entries


@pytest.mark.parametrize("bundle", [b"\x00", b"\x00\x02a", b"\x00\x01a\x00"])
def test_a_bundle_cut_within_an_entry_is_refused(bundle: bytes) -> None:
    assert tiles.unpack(bundle) is None


def test_the_longest_entry_fits_its_length() -> None:
    assert tiles.unpack(tiles.pack([bytes(tiles.MAX_ENTRY)])) == [bytes(tiles.MAX_ENTRY)]
