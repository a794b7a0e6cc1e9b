"""Detectors of others: looked at once before a run, then loaded anew in each worker.

`resolve` is called before any work. It loads what klarera.toml names, lets it answer an invented text, and notes
what the commit says of it: card, kinds, languages, and the hash of what was loaded. Later changes (`decide`, `apply`)
need only that note; the model may be gone by then.

Models come from local folders only. Libraries that would fetch one are told to stay offline.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import importlib.util
import inspect
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from klarera.errors import UsageError
from klarera.evidence.files import hash_file
from klarera.find.adapters import (
    PRESIDIO_LABELS,
    SPACY_LABELS,
    ModelAdapter,
    callable_adapter,
    presidio_adapter,
    spacy_adapter,
)
from klarera.model import About, Kind
from klarera.plugs import Plug
from klarera.read.entry_points import distribution, entry_point

__all__ = ["GROUP", "Plugged", "load", "resolve"]

GROUP = "klarera.detectors"
"""Entry points of detectors; only those klarera.toml names are loaded."""

OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
PROBE = ("Anna Invented wrote this line.", "")


@dataclass(frozen=True)
class Plugged:
    """A detector of somebody else as it was found before the run.

    plug   as klarera.toml names it, with whole paths
    kinds  names of the kinds it may find
    card   what stands in the commit
    """

    plug: Plug
    kinds: tuple[str, ...]
    card: Mapping[str, Any]

    @classmethod
    def of_json(cls, raw: Mapping[str, Any]) -> Plugged:
        """The inverse of dataclasses.asdict after JSON."""
        plug = dict(raw["plug"])
        plug["languages"] = tuple(plug["languages"])
        plug["labels"] = tuple((label, kind) for label, kind in plug["labels"])
        return cls(Plug(**plug), tuple(raw["kinds"]), dict(raw["card"]))


def resolve(plugs: Sequence[Plug], folder: Path, taken: Sequence[str]) -> tuple[Plugged, ...]:
    """Load every detector and let it answer.

    folder  where klarera.toml lies: files and models are named relative to it
    taken   names of our own detectors

    Raises UsageError for one that is missing, fails, or bears a name that is taken.
    """
    found = []
    for plug in plugs:
        if plug.name in taken:
            raise UsageError(f"detector {plug.name} has the name of one of ours", hint="another name")
        whole = _placed(plug, folder)
        adapter = _narrowed(load(whole), whole)
        adapter(pa.array(PROBE, pa.large_string()))
        kinds = tuple(sorted({kind.name for kind in adapter.labels.values()}))
        card = {
            **adapter.card(),
            "adapter": plug.adapter,
            "sha256": _hash(whole),
            "licence": plug.licence or "not stated",
        }
        # What klarera.toml leaves to the adapter is noted as it turned out: the workers do the same.
        labels = tuple(sorted((label, kind.name) for label, kind in adapter.labels.items()))
        found.append(Plugged(replace(whole, languages=adapter.languages, labels=labels), kinds, card))
    return tuple(found)


def _narrowed(adapter: ModelAdapter, plug: Plug) -> ModelAdapter:
    """The adapter with only the labels its model can give: else it would answer *not there* for kinds it never
    looks for."""
    if adapter.known is None:
        return adapter
    known = adapter.known()
    if {label for label, _ in plug.labels} - known or not set(adapter.labels) & known:
        raise UsageError(
            f"detector {plug.name}: the model does not give every label it is asked for",
            hint='labels = { LABEL = "KIND" }, with labels of the model',
        )
    return replace(adapter, labels={label: kind for label, kind in adapter.labels.items() if label in known})


def load(plug: Plug) -> ModelAdapter:
    """The adapter itself; called in every worker. Raises UsageError for what is not there."""
    for name, value in OFFLINE.items():
        os.environ.setdefault(name, value)
    labels = {label: Kind[kind] for label, kind in plug.labels}
    if plug.adapter == "spacy":
        made = replace(spacy_adapter(plug.where, labels=labels or SPACY_LABELS), source=_pipeline(Path(plug.where)))
    elif plug.adapter == "presidio":
        made = presidio_adapter(plug.where, labels=labels or PRESIDIO_LABELS)
        made = replace(made, source=f"the Presidio recogniser {plug.where}")
    elif plug.adapter == "callable":
        made = callable_adapter(_function(plug), labels=labels, unit=plug.unit)
        made = replace(made, source=f"the callable {Path(plug.where).name}")
    else:
        made = _of_entry_point(plug)
        return replace(made, name=plug.name, labels=labels or made.labels, languages=plug.languages or made.languages)
    return replace(
        made, name=plug.name, languages=plug.languages, version=plug.version, about=About[plug.about.upper()]
    )


def _pipeline(folder: Path) -> str:
    """What a saved spaCy pipeline says of itself."""
    try:
        meta = json.loads((folder / "meta.json").read_text("utf-8"))
    except (OSError, ValueError):
        return f"the spaCy pipeline {folder.name}, which does not say its version"
    said = " ".join(str(meta.get(key, "")) for key in ("lang", "name", "version"))
    return f"the spaCy pipeline {said}, licence {meta.get('license') or 'not stated'}"


def _placed(plug: Plug, folder: Path) -> Plug:
    """The same with whole paths. Raises UsageError for a model or file that is not there."""
    if plug.adapter == "spacy":
        model = (folder / plug.where).resolve()
        if not model.is_dir():
            raise UsageError(
                f"detector {plug.name}: no model in the folder {model.name}",
                hint="the folder of a saved spaCy pipeline, relative to klarera.toml; nothing is fetched",
            )
        return replace(plug, where=str(model))
    file, _, name = plug.where.rpartition(":")
    if plug.adapter == "callable" and file.endswith(".py"):
        path = (folder / file).resolve()
        if not path.is_file():
            raise UsageError(f"detector {plug.name}: no file {path.name}", hint="a path relative to klarera.toml")
        return replace(plug, where=f"{path}:{name}")
    return plug


def _function(plug: Plug) -> Callable[[list[str]], Any]:
    place, _, name = plug.where.rpartition(":")
    try:
        module = _module(Path(place)) if place.endswith(".py") else importlib.import_module(place)
        function = getattr(module, name)
    except ImportError as error:
        raise UsageError(f"detector {plug.name}: {error.name or 'its module'} is not installed") from None
    except AttributeError:
        raise UsageError(f"detector {plug.name}: its module has no '{name}'", hint="FILE.py:FUNCTION") from None
    except Exception as error:  # noqa: BLE001 - somebody else's code, whatever it raises
        raise UsageError(f"detector {plug.name}: its module fails with {type(error).__name__}") from None
    if not callable(function):
        raise UsageError(f"detector {plug.name}: '{name}' cannot be called", hint="a function of a list of texts")
    made: Callable[[list[str]], Any] = function
    return made


def _module(path: Path) -> Any:
    """A module out of a file, under a name of its own."""
    spec = importlib.util.spec_from_file_location(
        f"klarera_plugged_{hashlib.sha256(bytes(path)).hexdigest()[:16]}", path
    )
    if spec is None or spec.loader is None:
        raise ImportError(name=path.name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _of_entry_point(plug: Plug) -> ModelAdapter:
    entry = entry_point("detector", GROUP, plug.where)
    try:
        made = entry.load()
        made = made if isinstance(made, ModelAdapter) else made()
    except Exception as error:  # noqa: BLE001 - somebody else's code, whatever it raises
        raise UsageError(f"detector {plug.name}: its entry point fails with {type(error).__name__}") from None
    if not isinstance(made, ModelAdapter):
        raise UsageError(f"detector {plug.name}: its entry point gives no ModelAdapter", hint="docs/plug-in.md")
    return replace(made, source=f"{distribution(entry)}, entry point {entry.name}")


def _hash(plug: Plug) -> str:
    """SHA-256 of what was loaded: all files of a model's folder, or the source file of the code."""
    if plug.adapter == "spacy":
        root, whole = Path(plug.where), hashlib.sha256()
        for file in sorted(p for p in root.rglob("*") if p.is_file()):
            whole.update(f"{file.relative_to(root).as_posix()}\0{hash_file(file).sha256}\n".encode())
        return whole.hexdigest()
    place = entry_point("detector", GROUP, plug.where).value if plug.adapter == "entry-point" else plug.where
    module = place.rpartition(":")[0]
    source = module if module.endswith(".py") else inspect.getsourcefile(importlib.import_module(module))
    return hash_file(Path(source)).sha256 if source else "no source file"
