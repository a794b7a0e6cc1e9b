"""A run's memory: what was asked, kept in OUT/work so that a killed run goes on and `decide` finds its way.

Only here stand whole paths of the inputs; what leaves OUT names files by their last part.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from klarera.errors import UsageError
from klarera.evidence.files import put_if_absent, read_file
from klarera.evidence.keys import Keys
from klarera.pipeline.plugged import Plugged
from klarera.pipeline.screen import ShardReport
from klarera.pipeline.settings import RunKeys, Settings
from klarera.read import Options, Shard

__all__ = ["Run", "keys_for", "load_report", "save_report", "weight"]


@dataclass(frozen=True)
class Run:
    """What one clearance was asked to do. The same OUT always has the same run.

    register_names  keys (hex) of the register's names that were looked for in every text; the names stay out of OUT
    deny_words      keys (hex) of the words of the house's deny list that were looked for likewise
    """

    shards: tuple[Shard, ...]
    options: Options
    day: date
    dataset: str
    purpose: str
    without: tuple[str, ...] = ()
    register_names: tuple[str, ...] = ()
    sidecar: bool = False
    held_raw: bool = False
    unmapped: tuple[str, ...] = ()
    mapping: dict[str, str] = field(default_factory=dict)
    by_path: tuple[tuple[str, str], ...] = ()
    findings: tuple[str, ...] = ()
    deny_words: tuple[str, ...] = ()
    plugged: tuple[Plugged, ...] = ()
    readers: tuple[dict[str, Any], ...] = ()

    @property
    def path(self) -> str:
        """Where it is kept, relative to OUT."""
        return "work/run.json"

    def settings(self, out: Path, keys: Keys, terms: tuple[str, ...] = (), words: tuple[str, ...] = ()) -> Settings:
        """The picklable settings of this run's workers; for screening with the register's names (`terms`) and the
        words of the deny list."""
        days = (self.day - date(1970, 1, 1)).days
        run_keys = RunKeys(*[keys.purpose(p) for p in ("rid", "author", "register", "pseudonym")])
        return Settings(
            str(out), self.options, days, run_keys, self.without, terms, self.by_path, self.findings, words,
            frozenset(self.deny_words), self.plugged,
        )  # fmt: skip

    def save(self, out: Path) -> None:
        """Keep the run; a second call with another run raises UsageError, since OUT belongs to one run."""
        raw = asdict(self)
        raw["day"] = self.day.isoformat()
        data = json.dumps(raw, indent=1, sort_keys=True).encode()
        path = out / self.path
        if path.exists() and read_file(path) != data:
            raise UsageError(f"{out}: holds an unfinished run with other inputs or settings", hint="another OUT")
        put_if_absent(path, data, mode=0o600)

    @classmethod
    def load(cls, out: Path) -> Run:
        """The run that made OUT. Raises UsageError if there is none."""
        path = out / "work" / "run.json"
        if not path.exists():
            raise UsageError(f"{out}: no clearance here", hint="klarera clear INPUT -o OUT")
        raw: dict[str, Any] = json.loads(read_file(path))
        raw["shards"] = tuple(Shard(**shard) for shard in raw["shards"])
        lists = {name: tuple(raw["options"].get(name, ())) for name in ("carry", "readers")}
        raw["options"] = Options(**{**raw["options"], **lists})
        raw["day"] = date.fromisoformat(raw["day"])
        for name in ("without", "register_names", "deny_words", "unmapped", "findings"):
            raw[name] = tuple(raw[name])
        raw["plugged"] = tuple(Plugged.of_json(p) for p in raw.get("plugged", ()))
        raw["readers"] = tuple(raw.get("readers", ()))
        raw["by_path"] = tuple((pattern, source) for pattern, source in raw["by_path"])
        return cls(**raw)

    def digest(self) -> str:
        """Tells runs apart: the reports of another run are not taken over."""
        moved = replace(self, shards=tuple(replace(s, path=Path(s.path).name) for s in self.shards))
        raw = asdict(moved) | {"day": self.day.isoformat()}
        return hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()


def keys_for(dataset: str, store: Path | None, out: Path) -> Keys:
    """The dataset's keys; made at the first run."""
    try:
        return Keys.load(dataset, store, outside=out)
    except UsageError as error:
        if "no keys of this dataset" not in error.problem:
            raise
    return Keys.create(dataset, store, outside=out)


def report_path(out: Path, number: int) -> Path:
    """Where a finished shard's report lies; it is written last, so it says that all tables are there."""
    return out / "work" / "reports" / f"{number:05d}.json"


def save_report(out: Path, report: ShardReport) -> None:
    """Keep a shard's report: the sign that its screening is done."""
    put_if_absent(report_path(out, report.number), json.dumps(asdict(report), sort_keys=True).encode(), mode=0o600)


def load_report(out: Path, number: int) -> ShardReport | None:
    """The report of a finished shard; None if it is not finished."""
    path = report_path(out, number)
    if not path.exists():
        return None
    raw = json.loads(read_file(path))
    raw["segments"] = [(name, rows) for name, rows in raw["segments"]]
    raw["places"] = [tuple(place) for place in raw["places"]]
    return ShardReport(**raw)


def weight(shard: Shard) -> int:
    """Bytes a shard counts for in what is told of progress; at least 1."""
    return max(1, int(shard.stop - shard.start if shard.reader == "jsonl" else shard.size))
