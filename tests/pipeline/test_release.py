"""The only way out: what is open refuses, and nothing of anybody goes with what leaves."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from klarera.errors import EvidenceError, RefusedError, UsageError
from klarera.evidence.commits import head
from klarera.evidence.verify import verify
from klarera.papers.card import card
from klarera.pipeline import judged
from klarera.pipeline.clear import Outcome, apply_decisions, decide_again
from klarera.pipeline.recompute import recompute
from klarera.pipeline.release import blocking, release
from klarera.read import Options

from .conftest import Desk, cleared_bytes, posts, write_lines


@dataclass
class Planted:
    """Rows with marks in every place a person may stand in, and the marks."""

    rows: list[dict[str, Any]]
    marks: list[str]


def planted() -> Planted:
    rows = posts(80)
    for i, row in enumerate(rows):
        row |= {
            "id": f"origid{i}x",
            "author": f"Accountname{i % 9}",
            "author_name": f"Fullname Person{i % 9}",
            "url": f"https://agora.example/u/{i}/urlmark{i}z",
            "note": f"remark {i} by noteperson{i}@note.example",
        }
    rows[20]["text"] = "Mail me at finderson@mail.example or +49 30 901820, +491511234567."
    rows[21]["text"] = "My sister Sistermark has multiple sclerosis."
    rows[40] |= {"author": "Twoages", "text": "I'm 34 and heldtextmark stays."}
    rows[41] |= {"author": "Twoages", "text": "I'm 13"}
    marks = [
        "origid",
        "ccountname",
        "ullname Person",
        "urlmark",
        "noteperson",
        "finderson",
        "901820",
        "1511234567",
        "istermark",
        "sclerosis",
        "woages",
        "heldtextmark",
        "I'm 13",
        "kaja.lind",
        "mira_k",
        "DE89",
        "0532",
    ]
    return Planted(rows, marks)


def everything(paths: list[Path]) -> list[tuple[str, bytes]]:
    """Raw bytes of the files, and every column of Parquet files decoded."""
    found = []
    for path in paths:
        found.append((path.name, path.read_bytes()))
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            for name in table.column_names:
                values = table.column(name).to_pylist()
                found.append((f"{path.name}:{name}", "\n".join(map(str, values)).encode()))
            found.append(
                (f"{path.name}:meta", repr(pq.read_metadata(path).metadata).encode() + repr(table.schema).encode())
            )
    return found


def leaks(folder: Path, marks: list[str], *, without: str = "") -> list[tuple[str, str]]:
    paths = [
        p
        for p in sorted(folder.rglob("*"))
        if p.is_file() and (not without or without not in p.relative_to(folder).parts)
    ]
    assert paths
    return [(name, m) for name, data in everything(paths) for m in marks if m.encode().lower() in data.lower()]


def accept_all(desk: Desk, outcome: Outcome) -> Outcome:
    for condition in blocking(outcome.commit.payload):
        judged.accept(desk.out(), condition=condition["id"], by="A. Accepts", on="2026-11-22", why="known and borne")
    return apply_decisions(desk.out(), desk.job(), kind="judge")


def test_nothing_of_anybody_leaves_or_lies_outside_work(desk: Desk) -> None:
    world = planted()
    inputs = [write_lines(desk.folder / "posts.jsonl", [*world.rows, '{"text": "origidbroken'])]
    outcome = desk.clear(inputs, options=Options(carry=("note",)))
    assert leaks(desk.out() / "work", world.marks), "the search finds what is there"
    assert leaks(desk.out(), world.marks, without="work") == []
    accept_all(desk, outcome)
    release(desk.out(), desk.folder / "dist", card)
    assert leaks(desk.folder / "dist", world.marks) == []
    assert leaks(desk.out(), world.marks, without="work") == []
    (part,) = (desk.folder / "dist" / "data").glob("*.parquet")
    table = pq.read_table(part)
    assert table.column_names == ["rid", "text", "note"]
    assert table.num_rows > 50
    assert not any("work" in p.name or "held" in p.name for p in (desk.folder / "dist").rglob("*"))


def test_it_refuses_and_names_what_is_open(desk: Desk) -> None:
    outcome = desk.clear([write_lines(desk.folder / "posts.jsonl", posts(20))])
    still = blocking(outcome.commit.payload)
    assert still
    with pytest.raises(RefusedError, match=f"{len(still)} blocking conditions are open: {still[0]['id']}") as refused:
        release(desk.out(), desk.folder / "dist", card)
    assert "--accept CONDITION" in refused.value.hint
    assert not (desk.folder / "dist").exists()


def test_it_passes_once_all_is_accepted_and_the_card_says_so_first(desk: Desk) -> None:
    outcome = desk.clear([write_lines(desk.folder / "posts.jsonl", posts(20))])
    some = blocking(outcome.commit.payload)
    judged.accept(desk.out(), condition=some[0]["id"], by="A. Accepts", on="2026-11-22", why="known and borne")
    moved = apply_decisions(desk.out(), desk.job(), kind="judge")
    assert len(blocking(moved.commit.payload)) == len(some) - 1
    done = accept_all(desk, moved)
    assert (blocking(done.commit.payload), done.commit.payload["status"]) == ([], "cleared")
    commit = release(desk.out(), desk.folder / "dist", card)
    said = (desk.folder / "dist" / "README.md").read_text("utf-8")
    assert said.index("A. Accepts") < said.index("rulebook" if "rulebook" in said else "Rulebook")
    public = json.loads((desk.folder / "dist" / "clearance.json").read_bytes())
    assert public["commit"] == commit.sha256
    from klarera.evidence.files import hash_file

    data = {p.name: hash_file(p).sha256 for p in (desk.folder / "dist" / "data").glob("*")}
    assert data == {name: part["sha256"] for name, part in public["parts"].items()}
    assert (desk.folder / "dist" / "checkpoint").read_bytes() == (desk.out() / "log" / "checkpoint").read_bytes()
    assert verify(desk.out(), extra=(recompute,)).problems == ()


def test_settling_a_condition_in_the_project_closes_it(desk: Desk) -> None:
    outcome = desk.clear([write_lines(desk.folder / "posts.jsonl", posts(20))])
    before = {c["id"] for c in blocking(outcome.commit.payload)}
    bools = {
        f.name: True
        for f in desk.job().book.facts
        if f.scope.value == "project" and f.type == "bool" and not f.judgement
    }
    told = replace(desk.adopted(), facts={**bools, **desk.project.facts})
    after = {c["id"] for c in blocking(decide_again(desk.out(), desk.job(project=told)).commit.payload)}
    assert after < before
    assert any("reading" in c for c in before - after)


def test_decisions_that_are_not_applied_do_not_leave(desk: Desk) -> None:
    outcome = desk.clear([write_lines(desk.folder / "posts.jsonl", posts(20))])
    accept_all(desk, outcome)
    decide_again(desk.out(), desk.job("strict"))
    with pytest.raises(RefusedError, match="newer than the files"):
        release(desk.out(), desk.folder / "dist", card)


def test_what_does_not_hold_does_not_leave(desk: Desk) -> None:
    outcome = desk.clear([write_lines(desk.folder / "posts.jsonl", posts(20))])
    accept_all(desk, outcome)
    part = next((desk.out() / "cleared").glob("*"))
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(data)
    with pytest.raises(EvidenceError, match=part.name):
        release(desk.out(), desk.folder / "dist", card)


def test_a_folder_that_is_not_empty_and_a_sidecar_are_refused(desk: Desk) -> None:
    file = write_lines(desk.folder / "posts.jsonl", posts(20))
    accept_all(desk, desk.clear([file]))
    (desk.folder / "dist").mkdir()
    (desk.folder / "dist" / "x").write_text("x")
    with pytest.raises(UsageError, match="is not empty"):
        release(desk.out(), desk.folder / "dist", card)
    side = replace(desk)
    side.out = lambda name="side": desk.folder / name  # type: ignore[method-assign]
    accept_all(side, desk.clear([file], "side", sidecar=True))
    with pytest.raises(UsageError, match="no texts to publish"):
        release(side.out(), desk.folder / "other", card)


def test_public_counts_name_no_file_of_work_and_no_person(desk: Desk) -> None:
    outcome = desk.clear([write_lines(desk.folder / "posts.jsonl", posts(20))])
    accept_all(desk, outcome)
    release(desk.out(), desk.folder / "dist", card)
    public = (desk.folder / "dist" / "clearance.json").read_text("utf-8")
    assert "work/" not in public
    assert "posts.jsonl" not in public
    assert str(desk.folder) not in public
    assert head(desk.out()) is not None
    assert cleared_bytes(desk.out())
