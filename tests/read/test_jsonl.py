from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.errors import InputError, UsageError
from klarera.read import Options, catalog, stream
from klarera.read.jsonl import READER

Reading = Callable[..., Any]
MARKER = "Zyxwv-Marker-7391"
M = MARKER.encode()

GOOD: list[tuple[str, bytes, dict[str, Any]]] = [
    ("plain", b'{"id":"a","text":"x"}', {"id": "a", "text": "x"}),
    ("white space", b' \t{ "text" :\t"x" } \r', {"text": "x"}),
    ("number as id", b'{"id":17,"text":"x"}', {"id": "17"}),
    ("long number as id keeps its digits", b'{"id":12345678901234567890,"text":"x"}', {"id": "12345678901234567890"}),
    ("float as author", b'{"author":1.5e3,"text":"x"}', {"author": "1.5e3"}),
    ("escapes", rb'{"text":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}', {"text": '"\\/\b\f\n\r\té😀'}),
    ("escaped NUL", rb'{"text":"a\u0000b"}', {"text": "a\0b"}),
    ("key written with escapes", rb'{"\u0074ext":"x"}', {"text": "x"}),
    ("null text", b'{"text":null,"id":"a"}', {"text": None, "id": "a"}),
    ("no text", b'{"id":"a"}', {"text": None}),
    ("empty object", b"{}", {"text": None, "id": None}),
    ("empty text", b'{"text":""}', {"text": ""}),
    ("unmapped key twice", b'{"text":"x","likes":1,"likes":2}', {"text": "x"}),
    ("lone surrogate in an unmapped key", rb'{"text":"x","other":"\ud800"}', {"text": "x"}),
    ("NaN reads as null", b'{"text":"x","id":NaN,"score":-Infinity}', {"text": "x", "id": None}),
    ("depth 64", b'{"text":"x","d":' + b"[" * 63 + b"]" * 63 + b"}", {"text": "x"}),
    ("language is a list", b'{"text":"x","language":["en"]}', {"language": None}),
    ("metadata as JSON", b'{"text":"x","meta":{"a": [1]}}', {"meta": '{"a": [1]}'}),
    ("wrong date is unknown", b'{"text":"x","published_at":"soon"}', {"published_at": None}),
    ("birth year as text", b'{"text":"x","author_birth_year":"1999"}', {"author_birth_year": 1999}),
    ("birth year as float", b'{"text":"x","author_birth_year":2011.0}', {"author_birth_year": 2011}),
    ("birth year as words", b'{"text":"x","author_birth_year":"long ago"}', {"author_birth_year": None}),
    ("minor", b'{"text":"x","author_is_minor":true}', {"author_is_minor": True}),
    ("minor as number", b'{"text":"x","author_is_minor":1}', {"author_is_minor": True}),
    ("minor as word", b'{"text":"x","author_is_minor":"False"}', {"author_is_minor": False}),
    ("minor as riddle", b'{"text":"x","author_is_minor":"perhaps"}', {"author_is_minor": None}),
]

