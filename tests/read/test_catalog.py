from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from klarera.errors import InputError, UsageError
from klarera.read import Options, catalog
from klarera.read.catalog import mark_of, plan

Reading = Callable[..., Any]


def test_files_come_in_a_fixed_order_each_once(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "sub/c.csv", "sub/.hidden.jsonl", ".git/x.jsonl", "notes.txt", "B.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('{"text":"x"}\n' if name.endswith("l") else "text\nx\n")
    names = [path.relative_to(tmp_path).as_posix() for path in catalog.files([tmp_path])]
    assert names == ["B.jsonl", "a.jsonl", "b.jsonl", "sub/c.csv"]
    first = catalog.files([tmp_path / "b.jsonl", tmp_path])
    assert [path.name for path in first] == ["b.jsonl", "B.jsonl", "a.jsonl", "c.csv"]
    assert [path.name for path in catalog.files([str(tmp_path / "*.jsonl")])] == ["B.jsonl", "a.jsonl", "b.jsonl"]
    assert len(catalog.files([str(tmp_path / "**/*")])) == 4


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("missing.jsonl", "no such file or folder"),
        ("*.jsonl", "matches no file that can be read"),
        ("empty", "the folder holds no file that can be read"),
        ("notes.txt", "no reader knows this file"),
        ("pipe", "is neither a file nor a folder"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, given: str, problem: str) -> None:
    import os

    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match=problem) as caught:
        catalog.files([tmp_path / given])
    assert given in str(caught.value)


def test_standard_input_is_spooled_first(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="spooled"):
        catalog.files(["-"])


def parquet_bytes() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"text": ["x"]}), out)
    return out.getvalue()


LINE = b'{"text":"x"}\n'


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (LINE, "stdin.jsonl"),
        (b"\xef\xbb\xbf \n" + LINE, "stdin.jsonl"),
        (b'[{"text":"x"}]', "stdin.json"),
        (__import__("gzip").compress(LINE), "stdin.jsonl.gz"),
        (pa.compress(LINE, "zstd", asbytes=True), "stdin.jsonl.zst"),
        (__import__("gzip").compress(b"text\nx\n"), "stdin.csv.gz"),
        (parquet_bytes(), "stdin.parquet"),
        (b"text\nx\n", "stdin.csv"),
    ],
)
def test_a_stream_says_by_its_first_bytes_what_it_is(tmp_path: Path, read: Reading, data: bytes, name: str) -> None:
    path = catalog.spool(io.BytesIO(data), tmp_path)
    assert (path.name, path.read_bytes()) == (name, data)
    assert read(path).texts == ["x"]


def test_an_empty_stream_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="standard input is empty"):
        catalog.spool(io.BytesIO(b""), tmp_path)


def test_a_file_that_changes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(LINE)
    [shard] = catalog.plan([file], Options())
    file.write_bytes(LINE * 2)
    with pytest.raises(InputError, match="changed from 13 to 26 bytes"):
        list(catalog.read(shard, Options(), lambda _: None))


@pytest.mark.parametrize(
    ("data", "reader"),
    [
        ('{"text":"x"}\n{"text":"y"}\n', "jsonl"),
        ('[{"text":"x"}]', "json_array"),
        ('\ufeff\n [\n{"text":"x"}]', "json_array"),
        ('{\n "a": 1\n}\n', None),
        ("words", None),
        ("", None),
        ('[{"timestamp": 1, "data": [{"post": "x"}]}]', "meta_export"),
        ('{"comments_v2": [{"timestamp": 1, "data": []}]}', "meta_export"),
        ('{"comments_v2": []}', "meta_export"),
        ('[{"timestamp": 1, "text": "x"}]', "json_array"),
    ],
)
def test_json_is_told_apart_by_what_it_holds(tmp_path: Path, data: str, reader: str | None) -> None:
    (tmp_path / "a.json").write_text(data)
    found = catalog.reader_of(tmp_path / "a.json")
    assert (found.name if found else None) == reader


def test_columns_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("body,likes\nx,1\n")
    assert catalog.columns(tmp_path / "a.csv", Options()) == ({"text": "body"}, ["likes"])


def test_a_file_is_marked_by_what_it_holds_whatever_its_name(tmp_path: Path) -> None:
    size = 3 << 20
    data = bytes(range(256)) * (size // 256)

    def mark(name: str, *changes: int, less: int = 0) -> str:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        held = bytearray(data[: size - less])
        for place in changes:
            held[place] ^= 1
        path.write_bytes(held)
        return mark_of(path)

    first = mark("a.jsonl")
    assert mark("b/a.jsonl") == mark("b/other.csv") == first
    differing = {
        mark("c.jsonl", 0),
        mark("c.jsonl", size - 1),
        mark("c.jsonl", (1 << 20) - 1),
        mark("c.jsonl", 2 << 20),
    }
    differing |= {mark("c.jsonl", less=1), mark("c.jsonl", less=size), mark("c.jsonl", less=size - 1)}
    assert len(differing | {first}) == 8
    # The limit that is told: further inside nobody looked.
    assert mark("c.jsonl", 1 << 20) == first
    shards = plan([tmp_path / "a.jsonl"], Options(shard_bytes=1 << 20))
    assert [(s.number, s.mark) for s in shards] == [(i, first) for i in range(3)]
