"""compare, explain, review, release, verify: questions put to a clearance, and the way out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from klarera.cli.summary import prices, ratios, summary
from klarera.cli.work import job, out_json, remember, say, today
from klarera.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from klarera.decide import Case
    from klarera.evidence.commits import Commit
    from klarera.pipeline.clear import Job
    from klarera.pipeline.run import Run
    from klarera.pipeline.settings import Settings
    from klarera.pipeline.settle import Settled
    from klarera.pipeline.write import Stored

__all__ = ["open_clearance", "run_release", "run_review", "run_verify", "show_compare", "show_explanation"]


@dataclass(frozen=True)
class Opened:
    """A clearance as it stands: its newest commit, what decided it, and its decided vectors."""

    run: Run
    commit: Commit
    case: Case
    settings: Settings
    settled: Settled
    stored: list[Stored]


def open_clearance(out: Path, made: Job) -> Opened:
    """Read a clearance for asking; nothing is changed and no lock is taken."""
    from klarera import store
    from klarera.evidence.commits import head
    from klarera.pipeline.clear import case_of
    from klarera.pipeline.run import Run, keys_for, load_report
    from klarera.pipeline.settle import Settled
    from klarera.pipeline.state import stored_of

    run = Run.load(out)
    commit = head(out)
    if commit is None:
        raise UsageError(f"{out}: the run was not finished", hint="klarera clear with the same inputs")
    settings = run.settings(out, keys_for(run.dataset, made.store, out))
    reports = [r for s in run.shards if (r := load_report(out, s.number)) is not None]
    case = case_of(out, run, made, reports, settings)
    stored = stored_of(commit)
    path = (out / stored[0].decisions).parent / "vectors.parquet" if stored else None
    if path is None:
        raise UsageError(f"{out}: holds no records", hint="unreadable.jsonl says why")
    table = store.read_table(path)
    counts = [table.column(n).to_numpy() for n in ("records", "bytes", "words")]
    return Opened(run, commit, case, settings, Settled(store.vectors_of(table), *counts), stored)


def _job(out: Path, project: Path | None, workers: int = 1, *, quiet: bool = True) -> tuple[Job, Path | None]:
    from klarera.cli.clearing import as_decided

    made, path = job(project=project, out=out, on="", known="", reading="", law=[], workers=workers, quiet=quiet)
    return as_decided(out, made), path


def show_compare(out: Path, project: Path | None, *, by: Sequence[str], every: bool, as_json: bool) -> None:
    """Print the price of every position."""
    from klarera.pipeline.compare import compare

    made, _ = _job(out, project)
    opened = open_clearance(out, made)
    told: Any = opened.commit.payload.get("tokenizer")
    prices_ = compare(out, opened.case, opened.settled, opened.stored, by=by, tokenizer=told)
    listed = [p.to_dict() for p in prices_]
    if as_json:
        out_json(listed)
        return
    for line in prices(listed, every=every):
        say(line)
    if told:
        say(ratios(told))


def show_explanation(out: Path, record: str, author: str, project: Path | None, *, full: bool, as_json: bool) -> None:
    """Print one record's decision with its proofs, or all decisions of an author."""
    from klarera.pipeline.explain import explain_all, locate, locate_author

    made, _ = _job(out, project)
    opened = open_clearance(out, made)
    names = dict(enumerate(opened.case.names))
    if author:
        found = locate_author(out, opened.run, opened.settings.keys, opened.stored, names, author)
    else:
        found = locate(out, opened.run, opened.settings.keys, opened.stored, names, record)
    told = explain_all(found, opened.case)
    if as_json:
        out_json([t.to_dict() for t in told])
        return
    if author:
        say(f"{len(told):,} records of this author")
    elif len(told) > 1:
        say(f"{len(told):,} records go by this name")
    if opened.commit.payload["pending"]:
        say("The files still follow the earlier decisions: klarera apply")
    for one in told:
        source = f", source {one.source}" if one.source else ""
        place = f", {one.file}:{one.line}" if len(told) > 1 else ""
        say(f"{one.decision.upper()} {one.rid}{source}{place}: {' '.join(one.reasons) or 'no ground to change it'}")
        if not author:
            for line in one.lines(full=full):
                say(f"  {line}")
    if not author:
        say("+ true, - false, ? unknown. Each proof gives its outcome again from its leaves alone.")


