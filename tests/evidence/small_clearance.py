"""A small clearance made by the real writers; all contents are invented."""

from __future__ import annotations

from klarera.evidence import commits, files
from klarera.evidence.commits import Commit, Draft
from klarera.evidence.keys import Keys
from klarera.evidence.lock import Lock

FIRST = {
    "cleared/part-0.parquet": b"rows of part 0",
    "work/facts/0.parquet": b"facts 0",
    "report.html": b"<p>",
}
SECOND = {**FIRST, "cleared/part-1.parquet": b"rows of part 1", "report.html": b"<p>2"}


def units(kept: int, dropped: int = 0) -> dict[str, object]:
    one = {
        "units": kept + dropped,
        "kept": kept,
        "redacted": 0,
        "held": 0,
        "dropped": dropped,
        "unreadable": 0,
    }
    total = {name: 2 * count for name, count in one.items()}
    return {"counts": {"shards": {"0": one, "1": dict(one)}, "total": total}, "day": "2026-11-22"}


def change(
    lock: Lock,
    keys: Keys,
    contents: dict[str, bytes],
    kind: str = "clear",
    payload: dict[str, object] | None = None,
) -> Commit:
    """Write `contents` as the whole new state and commit it, as the pipeline does."""
    parent = commits.recover(lock, keys)
    for path, data in contents.items():
        files.write_atomic(lock.out / path, data)
    manifest = {path: files.hash_file(lock.out / path) for path in contents}
    return commits.publish(lock, Draft(kind, parent, manifest, payload or units(3, 1)), keys)
