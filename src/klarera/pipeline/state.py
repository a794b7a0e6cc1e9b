"""What a commit says of a clearance: numbers, conditions, readings; no text, no identifier.

The payload is JSON without floats. Everything the summary, the report and later papers print comes from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from klarera import __version__
from klarera.decide import Case, Condition, Verdicts
from klarera.errors import UsageError
from klarera.evidence.commits import Commit
from klarera.law import outdated
from klarera.law.readings import Reading
from klarera.model import ART9, Decision, Kind
from klarera.pipeline.house import stated
from klarera.pipeline.run import Run
from klarera.pipeline.screen import ShardReport
from klarera.pipeline.settings import Settings
from klarera.pipeline.settle import Settled
from klarera.pipeline.stored import Stored
from klarera.project import Project, SourceFacts
from klarera.rulebook.conditions import STATED

__all__ = ["NAMES", "Asked", "payload", "run_facts", "status", "stored_of"]

NAMES = ("kept", "redacted", "held", "dropped")


@dataclass(frozen=True)
class Asked:
    """Under which law and reading a decision was asked for."""

    on: date
    known: date
    reading: str | Mapping[str, str]
    laws: tuple[str, ...] = ()


LOOKED = {
    "identifiers_looked_for": (Kind.EMAIL, Kind.PHONE, Kind.IBAN, Kind.CARD, Kind.IP, Kind.MAC, Kind.NATIONAL_ID,
                               Kind.HANDLE, Kind.PROFILE_URL, Kind.GEO, Kind.WALLET, Kind.SECRET),
    "names_looked_for": (Kind.PERSON,),
    "special_looked_for": (*sorted(ART9), Kind.CRIMINAL),
    "minors_looked_for": (Kind.MINOR,),
    "objections_looked_for": (Kind.OBJECTION,),
}  # fmt: skip
"""Run fact → kinds that have to be looked for in every record for it to be true."""


def not_looked(settings: Settings, languages: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Kind → language → records in which nobody looked for it; a kind without a detector lists all.

    >>> not_looked.__name__
    'not_looked'
    """
    from klarera.model import LANGUAGES

    out: dict[str, dict[str, int]] = {}
    for kind in Kind:
        mask = settings.coverages.by_kind.get(kind, np.zeros(len(LANGUAGES), np.bool_))
        missed = {
            code: count
            for code, count in sorted(languages.items())
            if not mask[LANGUAGES.index(code) if code in LANGUAGES else 0]
        }
        if missed:
            out[kind.name] = missed
    return out


def run_facts(
    settings: Settings, reports: Sequence[ShardReport], project: Project, names: Sequence[str], *,
    register: bool, authors: bool, missed: bool,
) -> dict[str, bool]:  # fmt: skip
    """Facts of scope RUN: what this run itself did and was given.

    missed  whether the register holds names that were not looked for in the texts
    """
    gaps = not_looked(settings, _sum(r.languages for r in reports))
    facts = {name: not any(k.name in gaps for k in kinds) for name, kinds in LOOKED.items()}
    said = dict.fromkeys(project.facts, True)
    for fact in {key for source in project.sources for key in (*source.facts, *source.about, "notice_date")}:
        said[fact] = all(_states(project.source(n), fact) for n in names)
    unseen = _sum(r.unseen for r in reports)
    said["visibility"] = all(_states(project.source(n), "visibility") or not unseen.get(n, 0) for n in names)
    return (
        facts
        | {name: said.get(fact, False) for name, fact in STATED.items()}
        | {
            "languages_covered": not gaps,
            "register_given": register,
            "register_names_looked_for": not missed,
            "authors_known": authors,
            "reading_adopted": bool(project.adopted_by and project.adopted_on),
            "residue_measured": False,
        }
    )


def _states(source: SourceFacts, fact: str) -> bool:
    if fact == "notice_date":
        return source.notice_date is not None
    return fact in source.facts or fact in source.about


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    out: dict[str, int] = {}
    for one in counts:
        for key, value in one.items():
            out[key] = out.get(key, 0) + value
    return dict(sorted(out.items()))


def status(conditions: Sequence[Mapping[str, Any]]) -> str:
    """screened, conditional or cleared, by what is open."""
    still = [c for c in conditions if c["open"] and c["blocking"]]
    if any(c["before"] == "training" for c in still):
        return "screened"
    return "conditional" if still else "cleared"


