"""The commands. A command reads its arguments, calls one function and prints the answer.

Heavy libraries are imported inside the commands: `klarera --help` has to answer at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from klarera.errors import UsageError

app = typer.Typer(
    name="klarera",
    help="Clear public data for open-source AI under dated, cited EU rules, and keep proof. "
    "Klarera informs; it does not give legal advice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Out = Annotated[Path, typer.Argument(help="Folder of a clearance.")]
Inputs = Annotated[list[str], typer.Argument(help="Files, folders or globs; - is standard input.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
On = Annotated[str, typer.Option("--on", help="Decide under the law of this day (2026-01-31); default today.")]
Known = Annotated[str, typer.Option("--known", help="Use the rulebook as it stood on this day.")]
ReadingName = Annotated[str, typer.Option("--reading", help="supported, strict, industry or unanimous.")]
Proposal = Annotated[list[str], typer.Option("--law", help="Switch on a proposal by name (p837-com); it is not law.")]
ProjectFile = Annotated[Path | None, typer.Option("--project", help="klarera.toml; without it little is known.")]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Worker processes.")]
Tokens = Annotated[
    Path | None, typer.Option("--tokenizer", help="tokenizer.json: tell tokens, by a ratio measured on a sample.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress.")]


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where klarera.toml is written.")] = Path(),
    template: Annotated[
        str, typer.Option(help="public-posts, web-crawl, listening-history or fine-tune.")
    ] = "public-posts",
    name: Annotated[str, typer.Option(help="Name of the project; also of its keys.")] = "",
    ask: Annotated[bool, typer.Option("--ask", help="Ask a few questions in the terminal.")] = False,
    as_json: Json = False,
) -> None:
    """Write klarera.toml and make the dataset's keys; every answer can be left open."""
    from klarera.cli.start import start

    start(folder, template, name, ask=ask, as_json=as_json)


@app.command()
def preview(
    inputs: Inputs,
    sample: Annotated[int, typer.Option("--sample", min=1, help="Records to look at.")] = 2000,
    project: ProjectFile = None,
    mapping: Annotated[list[str], typer.Option("--map", help="RECORD column = column of the input.")] = [],  # noqa: B006
    tokenizer: Tokens = None,
    as_json: Json = False,
) -> None:
    """Decide a sample in a minute: decisions, masked examples, cost of the whole. Keeps nothing."""
    from klarera.cli.clearing import show_preview

    show_preview(inputs, sample, project, mapping, tokenizer, as_json=as_json)


