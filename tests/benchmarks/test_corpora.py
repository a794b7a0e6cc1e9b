"""The benchmark corpora do not change: figures of different days are about the same texts."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import corpora
from corpora import RECIPES
from pools import PLANTS

HASHES = {"posts": "5be5ad92986e", "web": "c56ae8f3c60f"}
FIRST_ROWS = {"posts": "15500de4d6926a86", "web": "4bb4bec21687e370"}
"""SHA-256 over the first 100 records as JSON. A change here is a new VERSION in benchmarks/corpora.py."""


def start(name: str, megabytes: float) -> list[dict[str, object]]:
    batch, _ = next(corpora.groups(RECIPES[name], megabytes))
    rows: list[dict[str, object]] = batch.slice(0, 100).to_pylist()
    return rows


@pytest.mark.parametrize("name", RECIPES)
def test_the_recipe_is_the_one_all_figures_rest_on(name: str) -> None:
    assert corpora.recipe_hash(RECIPES[name]) == HASHES[name]


@pytest.mark.parametrize("name", RECIPES)
def test_the_first_records_are_always_the_same(name: str) -> None:
    lines = [json.dumps(row, default=str, sort_keys=True) for row in start(name, 1)]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16] == FIRST_ROWS[name]


@pytest.mark.parametrize("name", RECIPES)
def test_every_size_starts_with_the_same_records(name: str) -> None:
    assert start(name, 1) == start(name, 3)


@pytest.mark.parametrize("name", RECIPES)
def test_size_and_length_are_about_what_they_say(name: str) -> None:
    sizes = [len(t.encode()) for batch, _ in corpora.groups(RECIPES[name], 5) for t in batch.column("text").to_pylist()]
    assert 5_000_000 <= sum(sizes) < 5_000_000 + max(sizes)
    assert sum(sizes) / len(sizes) == pytest.approx(RECIPES[name].record_bytes, rel=0.05)


@pytest.mark.parametrize("name", RECIPES)
def test_plants_stand_as_often_as_the_recipe_says(name: str) -> None:
    recipe = RECIPES[name]
    batch, gold = next(corpora.groups(recipe, 1e3))
    kinds = {group: found for group, found in PLANTS.items() if group not in ("person", "email")}
    kinds |= {"handle": ("HANDLE",), "url": ("URL",)}
    labels, rows = gold.column("label").to_pylist(), gold.column("row").to_pylist()
    for group, found in kinds.items():
        seen = {row for row, label in zip(rows, labels, strict=True) if label.split("/")[0] in found}
        expected = recipe.densities[group] * len(batch)
        assert len(seen) == pytest.approx(expected, abs=5 * expected**0.5), group


@pytest.mark.parametrize("name", RECIPES)
def test_gold_spans_hold_what_they_say(name: str) -> None:
    batch, gold = next(corpora.groups(RECIPES[name], 2))
    texts = batch.column("text").to_pylist()
    shapes: dict[str, Callable[[str], bool]] = {
        "HANDLE": lambda s: s.startswith("@") and " " not in s,
        "URL": lambda s: s.startswith("https://") and " " not in s,
        "EMAIL": lambda s: s.count("@") == 1 and " " not in s,
        "IBAN": lambda s: s[:2].isupper() and s[2:4].isdigit(),
        "PHONE": lambda s: all(c in "+- 0123456789" for c in s),
    }
    checked = 0
    for row in gold.to_pylist():
        value = texts[row["row"]].encode()[row["start"] : row["end"]].decode()
        shape = shapes.get(row["label"].split("/")[0])
        assert value == value.strip() != ""
        checked += shape is not None
        assert shape is None or shape(value), row["label"]
    assert checked > 100


def test_rows_of_gold_count_on_over_row_groups(tmp_path: Path) -> None:
    path = corpora.make("web", 18, tmp_path)
    gold = pq.read_table(path.with_suffix(".gold.parquet"))
    texts, file = pq.read_table(path).column("text"), pq.ParquetFile(path)
    assert file.metadata.num_row_groups == 2
    last = gold.filter(pc.equal(gold["label"], "URL/general")).slice(len(texts) // 2).to_pylist()[-1]
    assert last["row"] >= RECIPES["web"].rows
    assert texts[last["row"]].as_py().encode()[last["start"] : last["end"]].startswith(b"https://")


def test_a_corpus_that_is_there_is_used_again_and_told_as_json_lines(tmp_path: Path) -> None:
    path = corpora.make("posts", 0.1, tmp_path)
    stamp = path.stat().st_mtime_ns
    assert corpora.make("posts", 0.1, tmp_path) == path
    assert path.stat().st_mtime_ns == stamp
    lines = corpora.to_jsonl(path, packed=False).read_text("utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == pq.read_table(path).column("text").to_pylist()
    with pa.CompressedInputStream(pa.OSFile(str(corpora.to_jsonl(path, packed=True))), "zstd") as packed:
        assert packed.read().decode().splitlines() == lines


def test_authors_come_back_in_later_row_groups() -> None:
    first, second = (set(batch.column("author").to_pylist()) for batch, _ in corpora.groups(RECIPES["web"], 25))
    assert len(first) == RECIPES["web"].rows // 8
    assert len(first & second) > len(first) // 2
