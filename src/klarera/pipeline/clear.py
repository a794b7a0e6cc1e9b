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

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from klarera import store
from klarera.act.edits import Extents, extents
from klarera.decide import Case, Verdicts, conditions, decide
from klarera.errors import UsageError
from klarera.evidence import commits, files
from klarera.evidence.commits import Commit, Draft
from klarera.evidence.files import Mark, hash_file
from klarera.evidence.keys import Keys
from klarera.evidence.lock import Lock
from klarera.facts.rollup import AuthorTable
from klarera.find.listed import name_keys
from klarera.find.scan import catalogue
from klarera.law import Law, Rulebook
from klarera.model import About, Decision, Kind
from klarera.pipeline import judged, people, retention, tokens
from klarera.pipeline.authors import place_authors, rewrite
from klarera.pipeline.breakdown import DIMENSIONS, breakdown
from klarera.pipeline.compare import compare, strict_difference
from klarera.pipeline.hits import Heard
from klarera.pipeline.house import House, check_lists, word_keys, write_lists
from klarera.pipeline.plugged import resolve
from klarera.pipeline.reach import check_names, reach
from klarera.pipeline.residue import found_in, residue
from klarera.pipeline.run import Run, keys_for, load_report, save_report
from klarera.pipeline.screen import ShardReport, screen
from klarera.pipeline.settings import Settings, imported
from klarera.pipeline.settle import Decide, Joining, Settled, joinings_of, merge, settle, tally
from klarera.pipeline.state import NAMES, Asked, payload, run_facts, stored_of
from klarera.pipeline.write import HELD_OWN, Stored, WriteReport, WriteTask, write_shard
from klarera.project import Project, SourceFacts
from klarera.read import Options, Shard
from klarera.read.catalog import columns, plan
from klarera.read.entry_points import card
from klarera.register.lists import HouseLists
from klarera.register.snapshot import Snapshot

__all__ = ["Engine", "Job", "Outcome", "apply_decisions", "case_of", "clear", "decide_again", "missed_names",
           "source_names"]  # fmt: skip

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


PRICED_VECTORS = 20_000
"""Up to this many distinct vectors the report carries the price of every Question; `klarera compare` always does."""


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
            _names(job.register, keys), sidecar, held_raw, tuple(sorted(unmapped)), mapping, _by_path(job.project),
            tuple(str(Path(f).resolve()) for f in findings), _words(job.lists, keys), plugged, readers,
        )  # fmt: skip
        if job.lists is not None:
            check_lists(job.lists, run.settings(out, keys))
        run.save(out)
        reports = _screen_all(run, out, keys, job)
        change = _Change.of(out, run, keys, job, reports, None)
        change.settle()
        change.measure(counting)
        written = change.write([None] * len(change.segments))
        return change.commit(lock, "clear", written)


def decide_again(out: Path, job: Job) -> Outcome:
    """Decide anew from stored facts; parts and held records stay as they are until `apply`."""
    with Lock(out) as lock:
        change, head = _open(lock, out, job)
        change.settle()
        old = {s.segment: s for s in stored_of(head)}
        kept = [replace(old[s.segment], decisions=s.decisions) for s in change.segments]
        return change.commit(lock, "decide", WriteReport(stored=kept), pending=True)


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
        return change.commit(lock, kind, written)


def _open(lock: Lock, out: Path, job: Job) -> tuple[_Change, Commit]:
    run = Run.load(out)
    keys = keys_for(run.dataset, job.store, out)
    head = commits.recover(lock, keys)
    if head is None:
        raise UsageError(f"{out}: no clearance here", hint="klarera clear INPUT -o OUT")
    reports = [load_report(out, s.number) for s in run.shards]
    whole = [r for r in reports if r is not None]
    if len(whole) < len(reports):
        raise UsageError(f"{out}: the run was not finished", hint="klarera clear with the same inputs")
    return _Change.of(out, run, keys, job, whole, head), head


