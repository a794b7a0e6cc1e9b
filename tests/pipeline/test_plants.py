"""Planted posts among real ones: what must not pass as it is, and near misses that must.

Invented posts are mixed into WNUT 2017's social posts where those are at hand, and cleared under a project that
says what an ordinary first-party project would. plants.tsv was written beside the cues; plants2.tsv before
anyone who wrote it had seen a cue; plants3.tsv after it, and no change of a cue looked at what it misses
(docs/quality.md has what each measured at first).
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from klarera.model import Decision
from klarera.pipeline.run import load_report
from klarera.pipeline.state import stored_of
from klarera.project import parse
from klarera.rulebook import rulebook
from klarera.store import read_table, work

from .conftest import STATED, Desk, write_lines

HERE = Path(__file__).parent
MEANING = HERE.parent / "find" / "meaning"
WNUT = HERE.parents[2] / "shared" / "data" / "wnut17" / "train.jsonl"


def plants(name: str = "plants") -> list[dict[str, str]]:
    with (MEANING / f"{name}.tsv").open(encoding="utf-8") as file:
        return list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"))


def decided(desk: Desk, rows: list[dict[str, object]]) -> list[int]:
    """The decision of each row, in input order."""
    for row in rows:
        row["source"] = "agora"
    stated = {**STATED, "source": [{k: v for k, v in STATED["source"][0].items() if k != "public_by_choice"}]}
    project = parse(stated, {f.name: f for f in rulebook().facts})
    outcome = desk.clear([write_lines(desk.folder / "mixed.jsonl", rows)], job=desk.job(project=project))
    report = load_report(desk.out(), 0)
    assert report is not None
    assert report.unreadable == 0
    decisions = [-1] * len(rows)
    for stored in stored_of(outcome.commit):
        units = read_table(work(desk.out(), "facts", stored.segment), ["unit"]).column("unit").to_pylist()
        values = pq.read_table(desk.out() / stored.decisions).column("decision").to_pylist()
        for unit, value in zip(units, values, strict=True):
            decisions[unit] = value
    return decisions


def mixed(background: list[str]) -> tuple[list[dict[str, object]], list[dict[str, str] | None]]:
    """Background posts with a plant after every few of them; and which plant each row is."""
    rows: list[dict[str, object]] = []
    which: list[dict[str, str] | None] = []
    waiting = plants()
    step = max(1, len(background) // len(waiting))
    for i, text in enumerate(background):
        rows.append({"id": f"b{i}", "text": text})
        which.append(None)
        if i % step == 0 and waiting:
            plant = waiting.pop(0)
            rows.append({"id": f"plant{len(waiting)}", "text": plant["text"]})
            which.append(plant)
    return rows, which


@pytest.mark.parametrize(("name", "least"), [("plants2", 0.90), ("plants3", 0.80)])
def test_plants_written_without_the_cues(desk: Desk, name: str, least: float) -> None:
    rows = plants(name)
    decisions = decided(desk, [{"id": str(i), "text": row["text"]} for i, row in enumerate(rows)])
    shares = {}
    for kind in ("yes", "no"):
        own = [d == Decision.KEEP for row, d in zip(rows, decisions, strict=True) if row["plant"] == kind]
        assert len(own) >= 40
        shares[kind] = sum(own) / len(own)
    print(f"{name}: plants not kept as they are {1 - shares['yes']:.1%}, near misses kept {shares['no']:.1%}")
    assert 1 - shares["yes"] >= least
    assert shares["no"] >= 0.90


@pytest.mark.skipif(not WNUT.exists(), reason="the WNUT 2017 posts are not beside the checkout (shared/data)")
def test_plants_do_not_pass_as_they_are_and_near_misses_do(desk: Desk) -> None:
    background = [json.loads(line)["text"] for line in WNUT.read_text("utf-8").splitlines()]
    rows, which = mixed(background)
    decisions = decided(desk, rows)
    passed: Counter[tuple[str, bool]] = Counter()
    wrong = []
    for plant, decision in zip(which, decisions, strict=True):
        if plant is not None:
            as_it_is = decision == Decision.KEEP
            passed[plant["plant"], as_it_is] += 1
            if (plant["plant"] == "yes") == as_it_is:
                wrong.append(f"{plant['plant']} {plant['what']}: {plant['text']}")
    print("\n".join(wrong))
    caught = passed["yes", False] / (passed["yes", False] + passed["yes", True])
    spared = passed["no", True] / (passed["no", False] + passed["no", True])
    held = sum(d == Decision.HOLD for d in decisions)
    kept = sum(d <= Decision.REDACT for p, d in zip(which, decisions, strict=True) if p is None)
    print(f"plants not kept as they are {caught:.1%}, near misses kept as they are {spared:.1%}, "
          f"held {held} of {len(rows)}, background kept or redacted {kept} of {len(background)}")  # fmt: skip
    assert caught >= 0.90
    assert spared >= 0.90
    assert held <= 0.05 * len(rows)
