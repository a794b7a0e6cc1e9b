"""Finds the readers of the room and plans what they read.

A reader is a module of this room that ends with a value READER. Files come in a fixed order: the inputs as
given, folders and globs sorted by the bytes of the path, a file that is named twice only once. Within a
folder, hidden files and files no reader knows are passed over; a file named outright must be known.
"""

from __future__ import annotations

import glob
import hashlib
import importlib
import io
import os
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import BinaryIO

import klarera.read
from klarera.errors import InputError, UsageError
from klarera.read import Options, Piece, Reader, Shard
from klarera.read.entry_points import plugged
from klarera.read.stream import Decoded, StreamBroken, codec

__all__ = ["columns", "files", "mark_of", "plan", "read", "reader_of", "readers", "spool"]

STEP = 1 << 20
PACKINGS = ((b"\x1f\x8b", ".gz"), (b"\x28\xb5\x2f\xfd", ".zst"))
"""First bytes of gzip and zstd."""


@cache
def readers() -> tuple[Reader, ...]:
    """All readers of the room, in the order of their modules' names.

    >>> [reader.name for reader in readers()]
    ['csv', 'json_array', 'jsonl', 'meta_export', 'parquet']
    """
    names = sorted(module.name for module in pkgutil.iter_modules(klarera.read.__path__))
    modules = [importlib.import_module(f"klarera.read.{name}") for name in names if name != "catalog"]
    return tuple(module.READER for module in modules if hasattr(module, "READER"))


@cache
def _with(others: tuple[str, ...]) -> tuple[Reader, ...]:
    """The readers of entry points, then those of the room. Raises UsageError for a name that stands twice."""
    made = (*map(plugged, others), *readers())
    names = [reader.name for reader in made]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"two readers have the name {name}", hint="take one out of klarera.toml")
    return made


def reader_of(path: Path, others: tuple[str, ...] = ()) -> Reader | None:
    """The reader for a file: by its ending, and where several share one by what the file looks like; else None.

    others  entry points of readers that klarera.toml names
    """
    name = path.name.lower()
    sure = [(reader.sniff(path), reader) for reader in _with(others) if name.endswith(reader.suffixes)]
    best = max((score for score, _ in sure), default=0)
    return next((reader for score, reader in sure if score == best), None) if best else None


def files(inputs: Sequence[str | Path], others: tuple[str, ...] = ()) -> list[Path]:
    """The files the inputs name, each once, in a fixed order.

    Raises InputError for what is missing, matches nothing, or holds nothing any reader knows.
    """
    found: dict[Path, None] = {}
    for given in inputs:
        if str(given) == "-":
            raise UsageError("standard input must be spooled to a file first", hint="catalog.spool(stream, folder)")
        found.update(dict.fromkeys(_expand(Path(given), others)))
    return list(found)


def _expand(given: Path, others: tuple[str, ...]) -> list[Path]:
    if given.is_dir():
        inside = [Path(folder, name) for folder, name in _walk(given)]
        known = [path for path in sorted(inside, key=os.fsencode) if reader_of(path, others)]
        if not known:
            raise InputError(str(given), "the folder holds no file that can be read", hint=_endings())
        return known
    if given.exists():
        if not given.is_file():
            raise InputError(str(given), "is neither a file nor a folder", hint="-")
        if not reader_of(given, others):
            raise InputError(str(given), "no reader knows this file", hint=_endings())
        return [given]
    if any(mark in str(given) for mark in "*?["):
        matches = sorted(map(Path, glob.glob(str(given), recursive=True)), key=os.fsencode)
        known = [path for match in matches if match.exists() for path in _known(match, others)]
        if known:
            return known
        raise InputError(str(given), "matches no file that can be read", hint=_endings())
    raise InputError(str(given), "no such file or folder", hint="a file, a folder, a glob, or - for standard input")


def _known(match: Path, others: tuple[str, ...]) -> list[Path]:
    """What one match of a glob stands for; matches no reader knows are passed over, as in folders."""
    if match.is_dir():
        inside = sorted((Path(f, n) for f, n in _walk(match)), key=os.fsencode)
        return [path for path in inside if reader_of(path, others)]
    return [match] if reader_of(match, others) else []


def _walk(folder: Path) -> Iterator[tuple[str, str]]:
    """Files below a folder that are not hidden. Links to folders are not followed: they may be circles."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from ((place, name) for name in names if not name.startswith("."))


def _endings() -> str:
    return "one of " + " ".join(sorted({suffix for reader in readers() for suffix in reader.suffixes}))


def plan(inputs: Sequence[str | Path], options: Options) -> list[Shard]:
    """All shards of the inputs, numbered from 0; the same inputs give the same shards on every machine."""
    shards: list[Shard] = []
    for path in files(inputs, options.readers):
        reader = reader_of(path, options.readers)
        if reader is None:  # the file changed since it was listed
            raise InputError(str(path), "no reader knows this file", hint=_endings())
        mark = mark_of(path)
        shards += [replace(shard, mark=mark) for shard in reader.plan(path, len(shards), options)]
    return shards


def mark_of(path: Path) -> str:
    """Tells a file apart by what it holds: SHA-256 of its size, its first and its last MiB, 32 hex digits.

    The same bytes have the same mark under any name. Two files of one size that differ only further inside have
    the same mark too: it costs two reads a file, however large. What was read is hashed whole, shard by shard.
    """
    size = path.stat().st_size
    digest = hashlib.sha256(size.to_bytes(8, "big"))
    with path.open("rb") as file:
        digest.update(file.read(STEP))
        file.seek(max(STEP, size - STEP))
        digest.update(file.read(STEP))
    return digest.hexdigest()[:32]


def read(shard: Shard, options: Options, digest: Callable[[bytes], None]) -> Iterator[Piece]:
    """The pieces of a shard. Raises InputError if the file changed its size since it was planned."""
    size = Path(shard.path).stat().st_size
    if size != shard.size:
        raise InputError(shard.path, f"changed from {shard.size} to {size} bytes since it was planned", hint="again")
    reader = next(r for r in _with(options.readers) if r.name == shard.reader)
    return reader.read(shard, options, digest)


def columns(path: Path, options: Options) -> tuple[dict[str, str], list[str]]:
    """The mapping in use for a file and its columns nobody mapped."""
    reader = reader_of(path, options.readers)
    if reader is None:
        raise InputError(str(path), "no reader knows this file", hint=_endings())
    return reader.columns(path, options)


def spool(stream: BinaryIO, folder: Path) -> Path:
    """Write a stream (standard input) to a file of `folder` whose ending says what it is, by its first bytes.

    Compressed streams are looked into. What opens a brace is JSON Lines, a bracket a JSON array, Parquet has
    its mark, all else is CSV. Raises InputError for an empty stream.
    """
    start = stream.read(STEP)
    if not start:
        raise InputError("-", "standard input is empty", hint="klarera clear FILE")
    packing = next((ending for mark, ending in PACKINGS if start.startswith(mark)), "")
    opening = unpacked(start, packing).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    kind = ".parquet" if start.startswith(b"PAR1") else {b"{": ".jsonl", b"[": ".json"}.get(opening, ".csv")
    path = folder / f"stdin{kind}{packing}"
    with path.open("xb") as file:
        while start:
            file.write(start)
            start = stream.read(STEP)
    return path


def unpacked(start: bytes, packing: str) -> bytes:
    """Some decoded bytes of the beginning of a stream."""
    if not packing:
        return start
    source = Decoded(io.BytesIO(start), codec(packing), Options(), lambda _: None)
    try:
        return source.read(1_024)
    except StreamBroken:
        return b""