def _screen_all(run: Run, out: Path, keys: Keys, job: Job) -> list[ShardReport]:
    """Screen every shard that has no report yet."""
    settings = run.settings(
        out, keys, job.register.terms if job.register else (), tuple(job.lists.words) if job.lists else ()
    )
    done = {s.number: r for s in run.shards if (r := load_report(out, s.number)) is not None}
    todo = [s for s in run.shards if s.number not in done]
    total = sum(_weight(s) for s in run.shards)
    finished = total - sum(_weight(s) for s in todo)
    records = sum(r.records for r in done.values())
    job.progress("screen", finished, total, records)
    for shard, report in zip(todo, job.engine(_Screen(settings), todo), strict=True):
        save_report(out, report)
        done[shard.number] = report
        finished += _weight(shard)
        records += report.records
        job.progress("screen", finished, total, records)
    return [done[s.number] for s in run.shards]


@dataclass(frozen=True)
class _Screen:
    """Screening as a picklable function of the shard."""

    settings: Settings

    def __call__(self, shard: Shard) -> ShardReport:
        return screen(shard, self.settings)


def _weight(shard: Shard) -> int:
    return max(1, int(shard.stop - shard.start if shard.reader == "jsonl" else shard.size))


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


@dataclass
class _Change:
    """One change of OUT on its way to a commit."""

    out: Path
    run: Run
    keys: Keys
    job: Job
    reports: list[ShardReport]
    head: Commit | None
    settings: Settings
    case: Case
    house: House
    joinings: list[Joining]
    segments: list[Stored] = field(default_factory=list)
    settled: Settled | None = None
    verdicts: Verdicts | None = None
    by_segment: dict[str, dict[str, int]] = field(default_factory=dict)
    by_language: dict[str, dict[str, int]] = field(default_factory=dict)
    marks: dict[str, Mark] = field(default_factory=dict)
    tokenizer: Mapping[str, Any] | None = None
    """What the commit says of a tokenizer; that of the commit before, where none is measured now."""

    @classmethod
    def of(cls, out: Path, run: Run, keys: Keys, job: Job, reports: list[ShardReport], head: Commit | None) -> _Change:
        names = source_names(reports)
        settings = run.settings(out, keys)
        table = _register_tables(out, job, reports, settings)
        place_authors(out, [r.number for r in reports], table)
        answers, missed = judged.stored_answers(out, names), bool(missed_names(run, job.register, keys))
        notice = tuple(job.project.source(n).notice_date for n in names)
        case, marks = case_of(out, run, job, reports, settings, missed=missed), {}
        house = House(
            tuple(tuple(own) for own in case.house), f"work/policy/{_folder(head)}.parquet" if job.lists else ""
        )
        if job.lists is not None:
            marks[house.table] = write_lists(out, house.table, job.lists, settings, names)
        joinings = joinings_of(
            out, reports, names, notice, answers, register=job.register is not None, missed=missed, house=house
        )
        return cls(
            out, run, keys, job, reports, head, settings, case, house, joinings, marks=marks,
            tokenizer=_tokenizer_of(head),
        )  # fmt: skip

    @property
    def folder(self) -> str:
        """Name of this change's folder under the work rooms."""
        return _folder(self.head)

    def settle(self) -> None:
        """Decide: distinct vectors of all segments, verdicts, each record's decision."""
        try:
            self._settle()
        finally:
            # Nothing waits to be decided any more: what a failed decision left would be a file no commit names.
            for path in (self.out / "work" / "drafts").glob("*"):
                path.unlink()

    def _settle(self) -> None:
        total = len(self.joinings)
        parts: list[Settled] = []
        for i, part in enumerate(self.job.engine(tally, self.joinings)):
            parts.append(part)
            self.job.progress("decide", i + 1, 2 * total, 0)
        self.settled, numbers = merge(parts)
        self.verdicts = decide(self.settled.vectors, self.case)
        decided = f"work/decisions/{self.folder}/vectors.parquet"
        rewrite(self.out, decided, self._vector_table())
        self.marks[decided] = hash_file(self.out / decided)
        rows = {segment: n for r in self.reports for segment, n in r.segments}
        tasks = [
            Decide(j, n, self.verdicts.decision[n], f"work/decisions/{self.folder}/{j.segment}.parquet")
            for j, n in zip(self.joinings, numbers, strict=True)
        ]
        for task in tasks:
            (self.out / task.target).unlink(missing_ok=True)
        for i, (task, counted) in enumerate(zip(tasks, self.job.engine(settle, tasks), strict=True)):
            segment = task.joining.segment
            self.by_segment[segment] = {n: sum(c[n] for c in counted.values()) for n in NAMES}
            for language, by in counted.items():
                sums = self.by_language.setdefault(language, dict.fromkeys(NAMES, 0))
                for name in NAMES:
                    sums[name] += by[name]
            self.segments.append(Stored(segment, rows[segment], task.target))
            self.job.progress("decide", total + i + 1, 2 * total, sum(s.rows for s in self.segments))

    def measure(self, tokenizer: tokens.Tokenizer | None) -> None:
        """Measure a tokenizer on a sample of the input, if one is given."""
        if tokenizer is not None:
            self.tokenizer = tokens.measure(self.out, self.run.shards, self.reports, self.run.options, tokenizer)

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Records by decision, for each shard."""
        sums = {f"{r.number:05d}": dict.fromkeys(NAMES, 0) for r in self.reports}
        for segment, counted in self.by_segment.items():
            for name in NAMES:
                sums[segment.partition("-")[0]][name] += counted[name]
        return sums

    def _vector_table(self) -> pa.Table:
        settled, verdicts = self._both()
        return pa.table(
            {
                **store.vector_columns(settled.vectors),
                "decision": verdicts.decision,
                "reasons": pa.array([" ".join(verdicts.codes(i)) for i in range(len(verdicts.decision))], pa.string()),
                "redact": verdicts.redact,
                "house": verdicts.house,
                "records": settled.records,
                "bytes": settled.bytes,
                "words": settled.words,
            }
        )

    def _both(self) -> tuple[Settled, Verdicts]:
        if self.settled is None or self.verdicts is None:
            raise UsageError("nothing is decided yet")
        return self.settled, self.verdicts

    def write(self, before: list[Stored | None]) -> WriteReport:
        """Write parts, held and edits of every shard."""
        _, verdicts = self._both()
        tables, table_of = redaction_tables(self.case, verdicts, whole_kinds=self.house.plain)
        source_of = self._both()[0].vectors[:, -1].astype(np.int32)
        reasons = tuple(" ".join(verdicts.codes(i)) for i in range(len(verdicts.decision)))
        by_shard: dict[int, list[tuple[Stored, Stored | None]]] = {}
        for now, old in zip(self.segments, before, strict=True):
            by_shard.setdefault(store.Segment.parse(now.segment).shard, []).append((now, old))
        shards = {s.number: s for s in self.run.shards}
        hashes = {r.number: r.sha256 for r in self.reports}
        for room in ("edits", "held"):
            for path in (self.out / "work" / room / self.folder).glob("*.parquet"):
                path.unlink()  # left by a killed run; the same bytes would come again
        tasks = [
            WriteTask(
                shards[n], hashes[n], self.settings, tuple(pairs), tables, table_of, reasons, self.folder,
                self.job.project.policy.pseudonyms, self.run.sidecar, self.run.held_raw, self.house, source_of,
                self.job.today or self.run.day,
            )
            for n, pairs in sorted(by_shard.items())
        ]  # fmt: skip
        whole = WriteReport()
        total = sum(_weight(t.shard) for t in tasks)
        done = 0
        for task, part in zip(tasks, self.job.engine(write_shard, tasks), strict=True):
            whole.stored += part.stored
            whole.marks |= part.marks
            whole.reread += part.reread
            whole.gone += part.gone
            self.by_segment |= part.decided
            for kind, number in part.edits.items():
                whole.edits[kind] = whole.edits.get(kind, 0) + number
            done += _weight(task.shard)
            self.job.progress("write", done, total, sum(s.rows for s in whole.stored))
        return whole

    def commit(self, lock: Lock, kind: str, written: WriteReport, *, pending: bool = False) -> Outcome:
        """Write the report, name every file, commit, log, and remove what no commit needs any more."""
        settled, verdicts = self._both()
        found = conditions(self.case, verdicts, settled.vectors, settled.records)
        applied: Any = [s.__dict__ for s in written.stored]
        if pending and self.head:
            applied = self.head.payload.get("applied", self.head.payload.get("segments"))
        head_edits = self.head.payload.get("edits", {}) if self.head else {}
        body = payload(
            run=self.run, asked=self.job.asked, project=self.job.project, case=self.case, settings=self.settings,
            reports=self.reports, settled=settled, verdicts=verdicts, open_or_met=found, stored=written.stored,
            counts=self.counts, people=people.counts(self.out, written.stored, settled, verdicts),
            edits=written.edits if written.edits or not isinstance(head_edits, dict) else head_edits,
            accepted=judged.accepted(self.out),
            extra={
                "register": self.job.register.summary() if self.job.register else None,
                "lists": self._lists(),
                "readings_tried": _tried(self.head, self.job.asked),
                "pending": pending,
                "applied": applied,
                "judged": [*_said_in_project(self.job.project), *judged.summary(self.out)],
                "reread": written.reread,
                "gone": written.gone,
                "retention": retention.told(
                    self.out, [Stored(**s) for s in applied], self.run, self.job.project.policy.held_days,
                    spool=bool(retention.spooled(self.out)),
                ),
                "residue": self._residue(),
                **self._tokens(),
                "by_language": dict(sorted(self.by_language.items())),
                **self._prices(written.stored),
            },
        )  # fmt: skip
        _write_unreadable(self.out, self.run, self.reports)
        if self.job.report is not None:
            files.write_atomic(self.out / "report.html", self.job.report(body, self.case.book))
        manifest = self._manifest(written, [Stored(**s) for s in applied])
        commit = commits.publish(lock, Draft(kind, self.head, manifest, body), self.keys)
        for path in commits.superseded(commits.chain(self.out)):
            (self.out / path).unlink(missing_ok=True)
        return Outcome(commit, written.reread, written.gone)

    def _lists(self) -> dict[str, Any] | None:
        """What the commit says of the house's lists: keyed hashes, counts, and where their keys stand."""
        if self.job.lists is None:
            return None
        return {"table": self.house.table, **self.job.lists.summary(self.settings.keys.register)}

    def _tokens(self) -> dict[str, Any]:
        """Tokens by decision, and the ratios they rest on; nothing where no tokenizer was ever measured."""
        if self.tokenizer is None:
            return {}
        settled, verdicts = self._both()
        groups = breakdown(self.out, self.case.names, settled, self.segments, DIMENSIONS)
        return {"tokenizer": dict(self.tokenizer), "tokens": tokens.of_decisions(groups, verdicts, self.tokenizer)}

    def _residue(self) -> list[dict[str, Any]]:
        """What the detectors probably missed, by kind and language."""
        tasks = [(str(self.out), s.segment) for s in self.segments]
        languages: dict[str, int] = {}
        for report in self.reports:
            for code, count in report.languages.items():
                languages[code] = languages.get(code, 0) + count
        return residue(self.settings, languages, self.job.engine(found_in, tasks))

    def _prices(self, stored: Sequence[Stored]) -> dict[str, Any]:
        """What `strict` would have removed; and the price of every Question where that is quick to tell."""
        settled, verdicts = self._both()
        strict = strict_difference(self.out, self.case, settled, verdicts, stored)
        if self.job.report is None or len(settled.vectors) > PRICED_VECTORS:
            return {"strict": strict}
        listed = compare(self.out, self.case, settled, stored, tokenizer=self.tokenizer)
        return {"strict": strict, "prices": [p.to_dict() for p in listed]}

    def _manifest(self, written: WriteReport, applied: Sequence[Stored]) -> dict[str, Mark]:
        """Every file of the new state. Files of an earlier change stay named while they are needed."""
        needed = {p for s in (*written.stored, *applied) for p in (s.decisions, s.edits, s.held, s.part) if p}
        marks = {p: m for p, m in (self.head.manifest.items() if self.head else ()) if p in needed}
        marks |= {p: m for p, m in {**self.marks, **written.marks}.items() if p in needed or p in self.marks}
        for path in needed - marks.keys():
            marks[path] = hash_file(self.out / path)
        rooms = ("accounts", "aliases", "authors", "facts", "findings", "input", "judged", "register", "reports",
                 "vectors")  # fmt: skip
        every = [p for room in rooms for p in sorted((self.out / "work" / room).rglob("*")) if p.is_file()]
        every += [
            self.out / n
            for n in ("report.html", "unreadable.jsonl", "work/run.json", "work/asked.json", "work/klarera.toml")
        ]
        old = self.head.manifest if self.head else {}
        for file in every:
            name = file.relative_to(self.out).as_posix()
            if file.exists():
                fixed = name.split("/")[1:2] and name.split("/")[1] in (
                    "accounts",
                    "aliases",
                    "facts",
                    "findings",
                    "input",
                    "vectors",
                    "reports",
                )
                marks[name] = old[name] if fixed and name in old else hash_file(file)
        return marks


