"""Samples of what is held: from held/, or read again at the recorded places; never a second copy on disk."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from klarera.cli.asking import open_clearance
from klarera.evidence.verify import verify
from klarera.model import Kind
from klarera.pipeline import judged, review
from klarera.pipeline.clear import Job, apply_decisions, decide_again
from klarera.pipeline.house import FACT
from klarera.pipeline.recompute import recompute
from klarera.pipeline.samples import NEWER, Sample, samples
from klarera.project import Policy

from .conftest import Desk, posts, write_lines

POLICY = Policy(hold={"": frozenset({Kind.HANDLE})})


def rows() -> list[dict[str, Any]]:
    made = posts(30)
    for i in (4, 9, 20, 29):
        made[i]["text"] = f"Ünïcode {i}: thanks @mira_k, write to kaja.lind@mail.example."
    return made


def job(desk: Desk) -> Job:
    return desk.job(project=replace(desk.project, policy=POLICY))


def shown(desk: Desk, name: str = "out") -> list[Sample]:
    now = open_clearance(desk.out(name), job(desk))
    found: list[Sample] = []
    for group in review.groups(desk.out(name), now.case, now.stored):
        found += samples(desk.out(name), now.run, now.settings, now.stored, review.sample(group, 100))
    return sorted(found, key=lambda s: s.rid)


def jsonl(path: Path, made: list[dict[str, Any]]) -> Path:
    return write_lines(path.with_suffix(".jsonl"), ["{broken", *made])


def packed(path: Path, made: list[dict[str, Any]]) -> Path:
    target = path.with_suffix(".jsonl.gz")
    target.write_bytes(gzip.compress("".join(json.dumps(r) + "\n" for r in made).encode()))
    return target


def parquet(path: Path, made: list[dict[str, Any]]) -> Path:
    target = path.with_suffix(".parquet")
    pq.write_table(pa.Table.from_pylist(made), target, row_group_size=7)
    return target


@pytest.mark.parametrize("write", [jsonl, packed, parquet])
def test_a_sidecar_run_shows_what_a_text_run_shows(
    desk: Desk, write: Callable[[Path, list[dict[str, Any]]], Path]
) -> None:
    file = write(desk.folder / "posts", rows())
    desk.clear([file], "text", job(desk))
    desk.clear([file], job=job(desk), sidecar=True)
    before = {p: p.read_bytes() for p in desk.out().rglob("*") if p.is_file()}
    found = shown(desk)
    assert found == shown(desk, "text")
    assert len(found) == 5
    assert sum("[EMAIL]" in s.text for s in found) == 4, "certain redactions are made"
    assert not [s for s in found if "kaja.lind" in s.text or s.problem]
    assert before == {p: p.read_bytes() for p in desk.out().rglob("*") if p.is_file()}, "no copy on disk"


def test_an_input_that_is_gone_or_changed_is_said_for_each_record(desk: Desk) -> None:
    file = jsonl(desk.folder / "posts", rows())
    desk.clear([file], job=job(desk), sidecar=True)
    data = file.read_bytes()
    file.write_bytes(data.replace(b'"p9"', b'"q9"'))
    found = shown(desk)
    (changed,) = [s for s in found if s.problem]
    assert (changed.text, changed.problem) == ("", "the input posts.jsonl has changed since it was screened")
    assert changed.to_dict()["text"] is None
    file.write_bytes(data + b"\n")
    assert {s.problem for s in shown(desk)} == {"the input posts.jsonl has changed since it was screened"}
    file.write_bytes(data.replace(b"thanks @mira_k, write", b"thanks @mira_k. write"))
    assert not [s for s in shown(desk) if s.problem], "the same key and length at its place is that record"
    file.unlink()
    assert {(s.text, s.problem) for s in shown(desk)} == {("", "the input posts.jsonl is gone")}


def test_raw_texts_where_they_are_held_raw(desk: Desk) -> None:
    file = jsonl(desk.folder / "posts", rows())
    desk.clear([file], job=job(desk), sidecar=True, held_raw=True)
    assert sum("kaja.lind@mail.example" in s.text for s in shown(desk)) == 4


def test_a_decision_newer_than_the_files_shows_no_text(desk: Desk) -> None:
    desk.clear([jsonl(desk.folder / "posts", rows())])
    decide_again(desk.out(), job(desk))
    assert {(s.text, s.problem) for s in shown(desk)} == {("", NEWER)}
    apply_decisions(desk.out(), job(desk))
    assert not [s for s in shown(desk) if s.problem]


def test_a_sidecar_group_is_answered_and_its_sidecar_follows(desk: Desk) -> None:
    desk.clear([jsonl(desk.folder / "posts", rows())], job=job(desk), sidecar=True)
    now = open_clearance(desk.out(), job(desk))
    for group in review.groups(desk.out(), now.case, now.stored):
        judged.answer(
            desk.out(), fact=FACT, value=False, by="R", on="2026-11-25", why="", scope="group",
            rids=review.rids_of(desk.out(), now.stored, group), measures=group.measures,
        )  # fmt: skip
    apply_decisions(desk.out(), job(desk), kind="judge")
    desk.clear([desk.folder / "posts.jsonl"], "plain", sidecar=True)

    def sidecars(name: str) -> list[list[Any]]:
        return [pq.read_table(p)["decision"].to_pylist() for p in sorted((desk.out(name) / "cleared").iterdir())]

    assert sidecars("out") == sidecars("plain")
    assert verify(desk.out(), extra=(recompute,)).problems == ()
