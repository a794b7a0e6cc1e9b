"""House policy end to end: held by the house and answered, thresholds, deny and allow lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from klarera.cli.asking import Opened, open_clearance
from klarera.errors import InputError, UsageError
from klarera.evidence.commits import head
from klarera.evidence.verify import verify
from klarera.model import Decision, Kind, Measure
from klarera.pipeline import judged, review
from klarera.pipeline.clear import Job, Outcome, apply_decisions, decide_again
from klarera.pipeline.explain import explain, locate
from klarera.pipeline.house import FACT
from klarera.pipeline.recompute import recompute
from klarera.project import Policy
from klarera.register.lists import Entry, HouseLists

from .conftest import Desk, posts, texts, write_lines

MAIL = "kaja.lind@mail.example"
HELD = Policy(hold={"": frozenset({Kind.EMAIL, Kind.HANDLE})})


def lists(*entries: tuple[str, ...]) -> HouseLists:
    """Entries (action, kind, identifier, source) as if read from files."""
    made = tuple(Entry(*(*e, "")[:4]) for e in entries)
    return HouseLists(made, {("allow" if e.action == "allow" else "deny"): b"\x01" * 32 for e in made})


def under(desk: Desk, policy: Policy = Policy(), *entries: tuple[str, ...], reading: str = "supported") -> Job:  # noqa: B008
    job = desk.job(reading, project=replace(desk.project, policy=policy))
    return replace(job, lists=lists(*entries) if entries else None)


def rows() -> list[dict[str, Any]]:
    made = posts(24)
    made[2]["text"] = f"Mail {MAIL} or press@house.example about Project  sparrow, says @mira_k."
    made[4]["text"] = "Write to press@house.example only."
    made[6]["text"] = "We love the PROJECT SPARROW."
    return made


@pytest.fixture
def file(desk: Desk) -> Path:
    return write_lines(desk.folder / "posts.jsonl", rows())


def total(outcome: Outcome) -> dict[str, int]:
    counts: Any = outcome.commit.payload["counts"]
    return dict(counts["total"])


def reasons(outcome: Outcome) -> dict[str, int]:
    listed: Any = outcome.commit.payload["reasons"]
    return {f"{e['decision']} {e['code']}": e["records"] for e in listed if e["code"].startswith("house")}


def decisions(out: Path) -> dict[str, int]:
    """Decision of each record by rid."""
    commit = head(out)
    assert commit is not None
    segments: Any = commit.payload["segments"]
    found: dict[str, int] = {}
    for s in segments:
        rids = pq.read_table(out / "work" / "facts" / f"{s['segment']}.parquet")["rid"].to_pylist()
        decided = pq.read_table(out / s["decisions"])["decision"].to_pylist()
        found |= {rid.hex(): decision for rid, decision in zip(rids, decided, strict=True)}
    return found


def opened(desk: Desk, job: Job, name: str = "out") -> Opened:
    return open_clearance(desk.out(name), job)


def group_of(desk: Desk, job: Job, reason: str) -> review.Group:
    now = opened(desk, job)
    (group,) = [g for g in review.groups(desk.out(), now.case, now.stored) if g.reasons == reason]
    return group


def answer(desk: Desk, job: Job, group: review.Group, value: bool) -> Outcome:
    rids = review.rids_of(desk.out(), opened(desk, job).stored, group)
    judged.answer(
        desk.out(), fact=FACT, value=value, by="R. Reader", on="2026-11-25", why="looked at them", rids=rids,
        scope=f"group {group.id}", measures=group.measures,
    )  # fmt: skip
    return apply_decisions(desk.out(), job, kind="judge")


def holds(out: Path) -> bool:
    return verify(out, extra=(recompute,)).problems == ()


def test_a_group_the_house_holds_is_released_to_what_the_rulebook_says(desk: Desk, file: Path) -> None:
    plain = desk.clear([file], "plain")
    job = under(desk, HELD)
    before = desk.clear([file], job=job)
    assert total(before)["held"] == 4
    group = group_of(desk, job, "house-email")
    assert group.settles == (FACT,)
    assert group.measures == ("house-email",)
    after = answer(desk, job, group, value=False)
    assert total(after)["held"] == total(before)["held"] - len(group.rows)
    assert holds(desk.out())
    for other in ("house-handle", "house-email house-handle"):
        answer(desk, job, group_of(desk, job, other), value=False)
    after = apply_decisions(desk.out(), job)
    assert total(after)["held"] == 0
    assert decisions(desk.out()) == decisions(desk.out("plain"))
    assert sorted(texts(desk.out())) == sorted(texts(desk.out("plain")))
    assert total(after) == total(plain)
    assert holds(desk.out())
    said: Any = after.commit.payload["judged"]
    first = said[0]
    assert (first["by"], first["on"], first["why"]) == ("R. Reader", "2026-11-25", "looked at them")
    assert first["measures"] == ["house-email"]


def test_refused_they_are_dropped_and_the_proof_names_who_said_so(desk: Desk, file: Path) -> None:
    job = under(desk, HELD)
    desk.clear([file], job=job)
    after = answer(desk, job, group_of(desk, job, "house-email"), value=True)
    assert reasons(after)["dropped house-email"] == 2
    assert holds(desk.out())
    now = opened(desk, job)
    names = dict(enumerate(now.case.names))
    (located,) = locate(desk.out(), now.run, now.settings.keys, now.stored, names, "p4")
    told = explain(located, now.case, judged.about(judged.said(desk.out()), bytes.fromhex(located.rid), b"", "agora"))
    assert told.decision == "dropped"
    lines = "\n".join(told.lines())
    assert "house-email: a measure of the house: hold EMAIL" in lines
    assert "answered by R. Reader on 2026-11-25: house_refuses=yes for house-email (looked at them)" in lines


def test_an_answer_never_outweighs_the_rulebook(desk: Desk) -> None:
    made = posts(8)
    made[1] |= {"author": "two_ages", "text": f"I'm 34, mail {MAIL}."}
    made[2] |= {"author": "two_ages", "text": "I'm 13"}
    job = under(desk, Policy(hold={"": frozenset({Kind.EMAIL})}))
    desk.clear([write_lines(desk.folder / "posts.jsonl", made)], job=job)
    now = opened(desk, job)
    group = next(
        g for g in review.groups(desk.out(), now.case, now.stored) if g.measures and len(g.reasons.split()) > 1
    )
    assert group.settles[-1] == FACT
    assert "author_minor" in group.settles
    after = answer(desk, job, group, value=False)
    assert total(after)["held"] == 3, "the account that is 34 and 13 still waits, and another the house holds"
    assert holds(desk.out())


def test_a_measure_that_came_after_the_answer_holds_again(desk: Desk, file: Path) -> None:
    job = under(desk, Policy(hold={"": frozenset({Kind.EMAIL})}))
    desk.clear([file], job=job)
    assert "held house-email" not in reasons(answer(desk, job, group_of(desk, job, "house-email"), value=False))
    made = decide_again(desk.out(), under(desk, HELD))
    assert reasons(made) == {"held house-handle": 2}
    assert holds(desk.out())


@pytest.mark.parametrize(
    ("policy", "entries", "wanted"),
    [
        (Policy(least={"": (Measure(Decision.DROP, Kind.EMAIL, count=2),)}), (), {"dropped house-email": 1}),
        (Policy(least={"agora": (Measure(Decision.HOLD, Kind.EMAIL, count=3),)}), (), {}),
        (Policy(drop={"": frozenset({Kind.EMAIL})}), (("allow", "email", "press@house.example"),),
         {"dropped house-email": 2}),
        (Policy(), (("drop", "email", MAIL),), {"dropped house-listed": 2}),
        (Policy(), (("hold", "email", MAIL, "tresor"),), {}),
        (Policy(), (("hold", "handle", "author4"),), {"held house-listed": 2}),
        (Policy(), (("hold", "word", "project sparrow"),), {"held house-listed": 2}),
        (Policy(), (("redact", "word", "project sparrow"),), {"redacted house-listed": 2}),
    ],
    ids=["count", "count of a source", "allowed", "address", "another source", "author", "word", "word out"],
)  # fmt: skip
def test_lists_and_thresholds(
    desk: Desk, file: Path, policy: Policy, entries: tuple[tuple[str, ...], ...], wanted: Mapping[str, int]
) -> None:
    desk.clear([file], "plain")
    made = desk.clear([file], job=under(desk, policy, *entries))
    assert reasons(made) == wanted
    before, after = decisions(desk.out("plain")), decisions(desk.out())
    assert all(after[rid] >= before[rid] for rid in before), "never milder"
    assert holds(desk.out())


def test_only_what_is_listed_is_taken_out_and_what_is_allowed_stays_where_only_the_house_asks(desk: Desk) -> None:
    file = write_lines(desk.folder / "posts.jsonl", rows())
    job = under(
        desk, Policy(redact={"": frozenset({Kind.HANDLE})}),
        ("redact", "word", "Project Sparrow"), ("allow", "handle", "@mira_k"), ("allow", "email", MAIL),
    )  # fmt: skip
    desk.clear([file], job=job)
    text = next(t for t in texts(desk.out()) if t.startswith("Mail"))
    assert text == "Mail [EMAIL] or [EMAIL] about [LISTED], says [HANDLE].", "the rulebook takes names out all the same"
    assert "We love the [LISTED]." in texts(desk.out())
    assert holds(desk.out())


def test_lists_change_by_decide_and_no_text_is_opened(desk: Desk, file: Path) -> None:
    desk.clear([file], job=under(desk))
    hidden = file.rename(file.with_suffix(".moved"))
    decide_again(desk.out(), under(desk, Policy(), ("drop", "email", MAIL)))
    hidden.rename(file)
    apply_decisions(desk.out(), under(desk, Policy(), ("drop", "email", MAIL)))
    desk.clear([file], "fresh", under(desk, Policy(), ("drop", "email", MAIL)))
    assert decisions(desk.out()) == decisions(desk.out("fresh"))
    assert texts(desk.out()) == texts(desk.out("fresh"))
    assert holds(desk.out())
    apply_decisions(desk.out(), under(desk))
    assert not list((desk.out() / "work" / "policy").glob("*")), "a list that is given up leaves no key behind"
    assert holds(desk.out())


def test_a_word_nobody_looked_for_is_refused_not_passed_over(desk: Desk, file: Path) -> None:
    desk.clear([file], job=under(desk, Policy(), ("hold", "word", "sparrow")))
    with pytest.raises(UsageError, match="1 words that were not looked for") as raised:
        decide_again(desk.out(), under(desk, Policy(), ("hold", "word", "sparrow"), ("hold", "word", "nightingale")))
    assert "nightingale" not in str(raised.value)
    assert holds(desk.out())


def test_what_no_text_could_hold_and_what_both_lists_name_is_refused(desk: Desk, file: Path) -> None:
    with pytest.raises(InputError, match="deny list: 1 of 1 identifiers of kind email") as raised:
        desk.clear([file], "a", under(desk, Policy(), ("drop", "email", "no address")))
    assert "no address" not in str(raised.value)
    with pytest.raises(UsageError, match="1 identifiers stand in the deny list and in the allow list"):
        desk.clear([file], "b", under(desk, Policy(), ("drop", "email", MAIL), ("allow", "email", MAIL.upper())))
    for name in ("a", "b"):
        assert not (desk.out(name) / "work" / "facts").exists(), "refused before hours of screening"
        desk.clear([file], name, under(desk, Policy(), ("drop", "email", MAIL)))


def test_no_identifier_of_a_list_leaves_work(desk: Desk, file: Path) -> None:
    from klarera.papers.report import render

    job = under(
        desk, Policy(), ("drop", "email", MAIL), ("hold", "word", "project sparrow"), ("hold", "handle", "author4"),
        ("allow", "email", "press@house.example"),
    )  # fmt: skip
    made = desk.clear([file], job=replace(job, report=render))
    secrets = [MAIL, "sparrow", "author4", "press@house"]
    for path in desk.out().rglob("*"):
        if path.is_file() and "work" not in path.relative_to(desk.out()).parts:
            data = path.read_bytes().lower()
            assert not [s for s in secrets if s.encode() in data], path.name
    page = (desk.out() / "report.html").read_text("utf-8")
    assert "<code>policy.deny</code>" in page
    assert "drop 1, hold 2" in page
    assert "held texts wait for a person until 2027-02-20 (90 days)" in page
    told: Any = made.commit.payload["lists"]
    assert told["deny"]["entries"] == {"drop": 1, "hold": 2}
    assert told["allow"]["entries"] == {"allow": 1}


def test_measures_that_were_not_those_of_the_commit_are_found(desk: Desk, file: Path) -> None:
    made = desk.clear([file], job=under(desk, Policy(least={"": (Measure(Decision.HOLD, Kind.EMAIL, count=2),)})))
    payload: Any = made.commit.payload
    assert list(recompute(desk.out(), payload)) == []
    payload["stated"]["policy"][0]["least"][0]["count"] = 1
    (problem,) = recompute(desk.out(), payload)
    assert problem.problem == "does not follow from the stored facts"


def test_an_answer_about_the_house_names_its_measures_and_no_other_does(desk: Desk, file: Path) -> None:
    desk.clear([file], job=under(desk, HELD))
    given: Any = {
        "value": True,
        "by": "R",
        "on": "2026-11-25",
        "why": "",
        "scope": "record",
        "rids": np.ones((1, 16), np.uint8),
    }
    with pytest.raises(UsageError, match="names the measures of the house"):
        judged.answer(desk.out(), fact=FACT, **given)
    with pytest.raises(UsageError, match="no other does"):
        judged.answer(desk.out(), fact="art9_other", measures=("house-email",), **given)
    assert judged.summary(desk.out()) == []
