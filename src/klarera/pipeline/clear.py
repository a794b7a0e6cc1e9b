"""clear, decide, apply: each changes OUT by one commit, or not at all.

    clear    plan → screen every shard → authors and register → decide → write → commit
    decide   stored facts under another day, reading or law → new decisions → commit
    apply    cleared and held brought in line with the newest decisions → commit

`decide` never opens a text. `apply` reads again only what became milder, and gives byte for byte what a fresh
`clear` under the same reading would give. A killed run goes on: finished shards are not screened again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from klarera.errors import UsageError
from klarera.evidence import commits
from klarera.evidence.commits import Commit
from klarera.evidence.keys import Keys
from klarera.evidence.lock import Lock
from klarera.find.scan import catalogue
from klarera.law import Rulebook
from klarera.pipeline import tokens
from klarera.pipeline.change import Change
from klarera.pipeline.commit import commit
from klarera.pipeline.house import check_lists, word_keys
from klarera.pipeline.planned import WriteReport
from klarera.pipeline.plugged import resolve
from klarera.pipeline.reach import check_names
from klarera.pipeline.registered import listed_names
from klarera.pipeline.run import Run, keys_for, load_report, save_report, weight
from klarera.pipeline.screen import ShardReport, screen
from klarera.pipeline.settings import Settings, imported
from klarera.pipeline.state import Asked, stored_of
from klarera.pipeline.stored import HELD_OWN, Stored
from klarera.project import Project
from klarera.read import Options, Shard
from klarera.read.catalog import columns, plan
from klarera.read.entry_points import card
from klarera.register.lists import HouseLists
from klarera.register.snapshot import Snapshot

__all__ = ["Engine", "Job", "Outcome", "apply_decisions", "clear", "dataset_name", "decide_again"]

Task = TypeVar("Task")
Answer = TypeVar("Answer")
Engine = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]


@dataclass(frozen=True)
class Job:
    """What a caller hands over beside the inputs.

    book      the rulebook          project   what is said of project and sources
    asked     law and reading       register  the register's snapshot, or None if none was given
    lists     deny and allow list of the house, or None
    engine    maps work over shards store     folder of the keys, None for the default
    folder    where the project file lies: models and files it names are relative to it
    report    renders OUT/report.html from a payload; None leaves it out
    progress  called with the step, what is done, how much there is (bytes; tables to decide), and the records done
    today     the day of the change, for the retention of held texts; None is the day of the run
    """

    book: Rulebook
    project: Project
    asked: Asked
    register: Snapshot | None = None
    engine: Engine = field(default=lambda f, tasks: map(f, tasks))
    store: Path | None = None
    folder: Path = Path()
    report: Callable[[Mapping[str, Any], Rulebook], bytes] | None = None
    progress: Callable[[str, int, int, int], None] = field(default=lambda step, done, total, records: None)
    lists: HouseLists | None = None
    today: date | None = None


@dataclass(frozen=True)
class Outcome:
    """What a change did: its commit, and how many records were read again for it."""

    commit: Commit
    reread: int = 0
    gone: int = 0


def clear(
    inputs: Sequence[str | Path], out: Path, job: Job, *, options: Options, without: Sequence[str] = (),
    sidecar: bool = False, held_raw: bool = False, run_day: date, findings: Sequence[str] = (),
    tokenizer: Path | None = None,
) -> Outcome:  # fmt: skip
    """Clear the inputs into OUT.

    tokenizer  a tokenizer.json: what is told in words is told in tokens too, by a ratio measured on a sample

    Raises UsageError if OUT holds a clearance already, InputError for inputs that cannot be read at all,
    RetryLater if another writer is at work or the disk is full; then the same call goes on where it stopped.
    """
    counting = tokens.load(tokenizer) if tokenizer else None
    options = replace(options, readers=job.project.readers)
    readers = tuple(card(name) for name in options.readers)
    # Whole paths: `apply` may run from another folder.
    shards = tuple(replace(s, path=str(Path(s.path).resolve())) for s in plan(inputs, options))
    mapping: dict[str, str] = {}
    unmapped: dict[str, None] = {}
    for path in dict.fromkeys(s.path for s in shards):
        used, rest = columns(Path(path), options)
        mapping |= used
        unmapped |= dict.fromkeys(name for name in rest if not {name, "*"} & set(options.carry))
    clash = sorted({"rid", "text", *HELD_OWN} & set(options.carry))
    if clash:
        raise UsageError(f"--carry {clash[0]}: klarera writes a column of that name", hint="rename it in the input")
    imported(findings)  # what cannot be used is told before OUT is touched
    plugs = [p for p in job.project.detectors if p.name not in without]
    plugged = resolve(plugs, job.folder, [d.name for d in catalogue()])
    dataset = dataset_name(job.project.name)
    if job.register is not None:
        check_names(job.register)
    with Lock(out) as lock:
        keys = keys_for(dataset, job.store, out)
        if commits.recover(lock, keys) is not None:
            raise UsageError(f"{out}: holds a clearance already", hint="klarera decide, or another OUT")
        run = Run(
            shards, options, run_day, dataset, job.project.purpose.value, tuple(sorted(without)),
            listed_names(job.register, keys), sidecar, held_raw, tuple(sorted(unmapped)), mapping,
            _by_path(job.project), tuple(str(Path(f).resolve()) for f in findings), _words(job.lists, keys), plugged,
            readers,
        )  # fmt: skip
        if job.lists is not None:
            check_lists(job.lists, run.settings(out, keys))
        run.save(out)
        reports = _screen_all(run, out, keys, job)
        change = Change.of(out, run, keys, job, reports, None)
        change.settle()
        change.measure(counting)
        written = change.write([None] * len(change.segments))
        return _commit(change, lock, "clear", written)


def decide_again(out: Path, job: Job) -> Outcome:
    """Decide anew from stored facts; parts and held records stay as they are until `apply`."""
    with Lock(out) as lock:
        change, head = _open(lock, out, job)
        change.settle()
        old = {s.segment: s for s in stored_of(head)}
        kept = [replace(old[s.segment], decisions=s.decisions) for s in change.segments]
        return _commit(change, lock, "decide", WriteReport(stored=kept), pending=True)


def apply_decisions(out: Path, job: Job, *, kind: str = "apply", tokenizer: Path | None = None) -> Outcome:
    """Bring cleared and held in line with the newest decisions, or with new answers ("judge") or a newer
    register ("erase"): those are decided first. A tokenizer is measured on a sample of the input, as by `clear`."""
    counting = tokens.load(tokenizer) if tokenizer else None
    with Lock(out) as lock:
        change, head = _open(lock, out, job)
        change.settle()
        applied = head.payload.get("applied", head.payload.get("segments"))
        if not isinstance(applied, list):
            raise UsageError(f"{out}: nothing was ever written here", hint="klarera clear")
        change.measure(counting)
        before = {s["segment"]: Stored(**s) for s in applied}
        written = change.write([before.get(s.segment) for s in change.segments])
        return _commit(change, lock, kind, written)


def _open(lock: Lock, out: Path, job: Job) -> tuple[Change, Commit]:
    run = Run.load(out)
    keys = keys_for(run.dataset, job.store, out)
    head = commits.recover(lock, keys)
    if head is None:
        raise UsageError(f"{out}: no clearance here", hint="klarera clear INPUT -o OUT")
    reports = [load_report(out, s.number) for s in run.shards]
    whole = [r for r in reports if r is not None]
    if len(whole) < len(reports):
        raise UsageError(f"{out}: the run was not finished", hint="klarera clear with the same inputs")
    return Change.of(out, run, keys, job, whole, head), head


def _commit(change: Change, lock: Lock, kind: str, written: WriteReport, *, pending: bool = False) -> Outcome:
    return Outcome(commit(change, lock, kind, written, pending=pending), written.reread, written.gone)


def _screen_all(run: Run, out: Path, keys: Keys, job: Job) -> list[ShardReport]:
    """Screen every shard that has no report yet."""
    settings = run.settings(
        out, keys, job.register.terms if job.register else (), tuple(job.lists.words) if job.lists else ()
    )
    done = {s.number: r for s in run.shards if (r := load_report(out, s.number)) is not None}
    todo = [s for s in run.shards if s.number not in done]
    total = sum(weight(s) for s in run.shards)
    finished = total - sum(weight(s) for s in todo)
    records = sum(r.records for r in done.values())
    job.progress("screen", finished, total, records)
    for shard, report in zip(todo, job.engine(_Screen(settings), todo), strict=True):
        save_report(out, report)
        done[shard.number] = report
        finished += weight(shard)
        records += report.records
        job.progress("screen", finished, total, records)
    return [done[s.number] for s in run.shards]


@dataclass(frozen=True)
class _Screen:
    """Screening as a picklable function of the shard."""

    settings: Settings

    def __call__(self, shard: Shard) -> ShardReport:
        return screen(shard, self.settings)


def _words(lists: HouseLists | None, keys: Keys) -> tuple[str, ...]:
    """The keys (hex) of the words of the house's deny list, sorted."""
    if lists is None:
        return ()
    return tuple(sorted(row.tobytes().hex() for row in word_keys(keys.purpose("register"), tuple(lists.words))))


def _by_path(project: Project) -> tuple[tuple[str, str], ...]:
    """Which source a file without a source column belongs to; one source without paths takes all."""
    named = tuple((pattern, s.name) for s in project.sources for pattern in s.paths)
    if not named and len(project.sources) == 1:
        return (("*", project.sources[0].name),)
    return named


def dataset_name(name: str) -> str:
    """A project's name as the name of its keys."""
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower()).strip("-")
    return plain[:64] or "unnamed"
