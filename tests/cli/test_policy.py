"""The commands under a house policy: lists and thresholds of klarera.toml, answers to what the house holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from klarera.evidence.commits import head

from .test_commands import Done, klarera

MAIL = "kaja.lind@mail.example"
TEXTS = ["Walked along the river.", f"Write to {MAIL}.", "Ask press@house.example.", "The Sparrow flies.", "Nice."]
PROJECT = """
[project]
name = "posts"
[[source]]
name = "agora"
visibility = "public"
[policy]
"""


@pytest.fixture(autouse=True)
def _edge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLARERA_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("KLARERA_TODAY", "2026-11-22")


def run(folder: Path, policy: str, *more: object) -> Done:
    """Clear five posts under a policy."""
    (folder / "klarera.toml").write_text(PROJECT + policy, "utf-8")
    rows = [
        {"id": f"p{i}", "author": f"a{i}", "source": "agora", "visibility": "public", "language": "en", "text": text}
        for i, text in enumerate(TEXTS)
    ]
    posts = folder / "posts.jsonl"
    posts.write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
    return klarera(
        "clear", posts, "-o", folder / "out", "--project", folder / "klarera.toml", "--quiet", "--json", *more
    )


def put_lists(folder: Path, deny: str) -> None:
    (folder / "deny.csv").write_text("action,identifier_kind,identifier\n" + deny, "utf-8")
    (folder / "allow.csv").write_text("identifier_kind,identifier\nemail,press@house.example\n", "utf-8")


def held(out: Path) -> int:
    commit = head(out)
    assert commit is not None
    counts: Any = commit.payload["counts"]
    return int(counts["total"]["held"])


def test_what_the_house_holds_is_listed_answered_and_explained(tmp_path: Path) -> None:
    assert run(tmp_path, 'hold = ["EMAIL"]\n').code == 0
    out = tmp_path / "out"
    (group,) = klarera("review", out, "--json").json
    assert (group["reasons"], group["settled_by"], group["records"]) == (["house-email"], ["house_refuses"], 2)
    assert "settled by: house_refuses" in klarera("review", out).out
    wrong = klarera("review", out, "--group", group["group"], "--answer", "house=no", "--by", "R")
    assert (wrong.code, "house_refuses=no" in wrong.message) == (2, True)
    nobody = klarera("review", out, "--group", group["group"], "--answer", "house_refuses=no")
    assert (nobody.code, held(out)) == (2, 2)
    rid = klarera("explain", out, "p1", "--json").json[0]["rid"]
    one = klarera(
        "review", out, "--record", rid, "--answer", "house_refuses=yes", "--by", "R. Reader", "--why", "private"
    )
    assert one.code == 0, one.message
    assert held(out) == 1
    told = klarera("explain", out, "p1").out
    assert told.startswith("DROPPED")
    assert "house-email: a measure of the house: hold EMAIL" in told
    assert "answered by R. Reader on 2026-11-22: house_refuses=yes for house-email (private)" in told
    back = klarera("review", out, "--record", rid, "--answer", "house_refuses=no", "--by", "S. Second")
    assert back.code == 0, "an answer can be taken back; the later stands"
    answers = klarera("explain", out, "p1", "--json").json[0]["answers"]
    assert [(a["by"], a["value"]) for a in answers] == [("R. Reader", True), ("S. Second", False)]
    (group,) = klarera("review", out, "--json").json
    assert klarera("review", out, "--group", group["group"], "--answer", "house_refuses=no", "--by", "R").code == 0
    assert (held(out), klarera("verify", out).code) == (0, 0)
    free = klarera("explain", out, "p0", "--json").json[0]["rid"]
    none = klarera("review", out, "--record", free, "--answer", "house_refuses=no", "--by", "R")
    assert (none.code, "no measure of the house holds this record" in none.message) == (2, True)


def test_lists_and_thresholds_are_read_beside_the_project_file(tmp_path: Path) -> None:
    put_lists(tmp_path, f"drop,email,{MAIL}\nhold,word,sparrow\n")
    made = run(tmp_path, 'drop = [{ kind = "EMAIL", count = 1 }]\ndeny = "deny.csv"\nallow = "allow.csv"\n')
    reasons = {(e["decision"], e["code"]): e["records"] for e in made.json["reasons"] if "house" in e["code"]}
    assert reasons == {("dropped", "house-email"): 1, ("dropped", "house-listed"): 1, ("held", "house-listed"): 1}
    assert MAIL not in made.out
    assert "sparrow" not in made.out.lower()
    assert klarera("verify", tmp_path / "out").code == 0
    told = klarera("explain", tmp_path / "out", "p1")
    assert "house-listed: the deny list of the house (drop) names what stands here, or its author" in told.out
    assert MAIL not in told.out
    put_lists(tmp_path, f"drop,email,{MAIL}\nhold,word,nightingale\n")
    later = klarera("decide", tmp_path / "out")
    assert (later.code, "nightingale" in later.message) == (2, False)
    assert "names 1 words that were not looked for" in later.message
    (tmp_path / "deny.csv").unlink()
    gone = klarera("decide", tmp_path / "out")
    assert (gone.code, gone.message.startswith("deny.csv: no such list")) == (3, True)


@pytest.mark.parametrize(
    ("policy", "deny", "code", "message"),
    [
        ('drop = ["EMIAL"]\n', "", 2, "klarera.toml: [policy] drop lists a kind that does not exist"),
        ("source.agroa.drop = []\n", "", 2, "klarera.toml: [policy.source.agroa] names no [[source]] (try: agora)"),
        ('deny = "deny.csv"\n', f"burn,email,{MAIL}\n", 3, "deny.csv:2: column action is missing or unknown"),
        ('deny = "deny.csv"\n', "drop,email,zzyzxmark\n", 3, "deny list: 1 of 1 identifiers of kind email cannot be"),
        ('deny = "deny.csv"\nallow = "allow.csv"\n', "drop,email,press@house.example\n", 3, "allow.csv:2: names what"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(tmp_path: Path, policy: str, deny: str, code: int, message: str) -> None:
    put_lists(tmp_path, deny)
    done = run(tmp_path, policy)
    assert (done.code, done.message.startswith(message)) == (code, True), done.message
    assert not [word for word in (MAIL, "zzyzxmark", "press@house.example") if word in done.message]


def lines() -> bytes:
    return b"".join(
        json.dumps({"id": f"p{i}", "author": f"a{i}", "source": "agora", "language": "en", "text": t}).encode() + b"\n"
        for i, t in enumerate(TEXTS)
    )


def test_retention_is_told_and_enforced_by_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "klarera.toml").write_text(PROJECT + 'hold = ["EMAIL"]\nheld_days = 10\n', "utf-8")
    out = tmp_path / "out"
    told = klarera("clear", "-", "-o", out, "--project", tmp_path / "klarera.toml", "--quiet", stdin=lines())
    assert "2 held texts wait until 2026-12-02 (10 days)" in told.out
    assert "A copy of standard input stays until 2026-12-02" in told.out
    early = klarera("apply", out, "--expire")
    assert early.out.startswith("0 held texts were past their retention")
    assert [klarera(*words).out.count("past their retention") for words in (("review", out), ("verify", out))] == [0, 0]
    assert klarera("verify", out, "--json").json["overdue"] is None
    monkeypatch.setenv("KLARERA_TODAY", "2026-12-02")
    late = "2 held texts and the copy of standard input past their retention since 2026-12-02"
    for words in (("review", out), ("verify", out), ("doctor", out)):
        done = klarera(*words)
        assert (done.code, f"{late} (try: klarera apply {out} --expire)" in done.out) == (0, True), words
    assert klarera("verify", out, "--json").json["overdue"] == late
    assert klarera("doctor", out, "--json").json["clearances"][str(out)]["overdue"].startswith(late)
    done = klarera("apply", out, "--expire")
    assert done.code == 0, done.message
    assert done.out.splitlines()[0] == "2 held texts were past their retention and are removed; their records stay held"
    assert "The copy of standard input is removed" in done.out
    assert not list((out / "work" / "input").glob("*"))
    assert (held(out), klarera("verify", out).code) == (2, 0)
    assert "past their retention" not in klarera("review", out).out
    (group,) = klarera("review", out, "--json").json
    none = klarera("review", out, "--group", group["group"], "--sample", "2")
    assert none.code == 3
    assert none.message.startswith("stdin.jsonl: no text of this group can be shown: the input stdin.jsonl is gone")
    again = klarera("apply", out, "--expire", "--json").json
    assert (again["texts_removed"], again["spool_removed"], again["retention"]["expired"]) == (0, False, 2)


def test_a_group_of_a_sidecar_run_is_shown_from_the_input(tmp_path: Path) -> None:
    assert run(tmp_path, 'hold = ["EMAIL"]\n', "--write", "sidecar").code == 0
    out = tmp_path / "out"
    (group,) = klarera("review", out, "--json").json
    shown = klarera("review", out, "--group", group["group"], "--sample", "5")
    assert sorted(line.partition("  ")[2] for line in shown.out.splitlines()) == ["Ask [EMAIL].", "Write to [EMAIL]."]
    (tmp_path / "posts.jsonl").write_bytes(b"{}\n")
    found = klarera("review", out, "--group", group["group"], "--sample", "1", "--json")
    assert found.code == 3
    changed = "the input posts.jsonl has changed since it was screened"
    assert found.message == f"posts.jsonl: no text of this group can be shown: {changed}"
    assert [(s["text"], s["problem"]) for s in found.json] == [(None, changed)]


def test_a_release_refuses_while_it_has_to_and_takes_no_held_record(tmp_path: Path) -> None:
    assert run(tmp_path, 'hold = ["EMAIL"]\n').code == 0
    refused = klarera("release", tmp_path / "out", "-o", tmp_path / "dist")
    assert (refused.code, (tmp_path / "dist").exists()) == (5, False)
