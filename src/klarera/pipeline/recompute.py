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
from klarera.law import Law
from klarera.model import Decision
from klarera.pipeline.house import House, measures_of
from klarera.pipeline.judged import stored_answers
from klarera.pipeline.run import Run, load_report
from klarera.pipeline.settle import Joining, final, joinings_of
from klarera.pipeline.state import NAMES
from klarera.rulebook import rulebook

__all__ = ["recompute"]

STEP = "recomputed"


def recompute(out: Path, payload: Mapping[str, Any]) -> Iterator[Problem]:
    """Problems found; silent where the installed rulebook is not the one that decided, which is said."""
    try:
        yield from _sums(out, payload)
        yield from _decisions(out, payload)
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
        counted.setdefault(name.partition("-")[0], np.zeros(4, np.int64))
        counted[name.partition("-")[0]] += np.bincount(decision, minlength=4)
        if segment["part"] and not payload["sidecar"] and not payload["pending"]:
            rids = store.keys_of(store.read_table(out / segment["part"], ["rid"]).column("rid"))
            kept = store.keys_of(facts.column("rid"))[decision <= Decision.REDACT]
            if len(rids) != len(kept):
                yield Problem(STEP, segment["part"], "holds another number of records than were kept")
            elif not np.array_equal(_sorted(rids), _sorted(kept)):
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
    joinings = _joinings(out, payload)
    stayed = 0  # records whose input was gone may stand at a stricter decision; the commit counts them
    folders = {str(Path(s["decisions"]).parent) for s in payload["segments"]}
    for folder in sorted(folders):
        table = store.read_table(out / folder / "vectors.parquet")
        verdicts = decide(store.vectors_of(table), case)
        written = table.column("decision").to_numpy()
        wrong = np.flatnonzero(written != verdicts.decision)
        if len(wrong):
            yield Problem(STEP, f"{folder}/vectors.parquet", "does not follow from its facts", int(wrong[0]))
        known = store.vectors_of(table)
        for segment in (s for s in payload["segments"] if str(Path(s["decisions"]).parent) == folder):
            rows = store.read_table(out / segment["decisions"])
            _, vectors, number = final(joinings[segment["segment"]])
            differs = np.flatnonzero((known[rows.column("vector").to_numpy()] != vectors[number]).any(axis=1))
            if len(differs):
                yield Problem(STEP, segment["decisions"], "does not follow from the stored facts", int(differs[0]))
            expected = written[rows.column("vector").to_numpy()]
            decision = rows.column("decision").to_numpy()
            differs = np.flatnonzero(expected != decision)
            stayed += int((decision[differs] > expected[differs]).sum())
            if len(differs) and (stayed > payload["gone"] or (decision[differs] < expected[differs]).any()):
                yield Problem(STEP, segment["decisions"], "is not what its vector was decided", int(differs[0]))


def _joinings(out: Path, payload: Mapping[str, Any]) -> dict[str, Joining]:
    """What each segment's facts are joined with, as the commit and the files beside it say."""
    run = Run.load(out)
    reports = [r for s in run.shards if (r := load_report(out, s.number)) is not None]
    told = [date.fromisoformat(s["notice_date"]) if "notice_date" in s else None for s in payload["stated"]["sources"]]
    answers = stored_answers(out, payload["sources"])
    measures = tuple(measures_of(own) for own in payload["stated"]["policy"])
    made = joinings_of(
        out, reports, payload["sources"], told, answers, register=payload["register"] is not None,
        missed=not payload["stated"]["project"].get("register_names_looked_for", True),
        house=House(measures, payload["lists"]["table"] if payload["lists"] else ""),
    )  # fmt: skip
    return {j.segment: j for j in made}


def _sorted(keys: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    halves = np.ascontiguousarray(keys).view(np.uint64).reshape(-1, 2)
    return halves[np.lexsort((halves[:, 1], halves[:, 0]))]


def _typed(book: Any, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON keeps them back in their types."""
    made: dict[str, Any] = {}
    for name, value in facts.items():
        kind = book.fact(name).type
        made[name] = date.fromisoformat(value) if kind == "date" else float(value) if kind == "number" else value
    return made