BAD: list[tuple[str, bytes, str]] = [
    ("words", M, "not a JSON object"),
    ("cut off in a string", b'{"text":"' + M, "not JSON"),
    ("cut off behind a key", b'{"text"', "not JSON"),
    ("cut off behind a colon", b'{"text":', "not JSON"),
    ("cut off behind a value", b'{"text":"x"', "not JSON"),
    ("cut off behind a comma", b'{"text":"x",', "not JSON"),
    ("comma before the end", b'{"text":"x",}', "not JSON"),
    ("two objects", b'{"text":"x"}{"text":"y"}', "not JSON"),
    ("words behind the object", b'{"text":"x"} ' + M, "not JSON"),
    ("single quotes", b"{'text':'x'}", "not JSON"),
    ("unquoted key", b'{text:"x"}', "not JSON"),
    ("unknown escape", rb'{"text":"\x41"}', "not JSON"),
    ("broken escape", rb'{"text":"\u00g1"}', "not JSON"),
    ("number with leading zero", b'{"id":01,"text":"x"}', "not JSON"),
    ("number without digits", b'{"id":-,"text":"x"}', "not JSON"),
    ("number ending in a point", b'{"id":1.,"text":"x"}', "not JSON"),
    ("misspelt word", b'{"id":nul,"text":"x"}', "not JSON"),
    ("broken nested value", b'{"a":[1,{"b":}],"text":"x"}', "not JSON"),
    ("brackets crossed", b'{"a":[{]},"text":"x"}', "not JSON"),
    ("trailing comma in a list", b'{"a":[1,],"text":"x"}', "not JSON"),
    ("NUL bytes", b"\0\0\0\0", "not a JSON object"),
    ("a list", b'["' + M + b'"]', "not a JSON object"),
    ("a string", b'"' + M + b'"', "not a JSON object"),
    ("a number", b"17", "not a JSON object"),
    ("raw NUL in a string", b'{"text":"a\0b"}', "control character in a string"),
    ("raw tab in a string", b'{"text":"a\tb"}', "control character in a string"),
    ("depth 65", b'{"text":"x","d":' + b"[" * 64 + b"]" * 64 + b"}", "nested more than 64 levels"),
    ("depth 100,000", b'{"d":' + b"[" * 100_000, "nested more than 64 levels"),
    ("high surrogate alone", rb'{"text":"\ud83d"}', "half of a surrogate pair"),
    ("low surrogate alone", rb'{"text":"\ude00"}', "half of a surrogate pair"),
    ("surrogates in wrong order", rb'{"text":"\ude00\ud83d"}', "half of a surrogate pair"),
    ("surrogate before a letter", rb'{"text":"\ud83dx"}', "half of a surrogate pair"),
    ("Latin-1", '{"text":"é"}'.encode("latin-1"), "not UTF-8"),
    ("overlong UTF-8", b'{"text":"\xc0\xaf"}', "not UTF-8"),
    ("surrogate in UTF-8", b'{"text":"\xed\xa0\x80"}', "not UTF-8"),
    ("beyond Unicode", b'{"text":"\xf4\x90\x80\x80"}', "not UTF-8"),
    ("cut character", b'{"text":"\xe2\x82"}', "not UTF-8"),
    ("text is a number", b'{"text":17}', "text is not a string"),
    ("text is true", b'{"text":true}', "text is not a string"),
    ("text is a list", b'{"text":["' + M + b'"]}', "text is not a string"),
    ("text is an object", b'{"text":{"a":"' + M + b'"}}', "text is not a string"),
    ("id is an object", b'{"id":{},"text":"x"}', "id, source or author is not a string or number"),
    ("author is a list", b'{"author":["x"],"text":"x"}', "id, source or author is not a string or number"),
    ("text twice", b'{"text":"x","text":"' + M + b'"}', "a mapped key stands twice"),
    ("text twice, once with escapes", rb'{"text":"x","\u0074ext":"y"}', "a mapped key stands twice"),
    ("too large", b'{"text":"' + b"x" * 200_000 + b'"}', "too large"),
]


def ids(cases: list[tuple[Any, ...]]) -> list[str]:
    return [case[0] for case in cases]


@pytest.mark.parametrize(("_name", "line", "want"), GOOD, ids=ids(GOOD))
def test_a_good_line_becomes_a_record(
    tmp_path: Path, read: Reading, _name: str, line: bytes, want: dict[str, Any]
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"id":"0","text":"first"}\n' + line + b"\n")
    got = read(file)
    assert got.gaps == []
    assert {key: got.rows[1][key] for key in want} == want


@pytest.mark.parametrize(("_name", "line", "reason"), BAD, ids=ids(BAD))
def test_a_bad_line_costs_itself_only(tmp_path: Path, read: Reading, _name: str, line: bytes, reason: str) -> None:
    file = tmp_path / "a.jsonl"
    before, after = b'{"id":"0","author":"a","text":"before"}\n', b'\n{"id":"2","text":"after"}'
    file.write_bytes(before + line + after)
    got = read(file, max_record=150_000)
    assert got.texts == ["before", "after"]
    assert [(g.unit, g.place, g.reason, g.units) for g in got.gaps] == [(1, len(before), reason, 1)]
    assert got.unit == [0, 2]
    assert got.place == [0, len(before) + len(line) + 1]
    assert got.raw == file.read_bytes()


def test_blank_lines_count_as_lines_and_not_as_units(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'\n{"text":"a"}\n \t\r\n{"text":"b"}\n\n\n')
    got = read(file)
    assert (got.unit, got.units, got.span) == ([1, 3], 2, 6)


def test_the_same_id_twice_is_two_records(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"id":"a","text":"x"}\n{"id":"a","text":"y"}\n')
    assert read(file).texts == ["x", "y"]


def test_a_byte_order_mark_is_no_content(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"text":"x"}\n')
    assert read(file).texts == ["x"]


