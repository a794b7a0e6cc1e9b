"""Decisions → files: cleared parts, held records, edits. The only step that opens texts after screening."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from klarera import store
from klarera.errors import InputError
from klarera.evidence.files import Mark, hash_file
from klarera.model import Decision
from klarera.pipeline.planned import Plan, WriteReport, WriteTask, order_of, planned, stay
from klarera.pipeline.stored import Stored, by_kind, edits_table
from klarera.pipeline.texts import fill_from_input, fill_from_store, gathered

__all__ = ["write_shard"]


def write_shard(task: WriteTask) -> WriteReport:
    """Bring one shard's files in line; those of segments in which nothing changed stay as they are."""
    report = WriteReport()
    out = Path(task.settings.out)
    plans = [planned(out, task, new, old) for new, old in task.segments]
    wanted = [plan for plan in plans if plan is not None and plan.from_input.any()]
    if wanted:
        try:
            fill_from_input(task, plans, report)
        except (InputError, FileNotFoundError):
            if any(again.old is None for again in wanted):
                raise
            for again in wanted:
                stay(out, again, report)
    for (new, old), plan in zip(task.segments, plans, strict=True):
        if plan is None:
            if old is None:
                raise AssertionError("a segment without a state before has a plan")
            stored = Stored(new.segment, new.rows, new.decisions, old.edits, old.held, old.part)
        else:
            fill_from_store(out, plan)
            stored = _write(out, task, plan, report)
        report.stored.append(stored)
        for path in (stored.decisions, stored.edits, stored.held, stored.part):
            if path and path not in report.marks:
                report.marks[path] = hash_file(out / path)
    return report


def _write(out: Path, task: WriteTask, plan: Plan, report: WriteReport) -> Stored:
    base = f"work/edits/{task.folder}/{plan.new.segment}.parquet"
    edits = edits_table(plan.edits)
    report.marks[base] = store.write_table(out / base, edits, dictionary=["put", "column"])
    for label, number in by_kind(edits).items():
        report.edits[label] = report.edits.get(label, 0) + number
    held = part = ""
    rows = order_of(plan, np.flatnonzero(plan.decision == Decision.HOLD))
    reasons = np.array(task.reasons_of or ("",), object)[plan.vector]
    if len(rows):
        held = f"work/held/{task.folder}/{plan.new.segment}.parquet"
        table = gathered(plan, rows) if not task.sidecar else pa.table({})
        own = {
            "rid": store.keys_array(plan.rids[rows]),
            "unit": pa.array(plan.unit[rows]),
            "place": pa.array(plan.place[rows]),
            "reasons": pa.array(reasons[rows].tolist(), pa.string()),
            "held_on": pa.array(plan.held_on[rows]).cast(pa.date32()),
            "expired": pa.array(plan.expired[rows]),
        }
        table = pa.table({**own, **{n: table.column(n) for n in table.column_names}})
        report.marks[held] = store.write_table(out / held, table, dictionary=["reasons"])
    if task.sidecar:
        part, mark = _put_part(out, plan.new.segment, _sidecar(plan, reasons))
        report.marks[part] = mark
    else:
        rows = order_of(plan, np.flatnonzero(plan.decision <= Decision.REDACT))
        if len(rows):
            table = gathered(plan, rows)
            columns = {n: table.column(n) for n in table.column_names}
            whole = pa.table({"rid": store.keys_array(plan.rids[rows]), **columns})
            part, mark = _put_part(out, plan.new.segment, whole)
            report.marks[part] = mark
    plan.texts.clear()
    return Stored(plan.new.segment, plan.new.rows, plan.new.decisions, base, held, part)


def _put_part(out: Path, segment: str, table: pa.Table) -> tuple[str, Mark]:
    """Write a part under the name of its content."""
    draft = out / "work" / "drafts" / f"{segment}.parquet"
    draft.unlink(missing_ok=True)
    mark = store.write_table(draft, table, flat=True)
    name = f"cleared/part-{segment}-{mark.sha256[:12]}.parquet"
    target = out / name
    target.parent.mkdir(exist_ok=True)
    if target.exists() and hash_file(target) != mark:
        target.unlink()
    draft.replace(target)
    return name, mark


def _sidecar(plan: Plan, reasons: npt.NDArray[np.object_]) -> pa.Table:
    """All records of a segment in input order: where, what was decided and why, what to replace."""
    n = len(plan.decision)
    lists = plan.edits["text"].to_lists(n)
    return pa.table(
        {
            "unit": pa.array(plan.unit),
            "place": pa.array(plan.place),
            "rid": store.keys_array(plan.rids),
            "decision": pa.array(plan.decision),
            "reasons": pa.array(reasons.tolist(), pa.string()),
            "edits": lists,
        }
    )
