"""What decides beside the vectors: the law of a day, a reading, and what is known of project, sources and run.

The project file says it, the run shows it, the register and its names count as known or as not looked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from klarera import store
from klarera.decide import Case
from klarera.law import Law
from klarera.pipeline.run import Run
from klarera.pipeline.screen import ShardReport
from klarera.pipeline.settings import Settings
from klarera.pipeline.state import run_facts

if TYPE_CHECKING:
    from klarera.pipeline.clear import Job

__all__ = ["case_of", "source_names"]


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