def payload(
    *, run: Run, asked: Asked, project: Project, case: Case, settings: Settings, reports: Sequence[ShardReport],
    settled: Settled, verdicts: Verdicts, open_or_met: Sequence[Condition], stored: Sequence[Stored],
    counts: Mapping[str, Mapping[str, int]], people: Mapping[str, int], edits: Mapping[str, int],
    accepted: Mapping[str, Mapping[str, str]], extra: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """The payload of a commit that decides."""
    shards = {f"{r.number:05d}": _units(r, counts[f"{r.number:05d}"]) for r in reports}
    conditions = [_condition(c, accepted) for c in open_or_met]
    languages = _sum(r.languages for r in reports)
    return {
        "klarera": __version__,
        "schema": "1",
        "status": status(conditions),
        "purpose": run.purpose,
        "project": {"name": project.name, **_plain(project.about.get("project", {}))},
        "model": _plain(project.about.get("model", {})),
        "day": asked.on.isoformat(),
        "known": asked.known.isoformat(),
        "run_day": run.day.isoformat(),
        "laws": sorted(asked.laws),
        "rulebook": {"sha256": case.book.hash, "version": case.book.version.isoformat(), "rules": len(case.book.rules)},
        "outdated": [{"act": w.act, "what": w.what, "day": w.date.isoformat()} for w in outdated(case.book, asked.on)],
        "reading": _reading(asked, case, project),
        "stated": {
            "project": _plain(dict(case.project)),
            "sources": [_plain(dict(s)) for s in case.sources],
            "policy": [stated(own) for own in case.house],
        },
        "detectors": [dict(card) for card in (settings.cards if run.register_names else settings.cards[:-1])],
        "readers": [dict(card) for card in run.readers],
        "without": list(run.without),
        "not_looked_for": not_looked(settings, languages),
        "inputs": [_input(s, r) for s, r in zip(run.shards, reports, strict=True)],
        "mapping": dict(sorted(run.mapping.items())),
        "unmapped": list(run.unmapped),
        "sources": list(case.names),
        "counts": {"total": _sum(shards.values()), "shards": shards},
        "sizes": {"records": sum(r.records for r in reports), "bytes": sum(r.bytes for r in reports),
                  "words": sum(r.words for r in reports)},
        "languages": languages,
        "unreadable": _sum(r.reasons for r in reports),
        "misfits": sum(r.misfits for r in reports),
        "decisions": _decisions(settled, verdicts),
        "reasons": _reasons(settled, verdicts),
        "by_source": _by_source(settled, verdicts, case),
        "edits": dict(sorted(edits.items())),
        "people": dict(people),
        "conditions": conditions,
        "segments": [asdict(s) for s in stored],
        "sidecar": run.sidecar,
        **extra,
    }  # fmt: skip


def _units(report: ShardReport, counts: Mapping[str, int]) -> dict[str, int]:
    units = {name: counts.get(name, 0) for name in NAMES} | {"unreadable": report.unreadable}
    return {"units": report.records + report.unreadable, **units}


def _input(shard: Any, report: ShardReport) -> dict[str, Any]:
    return {
        "file": Path(shard.path).name, "reader": shard.reader, "start": shard.start, "stop": shard.stop,
        "size": shard.size, "sha256": report.sha256, "lines": report.lines, "sources": report.sources,
    }  # fmt: skip


def _condition(condition: Condition, accepted: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    spec = condition.spec
    taken = accepted.get(condition.id)
    return {
        "id": condition.id,
        "fact": spec.fact.name,
        "source": condition.source,
        "article": str(spec.cite),
        "says": spec.says,
        "addressee": spec.addressee,
        "closes": spec.closes,
        "blocking": spec.blocking,
        "before": spec.before,
        "confidence": spec.confidence.value,
        "value": condition.value,
        "open": condition.open and taken is None,
        "accepted": dict(taken) if taken else None,
        "records": condition.records,
    }


def _reading(asked: Asked, case: Case, project: Project) -> dict[str, Any]:
    first: Reading = case.readings[0]
    questions = {}
    for name in first.adopted:
        why = {s: r.why[name] for s, r in zip(case.names, case.readings, strict=True)}
        questions[name] = {
            source or "-": {
                "position": w.position,
                "because": w.because,
                "source": w.source,
                "stricter": w.stricter,
            }
            for source, w in why.items()
        }
    name = asked.reading if isinstance(asked.reading, str) else "own"
    return {
        "name": name,
        "base": asked.reading if isinstance(asked.reading, str) else asked.reading.get("base", "supported"),
        "adopted_by": project.adopted_by,
        "adopted_on": project.adopted_on.isoformat() if project.adopted_on else None,
        "questions": questions,
    }


def _decisions(settled: Settled, verdicts: Verdicts) -> dict[str, dict[str, int]]:
    out = {}
    for value in Decision:
        rows = verdicts.decision == value
        out[NAMES[value]] = {
            "records": int(settled.records[rows].sum()),
            "words": int(settled.words[rows].sum()),
            "bytes": int(settled.bytes[rows].sum()),
        }
    return out


def _reasons(settled: Settled, verdicts: Verdicts) -> list[dict[str, Any]]:
    """How many records each reason decided; a record with several counts under each."""
    out: dict[tuple[str, str], int] = {}
    for at in range(len(settled.records)):
        for code in verdicts.codes(at):
            key = (NAMES[verdicts.decision[at]], code)
            out[key] = out.get(key, 0) + int(settled.records[at])
    ordered = sorted(out.items(), key=lambda item: (NAMES.index(item[0][0]), -item[1], item[0][1]))
    return [{"decision": d, "code": c, "records": n} for (d, c), n in ordered]


def _by_source(settled: Settled, verdicts: Verdicts, case: Case) -> dict[str, dict[str, int]]:
    source = settled.vectors[:, -1]
    out = {}
    for number, name in enumerate(case.names):
        rows = source == number
        by = np.bincount(verdicts.decision[rows], settled.records[rows], minlength=4)
        out[name or "-"] = {label: int(by[i]) for i, label in enumerate(NAMES)}
    return out


def _plain(value: Any) -> Any:
    """The same value as JSON without floats and dates."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= 1 << 53):
        return int(value) if float(value).is_integer() and abs(value) < 1 << 53 else repr(value)
    return value.isoformat() if isinstance(value, date) else value


def stored_of(commit: Commit) -> list[Stored]:
    """The segments' files as a commit names them. Raises UsageError for a commit that has none."""
    segments = commit.payload.get("segments")
    if not isinstance(segments, list):
        raise UsageError(f"{commit.name}: holds no segments", hint="klarera clear")
    return [Stored(**s) for s in segments]
