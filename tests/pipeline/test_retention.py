"""Retention: held texts and the copy of standard input have a day; past it they are removed, the decision is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from klarera.cli.asking import open_clearance
from klarera.errors import EvidenceError, RefusedError
from klarera.evidence.commits import head
from klarera.evidence.files import make_folder
from klarera.evidence.verify import verify
from klarera.model import Kind
from klarera.pipeline import judged, review
from klarera.pipeline.clear import Job, Outcome, apply_decisions
from klarera.pipeline.recompute import recompute
from klarera.pipeline.release import release
from klarera.pipeline.retention import Expired, expire, overdue
from klarera.pipeline.run import Run, keys_for
from klarera.pipeline.samples import samples
from klarera.project import Policy

from .conftest import Desk, posts, texts, write_lines
from .test_house import answer, decisions

MARK = "heldtextmark"
DUE = date(2027, 2, 20)
"""90 days after the day of the run."""


def rows() -> list[dict[str, Any]]:
    made = posts(20)
    made[3]["text"] = made[7]["text"] = "Nothing of anybody here."
    for i in (2, 8, 15):
        made[i]["text"] = f"The {MARK} {i}, ask kaja.lind@mail.example."
    made[5]["text"] = f"The {MARK} 5, call DE89 3704 0044 0532 0130 00."
    return made


def job(desk: Desk, *hold: Kind, today: date | None = None, days: int = 90) -> Job:
    policy = Policy(hold={"": frozenset(hold or {Kind.EMAIL})}, held_days=days)
    return replace(desk.job(project=replace(desk.project, policy=policy)), today=today)


def past(desk: Desk, today: date, days: int = 90) -> Expired:
    run = Run.load(desk.out())
    return expire(desk.out(), run, keys_for(run.dataset, desk.folder / "keys", desk.out()), days=days, today=today)


def payload(desk: Desk) -> dict[str, Any]:
    commit = head(desk.out())
    assert commit is not None
    return dict(commit.payload)


def held_texts(desk: Desk) -> list[str | None]:
    tables = sorted((desk.out() / "work" / "held").rglob("*.parquet"))
    return [t for p in tables for t in pq.read_table(p)["text"].to_pylist()]


def holds(desk: Desk) -> bool:
    return verify(desk.out(), extra=(recompute,)).problems == ()


def total(outcome: Outcome | Expired) -> dict[str, int]:
    counts: Any = outcome.commit.payload["counts"]
    return dict(counts["total"])


@pytest.fixture
def file(desk: Desk) -> Path:
    return write_lines(desk.folder / "posts.jsonl", rows())


def test_the_commit_names_the_day_held_texts_are_due(desk: Desk, file: Path) -> None:
    made = desk.clear([file], job=job(desk))
    said: Any = made.commit.payload["retention"]
    assert said == {"days": 90, "held": [{"due": DUE.isoformat(), "texts": 3}], "expired": 0, "spool": None}
    assert not overdue(made.commit.payload, date(2027, 2, 19))
    late = overdue(made.commit.payload, DUE)
    assert (late.texts, late.since, late.spool) == (3, DUE, False)
    assert str(late) == "3 held texts past their retention since 2027-02-20"


def test_each_text_waits_from_the_day_its_record_began_to(desk: Desk, file: Path) -> None:
    desk.clear([file], job=job(desk))
    later = date(2026, 12, 22)
    made = apply_decisions(desk.out(), job(desk, Kind.EMAIL, Kind.IBAN, today=later))
    said: Any = made.commit.payload["retention"]
    assert [(e["due"], e["texts"]) for e in said["held"]] == [("2027-02-20", 3), ("2027-03-22", 1)]
    assert past(desk, DUE).texts == 3
    assert [t for t in held_texts(desk) if t is not None] == [f"The {MARK} 5, call [IBAN]."]
    assert holds(desk)


def test_before_the_day_nothing_changes_and_on_it_the_texts_go_by_one_commit(desk: Desk, file: Path) -> None:
    before = desk.clear([file], job=job(desk))
    assert past(desk, date(2027, 2, 19)).commit.number == 0
    old = list((desk.out() / "work" / "held").rglob("*.parquet"))
    done = past(desk, DUE)
    assert (done.texts, done.commit.kind, done.commit.number) == (3, "erase", 1)
    assert total(done) == total(before), "held stays held: the counts add up as before"
    assert held_texts(desk) == [None] * 3
    assert not [p for p in old if p.exists()]
    assert not [p for p in desk.out().rglob("*") if p.is_file() and MARK.encode() in p.read_bytes()]
    assert payload(desk)["removed"] == {"on": "2027-02-20", "texts": 3, "spool": False}
    assert payload(desk)["retention"]["expired"] == 3
    assert not overdue(payload(desk), date(2030, 1, 1))
    assert holds(desk)
    assert past(desk, date(2030, 1, 1)).commit.number == 1, "once is enough"


def test_a_text_that_was_removed_and_is_back_is_found(desk: Desk, file: Path) -> None:
    desk.clear([file], job=job(desk))
    (old,) = (desk.out() / "work" / "held").rglob("*.parquet")
    data = old.read_bytes()
    past(desk, DUE)
    old.parent.mkdir(exist_ok=True)
    old.write_bytes(data)
    (problem,) = verify(desk.out()).problems
    assert problem.problem == "was erased by a later commit and is still here"
    past(desk, DUE)
    assert holds(desk), "the next call removes what an earlier one left"


def test_an_expired_record_is_still_reviewed_from_the_input_and_released(desk: Desk, file: Path) -> None:
    desk.clear([file], "plain")
    desk.clear([file], job=job(desk))
    past(desk, DUE)
    now = open_clearance(desk.out(), job(desk))
    (group,) = review.groups(desk.out(), now.case, now.stored)
    shown = samples(desk.out(), now.run, now.settings, now.stored, review.sample(group, 9))
    assert sorted(s.text for s in shown) == [f"The {MARK} {i}, ask [EMAIL]." for i in (15, 2, 8)]
    made = answer(desk, job(desk), group, value=False)
    assert (made.reread, made.gone, total(made)["held"]) == (3, 0, 0)
    assert sorted(texts(desk.out())) == sorted(texts(desk.out("plain")))
    assert holds(desk)


def test_what_still_waits_stays_without_its_text_through_other_changes(desk: Desk, file: Path) -> None:
    desk.clear([file], job=job(desk))
    past(desk, DUE)
    made = apply_decisions(desk.out(), job(desk, Kind.EMAIL, Kind.IBAN, Kind.HANDLE, today=DUE))
    assert total(made)["held"] > 3
    assert held_texts(desk).count(None) == 3
    said: Any = made.commit.payload["retention"]
    assert said["expired"] == 3
    assert holds(desk)
    stricter = replace(job(desk), project=replace(desk.project, policy=Policy(drop={"": frozenset({Kind.EMAIL})})))
    apply_decisions(desk.out(), stricter)
    assert None not in held_texts(desk)
    assert holds(desk)


def test_raw_held_texts_expire_like_the_others(desk: Desk, file: Path) -> None:
    desk.clear([file], job=job(desk), held_raw=True)
    past(desk, DUE)
    apply_decisions(desk.out(), job(desk, Kind.EMAIL, Kind.IBAN, today=DUE))
    assert held_texts(desk).count(None) == 3
    assert holds(desk)


def test_if_the_input_is_gone_too_the_stricter_decision_stays_and_is_counted(desk: Desk, file: Path) -> None:
    desk.clear([file], job=job(desk))
    past(desk, DUE)
    file.unlink()
    now = open_clearance(desk.out(), job(desk))
    (group,) = review.groups(desk.out(), now.case, now.stored)
    made = answer(desk, job(desk), group, value=False)
    assert (made.gone, total(made)["held"]) == (3, 3)
    assert holds(desk)


def test_the_copy_of_standard_input_goes_when_it_is_due(desk: Desk) -> None:
    folder = desk.out() / "work" / "input"
    make_folder(folder, mode=0o700)
    spool = write_lines(folder / "stdin.jsonl", rows())
    made = desk.clear([spool], job=job(desk, days=30))
    said: Any = made.commit.payload["retention"]
    assert said["spool"] == "2026-12-22"
    late = overdue(made.commit.payload, date(2026, 12, 22))
    assert (late.spool, late.texts, str(late)) == (
        True, 3, "3 held texts and the copy of standard input past their retention since 2026-12-22",
    )  # fmt: skip
    done = past(desk, date(2026, 12, 22), days=30)
    assert (done.spool, done.texts, spool.exists()) == (True, 3, False)
    assert payload(desk)["retention"]["spool"] is None
    assert not [p for p in desk.out().rglob("*") if p.is_file() and MARK.encode() in p.read_bytes()]
    assert holds(desk)
    now = open_clearance(desk.out(), job(desk))
    (group,) = review.groups(desk.out(), now.case, now.stored)
    (shown, *_) = samples(desk.out(), now.run, now.settings, now.stored, review.sample(group, 9))
    assert shown.problem == "the input stdin.jsonl is gone"
    assert apply_decisions(desk.out(), job(desk, Kind.IBAN)).gone == 3, "milder needs the text: it stays, counted"
    assert holds(desk)


def test_a_sidecar_keeps_no_text_and_has_nothing_due(desk: Desk, file: Path) -> None:
    made = desk.clear([file], job=job(desk), sidecar=True)
    said: Any = made.commit.payload["retention"]
    assert said["held"] == []
    assert past(desk, date(2030, 1, 1)).commit.number == 0


def test_carried_columns_go_with_the_text(desk: Desk) -> None:
    from klarera.read import Options

    made = rows()
    for row in made:
        row["note"] = f"carried {MARK}"
        row["score"] = 3
    file = write_lines(desk.folder / "posts.jsonl", made)
    desk.clear([file], job=job(desk), options=Options(carry=("note", "score")))
    past(desk, DUE)
    (table,) = [pq.read_table(p) for p in (desk.out() / "work" / "held").rglob("*.parquet")]
    assert table["note"].to_pylist() == [None] * 3
    assert table["score"].to_pylist() == [None] * 3
    assert None not in table["rid"].to_pylist()
    assert holds(desk)


def test_decisions_do_not_move_by_the_lapse_of_time(desk: Desk, file: Path) -> None:
    desk.clear([file], job=job(desk))
    before = decisions(desk.out())
    past(desk, DUE)
    assert decisions(desk.out()) == before
    apply_decisions(desk.out(), job(desk, today=DUE))
    assert decisions(desk.out()) == before


def test_a_release_refuses_what_is_open_and_never_takes_a_held_record(desk: Desk, file: Path) -> None:
    desk.clear([file], job=job(desk))
    target = desk.folder / "dist"
    with pytest.raises(RefusedError, match="blocking conditions are open"):
        release(desk.out(), target, lambda _: "card")
    past(desk, DUE)
    with pytest.raises(RefusedError, match="blocking conditions are open"):
        release(desk.out(), target, lambda _: "card")
    assert not target.exists()
    for condition in payload(desk)["conditions"]:
        if condition["open"] and condition["blocking"]:
            judged.accept(desk.out(), condition=condition["id"], by="R", on="2027-02-21", why="test")
    apply_decisions(desk.out(), job(desk, today=DUE), kind="judge")
    release(desk.out(), target, lambda _: "card")
    published = [t for p in (target / "data").iterdir() for t in pq.read_table(p)["text"].to_pylist()]
    counted: Any = payload(desk)["counts"]
    assert len(published) == counted["total"]["kept"] + counted["total"]["redacted"]
    assert [t for t in published if MARK in t] == [f"The {MARK} 5, call [IBAN]."]


def test_a_broken_held_table_is_evidence_not_a_loss(desk: Desk, file: Path) -> None:
    desk.clear([file], job=job(desk))
    (table,) = (desk.out() / "work" / "held").rglob("*.parquet")
    table.write_bytes(b"no table")
    with pytest.raises(EvidenceError):
        past(desk, DUE)
    commit = head(desk.out())
    assert commit is not None
    assert commit.number == 0
