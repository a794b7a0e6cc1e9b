from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.errors import InputError
from klarera.read import Options, catalog, stream

Reading = Callable[..., Any]
MARKER = "Zyxwv-Marker-7391"
M = MARKER.encode()

QUOTE = "a quote that does not end its field"
RAGGED = "number of fields differs from the header"

# What stands between two good records; what becomes of it: a text, or a reason.
CASES: list[tuple[str, bytes, str | None, str | None]] = [
    ("plain", b"1,x,en\n", "x", None),
    ("quoted", b'1,"x",en\n', "x", None),
    ("quoted separator", b'1,"x,y",en\n', "x,y", None),
    ("quoted line end", b'1,"x\ny",en\n', "x\ny", None),
    ("quoted CR LF", b'1,"x\r\ny",en\r\n', "x\r\ny", None),
    ("doubled quotes", b'1,"""x"" y""",en\n', '"x" y"', None),
    ("only doubled quotes", b'1,"""""",en\n', '""', None),
    ("quote inside a plain field", b'1,x"y,en\n', 'x"y', None),
    ("CR LF", b"1,x,en\r\n", "x", None),
    ("CR inside", b"1,x\ry,en\n", "x\ry", None),
    ("empty quoted text", b'1,"",en\n', "", None),
    ("spaces stay", b"1, x ,en\n", " x ", None),
    ("last field empty", b"1,x,\n", "x", None),
    ("NUL is a character", b"1,x\0y,en\n", "x\0y", None),
    ("UTF-8", "1,жизнь 😀,en\n".encode(), "жизнь 😀", None),
    ("formula stays as it is", b"1,=1+1,en\n", "=1+1", None),
    ("too few fields", b"1," + M + b"\n", None, RAGGED),
    ("too many fields", b"1," + M + b",en,more\n", None, RAGGED),
    ("one field", M + b"\n", None, RAGGED),
    ("many empty fields", b",,,,,,,,,,,,\n", None, RAGGED),
    ("one quoted empty field", b'""\n', None, RAGGED),
    ("words behind a quote", b'1,"x"' + M + b",en\n", None, QUOTE),
    ("space behind a quote", b'1,"x" ,en\n', None, QUOTE),
    ("CR behind a quote", b'1,"x"\r,en\n', None, QUOTE),
    ("Latin-1", "1,é,en\n".encode("latin-1"), None, "not UTF-8"),
    ("Latin-1 in a column nobody mapped", "1,x,é\n".encode("latin-1"), None, "not UTF-8"),
    ("cut character", b"1,\xe2\x82,en\n", None, "not UTF-8"),
    ("surrogate", b"1,\xed\xa0\x80,en\n", None, "not UTF-8"),
    ("too large", b"1," + b"x" * 200_000 + b",en\n", None, "too large"),
    ("too large in quotes", b'1,"' + b"x\n" * 100_000 + b'",en\n', None, "too large"),
]


@pytest.mark.parametrize(("_name", "record", "text", "reason"), CASES, ids=[case[0] for case in CASES])
def test_each_record_stands_for_itself(
    tmp_path: Path, read: Reading, _name: str, record: bytes, text: str | None, reason: str | None
) -> None:
    head, before, after = b"id,text,likes\n", b"0,before,1\n", b"2,after,1"
    file = tmp_path / "a.csv"
    file.write_bytes(head + before + record + after)
    got = read(file, max_record=150_000)
    assert got.texts == ["before", *([] if text is None else [text]), "after"]
    place = len(head) + len(before)
    assert [(g.unit, g.place, g.reason) for g in got.gaps] == ([] if reason is None else [(1, place, reason)])
    assert got.place[-1] == place + len(record)
    assert (got.units, got.unit[-1]) == (3, 2)
    assert got.raw == file.read_bytes()


def test_an_open_quote_costs_one_line(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b'id,text\n0,before\n1,"open\n2,after\n3,last\n')
    got = read(file)
    assert (got.texts, got.reasons) == (["before", "after", "last"], [QUOTE])


def test_an_open_quote_in_a_long_file_costs_one_line(
    tmp_path: Path, read: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "BLOCK", 1_000)
    monkeypatch.setattr("klarera.read.csv.BLOCK", 1_000)
    file = tmp_path / "a.csv"
    file.write_bytes(b'id,text\n0,"open\n' + b"".join(b"%d,text\n" % n for n in range(5_000)))
    got = read(file, max_record=3_000)
    assert (len(got.rows), got.reasons) == (5_000, [QUOTE])


def test_blank_lines_are_no_units(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"id,text\n\n1,x\n\r\n\n2,y\n\n")
    got = read(file)
    assert (got.texts, got.unit, got.units) == (["x", "y"], [0, 1], 2)


def test_an_empty_field_is_unknown(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b'id,text,author\n1,,""\n')
    got = read(file)
    assert (got.rows[0]["text"], got.rows[0]["author"]) == (None, "")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b"id;text\n1;x\n"),
        ("a.csv", b"id\ttext\n1\tx\n"),
        ("a.tsv", b"id\ttext\n1\tx\n"),
        ("a.csv", b'\xef\xbb\xbf"id","text"\r\n1,x\r\n'),
        ("a.csv", b'id,"te\nxt",text\n1,,x\n'),
        ("a.csv.gz", gzip.compress(b"id,text\n1,x\n", mtime=0)),
    ],
)
def test_forms_of_the_header(tmp_path: Path, read: Reading, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    got = read(tmp_path / name)
    assert [(row["id"], row["text"]) for row in got.rows] == [("1", "x")]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "has no header line"),
        (b"text,text\nx,y\n", "a.csv:1: two columns have the same name"),
        (b"title,words\nx,y\n", "no column holds the text"),
        ("text\nx\n".encode("utf-16"), "is UTF-16"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, read: Reading, data: bytes, problem: str) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(InputError, match=problem):
        read(tmp_path / "a.csv")


def test_a_cut_off_stream_gives_what_came_before(tmp_path: Path, read: Reading) -> None:
    raw = gzip.compress(b"id,text\n" + b"".join(b'%d,"text %d"\n' % (n, n * n) for n in range(40_000)))
    (tmp_path / "a.csv.gz").write_bytes(raw[: len(raw) // 2])
    got = read(tmp_path / "a.csv.gz")
    assert got.texts == [f"text {n * n}" for n in range(len(got.rows))]
    assert 0 < len(got.rows) < 40_000
    assert got.reasons[-1] == "truncated stream"


def test_a_file_is_one_shard(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\n" + "x\n" * 1000)
    assert len(catalog.plan([tmp_path / "a.csv"], Options(shard_bytes=10))) == 1


FIELD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(st.lists(st.tuples(FIELD, FIELD, FIELD), max_size=30), st.sampled_from(["\n", "\r\n"]), st.integers(40, 400))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_what_python_writes_is_read_whatever_the_blocks(
    tmp_path_factory: pytest.TempPathFactory, read: Reading, rows: list[tuple[str, str, str]], end: str, block: int
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator=end)
    writer.writerows([("id", "text", "likes"), *rows])
    file = tmp_path_factory.mktemp("any") / "a.csv"
    file.write_text(out.getvalue(), newline="", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "BLOCK", block)
        patch.setattr("klarera.read.csv.BLOCK", block)
        got = read(file)
    assert [(row["id"], row["text"]) for row in got.rows] == [row[:2] for row in rows]
    assert got.gaps == []
