"""The no-work copy: read Parquet row group by row group, write it again, one thread.

    python benchmarks/peers/no_work_copy.py CORPUS.parquet [OUT.parquet]

Same columns, codec and row groups as the corpus. Prints records, seconds and MB/s of text as JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

__all__ = ["copy"]

REPEATING = ("source", "visibility", "country", "language")
"""Columns with a dictionary, as benchmarks/corpora.py writes them.
Repeated so that this file runs in any environment with pyarrow."""


def copy(source: Path, target: Path) -> dict[str, float]:
    """Copy and time it; megabytes are 10^6 bytes of text, counted outside the time."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    start = time.perf_counter()
    file = pq.ParquetFile(source, memory_map=False, pre_buffer=False)
    repeating = [name for name in REPEATING if name in file.schema_arrow.names]
    with pq.ParquetWriter(
        target, file.schema_arrow, compression="zstd", compression_level=1, use_dictionary=repeating
    ) as out:
        for group in range(file.num_row_groups):
            out.write_table(file.read_row_group(group, use_threads=False))
    seconds = time.perf_counter() - start
    size = sum(pc.sum(pc.binary_length(b.column(0))).as_py() or 0 for b in file.iter_batches(columns=["text"]))
    return {"records": file.metadata.num_rows, "seconds": seconds, "mb_per_s": size / 1e6 / seconds}


def main(arguments: list[str]) -> None:
    """Copy the named file, to a temporary place if none is given."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(arguments[1]) if len(arguments) > 1 else Path(folder) / "copy.parquet"
        print(json.dumps(copy(Path(arguments[0]), target)))


if __name__ == "__main__":
    main(sys.argv[1:])
