"""Where the texts of a segment come from: the input at its recorded places, or the part and the held table that stand.

    stricter than before   the stored part or held table itself; the old edits are mapped through
    milder than before     the input, at its recorded place
    no part yet            the input, from end to end

Either way it is the original text with the new edits put in, so the bytes do not depend on the way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from klarera import store
from klarera.act.earlier import mixed, of_rows, remapped
from klarera.act.splice import spliced_text
from klarera.batch import RECORD, Records
from klarera.errors import InputError
from klarera.model import Decision
from klarera.pipeline.planned import Plan, WriteReport, WriteTask, order_of
from klarera.pipeline.stored import HELD_OWN
from klarera.read import Options, Shard
from klarera.read.catalog import columns, read

__all__ = ["fill_from_input", "fill_from_store", "gathered", "stretches"]

I8 = npt.NDArray[np.int64]


def fill_from_input(task: WriteTask, plans: list[Plan | None], report: WriteReport) -> None:
    """Read the wanted records again; a shard wanted whole is read end to end and must hash as before."""
    bounds = np.cumsum([0, *[new.rows for new, _ in task.segments]])
    rows = int(bounds[-1])
    wanted, place = np.zeros(rows, np.bool_), np.full(rows, -1, np.int64)
    for i, plan in enumerate(plans):
        if plan is not None:
            wanted[bounds[i] : bounds[i + 1]] = plan.from_input
            place[bounds[i] : bounds[i + 1]] = plan.place
    whole = all(p is not None and p.old is None for p in plans)
    taken = 0
    for row, picked, records in _input(task, wanted, place, whole):
        report.reread += 0 if whole else len(row)
        taken += len(row)
        names = ["text", *records.batch.schema.names[len(RECORD) :]]
        batch = records.batch.select(names)
        # Places grow within a shard, as segments do.
        cut = np.searchsorted(row, bounds)
        for i, plan in enumerate(plans):
            if plan is not None and cut[i] < cut[i + 1]:
                part = slice(cut[i], cut[i + 1])
                plan.texts.append((row[part] - bounds[i], picked[part], batch))
    if taken != int(wanted.sum()):
        raise InputError(Path(task.shard.path).name, "has changed since it was screened", hint="a new OUT")


def _input(task: WriteTask, wanted: npt.NDArray[np.bool_], place: I8, whole: bool) -> Iterator[tuple[I8, I8, Records]]:
    """Wanted rows of the shard, and where they stand in a batch of records, batch by batch.

    Only the text and what is carried is read; units that became no record when screened are passed over.
    """
    digest = hashlib.sha256()
    options = _text_only(task)
    order = np.argsort(place, kind="stable")
    ordered = place[order]
    for shard in [task.shard] if whole else stretches(task.shard, np.sort(place[wanted])):
        for piece in read(shard, options, digest.update):
            at = np.minimum(np.searchsorted(ordered, piece.records.place), max(len(order) - 1, 0))
            rows = order[at]
            picked = np.flatnonzero((ordered[at] == piece.records.place) & wanted[rows])
            if len(picked):
                yield rows[picked], picked, piece.records
    if whole and digest.hexdigest() != task.sha256:
        raise InputError(Path(task.shard.path).name, "has changed since it was screened", hint="a new OUT")


def _text_only(task: WriteTask) -> Options:
    """The run's options with every column but the text, and what is carried, left unread."""
    options = task.settings.options
    used, _ = columns(Path(task.shard.path), options)
    mapping = dict.fromkeys(RECORD.names, "") | {"text": used.get("text", "text")}
    return replace(options, mapping=mapping)


def stretches(shard: Shard, places: I8) -> Iterator[Shard]:
    """Stretches of a plain line file that hold the places; another format is read as the whole shard."""
    if shard.reader != "jsonl" or not Path(shard.path).name.endswith((".jsonl", ".ndjson")):
        yield shard
        return
    for place in places.tolist():
        yield Shard(shard.number, shard.reader, shard.path, place, place + 1, shard.size)


def fill_from_store(out: Path, plan: Plan) -> None:
    """Rows that are not read again come from the stored part and held table, with what is new put in."""
    if plan.old is None:
        return
    before, old_edits = plan.before, plan.old_edits
    if before is None:
        raise AssertionError("a segment has a state before, but it was not read")
    stays = np.zeros(len(before), np.bool_)
    for path, was in ((plan.old.part, before <= Decision.REDACT), (plan.old.held, before == Decision.HOLD)):
        rows = order_of(plan, np.flatnonzero(was))
        keep = (plan.decision[rows] != Decision.DROP) & ~plan.from_input[rows]
        if not path or not keep.any():
            continue
        table = store.read_table(out / path)
        names = [n for n in table.column_names if n not in HELD_OWN and n != "rid"]
        batch = table.select(names).combine_chunks().to_batches()[0]
        picked = np.flatnonzero(keep)
        stays[rows[picked]] = True
        plan.texts.append((rows[picked], picked, batch))
    stays &= ~plan.expired  # no text, nothing to put in
    plan.rest = {
        n: mixed(
            remapped(of_rows(e, stays), of_rows(old_edits[n], stays) if n in old_edits else None),
            e,
            ~stays & ~(plan.expired & ~plan.from_input),
        )
        for n, e in plan.edits.items()
    }


def gathered(plan: Plan, rows: I8) -> pa.Table:
    """Text and carried columns of these rows, in this order, with the edits put in: each text is built once."""
    at = np.full(len(plan.decision), -1, np.int64)
    seen = 0
    for have, picked, batch in plan.texts:
        at[have] = picked + seen
        seen += len(batch)
    order = at[rows]
    if (order < 0).any():
        raise AssertionError("a record without a text was to be written")
    columns = {}
    for name in plan.texts[0][2].schema.names:
        whole = pa.chunked_array([batch.column(name) for _, _, batch in plan.texts])
        if name not in plan.edits:
            columns[name] = whole.take(pa.array(order))
            continue
        edits = plan.rest.get(name, plan.edits[name])
        plain = spliced_text(whole, edits, order, rows)
        known = pc.is_valid(whole).take(pa.array(order)).combine_chunks() if whole.null_count else None
        columns[name] = plain if known is None else pc.if_else(known, plain, pa.scalar(None, plain.type))
    return pa.table(columns)
