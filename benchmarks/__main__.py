"""make bench: the tables of docs/benchmarks.md, measured in one run on one pinned core.

    python -m benchmarks [--size MB] [--pairs N] [--only posts|web] [--write]

Ratios are medians of adjacent pairs: the no-work copy, then `clear`, each in its own process pinned to one
core. `--write` renews docs/benchmarks.md with command, versions and date. Absolute figures belong to the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE / "peers"))

import corpora  # noqa: E402  (from this folder)

PINNED = ["taskset", "-c", "1"]


def run(*arguments: str, env: dict[str, str] | None = None) -> dict[str, Any]:
    """Run a measuring script on one pinned core; its last line is JSON."""
    pinned = PINNED if os.path.exists("/usr/bin/taskset") else []
    threads = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    done = subprocess.run(
        [*pinned, *arguments], capture_output=True, text=True, check=True, env={**os.environ, **threads, **(env or {})}
    )
    result: dict[str, Any] = json.loads(done.stdout.strip().split("\n")[-1])
    return result


def pairs(corpus: Path, count: int, *more: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Adjacent pairs of the no-work copy and `clear`; a first pair warms caches and does not count."""
    made = []
    for _ in range(count + 1):
        copied = run(sys.executable, str(HERE / "peers" / "no_work_copy.py"), str(corpus))
        cleared = run(sys.executable, str(HERE / "stages.py"), str(corpus), *more)
        made.append((copied, cleared))
    return made[1:]


def table(name: str, corpus: Path, measured: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[str]:
    """One corpus as a Markdown table: ratio, stages, quality beside speed."""
    ratios = [clear["mb_per_s"] / copy["mb_per_s"] for copy, clear in measured]
    middle = sorted(measured, key=lambda pair: pair[1]["mb_per_s"] / pair[0]["mb_per_s"])[len(measured) // 2]
    copy, clear = middle
    lines = [
        f"### {name}: {clear['records']:,} records, {clear['bytes'] / 1e6:.0f} MB of text",
        "",
        f"`clear` / no-work copy, median of {len(ratios)} adjacent pairs: **{statistics.median(ratios):.3f}** "
        f"({', '.join(f'{r:.3f}' for r in ratios)})",
        "",
        "| | MB/s of text | records/s | share of `clear` |",
        "| --- | --- | --- | --- |",
        f"| no-work copy (pyarrow, zstd-1, same columns) | {copy['mb_per_s']:.1f} | "
        f"{copy['records'] / copy['seconds']:,.0f} | |",
        f"| `clear`, whole | {clear['mb_per_s']:.1f} | {clear['records'] / clear['seconds']:,.0f} | 100 % |",
    ]
    for stage, seconds in clear["stages"].items():
        speed = clear["bytes"] / 1e6 / seconds if seconds else 0
        lines.append(
            f"| {stage} | {speed:.1f} | {clear['records'] / seconds if seconds else 0:,.0f} | "
            f"{seconds / clear['seconds']:.0%} |"
        )
    lines += ["", f"Peak resident memory {clear['rss_mb']:.0f} MB.", ""]
    return lines


def datatrove(corpus: Path, records: int) -> list[str]:
    """datatrove's PIIFormatter on the same texts; formatting alone, its reading and writing not counted."""
    done = subprocess.run(
        [sys.executable, str(HERE / "peers" / "datatrove_formatter.py"), str(corpus), str(records)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    peer = json.loads(done.stdout.strip().split("\n")[-1])
    ours = run(sys.executable, str(HERE / "stages.py"), str(corpus), "--detect-only")
    factor = (ours["records"] / ours["seconds"]) / (peer["records"] / peer["seconds"])
    return [
        f"| datatrove PIIFormatter (2 kinds) | {peer['mb_per_s']:.1f} | {peer['records'] / peer['seconds']:,.0f} |",
        f"| klarera detection, all kinds | {ours['mb_per_s']:.1f} | {ours['records'] / ours['seconds']:,.0f} |",
        "",
        f"Detection in records/s is {factor:.1f} times datatrove's formatter.",
    ]


def main() -> None:
    """Measure and print; with --write keep the result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--only", choices=["posts", "web"])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--no-peers", action="store_true")
    asked = parser.parse_args()
    lines: list[str] = []
    for name in [asked.only] if asked.only else ["posts", "web"]:
        corpus = corpora.make(name, asked.size, HERE / "corpora")
        lines += table(name, corpus, pairs(corpus, asked.pairs))
        if not asked.no_peers:
            lines += ["| same texts, in memory | MB/s | records/s |", "| --- | --- | --- |"]
            lines += [*datatrove(corpus, 50_000 if name == "posts" else 4_000), ""]
    print("\n".join(lines))
    if asked.write:
        versions = ", ".join(f"{n} {metadata.version(n)}" for n in ("pyarrow", "polars", "numba", "numpy"))
        head = [
            "# Benchmarks",
            "",
            "Written by `make bench` (`python -m benchmarks --write`). Ratios are what counts; absolute figures belong",
            "to the machine: 2 virtual cores, one pinned. The corpora are made by `benchmarks/corpora.py` with a fixed",
            "seed, density and languages, and do not change with the targets.",
            "",
            f"Last run {datetime.now(UTC).date()}, {asked.size} MB a corpus, Python {sys.version.split()[0]},",
            f"{versions}.",
            "",
        ]
        (HERE.parent / "docs" / "benchmarks.md").write_text("\n".join([*head, *lines]), "utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory():
        main()