def run_review(
    out: Path, *, group: str, sample: int, answer: str, record: str, by: str, why: str, project: Path | None,
    workers: int, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """List groups, show texts, or keep an answer and decide again."""
    from klarera.pipeline import review

    made, path = _job(out, project, workers, quiet=quiet)
    opened = open_clearance(out, made)
    listed = review.groups(out, opened.case, opened.stored)
    if not group and not record:
        if as_json:
            out_json([g.to_dict() for g in listed])
            return
        say(f"{sum(len(g.rows) for g in listed):,} records are held in {len(listed)} groups")
        for g in listed:
            say(f"  {g.id}  {len(g.rows):>7,}  {g.reasons}  source {g.source or '-'}  language {g.language}")
            say(f"            settled by: {', '.join(g.settles) or 'another reading'}")
        return
    chosen = next((g for g in listed if g.id == group), None)
    if group and chosen is None:
        raise UsageError(f"no group {group} is held", hint=f"klarera review {out}")
    if not answer and not sample:
        raise UsageError("nothing is asked of it", hint="--sample N, or --answer FACT=no --by NAME")
    if sample and chosen is not None:
        shown = review.texts(out, opened.stored, review.sample(chosen, sample))
        if as_json and not answer:
            out_json([{"rid": rid, "text": text} for rid, text in shown])
        elif not as_json:
            for rid, text in shown:
                say(f"{rid}  {_inert(text)}")
    if answer:
        _answer(out, made, path, opened, chosen, record, answer, by, why, as_json=as_json)


def _inert(text: str) -> str:
    """Text as one line without control characters: it is shown, never run."""
    import unicodedata

    return "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)


def _answer(
    out: Path, made: Job, path: Path | None, opened: Opened, chosen: Any, record: str, answer: str, by: str, why: str,
    *, as_json: bool,
) -> None:  # fmt: skip
    import numpy as np

    from klarera.cli.clearing import as_decided
    from klarera.model import Scope
    from klarera.pipeline import judged, review
    from klarera.pipeline.clear import apply_decisions

    fact, equals, value = answer.partition("=")
    declared = {f.name: f for f in made.book.facts if f.scope in (Scope.RECORD, Scope.AUTHOR)}
    if not equals or value not in ("yes", "no") or fact not in declared:
        hint = f"{chosen.settles[0]}=no" if chosen is not None and chosen.settles else "art9_other=no"
        raise UsageError("an answer is FACT=yes or FACT=no, with a fact of a record or author", hint=hint)
    if record:
        if not re.fullmatch(r"[0-9a-f]{32}", record):
            raise UsageError("--record is a rid of 32 hex digits", hint="klarera explain OUT RECORD prints it")
        rids = np.frombuffer(bytes.fromhex(record), np.uint8).reshape(1, 16)
        scope = "record"
    else:
        rids, scope = review.rids_of(out, opened.stored, chosen), f"group {chosen.id}"
    judged.answer(out, fact=fact, value=value == "yes", by=by, on=today().isoformat(), why=why, scope=scope, rids=rids)
    remember(out, path)
    outcome = apply_decisions(out, as_decided(out, made), kind="judge")
    if as_json:
        out_json({**outcome.commit.payload, "commit": outcome.commit.sha256})
        return
    say(f"{by} answered {fact}={value} for {len(rids):,} records; decided again")
    for line in summary(outcome.commit.payload):
        say(line)


def run_release(
    out: Path, target: Path | None, *, accept: str, by: str, why: str, project: Path | None, workers: int,
    quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """Accept a condition, or publish."""
    from klarera.papers.card import card
    from klarera.pipeline import judged
    from klarera.pipeline.clear import apply_decisions
    from klarera.pipeline.release import release

    made, path = _job(out, project, workers, quiet=quiet)
    opened = open_clearance(out, made)
    if accept:
        listed: Any = opened.commit.payload["conditions"]
        known = [c["id"] for c in listed]
        if accept not in known:
            raise UsageError(f"no condition '{accept}'", hint=", ".join(known[:5]))
        judged.accept(out, condition=accept, by=by, on=today().isoformat(), why=why)
        apply_decisions(out, made, kind="judge")
        if not as_json:
            say(f"{accept} is accepted by {by}; it stands first in the card")
        if target is None:
            if as_json:
                out_json({"released": False, "accepted": accept, "open": _blocking(out)})
            return
    if target is None:
        raise UsageError("a release needs a folder", hint=f"klarera release {out} -o DIR")
    now = made.register.sha256 if made.register else None
    before = opened.commit.payload.get("register")
    if now != (before["sha256"] if isinstance(before, dict) else None):
        remember(out, path)
        apply_decisions(out, made, kind="erase")
    try:
        commit = release(out, target, card)
    except RefusedError as error:
        if as_json:
            out_json({"released": False, "problem": error.problem, "open": _blocking(out)})
        else:
            for condition in _blocking(out):
                say(f"  ! {condition['id']}: {condition['says']} [{condition['article']}]")
                say(f"      {condition['addressee']}: {condition['closes']}")
        raise
    if as_json:
        out_json({"released": True, "commit": commit.sha256})
    else:
        say(f"Released to {target}: {sum(1 for p in commit.manifest if p.startswith('cleared/'))} parts")


def _blocking(out: Path) -> list[Any]:
    from klarera.evidence.commits import head
    from klarera.pipeline.release import blocking

    commit = head(out)
    return blocking(commit.payload) if commit else []


def _read(checkpoint: Path) -> bytes:
    try:
        return checkpoint.read_bytes()
    except OSError:
        raise UsageError(f"{checkpoint}: no such checkpoint", hint="a file like OUT/log/checkpoint") from None


def run_verify(out: Path, key: str, checkpoint: Path | None, *, shallow: bool, as_json: bool) -> None:
    """Check a clearance; exits with 4 if it does not hold."""
    import sys

    from klarera.evidence.checkpoint import Verifier
    from klarera.evidence.verify import verify
    from klarera.pipeline.recompute import recompute

    report = verify(
        out,
        key=Verifier.parse(key) if key else None,
        checkpoint=_read(checkpoint) if checkpoint else None,
        extra=() if shallow else (recompute,),
    )
    if as_json:
        out_json(report.to_dict())
    else:
        say(f"{out}: {report.verdict} ({len(report.steps)} checks, {report.size} log entries)")
        for problem in report.problems:
            say(f"  {problem.step}: {problem}")
        for note in report.notes:
            say(f"  note: {note}")
        say("This does not show:")
        for sentence in report.not_shown:
            say(f"  - {sentence}")
    sys.exit(report.exit_code)
