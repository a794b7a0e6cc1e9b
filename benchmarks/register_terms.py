"""What names in a register cost: the word pass with 0, 1,000 and 100,000 invented names.

    python benchmarks/register_terms.py CORPUS.parquet [--megabytes 24] [--pairs 5] [--every 1000]

CORPUS.parquet comes from corpora.py. Each pair scans the same texts once without and once with the names, in one
process, one after the other; the names are invented, of one to three words; one of `every` is in the texts: names
met cost far more than names carried.
Prints JSON: for each number of names MB/s, the median of with / without, and how often names were met.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

COUNTS = (1_000, 100_000)
SYLLABLES = "ba be bi bo bu da de di do du fa fe ka ke ki ko la le li lo ma me mi mo na ne ni no ra re ri ro sa se"


def names(count: int, seed: int, words: list[str], every: int) -> list[str]:
    """Distinct invented names in small letters; one of `every` is a word pair that stands in the texts."""
    chance = random.Random(seed)
    parts = SYLLABLES.split()
    made: dict[str, None] = {}
    while len(made) < count:
        if len(made) % every == 0 and len(words) > 1:
            at = chance.randrange(len(words) - 1)
            made[f"{words[at]} {words[at + 1]}"] = None
            continue
        own = ["".join(chance.choices(parts, k=chance.randint(2, 4))) for _ in range(chance.choice((1, 2, 2, 2, 3)))]
        made[" ".join(own)] = None
    return list(made)


def texts_of(corpus: Path, megabytes: float) -> list[pa.Array]:
    """Batches of text from the beginning of a corpus, `megabytes` in all."""
    batches, size = [], 0
    for batch in pq.ParquetFile(corpus).iter_batches(16_384, columns=["text"]):
        batches.append(batch.column("text").cast(pa.large_string()))
        size += batches[-1].nbytes
        if size >= megabytes * 1e6:
            break
    return batches


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--megabytes", type=float, default=24)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--every", type=int, default=1000, help="one of so many names stands in the texts")
    given = parser.parse_args(arguments)

    from klarera.batch import Records
    from klarera.find.scan import Scanner, catalogue

    batches = texts_of(given.corpus, given.megabytes)
    records = [Records.of({"text": batch}) for batch in batches]
    size = sum(len(text.encode()) for batch in batches for text in batch.to_pylist() if text) / 1e6
    met = [
        w.lower()
        for text in batches[0].slice(0, 2_000).to_pylist()
        for w in text.split()
        if w.isalpha() and w.isascii()
    ]

    def seconds(scanner: Scanner) -> tuple[float, int]:
        begin, hits = time.process_time(), 0
        for batch in records:
            hits += len(scanner.find(batch).register.row)
        return time.process_time() - begin, hits

    plain = Scanner(catalogue(), key=bytes(32))
    seconds(plain)
    result: dict[str, Any] = {"megabytes": round(size, 1), "pairs": given.pairs, "terms": {}}
    for count in COUNTS:
        known = Scanner(catalogue(), key=bytes(32), register_terms=names(count, 5, met, given.every))
        seconds(known)
        without, with_names, hits = [], [], 0
        for _ in range(given.pairs):
            without.append(seconds(plain)[0])
            took, hits = seconds(known)
            with_names.append(took)
        ratios = [a / b for a, b in zip(without, with_names, strict=True)]
        result["terms"][count] = {
            "MB/s without": round(size / statistics.median(without), 1),
            "MB/s with": round(size / statistics.median(with_names), 1),
            "speed with / without": round(statistics.median(ratios), 3),
            "names met": hits,
        }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
