"""Verify's last step: decisions again from facts, sums from tables; and what an opponent may try."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from klarera import store
from klarera.evidence.commits import Draft, head, publish
from klarera.evidence.files import hash_file
from klarera.evidence.keys import Keys
from klarera.evidence.lock import Lock
from klarera.evidence.verify import Report, verify
from klarera.model import Decision
from klarera.pipeline.clear import apply_decisions, dataset_name, decide_again
from klarera.pipeline.recompute import recompute
from klarera.project import parse
from klarera.rulebook import rulebook

from .conftest import STATED, Desk, posts, write_lines


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A clearance of two commits over two shards, with held records; copied by each test."""
    desk = Desk(tmp_path_factory.mktemp("recompute"), parse(STATED, {f.name: f for f in rulebook().facts}))
    rows = posts(60)
    rows[30] |= {"author": "two", "text": "I'm 34 and tired."}
    rows[31] |= {"author": "two", "text": "I'm 13"}
    desk.clear(
        [write_lines(desk.folder / "a.jsonl", [*rows, "{broken"]), write_lines(desk.folder / "b.jsonl", posts(20))]
    )
    decide_again(desk.out(), desk.job("industry"))
    apply_decisions(desk.out(), desk.job("industry"))
    return desk


@pytest.fixture
def out(original: Desk, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original.out(), tmp_path / "out"))


def check(out: Path) -> Report:
    return verify(out, extra=(recompute,))


def test_untouched_it_holds(out: Path) -> None:
    assert check(out).problems == ()


def files_of(out: Path) -> list[Path]:
    return [p for p in sorted(out.rglob("*")) if p.is_file() and p.stat().st_size and p.name != "lock"]


def test_one_flipped_byte_in_any_file_is_found_and_named(out: Path) -> None:
    chance = random.Random(7)
    every = files_of(out)
    assert len(every) > 25
    for path in every:
        data = path.read_bytes()
        at = chance.randrange(len(data))
        path.write_bytes(data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :])
        report = check(out)
        assert not report.holds, path
        name = path.relative_to(out).as_posix()
        assert any(name in str(p) or name.split("/")[0] in p.place for p in report.problems), (name, report.problems)
        path.write_bytes(data)
    assert check(out).holds


def test_any_missing_file_is_found(out: Path) -> None:
    for path in files_of(out):
        data = path.read_bytes()
        path.unlink()
        report = check(out)
        if "000.p" not in path.parts and path.parent.name != "000.p":  # partial tiles may be dropped by anyone
            assert not report.holds, path
        path.write_bytes(data)


def test_a_removed_last_log_entry_is_found(out: Path) -> None:
    bundles = sorted((out / "log" / "tile" / "entries").rglob("*"), key=lambda p: p.as_posix())
    last = [p for p in bundles if p.is_file()][-1]
    data = last.read_bytes()
    entries, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 2], "big")
        entries.append(data[at : at + 2 + size])
        at += 2 + size
    last.write_bytes(b"".join(entries[:-1]))
    report = check(out)
    assert not report.holds
    assert any("log" in p.place for p in report.problems)


def newest(out: Path) -> tuple[Path, pa.Table, Any]:
    """The decisions table of the newest commit's first segment, and its payload."""
    commit = head(out)
    assert commit is not None
    payload: Any = commit.payload
    path = out / payload["segments"][0]["decisions"]
    return path, store.read_table(path), payload


def rewrite(path: Path, table: pa.Table) -> None:
    path.unlink()
    store.write_table(path, table)


def with_decisions(table: pa.Table, decision: np.ndarray[Any, np.dtype[np.uint8]]) -> pa.Table:
    return table.set_column(table.schema.get_field_index("decision"), "decision", pa.array(decision, pa.uint8()))


def swap(out: Path) -> Path:
    """Swap the decisions of the first kept and the first dropped record."""
    path, table, _ = newest(out)
    decision = table.column("decision").to_numpy().copy()
    kept, gone = int(np.flatnonzero(decision == 0)[0]), int(np.flatnonzero(decision == Decision.DROP)[0])
    decision[[kept, gone]] = decision[[gone, kept]]
    rewrite(path, with_decisions(table, decision))
    return path


def sign_again(out: Path, keys: Keys, change: Callable[[dict[str, Any]], None] = lambda payload: None) -> None:
    """A new commit over the files as they now are, by the true writers with these keys."""
    with Lock(out) as lock:
        parent = head(out)
        assert parent is not None
        payload = json.loads(json.dumps(parent.payload))
        change(payload)
        manifest = {p: hash_file(out / p) for p in parent.manifest}
        publish(lock, Draft("apply", parent, manifest, payload), keys)


def keys_of(desk: Desk) -> Keys:
    return Keys.load(dataset_name(desk.project.name), desk.folder / "keys")


def test_two_swapped_decisions_are_found(out: Path) -> None:
    path = swap(out)
    report = check(out)
    assert path.relative_to(out).as_posix() in {p.place for p in report.problems}


def test_two_swapped_decisions_signed_by_others_are_found(out: Path, tmp_path: Path, original: Desk) -> None:
    """Whoever has no keys can write hashes anew, but signs as somebody else: the owner's key shows it."""
    swap(out)
    stranger = Keys.create(dataset_name(original.project.name), tmp_path / "other-keys")
    parent = head(out)
    assert parent is not None
    for folder in ("commits", "log"):
        shutil.rmtree(out / folder)
    (out / "clearance.json").unlink()
    with Lock(out) as lock:
        manifest = {p: hash_file(out / p) for p in parent.manifest}
        publish(lock, Draft("clear", None, manifest, parent.payload), stranger)
    report = verify(out, key=keys_of(original).verifier, extra=(recompute,))
    assert not report.holds
    assert "signature" in {p.step for p in report.problems}


