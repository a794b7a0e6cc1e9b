"""datatrove's PIIFormatter (e-mail and IP addresses, replaced) over the texts of a corpus.

    python benchmarks/peers/datatrove_formatter.py CORPUS.parquet [RECORDS]

Starts itself again in the environment benchmarks/.peers/datatrove, made on first use. Prints records,
seconds and MB/s of text as JSON. Only `format` is timed: texts lie ready as Python strings and results
are let go, so reading, writing and the pipeline around it cost the peer nothing.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq

__all__ = ["measure"]


def measure(corpus: Path, records: int | None) -> dict[str, float]:
    """Time `format` over the first `records` texts (all if None); megabytes are 10^6 bytes of UTF-8."""
    from datatrove.pipeline.formatters import PIIFormatter

    formatter = PIIFormatter()
    left = records if records is not None else pq.ParquetFile(corpus).metadata.num_rows
    done, size, seconds = 0, 0, 0.0
    for batch in pq.ParquetFile(corpus).iter_batches(8_192, columns=["text"]):
        texts = [text or "" for text in batch.column(0).slice(0, left - done).to_pylist()]
        start = time.perf_counter()
        for text in texts:
            formatter.format(text)
        seconds += time.perf_counter() - start
        done, size = done + len(texts), size + sum(len(text.encode()) for text in texts)
        if done >= left:
            break
    return {"records": done, "seconds": seconds, "mb_per_s": size / 1e6 / seconds}


def main(arguments: list[str]) -> None:
    """Measure here if datatrove is here, else in its own environment."""
    if importlib.util.find_spec("datatrove") is None:
        sys.path.insert(0, str(Path(__file__).parent))
        import environment

        print(environment.run("datatrove", Path(__file__), *arguments), end="")
        return
    print(json.dumps(measure(Path(arguments[0]), int(arguments[1]) if len(arguments) > 1 else None)))


if __name__ == "__main__":
    main(sys.argv[1:])
