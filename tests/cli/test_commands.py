"""The commands: exit codes, JSON that parses, help for everything, and messages that repeat nobody's words."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from klarera.cli import main
from klarera.cli.app import app
from klarera.cli.work import job, today
from klarera.errors import KlareraError
from klarera.evidence.commits import head
from klarera.evidence.lock import Lock
from klarera.pipeline import judged
from klarera.pipeline.clear import clear
from klarera.read import Options

MARK = "Zzyzxmark"
"""Stands in ids, names and texts; no message may repeat it."""


def row(number: int, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"{MARK}-{number}",
        "author": f"{MARK}{number % 5}",
        "source": "agora",
        "visibility": "public",
        "language": "en",
        "published_at": "2026-05-01T10:00:00Z",
        "text": text,
        **more,
    }


ROWS = [
    *[row(i, f"Walked along the river, round {i}.") for i in range(12)],
    row(12, f"Write to {MARK}.lind@mail.example please."),
    row(13, f"My sister {MARK} has multiple sclerosis."),
    row(14, "I'm 34.", author="two"),
    row(15, "I'm 13", author="two"),
]

PROJECT = """
[project]
name = "posts"
legal_basis = "legitimate-interest"
lia_done = true
[[source]]
name = "agora"
obtained = "first-party-platform"
visibility = "public"
"""


class Done:
    """What a command printed, and its exit code as `klarera` gives it."""

    def __init__(self, out: str, code: int, message: str) -> None:
        self.out, self.code, self.message = out, code, message

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def klarera(*words: object, stdin: bytes | None = None) -> Done:
    """Run a command in this process; errors of ours become exit codes as in `klarera.cli.main`."""
    result = CliRunner().invoke(app, [str(w) for w in words], input=stdin)
    error = result.exception
    if isinstance(error, KlareraError):
        return Done(result.stdout, error.exit_code, str(error))
    if error is not None and not isinstance(error, SystemExit):
        raise error
    return Done(result.stdout, result.exit_code, result.stderr)


@pytest.fixture(autouse=True)
def _edge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLARERA_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("KLARERA_TODAY", "2026-11-22")


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = tmp_path / "posts.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in ROWS), "utf-8")
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "klarera.toml"
    path.write_text(PROJECT, "utf-8")
    return path


@pytest.fixture
def out(tmp_path: Path, posts: Path, project: Path) -> Path:
    assert klarera("clear", posts, "-o", tmp_path / "out", "--project", project, "--quiet").code == 0
    return tmp_path / "out"


def kept(out: Path, column: str = "text") -> list[Any]:
    return [t for p in sorted((out / "cleared").glob("*.parquet")) for t in pq.read_table(p).column(column).to_pylist()]


def commands() -> Iterator[tuple[str, Any]]:
    group: Any = typer.main.get_command(app)
    yield from sorted(group.commands.items())


ALL = [name for name, _ in commands()]


def test_the_commands_are_those_of_the_design() -> None:
    assert {
        "init",
        "preview",
        "clear",
        "decide",
        "apply",
        "compare",
        "explain",
        "review",
        "release",
        "rules",
        "verify",
        "doctor",
    } <= set(ALL)


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=ALL)
def test_every_command_argument_and_option_has_help(name: str, command: Any) -> None:
    assert command.help, name
    shown = klarera(name, "--help").out
    for parameter in command.params:
        if parameter.name == "help":
            continue
        assert getattr(parameter, "help", None), f"{name} {parameter.name}"
        longest = max(parameter.opts, key=len)
        assert longest in shown or parameter.human_readable_name.upper() in shown.upper()
    assert any("--json" in p.opts for p in command.params), f"{name} has no --json"


def test_help_is_quick_and_imports_no_heavy_library() -> None:
    code = (
        "import sys\nsys.argv = ['klarera', '--help']\n"
        "from klarera.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'numba', 'polars', 'pyarrow', 'numpy', 'cryptography', 'jinja2', 'phonenumbers'} & set(sys.modules)\n"
        "print('HEAVY', sorted(heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("HEAVY []")
    assert "clear" in done.stdout


def test_the_process_itself_gives_the_exit_code_and_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "klarera.cli", "verify", str(tmp_path / "nothing")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("klarera: ")
    assert "Traceback" not in done.stderr


def test_json_of_every_question(out: Path, posts: Path, tmp_path: Path) -> None:
    record = f"{posts.name}:1"
    told = {
        "explain": klarera("explain", out, record, "--json"),
        "author": klarera("explain", out, "--author", "two", "--json"),
        "compare": klarera("compare", out, "--json", "--by", "source,language"),
        "review": klarera("review", out, "--json"),
        "rules": klarera("rules", "list", "--json"),
        "coverage": klarera("rules", "coverage", "--json"),
        "diff": klarera("rules", "diff", "2018-01-01", "2026-11-22", "--json"),
        "question": klarera("rules", "show", "search", "--json"),
        "verify": klarera("verify", out, "--json"),
        "doctor": klarera("doctor", posts, "--json"),
        "decide": klarera("decide", out, "--reading", "strict", "--json", "--quiet"),
        "apply": klarera("apply", out, "--json", "--quiet"),
    }
    assert {name: done.code for name, done in told.items()} == dict.fromkeys(told, 0)
    assert all(done.json is not None for done in told.values())
    assert told["explain"].json[0]["decision"] == "kept"
    assert {r["decision"] for r in told["author"].json} == {"held"}
    assert told["review"].json[0]["records"] == 2
    assert told["decide"].json["pending"] is True
    assert told["apply"].json["pending"] is False
    assert told["doctor"].json["inputs"]["posts.jsonl"]["reader"] == "jsonl"
    assert not any(MARK in done.out for done in told.values())


def test_plain_words_of_every_question_and_none_of_the_records(out: Path, posts: Path) -> None:
    shown = {
        "clear": klarera("clear", posts, "-o", out.parent / "again", "--quiet"),
        "explain": klarera("explain", out, f"{posts.name}:14"),
        "author": klarera("explain", out, "--author", f"{MARK}3"),
        "compare": klarera("compare", out, "--every", "--by", "language"),
        "review": klarera("review", out),
        "rules": klarera("rules"),
        "verify": klarera("verify", out),
        "decide": klarera("decide", out, "--on", "2024-05-01", "--law", "p837-com", "--quiet"),
        "apply": klarera("apply", out, "--quiet"),
    }
    assert {name: done.code for name, done in shown.items()} == dict.fromkeys(shown, 0)
    assert not [name for name, done in shown.items() if MARK in done.out or "sclerosis" in done.out]
    assert "Open conditions" in shown["clear"].out
    assert shown["clear"].out.startswith("SCREENED")
    assert "art9-other" in shown["explain"].out
    assert "NOT LAW" in shown["decide"].out
    assert "This does not show" in shown["verify"].out


CODES: list[tuple[str, Callable[[Path, Path], tuple[object, ...]], int, str]] = [
    ("no command of that name", lambda o, p: ("klear",), 2, ""),
    ("no record named", lambda o, p: ("explain", o), 2, "name one record"),
    ("record and author", lambda o, p: ("explain", o, "x", "--author", "y"), 2, "name one record"),
    ("no such record", lambda o, p: ("explain", o, f"{MARK}-nobody"), 2, "no such record"),
    ("no such URL", lambda o, p: ("explain", o, f"https://{MARK}.example/1"), 2, "no such record"),
    ("no such author", lambda o, p: ("explain", o, "--author", f"{MARK}-nobody"), 2, "no record of such an author"),
    ("no clearance", lambda o, p: ("decide", o.parent / "none"), 2, "no clearance here"),
    ("no such reading", lambda o, p: ("decide", o, "--reading", "strikt"), 2, "strikt"),
    ("no such day", lambda o, p: ("decide", o, "--on", "yesterday"), 2, "is no day"),
    ("no such proposal", lambda o, p: ("decide", o, "--law", "p1-xyz"), 2, "p1-xyz"),
    ("no such group", lambda o, p: ("review", o, "--group", "12345678"), 2, "no group"),
    (
        "an answer of nobody",
        lambda o, p: ("review", o, "--record", "ab" * 16, "--answer", "author_minor=no"),
        2,
        "name",
    ),
    (
        "an answer that is none",
        lambda o, p: ("review", o, "--record", "ab" * 16, "--answer", "author_minor"),
        2,
        "FACT=yes",
    ),
    (
        "a rid that is none",
        lambda o, p: ("review", o, "--record", f"{MARK}", "--answer", "author_minor=no", "--by", "x"),
        2,
        "32 hex digits",
    ),
    ("an answer about nothing", lambda o, p: ("review", o, "--record", "ab" * 16), 2, "nothing is asked"),
    ("by what", lambda o, p: ("compare", o, "--by", "moon"), 2, "--by moon"),
    ("release to nowhere", lambda o, p: ("release", o), 2, "needs a folder"),
    (
        "no such condition",
        lambda o, p: ("release", o, "--accept", "moon", "--by", "x", "--why", "y"),
        2,
        "no condition",
    ),
    ("a key that is none", lambda o, p: ("verify", o, "--key", "moon"), 2, "not a public key"),
    ("a checkpoint that is none", lambda o, p: ("verify", o, "--checkpoint", o / "none"), 2, "no such checkpoint"),
    ("no such rules", lambda o, p: ("rules", "moon"), 2, "unknown"),
    ("no such rule", lambda o, p: ("rules", "show", "moon"), 2, "no rule or Question"),
    ("one day", lambda o, p: ("rules", "diff", "2024-01-01"), 2, "two days"),
    ("a clearance stands there", lambda o, p: ("clear", p, "-o", o), 2, "holds a clearance already"),
    ("write what", lambda o, p: ("clear", p, "-o", o.parent / "x", "--write", "song"), 2, "--write song"),
    ("a mapping that is none", lambda o, p: ("clear", p, "-o", o.parent / "x", "--map", "text"), 2, "NAME=COLUMN"),
    ("no such detector", lambda o, p: ("clear", p, "-o", o.parent / "x", "--without", "moon"), 2, "no detector"),
    (
        "no such project",
        lambda o, p: ("clear", p, "-o", o.parent / "x", "--project", o / "none.toml"),
        2,
        "no such project file",
    ),
    (
        "a project that is a folder",
        lambda o, p: ("clear", p, "-o", o.parent / "x", "--project", o),
        2,
        "cannot be read",
    ),
    ("a register that is a folder", lambda o, p: ("clear", p, "-o", o.parent / "x", "--register", o), 3, "cannot be"),
    ("no such spans", lambda o, p: ("clear", p, "-o", o.parent / "x", "--findings", o / "none.jsonl"), 3, "no such"),
    ("sheets into a file", lambda o, p: ("rules", "sheets", p), 2, "is a file where a folder is needed"),
    ("a project within a file", lambda o, p: ("init", p), 2, "is a file where a folder is needed"),
    ("standard input among others", lambda o, p: ("clear", "-", p, "-o", o.parent / "x"), 2, "stands alone"),
    ("preview of nothing", lambda o, p: ("preview", "-"), 3, "standard input is empty"),
    ("no such input", lambda o, p: ("clear", o / "none.jsonl", "-o", o.parent / "x"), 3, "no such file"),
    (
        "no such register",
        lambda o, p: ("clear", p, "-o", o.parent / "x", "--register", o / "none.csv"),
        3,
        "no such register",
    ),
    ("nothing on standard input", lambda o, p: ("clear", "-", "-o", o.parent / "stdin"), 3, "standard input is empty"),
    ("doctor without its input", lambda o, p: ("doctor", o / "none.jsonl"), 3, ""),
    ("preview without its input", lambda o, p: ("preview", o / "none.jsonl"), 3, "no such file"),
    ("a release with open conditions", lambda o, p: ("release", o, "-o", o.parent / "dist"), 5, "conditions are open"),
]


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """A clearance that no failing command may change."""
    folder = tmp_path_factory.mktemp("standing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLARERA_KEYS", str(folder / "keys"))
        patch.setenv("KLARERA_TODAY", "2026-11-22")
        (folder / "posts.jsonl").write_text("".join(json.dumps(r) + "\n" for r in ROWS), "utf-8")
        (folder / "klarera.toml").write_text(PROJECT, "utf-8")
        words = ("clear", folder / "posts.jsonl", "-o", folder / "out", "--project", folder / "klarera.toml", "--quiet")
        assert klarera(*words).code == 0
        yield folder / "out", folder / "posts.jsonl"
        assert klarera("verify", folder / "out").code == 0, "a refused command left something behind"


@pytest.mark.parametrize(("words", "code", "message"), [c[1:] for c in CODES], ids=[c[0] for c in CODES])
def test_exit_codes_and_messages(
    standing: tuple[Path, Path],
    words: Callable[[Path, Path], tuple[object, ...]],
    code: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, posts = standing
    monkeypatch.setenv("KLARERA_KEYS", str(out.parent / "keys"))
    done = klarera(*words(out, posts), stdin=b"")
    assert done.code == code, done.message
    assert message in done.message
    assert MARK not in done.message
    assert not (out.parent / "x").exists(), "a refused command begins nothing"


@pytest.mark.parametrize(("cause", "code"), [(errno.ENOSPC, 75), (errno.EACCES, 3), (errno.EIO, 3)])
def test_what_a_disk_says_becomes_one_line_and_an_exit_code(
    cause: int, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise OSError(cause, os.strerror(cause), "/somewhere/file.parquet")

    monkeypatch.setattr("klarera.cli.app.app", lambda prog_name: fail())
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == code
    assert capsys.readouterr().err == f"klarera: file.parquet: {os.strerror(cause)}\n"


def test_progress_tells_records_rate_and_time_left(tmp_path: Path) -> None:
    """On a terminal a bar; the steps of `clear` with the records done."""
    path = tmp_path / "posts.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in ROWS), "utf-8")
    told: list[tuple[str, int, int, int]] = []
    made, _ = job(project=None, out=None, on="", known="", reading="", law=[], workers=1, report=False)
    made = replace(made, progress=lambda *step: told.append(step), store=tmp_path / "keys")
    clear([path], tmp_path / "out", made, options=Options(), run_day=today())
    assert [step for step, *_ in told] == ["screen", "screen", "decide", "decide", "write"]
    size = path.stat().st_size
    assert told[0] == ("screen", 0, size, 0)
    assert told[1] == ("screen", size, size, len(ROWS))
    assert told[-1] == ("write", size, size, len(ROWS))


def test_another_writer_and_evidence_that_does_not_hold(out: Path) -> None:
    with Lock(out):
        assert klarera("decide", out, "--quiet").code == 75
    part = next((out / "cleared").glob("*"))
    part.write_bytes(part.read_bytes()[:-1])
    done = klarera("verify", out)
    assert done.code == 4
    assert part.name in done.out
    assert klarera("release", out, "-o", out.parent / "dist").code == 4


def test_a_refused_clear_changes_nothing_of_what_stands_there(out: Path, posts: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(PROJECT.replace("posts", "others"), "utf-8")
    assert klarera("clear", posts, "-o", out, "--project", other).code == 2
    assert klarera("verify", out).code == 0


def test_a_register_named_once_is_asked_again(tmp_path: Path, posts: Path) -> None:
    register = tmp_path / "register.csv"
    register.write_text(f"kind,identifier_kind,identifier,source\nobjection,handle,{MARK}1,\n", "utf-8")
    out = tmp_path / "out"
    first = klarera("clear", posts, "-o", out, "--register", register, "--quiet", "--json").json

    def objections(payload: Any) -> int:
        return sum(r["records"] for r in payload["reasons"] if r["code"] == "objection")

    assert objections(first) == 3
    assert objections(klarera("decide", out, "--quiet", "--json").json) == 3
    assert objections(klarera("apply", out, "--quiet", "--json").json) == 3
    with register.open("a") as file:
        file.write(f"erasure,handle,{MARK}2,\n")
    assert klarera("release", out, "-o", tmp_path / "dist").code == 5
    commit = head(out)
    assert commit is not None
    codes: Any = commit.payload["reasons"]
    assert {"objection", "erased"} <= {r["code"] for r in codes}, "a release takes the newest register"
    with register.open("a") as file:
        file.write("objection,name,Anna Muster,\n")
    refused = klarera("release", out, "-o", tmp_path / "dist")
    assert refused.code == 5
    assert "register-names" in refused.out, "a name that came later was not looked for in the texts"
    with register.open("a") as file:
        file.write("objection,name,--,\n")
    wrong = klarera("release", out, "-o", tmp_path / "dist")
    assert wrong.code == 3
    assert "register.csv:5: the name holds no word" in wrong.message
    register.unlink()
    assert klarera("decide", out, "--quiet").code == 3, "an objection is never lost with its file"


def test_standard_input(tmp_path: Path, project: Path) -> None:
    lines = "".join(json.dumps(r) + "\n" for r in ROWS).encode()
    plain, told = tmp_path / "plain", tmp_path / "told"
    assert klarera("clear", "-", "-o", plain, "--quiet", stdin=lines).code == 0
    assert klarera("clear", "-", "-o", told, "--project", project, "--quiet", stdin=lines).code == 0
    assert sum("river" in t for t in kept(plain)) == 12
    for out in (plain, told):
        done = klarera("verify", out)
        assert done.code == 0, done.out
        assert klarera("decide", out, "--reading", "industry", "--quiet").code == 0
        assert klarera("apply", out, "--quiet").code == 0


def test_columns_are_mapped_and_carried_and_carried_text_is_redacted(tmp_path: Path) -> None:
    rows = [{"id": i, "body": f"Post {i}.", "likes": i, "note": "quiet"} for i in range(4)]
    rows[1]["note"] = f"ask {MARK}.lind@mail.example"
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
    one = klarera(
        "clear", path, "-o", tmp_path / "one", "--map", "text=body", "--carry", "note", "--quiet", "--json"
    ).json
    assert one["mapping"]["text"] == "body"
    assert one["unmapped"] == ["likes"]
    assert sorted(kept(tmp_path / "one", "note")) == ["ask [EMAIL]", "quiet", "quiet", "quiet"]
    klarera("clear", path, "-o", tmp_path / "all", "--map", "text=body", "--carry", "all", "--quiet")
    assert sorted(kept(tmp_path / "all", "likes")) == ["0", "1", "2", "3"]


def test_spans_other_tools_found(tmp_path: Path) -> None:
    path, spans = tmp_path / "in.jsonl", tmp_path / "spans.jsonl"
    path.write_text(json.dumps({"id": "a", "text": "Met Zorblax yesterday."}) + "\n", "utf-8")
    spans.write_text(json.dumps({"id": "a", "start": 4, "end": 11, "unit": "bytes", "kind": "PERSON"}) + "\n", "utf-8")
    done = klarera("clear", path, "-o", tmp_path / "out", "--findings", spans, "--quiet")
    assert done.code == 0, done.message
    assert kept(tmp_path / "out") == ["Met [PERSON] yesterday."]
    spans.write_text(json.dumps({"id": "a", "start": 4, "end": 99, "unit": "bytes", "kind": "PERSON"}) + "\n", "utf-8")
    done = klarera("clear", path, "-o", tmp_path / "misfit", "--findings", spans, "--quiet")
    assert "1 spans of other tools do not lie within" in done.out
    spans.write_text(json.dumps({"id": "a", "start": 4, "end": 11, "kind": "PERSON"}) + "\n", "utf-8")
    done = klarera("clear", path, "-o", tmp_path / "bad", "--findings", spans, "--quiet")
    assert (done.code, "spans.jsonl:1: 1 rows cannot be used; the first: unit is not stated" in done.message) == (
        3,
        True,
    )


def test_a_detector_switched_off_is_named(tmp_path: Path, posts: Path) -> None:
    done = klarera("clear", posts, "-o", tmp_path / "out", "--without", "email", "--without", "minor", "--quiet")
    assert "Switched off: email, minor" in done.out
    assert any("@mail.example" in t for t in kept(tmp_path / "out"))


def test_a_sidecar_holds_no_text(tmp_path: Path, posts: Path) -> None:
    assert klarera("clear", posts, "-o", tmp_path / "out", "--write", "sidecar", "--quiet").code == 0
    (part,) = (tmp_path / "out" / "cleared").glob("*.parquet")
    assert "text" not in pq.read_table(part).column_names
    assert b"river" not in part.read_bytes()
    assert klarera("verify", tmp_path / "out").code == 0


def test_preview_keeps_nothing(tmp_path: Path, posts: Path) -> None:
    before = set(tmp_path.rglob("*"))
    done = klarera("preview", posts, "--sample", "10", "--json")
    assert done.code == 0
    told = done.json
    assert (told["sampled"], told["payload"]["counts"]["total"]["units"]) == (10, 10)
    plain = klarera("preview", posts)
    assert "Sampled 16 records" in plain.out
    assert "Sampled 16 records" in klarera("preview", "-", stdin=posts.read_bytes()).out
    assert MARK not in plain.out
    assert set(tmp_path.rglob("*")) == before


def test_init_writes_a_project_that_clears(tmp_path: Path, posts: Path) -> None:
    for template in ("public-posts", "web-crawl", "listening-history", "fine-tune"):
        done = klarera("init", tmp_path / template, "--template", template, "--name", f'my "{template}"', "--json")
        assert done.code == 0
        assert done.json["public_key"]
    path = tmp_path / "public-posts" / "klarera.toml"
    assert klarera("clear", posts, "-o", tmp_path / "out", "--project", path, "--quiet").code == 0
    assert klarera("init", tmp_path / "public-posts").code == 2
    assert klarera("init", tmp_path / "x", "--template", "moon").code == 2
    key = klarera("init", tmp_path / "y", "--name", "y", "--json").json["public_key"]
    assert klarera("verify", tmp_path / "out", "--key", key).code == 4, "another dataset's key vouches for nothing"


def test_a_condition_is_accepted_by_name_and_a_release_passes(out: Path, tmp_path: Path) -> None:
    refused = klarera("release", out, "-o", tmp_path / "dist", "--json")
    assert (refused.code, refused.json["released"]) == (5, False)
    assert klarera("release", out, "--accept", refused.json["open"][0]["id"], "--json").code == 2, "by nobody"
    for condition in refused.json["open"][2:]:
        judged.accept(out, condition=condition["id"], by="A. Accepts", on="2026-11-22", why="borne")
    for condition in refused.json["open"][:2]:
        done = klarera("release", out, "--accept", condition["id"], "--by", "A. Accepts", "--why", "borne", "--json")
        assert done.code == 0, done.message
        assert done.json["accepted"] == condition["id"]
    released = klarera("release", out, "-o", tmp_path / "dist", "--json")
    assert (released.code, released.json["released"]) == (0, True)
    assert (tmp_path / "dist" / "README.md").exists()
    assert klarera("verify", out).code == 0