def _folder(head: Commit | None) -> str:
    """Name of the folder of what follows this commit."""
    return f"{(head.number + 1) if head else 0:06d}"


def _said_in_project(project: Project) -> list[dict[str, Any]]:
    """Judgements of the project file: a commit names who answered, when and why, as for those of a review."""
    return [
        {"fact": j.fact, "value": j.value, "by": j.by, "on": j.on.isoformat(), "why": j.why, "scope": "project"}
        for j in project.judged
    ]


def _tokenizer_of(head: Commit | None) -> Mapping[str, Any] | None:
    told = head.payload.get("tokenizer") if head else None
    return told if isinstance(told, dict) else None


def _tried(head: Commit | None, asked: Asked) -> list[dict[str, Any]]:
    """Every law and reading decisions were ever made under here, oldest first."""
    before = list(head.payload.get("readings_tried", [])) if head else []  # type: ignore[call-overload]
    name = asked.reading if isinstance(asked.reading, str) else dict(asked.reading)
    return [*before, {"reading": name, "on": asked.on.isoformat(), "laws": sorted(asked.laws)}]


def case_of(out: Path, run: Run, job: Job, reports: Sequence[ShardReport], settings: Settings, *, missed: bool) -> Case:
    """What decides, beside the vectors: law, reading, and what is known of project, sources and run.

    missed  whether the register holds names that were not looked for in the texts (`missed_names`)
    """
    names = source_names(reports)
    facts = run_facts(
        settings,
        reports,
        job.project,
        names,
        register=job.register is not None,
        missed=missed,
        authors=_authors_known(out, reports),
    )
    said: dict[str, Any] = dict(job.project.facts) | {"purpose": run.purpose} | facts
    for answer in job.project.judged:
        said[answer.fact] = answer.value
    declared = {f.name for f in job.book.facts}
    return Case(
        book=job.book,
        law=Law(job.asked.on, job.asked.known, frozenset(job.asked.laws)),
        choice=job.asked.reading,
        project={k: v for k, v in said.items() if k in declared},
        sources=[_source_facts(job, n) for n in names],
        names=list(names),
        house=[job.project.policy.measures(n) for n in names],
    )


