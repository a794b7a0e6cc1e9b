"""The benchmark corpora: `posts` of about 170 bytes and `web` texts of about 2 kB, the same at every run.

    python benchmarks/corpora.py [--size MB] [--only posts|web] [--jsonl] [--folder FOLDER]

Languages, densities and seed are fixed in RECIPES and do not change with what is measured. A corpus is one
Parquet file (zstd-1) and, beside it, its gold: what was planted where. Files whose name carries the recipe's
hash are used again. Everything in them is invented.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent))

import pools
from banks import FOLDER, LANGUAGES
from pools import PLANTS, Pool

__all__ = ["GOLD", "RECIPES", "SCHEMA", "WRITE", "Recipe", "groups", "make", "recipe_hash", "to_jsonl"]

VERSION = 1
SHARES = {"en": 30, "de": 14, "fr": 12, "es": 8, "it": 7, "nl": 6, "pl": 5, "pt": 5, "sv": 4, "fi": 3, "cs": 3, "ro": 3}
COUNTRIES = ("IE", "DE", "FR", "ES", "IT", "NL", "PL", "PT", "SE", "FI", "CZ", "RO")
SCHEMA = pa.schema(
    [
        ("id", pa.large_string()), ("text", pa.large_string()), ("source", pa.large_string()),
        ("url", pa.large_string()), ("author", pa.large_string()), ("published_at", pa.timestamp("us", "UTC")),
        ("visibility", pa.large_string()), ("country", pa.large_string()), ("language", pa.large_string()),
    ]
)  # fmt: skip
GOLD = pa.schema([("row", pa.int64()), ("start", pa.int32()), ("end", pa.int32()), ("label", pa.large_string())])
"""Row of the corpus, bytes within its text (end exclusive), KIND/about."""
WRITE = {
    "compression": "zstd", "compression_level": 1, "use_dictionary": ["source", "visibility", "country", "language"],
}  # fmt: skip
"""How Parquet is written, here and by the no-work copy."""
FIRST, LAST = 1_546_300_800_000_000, 1_796_000_000_000_000
"""Time of the earliest and latest record, microseconds since 1970."""

I8 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Recipe:
    """What a corpus is made of. Densities are the share of records in which the plant stands once.

    sentences   share of records with 1, 2, 3 ... ordinary sentences
    shuffled    plants stand anywhere and paragraphs break, as in pages; else the order of a post
    """

    name: str
    seed: int
    rows: int
    record_bytes: int
    sentences: tuple[float, ...]
    shuffled: bool
    densities: dict[str, float]
    pool_sentences: int = 16_000
    pool_plants: int = 1_500


RECIPES = {
    "posts": Recipe(
        "posts", 20_261_123, 65_536, 170, (0.26, 0.35, 0.25, 0.14), False,
        {"handle": 0.35, "url": 0.20, "email": 0.01, "phone": 0.008, "iban": 0.001, "card": 0.0005, "ip": 0.002,
         "nid": 0.0005, "person": 0.06, "special": 0.002, "minor": 0.0005, "objection": 0.0005, "tag": 0.15},
    ),
    "web": Recipe(
        "web", 20_261_124, 8_192, 2_000, (0.0,) * 12 + (1 / 34,) * 34, True,
        {"handle": 0.0, "url": 0.90, "email": 0.25, "phone": 0.20, "iban": 0.01, "card": 0.002, "ip": 0.05,
         "nid": 0.003, "person": 0.50, "special": 0.002, "minor": 0.0005, "objection": 0.0, "tag": 0.0},
    ),
}  # fmt: skip


def recipe_hash(recipe: Recipe) -> str:
    """Twelve hex digits over everything the corpus is made from: numbers, version, sentence banks."""
    banks = {k: hashlib.sha256((FOLDER / f"{k}.txt").read_bytes()).hexdigest() for k in LANGUAGES}
    whole = json.dumps([VERSION, SHARES, asdict(recipe), banks], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:12]


@cache
def _pool(seed: int, sentences: int, plants: int) -> Pool:
    return pools.build(seed, sentences, plants)


def groups(recipe: Recipe, megabytes: float) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
    """Row groups of the corpus, each with its gold, until the texts have `megabytes` (10^6 bytes) together.

    The last group is cut where the size is reached, so that every size starts with the same records.
    """
    pool = _pool(recipe.seed, recipe.pool_sentences, recipe.pool_plants)
    left, first, number = round(megabytes * 1e6), 0, 0
    while left > 0:
        random = np.random.Generator(np.random.PCG64([recipe.seed, number]))
        batch, gold = _group(recipe, pool, random, first)
        ends = np.frombuffer(batch.column("text").buffers()[1], np.int64)[1 : batch.num_rows + 1]
        rows = min(batch.num_rows, int(np.searchsorted(ends, left)) + 1)
        keep = np.searchsorted(gold.column("row").to_numpy(), first + rows)
        yield batch.slice(0, rows), gold.slice(0, keep)
        left -= int(ends[rows - 1])
        first, number = first + rows, number + 1


def _group(
    recipe: Recipe, pool: Pool, random: np.random.Generator, first: int
) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    n = recipe.rows
    # One new author for eight records; half of all records are by authors of earlier groups, so that what
    # is known of an author lies all over the file.
    back = np.where(random.random(n) < 0.5, random.integers(0, first // n + 1, n), 0)
    author = random.permutation(n) % (n // 8) + (first // n - back) * (n // 8)
    share = np.array([SHARES[k] for k in LANGUAGES]) / 100
    language = np.searchsorted(np.cumsum(share), (author * 0x9E3779B1 % 2**32) / 2**32, side="right")
    ids, counts = _pieces(recipe, pool, random, np.minimum(language, len(LANGUAGES) - 1))
    ends = np.cumsum(counts)
    taken = pool.text.take(pa.array(ids))
    places = np.frombuffer(taken.buffers()[1], np.int64)[: len(ids) + 1]
    offsets = np.ascontiguousarray(places[np.concatenate(([0], ends))])
    text = pa.Array.from_buffers(pa.large_string(), n, [None, pa.py_buffer(offsets), taken.buffers()[2]])
    row = np.repeat(np.arange(n), counts)
    gold = _gold(pool, ids % pool.size, places[:-1] - offsets[row], row + first)
    return _columns(recipe, random, text, author, language, first), gold


def _pieces(recipe: Recipe, pool: Pool, random: np.random.Generator, language: I8) -> tuple[I8, I8]:
    """The pieces of all rows one after the other, and how many each row has."""
    n, most = len(language), len(recipe.sentences)
    many = np.searchsorted(np.cumsum(recipe.sentences), random.random(n) * 0.999999, side="right") + 1

    def some(group: str) -> I8:
        drawn = pool.draw(random, group, language)
        return np.where(random.random(n) < recipe.densities[group], drawn, -1)

    ordinary = [np.where(many > k, pool.draw(random, "sentence", language), -1) for k in range(most)]
    columns = [some("handle"), *ordinary[: most // 2], *(some(g) for g in PLANTS), *ordinary[most // 2 :]]
    table = np.stack([*columns, some("url"), some("tag")], axis=1)
    if recipe.shuffled:
        table = np.take_along_axis(table, np.argsort(random.random(table.shape), axis=1), axis=1)
    present = table >= 0
    counts = present.sum(axis=1)
    ids: I8 = table[present]
    ids += np.where(random.random(len(ids)) < 0.15, 2 * pool.size, 0) if recipe.shuffled else 0
    last = np.cumsum(counts) - 1
    ids[last] = ids[last] % pool.size + pool.size
    return ids, counts


def _gold(pool: Pool, piece: I8, at: I8, row: I8) -> pa.RecordBatch:
    """Spans of all pieces that hold some."""
    many = pool.first[piece + 1] - pool.first[piece]
    which = np.repeat(np.arange(len(piece)), many)
    within = np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many)
    span = pool.first[piece[which]] + within
    labels = pa.DictionaryArray.from_arrays(pa.array(pool.label[span]), pa.array(pool.labels, pa.large_string()))
    return pa.RecordBatch.from_arrays(
        [
            pa.array(row[which]),
            pa.array((at[which] + pool.start[span]).astype(np.int32)),
            pa.array((at[which] + pool.end[span]).astype(np.int32)),
            labels.dictionary_decode(),
        ],
        schema=GOLD,
    )


def _columns(
    recipe: Recipe, random: np.random.Generator, text: pa.Array, author: I8, language: I8, first: int
) -> pa.RecordBatch:
    """The text with what a platform or crawler tells beside it; language and country are sometimes not told."""
    n = len(text)
    number = pc.utf8_lpad(pa.array(np.arange(first, first + n)).cast(pa.large_string()), 10, "0")
    handle = _join(pa.array(author).cast(pa.large_string()), before="user")
    site = "https://pages.example" if recipe.shuffled else "https://social.example"
    visible = np.where(random.random(n) < 0.97, "public", "login")
    codes = pa.array(LANGUAGES, pa.large_string()).take(pa.array(language, mask=random.random(n) < 0.25))
    country = pa.array(COUNTRIES, pa.large_string()).take(pa.array(language, mask=random.random(n) < 0.5))
    return pa.RecordBatch.from_arrays(
        [
            _join(number, before=recipe.name[0]),
            text,
            pa.repeat(pa.scalar(f"bench-{recipe.name}", pa.large_string()), n),
            pc.binary_join_element_wise(_join(handle, before=f"{site}/@"), number, _word("/")),
            handle,
            pa.array(random.integers(FIRST, LAST, n)).cast(SCHEMA.field("published_at").type),
            pa.array(visible, pa.large_string()),
            country,
            codes,
        ],
        schema=SCHEMA,
    )


def _word(value: str) -> pa.Scalar:
    return pa.scalar(value, pa.large_string())


def _join(values: pa.Array, *, before: str) -> pa.Array:
    return pc.binary_join_element_wise(_word(before), values, _word(""))


def make(name: str, megabytes: float, folder: Path) -> Path:
    """The corpus' Parquet file; made unless it is there with the same recipe. Its gold lies beside it."""
    recipe = RECIPES[name]
    path = folder / f"{name}-{megabytes:g}-{recipe_hash(recipe)}.parquet"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    growing, growing_gold = path.with_suffix(".part"), path.with_suffix(".gold.part")
    with (
        pq.ParquetWriter(growing, SCHEMA, **WRITE) as out,
        pq.ParquetWriter(growing_gold, GOLD, compression="zstd") as g,
    ):
        for batch, gold in groups(recipe, megabytes):
            out.write_batch(batch, row_group_size=recipe.rows)
            g.write_batch(gold)
    growing_gold.rename(path.with_suffix(".gold.parquet"))
    growing.rename(path)  # last: a file of this name is whole
    return path


