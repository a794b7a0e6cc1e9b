"""Memory is bounded by the batch, not by the file: measured in a process of its own."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux to measure")

LONG = 100 << 20
LIMIT = 600 << 20

CHILD = """
import json, re, sys
from klarera.read import Options, catalog
options = Options(**json.loads(sys.argv[2]))
texts, reasons = [], []
for shard in catalog.plan([sys.argv[1]], options):
    for piece in catalog.read(shard, options, lambda _: None):
        texts += [len(t or "") for t in piece.records.batch.column("text").to_pylist()]
        reasons += [gap.reason for gap in piece.unreadable]
# Not ru_maxrss: a child inherits that of the process it was forked from.
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024
print(json.dumps([texts, reasons, peak]))
"""


def read_in_child(file: Path, **options: object) -> tuple[list[int], list[str], int]:
    """Sizes of the texts, reasons, and peak resident bytes of a process that reads the file."""
    command = [sys.executable, "-c", CHILD, str(file), json.dumps(options)]
    out = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    texts, reasons, peak = json.loads(out)
    return texts, reasons, peak


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.csv"])
def test_a_line_of_100_mb_is_passed_over(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    head, before, after = (b"text,n\n", b"", b",1\n") if "csv" in name else (b"", b'{"text":"', b'"}\n')
    with gzip.open(file, "wb", 1) if name.endswith("gz") else file.open("wb") as out:
        out.write(head + before + b"xxx" + after)
        out.write(before + b"\xc3\xa4" * (LONG // 2) + after)
        out.write(before + b"xxxxx" + after)
    texts, reasons, peak = read_in_child(file)
    if name.endswith("gz"):  # so dense that the ratio stops it
        assert (texts, reasons) == ([3], ["too large", "decodes to more than 200 times its size"])
    else:
        assert (texts, reasons) == ([3, 5], ["too large"])
    assert peak < LIMIT


def test_a_long_line_that_is_allowed_costs_a_few_times_itself(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    with file.open("wb") as out:
        out.write(b'{"text":"abc"}\n{"text":"' + b"x" * LONG + b'"}\n{"text":"defgh"}\n')
    texts, reasons, peak = read_in_child(file, max_record=LONG + 100)
    assert (texts, reasons) == ([3, LONG, 5], [])
    assert peak < LIMIT + 4 * LONG


def test_a_file_of_line_ends_is_bounded(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"text":"abc"}\n' + b"\n" * (40 << 20))
    texts, reasons, peak = read_in_child(file)
    assert (texts, reasons) == ([3], [])
    assert peak < LIMIT