def test_two_swapped_decisions_signed_with_the_keys_are_found(out: Path, original: Desk) -> None:
    swap(out)
    sign_again(out, keys_of(original))
    report = check(out)
    assert report.problems
    assert {p.step for p in report.problems} == {"recomputed"}
    assert any("is not what its vector was decided" in p.problem and p.row is not None for p in report.problems)


def milder(table: pa.Table) -> pa.Table:
    """The vectors table with the first dropped vector kept."""
    decision = table.column("decision").to_numpy().copy()
    decision[int(np.flatnonzero(decision == Decision.DROP)[0])] = Decision.KEEP
    return with_decisions(table, decision)


def test_a_changed_decision_signed_with_the_keys_does_not_follow_from_its_facts(out: Path, original: Desk) -> None:
    """Vectors, records and counts changed to agree with each other: only the rules tell."""
    path, _, payload = newest(out)
    vectors = path.parent / "vectors.parquet"
    rewrite(vectors, milder(store.read_table(vectors)))
    moved = store.read_table(vectors).column("decision").to_numpy()
    counts: dict[str, Any] = {}
    for segment in payload["segments"]:
        file = out / segment["decisions"]
        table = store.read_table(file)
        decision = moved[table.column("vector").to_numpy()]
        rewrite(file, with_decisions(table, decision))
        by = counts.setdefault(segment["segment"].partition("-")[0], np.zeros(4, np.int64))
        by += np.bincount(decision, minlength=4)

    def agree(changed: dict[str, Any]) -> None:
        for shard, by in counts.items():
            changed["counts"]["shards"][shard] |= dict(
                zip(("kept", "redacted", "held", "dropped"), by.tolist(), strict=True)
            )
        total = changed["counts"]["total"]
        for name in ("kept", "redacted", "held", "dropped"):
            total[name] = sum(s[name] for s in changed["counts"]["shards"].values())

    sign_again(out, keys_of(original), agree)
    report = check(out)
    assert any("does not follow from its facts" in p.problem for p in report.problems), report.problems
    assert all(p.step == "recomputed" for p in report.problems)


LIES: dict[str, Callable[[dict[str, Any]], None]] = {
    "a statement of the project": lambda p: p["stated"]["project"].update(legal_basis="none"),
    "the reading": lambda p: p["readings_tried"].append({"reading": "strict", "on": p["day"], "laws": []}),
    "the house rules": lambda p: p["stated"]["policy"][0].update(drop=["EMAIL"]),
    "the day": lambda p: p.update(day="2018-06-01"),
    "records that stayed": lambda p: p.update(gone=-1) or p["counts"]["shards"]["00000"].update(kept=p["counts"]["shards"]["00000"]["kept"] - 1, redacted=p["counts"]["shards"]["00000"]["redacted"] + 1),  # noqa: E501
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_another_story_told_of_the_same_files_is_found(out: Path, original: Desk, lie: str) -> None:
    sign_again(out, keys_of(original), LIES[lie])
    report = check(out)
    assert report.problems, lie


def test_a_dropped_record_slipped_into_a_part_is_found(out: Path, original: Desk) -> None:
    _, _, payload = newest(out)
    part = out / payload["segments"][0]["part"]
    table = store.read_table(part)
    rewrite(part, pa.concat_tables([table, table.slice(0, 1)]).replace_schema_metadata(None))
    sign_again(out, keys_of(original))
    assert any("another number of records" in p.problem for p in check(out).problems)


def test_another_record_in_the_place_of_one_in_a_part_is_found(out: Path, original: Desk) -> None:
    """As many rows as before, but not the records that were kept."""
    path, decided, payload = newest(out)
    part = out / payload["segments"][0]["part"]
    table = store.read_table(part)
    gone = np.flatnonzero(decided.column("decision").to_numpy() == Decision.DROP)[:1]
    rids = store.read_table(store.work(out, "facts", payload["segments"][0]["segment"])).column("rid").combine_chunks()
    rid = pa.concat_arrays([rids.take(pa.array(gone)), table.column("rid").combine_chunks()[1:]])
    rewrite(part, table.set_column(0, "rid", rid).replace_schema_metadata(None))
    sign_again(out, keys_of(original))
    assert any("other records than were kept" in p.problem for p in check(out).problems)
    assert path.exists()


def test_decisions_swapped_between_records_are_found_even_signed_again(out: Path, original: Desk) -> None:
    path, table, _ = newest(out)
    vector = table.column("vector").to_numpy()
    other = int(np.flatnonzero(vector != vector[0])[0])
    order = np.arange(table.num_rows)
    order[[0, other]] = order[[other, 0]]
    rewrite(path, table.take(pa.array(order)))
    sign_again(out, keys_of(original))
    assert any("does not follow from the stored facts" in p.problem and p.row == 0 for p in check(out).problems)


def test_another_rulebook_is_said_not_guessed(out: Path, original: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    book = rulebook()
    other = replace(book, version=date(2020, 1, 1))
    monkeypatch.setattr("klarera.pipeline.recompute.rulebook", lambda: other)
    report = check(out)
    assert [p.problem for p in report.problems] == [
        "the installed rulebook is not the one that decided; decisions not checked"
    ]
    assert original.out().exists()
