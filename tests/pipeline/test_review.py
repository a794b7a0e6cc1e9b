"""The held queue: groups, samples, answers of a named person that leave a trace."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from klarera.cli.app import app
from klarera.cli.asking import Opened, open_clearance
from klarera.errors import UsageError
from klarera.evidence.commits import head
from klarera.evidence.verify import verify
from klarera.model import Kind
from klarera.pipeline import judged, review
from klarera.pipeline.clear import apply_decisions, decide_again
from klarera.pipeline.explain import explain, locate
from klarera.pipeline.recompute import recompute
from klarera.pipeline.samples import samples
from klarera.project import Judged, Policy

from .conftest import STATED, Desk, posts, texts, write_lines


def conflicted(count: int = 50) -> list[dict[str, Any]]:
    """Posts of one account that is 34 in one post and 13 in another, and as many of others."""
    rows = posts(2 * count)
    for row in rows[:count]:
        row["author"], row["text"] = "two_ages", f"Nice weather again, {row['id']} says."
    rows[4]["text"], rows[9]["text"] = "I'm 34 and tired.", "I'm 13"
    return rows


@pytest.fixture
def held(desk: Desk) -> Opened:
    desk.clear([write_lines(desk.folder / "posts.jsonl", conflicted())])
    return open_clearance(desk.out(), desk.job())


def counts(out: Path) -> dict[str, int]:
    commit = head(out)
    assert commit is not None
    listed: Any = commit.payload["counts"]
    return dict(listed["total"])


def test_a_group_of_fifty_is_answered_in_one_line_and_leaves(
    desk: Desk, held: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    (group,) = review.groups(desk.out(), held.case, held.stored)
    assert (len(group.rows), group.source, group.language) == (50, "agora", "en")
    assert group.settles[0] == "author_minor"
    before = texts(desk.out())
    monkeypatch.setenv("KLARERA_KEYS", str(desk.folder / "keys"))
    monkeypatch.setenv("KLARERA_TODAY", "2026-11-25")
    kept_before = counts(desk.out())
    rids = review.rids_of(desk.out(), held.stored, group)
    judged.answer(
        desk.out(),
        fact="author_minor",
        value=False,
        by="R. Reader",
        on="2026-11-25",
        why="profile says 1992",
        scope=f"group {group.id}",
        rids=rids,
    )
    outcome = apply_decisions(desk.out(), desk.job(), kind="judge")
    after = counts(desk.out())
    assert (after["held"], after["kept"]) == (0, kept_before["kept"] + 50)
    assert len(texts(desk.out())) == len(before) + 50
    assert not list((desk.out() / "work" / "held").rglob("*.parquet"))
    assert outcome.commit.kind == "judge"
    answers: Any = outcome.commit.payload["judged"]
    (answer,) = answers
    assert (answer["by"], answer["on"], answer["rids"], answer["fact"]) == (
        "R. Reader",
        "2026-11-25",
        50,
        "author_minor",
    )
    assert verify(desk.out(), extra=(recompute,)).problems == ()
    opened = open_clearance(desk.out(), desk.job())
    assert review.groups(desk.out(), opened.case, opened.stored) == []
    names = dict(enumerate(opened.case.names))
    told = explain(locate(desk.out(), opened.run, opened.settings.keys, opened.stored, names, "p3")[0], opened.case)
    assert told.decision == "kept"


def test_the_answer_yes_drops_them(desk: Desk, held: Opened) -> None:
    (group,) = review.groups(desk.out(), held.case, held.stored)
    before = counts(desk.out())
    rids = review.rids_of(desk.out(), held.stored, group)
    judged.answer(
        desk.out(), fact="author_minor", value=True, by="R", on="2026-11-25", why="", scope="group", rids=rids
    )
    apply_decisions(desk.out(), desk.job(), kind="judge")
    assert counts(desk.out())["dropped"] == before["dropped"] + 50
    assert verify(desk.out(), extra=(recompute,)).problems == ()


def test_an_answer_for_one_record_moves_that_record_only(desk: Desk, held: Opened) -> None:
    (group,) = review.groups(desk.out(), held.case, held.stored)
    rids = review.rids_of(desk.out(), held.stored, group)[:1]
    judged.answer(
        desk.out(), fact="author_minor", value=False, by="R", on="2026-11-25", why="", scope="record", rids=rids
    )
    outcome = apply_decisions(desk.out(), desk.job(), kind="judge")
    assert counts(desk.out())["held"] == 49
    assert outcome.reread == 0
    judged.answer(
        desk.out(), fact="author_minor", value=True, by="R", on="2026-11-26", why="", scope="record", rids=rids
    )
    apply_decisions(desk.out(), desk.job(), kind="judge")
    assert counts(desk.out())["held"] == 49
    assert verify(desk.out(), extra=(recompute,)).problems == ()


def test_answers_outlive_another_reading_and_day(desk: Desk, held: Opened) -> None:
    (group,) = review.groups(desk.out(), held.case, held.stored)
    rids = review.rids_of(desk.out(), held.stored, group)
    judged.answer(
        desk.out(), fact="author_minor", value=False, by="R", on="2026-11-25", why="", scope="group", rids=rids
    )
    decide_again(desk.out(), desk.job("industry", on=date(2026, 12, 1)))
    assert counts(desk.out())["held"] == 0


def test_an_answer_about_a_source_that_is_not_here_concerns_no_record(desk: Desk, held: Opened) -> None:
    before = counts(desk.out())
    given: dict[str, Any] = {
        "fact": "author_minor",
        "value": True,
        "by": "R",
        "on": "2026-11-25",
        "why": "",
        "scope": "source",
    }
    judged.answer(desk.out(), source="elsewhere", **given)
    decide_again(desk.out(), desk.job())
    assert counts(desk.out()) == before
    judged.answer(desk.out(), source="agora", **given)
    decide_again(desk.out(), desk.job())
    assert counts(desk.out())["dropped"] == 100


@pytest.mark.parametrize(
    "wrong",
    [{"by": ""}, {"on": ""}, {"rids": None}, {"source": "agora"}],
    ids=["nobody", "no day", "about nothing", "about two things"],
)
def test_an_answer_needs_a_name_a_day_and_one_scope(desk: Desk, held: Opened, wrong: dict[str, Any]) -> None:
    (group,) = review.groups(desk.out(), held.case, held.stored)
    given: dict[str, Any] = {
        "fact": "author_minor",
        "value": False,
        "by": "R",
        "on": "2026-11-25",
        "why": "",
        "scope": "g",
        "rids": review.rids_of(desk.out(), held.stored, group),
    }
    with pytest.raises(UsageError):
        judged.answer(desk.out(), **{**given, **wrong})
    assert judged.summary(desk.out()) == []


def test_a_sample_is_spread_and_the_same_for_everyone(desk: Desk, held: Opened) -> None:
    (group,) = review.groups(desk.out(), held.case, held.stored)
    rows = review.sample(group, 5)
    assert rows == review.sample(group, 5) == group.rows[::10]
    assert len(review.sample(group, 1000)) == 50
    shown = samples(desk.out(), held.run, held.settings, held.stored, rows)
    assert all("Nice weather" in one.text or "I'm" in one.text for one in shown)
    assert all(len(one.rid) == 32 and not one.problem for one in shown)


def test_held_texts_have_their_certain_redactions_made(desk: Desk) -> None:
    rows = conflicted(20)
    rows[2]["text"] = "Write to kaja.lind@mail.example or see https://www.facebook.com/kaja.lind, I'm 34."
    policy = Policy(redact={"": frozenset({Kind.ADULT})}, hold={"": frozenset({Kind.EMAIL})})
    file = write_lines(desk.folder / "posts.jsonl", rows)
    desk.clear([file], job=desk.job(project=replace(desk.project, policy=policy)))
    desk.clear([file], "raw", desk.job(project=replace(desk.project, policy=policy)), held_raw=True)

    def texts_held(name: str) -> list[str]:
        paths = (desk.out(name) / "work" / "held").rglob("*.parquet")
        return [t for p in paths for t in pq.read_table(p).column("text").to_pylist() if t.startswith("Write")]

    (text,) = texts_held("out")
    assert "kaja.lind" not in text
    assert "[EMAIL]" in text
    assert "[ADULT]" in text, "what a house rule takes out is out of held records too"
    assert texts_held("raw") == [rows[2]["text"]]


def test_the_command_answers_a_group(desk: Desk, held: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLARERA_KEYS", str(desk.folder / "keys"))
    monkeypatch.setenv("KLARERA_TODAY", "2026-11-25")
    project = desk.folder / "klarera.toml"
    project.write_text(toml())
    run = CliRunner().invoke
    out, told = str(desk.out()), ["--project", str(project)]
    listed = json.loads(run(app, ["review", out, "--json", *told]).stdout)
    (group,) = listed
    assert group["records"] == 50
    shown = run(app, ["review", out, "--group", group["group"], "--sample", "3", "--json", *told])
    assert len(json.loads(shown.stdout)) == 3
    done = run(
        app,
        [
            "review",
            out,
            "--group",
            group["group"],
            "--answer",
            "author_minor=no",
            "--by",
            "R. Reader, officer",
            "--why",
            "profile says 1992",
            *told,
        ],
    )
    assert done.exit_code == 0, done.output
    assert "R. Reader, officer answered author_minor=no for 50 records" in done.stdout
    commit = head(desk.out())
    assert commit is not None
    answers: Any = commit.payload["judged"]
    assert [(a["by"], a["on"], a["why"]) for a in answers] == [
        ("R. Reader, officer", "2026-11-25", "profile says 1992")
    ]
    assert counts(desk.out())["held"] == 0
    assert verify(desk.out(), extra=(recompute,)).problems == ()


def toml() -> str:
    """The stated project as a file."""

    def line(key: str, value: Any) -> str:
        plain = (
            str(value).lower()
            if isinstance(value, bool)
            else value.isoformat()
            if isinstance(value, date)
            else (value if isinstance(value, int) else json.dumps(value))
        )
        return f"{key} = {plain}\n"

    text = "[project]\n" + "".join(line(k, v) for k, v in STATED["project"].items())
    for source in STATED["source"]:
        text += "[[source]]\n" + "".join(line(k, v) for k, v in source.items())
    return text


def test_a_judgement_of_the_project_file_stands_in_the_commit_with_its_name(desk: Desk) -> None:
    said = Judged("attribution_ruled_out", True, "L. Lawyer", date(2026, 10, 1), "both limbs were tested")
    file = write_lines(desk.folder / "posts.jsonl", posts(5))
    outcome = desk.clear([file], job=desk.job(project=replace(desk.project, judged=(said,))))
    answers: Any = outcome.commit.payload["judged"]
    (entry,) = answers
    assert (entry["by"], entry["on"], entry["why"]) == ("L. Lawyer", "2026-10-01", "both limbs were tested")
    assert entry["scope"] == "project"