def source_names(reports: Sequence[ShardReport]) -> list[str]:
    """The sources of a run in their numbering: by name."""
    return sorted({name for r in reports for name in r.sources}) or [""]


def _source_facts(job: Job, name: str) -> dict[str, Any]:
    """What is said of a source; its `visibility`, `notice_date` and the like are facts where declared."""
    source = job.project.source(name)
    declared = {f.name for f in job.book.facts}
    about = {k: v for k, v in source.about.items() if k in declared}
    if source.notice_date is not None and "notice_date" in declared:
        about["notice_date"] = source.notice_date
    return {**about, **source.facts}


def _authors_known(out: Path, reports: Sequence[ShardReport]) -> bool:
    for report in reports:
        for segment, _ in report.segments:
            keys = store.keys_of(store.read_table(store.work(out, "accounts", segment)).column("author"))
            if not keys.any(axis=1).all():
                return False
    return True


def _names(register: Snapshot | None, keys: Keys) -> tuple[str, ...]:
    """The keys (hex) of the names a register lists, sorted."""
    if register is None:
        return ()
    return tuple(sorted(row.tobytes().hex() for row in name_keys(keys.purpose("register"), register.terms)))


def _words(lists: HouseLists | None, keys: Keys) -> tuple[str, ...]:
    """The keys (hex) of the words of the house's deny list, sorted."""
    if lists is None:
        return ()
    return tuple(sorted(row.tobytes().hex() for row in word_keys(keys.purpose("register"), tuple(lists.words))))


