from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.read.json_array import FAULT

Reading = Callable[..., Any]
MARKER = "Zyxwv-Marker-7391"

CASES: list[tuple[str, bytes, list[str | None], list[str]]] = [
    ("plain", b'[{"text":"a"},{"text":"b"}]', ["a", "b"], []),
    ("spread over lines", b'[\n {\n "text"\n: "a"}\n,\r\n{"text":"b"}\n]\n', ["a", "b"], []),
    ("empty", b"[]", [], []),
    ("wrong text", b'[{"text":"a"},{"text":1},{"text":"b"}]', ["a", "b"], ["text is not a string"]),
    ("other things between", b'[{"text":"a"},17,"x",null,[1],{"text":"b"}]', ["a", "b"], ["not a JSON object"] * 4),
    ("not UTF-8", b'[{"text":"a"},{"text":"\xff"},{"text":"b"}]', ["a", "b"], ["not UTF-8"]),
    ("lone surrogate", rb'[{"text":"a"},{"text":"\ud800"},{"text":"b"}]', ["a", "b"], ["half of a surrogate pair"]),
    ("too large", b'[{"text":"a"},{"text":"' + b"x" * 2_000 + b'"},{"text":"b"}]', ["a", "b"], ["too large"]),
    ("cut off", b'[{"text":"a"},{"text":"' + MARKER.encode(), ["a"], [FAULT]),
    ("cut off behind a comma", b'[{"text":"a"},', ["a"], [FAULT]),
    ("no comma", b'[{"text":"a"} {"text":"b"}]', ["a"], [FAULT]),
    ("two commas", b'[{"text":"a"},,{"text":"b"}]', ["a"], [FAULT]),
    ("comma at the end", b'[{"text":"a"},]', ["a"], [FAULT]),
    ("words behind the end", b'[{"text":"a"}] words', ["a"], [FAULT]),
    ("too deep", b'[{"text":"a"},{"d":' + b"[" * 70 + b"]" * 70 + b"}]", ["a"], [FAULT]),
]


@pytest.mark.parametrize(("_name", "data", "texts", "reasons"), CASES, ids=[case[0] for case in CASES])
def test_elements(
    tmp_path: Path, read: Reading, _name: str, data: bytes, texts: list[str | None], reasons: list[str]
) -> None:
    (tmp_path / "a.json").write_bytes(data)
    got = read(tmp_path / "a.json", max_record=1_000)
    assert (got.texts, got.reasons) == (texts, reasons)
    assert got.raw == data


def test_places_are_byte_offsets(tmp_path: Path, read: Reading) -> None:
    data = '[{"text":"ä"}, {"text":"b"}]'.encode()
    (tmp_path / "a.json").write_bytes(data)
    assert read(tmp_path / "a.json").place == [1, data.index(b'{"text":"b"}')]


@given(
    st.lists(st.fixed_dictionaries({"text": st.text(max_size=30)}), min_size=1, max_size=30), st.sampled_from([None, 2])
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_array_reads_as_python_wrote_it(
    tmp_path_factory: pytest.TempPathFactory, read: Reading, items: list[dict[str, str]], indent: int | None
) -> None:
    file = tmp_path_factory.mktemp("any") / "a.json"
    file.write_text(json.dumps(items, indent=indent))
    assert read(file).texts == [item["text"] for item in items]
