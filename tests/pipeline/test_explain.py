"""Why was this record decided so: grounds, facts that defeat them, and proofs that replay from their leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from klarera.cli.asking import Opened, open_clearance
from klarera.errors import UsageError
from klarera.law import Proof, prove, prune, replay
from klarera.law.proof import leaves
from klarera.model import Decision
from klarera.pipeline.clear import apply_decisions
from klarera.pipeline.explain import Explanation, Located, explain, explain_all, locate, locate_author
from klarera.project import parse
from klarera.read import Options
from klarera.rulebook import rulebook

from .conftest import STATED, Desk, posts, write_lines


@dataclass
class World:
    """One clearance of two files, the first of which was cut into many shards."""

    desk: Desk
    opened: Opened
    rows: list[dict[str, Any]]

    def explain(self, given: str) -> Explanation:
        opened = self.opened
        names = dict(enumerate(opened.case.names))
        (found,) = locate(self.desk.out(), opened.run, opened.settings.keys, opened.stored, names, given)
        return explain(found, opened.case)


def invented() -> list[dict[str, Any]]:
    rows = posts(60)
    rows[30] |= {"author": "two", "text": "I'm 34 and I run every morning."}
    rows[31] |= {"author": "two", "text": "I'm 13"}
    rows[32] |= {"author": "child", "text": "I'm 13"}
    rows[33] |= {"visibility": None}
    return rows


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("explain")
    desk = Desk(folder, parse(STATED, {f.name: f for f in rulebook().facts}))
    rows = invented()
    broken: list[Any] = [*rows[:5], "", "{broken", *rows[5:]]
    files = [
        write_lines(folder / "a.jsonl", broken),
        write_lines(folder / "b.jsonl", [{**r, "id": f"b{i}"} for i, r in enumerate(posts(3))]),
    ]
    desk.clear(files, options=Options(shard_bytes=2_000))
    return World(desk, open_clearance(desk.out(), desk.job()), rows)


def test_the_first_file_is_many_shards(world: World) -> None:
    assert len([s for s in world.opened.run.shards if s.path.endswith("a.jsonl")]) > 3


def conclusions(told: Explanation) -> dict[str, bool | None]:
    return {ground.code: proof.value for ground, proof in told.proofs}


def test_a_kept_record_shows_each_ground_to_drop_with_the_fact_that_defeats_it(world: World) -> None:
    told = world.explain("p0")
    assert (told.decision, told.reasons) == ("kept", ())
    drops = {g.code for g in world.opened.case.grounds if g.action is Decision.DROP}
    assert set(conclusions(told)) == drops
    for ground, proof in told.proofs:
        assert proof.value is not True, ground.code
        if proof.value is False and list(leaves(proof)):
            assert any(leaf.value is not None for leaf in leaves(proof)), ground.code
    defeated = {leaf.fact for _, proof in told.proofs if proof.value is False for leaf in leaves(proof)}
    assert {"author_objected", "art9_other", "author_minor"} <= defeated


@pytest.mark.parametrize(
    ("record", "decision", "code", "fact"),
    [
        ("p3", "redacted", "redact-contact", "has_contact"),
        ("p7", "redacted", "redact-financial", "has_financial"),
        ("p5", "dropped", "art9-other", "art9_other"),
        ("p19", "dropped", "art10", "art10_author"),
        ("p32", "dropped", "minor-author", "author_minor"),
        ("p30", "held", "minor-author", "author_minor"),
        ("p31", "held", "minor-author", "author_minor"),
    ],
)
def test_what_was_changed_or_left_out_shows_the_rule_and_its_facts(
    world: World, record: str, decision: str, code: str, fact: str
) -> None:
    told = world.explain(record)
    assert told.decision == decision
    assert code in told.reasons
    (proof,) = [p for g, p in told.proofs if g.code == code]
    assert proof.value is (None if decision == "held" else True)
    assert fact in {leaf.fact for leaf in leaves(proof)}
    text = "\n".join(told.lines())
    assert code in text
    assert fact in json.dumps(told.to_dict())
    assert "I'm 13" not in text + json.dumps(told.to_dict())


def every_proof(world: World) -> Iterator[Proof]:
    for record in ("p0", "p3", "p5", "p7", "p13", "p17", "p19", "p30", "p32"):
        yield from (proof for _, proof in world.explain(record).proofs)


def test_every_proof_replays_from_its_leaves_alone_and_lacks_none(world: World) -> None:
    known = 0
    for proof in every_proof(world):
        assert replay(proof) is proof.value
        if proof.value is None:
            continue
        for number in range(len(list(leaves(proof)))):
            known += 1
            assert replay(proof, without={number}) is None, (proof, number)
    assert known > 50


def test_a_pruned_proof_says_what_the_whole_one_does(world: World) -> None:
    opened = world.opened
    names = dict(enumerate(opened.case.names))
    (found,) = locate(world.desk.out(), opened.run, opened.settings.keys, opened.stored, names, "p5")
    from klarera.decide import facts_of

    given = {**opened.case.project, **opened.case.sources[0], **facts_of(found.vector)}
    for ground in opened.case.grounds:
        whole = prove(opened.case.book, ground.conclusion, given, opened.case.law, opened.case.readings[0])
        assert prune(whole).value is whole.value is replay(prune(whole))


def test_the_explained_decision_is_the_stored_one_for_every_record(world: World) -> None:
    """Also where one record lacks what others of its source have: it is judged as one of them."""
    stored: dict[str, int] = {"kept": 0, "redacted": 0, "held": 0, "dropped": 0}
    for row in world.rows:
        stored[world.explain(row["id"]).decision] += 1
    for line in range(1, 4):
        stored[world.explain(f"b.jsonl:{line}").decision] += 1
    total: Any = world.opened.commit.payload["counts"]
    assert stored == {k: total["total"][k] for k in stored}


def test_a_record_is_found_by_id_by_rid_and_by_line_across_shards(world: World) -> None:
    for i, row in enumerate(world.rows):
        line = i + 1 + (2 if i >= 5 else 0)
        by_line = world.explain(f"a.jsonl:{line}")
        assert by_line.rid == world.explain(row["id"]).rid == world.explain(by_line.rid).rid, row["id"]
    assert len({world.explain(row["id"]).rid for row in world.rows}) == len(world.rows)


@pytest.mark.parametrize("line", [6, 7, 0, 63, 10_000])
def test_a_line_without_a_record_is_told(world: World, line: int) -> None:
    with pytest.raises(UsageError, match="no record at that line"):
        world.explain(f"a.jsonl:{line}")


@pytest.mark.parametrize("given", ["nobody", "f" * 32, "other.jsonl:3", "", "p0:1"])
def test_what_is_not_there_is_told_without_repeating_it(world: World, given: str) -> None:
    with pytest.raises(UsageError, match="no such record in this clearance") as refused:
        world.explain(given)
    assert not given or given not in str(refused.value)


def test_an_id_that_looks_like_a_rid_or_a_line_is_found(desk: Desk) -> None:
    rows = posts(3)
    rows[0]["id"], rows[1]["id"] = "ab" * 16, "urn:post:17"
    desk.clear([write_lines(desk.folder / "posts.jsonl", rows)])
    opened = open_clearance(desk.out(), desk.job())
    names = dict(enumerate(opened.case.names))
    found = [
        locate(desk.out(), opened.run, opened.settings.keys, opened.stored, names, g)
        for g in ("ab" * 16, "urn:post:17")
    ]
    assert [[one.row for one in some] for some in found] == [[0], [1]]


def test_all_records_of_an_author_in_every_form_of_the_name(world: World) -> None:
    opened = world.opened

    def found(handle: str) -> list[str]:
        names = dict(enumerate(opened.case.names))
        listed = locate_author(world.desk.out(), opened.run, opened.settings.keys, opened.stored, names, handle)
        return [explain(one, opened.case).decision for one in listed]

    assert found("two") == found("@Two ") == ["held", "held"]
    assert found("child") == ["dropped"]
    with pytest.raises(UsageError, match="no record of such an author") as refused:
        found("nobody")
    assert "nobody" not in str(refused.value)


def test_under_another_reading_the_same_record_is_explained_anew(world: World) -> None:
    opened = world.opened
    names = dict(enumerate(opened.case.names))
    (found,) = locate(world.desk.out(), opened.run, opened.settings.keys, opened.stored, names, "p11")
    strict = explain(found, replace(opened.case, choice="strict"))
    assert (explain(found, opened.case).decision, strict.decision) == ("redacted", "dropped")
    assert Path(opened.run.shards[0].path).name == "a.jsonl"


def test_a_url_names_every_record_that_has_it_and_no_other(desk: Desk) -> None:
    rows = posts(6)
    rows[1]["url"] = rows[4]["url"] = "https://agora.example/t/9"
    rows[2]["url"] = " https://agora.example/t/10 "
    desk.clear([write_lines(desk.folder / "posts.jsonl", rows)])
    opened = open_clearance(desk.out(), desk.job())

    def found(given: str) -> list[tuple[str, int]]:
        return [(one.file, one.line) for one in located(desk, opened, given)]

    assert found("https://agora.example/t/9") == [("posts.jsonl", 2), ("posts.jsonl", 5)]
    assert found("https://agora.example/t/10") == [("posts.jsonl", 3)]
    for nobody in ("https://agora.example/t/", "https://agora.example:80", " "):
        with pytest.raises(UsageError, match="no such record"):
            found(nobody)
    raw = b"".join(p.read_bytes() for p in (desk.out() / "work").rglob("*.parquet"))
    assert b"agora.example/t" not in raw, "only its key is kept"


def located(desk: Desk, opened: Opened, given: str) -> list[Located]:
    names = dict(enumerate(opened.case.names))
    return locate(desk.out(), opened.run, opened.settings.keys, opened.stored, names, given)


def test_an_id_that_stands_twice_gives_both_records_each_with_its_own_decision(desk: Desk) -> None:
    rows = posts(20)
    rows[3]["id"] = "p0"
    rows[9]["source"] = "forum"
    rows[9]["id"] = "p0"
    desk.clear([write_lines(desk.folder / "posts.jsonl", rows)])
    opened = open_clearance(desk.out(), desk.job())
    found = located(desk, opened, "p0")
    told = explain_all(found, opened.case)
    assert [(t.source, t.line, t.decision) for t in told[:2]] == [("agora", 1, "kept"), ("agora", 4, "redacted")]
    assert (told[2].source, told[2].line) == ("forum", 10)
    assert told[0].rid == told[1].rid != told[2].rid
    assert [one.line for one in located(desk, opened, told[0].rid)] == [1, 4]
    assert [t.to_dict() for t in told] == [explain(one, opened.case).to_dict() for one in found]


def test_inputs_of_one_name_are_told_apart_by_their_folders(desk: Desk) -> None:
    for folder, rows in (("first", posts(3)), ("second", [{**r, "id": f"q{i}"} for i, r in enumerate(posts(8))])):
        (desk.folder / folder).mkdir()
        write_lines(desk.folder / folder / "posts.jsonl", rows)
    desk.clear([desk.folder / "first" / "posts.jsonl", desk.folder / "second" / "posts.jsonl"])
    opened = open_clearance(desk.out(), desk.job())

    def found(given: str) -> list[tuple[str, int]]:
        return [(one.file, one.line) for one in located(desk, opened, given)]

    assert found("posts.jsonl:2") == [("first/posts.jsonl", 2), ("second/posts.jsonl", 2)]
    assert found("second/posts.jsonl:2") == found("q1") == [("second/posts.jsonl", 2)]
    assert found("posts.jsonl:8") == found(f"{desk.folder}/second/posts.jsonl:8") == [("second/posts.jsonl", 8)]
    with pytest.raises(UsageError, match="no record at that line"):
        found("first/posts.jsonl:8")


def test_every_name_works_when_the_input_is_gone(desk: Desk) -> None:
    rows = posts(20)
    rows[5]["url"] = "https://agora.example/gone"
    path = write_lines(desk.folder / "posts.jsonl", rows)
    desk.clear([path])
    path.unlink()
    opened = open_clearance(desk.out(), desk.job())
    (first,) = located(desk, opened, "p5")
    for given in (first.rid, "posts.jsonl:6", "https://agora.example/gone"):
        assert [one.rid for one in located(desk, opened, given)] == [first.rid]
    assert explain(first, opened.case).decision == "dropped"


def test_a_record_that_stayed_at_the_stricter_decision_is_told_so(desk: Desk) -> None:
    path = write_lines(desk.folder / "posts.jsonl", posts(20))
    desk.clear([path], job=desk.job("strict"))
    path.unlink()
    outcome = apply_decisions(desk.out(), desk.job("supported"))
    assert outcome.gone > 0
    opened = open_clearance(desk.out(), desk.job("supported"))
    (found,) = located(desk, opened, "p0")
    told = explain(found, opened.case)
    assert (told.decision, told.stands) == ("kept", "dropped")
    assert next(told.lines()).startswith("stays dropped: its input was gone")


def test_a_clearance_of_the_first_version_has_no_urls_and_is_still_explained(desk: Desk) -> None:
    desk.clear([write_lines(desk.folder / "posts.jsonl", posts(3))])
    (facts,) = (desk.out() / "work" / "facts").glob("*.parquet")
    pq.write_table(pq.read_table(facts).drop_columns(["url"]), facts)
    opened = open_clearance(desk.out(), desk.job())
    assert [one.row for one in located(desk, opened, "p1")] == [1]
