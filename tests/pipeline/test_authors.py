"""Author flags in buckets: the same answers for one bucket and for many, with what is held bounded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from klarera import store
from klarera.facts.rollup import AuthorTable
from klarera.pipeline import authors as room
from klarera.pipeline.clear import apply_decisions, decide_again
from klarera.register.snapshot import Snapshot

from .conftest import Desk, cleared_bytes, posts

Lines = Callable[[str, Any], Path]


def shards(out: Path, count: int, each: int) -> list[AuthorTable]:
    """Invented flags of shards that share authors, written as screening does; keys of all first bytes."""
    chance = np.random.default_rng(7)
    known = chance.integers(0, 256, (count * each // 2, 16), np.uint8)
    known[:3] = [[0] * 15 + [1], [255] * 16, [128] + [0] * 15]
    made = []
    for number in range(count):
        rows = chance.integers(0, len(known), each)
        table = AuthorTable.merge(known[rows], (1 << chance.integers(0, 6, each)).astype(np.uint16))
        columns = {"author": store.keys_array(table.keys), "flags": table.flags}
        store.write_table(store.work(out, "authors", f"{number:05d}"), pa.table(columns))
        made.append(table)
    return made


def answers(out: Path, keys: npt.NDArray[np.uint8]) -> list[int]:
    found: list[int] = room.flags_of(out, keys).tolist()
    return found


@pytest.mark.parametrize(("bucket", "chunk"), [(1 << 20, 1 << 22), (64, 1 << 22), (64, 200), (1, 1)])
def test_flags_do_not_depend_on_the_buckets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bucket: int, chunk: int
) -> None:
    made = shards(tmp_path, 5, 300)
    register = AuthorTable.merge(made[0].keys[:50], np.full(50, 64, np.uint16))
    both = [*made, register]
    whole = AuthorTable.merge(np.concatenate([t.keys for t in both]), np.concatenate([t.flags for t in both]))
    asked = np.concatenate([whole.keys[::-1], np.zeros((3, 16), np.uint8), np.full((2, 16), 77, np.uint8)])
    wanted = whole.of(asked).tolist()
    monkeypatch.setattr(room, "BUCKET", bucket)
    monkeypatch.setattr(room, "CHUNK", chunk)
    room.place_authors(tmp_path, range(5), register)
    assert answers(tmp_path, asked) == wanted
    assert answers(tmp_path, asked[:0]) == []
    files = sorted((tmp_path / "work" / "authors").glob("flags-*"))
    entries = sum(len(t.keys) for t in both)
    assert len(files) == (
        1 if bucket > entries else min(4096, 1 << ((entries - 1).bit_length() - (bucket - 1).bit_length()))
    )
    assert sum(store.read_table(f).num_rows for f in files) == len(whole.keys)
    monkeypatch.setattr(room, "BUCKET", 1 << 20)
    room.place_authors(tmp_path, range(5), register)
    assert len(list((tmp_path / "work" / "authors").glob("flags-*"))) == 1, "no bucket of the change before is left"
    assert answers(tmp_path, asked) == wanted


def test_no_author_and_no_shard(tmp_path: Path) -> None:
    none = AuthorTable(np.empty((0, 16), np.uint8), np.empty(0, np.uint16))
    room.place_authors(tmp_path, [], none)
    assert answers(tmp_path, np.ones((2, 16), np.uint8)) == [0, 0]


def test_a_clearance_has_the_same_bytes_with_many_buckets(
    desk: Desk, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = posts(120)
    for i in range(60):
        rows[i]["author"] = f"young{i % 20}"
    for i in range(20):
        rows[i]["text"] = "I'm 13"
    files = [lines("a.jsonl", rows[:40]), lines("b.jsonl", rows[40:])]
    register = Snapshot((("objection", "handle", "author3", ""), ("erasure", "handle", "author4", "")), "0" * 64)
    desk.clear(files, "one")
    apply_decisions(desk.out("one"), desk.job(register=register), kind="erase")
    monkeypatch.setattr(room, "BUCKET", 2)
    monkeypatch.setattr(room, "CHUNK", 8)
    desk.clear(files, "many", desk.job(workers=2))
    many = len(list((desk.out("many") / "work" / "authors").glob("flags-*")))
    assert many >= 8
    apply_decisions(desk.out("many"), desk.job(register=register, workers=2), kind="erase")
    assert cleared_bytes(desk.out("one")) == cleared_bytes(desk.out("many"))
    monkeypatch.setattr(room, "BUCKET", 1 << 20)
    again = decide_again(desk.out("many"), desk.job(register=register))
    assert not [p for p in again.commit.manifest if "flags-" in p and "flags-0000" not in p]
