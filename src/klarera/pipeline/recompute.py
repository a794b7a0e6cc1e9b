"""Verify's last step: every decision again from its facts, and every sum from the tables.

Trusts nothing but the stored facts and the rulebook: whether they are those of the input is not shown here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from klarera import store
from klarera.decide import Case, decide
from klarera.errors import KlareraError
from klarera.evidence.verify import Problem
from klarera.facts import HOUSE, KINDS, SOURCE
from klarera.facts.house import Answer, by_kinds
from klarera.law import Law
from klarera.model import Decision
from klarera.pipeline.house import FACT, House, house_words, measures_of
from klarera.pipeline.judged import stored_answers
from klarera.pipeline.settle import rows_of
from klarera.pipeline.state import NAMES
from klarera.rulebook import rulebook

__all__ = ["recompute"]

STEP = "recomputed"


def recompute(out: Path, payload: Mapping[str, Any]) -> Iterator[Problem]:
    """Problems found; silent where the installed rulebook is not the one that decided, which is said."""
    try:
        yield from _sums(out, payload)
        yield from _decisions(out, payload)
        yield from _measures(out, payload)
    except KlareraError as error:
        yield Problem(STEP, "work", str(error))


def _sums(out: Path, payload: Mapping[str, Any]) -> Iterator[Problem]:
    """Each segment: as many decisions as facts, as many kept rows as the part has; shards add up."""
    counted: dict[str, np.ndarray[Any, np.dtype[np.int64]]] = {}
    for segment in payload["segments"]:
        name = segment["segment"]
        table = store.read_table(out / segment["decisions"])
        facts = store.read_table(store.work(out, "facts", name), ["rid"])
        decision = table.column("decision").to_numpy()
        if table.num_rows != segment["rows"] or facts.num_rows != segment["rows"]:
            yield Problem(STEP, segment["decisions"], "has another number of rows than its facts")
            continue
        differs = np.flatnonzero((store.keys_of(table.column("rid")) != store.keys_of(facts.column("rid"))).any(axis=1))
        if len(differs):
            yield Problem(STEP, segment["decisions"], "is not aligned with its facts", int(differs[0]))
        counted.setdefault(name.partition("-")[0], np.zeros(4, np.int64))
        counted[name.partition("-")[0]] += np.bincount(decision, minlength=4)
        if segment["part"] and not payload["sidecar"] and not payload["pending"]:
            rids = store.keys_of(store.read_table(out / segment["part"], ["rid"]).column("rid"))
            kept = store.keys_of(table.column("rid"))[decision <= Decision.REDACT]
            if len(rids) != len(kept):
                yield Problem(STEP, segment["part"], "holds another number of records than were kept")
            elif sorted(r.tobytes() for r in rids) != sorted(r.tobytes() for r in kept):
                yield Problem(STEP, segment["part"], "holds other records than were kept")
    for shard, units in payload["counts"]["shards"].items():
        by = counted.get(shard, np.zeros(4, np.int64))
        if [units[n] for n in NAMES] != by.tolist():
            yield Problem(STEP, f"shard {shard}", "its decisions do not add up to its counts")


def _decisions(out: Path, payload: Mapping[str, Any]) -> Iterator[Problem]:
    """Every vector decided again; every record's decision is that of its vector."""
    book = rulebook()
    if book.hash != payload["rulebook"]["sha256"]:
        yield Problem(STEP, "rulebook", "the installed rulebook is not the one that decided; decisions not checked")
        return
    stated = payload["stated"]
    tried = payload["readings_tried"][-1]
    if (tried["on"], tried["laws"]) != (payload["day"], payload["laws"]):
        yield Problem(STEP, "commits", "tells another day or law than the last one decided under")
    law = Law(date.fromisoformat(payload["day"]), date.fromisoformat(payload["known"]), frozenset(payload["laws"]))
    case = Case(
        book, law, tried["reading"], _typed(book, stated["project"]), [_typed(book, s) for s in stated["sources"]],
        payload["sources"], [measures_of(own) for own in stated["policy"]],
    )  # fmt: skip
    stayed = 0  # records whose input was gone may stand at a stricter decision; the commit counts them
    folders = {str(Path(s["decisions"]).parent) for s in payload["segments"]}
    for folder in sorted(folders):
        table = store.read_table(out / folder / "vectors.parquet")
        verdicts = decide(store.vectors_of(table), case)
        written = table.column("decision").to_numpy()
        wrong = np.flatnonzero(written != verdicts.decision)
        if len(wrong):
            yield Problem(STEP, f"{folder}/vectors.parquet", "does not follow from its facts", int(wrong[0]))
        for segment in (s for s in payload["segments"] if str(Path(s["decisions"]).parent) == folder):
            rows = store.read_table(out / segment["decisions"])
            expected = written[rows.column("vector").to_numpy()]
            decision = rows.column("decision").to_numpy()
            differs = np.flatnonzero(expected != decision)
            stayed += int((decision[differs] > expected[differs]).sum())
            if len(differs) and (stayed > payload["gone"] or (decision[differs] < expected[differs]).any()):
                yield Problem(STEP, segment["decisions"], "is not what its vector was decided", int(differs[0]))


def _measures(out: Path, payload: Mapping[str, Any]) -> Iterator[Problem]:
    """What the house's measures, lists and answers say of every record, again from its findings and keys."""
    measures = tuple(measures_of(own) for own in payload["stated"]["policy"])
    house = House(measures, payload["lists"]["table"] if payload["lists"] else "")
    answers = [a for a in stored_answers(out, payload["sources"]) if a.fact == FACT]
    decided: dict[Path, npt.NDArray[np.uint64]] = {}
    for segment in payload["segments"]:
        number = store.read_table(out / segment["decisions"]).column("vector").to_numpy()
        folder = (out / segment["decisions"]).parent
        if folder not in decided:
            decided[folder] = store.vectors_of(store.read_table(folder / "vectors.parquet"))
        vectors = decided[folder][number]
        facts = store.read_table(store.work(out, "facts", segment["segment"]), ["rid", "author"])
        source, kinds = vectors[:, SOURCE].astype(np.int32), vectors[:, KINDS]
        authors = store.keys_of(facts.column("author"))
        said = [Answer(j.rows, a.measures, j.value) for a in answers if (j := rows_of(out, a, facts, authors, source))]
        words = house_words(out, segment["segment"], house, source, authors, kinds.copy, said)
        if words is None:
            words = by_kinds(kinds, measures, source)
        differs = np.flatnonzero((words != vectors[:, HOUSE:SOURCE]).any(axis=1))
        if len(differs):
            yield Problem(STEP, segment["decisions"], "is not what the house's measures say", int(differs[0]))


def _typed(book: Any, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON keeps them back in their types."""
    made: dict[str, Any] = {}
    for name, value in facts.items():
        kind = book.fact(name).type
        made[name] = date.fromisoformat(value) if kind == "date" else float(value) if kind == "number" else value
    return made