def test_utf_16_is_refused_with_its_name(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes('{"text":"x"}\n'.encode("utf-16"))
    with pytest.raises(InputError, match=r"a\.jsonl: is UTF-16"):
        read(file)


def test_an_empty_file_gives_nothing(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.jsonl"
    file.touch()
    assert read(file).units == 0


def test_a_file_of_rubbish_is_all_unreadable_and_told_in_few_words(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes((M + b"\n") * 5_000)
    got = read(file)
    assert got.units == 5_000
    assert len(got.gaps) == 1


DATES = [
    ("2024-02-29T12:30:15.123456Z", datetime(2024, 2, 29, 12, 30, 15, 123456, UTC)),
    ("2024-02-29T12:30:15.123456789+02:00", datetime(2024, 2, 29, 10, 30, 15, 123456, UTC)),
    ("2024-02-29 12:30:15", datetime(2024, 2, 29, 12, 30, 15, 0, UTC)),
    ("2024-02-29 12:30:15 UTC", datetime(2024, 2, 29, 12, 30, 15, 0, UTC)),
    ("2024-02-29t12:30-0130", datetime(2024, 2, 29, 14, 0, 0, 0, UTC)),
    ("1969-12-31", datetime(1969, 12, 31, tzinfo=UTC)),
    ("0001-01-01", datetime(1, 1, 1, tzinfo=UTC)),
    (" 2024-01-01 ", datetime(2024, 1, 1, tzinfo=UTC)),
    (1_700_000_000, datetime(2023, 11, 14, 22, 13, 20, 0, UTC)),
    ("1700000000", datetime(2023, 11, 14, 22, 13, 20, 0, UTC)),
    (1_700_000_000.25, datetime(2023, 11, 14, 22, 13, 20, 250_000, UTC)),
    (1_700_000_000_250, datetime(2023, 11, 14, 22, 13, 20, 250_000, UTC)),
    (1_700_000_000_250_001, datetime(2023, 11, 14, 22, 13, 20, 250_001, UTC)),
    (-1, datetime(1969, 12, 31, 23, 59, 59, 0, UTC)),
    ("2023-02-29", None),
    ("2024-13-01", None),
    ("2024-1-1", None),
    ("2024-01-01T24:00:00", None),
    ("2024-01-01T12", None),
    ("2024-01-01T12:00:00+", None),
    ("2024-01-01T12:00:00+2", None),
    ("2024-01-01T12:00:00 CET", None),
    ("yesterday", None),
    ("", None),
    ("-", None),
    (True, None),
    ({"year": 2024}, None),
    ([2024], None),
]


@pytest.mark.parametrize(("written", "meant"), DATES, ids=[str(w) for w, _ in DATES])
def test_dates(tmp_path: Path, read: Reading, written: object, meant: datetime | None) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"text": "x", "published_at": written}))
    assert read(file).rows[0]["published_at"] == meant


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_date_reads_as_python_reads_it(when: datetime) -> None:
    import numpy as np

    from klarera.kernels import lines, values

    written = np.frombuffer(when.isoformat().encode(), np.uint8)
    out = np.empty(1, np.int64)
    one = np.array([len(written)], np.int32)
    values.dates(written, np.array([lines.PLAIN], np.uint8), np.zeros(1, np.int32), one, out)
    assert np.datetime64(int(out[0]), "us") == np.datetime64(when, "us")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.fixed_dictionaries(
    {}, optional={"text": st.text(max_size=40), "id": st.text(max_size=5), "extra": JSON_VALUES, "meta": JSON_VALUES}
)
RUBBISH = st.sampled_from([case[1] for case in BAD if len(case[1]) < 200]) | st.binary(min_size=1, max_size=12).filter(
    lambda b: b"\n" not in b and b.strip(b" \t\r") != b"" and not b.lstrip().startswith(b"{")
)


@given(
    st.lists(st.tuples(st.booleans(), OBJECTS, RUBBISH, st.booleans()), max_size=12),
    st.integers(1, 200),
    st.booleans(),
)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_any_mixture_gives_exactly_the_good_lines_in_order_whatever_the_cuts(
    tmp_path_factory: pytest.TempPathFactory,
    read: Reading,
    mixture: list[tuple[bool, dict[str, Any], bytes, bool]],
    shard_bytes: int,
    ascii_only: bool,
) -> None:
    folder = tmp_path_factory.mktemp("mixed")
    lines = [b'{"text":"first","id":"0","author":"a"}']
    good: list[dict[str, Any]] = [{"text": "first", "id": "0"}]
    for is_good, item, rubbish, blank in mixture:
        lines.append(json.dumps(item, ensure_ascii=ascii_only).encode("utf-8", "strict") if is_good else rubbish)
        good += [item] if is_good else []
        lines += [b""] if blank else []
    (folder / "a.jsonl").write_bytes(b"\n".join(lines))
    got = read(folder / "a.jsonl", shard_bytes=shard_bytes)
    assert got.texts == [item.get("text") for item in good]
    assert [row["id"] for row in got.rows] == [item.get("id") for item in good]
    assert got.units == sum(1 for line in lines if line.strip(b" \t\r"))
    assert got.span >= len(lines) - 1
    assert got.raw == (folder / "a.jsonl").read_bytes()


