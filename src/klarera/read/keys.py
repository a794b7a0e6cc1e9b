"""Which keys of JSON objects become which columns, learnt from the first objects, and where their values lie."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from klarera.batch import MAX_BATCH_ROWS
from klarera.errors import InputError
from klarera.kernels import lines
from klarera.read import Options
from klarera.read.mapping import Mapping, carried, resolve
from klarera.read.units import Found, Layout

__all__ = ["Keys", "Sample", "find"]

I8 = npt.NDArray[np.int64]
U1 = npt.NDArray[np.uint8]
Path = tuple[str, ...]

LEVELS = 3
"""How deep paths of nested values are looked for when names are guessed."""
MOST_COLUMNS = 1_000
WALK_BYTES = 64 << 20
"""Memory one walk may take for places of values."""


@dataclass
class Sample:
    """Keys of the first objects, in order of appearance: at the top, and all paths with whether they nest."""

    top: dict[str, None] = field(default_factory=dict)
    paths: dict[str, bool] = field(default_factory=dict)
    objects: int = 0

    def note(self, line: bytes) -> None:
        """Add the keys of one line, if it is an object."""
        try:
            item = json.loads(line)
        except (ValueError, RecursionError):
            return
        if isinstance(item, dict):
            self.objects += 1
            self.top.update(dict.fromkeys(item))
            for path, nests in _paths(item, LEVELS):
                self.paths[path] = self.paths.get(path, True) and nests

    def resolve(self, options: Options, place: str) -> Mapping:
        """The mapping these keys give."""
        nested = {path for path, nests in self.paths.items() if nests}
        return resolve(list(self.paths), options, place=place, complete=False, nested=nested)

    def summary(self, options: Options, place: str) -> tuple[dict[str, str], list[str]]:
        """The mapping in use, of keys that were seen, and the keys nobody mapped."""
        mapping = self.resolve(options, place)
        return {name: key for name, key in mapping.columns.items() if key in self.paths}, mapping.rest

    def keys(self, options: Options, place: str) -> Keys:
        """What to look for in every object."""
        mapping = self.resolve(options, place)
        carry = carried(mapping, options)
        names = [*mapping.columns.values(), *carry]
        if len(names) > MOST_COLUMNS:
            raise InputError(place, f"more than {MOST_COLUMNS} columns to carry", hint="--carry COLUMN,...")
        # A name that is a key as a whole is that key; else its dots lead inwards.
        paths = [(name,) if name in self.top else tuple(name.split(".")) for name in names]
        source = None if "source" in mapping.columns else options.source
        layout = Layout(tuple(mapping.columns), tuple(carry), source)
        return Keys(paths, tuple(self.top) if "*" in options.carry else None, layout)


def _paths(item: dict[str, object], levels: int) -> Iterator[tuple[str, bool]]:
    """Each path of an object and whether its value is an object or list; a null says nothing."""
    for key, value in item.items():
        yield key, isinstance(value, dict | list) or value is None
        if isinstance(value, dict) and levels > 1:
            for path, nests in _paths(value, levels - 1):
                yield f"{key}.{path}", nests


@dataclass(frozen=True)
class Keys:
    """paths: where each column of the layout lies; known: all keys at the top if no other may come, else None."""

    paths: list[Path]
    known: tuple[str, ...] | None
    layout: Layout

    @property
    def rows(self) -> int:
        """Units of one walk."""
        return max(1, min(MAX_BATCH_ROWS, WALK_BYTES // (9 * max(1, len(self.paths)))))


def find(buf: U1, begin: I8, end: I8, status: U1, keys: Keys) -> Found:
    """Walk the units buf[begin:end] whose status is OK; `status` is written to."""
    kind, lo, hi = _find(buf, begin, end, status, keys.paths, keys.known)
    return Found(buf, status, kind, lo, hi)


def _find(
    buf: U1, begin: I8, end: I8, status: U1, paths: list[Path], known: tuple[str, ...] | None
) -> tuple[U1, npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    wanted = list(dict.fromkeys(path[0] for path in paths))
    names = [name.encode() for name in [*wanted, *(name for name in known or () if name not in wanted)]]
    shape = (len(wanted), len(begin))
    kind, lo, hi = np.zeros(shape, np.uint8), np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    offsets = np.cumsum([0, *map(len, names)], dtype=np.int64)
    bytes_of_names = np.frombuffer(b"".join(names), np.uint8)
    lines.walk(buf, begin, end, bytes_of_names, offsets, len(wanted), known is not None, status, kind, lo, hi)
    if paths == [(name,) for name in wanted]:
        return kind, lo, hi
    place = [wanted.index(path[0]) for path in paths]
    # Fancy indexing copies: a nested path's row is then overwritten by what lies inside.
    all_kind, all_lo, all_hi = kind[place], lo[place], hi[place]
    for name in dict.fromkeys(path[0] for path in paths if len(path) > 1):
        outer = wanted.index(name)
        inside = [k for k, path in enumerate(paths) if path[0] == name and len(path) > 1]
        nested = np.where((kind[outer] == lines.NESTED) & (status == lines.OK), lines.OK, lines.BLANK).astype(np.uint8)
        deeper = [paths[k][1:] for k in inside]
        found = _find(buf, lo[outer].astype(np.int64), hi[outer].astype(np.int64), nested, deeper, None)
        all_kind[inside], all_lo[inside], all_hi[inside] = found
        # A list where an object was expected holds no such key: absent. Other faults are the unit's.
        faults = (nested != lines.OK) & (nested != lines.BLANK) & (nested != lines.NOT_OBJECT)
        status[faults] = nested[faults]
    return all_kind, all_lo, all_hi
