"""A JSON file that is one array of objects: `[{"text": ...}, ...]`.

A unit is an element; `unit` counts the elements from 0, `place` is the element's byte offset. One shard a
file. The file is mapped into memory, not loaded. Where the JSON breaks, what stands before is read and the
rest is one entry, for behind a broken element nobody can tell where the next begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from klarera.batch import Unreadable
from klarera.kernels import lines
from klarera.read import Options, Piece, Reader, Shard
from klarera.read.jsonl import UTF8_BOM, is_utf8
from klarera.read.keys import Keys, Sample, find
from klarera.read.stream import cut
from klarera.read.table import cuts
from klarera.read.units import nothing, piece

__all__ = ["BROKEN", "READER", "Elements", "elements", "first_elements", "mapped", "show"]

I8 = npt.NDArray[np.int64]
U1 = npt.NDArray[np.uint8]
STEP = 1 << 20
SAMPLE = 1_000
MORE, ENDED, BROKEN = 0, 1, 2
FAULT = "not JSON from here on, or nested more than 64 levels"


class Elements(NamedTuple):
    """Some elements of an array, buf[begin[i]:end[i]]; the byte behind them; MORE, ENDED or BROKEN there."""

    begin: I8
    end: I8
    at: int
    state: int


def plan(path: Path, first: int, options: Options) -> list[Shard]:
    """One shard a file."""
    return cut("json_array", path, first, replace(options, shard_bytes=max(1, path.stat().st_size)))


def mapped(path: Path) -> U1:
    """The bytes of a file, mapped for reading."""
    if path.stat().st_size == 0:
        return np.empty(0, np.uint8)
    return np.asarray(np.memmap(path, np.uint8, "r"))


def opening(buf: U1) -> int:
    """Offset behind the bracket that opens the array, or 0 if the file is no array."""
    start = buf[:4096].tobytes()
    mark = len(UTF8_BOM) if start.startswith(UTF8_BOM) else 0
    rest = start[mark:].lstrip(b" \t\r\n")
    return len(start) - len(rest) + 1 if rest.startswith(b"[") else 0


def elements(buf: U1, at: int, room: int, closing: bytes = b"") -> Iterator[Elements]:
    """The elements of the array whose first may begin at `at`, up to `room` at a time.

    closing  what stands behind the array; anything else there is a fault
    """
    state, started = MORE, False
    while state == MORE:
        begin, end = np.empty(room + 1, np.int64), np.empty(room + 1, np.int64)
        n = lines.members(buf, at, started, begin, end)
        at, state, started = int(end[n]), int(begin[n]), started or n > 0
        if state == ENDED and buf[at + 1 : at + 4096].tobytes().split() != ([closing] if closing else []):
            at, state = at + 1, BROKEN
        yield Elements(begin[:n], end[:n], at, state)


def first_elements(path: Path, room: int) -> list[bytes]:
    """Up to `room` elements of a file; none if it is no array."""
    buf = mapped(path)
    at = opening(buf)
    if not at:
        return []
    some = next(elements(buf, at, room))
    return [buf[a:b].tobytes() for a, b in zip(some.begin.tolist(), some.end.tolist(), strict=True)]


def sniff(path: Path) -> int:
    """1 if the file opens an array."""
    buf = mapped(path)
    return int(opening(buf) > 0)


def sample_file(path: Path) -> Sample:
    """The keys of the first elements."""
    sample = Sample()
    for element in first_elements(path, SAMPLE):
        sample.note(element)
    return sample


def columns(path: Path, options: Options) -> tuple[dict[str, str], list[str]]:
    """The mapping in use and the columns nobody mapped, by the first elements."""
    sample = sample_file(path)
    return sample.summary(options, path.name)


def show(path: Path, digest: Callable[[bytes], None]) -> None:
    """Every byte of a file to the digest."""
    with path.open("rb") as file:
        while data := file.read(STEP):
            digest(data)


def read(shard: Shard, options: Options, digest: Callable[[bytes], None]) -> Iterator[Piece]:
    """The elements as pieces."""
    path = Path(shard.path)
    show(path, digest)
    keys = sample_file(path).keys(options, path.name)
    buf = mapped(path)
    unit = 0
    for some in elements(buf, opening(buf), keys.rows):
        for first, stop in cuts(some.end - some.begin):
            yield stretch(buf, some.begin[first:stop], some.end[first:stop], unit + first, keys, options)
        unit += len(some.begin)
        if some.state == BROKEN:
            yield nothing(keys.layout.schema, Unreadable(unit, some.at, FAULT))


def stretch(buf: U1, begin: I8, end: I8, unit: int, keys: Keys, options: Options) -> Piece:
    """A few elements as one piece."""
    base, n = int(begin[0]), len(begin)
    # A copy: the columns may outlive the map, and offsets within it are 32 bits wide.
    block = buf[base : int(end[-1])].copy() if int(end[-1]) - base < 1 << 31 else np.empty(0, np.uint8)
    status = np.zeros(n, np.uint8)
    status[end - begin > options.max_record] = lines.TOO_LARGE
    if not is_utf8(block):
        lines.not_utf8(block, begin - base, end - base, status)
    found = find(block, begin - base, end - base, status, keys)
    return piece(found, keys.layout, np.arange(unit, unit + n), begin, n)


READER = Reader(name="json_array", version=1, suffixes=(".json",), plan=plan, read=read, columns=columns, sniff=sniff)
