from __future__ import annotations

import datetime as dt
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from klarera.errors import InputError, KlareraError
from klarera.read import Options, catalog

Reading = Callable[..., Any]
MARKER = "Zyxwv-Marker-7391"
UTC = dt.UTC
NOON = dt.datetime(2024, 5, 1, 12, tzinfo=UTC)


def write(path: Path, columns: dict[str, Any], **settings: Any) -> Path:
    """A file of these columns with page checksums."""
    pq.write_table(pa.table(columns), path, **{"write_page_checksum": True, **settings})
    return path


def as_bytes(texts: list[bytes], kind: pa.DataType) -> pa.Array:
    """A column whose bytes nobody checked."""
    return pa.array(texts, pa.binary()).view(kind) if kind == pa.string() else pa.array(texts, kind)


COLUMNS: list[tuple[str, str, Any, object]] = [
    ("large string", "text", pa.array(["x"], pa.large_string()), "x"),
    ("string view", "text", pa.array(["x"], pa.string_view()), "x"),
    ("dictionary", "text", pa.array(["x"]).dictionary_encode(), "x"),
    ("bytes", "text", pa.array([b"x"]), "x"),
    ("null", "text", pa.array([None], pa.string()), None),
    ("column of nulls", "text", pa.nulls(1), None),
    ("whole number id", "id", pa.array([17], pa.int64()), "17"),
    ("true as licence", "licence", pa.array([True]), "true"),
    ("micros with zone", "published_at", pa.array([NOON], pa.timestamp("us", "UTC")), NOON),
    ("nanos in another zone", "published_at", pa.array([NOON], pa.timestamp("ns", "Europe/Vienna")), NOON),
    ("seconds without zone", "published_at", pa.array([NOON.replace(tzinfo=None)], pa.timestamp("s")), NOON),
    ("day", "published_at", pa.array([NOON.date()]), NOON.replace(hour=0)),
    ("ISO text", "published_at", pa.array(["2024-05-01T12:00:00Z"]), NOON),
    ("epoch seconds", "published_at", pa.array([int(NOON.timestamp())]), NOON),
    ("epoch seconds as float", "published_at", pa.array([NOON.timestamp()]), NOON),
    ("wrong date", "published_at", pa.array(["soon"]), None),
    ("time of day", "published_at", pa.array([dt.time(12)]), None),
    ("birth year", "author_birth_year", pa.array([1999], pa.int16()), 1999),
    ("minor", "author_is_minor", pa.array([True]), True),
    ("minor as number", "author_is_minor", pa.array([0], pa.int8()), False),
    ("minor as text", "author_is_minor", pa.array(["true"]), True),
]


@pytest.mark.parametrize(("_name", "column", "values", "want"), COLUMNS, ids=[case[0] for case in COLUMNS])
def test_types_of_columns(
    tmp_path: Path, read: Reading, _name: str, column: str, values: pa.Array, want: object
) -> None:
    columns = {"text": pa.array(["words"])} | {column: values}
    got = read(write(tmp_path / "a.parquet", columns))
    assert (got.rows[0][column], got.gaps) == (want, [])


@pytest.mark.parametrize("kind", [pa.string(), pa.binary(), pa.large_binary()])
@pytest.mark.parametrize("coded", [True, False])
def test_rows_that_are_not_utf_8_are_told_one_by_one(
    tmp_path: Path, read: Reading, kind: pa.DataType, coded: bool
) -> None:
    texts = [b"a", b"\xff", b"b", b"\xed\xa0\x80", b"", b"c\xe2\x82"]
    columns = {"text": as_bytes(texts, kind), "id": pa.array([str(k) for k in range(6)])}
    got = read(write(tmp_path / "a.parquet", columns, use_dictionary=coded))
    assert got.texts == ["a", "b", ""]
    assert [(g.unit, g.place, g.reason) for g in got.gaps] == [(k, k, "not UTF-8") for k in (1, 3, 5)]


def test_a_carried_column_is_checked_too(tmp_path: Path, read: Reading) -> None:
    columns = {"text": pa.array(["a", "b"]), "note": as_bytes([b"\xff", b"x"], pa.string())}
    got = read(write(tmp_path / "a.parquet", columns), carry=("note",))
    assert (got.texts, got.reasons) == (["b"], ["not UTF-8"])


def test_carried_columns_keep_their_type(tmp_path: Path, read: Reading) -> None:
    columns = {"text": ["a"], "score": [0.5], "tags": [["x", "y"]], "n": pa.array([3], pa.int8()), "w": ["z"]}
    got = read(write(tmp_path / "a.parquet", columns), carry=("*",))
    assert {k: got.rows[0][k] for k in ("score", "tags", "n", "w")} == {
        "score": 0.5,
        "tags": ["x", "y"],
        "n": 3,
        "w": "z",
    }


def test_rows_over_the_limit_are_too_large(tmp_path: Path, read: Reading) -> None:
    got = read(write(tmp_path / "a.parquet", {"text": ["a", "x" * 2_000, "b"]}), max_record=1_000)
    assert (got.texts, got.reasons) == (["a", "b"], ["too large"])


