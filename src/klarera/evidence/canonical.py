"""The one byte form of a JSON value: RFC 8785, without floating-point numbers.

Evidence holds whole numbers, strings, booleans, null, lists and objects. A rate is written as two
counts: a float has several byte forms, and a verdict must not depend on rounding.

>>> canonical({"b": 1, "a": [True, None]})
b'{"a":[true,null],"b":1}'
>>> parse(b'{"a":1,"a":2}', "commits/0.json")
Traceback (most recent call last):
klarera.errors.EvidenceError: commits/0.json: is not canonical JSON
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import rfc8785

from klarera.errors import EvidenceError, UsageError

__all__ = ["canonical", "parse", "plain_entry"]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/=-]{0,199}")


def canonical(value: object) -> bytes:
    """The bytes that are hashed. Raises UsageError for a float, a number beyond 2^53 - 1, or no JSON at all."""
    _refuse_other_types(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # Without floats, that differs from RFC 8785 in one point only: there, names are sorted as UTF-16. The
    # serializer in Python is ten times slower, and a manifest may name 10^5 files.
    if not text.isascii() and max(text) > "\uffff":
        text = rfc8785.dumps(value).decode()  # type: ignore[arg-type]
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise UsageError("evidence holds no half of a surrogate pair") from None


def parse(data: bytes, place: str) -> dict[str, Any]:
    """The object in canonical bytes. Raises EvidenceError naming `place` for any other bytes."""
    try:
        value = json.loads(data, parse_float=_no_float, parse_constant=_no_float)
        if isinstance(value, dict) and canonical(value) == data:
            return value
    except (ValueError, RecursionError, UsageError):
        pass
    raise EvidenceError(place, "is not canonical JSON")


def plain_entry(entry: Mapping[str, object]) -> bytes:
    """Canonical bytes of a log entry: a flat object of counts, hashes and words of ours.

    The form itself keeps text out: no blank, no @, nothing longer than 200 characters.

    >>> plain_entry({"leaf": "event", "sha256": "ab" * 2, "count": 3})
    b'{"count":3,"leaf":"event","sha256":"abab"}'
    >>> plain_entry({"leaf": "event", "note": "two words"})
    Traceback (most recent call last):
    klarera.errors.UsageError: log entry: field 'note' is not a count, a hash or a word
    """
    for name, value in entry.items():
        if not _NAME.fullmatch(name):
            raise UsageError("log entry: a field name is not a word of ours")
        if isinstance(value, str) and _WORD.fullmatch(value):
            continue
        if value is not None and not isinstance(value, int):
            raise UsageError(f"log entry: field '{name}' is not a count, a hash or a word")
    return canonical(dict(entry))


def _refuse_other_types(value: object) -> None:
    if isinstance(value, dict) and all(isinstance(name, str) for name in value):
        for inner in value.values():
            _refuse_other_types(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_other_types(inner)
    elif isinstance(value, int):
        if abs(value) >= 1 << 53:
            raise UsageError("evidence holds no number beyond 2^53 - 1")
    elif value is not None and not isinstance(value, str):
        raise UsageError(f"evidence holds no {type(value).__name__}", hint="two counts for a rate")


def _no_float(_: str) -> NoReturn:
    raise ValueError("a number with a fraction")
