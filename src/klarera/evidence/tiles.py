"""A Merkle tree as static files: the layout of C2SP tlog-tiles. Pure: paths and bytes.

Tile (level, n) holds the hashes of up to 256 neighbouring complete subtrees of 256^level leaves; a tile
that is not full carries its width in its name. Entries lie beside them in bundles of up to 256, each
with its length before it in two bytes, big-endian.

Source: C2SP, "Tiled Transparency Logs".

>>> tile_path(0, 1234067), tile_path("entries", 3, 7)
('tile/0/x001/x234/067', 'tile/entries/003.p/7')
>>> unpack(pack([b"one", b""]))
[b'one', b'']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from klarera.evidence.merkle import root

__all__ = ["MAX_ENTRY", "WIDTH", "bundles", "grow", "pack", "shape", "split_tile", "tile_path", "unpack"]

WIDTH = 256
"""Hashes in a full tile, entries in a full bundle."""

MAX_ENTRY = 65_535
"""Bytes: an entry's length is written in two bytes."""


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """Path of a tile; `level` is "entries" for a bundle."""
    parts = []
    while True:
        parts.append(f"{index % 1000:03}")
        index //= 1000
        if not index:
            break
    name = "/".join([*(f"x{part}" for part in reversed(parts[1:])), parts[0]])
    return f"tile/{level}/{name}" + ("" if width == WIDTH else f".p/{width}")


def shape(size: int) -> Iterator[tuple[int, int, int]]:
    """(level, index, width) of every tile of a tree with `size` leaves.

    >>> len(list(shape(70_000)))
    277
    """
    level = 0
    while size:
        for index in range(-(-size // WIDTH)):
            yield level, index, min(WIDTH, size - index * WIDTH)
        size //= WIDTH
        level += 1


def grow(old: int, leaves: list[bytes], tail: Callable[[int], list[bytes]]) -> Iterator[tuple[str, bytes]]:
    """Tiles that change when `leaves` (hashes) are appended to a tree of `old` leaves, bottom up.

    `tail(level)` gives the hashes of the old tree's last, partial tile at that level ([] if none).
    """
    level = 0
    while leaves:
        first, row = old // WIDTH, tail(level) + leaves
        leaves = []
        for start in range(0, len(row), WIDTH):
            tile = row[start : start + WIDTH]
            yield tile_path(level, first + start // WIDTH, len(tile)), b"".join(tile)
            if len(tile) == WIDTH:
                leaves.append(root(tile))
        old, level = first, level + 1


def bundles(old: int, tail: Sequence[bytes], entries: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """Entry bundles that change when `entries` are appended; `tail`: those of the partial last bundle."""
    row = [*tail, *entries]
    for start in range(0, len(row), WIDTH):
        bundle = row[start : start + WIDTH]
        yield tile_path("entries", old // WIDTH + start // WIDTH, len(bundle)), pack(bundle)


def split_tile(data: bytes) -> list[bytes]:
    """The hashes in a tile."""
    return [data[i : i + 32] for i in range(0, len(data), 32)]


def pack(entries: Sequence[bytes]) -> bytes:
    """A bundle of entries, each at most MAX_ENTRY bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unpack(bundle: bytes) -> list[bytes] | None:
    """The entries in a bundle; None if it ends within one."""
    entries, at = [], 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 > len(bundle) or end > len(bundle):
            return None
        entries.append(bundle[at + 2 : end])
        at = end
    return entries
