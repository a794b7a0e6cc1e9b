"""review: the held queue in groups, samples of their texts, and answers of a named person."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from klarera.cli.asking import Opened, job_of, open_clearance
from klarera.cli.summary import summary
from klarera.cli.work import out_json, remember, say, today
from klarera.errors import InputError, UsageError

if TYPE_CHECKING:
    from klarera.pipeline.clear import Job

__all__ = ["run_review"]


def run_review(
    out: Path, *, group: str, sample: int, answer: str, record: str, by: str, why: str, project: Path | None,
    workers: int, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """List groups, show texts, or keep an answer and decide again."""
    from klarera.pipeline import review
    from klarera.pipeline.retention import overdue
    from klarera.pipeline.samples import samples

    made, path = job_of(out, project, workers, quiet=quiet)
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
        if late := overdue(opened.commit.payload, today()):
            say(f"! {late} (try: klarera apply {out} --expire)")
        return
    chosen = next((g for g in listed if g.id == group), None)
    if group and chosen is None:
        raise UsageError(f"no group {group} is held", hint=f"klarera review {out}")
    if not answer and not sample:
        raise UsageError("nothing is asked of it", hint="--sample N, or --answer FACT=no --by NAME")
    if sample and chosen is not None:
        shown = samples(out, opened.run, opened.settings, opened.stored, review.sample(chosen, sample))
        if as_json and not answer:
            out_json([s.to_dict() for s in shown])
        elif not as_json:
            for one in shown:
                say(f"{one.rid}  {one.problem or _inert(one.text)}")
        if all(s.problem for s in shown) and not answer:
            raise InputError(shown[0].place, f"no text of this group can be shown: {shown[0].problem}")
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
    from klarera.pipeline.explain import locate
    from klarera.pipeline.house import FACT

    fact, equals, value = answer.partition("=")
    declared = {f.name for f in made.book.facts if f.scope in (Scope.RECORD, Scope.AUTHOR)} | {FACT}
    if not equals or value not in ("yes", "no") or fact not in declared:
        hint = f"{chosen.settles[0]}=no" if chosen is not None and chosen.settles else "art9_other=no"
        raise UsageError("an answer is FACT=yes or FACT=no, with a fact of a record or author", hint=hint)
    measures: tuple[str, ...] = ()
    if record:
        if not re.fullmatch(r"[0-9a-f]{32}", record):
            raise UsageError("--record is a rid of 32 hex digits", hint="klarera explain OUT RECORD prints it")
        rids = np.frombuffer(bytes.fromhex(record), np.uint8).reshape(1, 16)
        scope = "record"
        if fact == FACT:
            names = dict(enumerate(opened.case.names))
            located = locate(out, opened.run, opened.settings.keys, opened.stored, names, record)
            measures = review.held_by_house(out, located[0], names[int(located[0].vector[-1])])
    else:
        rids, scope = review.rids_of(out, opened.stored, chosen), f"group {chosen.id}"
        if fact == FACT:
            measures = chosen.measures
            if not measures:
                raise UsageError(f"no measure of the house holds group {chosen.id}", hint=", ".join(chosen.settles))
    judged.answer(
        out, fact=fact, value=value == "yes", by=by, on=today().isoformat(), why=why, scope=scope, rids=rids,
        measures=measures,
    )  # fmt: skip
    remember(out, path)
    outcome = apply_decisions(out, as_decided(out, made), kind="judge")
    if as_json:
        out_json({**outcome.commit.payload, "commit": outcome.commit.sha256})
        return
    say(f"{by} answered {fact}={value} for {len(rids):,} records; decided again")
    for line in summary(outcome.commit.payload):
        say(line)
