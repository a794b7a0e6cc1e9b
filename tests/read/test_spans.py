from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.batch import Records
from klarera.errors import InputError, UsageError
from klarera.model import About, Kind, Stance, Strength
from klarera.read.spans import join, load

MARKER = "Zyxwv-Marker-7391"
SPAN = {"id": "a", "start": 0, "end": 2, "unit": "bytes", "kind": "EMAIL"}


def written(folder: Path, *rows: object) -> Path:
    """A findings file of these rows; text stands as it is."""
    file = folder / "found.jsonl"
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return file


BAD: list[tuple[str, object, str]] = [
    ("no key", {**SPAN, "id": None}, "neither id nor place"),
    ("no start", {**SPAN, "start": None}, "start and end"),
    ("end before start", {**SPAN, "start": 3}, "start and end"),
    ("empty", {**SPAN, "end": 0}, "start and end"),
    ("negative", {**SPAN, "start": -1}, "start and end"),
    ("fraction", {**SPAN, "end": 1.5}, "start and end"),
    ("huge", {**SPAN, "end": 10**30}, "start and end"),
    ("no unit", {**SPAN, "unit": None}, "unit is not stated"),
    ("other unit", {**SPAN, "unit": "utf16"}, "unit is not stated"),
    ("no kind", {**SPAN, "kind": None}, "kind is not one"),
    ("other kind", {**SPAN, "kind": MARKER}, "kind is not one"),
    ("other about", {**SPAN, "about": MARKER}, "about is not one"),
    ("other stance", {**SPAN, "stance": MARKER}, "stance is not one"),
    ("score over 1", {**SPAN, "score": 1.01}, "score is not"),
    ("score in words", {**SPAN, "score": "high"}, "score is not"),
    ("no JSON", "{" + MARKER, "not JSON"),
    ("a list", [MARKER], "not a JSON object"),
]


@pytest.mark.parametrize(("_name", "row", "reason"), BAD, ids=[case[0] for case in BAD])
def test_bad_rows_are_counted_with_their_number(tmp_path: Path, _name: str, row: object, reason: str) -> None:
    table = load(written(tmp_path, SPAN, row, "", SPAN))
    assert len(table) == 2
    assert [(gap.unit, gap.reason.startswith(reason)) for gap in table.unreadable] == [(1, True)]
    assert MARKER not in repr(table.unreadable)


def test_all_that_a_row_says_is_kept(tmp_path: Path) -> None:
    row = SPAN | {"about": "OTHER", "stance": "negated", "score": 0.875, "tool": "names 1", "source": "s"}
    joined = join(load(written(tmp_path, row, SPAN | {"source": "s"})), RECORDS, detectors={"names 1": 7})
    found = joined.findings
    assert joined.misfits == 0
    assert found.row.tolist() == [0, 0]
    assert sorted(
        zip(found.about.tolist(), found.stance.tolist(), found.score.tolist(), found.detector.tolist(), strict=True)
    ) == [
        (About.UNCLEAR, Stance.STATED, 255, 0),
        (About.OTHER, Stance.NEGATED, 88, 7),
    ]
    assert set(found.kind.tolist()) == {Kind.EMAIL}
    assert set(found.strength.tolist()) == {Strength.MODEL}
    assert found.ctx_end.tolist() == found.end.tolist() == [2, 2]


RECORDS = Records.of(
    {"id": ["a", "b", None, "a"], "source": ["s", "s", "s", "t"], "text": ["äxyz", "b😀c", "dd", None]}
)


@pytest.mark.parametrize(
    ("span", "want"),
    [
        ({"end": 2}, [(0, 0, 2)]),
        ({"end": 3, "source": "s"}, [(0, 0, 3)]),
        ({"end": 3, "source": "u"}, []),
        ({"end": 1}, []),
        ({"start": 1, "end": 3}, []),
        ({"end": 5}, [(0, 0, 5)]),
        ({"end": 6}, []),
        ({"end": 1, "unit": "codepoints"}, [(0, 0, 2)]),
        ({"start": 1, "end": 4, "unit": "codepoints"}, [(0, 2, 5)]),
        ({"end": 5, "unit": "codepoints"}, []),
        ({"id": "b", "start": 1, "end": 2, "unit": "codepoints"}, [(1, 1, 5)]),
        ({"id": "b", "start": 2, "end": 5}, []),
        ({"id": "c"}, []),
        ({"id": None, "place": 2}, [(2, 0, 2)]),
        ({"id": None, "place": 2, "path": "in/posts.jsonl"}, [(2, 0, 2)]),
        ({"id": None, "place": 2, "path": "other.jsonl"}, []),
        ({"id": None, "place": 9}, []),
    ],
)
def test_joining(tmp_path: Path, span: dict[str, Any], want: list[tuple[int, int, int]]) -> None:
    table = load(written(tmp_path, SPAN | span))
    assert not table.unreadable
    found = join(table, RECORDS, path="data/posts.jsonl").findings
    assert list(zip(found.row.tolist(), found.start.tolist(), found.end.tolist(), strict=True)) == want


def test_spans_that_do_not_fit_are_counted(tmp_path: Path) -> None:
    table = load(written(tmp_path, SPAN | {"end": 1}, SPAN | {"end": 99}, SPAN))
    # Two records have this id; the second has no text.
    assert join(table, RECORDS).misfits == 5


def test_parquet_says_the_same(tmp_path: Path) -> None:
    rows = [SPAN | {"score": 0.5}, SPAN | {"id": "b", "start": 1, "end": 5, "score": 0.25}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "found.parquet")
    a, b = (join(load(f), RECORDS).findings for f in (written(tmp_path, *rows), tmp_path / "found.parquet"))
    assert a.to_arrow().equals(b.to_arrow())
    assert len(a) == 2


def test_the_unit_can_be_said_once(tmp_path: Path) -> None:
    row = {key: value for key, value in SPAN.items() if key != "unit"}
    assert len(load(written(tmp_path, row), unit="codepoints")) == 1
    with pytest.raises(UsageError, match="unknown unit of spans 'words'"):
        load(written(tmp_path, row), unit="words")


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load(tmp_path / "missing.jsonl")
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="is not Parquet"):
        load(tmp_path / "a.parquet")
    assert len(load(written(tmp_path))) == 0


TEXT = st.text(st.sampled_from("aä€😀\n"), max_size=12)


@given(st.lists(TEXT, min_size=1, max_size=5), st.data())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_code_points_mean_what_python_means(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], data: st.DataObject
) -> None:
    spans, want = [], []
    for _ in range(data.draw(st.integers(0, 8))):
        row = data.draw(st.integers(0, len(texts) - 1))
        start = data.draw(st.integers(0, 13))
        end = data.draw(st.integers(start + 1, 14))
        spans.append({"id": str(row), "start": start, "end": end, "unit": "codepoints", "kind": "PERSON"})
        if end <= len(texts[row]):
            begin = len(texts[row][:start].encode())
            want.append((row, begin, begin + len(texts[row][start:end].encode())))
    records = Records.of({"id": [str(n) for n in range(len(texts))], "text": texts})
    joined = join(load(written(tmp_path_factory.mktemp("any"), *spans)), records)
    found = joined.findings
    assert sorted(zip(found.row.tolist(), found.start.tolist(), found.end.tolist(), strict=True)) == sorted(want)
    assert joined.misfits == len(spans) - len(want)