def missed_names(run: Run, register: Snapshot | None, keys: Keys) -> frozenset[str]:
    """Keys of names that entered the register after the run's texts were searched: nobody looked for them."""
    return frozenset(_names(register, keys)) - frozenset(run.register_names)


def _register_tables(out: Path, job: Job, reports: Sequence[ShardReport], settings: Settings) -> AuthorTable:
    """Write the snapshot's keys beside what they are joined with; returns the authors it names, however it does."""
    if job.register is None:
        return AuthorTable(np.empty((0, 16), np.uint8), np.empty(0, np.uint16))
    sources = {name: _domains(job.project.source(name)) for name in source_names(reports)}
    found = reach(job.register, settings, sources)
    for name, table in (("findings", found.findings), ("urls", found.urls), ("authors", found.authors)):
        columns = {"key": store.keys_array(table.keys), "flags": table.flags}
        rewrite(out, f"work/register/{name}.parquet", pa.table(columns))
    tasks = [(r.number, tuple(segment for segment, _ in r.segments)) for r in reports]
    parts = [(found.authors.keys, found.authors.flags), *job.engine(Heard(str(out)), tasks)]
    return AuthorTable.merge(np.concatenate([k for k, _ in parts]), np.concatenate([f for _, f in parts]))


def _domains(source: SourceFacts) -> tuple[str, ...]:
    """The domains of a source, where its accounts stand."""
    told = source.about.get("domain", ())
    return (told,) if isinstance(told, str) else tuple(str(domain) for domain in told)


