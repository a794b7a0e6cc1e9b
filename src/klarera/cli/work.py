"""What commands share: the project, the law asked for, the engine, progress on a terminal."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from klarera.errors import UsageError
from klarera.evidence.files import write_atomic

if TYPE_CHECKING:
    from klarera.pipeline.clear import Job
    from klarera.project import Project
    from klarera.register.lists import HouseLists

__all__ = ["ASKED", "day", "job", "out_json", "progress", "progress_line", "project_path", "remember", "say", "today"]


def today() -> date:
    """The clock, read once at the edge; KLARERA_TODAY sets another day for tests and transcripts."""
    fixed = os.environ.get("KLARERA_TODAY")
    return day(fixed) if fixed else datetime.now(UTC).date()


def day(text: str) -> date:
    """A day as the command line writes it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' is no day", hint="2026-01-31") from None


def say(text: str = "") -> None:
    """One line on standard output."""
    print(text)  # noqa: T201


def out_json(value: Any) -> None:
    """The answer for programs."""
    say(json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False))


def progress(quiet: bool = False) -> Callable[[str, int, int, int], None]:
    """Progress on standard error: a bar with records, rate and time left on a terminal, a line every 10 s elsewhere."""
    step_now, start, first, said = "", 0.0, 0, 0.0

    def show(step: str, done: int, total: int, records: int) -> None:
        nonlocal step_now, start, first, said
        if quiet:
            return
        now = time.monotonic()
        if step != step_now:
            step_now, start, first, said = step, now, done, now
        terminal = sys.stderr.isatty()
        if not terminal and ((now - said < 10 and done < total) or now - start < 1):
            return
        said = now
        line = progress_line(step, done, total, records, seconds=now - start, gained=done - first)
        end = "\r" if terminal and done < total else "\n"
        print(f"{line:<88}", end=end, file=sys.stderr, flush=True)  # noqa: T201

    return show


def progress_line(step: str, done: int, total: int, records: int, *, seconds: float, gained: int) -> str:
    """One line of progress; `gained` was done in these seconds, the rest before.

    >>> progress_line("screen", 30_000_000, 40_000_000, 180_000, seconds=2.0, gained=20_000_000)
    'screen  [###############.....]  75%      180,000 records    10.0 MB/s     1 s left'
    >>> progress_line("screen", 0, 40_000_000, 0, seconds=0.0, gained=0)
    'screen  [....................]   0%            0 records     0.0 MB/s'
    """
    share = done / total if total else 1.0
    rate = gained / seconds if seconds > 0 else 0.0
    left = f"  {(total - done) / rate:4.0f} s left" if rate > 0 else ""
    bar = "#" * int(20 * share) + "." * (20 - int(20 * share))
    what = f"{rate / 1e6:6.1f} MB/s" if step != "decide" else f"{rate:6.1f} tables/s"
    return f"{step:<7} [{bar}] {share:4.0%} {records:>12,} records  {what}{left}"


ASKED = "work/asked.json"
"""Where a clearance remembers its project file, so that later commands need not name it."""


def remember(out: Path, project: Path | None, register: Path | None = None) -> None:
    """Keep the project file's place and a copy of it in OUT/work; and the place of a register named beside it."""
    kept = _asked(out)
    if project is not None:
        kept["project"] = str(project.resolve())
    if register is not None:
        kept["register"] = str(register.resolve())
    if not kept:
        return
    (out / "work").mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomic(out / ASKED, json.dumps(kept, sort_keys=True).encode(), mode=0o600)
    if project is not None:
        write_atomic(out / "work" / "klarera.toml", project.read_bytes(), mode=0o600)


def _asked(out: Path | None) -> dict[str, str]:
    path = out / ASKED if out is not None else None
    return dict(json.loads(path.read_text("utf-8"))) if path is not None and path.exists() else {}


def project_path(given: Path | None, out: Path | None) -> Path | None:
    """The project file named, else the one the clearance was made with, else its copy in OUT."""
    kept = _asked(out).get("project")
    if given is not None or out is None or kept is None:
        return given
    return Path(kept) if Path(kept).exists() else out / "work" / "klarera.toml"


def house_lists(told: Project, path: Path | None) -> HouseLists | None:
    """The deny and allow lists of a project file, beside which they lie; None if it names none."""
    from klarera.register.lists import load

    policy = told.policy
    if path is None or not (policy.deny or policy.allow):
        return None
    files = [path.parent / name if name else None for name in (policy.deny, policy.allow)]
    return load(files[0], files[1], [s.name for s in told.sources])


def job(
    *, project: Path | None, out: Path | None, on: str, known: str, reading: str, law: list[str], workers: int,
    register: Path | None = None, quiet: bool = False, report: bool = True,
) -> tuple[Job, Path | None]:  # fmt: skip
    """Everything a change of OUT needs, from the words of the command line; and the project file it came from."""
    from klarera.engines.local import local, one_thread
    from klarera.pipeline.clear import Job
    from klarera.pipeline.state import Asked
    from klarera.project import Project, load
    from klarera.register.snapshot import load as load_register
    from klarera.rulebook import rulebook

    one_thread()
    book = rulebook()
    path = project_path(project, out)
    told = load(path, {f.name: f for f in book.facts}) if path else Project()
    choice: str | Mapping[str, str] = reading or told.base_reading
    if told.readings and not reading:
        choice = {"base": told.base_reading, **told.readings}
    if reading and (told.readings or reading != told.base_reading):
        told = replace(told, adopted_by="", adopted_on=None)  # another reading than the one adopted
    listed = register
    if listed is None and (named := _asked(out).get("register")):
        listed = Path(named)  # an objection that was honoured once stays honoured
    if listed is None and told.register and path is not None:
        listed = path.parent / told.register
    snapshot = load_register(listed) if listed is not None else None
    lists = house_lists(told, path)
    asked = Asked(day(on) if on else today(), day(known) if known else max(today(), book.version), choice, tuple(law))
    made = Job(book, told, asked, snapshot, local(workers), progress=progress(quiet), lists=lists, today=today())
    made = replace(made, folder=path.parent if path else Path())
    if report:
        from klarera.papers.report import render

        made = replace(made, report=render)
    return made, path
