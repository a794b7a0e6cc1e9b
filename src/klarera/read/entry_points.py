"""Readers of others: entry points of the group klarera.readers, loaded only where klarera.toml names them.

An entry point gives a value of klarera.read.Reader, made as those of this room are. What somebody else's code
raises is told by its type and the file's name alone: its words might hold what was read.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeVar

from klarera.errors import InputError, KlareraError, UsageError
from klarera.read import Options, Piece, Reader, Shard

__all__ = ["GROUP", "card", "distribution", "entry_point", "plugged"]

GROUP = "klarera.readers"
Value = TypeVar("Value")


@cache
def plugged(name: str) -> Reader:
    """The reader of an entry point. Raises UsageError if it is missing, twice there, or gives no Reader."""
    try:
        made = entry_point("reader", GROUP, name).load()
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001 - somebody else's code, whatever it raises
        raise UsageError(f"reader {name}: its entry point fails with {type(error).__name__}") from None
    if not isinstance(made, Reader):
        raise UsageError(f"reader {name}: its entry point gives no Reader", hint="docs/plug-in.md")
    return _guarded(made)


def card(name: str) -> dict[str, object]:
    """What stands in the commit."""
    entry, reader = entry_point("reader", GROUP, name), plugged(name)
    return {"name": reader.name, "version": reader.version, "entry": name, "source": distribution(entry)}


def entry_point(kind: str, group: str, name: str) -> importlib.metadata.EntryPoint:
    """The one entry point of that name. Raises UsageError if no installed package has it, or two have; `kind` says in
    the message what klarera.toml wanted there."""
    listed = list(importlib.metadata.entry_points(group=group, name=name))
    if not listed:
        raise UsageError(
            f"{kind} {name}: no installed package has this entry point of {group}",
            hint="install it, or take it out of klarera.toml",
        )
    if len(listed) > 1:
        raise UsageError(f"{kind} {name}: two installed packages have this entry point of {group}")
    return listed[0]


def distribution(entry: importlib.metadata.EntryPoint) -> str:
    """The package an entry point comes from, with its version."""
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value


def _guarded(reader: Reader) -> Reader:
    """The same reader; whatever it raises beside our own errors becomes an InputError with the file's name."""

    def told(path: Path, ask: Callable[[], Value]) -> Value:
        try:
            return ask()
        except KlareraError:
            raise
        except Exception as error:  # noqa: BLE001 - somebody else's code, whatever it raises
            raise InputError(path.name, f"reader {reader.name} failed with {type(error).__name__}") from None

    def read(shard: Shard, options: Options, digest: Callable[[bytes], None]) -> Iterator[Piece]:
        path = Path(shard.path)
        pieces = told(path, lambda: iter(reader.read(shard, options, digest)))
        while (piece := told(path, lambda: next(pieces, None))) is not None:
            yield piece

    return replace(
        reader,
        plan=lambda path, first, options: told(path, lambda: reader.plan(path, first, options)),
        read=read,
        columns=lambda path, options: told(path, lambda: reader.columns(path, options)),
        sniff=lambda path: told(path, lambda: reader.sniff(path)),
    )
