"""How long OUT keeps original text: held records and a copy of standard input have a day on which they are due.

A held text is due `[policy] held_days` after the day its record began to wait, the copy of standard input that many
days after the run. `expire` removes what is due by a commit of kind "erase", so that `verify` finds a file that is
still there. The record stays held, without its text: that nobody looked in time answers no question of the law
(docs/decisions/0004-retention.md). The day is an argument, the clock is read by the command line only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from klarera import store
from klarera.errors import UsageError
from klarera.evidence import commits, files
from klarera.evidence.commits import Commit, Draft
from klarera.evidence.files import Mark, hash_file
from klarera.evidence.keys import Keys
from klarera.evidence.lock import Lock
from klarera.pipeline.run import Run
from klarera.pipeline.state import stored_of
from klarera.pipeline.stored import HELD_OWN, Stored

__all__ = ["Expired", "Overdue", "expire", "overdue", "spooled", "told"]

EPOCH = date(1970, 1, 1)
SPOOL = "work/input"
"""Where a copy of standard input lies, relative to OUT."""


@dataclass(frozen=True)
class Overdue:
    """What is past its retention on a day: held texts, and the copy of standard input."""

    texts: int
    since: date | None
    spool: bool

    def __bool__(self) -> bool:
        return bool(self.texts or self.spool)

    def __str__(self) -> str:
        what = [f"{self.texts:,} held texts"] * bool(self.texts) + ["the copy of standard input"] * self.spool
        return f"{' and '.join(what)} past their retention since {self.since}"


@dataclass(frozen=True)
class Expired:
    """What `expire` removed; `commit` is the newest one, made anew only if something was due."""

    commit: Commit
    texts: int
    spool: bool


def told(out: Path, stored: Sequence[Stored], run: Run, days: int, *, spool: bool) -> dict[str, Any]:
    """What a commit says: days, how many held texts are due on which day, how many are gone, when the spool is due.

    spool  whether the copy of standard input is still there
    """
    due: Counter[int] = Counter()
    gone = 0
    for segment in stored:
        if segment.held and not run.sidecar:
            table = store.read_table(out / segment.held, ["held_on", "expired"])
            expired = table.column("expired").to_numpy()
            since = table.column("held_on").cast(pa.int32()).to_numpy()[~expired]
            gone += int(expired.sum())
            due.update(since.tolist())
    held = [{"due": (EPOCH + timedelta(day + days)).isoformat(), "texts": n} for day, n in sorted(due.items())]
    until = (run.day + timedelta(days)).isoformat() if spool else None
    return {"days": days, "held": held, "expired": gone, "spool": until}


def overdue(payload: Mapping[str, Any], today: date) -> Overdue:
    """What of a commit is past its retention on this day; what is due today is.

    >>> said = {"held": [{"due": "2027-02-20", "texts": 50}, {"due": "2027-03-01", "texts": 4}], "spool": None}
    >>> str(overdue({"retention": said}, date(2027, 2, 20)))
    '50 held texts past their retention since 2027-02-20'
    >>> bool(overdue({"retention": said}, date(2027, 2, 19)))
    False
    """
    said = payload["retention"]
    past = [(date.fromisoformat(e["due"]), int(e["texts"])) for e in said["held"]]
    late = [(due, texts) for due, texts in past if due <= today]
    spool = date.fromisoformat(said["spool"]) if said["spool"] else None
    gone = spool is not None and spool <= today
    days = [due for due, _ in late] + ([spool] if gone and spool is not None else [])
    return Overdue(sum(texts for _, texts in late), min(days, default=None), gone)


def expire(
    out: Path,
    run: Run,
    keys: Keys,
    *,
    days: int,
    today: date,
    report: Callable[[Mapping[str, Any]], bytes] | None = None,
) -> Expired:
    """Remove what is past its retention, by one commit; without anything due nothing changes.

    days    the house's retention
    report  renders OUT/report.html from the new payload; None leaves it as it is

    Raises UsageError if there is no clearance, RetryLater if another writer is at work or the disk is full.
    """
    with Lock(out) as lock:
        head = commits.recover(lock, keys)
        if head is None:
            raise UsageError(f"{out}: no clearance here", hint="klarera clear INPUT -o OUT")
        payload: dict[str, Any] = dict(head.payload)
        spool = spooled(out)
        late = spool if run.day + timedelta(days) <= today else []
        stored, applied = stored_of(head), [Stored(**s) for s in payload["applied"]]
        renewed, marks, texts = _renewed(out, applied, f"{head.number + 1:06d}", today - timedelta(days), run)
        if texts or late:
            files_gone = {*renewed, *[p.relative_to(out).as_posix() for p in late]}
            manifest = {p: m for p, m in head.manifest.items() if p not in files_gone} | marks
            stored, applied = ([replace(s, held=renewed.get(s.held, s.held)) for s in x] for x in (stored, applied))
            payload |= {
                "segments": [asdict(s) for s in stored],
                "applied": [asdict(s) for s in applied],
                "retention": told(out, applied, run, days, spool=bool(spool) and not late),
                "removed": {"on": today.isoformat(), "texts": texts, "spool": bool(late)},
            }
            if report is not None:
                files.write_atomic(out / "report.html", report(payload))
                manifest["report.html"] = hash_file(out / "report.html")
            head = commits.publish(lock, Draft("erase", head, manifest, payload), keys)
        # Also what an earlier call left when it was killed after its commit.
        for path in commits.superseded(commits.chain(out)):
            (out / path).unlink(missing_ok=True)
        return Expired(head, texts, spool=bool(late))


def _renewed(
    out: Path, stored: Sequence[Stored], folder: str, last: date, run: Run
) -> tuple[dict[str, str], dict[str, Mark], int]:
    """Held tables written anew without the texts that wait since `last` or longer: old path → new, marks, texts."""
    renewed: dict[str, str] = {}
    marks: dict[str, Mark] = {}
    texts = 0
    for segment in stored:
        if not segment.held or run.sidecar:
            continue
        table = store.read_table(out / segment.held)
        expired = table.column("expired").to_numpy()
        late = (table.column("held_on").cast(pa.int32()).to_numpy() <= (last - EPOCH).days) & ~expired
        if not late.any():
            continue
        keep = pa.array(~late)
        for name in table.column_names:
            at = table.schema.get_field_index(name)
            if name == "expired":
                table = table.set_column(at, name, pa.array(expired | late))
            elif name not in ("rid", *HELD_OWN):
                column = table.column(name).combine_chunks()
                table = table.set_column(at, name, pc.if_else(keep, column, pa.scalar(None, column.type)))
        path = f"work/held/{folder}/{segment.segment}.parquet"
        (out / path).unlink(missing_ok=True)  # left by a killed run
        marks[path] = store.write_table(out / path, table, dictionary=["reasons"])
        renewed[segment.held] = path
        texts += int(late.sum())
    return renewed, marks, texts


def spooled(out: Path) -> list[Path]:
    """The copy of standard input, if the run read from it and it is still there."""
    return sorted(p for p in (out / SPOOL).glob("*") if p.is_file())
