"""Checks that every table of klarera.toml needs: the error names file, table and key, and the nearest name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from klarera.errors import UsageError

__all__ = ["only_known", "table_of", "word_of"]


def table_of(raw: Mapping[str, Any], name: str, file: str) -> Mapping[str, Any]:
    """The table of that name, empty if it is not there. Raises UsageError for what is no table."""
    table = raw.get(name, {})
    if not isinstance(table, dict):
        raise UsageError(f"{file}: [{name}] is not a table")
    return table


def only_known(table: Mapping[str, Any], keys: Sequence[str], file: str, where: str) -> None:
    """Raises UsageError for a key that is not one of these: a mistyped answer would be an unknown nobody notices."""
    for key in table:
        if key not in keys:
            near = difflib.get_close_matches(key, keys, 1)
            every = ", ".join(keys) if len(keys) < 9 else "klarera rules list"
            raise UsageError(f"{file}: {where} has no key '{key}'", hint=near[0] if near else every)


def word_of(value: Any, where: str) -> str:
    """The value, if it is a text; raises UsageError without repeating it."""
    if not isinstance(value, str):
        raise UsageError(f"{where} is not a text")
    return value
