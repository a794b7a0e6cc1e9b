"""The register reaches the people it names: by name, address, number, profile and address of one record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from klarera import store
from klarera.errors import InputError
from klarera.evidence.verify import verify
from klarera.facts.rollup import AuthorFlag
from klarera.model import Decision
from klarera.pipeline import clear as clear_module
from klarera.pipeline.authors import flags_of
from klarera.pipeline.clear import apply_decisions, decide_again
from klarera.pipeline.recompute import recompute
from klarera.pipeline.state import stored_of
from klarera.register.snapshot import Snapshot

from .conftest import Desk, cleared_bytes, posts, texts

Lines = Callable[[str, Any], Path]
Entry = tuple[str, str, str, str]


def snapshot(*entries: Entry) -> Snapshot:
    return Snapshot(entries, f"{len(entries):064d}")


def codes(outcome: clear_module.Outcome) -> dict[tuple[str, str], int]:
    listed: Any = outcome.commit.payload["reasons"]
    return {(r["decision"], r["code"]): r["records"] for r in listed}


def decided(desk: Desk, outcome: clear_module.Outcome, name: str = "out") -> list[Decision]:
    """The decision of every record, in input order."""
    out = desk.out(name)
    rows = []
    for segment in sorted(stored_of(outcome.commit), key=lambda s: s.segment):
        rows += pq.read_table(out / segment.decisions).column("decision").to_pylist()
    return [Decision(d) for d in rows]


def condition(outcome: clear_module.Outcome, name: str) -> Any:
    listed: Any = outcome.commit.payload["conditions"]
    return next(c for c in listed if c["id"] == name)


def walks(count: int, **more: Any) -> list[dict[str, Any]]:
    """Posts in which nothing stands, each by an author of their own."""
    rows = posts(count)
    for i, row in enumerate(rows):
        row.update(text=f"A walk along the river, number {i}.", author=f"walker{i}", **more)
    return rows


NAME = ("objection", "name", "Anna Muster", "")
SAID = [
    ("as it is listed", "I met Anna Muster at the fair."),
    ("in capitals", "ANNA MUSTER WAS THERE"),
    ("small, over a line", "with anna\nmuster again"),
    ("disguised", "with Ａnna Mustеr again"),
    ("introduced", "Thanks to Mrs. Anna Muster for the cake."),
    ("in an address", "anna.muster@mail.example knows"),
]


@pytest.mark.parametrize("text", [s[1] for s in SAID], ids=[s[0] for s in SAID])
def test_a_name_is_a_matter_of_doubt_the_record_waits_with_the_name_taken_out(
    desk: Desk, lines: Lines, text: str
) -> None:
    rows = walks(6)
    rows[2]["text"] = text
    outcome = desk.clear([lines("posts.jsonl", rows)], job=desk.job(register=snapshot(NAME)))
    assert decided(desk, outcome) == [Decision.KEEP] * 2 + [Decision.HOLD] + [Decision.KEEP] * 3
    assert codes(outcome)["held", "objection-third"] == 1
    (held,) = (desk.out() / "work" / "held").rglob("*.parquet")
    (waiting,) = pq.read_table(held).column("text").to_pylist()
    assert "muster" not in waiting.lower()
    assert condition(outcome, "register-names")["open"] is False
    assert verify(desk.out(), extra=(recompute,)).problems == ()


def test_without_that_entry_the_same_record_stays(desk: Desk, lines: Lines) -> None:
    rows = walks(3)
    rows[2]["text"] = "I met Anna Muster at the fair."
    outcome = desk.clear([lines("posts.jsonl", rows)], job=desk.job(register=snapshot(("erasure", "handle", "x1", ""))))
    assert decided(desk, outcome) == [Decision.KEEP] * 3


@pytest.mark.parametrize(("reading", "wanted"), [("strict", Decision.HOLD), ("industry", Decision.REDACT)])
def test_readings_differ_on_namesakes(desk: Desk, lines: Lines, reading: str, wanted: Decision) -> None:
    rows = walks(3)
    rows[1]["text"] = "I met Anna Muster at the fair."
    stated = replace(desk.project.sources[0], facts={**desk.project.sources[0].facts, "ages_checked": True})
    project = replace(desk.project, sources=(stated,))
    choice = {"base": "supported", "namesakes": "asked" if reading == "strict" else "masked"}
    job = desk.job(register=snapshot(NAME), project=project)
    outcome = desk.clear([lines("posts.jsonl", rows)], job=replace(job, asked=replace(job.asked, reading=choice)))
    assert decided(desk, outcome)[1] is wanted


def test_a_named_person_says_who_is_meant(desk: Desk, lines: Lines) -> None:
    from klarera.pipeline import judged

    rows = walks(4)
    rows[1]["text"], rows[2]["text"] = "I met Anna Muster at the fair.", "Anna Muster runs the bakery."
    job = desk.job(register=snapshot(NAME))
    first = desk.clear([lines("posts.jsonl", rows)], job=job)
    facts = store.read_table(store.work(desk.out(), "facts", stored_of(first.commit)[0].segment))
    rids = store.keys_of(facts.column("rid"))
    for row, value in ((1, True), (2, False)):
        judged.answer(
            desk.out(), fact="third_meant", value=value, by="R. Reader", on="2026-11-25", why="asked", scope="record",
            rids=rids[row : row + 1],
        )  # fmt: skip
    second = apply_decisions(desk.out(), job, kind="judge")
    assert decided(desk, second) == [Decision.KEEP, Decision.DROP, Decision.REDACT, Decision.KEEP]
    assert "[PERSON] runs the bakery." in texts(desk.out())


def test_names_stand_nowhere_in_out(desk: Desk, lines: Lines) -> None:
    rows = walks(3)
    desk.clear([lines("posts.jsonl", rows)], job=desk.job(register=snapshot(NAME, ("erasure", "name", "Bo Ek", ""))))
    for path in desk.out().rglob("*"):
        if path.is_file():
            assert b"muster" not in path.read_bytes().lower(), path


def test_a_name_that_came_later_is_said_not_to_have_been_looked_for(desk: Desk, lines: Lines) -> None:
    rows = walks(6)
    rows[1]["text"] = "Thanks to Mrs. Anna Muster for the cake."  # the detector of names saw it
    rows[2]["text"] = "only anna muster, in small letters"  # nobody looked for it
    file = lines("posts.jsonl", rows)
    desk.clear([file], job=desk.job(register=snapshot(("erasure", "name", "Bo Ek", ""))))
    register = snapshot(("erasure", "name", "Bo Ek", ""), NAME)
    later = decide_again(desk.out(), desk.job(register=register))
    assert decided(desk, later)[1] is Decision.HOLD
    assert decided(desk, later)[2] is not Decision.HOLD
    told = condition(later, "register-names")
    assert (told["open"], told["blocking"], told["value"]) == (True, True, False)
    applied = apply_decisions(desk.out(), desk.job(register=register), kind="erase")
    assert condition(applied, "register-names")["open"]
    assert verify(desk.out(), extra=(recompute,)).problems == ()
    fresh = desk.clear([file], "fresh", desk.job(register=register))
    assert not condition(fresh, "register-names")["open"]
    assert decided(desk, fresh, "fresh")[2] is Decision.HOLD
    # Whoever wants every record searched holds those in which nobody looked.
    strict = decide_again(desk.out(), desk.job("strict", register=register))
    assert Decision.KEEP not in decided(desk, strict)


BY = [
    ("author is the address", "email", "kaja.lind@mail.example", {"author": "Kaja.Lind@mail.example"}),
    ("author_name is the address", "email", "kaja.lind@mail.example",
     {"author": "u77", "author_name": " kaja.lind@mail.example"}),
    ("author_name is the number", "phone", "+49 30 901820", {"author": "u77", "author_name": "+49 (30) 90 18 20"}),
    ("author is a profile", "url", "https://x.com/kaja_l", {"author": "https://twitter.com/Kaja_L"}),
    ("author_name is a profile", "url", "x.com/kaja_l", {"author": "u77", "author_name": "https://x.com/kaja_l/"}),
    ("profile on the source's domain", "url", "https://social.example/@Kaja_L", {"author": "kaja_l"}),
    ("path on the source's domain", "url", "https://www.social.example/u/Kaja_L/", {"author": "@kaja_l"}),
    ("plain path on the source's domain", "url", "social.example/kaja_l", {"author": "kaja_l"}),
    ("handle", "handle", "@Kaja_L", {"author": "kaja_l"}),
]  # fmt: skip


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("how", ["clear", "erase"])
def test_an_entry_reaches_its_author_in_every_shard(desk: Desk, lines: Lines, workers: int, how: str) -> None:
    project = at_social(desk)
    rows = walks(4 * len(BY))
    for i, (_, _, _, author) in enumerate(BY):
        who = {
            k: v.replace("aja", f"aj{i}").replace("20", f"2{i}").replace("u77", f"u77{i}") for k, v in author.items()
        }
        for at in (i, i + 2 * len(BY)):
            rows[at].pop("author")
            rows[at].update(who)
    entries = [("erasure", kind, listed.replace("aja", f"aj{i}").replace("20", f"2{i}"), "")
               for i, (_, kind, listed, _) in enumerate(BY)]  # fmt: skip
    register = snapshot(*entries)
    half = 2 * len(BY)
    files = [lines("a.jsonl", rows[:half]), lines("b.jsonl", rows[half:])]
    if how == "clear":
        outcome = desk.clear(files, job=desk.job(register=register, project=project, workers=workers))
    else:
        desk.clear(files, job=desk.job(project=project, workers=workers))
        outcome = apply_decisions(
            desk.out(), desk.job(register=register, project=project, workers=workers), kind="erase"
        )
    shape = [Decision.DROP] * len(BY) + [Decision.KEEP] * len(BY)
    missed = [BY[i % len(BY)][0] for i, d in enumerate(decided(desk, outcome)) if d is not (shape + shape)[i]]
    assert missed == []
    assert codes(outcome)["dropped", "erased"] == 2 * len(BY)


def at_social(desk: Desk) -> Any:
    source = desk.project.sources[0]
    return replace(desk.project, sources=(replace(source, about={**source.about, "domain": "social.example"}),))


def test_the_same_account_name_on_another_domain_is_somebody_else(desk: Desk, lines: Lines) -> None:
    rows = walks(4)
    rows[1]["author"] = "kaja_l"
    register = snapshot(
        ("objection", "url", "https://other.example/@kaja_l", ""),
        ("erasure", "url", "https://other.example/u/kaja_l", ""),
    )
    outcome = desk.clear([lines("a.jsonl", rows)], job=desk.job(register=register, project=at_social(desk)))
    assert decided(desk, outcome) == [Decision.KEEP] * 4


def test_what_the_author_states_as_their_own_reaches_all_their_posts(desk: Desk, lines: Lines) -> None:
    """By name it may be a namesake's: the author's records wait, the one without an author too."""
    rows = walks(12)
    for at in (2, 9):
        rows[at]["author"] = "baker"
    rows[2]["text"] = "My name is Anna Muster and I bake."
    rows[5]["text"] = "My name is Anna Muster and I bake."
    rows[5]["author"] = None
    files = [lines("a.jsonl", rows[:6]), lines("b.jsonl", rows[6:])]
    for workers in (1, 2):
        name = f"out{workers}"
        desk.clear(files, name, desk.job(workers=workers))
        outcome = apply_decisions(desk.out(name), desk.job(register=snapshot(NAME), workers=workers), kind="erase")
        held = [i for i, d in enumerate(decided(desk, outcome, name)) if d is Decision.HOLD]
        assert held == [2, 5, 9]
        assert codes(outcome)["held", "objection"] == 2
        assert codes(outcome)["held", "objection-third"] == 1


def test_a_display_name_is_unclear_and_shows_no_consent(desk: Desk, lines: Lines) -> None:
    rows = walks(6)
    for at, shown in ((1, "Kaja_L"), (2, "Anna Muster"), (3, "Vera_K")):  # Vera_K is not the vera_k who consented
        rows[at]["author_name"] = shown
    rows[4].update(author="Anna Muster")
    register = snapshot(
        ("objection", "handle", "kaja_l", ""),
        ("erasure", "name", "anna muster", ""),
        ("consent", "handle", "vera_k", ""),
    )
    outcome = desk.clear([lines("a.jsonl", rows)], job=desk.job(register=register))
    assert decided(desk, outcome) == [Decision.KEEP, *[Decision.HOLD] * 2, Decision.KEEP, Decision.HOLD, Decision.KEEP]
    assert codes(outcome)["held", "erased"] == 2
    accounts = store.keys_of(store.read_table(store.work(desk.out(), "accounts", "00000-00")).column("author"))
    flags = flags_of(desk.out(), accounts)
    consented, unclear = AuthorFlag.REGISTER_CONSENTED, AuthorFlag.REGISTER_OBJECTED_UNCLEAR
    assert not (flags & consented).any()
    assert [bool(f & unclear) for f in flags] == [False, True, False, False, False, False]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_address_of_one_record_reaches_that_record(desk: Desk, lines: Lines, workers: int) -> None:
    rows = walks(8)
    for i, row in enumerate(rows):
        row["url"] = f"https://www.social.example/@walker/{i}"
    rows[7]["url"] = None
    files = [lines("a.jsonl", rows[:4]), lines("b.jsonl", rows[4:])]
    register = snapshot(
        ("objection", "url", "http://Social.example/@walker/2/#top", ""),
        ("erasure", "url", "social.example/@walker/5", ""),
        ("reservation", "url", "https://social.example/@walker/6", ""),
    )
    desk.clear(files, job=desk.job(project=at_social(desk), workers=workers))
    job = desk.job(register=register, project=at_social(desk), workers=workers)
    outcome = apply_decisions(desk.out(), job, kind="erase")
    dropped = [i for i, d in enumerate(decided(desk, outcome)) if d is Decision.DROP]
    assert dropped[:2] == [2, 5]
    assert set(dropped) <= {2, 5, 6}
    assert codes(outcome)["dropped", "objection-third"] == 2
    desk.clear(files, "fresh", job)
    assert cleared_bytes(desk.out()) == cleared_bytes(desk.out("fresh"))


BAD_NAMES = [("no word", "--", "holds no word"), ("too long", "a b " * 10, "has more than")]


@pytest.mark.parametrize(("name", "why"), [b[1:] for b in BAD_NAMES], ids=[b[0] for b in BAD_NAMES])
def test_a_name_that_cannot_be_looked_for_is_refused_with_its_line(
    desk: Desk, lines: Lines, name: str, why: str
) -> None:
    file = lines("a.jsonl", walks(3))
    register = Snapshot((NAME, ("objection", "name", name, "")), "0" * 64, (2, 7), "register.csv")
    with pytest.raises(InputError, match=rf"register\.csv:7: the name {why}"):
        desk.clear([file], job=desk.job(register=register))
    desk.clear([file])
    with pytest.raises(InputError, match=rf"register\.csv:7: the name {why}"):
        decide_again(desk.out(), desk.job(register=register))
