"""clear, decide, apply, preview: what changes OUT, and the summary that follows."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from klarera.cli.app import parse_mapping
from klarera.cli.summary import summary
from klarera.cli.work import job, out_json, progress, remember, say, today
from klarera.errors import UsageError

if TYPE_CHECKING:
    from klarera.pipeline.clear import Job, Outcome

__all__ = ["run_apply", "run_change", "run_clear", "run_expire", "show_preview"]


def run_clear(
    inputs: list[str], out: Path, *, project: Path | None, on: str, known: str, reading: str, law: list[str],
    workers: int, sidecar: bool, mapping: list[str], carry: str, findings: list[Path], without: list[str],
    register: Path | None, tokenizer: Path | None, held_raw: bool, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """Clear the inputs and print the summary."""
    from klarera.evidence.commits import head
    from klarera.pipeline.clear import clear
    from klarera.read import Options

    if head(out) is not None:
        raise UsageError(f"{out}: holds a clearance already", hint="klarera decide, or another OUT")
    made, path = job(
        project=project, out=out, on=on, known=known, reading=reading, law=law, workers=workers,
        register=register, quiet=quiet,
    )  # fmt: skip
    carried = ("*",) if carry == "all" else tuple(c for c in carry.split(",") if c)
    options = Options(mapping=parse_mapping(mapping), carry=carried, source=None)
    _known_detectors(without, [p.name for p in made.project.detectors])
    remember(out, path, register)
    inputs = _spooled(inputs, out / "work" / "input")
    outcome = clear(
        inputs, out, made, options=options, without=without, sidecar=sidecar, held_raw=held_raw, run_day=today(),
        findings=[str(f) for f in findings], tokenizer=tokenizer,
    )  # fmt: skip
    _print(out, made, outcome, as_json=as_json)


def _spooled(inputs: list[str], folder: Path) -> list[str]:
    """The inputs; standard input as a file of this folder."""
    from klarera.evidence.files import make_folder
    from klarera.read.catalog import spool

    if "-" not in inputs:
        return inputs
    if inputs != ["-"]:
        raise UsageError("standard input (-) stands alone", hint="files, or - by itself")
    make_folder(folder, mode=0o700)
    for left in folder.glob("stdin*"):
        left.unlink()  # of a run that was killed: a stream cannot be read on
    return [str(spool(sys.stdin.buffer, folder))]


def run_change(
    kind: str, out: Path, project: Path | None, on: str, known: str, reading: str, law: list[str], workers: int,
    *, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """Decide anew and print the summary."""
    from klarera.evidence.commits import head
    from klarera.pipeline.clear import decide_again

    if head(out) is None:
        raise UsageError(f"{out}: no clearance here", hint="klarera clear INPUT -o OUT")
    made, path = job(
        project=project, out=out, on=on, known=known, reading=reading, law=law, workers=workers, quiet=quiet
    )
    remember(out, path)
    outcome = decide_again(out, made)
    _print(out, made, outcome, as_json=as_json)


def run_apply(
    out: Path, project: Path | None, tokenizer: Path | None, workers: int, *, quiet: bool, as_json: bool
) -> None:
    """Bring the files in line with the newest decisions, under the same law and reading."""
    from klarera.pipeline.clear import apply_decisions

    made, path = job(project=project, out=out, on="", known="", reading="", law=[], workers=workers, quiet=quiet)
    made = as_decided(out, made)
    remember(out, path)
    outcome = apply_decisions(out, made, tokenizer=tokenizer)
    if not as_json:
        say(f"{outcome.reread:,} records were read again from the input")
        if outcome.gone:
            say(f"{outcome.gone:,} records stay at the stricter decision: their input is gone")
    _print(out, made, outcome, as_json=as_json)


def run_expire(out: Path, project: Path | None, *, as_json: bool) -> None:
    """Remove what is past its retention; decisions stay as they are."""
    from klarera.pipeline.retention import expire
    from klarera.pipeline.run import Run, keys_for

    run = Run.load(out)
    made, _ = job(project=project, out=out, on="", known="", reading="", law=[], workers=1, quiet=True)
    report, book = made.report, made.book

    def render(payload: Mapping[str, Any]) -> bytes:
        # The words of another rulebook would not be those the decisions were made under: the report then stays.
        same = report is not None and payload["rulebook"]["sha256"] == book.hash
        return report(payload, book) if same and report is not None else (out / "report.html").read_bytes()

    keys, days = keys_for(run.dataset, made.store, out), made.project.policy.held_days
    done = expire(out, run, keys, days=days, today=today(), report=render)
    if as_json:
        out_json({**done.commit.payload, "commit": done.commit.sha256, "texts_removed": done.texts,
                  "spool_removed": done.spool})  # fmt: skip
        return
    say(f"{done.texts:,} held texts were past their retention and are removed; their records stay held")
    if done.spool:
        say("The copy of standard input is removed: what becomes milder from now on stays as it is")


def as_decided(out: Path, made: Job) -> Job:
    """The job under the law and reading of the newest decisions."""
    from klarera.cli.work import day
    from klarera.evidence.commits import head
    from klarera.pipeline.state import Asked

    commit = head(out)
    if commit is None:
        raise UsageError(f"{out}: no clearance here", hint="klarera clear INPUT -o OUT")
    payload: Any = commit.payload
    tried, known = payload["readings_tried"][-1], day(payload["known"])
    asked = Asked(day(tried["on"]), known, tried["reading"], tuple(tried["laws"]))
    base = tried["reading"] if isinstance(tried["reading"], str) else tried["reading"].get("base", "supported")
    told = made.project
    if base != told.base_reading:
        told = replace(told, adopted_by="", adopted_on=None)
    return replace(made, asked=asked, project=told)


def _known_detectors(without: list[str], others: list[str]) -> None:
    from klarera.find.scan import catalogue

    names = [*(d.name for d in catalogue()), *others]
    for name in without:
        if name not in names:
            raise UsageError(f"no detector '{name}'", hint=", ".join(names))


def _print(out: Path, made: Job, outcome: Outcome, *, as_json: bool) -> None:
    payload = outcome.commit.payload
    if as_json:
        out_json({**payload, "commit": outcome.commit.sha256, "reread": outcome.reread})
        return
    for line in summary(payload):
        say(line)
    if (out / "report.html").exists():
        say(f"Report: {out / 'report.html'}")


def show_preview(
    inputs: list[str], sample: int, project: Path | None, mapping: list[str], tokenizer: Path | None, *, as_json: bool
) -> None:
    """Clear a sample in a temporary folder, print it with masked examples, and remove it."""
    from klarera.pipeline.clear import clear
    from klarera.pipeline.preview import examples, take_sample
    from klarera.read import Options
    from klarera.read.catalog import plan

    made, _ = job(project=project, out=None, on="", known="", reading="", law=[], workers=1, quiet=True, report=False)
    options = Options(mapping=parse_mapping(mapping), readers=made.project.readers)
    with tempfile.TemporaryDirectory(prefix="klarera-preview-") as folder:
        temporary = Path(folder)
        shards = plan(_spooled(inputs, temporary / "input"), options)
        made = replace(made, store=temporary / "keys", progress=progress(quiet=True))
        taken = take_sample(shards, options, sample, temporary / "sample.parquet")
        start = time.monotonic()
        outcome = clear(
            [temporary / "sample.parquet"],
            temporary / "out",
            made,
            options=Options(),
            run_day=today(),
            tokenizer=tokenizer,
        )
        seconds = time.monotonic() - start
        payload = outcome.commit.payload
        whole = sum(os.stat(p).st_size for p in dict.fromkeys(s.path for s in shards))
        estimate = seconds * whole / max(taken.bytes, 1)
        shown = examples(temporary / "out", 5)
        if as_json:
            out_json({"sampled": taken.records, "bytes": whole, "seconds_estimated": int(estimate) + 1,
                      "payload": payload, "examples": shown})  # fmt: skip
            return
        for line in summary(payload):
            say(line)
        say("Examples after redaction:")
        for text in shown:
            say(f"  {text}")
        say(f"Sampled {taken.records:,} records; the whole of {whole / 1e6:,.1f} MB would take {estimate:,.0f} s here")
