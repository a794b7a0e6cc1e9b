"""compare, explain, release, verify: questions put to a clearance, and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from klarera.cli.summary import prices, ratios
from klarera.cli.work import job, out_json, remember, say, today
from klarera.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from klarera.decide import Case
    from klarera.evidence.commits import Commit
    from klarera.pipeline.clear import Job
    from klarera.pipeline.explain import Located
    from klarera.pipeline.judged import Said
    from klarera.pipeline.run import Run
    from klarera.pipeline.settings import Settings
    from klarera.pipeline.settle import Settled
    from klarera.pipeline.stored import Stored

__all__ = ["Opened", "job_of", "open_clearance", "run_release", "run_verify", "show_compare", "show_explanation"]


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
    from klarera.pipeline.case import case_of
    from klarera.pipeline.registered import missed_names
    from klarera.pipeline.run import Run, keys_for, load_report
    from klarera.pipeline.settle import Settled
    from klarera.pipeline.state import stored_of

    run = Run.load(out)
    commit = head(out)
    if commit is None:
        raise UsageError(f"{out}: the run was not finished", hint="klarera clear with the same inputs")
    keys = keys_for(run.dataset, made.store, out)
    settings = run.settings(out, keys)
    reports = [r for s in run.shards if (r := load_report(out, s.number)) is not None]
    case = case_of(out, run, made, reports, settings, missed=bool(missed_names(run, made.register, keys)))
    stored = stored_of(commit)
    path = (out / stored[0].decisions).parent / "vectors.parquet" if stored else None
    if path is None:
        raise UsageError(f"{out}: holds no records", hint="unreadable.jsonl says why")
    table = store.read_table(path)
    counts = [table.column(n).to_numpy() for n in ("records", "bytes", "words")]
    return Opened(run, commit, case, settings, Settled(store.vectors_of(table), *counts), stored)


def job_of(out: Path, project: Path | None, workers: int = 1, *, quiet: bool = True) -> tuple[Job, Path | None]:
    """The job under which a clearance stands, and its project file."""
    from klarera.cli.clearing import as_decided

    made, path = job(project=project, out=out, on="", known="", reading="", law=[], workers=workers, quiet=quiet)
    return as_decided(out, made), path


def show_compare(out: Path, project: Path | None, *, by: Sequence[str], every: bool, as_json: bool) -> None:
    """Print the price of every position."""
    from klarera.pipeline.compare import compare

    made, _ = job_of(out, project)
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
    from klarera.pipeline import judged
    from klarera.pipeline.explain import explain_all, locate, locate_author

    made, _ = job_of(out, project)
    opened = open_clearance(out, made)
    names = dict(enumerate(opened.case.names))
    if author:
        found = locate_author(out, opened.run, opened.settings.keys, opened.stored, names, author)
    else:
        found = locate(out, opened.run, opened.settings.keys, opened.stored, names, record)
    answers = judged.said(out)
    told = explain_all(found, opened.case, [_answers(out, answers, one, names) for one in found])
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


def _answers(out: Path, answers: list[Said], located: Located, names: dict[int, str]) -> list[dict[str, Any]]:
    """What named persons said of one record."""
    from klarera import store
    from klarera.pipeline import judged

    if not answers:
        return []
    facts = store.read_table(store.work(out, "facts", located.segment), ["author"])
    accounts = store.read_table(store.work(out, "accounts", located.segment)).column("author")
    author = accounts[facts.column("author")[located.row].as_py()].as_py()
    return judged.about(answers, bytes.fromhex(located.rid), author, names[int(located.vector[-1])])


def run_release(
    out: Path, target: Path | None, *, accept: str, by: str, why: str, project: Path | None, workers: int,
    quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """Accept a condition, or publish."""
    from klarera.papers.card import card
    from klarera.pipeline import judged
    from klarera.pipeline.clear import apply_decisions
    from klarera.pipeline.release import release

    made, path = job_of(out, project, workers, quiet=quiet)
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
    from klarera.evidence.commits import head
    from klarera.evidence.verify import verify
    from klarera.pipeline.recompute import recompute
    from klarera.pipeline.retention import overdue

    report = verify(
        out,
        key=Verifier.parse(key) if key else None,
        checkpoint=_read(checkpoint) if checkpoint else None,
        extra=() if shallow else (recompute,),
    )
    commit = head(out) if report.holds else None
    late = overdue(commit.payload, today()) if commit is not None else None
    if as_json:
        out_json(report.to_dict() | {"overdue": str(late) if late else None})
    else:
        say(f"{out}: {report.verdict} ({len(report.steps)} checks, {report.size} log entries)")
        for problem in report.problems:
            say(f"  {problem.step}: {problem}")
        for note in report.notes:
            say(f"  note: {note}")
        if late:
            say(f"  note: {late} (try: klarera apply {out} --expire)")
        say("This does not show:")
        for sentence in report.not_shown:
            say(f"  - {sentence}")
    sys.exit(report.exit_code)