def to_jsonl(parquet: Path, *, packed: bool) -> Path:
    """The same records as JSON Lines, plain or zstd; made unless it is there."""
    path = parquet.with_suffix(".jsonl.zst" if packed else ".jsonl")
    if path.exists():
        return path
    growing = path.with_name(path.name + ".part")
    with pa.CompressedOutputStream(pa.OSFile(str(growing), "wb"), "zstd") if packed else growing.open("wb") as out:
        for batch in pq.ParquetFile(parquet).iter_batches(16_384):
            lines = [json.dumps(row, ensure_ascii=False, default=datetime.isoformat) for row in batch.to_pylist()]
            out.write(("\n".join(lines) + "\n").encode())
    growing.rename(path)
    return path


def main(arguments: list[str]) -> None:
    """Make what is asked for and say what it is."""
    parser = argparse.ArgumentParser(description="Make the benchmark corpora.")
    parser.add_argument("--size", type=float, default=200, help="megabytes of text in each corpus")
    parser.add_argument("--only", choices=list(RECIPES))
    parser.add_argument("--jsonl", choices=("plain", "zst"), help="also write JSON Lines")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "corpora")
    options = parser.parse_args(arguments)
    for name in [options.only] if options.only else RECIPES:
        start = time.perf_counter()
        path = make(name, options.size, options.folder)
        if options.jsonl:
            to_jsonl(path, packed=options.jsonl == "zst")
        file = pq.ParquetFile(path)
        print(f"{path}: {file.metadata.num_rows:,} records, {file.metadata.num_row_groups} row groups, "
              f"{path.stat().st_size / 1e6:.0f} MB on disk, {time.perf_counter() - start:.1f} s")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
