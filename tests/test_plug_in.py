"""The worked example of docs/plug-in.md, run as it stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from klarera.cli.app import app
from klarera.evidence.commits import head

PAGE = (Path(__file__).parent.parent / "docs" / "plug-in.md").read_text("utf-8")


def test_the_example_does_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLARERA_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("KLARERA_TODAY", "2026-11-22")
    monkeypatch.chdir(tmp_path)
    files = dict(re.findall(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
    assert set(files) == {"badges.py", "klarera.toml", "posts.jsonl"}
    for name, text in files.items():
        Path(name).write_text(text, "utf-8")
    (command,) = re.findall(r"^```\nklarera (clear .*)$", PAGE, re.MULTILINE)
    result = CliRunner().invoke(app, [*command.split(), "--quiet"])
    assert result.exit_code == 0, result.exception
    texts = {t for p in Path("out/cleared").glob("*") for t in pq.read_table(p).column("text").to_pylist()}
    given = [json.loads(line)["text"] for line in files["posts.jsonl"].splitlines()]
    changed = re.search(r"The first text becomes `([^`]+)`", PAGE)
    assert changed is not None
    assert texts == {changed[1], *given[1:]}
    commit = head(Path("out"))
    assert commit is not None
    payload: Any = commit.payload
    assert payload["not_looked_for"]["ID_DOCUMENT"] == {"de": 1}
    (card,) = [d for d in payload["detectors"] if d["name"] == "badges"]
    assert (card["version"], card["kinds"], card["languages"]) == (3, ["ID_DOCUMENT"], ["en"])
    assert len(card["sha256"]) == 64


def test_every_key_of_the_table_is_one_klarera_reads() -> None:
    from klarera.plugs import ADAPTERS, KEYS

    rows = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert set(rows) == {*KEYS, *ADAPTERS.values()}
