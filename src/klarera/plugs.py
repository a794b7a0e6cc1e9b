"""What klarera.toml names beside our own detectors and readers: one picklable value each.

    [[detector]]                              [[reader]]
    name = "spacy-en"                         name = "acme-forum"
    adapter = "spacy"                         entry = "acme-forum"
    model = "models/en"
    languages = ["en"]

Nothing runs because it is installed: only what stands here does. A detector says in which languages it looks,
because where it looked and found nothing the answer is *not there*; a model that was never trained on a language
must not give that answer. Files and folders are named relative to klarera.toml.

>>> plugs = parse_detectors([{"name": "n", "adapter": "callable", "call": "names.py:find", "labels": {"PER": "PERSON"},
...                 "languages": ["de", "en"]}], "klarera.toml")
>>> plugs[0].adapter, plugs[0].where, plugs[0].languages
('callable', 'names.py:find', ('de', 'en'))
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from klarera.errors import UsageError
from klarera.model import LANGUAGES, About, Kind

__all__ = ["ADAPTERS", "Plug", "no_twins", "parse_detectors", "parse_readers"]

ADAPTERS: Mapping[str, str] = {
    "spacy": "model",
    "presidio": "recognizer",
    "callable": "call",
    "entry-point": "entry",
}
"""Adapter → the key that says where the detector is: a folder, module:Class, FILE.py:function, an entry point."""

KEYS = ("name", "adapter", "languages", "labels", "unit", "about", "version", "licence")
UNITS = ("code points", "bytes")


@dataclass(frozen=True)
class Plug:
    """One detector of somebody else.

    where      as the adapter's key says it
    languages  codes; () is any language, which has to be said
    labels     (label of the model, name of a Kind); () takes those the adapter knows
    unit       of the offsets a callable gives
    about      whom its findings concern; a model of names does not know
    licence    of the model, as whoever uses it states it; stands in the card
    """

    name: str
    adapter: str
    where: str
    languages: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    unit: str = "code points"
    about: str = "unclear"
    version: int = 1
    licence: str = ""


def parse_detectors(tables: Any, file: str) -> tuple[Plug, ...]:
    """The [[detector]] tables of a project file. Raises UsageError with the table and key that is not right."""
    if not isinstance(tables, list):
        raise UsageError(f"{file}: detectors are written as [[detector]], not [detector]")
    plugs = tuple(_plug(table, f"{file}: [[detector]] {i}") for i, table in enumerate(tables, 1))
    no_twins([p.name for p in plugs], "detectors", file)
    return plugs


def parse_readers(tables: Any, file: str) -> tuple[str, ...]:
    """The entry points of the [[reader]] tables. Raises UsageError with the table that is not right."""
    if not isinstance(tables, list):
        raise UsageError(f"{file}: readers are written as [[reader]], not [reader]")
    names = []
    for i, table in enumerate(tables, 1):
        where = f"{file}: [[reader]] {i}"
        if not isinstance(table, dict):
            raise UsageError(f"{where} is not a table")
        _known(table, ("entry",), where)
        names.append(_text(table, "entry", where, "the name of an entry point of klarera.readers"))
    no_twins(names, "readers", file)
    return tuple(names)


def _plug(table: Any, where: str) -> Plug:
    if not isinstance(table, dict):
        raise UsageError(f"{where} is not a table")
    name = _text(table, "name", where, '"names-en"')
    adapter = _text(table, "adapter", where, ", ".join(ADAPTERS))
    if adapter not in ADAPTERS:
        raise UsageError(f"{where} adapter is not one of the known", hint=", ".join(ADAPTERS))
    _known(table, (*KEYS, ADAPTERS[adapter]), where)
    labels = _labels(table.get("labels", {}), where)
    if adapter == "callable" and not labels:
        raise UsageError(f"{where} does not say what its labels mean", hint='labels = { PER = "PERSON" }')
    unit, about, version = table.get("unit", UNITS[0]), table.get("about", "unclear"), table.get("version", 1)
    if unit not in UNITS:
        raise UsageError(f"{where} unit is not one of the known", hint=" or ".join(UNITS))
    if about not in [a.name.lower() for a in About]:
        raise UsageError(f"{where} about is not one of the known", hint=", ".join(a.name.lower() for a in About))
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise UsageError(f"{where} version is not a whole number from 1", hint="1")
    licence = table.get("licence", "")
    if not isinstance(licence, str):
        raise UsageError(f"{where} licence is not a text")
    return Plug(
        name, adapter, _text(table, ADAPTERS[adapter], where, _WHERE[adapter]),
        _languages(table.get("languages"), where, needed=adapter != "entry-point"), labels, unit, about, version,
        licence,
    )  # fmt: skip


_WHERE = {
    "spacy": "the folder of a model",
    "presidio": '"package.module:Class"',
    "callable": '"names.py:find" or "package.module:find"',
    "entry-point": "the name of an entry point of klarera.detectors",
}


def _languages(given: Any, where: str, *, needed: bool) -> tuple[str, ...]:
    codes = LANGUAGES[1:]
    if given is None and not needed:
        return ()
    if not isinstance(given, list) or not given:
        raise UsageError(f"{where} does not say in which languages it looks", hint='languages = ["en"] or ["any"]')
    if given == ["any"]:
        return ()
    if any(code not in codes for code in given):
        raise UsageError(f"{where} languages lists a code klarera does not know", hint=", ".join(codes))
    return tuple(sorted(set(given)))


def _labels(given: Any, where: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(given, dict):
        raise UsageError(f"{where} labels is not a table", hint='labels = { PER = "PERSON" }')
    for kind in given.values():
        if kind not in Kind.__members__:
            raise UsageError(f"{where} labels names a kind that does not exist", hint=", ".join(list(Kind.__members__)))
    return tuple(sorted(given.items()))


def _text(table: Mapping[str, Any], key: str, where: str, hint: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{where} has no {key}", hint=hint)
    return value


def _known(table: Mapping[str, Any], keys: Sequence[str], where: str) -> None:
    for key in table:
        if key not in keys:
            near = difflib.get_close_matches(key, keys, 1)
            raise UsageError(f"{where} has no key '{key}'", hint=near[0] if near else ", ".join(keys))


def no_twins(names: Sequence[str], what: str, file: str) -> None:
    """Raises UsageError if two of these have the same name."""
    if len(set(names)) != len(names):
        raise UsageError(f"{file}: two {what} have the same name", hint="one table a name")
