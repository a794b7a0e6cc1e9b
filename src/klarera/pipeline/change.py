"""One change of OUT on its way to a commit: decide, measure, write.

    of       the register's tables, the authors in place, and what decides
    settle   facts → distinct vectors → verdicts → the decision of each record; no text is opened
    measure  the ratio of a tokenizer, on a sample of the input
    write    decisions → parts, held records and edits

What a commit says of it and names stands in `commit.py`; when which step is taken, in `clear.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from klarera import store
from klarera.decide import Case, Verdicts, decide
from klarera.errors import UsageError
from klarera.evidence.commits import Commit
from klarera.evidence.files import Mark, hash_file
from klarera.evidence.keys import Keys
from klarera.pipeline import judged, tokens
from klarera.pipeline.authors import place_authors, rewrite
from klarera.pipeline.case import case_of, source_names
from klarera.pipeline.house import House, write_lists
from klarera.pipeline.planned import WriteReport, WriteTask
from klarera.pipeline.redactions import redaction_tables
from klarera.pipeline.registered import missed_names, register_tables
from klarera.pipeline.run import Run, weight
from klarera.pipeline.screen import ShardReport
from klarera.pipeline.settings import Settings
from klarera.pipeline.settle import Decide, Joining, Settled, joinings_of, merge, settle, tally
from klarera.pipeline.state import NAMES
from klarera.pipeline.stored import Stored
from klarera.pipeline.write import write_shard

if TYPE_CHECKING:
    from klarera.pipeline.clear import Job

__all__ = ["Change"]


@dataclass
class Change:
    """One change of OUT on its way to a commit: made by `of`, it fills as `settle`, `measure` and `write` go on.

    head        the commit it follows, None for the first
    segments    what stands of each segment, from `settle` on
    by_segment  segment → records by decision; by_language the same for each language
    marks       files this change made beside parts, held and edits
    """

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
    def of(cls, out: Path, run: Run, keys: Keys, job: Job, reports: list[ShardReport], head: Commit | None) -> Change:
        """The change that follows `head`: writes the register's tables, the authors and the house's lists."""
        names = source_names(reports)
        settings = run.settings(out, keys)
        table = register_tables(out, job, reports, settings)
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
        settled, verdicts = self.both()
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

    def both(self) -> tuple[Settled, Verdicts]:
        """What is decided: the distinct vectors, and the verdict of each. UsageError before `settle`."""
        if self.settled is None or self.verdicts is None:
            raise UsageError("nothing is decided yet")
        return self.settled, self.verdicts

    def write(self, before: list[Stored | None]) -> WriteReport:
        """Write parts, held and edits of every shard."""
        _, verdicts = self.both()
        tables, table_of = redaction_tables(self.case, verdicts, whole_kinds=self.house.plain)
        source_of = self.both()[0].vectors[:, -1].astype(np.int32)
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
        total = sum(weight(t.shard) for t in tasks)
        done = 0
        for task, part in zip(tasks, self.job.engine(write_shard, tasks), strict=True):
            whole.stored += part.stored
            whole.marks |= part.marks
            whole.reread += part.reread
            whole.gone += part.gone
            self.by_segment |= part.decided
            for kind, number in part.edits.items():
                whole.edits[kind] = whole.edits.get(kind, 0) + number
            done += weight(task.shard)
            self.job.progress("write", done, total, sum(s.rows for s in whole.stored))
        return whole


def _folder(head: Commit | None) -> str:
    """Name of the folder of what follows this commit."""
    return f"{(head.number + 1) if head else 0:06d}"


def _tokenizer_of(head: Commit | None) -> Mapping[str, Any] | None:
    told = head.payload.get("tokenizer") if head else None
    return told if isinstance(told, dict) else None