def redaction_tables(
    case: Case, verdicts: Verdicts, *, whole_kinds: bool = True
) -> tuple[tuple[Extents, ...], npt.NDArray[np.int32]]:
    """The distinct redaction tables in play, and for each vector the number of its own, -1 if dropped.

    whole_kinds  the house takes out all findings of a kind; else it says of each finding (pipeline.house.taken)
    """
    pairs = np.stack([verdicts.redact, verdicts.taken if whole_kinds else np.zeros_like(verdicts.taken)], axis=1)
    pairs[verdicts.decision == Decision.DROP] = np.iinfo(np.uint64).max
    distinct, inverse = np.unique(pairs, axis=0, return_inverse=True)
    inverse = inverse.reshape(-1)
    tables: list[Extents] = []
    number = np.full(len(distinct), -1, np.int32)
    persons = (About.UNCLEAR, About.AUTHOR, About.OTHER)
    for i, (redact, house) in enumerate(distinct.tolist()):
        if redact == np.iinfo(np.uint64).max:
            continue
        true = {g.conclusion for bit, g in enumerate(verdicts.grounds) if redact >> bit & 1}
        rows = [(r.kinds, r.about, r.extent) for r in case.book.redactions if r.conclusion in true]
        own = tuple(kind for kind in Kind if house >> kind & 1)
        rows.append((own, persons, "span"))
        number[i] = len(tables)
        tables.append(extents(rows))
    return tuple(tables) or (extents([]),), number[inverse].astype(np.int32)


def _write_unreadable(out: Path, run: Run, reports: Sequence[ShardReport]) -> None:
    """unreadable.jsonl: file, place and reason of every unit that became no record; never its content."""
    import json

    lines: list[str] = []
    first: dict[str, int] = {}
    for shard, report in zip(run.shards, reports, strict=True):
        start = first.get(shard.path, 0)
        for unit, place, reason, units in report.places:
            entry: dict[str, Any] = {"file": Path(shard.path).name, "line": start + unit + 1, "place": place}
            lines.append(json.dumps(entry | {"reason": reason, "units": units}))
        first[shard.path] = start + report.lines
    files.write_atomic(out / "unreadable.jsonl", "".join(line + "\n" for line in lines).encode())