@given(
    st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | JSON_VALUES.map(lambda v: json.dumps(v).encode())
)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_what_python_reads_as_an_object_is_read_and_nothing_else(line: bytes) -> None:
    import numpy as np

    from klarera.kernels import lines

    buf = np.frombuffer(b'{"k":' + line + b"}", np.uint8)
    status = np.zeros(1, np.uint8)
    begin, end = np.zeros(1, np.int64), np.array([len(buf)], np.int64)
    lines.not_utf8(buf, begin, end, status)
    empty, none = np.zeros((0, 1), np.int32), np.zeros((0, 1), np.uint8)
    lines.walk(
        buf, begin, end, np.empty(0, np.uint8), np.zeros(1, np.int64), 0, False, status, none, empty, empty.copy()
    )
    try:
        item = json.loads(buf.tobytes().decode())
    except ValueError:
        item = None
    assert (status[0] == lines.OK) == isinstance(item, dict)


def packed(data: bytes, name: str) -> bytes:
    """Data in a compression by the ending of a name."""
    return gzip.compress(data, 1, mtime=0) if name.endswith(".gz") else pa.compress(data, "zstd", asbytes=True)


MANY = b"".join(b'{"id":%d,"text":"line %d of some length"}\n' % (n, n * n) for n in range(40_000))


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst", "a.ndjson.gz", "a.json.gz"])
class TestCompressed:
    def test_whole(self, tmp_path: Path, read: Reading, name: str) -> None:
        (tmp_path / name).write_bytes(packed(MANY, name))
        got = read(tmp_path / name, shard_bytes=1000)
        assert (len(got.rows), got.gaps) == (40_000, [])
        assert got.raw == (tmp_path / name).read_bytes()
        assert got.place[7] == MANY.index(b'{"id":7,')

    def test_cut_off_gives_what_came_before_and_says_so(self, tmp_path: Path, read: Reading, name: str) -> None:
        raw = packed(MANY, name)
        (tmp_path / name).write_bytes(raw[: len(raw) * 2 // 3])
        got = read(tmp_path / name)
        assert 0 < len(got.rows) < 40_000
        assert got.texts == [f"line {n * n} of some length" for n in range(len(got.rows))]
        assert got.reasons == ["truncated stream"]
        assert got.gaps[0].unit == len(got.rows)

    def test_a_flipped_byte_is_noticed(self, tmp_path: Path, read: Reading, name: str) -> None:
        raw = bytearray(packed(MANY, name))
        raw[len(raw) // 2] ^= 0xFF
        (tmp_path / name).write_bytes(raw)
        got = read(tmp_path / name)
        assert got.gaps
        assert got.raw == bytes(raw)

    def test_the_decoded_size_is_limited(self, tmp_path: Path, read: Reading, name: str) -> None:
        (tmp_path / name).write_bytes(packed(MANY, name))
        got = read(tmp_path / name, max_decoded=1_500_000)
        assert got.reasons == ["decodes to more than 1500000 bytes"]
        assert 0 < len(got.rows) < 40_000


def test_members_of_gzip_follow_each_other(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(b'{"text":"a"}\n{"te', mtime=0) + gzip.compress(b'xt":"b"}\n') + b"\0" * 512)
    assert read(file).texts == ["a", "b"]


def test_rubbish_behind_gzip_is_noticed(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(b'{"text":"a"}\n', mtime=0) + M)
    got = read(file)
    assert (got.texts, got.reasons) == (["a"], ["corrupt stream"])


def test_a_bomb_is_stopped_by_its_ratio(tmp_path: Path, read: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "RATIO_FLOOR", 1 << 20)
    file = tmp_path / "a.jsonl.gz"
    squeezed = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = squeezed.compress(b'{"text":"a"}\n') + squeezed.compress(bytes(20 << 20)) + squeezed.flush()
    file.write_bytes(data)
    got = read(file)
    assert got.texts == ["a"]
    assert "times its size" in got.reasons[-1]


def test_mapping_guesses_only_names_it_knows(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"body":"x","lang":"en","user":"u","likes":3,"created_at":"2024-01-01"}\n')
    used, rest = READER.columns(file, Options())
    assert used == {"text": "body", "author": "user", "published_at": "created_at", "language": "lang"}
    assert rest == ["likes"]


def test_nested_names_are_followed(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.jsonl"
    post = {"content": "x", "account": {"acct": "ada@example.org", "display_name": "Ada"}, "created_at": "2024-01-01"}
    file.write_text(json.dumps(post) + '\n{"content":"y","account":null}\n{"content":"z","account":["q"]}\n')
    got = read(file)
    assert [row["author"] for row in got.rows] == ["ada@example.org", None, None]
    assert got.rows[0]["author_name"] == "Ada"


def test_a_nested_key_twice_is_unreadable(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"text":"x","user":{"n":"a"}}\n{"text":"y","user":{"n":"a","n":"b"}}\n')
    got = read(file, mapping={"author": "user.n"})
    assert (got.texts, got.reasons) == (["x"], ["a mapped key stands twice"])


def test_carried_columns_follow_in_order_as_text(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"body":"x","text":"t","n":1,"tags":["a", "b"]}\n{"body":"y","n":"1"}\n')
    got = read(file, mapping={"text": "body"}, carry=("tags", "n", "text"))
    assert list(got.rows[0])[-3:] == ["tags", "n", "input.text"]
    assert (got.rows[0]["tags"], got.rows[0]["n"], got.rows[0]["input.text"]) == ('["a", "b"]', "1", "t")
    assert (got.rows[1]["tags"], got.rows[1]["n"]) == (None, "1")


def test_carrying_all_loses_no_key_silently(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.jsonl"
    first = '{"text":"x","n":1}\n' * 1_000
    file.write_text(first + '{"text":"y","late":1}\n')
    got = read(file, carry=("*",))
    assert len(got.rows) == 1_000
    assert "first lines do not have" in got.reasons[0]


def test_a_record_column_that_comes_late_is_read(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"text":"x"}\n' * 1_500 + '{"text":"y","language":"de"}\n')
    assert read(file).rows[-1]["language"] == "de"


def test_the_name_of_the_source_is_given_where_the_input_has_none(tmp_path: Path, read: Reading) -> None:
    (tmp_path / "a.jsonl").write_text('{"text":"x"}\n')
    (tmp_path / "b.jsonl").write_text('{"text":"x","source":"own"}\n')
    got = read(tmp_path, source="given")
    assert [row["source"] for row in got.rows] == ["given", "own"]


def test_no_text_is_an_error_with_the_way_out(tmp_path: Path, read: Reading) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({MARKER: "x"}) + "\n")
    with pytest.raises(InputError, match="no column holds the text") as caught:
        read(tmp_path / "a.jsonl")
    assert MARKER not in str(caught.value)
    with pytest.raises(InputError, match="no column 'boddy'"):
        read(tmp_path / "a.jsonl", mapping={"text": "boddy"})
    with pytest.raises(UsageError, match="unknown record column 'txt'"):
        read(tmp_path / "a.jsonl", mapping={"txt": "body"})


def test_pieces_keep_to_the_row_limit(tmp_path: Path, read: Reading) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"text":""}\n' * 70_000)
    got = read(file)
    assert (len(got.rows), got.pieces) == (70_000, 2)


def test_a_long_line_between_blocks(tmp_path: Path, read: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BLOCK", 1_000)
    monkeypatch.setattr(stream, "STEP", 300)
    sizes = [10, 2_500, 10, 6_000, 10, 4_990, 999, 1_000, 1_001]
    lines = [b'{"text":"' + b"x" * (size - 11) + b'"}' for size in sizes]
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"\n".join([b'{"text":"first"}', *lines]))
    got = read(file, max_record=5_000, shard_bytes=700)
    assert [len(text or "") + 11 for text in got.texts[1:]] == [max(size, 11) for size in sizes if size != 6_000]
    assert got.reasons == ["too large"]
    assert got.raw == file.read_bytes()
    assert got.units == 10


def test_shards_are_the_same_for_the_same_file(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(MANY)
    options = Options(shard_bytes=100_000)
    shards = catalog.plan([file], options)
    assert shards == catalog.plan([file], options)
    assert [s.start for s in shards[1:]] == [s.stop for s in shards[:-1]]
    assert shards[-1].stop == len(MANY)
