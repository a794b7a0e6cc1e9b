"""A change becomes a commit: what the commit says of it, which files it names, and what goes with the old state."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from klarera.decide import conditions
from klarera.evidence import commits, files
from klarera.evidence.commits import Commit, Draft
from klarera.evidence.files import Mark, hash_file
from klarera.evidence.lock import Lock
from klarera.pipeline import judged, people, retention, tokens
from klarera.pipeline.breakdown import DIMENSIONS, breakdown
from klarera.pipeline.change import Change
from klarera.pipeline.compare import compare, strict_difference
from klarera.pipeline.planned import WriteReport
from klarera.pipeline.residue import found_in, residue
from klarera.pipeline.run import Run
from klarera.pipeline.screen import ShardReport
from klarera.pipeline.state import Asked, payload
from klarera.pipeline.stored import Stored
from klarera.project import Project

__all__ = ["commit"]

PRICED_VECTORS = 20_000
"""Up to this many distinct vectors the report carries the price of every Question; `klarera compare` always does."""


def commit(change: Change, lock: Lock, kind: str, written: WriteReport, *, pending: bool = False) -> Commit:
    """Write the report, name every file, commit, log, and remove what no commit needs any more.

    pending  parts and held records stand as an earlier commit left them: `apply` brings them in line
    """
    settled, verdicts = change.both()
    found = conditions(change.case, verdicts, settled.vectors, settled.records)
    applied: Any = [s.__dict__ for s in written.stored]
    if pending and change.head:
        applied = change.head.payload.get("applied", change.head.payload.get("segments"))
    head_edits = change.head.payload.get("edits", {}) if change.head else {}
    body = payload(
        run=change.run, asked=change.job.asked, project=change.job.project, case=change.case, settings=change.settings,
        reports=change.reports, settled=settled, verdicts=verdicts, open_or_met=found, stored=written.stored,
        counts=change.counts, people=people.counts(change.out, written.stored, settled, verdicts),
        edits=written.edits if written.edits or not isinstance(head_edits, dict) else head_edits,
        accepted=judged.accepted(change.out),
        extra={
            "register": change.job.register.summary() if change.job.register else None,
            "lists": _lists(change),
            "readings_tried": _tried(change.head, change.job.asked),
            "pending": pending,
            "applied": applied,
            "judged": [*_said_in_project(change.job.project), *judged.summary(change.out)],
            "reread": written.reread,
            "gone": written.gone,
            "retention": retention.told(
                change.out, [Stored(**s) for s in applied], change.run, change.job.project.policy.held_days,
                spool=bool(retention.spooled(change.out)),
            ),
            "residue": _residue(change),
            **_tokens(change),
            "by_language": dict(sorted(change.by_language.items())),
            **_prices(change, written.stored),
        },
    )  # fmt: skip
    _write_unreadable(change.out, change.run, change.reports)
    if change.job.report is not None:
        files.write_atomic(change.out / "report.html", change.job.report(body, change.case.book))
    manifest = _manifest(change, written, [Stored(**s) for s in applied])
    made = commits.publish(lock, Draft(kind, change.head, manifest, body), change.keys)
    for path in commits.superseded(commits.chain(change.out)):
        (change.out / path).unlink(missing_ok=True)
    return made


def _lists(change: Change) -> dict[str, Any] | None:
    """What the commit says of the house's lists: keyed hashes, counts, and where their keys stand."""
    if change.job.lists is None:
        return None
    return {"table": change.house.table, **change.job.lists.summary(change.settings.keys.register)}


def _tokens(change: Change) -> dict[str, Any]:
    """Tokens by decision, and the ratios they rest on; nothing where no tokenizer was ever measured."""
    if change.tokenizer is None:
        return {}
    settled, verdicts = change.both()
    groups = breakdown(change.out, change.case.names, settled, change.segments, DIMENSIONS)
    return {"tokenizer": dict(change.tokenizer), "tokens": tokens.of_decisions(groups, verdicts, change.tokenizer)}


def _residue(change: Change) -> list[dict[str, Any]]:
    """What the detectors probably missed, by kind and language."""
    tasks = [(str(change.out), s.segment) for s in change.segments]
    languages: dict[str, int] = {}
    for report in change.reports:
        for code, count in report.languages.items():
            languages[code] = languages.get(code, 0) + count
    return residue(change.settings, languages, change.job.engine(found_in, tasks))


def _prices(change: Change, stored: Sequence[Stored]) -> dict[str, Any]:
    """What `strict` would have removed; and the price of every Question where that is quick to tell."""
    settled, verdicts = change.both()
    strict = strict_difference(change.out, change.case, settled, verdicts, stored)
    if change.job.report is None or len(settled.vectors) > PRICED_VECTORS:
        return {"strict": strict}
    listed = compare(change.out, change.case, settled, stored, tokenizer=change.tokenizer)
    return {"strict": strict, "prices": [p.to_dict() for p in listed]}


def _manifest(change: Change, written: WriteReport, applied: Sequence[Stored]) -> dict[str, Mark]:
    """Every file of the new state. Files of an earlier change stay named while they are needed."""
    needed = {p for s in (*written.stored, *applied) for p in (s.decisions, s.edits, s.held, s.part) if p}
    marks = {p: m for p, m in (change.head.manifest.items() if change.head else ()) if p in needed}
    marks |= {p: m for p, m in {**change.marks, **written.marks}.items() if p in needed or p in change.marks}
    for path in needed - marks.keys():
        marks[path] = hash_file(change.out / path)
    rooms = ("accounts", "aliases", "authors", "facts", "findings", "input", "judged", "register", "reports",
             "vectors")  # fmt: skip
    every = [p for room in rooms for p in sorted((change.out / "work" / room).rglob("*")) if p.is_file()]
    every += [
        change.out / n
        for n in ("report.html", "unreadable.jsonl", "work/run.json", "work/asked.json", "work/klarera.toml")
    ]
    old = change.head.manifest if change.head else {}
    for file in every:
        name = file.relative_to(change.out).as_posix()
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


def _said_in_project(project: Project) -> list[dict[str, Any]]:
    """Judgements of the project file: a commit names who answered, when and why, as for those of a review."""
    return [
        {"fact": j.fact, "value": j.value, "by": j.by, "on": j.on.isoformat(), "why": j.why, "scope": "project"}
        for j in project.judged
    ]


def _tried(head: Commit | None, asked: Asked) -> list[dict[str, Any]]:
    """Every law and reading decisions were ever made under here, oldest first."""
    before = list(head.payload.get("readings_tried", [])) if head else []  # type: ignore[call-overload]
    name = asked.reading if isinstance(asked.reading, str) else dict(asked.reading)
    return [*before, {"reading": name, "on": asked.on.isoformat(), "laws": sorted(asked.laws)}]


def _write_unreadable(out: Path, run: Run, reports: Sequence[ShardReport]) -> None:
    """unreadable.jsonl: file, place and reason of every unit that became no record; never its content."""
    lines: list[str] = []
    first: dict[str, int] = {}
    for shard, report in zip(run.shards, reports, strict=True):
        start = first.get(shard.path, 0)
        for unit, place, reason, units in report.places:
            entry: dict[str, Any] = {"file": Path(shard.path).name, "line": start + unit + 1, "place": place}
            lines.append(json.dumps(entry | {"reason": reason, "units": units}))
        first[shard.path] = start + report.lines
    files.write_atomic(out / "unreadable.jsonl", "".join(line + "\n" for line in lines).encode())