def test_row_groups_become_shards_and_places_count_the_file(tmp_path: Path, read: Reading) -> None:
    texts = [f"text number {n}" for n in range(1_000)]
    file = write(tmp_path / "a.parquet", {"text": texts}, row_group_size=100)
    shards = catalog.plan([file], Options(shard_bytes=3_000))
    assert len(shards) > 2
    assert [(s.start, s.stop) for s in shards] == list(
        zip([0, *(s.stop for s in shards[:-1])], [*(s.stop for s in shards[:-1]), 10], strict=True)
    )
    got = read(file, shard_bytes=3_000)
    assert (got.texts, got.place) == (texts, list(range(1_000)))
    assert got.raw == file.read_bytes()


def test_an_empty_table_gives_nothing(tmp_path: Path, read: Reading) -> None:
    assert read(write(tmp_path / "a.parquet", {"text": pa.array([], pa.string())})).units == 0


def broken_page(tmp_path: Path) -> Path:
    """Ten row groups of 100 rows; one byte of the fourth group's text is flipped."""
    texts = [os.urandom(20).hex() for _ in range(1_000)]
    file = write(tmp_path / "a.parquet", {"text": texts}, row_group_size=100, use_dictionary=False)
    start = pq.ParquetFile(file).metadata.row_group(3).column(0).data_page_offset
    raw = bytearray(file.read_bytes())
    raw[start + 400] ^= 0xFF
    file.write_bytes(raw)
    return file


def test_a_corrupt_page_costs_its_row_group(tmp_path: Path, read: Reading) -> None:
    got = read(broken_page(tmp_path))
    assert (len(got.rows), got.units) == (900, 1_000)
    assert [(g.unit, g.place, g.reason, g.units) for g in got.gaps] == [(300, 300, "page that cannot be read", 100)]
    assert got.place[300] == 400


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + b"x" * 100 + b"PAR1", MARKER.encode()])
def test_no_footer_is_an_error_of_the_file(tmp_path: Path, read: Reading, data: bytes) -> None:
    (tmp_path / "a.parquet").write_bytes(data)
    with pytest.raises(InputError, match=r"a\.parquet: is not Parquet") as caught:
        read(tmp_path / "a.parquet")
    assert MARKER not in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"text": [1]}, "column 'text' of type int64 cannot be text"),
        ({"title": ["x"]}, "no column holds the text"),
        ({"text": ["x"], "author": [{"a": 1}]}, None),
    ],
)
def test_types_that_cannot_be(tmp_path: Path, read: Reading, columns: dict[str, Any], problem: str | None) -> None:
    file = write(tmp_path / "a.parquet", columns)
    if problem is None:
        assert read(file).rows[0]["author"] is None
    else:
        with pytest.raises(InputError, match=problem):
            read(file)


def test_a_mapped_column_must_be_there(tmp_path: Path, read: Reading) -> None:
    file = write(tmp_path / "a.parquet", {"text": ["x"]})
    with pytest.raises(InputError, match="no column 'lng'"):
        read(file, mapping={"language": "lng"})
    with pytest.raises(InputError, match="no column 'likes' to carry"):
        read(file, carry=("likes",))


@pytest.mark.parametrize(
    "settings",
    [{}, {"use_dictionary": False}, {"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}}],
    ids=["dictionary", "plain", "prefix"],
)
def test_a_bomb_comes_in_bounded_batches(tmp_path: Path, read: Reading, settings: dict[str, Any]) -> None:
    text = pa.DictionaryArray.from_arrays(np.zeros(4_000, np.int32), ["x" * 100_000])
    columns = {"text": text if not settings else text.dictionary_decode()}
    file = write(tmp_path / "a.parquet", columns, compression="zstd", **settings)
    assert file.stat().st_size < 1_000_000
    before = pa.total_allocated_bytes()
    options, most, rows = Options(), 0, 0
    for shard in catalog.plan([file], options):
        for piece in catalog.read(shard, options, lambda _: None):
            most = max(most, pa.total_allocated_bytes() - before)
            rows += len(piece.records)
    assert rows == 4_000
    assert most < 300 << 20


def test_the_decoded_size_is_limited(tmp_path: Path, read: Reading) -> None:
    text = pa.DictionaryArray.from_arrays(np.zeros(4_000, np.int32), ["x" * 100_000])
    got = read(write(tmp_path / "a.parquet", {"text": text}), max_decoded=100 << 20)
    assert (got.units, got.reasons) == (4_000, [f"decodes to more than {100 << 20} bytes"])
    assert len(got.rows) < 4_000


def test_no_mutation_crashes_or_loses_a_row(tmp_path: Path, read: Reading) -> None:
    dice = random.Random(7)
    texts = [f"{MARKER} {n}" for n in range(300)]
    raw = write(tmp_path / "a.parquet", {"text": texts, "id": list(range(300))}, row_group_size=100).read_bytes()
    broken, messages = 0, ""
    for number in range(150):
        data = bytearray(raw)
        for _ in range(dice.choice([1, 1, 1, 4, 16])):
            data[dice.randrange(len(data))] = dice.randrange(256)
        if number % 10 == 0:
            data = data[: dice.randrange(len(data))]
        file = tmp_path / f"{number}.parquet"
        file.write_bytes(data)
        try:
            got = read(file)
        except KlareraError as error:
            broken, messages = broken + 1, messages + str(error)
        else:
            broken += bool(got.gaps)
    assert broken > 50
    assert MARKER not in messages
