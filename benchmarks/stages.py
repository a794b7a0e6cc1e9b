"""Time `clear` and its stages in this process.

    python benchmarks/stages.py CORPUS.parquet [--detect-only] [--without NAME ...]

Prints JSON: records, bytes of text, seconds, MB/s, seconds by stage, peak resident memory. Kernels are compiled
before the clock starts; start-up is measured elsewhere.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from klarera.engines.local import one_thread

DAY = date(2026, 11, 22)


def clear_once(corpus: Path, without: list[str]) -> dict[str, Any]:
    """One whole clear without a project file; stages by the calls the pipeline makes."""
    from klarera.kernels import warm
    from klarera.pipeline import change as changing
    from klarera.pipeline import clear as clearing
    from klarera.pipeline.state import Asked
    from klarera.project import Project
    from klarera.read import Options
    from klarera.rulebook import rulebook

    warm()
    module: Any = clearing  # its steps, and those of a change, are wrapped with clocks
    change: Any = changing
    book = rulebook()
    stages: dict[str, float] = {}

    def timed(name: str, function: Any) -> Any:
        def run(*args: Any, **more: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*args, **more)
            finally:
                stages[name] = stages.get(name, 0.0) + time.perf_counter() - start

        return run

    module.screen = timed("screen (read, find, facts)", module.screen)
    change.tally = timed("join and count vectors", change.tally)
    change.decide = timed("decide", change.decide)
    change.settle = timed("write decisions", change.settle)
    change.write_shard = timed("apply (read, splice, write)", change.write_shard)
    with tempfile.TemporaryDirectory() as folder:
        job = module.Job(
            book, Project(name="bench"), Asked(DAY, max(DAY, book.version), "supported"), store=Path(folder) / "keys"
        )
        start = time.perf_counter()
        outcome = module.clear([corpus], Path(folder) / "out", job, options=Options(), without=without, run_day=DAY)
        seconds = time.perf_counter() - start
        sizes: Any = outcome.commit.payload["sizes"]
    stages["plan, people, report, commit, log"] = seconds - sum(stages.values())
    return {"records": sizes["records"], "bytes": sizes["bytes"], "seconds": seconds,
            "mb_per_s": sizes["bytes"] / 1e6 / seconds, "stages": stages, "rss_mb": _rss()}  # fmt: skip


def detect(corpus: Path, without: list[str]) -> dict[str, Any]:
    """Detection alone, over batches that are in memory already."""
    from klarera.find.scan import Scanner, catalogue
    from klarera.kernels import warm
    from klarera.read import Options
    from klarera.read.catalog import plan, read

    warm()
    options = Options()
    batches = [p.records for s in plan([corpus], options) for p in read(s, options, lambda _: None)]
    scanner = Scanner(tuple(d for d in catalogue() if d.name not in without), key=bytes(32))
    scanner.find(batches[0])
    start = time.perf_counter()
    for records in batches:
        scanner.find(records)
    seconds = time.perf_counter() - start
    size = sum(b.batch.column("text").nbytes - 8 * (len(b) + 1) for b in batches)
    count = sum(len(b) for b in batches)
    return {"records": count, "bytes": size, "seconds": seconds, "mb_per_s": size / 1e6 / seconds, "rss_mb": _rss()}


def _rss() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: list[str]) -> None:
    """Measure and print one line of JSON."""
    one_thread()
    without = [a for i, a in enumerate(arguments) if arguments[i - 1] == "--without"]
    measure = detect if "--detect-only" in arguments else clear_once
    print(json.dumps(measure(Path(arguments[0]), without)))


if __name__ == "__main__":
    main(sys.argv[1:])
