"""Answers of named persons: judged facts from review, and conditions accepted at release.

    work/judged/000003.json            who said what, when, why, about what
    work/judged/000003.rids.parquet    the records it is about, by key

Answers are added, never changed; where two concern the same fact of a record, the later one stands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from klarera import store
from klarera.decide import house_bits
from klarera.errors import UsageError
from klarera.evidence.files import put_if_absent, read_file
from klarera.pipeline.house import FACT
from klarera.pipeline.settle import Answered

__all__ = ["Said", "about", "accept", "accepted", "answer", "said", "stored_answers", "summary"]


def _entries(out: Path) -> list[tuple[Path, dict[str, Any]]]:
    folder = out / "work" / "judged"
    return [(path, json.loads(read_file(path))) for path in sorted(folder.glob("*.json"))]


def _next(out: Path) -> str:
    return f"{len(_entries(out)):06d}"


def answer(
    out: Path, *, fact: str, value: bool, by: str, on: str, why: str, scope: str,
    rids: npt.NDArray[np.uint8] | None = None, authors: npt.NDArray[np.uint8] | None = None, source: str | None = None,
    measures: Sequence[str] = (),
) -> str:  # fmt: skip
    """Keep an answer; returns its number. Exactly one of rids, authors, source says what it is about.

    measures  reason codes of the house an answer to `house_refuses` is about: it says nothing of others
    """
    if not by or not on:
        raise UsageError("an answer needs the name of whoever gives it, and a day", hint="--by NAME --on DAY")
    if sum(x is not None for x in (rids, authors, source)) != 1:
        raise UsageError("an answer is about records, authors or one source")
    if (fact == FACT) != bool(measures):
        raise UsageError(f"an answer to {FACT} names the measures of the house it is about, and no other does")
    number = _next(out)
    entry: dict[str, Any] = {"fact": fact, "value": value, "by": by, "on": on, "why": why, "scope": scope}
    if measures:
        entry["measures"] = list(measures)
    for name, keys in (("rids", rids), ("authors", authors)):
        if keys is not None:
            distinct = np.unique(keys.reshape(-1, 16), axis=0)
            path = out / "work" / "judged" / f"{number}.{name}.parquet"
            store.write_table(path, pa.table({"key": store.keys_array(distinct)}))
            entry[name] = len(distinct)
    if source is not None:
        entry["source"] = source
    put_if_absent(out / "work" / "judged" / f"{number}.json", json.dumps(entry, sort_keys=True).encode(), mode=0o600)
    return number


def accept(out: Path, *, condition: str, by: str, on: str, why: str) -> None:
    """Keep that a named person accepts an open condition; it stands first in the card."""
    if not by or not why:
        raise UsageError("accepting a condition needs a name and a reason", hint="--by NAME --why REASON")
    entry = {"condition": condition, "by": by, "on": on, "why": why}
    path = out / "work" / "judged" / f"{_next(out)}.json"
    put_if_absent(path, json.dumps(entry, sort_keys=True).encode(), mode=0o600)


def accepted(out: Path) -> dict[str, Mapping[str, str]]:
    """Accepted conditions by id."""
    return {e["condition"]: {k: e[k] for k in ("by", "on", "why")} for _, e in _entries(out) if "condition" in e}


def stored_answers(out: Path, sources: Sequence[str]) -> tuple[Answered, ...]:
    """The answers in the order they were given."""
    found = []
    for path, entry in _entries(out):
        # An answer about a source that is not here concerns none of these records.
        if "fact" in entry and entry.get("source", sources[0]) in sources:
            stem = f"work/judged/{path.stem}"
            found.append(
                Answered(
                    entry["fact"],
                    entry["value"],
                    f"{stem}.rids.parquet" if "rids" in entry else "",
                    f"{stem}.authors.parquet" if "authors" in entry else "",
                    sources.index(entry["source"]) if entry.get("source") in sources else -1,
                    house_bits(" ".join(entry.get("measures", ()))),
                )
            )
    return tuple(found)


@dataclass(frozen=True)
class Said:
    """An answer with the keys it is about: of records, of authors."""

    entry: Mapping[str, Any]
    keys: Mapping[str, pa.ChunkedArray]


def said(out: Path) -> list[Said]:
    """All answers with their keys, in the order they were given; read once for many records."""
    return [
        Said(entry, {n: store.read_table(path.with_suffix(f".{n}.parquet")).column("key") for n in KEYED if n in entry})
        for path, entry in _entries(out)
        if "fact" in entry
    ]


KEYED = ("rids", "authors")
"""What an answer may be about by key."""


def about(answers: Sequence[Said], rid: bytes, author: bytes, source: str) -> list[dict[str, Any]]:
    """The answers that concern one record: by its key, its author's (zeros: none is named), or its source."""
    wanted = dict(zip(KEYED, (rid, author if any(author) else b""), strict=True))
    found = []
    for one in answers:
        listed = [(wanted[n], keys) for n, keys in one.keys.items() if wanted[n]]
        if one.entry.get("source") == source or any(
            pc.index(keys, pa.scalar(w, store.KEY)).as_py() >= 0 for w, keys in listed
        ):
            found.append(dict(one.entry))
    return found


def summary(out: Path) -> list[dict[str, Any]]:
    """The answers as the commit names them: fact, value, person, day, reason, how many records."""
    return [dict(entry) for _, entry in _entries(out)]