@app.command()
def clear(
    inputs: Inputs,
    out: Annotated[Path, typer.Option("-o", "--out", help="New folder for the clearance.")],
    project: ProjectFile = None,
    on: On = "",
    known: Known = "",
    reading: ReadingName = "",
    law: Proposal = [],  # noqa: B006
    workers: Workers = 1,
    write: Annotated[str, typer.Option(help="text, or sidecar (edits only, no text).")] = "text",
    mapping: Annotated[list[str], typer.Option("--map", help="RECORD column = column of the input.")] = [],  # noqa: B006
    carry: Annotated[
        str, typer.Option(help="Columns to carry along, comma separated, or all; they are searched.")
    ] = "",
    findings: Annotated[list[Path], typer.Option(help="Spans other tools found (JSON Lines or Parquet).")] = [],  # noqa: B006
    without: Annotated[list[str], typer.Option(help="Switch a detector off; its facts become unknown.")] = [],  # noqa: B006
    register: Annotated[Path | None, typer.Option(help="Register of objections, erasures, consents (CSV).")] = None,
    tokenizer: Tokens = None,
    held_raw: Annotated[bool, typer.Option(help="Keep held records without their certain redactions.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Clear a corpus: find, decide keep / redact / hold / drop, act, and keep proof in OUT."""
    from klarera.cli.clearing import run_clear

    if write not in ("text", "sidecar"):
        raise UsageError(f"--write {write} is unknown", hint="text or sidecar")
    run_clear(
        inputs, out, project=project, on=on, known=known, reading=reading, law=law, workers=workers,
        sidecar=write == "sidecar", mapping=mapping, carry=carry, findings=findings, without=without,
        register=register, tokenizer=tokenizer, held_raw=held_raw, quiet=quiet, as_json=as_json,
    )  # fmt: skip


@app.command()
def decide(
    out: Out,
    project: ProjectFile = None,
    on: On = "",
    known: Known = "",
    reading: ReadingName = "",
    law: Proposal = [],  # noqa: B006
    workers: Workers = 1,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Decide anew from stored facts, without opening a text; the files follow with `apply`."""
    from klarera.cli.clearing import run_change

    run_change("decide", out, project, on, known, reading, law, workers, quiet=quiet, as_json=as_json)


@app.command()
def apply(
    out: Out,
    project: ProjectFile = None,
    expire: Annotated[
        bool, typer.Option("--expire", help="Only remove held texts, and the copy of standard input, past retention.")
    ] = False,
    tokenizer: Tokens = None,
    workers: Workers = 1,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Bring cleared and held in line with the newest decisions; only what became milder is read again."""
    from klarera.cli.clearing import run_apply, run_expire

    if expire:
        run_expire(out, project, as_json=as_json)
    else:
        run_apply(out, project, tokenizer, workers, quiet=quiet, as_json=as_json)


@app.command()
def compare(
    out: Out,
    by: Annotated[str, typer.Option(help="Break every price down by source, language, or source,language.")] = "",
    every: Annotated[bool, typer.Option("--every", help="List positions that change nothing too.")] = False,
    project: ProjectFile = None,
    as_json: Json = False,
) -> None:
    """What each contested point costs: every Question x position in records, words and people."""
    from klarera.cli.asking import show_compare

    dimensions = [word.strip() for word in by.split(",") if word.strip()]
    if not set(dimensions) <= {"source", "language"} or (by and not dimensions):
        raise UsageError(f"--by {by} is unknown", hint="source, language, or source,language")
    show_compare(out, project, by=dimensions, every=every, as_json=as_json)


@app.command()
def explain(
    out: Out,
    record: Annotated[str, typer.Argument(help="Original id, URL, FILE:LINE, or rid.")] = "",
    author: Annotated[str, typer.Option(help="All records of this handle instead.")] = "",
    full: Annotated[bool, typer.Option("--full", help="Every ground as a proof tree.")] = False,
    project: ProjectFile = None,
    as_json: Json = False,
) -> None:
    """Why a record was decided so: the grounds with their rules, facts and what would settle them."""
    from klarera.cli.asking import show_explanation

    if bool(record) == bool(author):
        raise UsageError("name one record, or --author HANDLE", hint="klarera explain OUT FILE:LINE")
    show_explanation(out, record, author, project, full=full, as_json=as_json)


@app.command()
def review(
    out: Out,
    group: Annotated[str, typer.Option(help="One group of held records.")] = "",
    sample: Annotated[int, typer.Option(help="Show this many of its texts.")] = 0,
    answer: Annotated[str, typer.Option(help="FACT=yes or FACT=no for the whole group.")] = "",
    record: Annotated[str, typer.Option(help="Answer for one record (rid) instead of the group.")] = "",
    by: Annotated[str, typer.Option(help="Who answers.")] = "",
    why: Annotated[str, typer.Option(help="Reason, kept in the proof.")] = "",
    project: ProjectFile = None,
    workers: Workers = 1,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Work off the held queue: list groups, look at samples, answer for a group or a record."""
    from klarera.cli.reviewing import run_review

    run_review(
        out, group=group, sample=sample, answer=answer, record=record, by=by, why=why, project=project,
        workers=workers, quiet=quiet, as_json=as_json,
    )  # fmt: skip


@app.command()
def release(
    out: Out,
    target: Annotated[Path | None, typer.Option("-o", "--out", help="New folder for what is published.")] = None,
    accept: Annotated[str, typer.Option(help="Accept an open condition by its id.")] = "",
    by: Annotated[str, typer.Option(help="Who accepts.")] = "",
    why: Annotated[str, typer.Option(help="Reason; it stands first in the card.")] = "",
    project: ProjectFile = None,
    workers: Workers = 1,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Publish: verify, take the newest register, refuse while a blocking condition is open, copy parts and card."""
    from klarera.cli.asking import run_release

    run_release(
        out, target, accept=accept, by=by, why=why, project=project, workers=workers, quiet=quiet, as_json=as_json
    )


@app.command()
def rules(
    what: Annotated[str, typer.Argument(help="list, show, sheets, coverage or diff.")] = "list",
    names: Annotated[list[str] | None, typer.Argument(help="show: ID; sheets: FOLDER; diff: DAY DAY.")] = None,
    on: On = "",
    law: Proposal = [],  # noqa: B006
    as_json: Json = False,
) -> None:
    """The rulebook: list rules of a day, show one with its sources, write sheets, compare two days."""
    from klarera.cli.rulebooks import show_rules

    show_rules(what, names or [], on, law, as_json=as_json)


@app.command()
def verify(
    out: Out,
    key: Annotated[str, typer.Option(help="Public key as its owner handed it out.")] = "",
    checkpoint: Annotated[Path | None, typer.Option(help="A checkpoint of this log kept elsewhere.")] = None,
    shallow: Annotated[
        bool, typer.Option("--shallow", help="Hashes and log only; decisions are not computed again.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check everything under OUT: files, log, sums, and every decision again from its facts."""
    from klarera.cli.asking import run_verify

    run_verify(out, key, checkpoint, shallow=shallow, as_json=as_json)


@app.command()
def doctor(
    inputs: Annotated[
        list[str] | None, typer.Argument(help="Files, folders, globs or clearances to look at, too.")
    ] = None,
    warm: Annotated[bool, typer.Option("--warm", help="Compile the kernels now.")] = False,
    as_json: Json = False,
) -> None:
    """Check this machine and, if named, inputs (shards, columns) and clearances (what is past its retention)."""
    from klarera.cli.start import run_doctor

    run_doctor(inputs or [], warm=warm, as_json=as_json)


def parse_mapping(pairs: list[str]) -> dict[str, str]:
    """`--map text=body` as a mapping."""
    made = {}
    for pair in pairs:
        target, equals, column = pair.partition("=")
        if not equals or not target or not column:
            raise UsageError(f"--map {pair} is not NAME=COLUMN", hint="--map text=body")
        made[target] = column
    return made


__all__ = ["app", "parse_mapping"]
