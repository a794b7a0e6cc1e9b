"""clear, decide and apply, end to end on invented posts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from klarera.act.splice import splice
from klarera.engines.local import local
from klarera.errors import RetryLater, UsageError
from klarera.evidence.lock import Lock
from klarera.evidence.verify import verify
from klarera.model import Decision
from klarera.pipeline import clear as clear_module
from klarera.pipeline.clear import apply_decisions, decide_again
from klarera.pipeline.recompute import recompute
from klarera.pipeline.state import stored_of
from klarera.register.snapshot import Snapshot

from .conftest import Desk, cleared_bytes, posts, texts, write_lines

Lines = Callable[[str, Any], Path]


def reasons(outcome: clear_module.Outcome) -> dict[str, int]:
    listed: Any = outcome.commit.payload["reasons"]
    return {r["code"]: r["records"] for r in listed}


def total(outcome: clear_module.Outcome) -> dict[str, int]:
    counts: Any = outcome.commit.payload["counts"]
    return dict(counts["total"])


def test_every_unit_is_counted_and_the_clearance_verifies(desk: Desk, lines: Lines) -> None:
    outcome = desk.clear([lines("posts.jsonl", [*posts(), "{broken", "", '"no object"'])])
    units = total(outcome)
    assert units["units"] == 62
    assert units["units"] == sum(units[n] for n in ("kept", "redacted", "held", "dropped", "unreadable"))
    assert units["unreadable"] == 2
    report = verify(desk.out(), extra=(recompute,))
    assert report.problems == ()


def test_each_thing_the_law_cares_about_meets_its_ground(desk: Desk, lines: Lines) -> None:
    outcome = desk.clear([lines("posts.jsonl", posts())])
    found = reasons(outcome)
    for code in ("redact-contact", "redact-financial", "redact-handle", "art9-other", "art10", "minor-other"):
        assert code in found, code
    kept = "\n".join(texts(desk.out()))
    assert "kaja.lind" not in kept
    assert "[EMAIL]" in kept
    assert "sclerosis" not in kept


def test_bare_run_gives_conditions_and_holds_nothing(desk: Desk, lines: Lines) -> None:
    rows = [{"text": f"Just a walk in the park, number {i}."} for i in range(40)]
    outcome = desk.clear([lines("posts.jsonl", rows)], job=desk.job(project=desk.without_statements()))
    assert total(outcome)["kept"] == 40
    assert outcome.commit.payload["status"] == "screened"
    listed: Any = outcome.commit.payload["conditions"]
    assert sum(c["open"] and c["blocking"] for c in listed) > 5


@pytest.mark.parametrize("statement", ["I'm 13", "I do not consent to my posts being used to train AI."])
def test_what_one_record_says_of_its_author_moves_all_of_them(desk: Desk, lines: Lines, statement: str) -> None:
    rows = posts(200)
    for row in rows[::2]:
        row["author"], row["text"] = "one_account", "Nice weather again."
    rows[100]["text"] = statement
    thirds = [rows[:70], rows[70:130], rows[130:]]
    files = [lines(f"{name}.jsonl", part) for name, part in zip("abc", thirds, strict=True)]
    first = desk.clear(files, "one")
    assert total(first)["dropped"] >= 100
    assert "Nice weather again." not in texts(desk.out("one"))
    orders = [files[::-1], [files[1], files[2], files[0]], [files[2], files[0], files[1]]]
    for workers, order in zip((2, 8, 8), orders, strict=True):
        name = f"{workers} workers, {order[0].stem} first"
        assert total(desk.clear(order, name, desk.job(workers=workers)))["dropped"] == total(first)["dropped"]
        assert sorted(texts(desk.out("one"))) == sorted(texts(desk.out(name)))


def test_four_hundred_posts_and_one_age(desk: Desk, lines: Lines) -> None:
    rows = posts(600)
    for row in rows[::3] + rows[1::3]:
        row["author"], row["text"] = "one_account", "Nice weather again."
    assert sum(row["author"] == "one_account" for row in rows) == 400
    rows[300]["text"] = "I'm 13"
    files = [lines(f"{name}.jsonl", rows[at : at + 200]) for name, at in zip("abc", (0, 200, 400), strict=True)]
    desk.clear(files, "one")
    desk.clear(files, "eight", desk.job(workers=8))
    assert cleared_bytes(desk.out("one")) == cleared_bytes(desk.out("eight"))
    assert "Nice weather again." not in texts(desk.out("eight"))


def test_workers_change_no_byte(desk: Desk, lines: Lines) -> None:
    files = [lines(f"{i}.jsonl", posts(50)) for i in range(3)]
    desk.clear(files, "one")
    desk.clear(files, "two", desk.job(workers=2))
    assert cleared_bytes(desk.out("one")) == cleared_bytes(desk.out("two"))


def test_decide_opens_no_text_and_apply_equals_a_fresh_clear(
    desk: Desk, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [lines(f"{i}.jsonl", posts(50)) for i in range(2)]
    for name in ("strict", "industry", "supported"):
        desk.clear(files, f"fresh-{name}", desk.job(name))
    desk.clear(files, "moving", desk.job("supported"))

    def refuse(*_: Any) -> Any:
        raise AssertionError("a text was opened")

    for reading in ("strict", "industry", "supported"):
        with monkeypatch.context() as patch:
            patch.setattr("klarera.pipeline.texts.read", refuse)
            patch.setattr("klarera.pipeline.screen.read", refuse)
            decide_again(desk.out("moving"), desk.job(reading))
        applied = apply_decisions(desk.out("moving"), desk.job(reading))
        assert cleared_bytes(desk.out("moving")) == cleared_bytes(desk.out(f"fresh-{reading}")), reading
        if reading == "strict":
            assert applied.reread == 0
        assert verify(desk.out("moving"), extra=(recompute,)).problems == ()


def test_apply_reads_again_only_what_became_milder(desk: Desk, lines: Lines) -> None:
    files = [lines("posts.jsonl", posts(60))]
    desk.clear(files, "out", desk.job("supported"))
    before = len(texts(desk.out()))
    decide_again(desk.out(), desk.job("industry"))
    applied = apply_decisions(desk.out(), desk.job("industry"))
    assert 0 < applied.reread <= 10
    assert len(texts(desk.out())) >= before


def test_inputs_are_found_again_from_another_folder(
    desk: Desk, lines: Lines, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = lines("posts.jsonl", posts(60))
    monkeypatch.chdir(file.parent)
    desk.clear([Path("posts.jsonl")])
    monkeypatch.chdir("/")
    applied = apply_decisions(desk.out(), desk.job("industry"))
    assert applied.gone == 0
    assert applied.reread > 0


def test_input_that_is_gone_is_an_error_with_its_name_and_changes_nothing(desk: Desk, lines: Lines) -> None:
    file = lines("posts.jsonl", posts(60))
    desk.clear([file])
    before = cleared_bytes(desk.out())
    file.unlink()
    decide_again(desk.out(), desk.job("industry"))
    outcome = apply_decisions(desk.out(), desk.job("industry"))
    assert outcome.gone > 0
    assert cleared_bytes(desk.out()) == before


def test_strict_keeps_nothing_that_supported_drops(desk: Desk, lines: Lines) -> None:
    file = lines("posts.jsonl", posts(60))
    supported, strict = desk.clear([file], "a"), desk.clear([file], "b", desk.job("strict"))

    def kept(name: str, outcome: clear_module.Outcome) -> set[bytes]:
        segment = stored_of(outcome.commit)[0]
        table = pq.read_table(desk.out(name) / segment.decisions)
        facts = pq.read_table(desk.out(name) / "work" / "facts" / f"{segment.segment}.parquet")
        rows = zip(facts.column("rid").to_pylist(), table.column("decision").to_pylist(), strict=True)
        return {rid for rid, decision in rows if decision <= Decision.REDACT}

    assert kept("b", strict) <= kept("a", supported)


def test_the_law_of_another_day_and_a_proposal_decide_differently(desk: Desk, lines: Lines) -> None:
    desk.clear([lines("posts.jsonl", posts(60))])
    early = decide_again(desk.out(), desk.job(on=date(2018, 6, 1)))
    proposed = decide_again(desk.out(), desk.job(laws=["p837-com"]))
    now = decide_again(desk.out(), desk.job())
    assert early.commit.payload["reading"] != now.commit.payload["reading"]
    assert proposed.commit.payload["laws"] == ["p837-com"]
    tried: Any = now.commit.payload["readings_tried"]
    assert [t["on"] for t in tried] == ["2026-11-22", "2018-06-01", "2026-11-22", "2026-11-22"]


def test_sidecar_and_splice_give_what_text_gives(desk: Desk, lines: Lines) -> None:
    file = lines("posts.jsonl", posts(60))
    desk.clear([file], "text")
    desk.clear([file], "side", sidecar=True)
    part = next((desk.out("side") / "cleared").glob("*.parquet"))
    sidecar = pq.read_table(part).combine_chunks().to_batches()[0]
    assert "text" not in sidecar.schema.names
    import pyarrow as pa

    batch = pa.RecordBatch.from_pydict({"text": [row["text"] for row in posts(60)]})
    assert sorted(splice(batch, sidecar).column("text").to_pylist()) == sorted(texts(desk.out("text")))


def test_a_killed_run_goes_on_and_gives_the_same_bytes(desk: Desk, lines: Lines) -> None:
    files = [lines(f"{i}.jsonl", posts(40)) for i in range(3)]
    desk.clear(files, "whole")
    done: list[Any] = []

    class Stops:
        """An engine that dies after two shards."""

        def __call__(self, function: Any, tasks: Any) -> Any:
            for task in tasks:
                if len(done) == 2:
                    raise KeyboardInterrupt
                done.append(task)
                yield function(task)

    from dataclasses import replace

    with pytest.raises(KeyboardInterrupt):
        desk.clear(files, "killed", replace(desk.job(), engine=Stops()))
    screened: list[Any] = []
    plain = local(1)

    def counting(function: Any, tasks: Any) -> Any:
        listed = list(tasks)
        screened.append(len(listed))
        return plain(function, listed)

    desk.clear(files, "killed", replace(desk.job(), engine=counting))
    assert screened[0] == 1
    assert cleared_bytes(desk.out("killed")) == cleared_bytes(desk.out("whole"))


def test_a_second_writer_and_a_second_clearance_are_refused(desk: Desk, lines: Lines) -> None:
    file = lines("posts.jsonl", posts(20))
    with Lock(desk.out()), pytest.raises(RetryLater):
        desk.clear([file])
    desk.clear([file])
    with pytest.raises(UsageError, match="holds a clearance already"):
        desk.clear([file])


@pytest.mark.parametrize("name", ["minor", "objection", "special", "criminal", "email", "handle", "iban", "person"])
def test_an_unplugged_detector_shows_as_not_looked_for_and_leaves_a_condition(
    desk: Desk, lines: Lines, name: str
) -> None:
    file = lines("posts.jsonl", posts(60))
    whole, without = desk.clear([file], "whole"), desk.clear([file], "without", without=[name])
    missed: Any = without.commit.payload["not_looked_for"]
    before: Any = whole.commit.payload["not_looked_for"]
    new = {k for k, v in missed.items() if sum(v.values()) == 60} - {
        k for k, v in before.items() if sum(v.values()) == 60
    }
    assert new
    if total(without)["kept"] + total(without)["redacted"] > total(whole)["kept"] + total(whole)["redacted"]:
        listed: Any = without.commit.payload["conditions"]
        assert any(c["open"] and c["id"].endswith("looked-for") for c in listed)


def test_a_register_moves_authors_and_third_persons(desk: Desk, lines: Lines) -> None:
    entries = (
        ("objection", "handle", "@Author3", ""),
        ("erasure", "handle", "author4", "agora"),
        ("objection", "email", "kaja.lind@mail.example", ""),
        ("objection", "handle", "@mira_k", ""),
    )
    register = Snapshot(entries, "0" * 64)
    outcome = desk.clear([lines("posts.jsonl", posts(60))], job=desk.job(register=register))
    found = reasons(outcome)
    assert found["objection"] == 6
    assert found["erased"] == 6
    assert found["objection-third"] >= 1


def test_house_rules_are_only_stricter(desk: Desk, lines: Lines) -> None:
    from dataclasses import replace

    from klarera.model import Kind
    from klarera.project import Policy

    file = lines("posts.jsonl", posts(60))
    plain = desk.clear([file], "plain")
    policy = Policy(drop={"": frozenset({Kind.EMAIL})}, hold={"agora": frozenset({Kind.IBAN})}, pseudonyms=True)
    strict = desk.clear([file], "house", desk.job(project=replace(desk.project, policy=policy)))
    assert total(strict)["dropped"] == total(plain)["dropped"] + 1
    assert total(strict)["held"] == total(plain)["held"] + 1
    assert {"house-email", "house-iban"} <= reasons(strict).keys()
    assert any("[HANDLE " in t for t in texts(desk.out("house")))


def test_no_identifier_leaves_work(desk: Desk, lines: Lines) -> None:
    rows = posts(60)
    for row in rows:
        row["url"] = f"https://social.example/@{row['author']}/{row['id']}x"
    desk.clear([lines("posts.jsonl", rows)])
    secrets = {f"author{i}".encode() for i in range(10)} | {b"kaja.lind", b"mira_k", b"social.example", b"DE89"}
    for path in desk.out().rglob("*"):
        if path.is_file() and "work" not in path.relative_to(desk.out()).parts:
            data = path.read_bytes()
            assert not [s for s in secrets if s in data], path.name
    for path in (desk.out() / "cleared").glob("*.parquet"):
        text = "\n".join(pq.read_table(path).column("text").to_pylist())
        assert not [s for s in secrets if s.decode() in text]


def test_records_without_an_id_are_told_apart_by_what_their_file_holds(desk: Desk, tmp_path: Path) -> None:
    """Same bytes, same rid, in any folder, under any name, in any order; another file of that name, other rids."""
    from klarera.store import keys_of, read_table, work

    def file(folder: str, name: str, walk: int) -> Path:
        (tmp_path / folder).mkdir(exist_ok=True)
        rows = [{k: v for k, v in p.items() if k != "id"} | {"text": f"Walk {walk}, part {i}."}
                for i, p in enumerate(posts(8))]  # fmt: skip
        return write_lines(tmp_path / folder / name, rows)

    def rids(name: str, *files: Path, workers: int = 1) -> list[set[bytes]]:
        desk.clear(files, name, desk.job(workers=workers))
        tables = [read_table(work(desk.out(name), "facts", f"{i:05d}-00")) for i in range(len(files))]
        return [{r.tobytes() for r in keys_of(t.column("rid"))} for t in tables]

    a, b = file("one", "posts.jsonl", 1), file("two", "posts.jsonl", 2)
    first, second = rids("both", a, b)
    assert len(first) == len(second) == 8
    assert not first & second
    assert rids("moved", file("three", "p.jsonl", 2), file("four", "p.jsonl", 1), workers=2) == [second, first]
    decide_again(desk.out("both"), desk.job("strict"))
    apply_decisions(desk.out("both"), desk.job("strict"))
    apply_decisions(desk.out("both"), desk.job("supported"))
    assert verify(desk.out("both"), extra=(recompute,)).problems == ()
