"""Tokens: words times a ratio for each language, measured on a seeded sample of the input.

    tokens = words x (tokens of the sample / words of the sample)

A count of every token would cost another pass over every text; a ratio costs a look at a few. The sample: up to
SHARDS shards of the input in an order that SEED gives, and in them the EACH records of a language whose keyed ids
are lowest, which no one chose. It is of the texts as they came in. Sums stay whole numbers, and a language that is not
in the sample has no ratio: its words are counted apart, never guessed at.

The tokenizer is a Hugging Face tokenizer.json, read from its file alone by the package `tokenizers` (optional).
"""

from __future__ import annotations

import hashlib
import importlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from klarera import store
from klarera.batch import RECORD
from klarera.decide import Verdicts
from klarera.errors import InputError, UsageError
from klarera.model import LANGUAGES, Decision
from klarera.pipeline.breakdown import Breakdown
from klarera.pipeline.screen import ShardReport
from klarera.pipeline.state import NAMES
from klarera.read import Options, Shard
from klarera.read.catalog import columns, read

__all__ = ["EACH", "SEED", "SHARDS", "Tokenizer", "in_cells", "load", "measure", "of_decisions"]

I8 = npt.NDArray[np.int64]

SHARDS, EACH, SEED = 8, 256, 0


@dataclass(frozen=True)
class Tokenizer:
    """A tokenizer that was read from a file: its name and hash, the library, and what counts."""

    file: str
    sha256: str
    library: str
    encoder: Any

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without those a model puts around it.

        Raises UsageError where the tokenizer fails, without the text.
        """
        try:
            return [len(e.ids) for e in self.encoder.encode_batch(list(texts), add_special_tokens=False)]
        except Exception as error:  # noqa: BLE001 - the library raises plain Exception, whose words may hold a text
            raise UsageError(f"the tokenizer {self.file} failed with {type(error).__name__}") from None


def load(path: Path) -> Tokenizer:
    """Read a tokenizer.json. Truncation and padding it asks for are switched off: they would miscount.

    Raises UsageError if the package is not installed, InputError for a file that is missing or no tokenizer.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        library = importlib.import_module("tokenizers")
    except ImportError:
        raise UsageError("the package tokenizers is not installed", hint="pip install 'klarera[tokens]'") from None
    try:
        data = path.read_bytes()
    except OSError:
        raise InputError(path.name, "no such tokenizer file", hint="a tokenizer.json") from None
    try:
        encoder = library.Tokenizer.from_str(data.decode("utf-8"))
    except Exception as error:  # noqa: BLE001 - the library raises plain Exception
        raise InputError(path.name, f"is no tokenizer.json ({type(error).__name__})", hint="a tokenizer.json") from None
    encoder.no_truncation()
    encoder.no_padding()
    return Tokenizer(path.name, hashlib.sha256(data).hexdigest(), f"tokenizers {library.__version__}", encoder)


_NOTHING = pa.table({name: pa.array([], pa.int64()) for name in ("shard", "place", "language", "words")})


def measure(
    out: Path, shards: Sequence[Shard], reports: Sequence[ShardReport], options: Options, tokenizer: Tokenizer
) -> dict[str, Any]:
    """Take the sample and count it; what the commit says of the tokenizer. Reads the input, and keeps no text.

    Raises InputError if a sampled shard is gone.
    """
    numbers = [r.number for r in reports if r.records]
    chosen = sorted(numbers, key=lambda n: hashlib.sha256(f"{SEED}:{n}".encode()).digest())[:SHARDS]
    picked = _picked(out, [r for r in reports if r.number in chosen]) if chosen else _NOTHING
    sums = np.zeros((len(LANGUAGES), 3), np.int64)
    for shard in (s for s in shards if s.number in chosen):
        mine = picked.filter(pc.equal(picked.column("shard"), shard.number))
        if not len(mine):
            continue
        place, language = (mine.column(name).to_numpy() for name in ("place", "language"))
        words, tokens = mine.column("words").to_numpy(), _count(shard, options, place, tokenizer)
        np.add.at(sums, language, np.stack([np.ones(len(mine), np.int64), words.astype(np.int64), tokens], axis=1))
    return {
        "file": tokenizer.file,
        "sha256": tokenizer.sha256,
        "library": tokenizer.library,
        "seed": SEED,
        "shards": len(chosen),
        "shards_of": len(numbers),
        "sample": {
            LANGUAGES[i] or "unknown": dict(zip(("records", "words", "tokens"), row, strict=True))
            for i, row in enumerate(sums.tolist())
            if row[0]
        },
    }


def _picked(out: Path, reports: Sequence[ShardReport]) -> pa.Table:
    """The sampled records: shard, place, language, words. Of each language those with the lowest rids."""
    tables = []
    for report in reports:
        for segment, _ in report.segments:
            facts = store.read_table(store.work(out, "facts", segment), ["rid", "place", "language", "words"])
            facts = facts.filter(pc.greater(facts.column("words"), 0))
            tables.append(facts.append_column("shard", pa.array([report.number] * len(facts), pa.int64())))
    whole = pa.concat_tables(tables)
    order = np.lexsort((*store.keys_of(whole.column("rid")).T[::-1], whole.column("language").to_numpy()))
    language = whole.column("language").to_numpy()[order]
    rank = np.arange(len(order)) - np.searchsorted(language, language)
    return whole.take(pa.array(order[rank < EACH]))


def _count(shard: Shard, options: Options, place: I8, tokenizer: Tokenizer) -> I8:
    """Tokens of the records at these places, int64, in their order."""
    path = Path(shard.path)
    if not path.exists():
        raise InputError(path.name, "is gone, and tokens are measured on the input", hint="without --tokenizer")
    used, _ = columns(path, options)
    only = replace(options, mapping=dict.fromkeys(RECORD.names, "") | {"text": used.get("text", "text")}, carry=())
    order = np.argsort(place, kind="stable")
    counted = np.full(len(place), -1, np.int64)
    for piece in read(shard, only, lambda _: None):
        at = np.searchsorted(place[order], piece.records.place)
        hit = at < len(place)
        hit[hit] = place[order][at[hit]] == piece.records.place[hit]
        if hit.any():
            texts = piece.records.batch.column("text").filter(pa.array(hit)).to_pylist()
            counted[order[at[hit]]] = tokenizer.count([text or "" for text in texts])
    if (counted < 0).any():
        raise InputError(path.name, "has changed since it was screened", hint="a new OUT")
    return counted


def in_cells(groups: Breakdown, words: I8, told: Mapping[str, Any]) -> tuple[I8, int]:
    """Tokens of these words, an entry a cell; and the words in languages without a ratio, without their sign.

    groups  a breakdown that has the language among its dimensions
    told    what `measure` gave
    """
    at = groups.by.index("language")
    tokens, bare = np.zeros(len(words), np.int64), 0
    for i, cell in enumerate(groups.cells):
        one = told["sample"].get(cell[at])
        if one is None:
            bare += abs(int(words[i]))
            continue
        sign = -1 if words[i] < 0 else 1
        # Whole numbers, rounded half up: the same on every machine.
        tokens[i] = sign * ((2 * abs(int(words[i])) * one["tokens"] + one["words"]) // (2 * one["words"]))
    return tokens, bare


def of_decisions(groups: Breakdown, verdicts: Verdicts, told: Mapping[str, Any]) -> dict[str, Any]:
    """Tokens by decision and in all, and the words that have no ratio."""
    by: dict[str, int] = {}
    for value in Decision:
        words = groups.sums((verdicts.decision == value).astype(np.int64), groups.words)
        by[NAMES[value]] = int(in_cells(groups, words, told)[0].sum())
    every = groups.sums(np.ones(len(verdicts.decision), np.int64), groups.words)
    return {"decisions": by, "total": sum(by.values()), "words_without_ratio": in_cells(groups, every, told)[1]}
