"""Decisions → files: cleared parts, held records, edits. The only step that opens texts after screening.

A record's new text comes from the nearest place that still has what it needs:

    stricter than before   the stored part or held table itself; the old edits are mapped through
    milder than before     the input, at its recorded place
    no part yet            the input, from end to end

Either way it is the original text with the new edits put in, so the bytes do not depend on the way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from klarera import store
from klarera.act.edits import EDIT, Edits, Extents, edits_of
from klarera.act.splice import spliced_text
from klarera.batch import RECORD, Records
from klarera.errors import InputError
from klarera.evidence.files import Mark, hash_file
from klarera.model import Decision
from klarera.pipeline.house import House, found_in, taken
from klarera.pipeline.settings import Settings
from klarera.read import Options, Shard
from klarera.read.catalog import columns, read

__all__ = ["HELD_OWN", "Stored", "WriteReport", "WriteTask", "edits_in", "stretches", "write_shard"]

I4 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int64]

EDITS = pa.schema([("row", pa.int32()), ("column", pa.string()), *((f.name, f.type) for f in EDIT)])


@dataclass(frozen=True)
class Stored:
    """The files of one segment as a commit names them, relative to OUT; "" where there is none."""

    segment: str
    rows: int
    decisions: str
    edits: str = ""
    held: str = ""
    part: str = ""


@dataclass(frozen=True)
class WriteTask:
    """One shard to bring in line with its new decisions.

    segments    for each: the state to reach (its decisions are written), and the state before or None
    table_of    for each decided vector the number of its redaction table, -1 for dropped ones
    reasons_of  for each decided vector its reason codes, joined by spaces
    folder      where this commit's work tables lie: its number, 6 digits
    sidecar     write edits and decisions instead of texts
    house       measures of the house; source_of says for each decided vector which source's
    today       the day of the change: what is held from now on waits from it
    """

    shard: Shard
    sha256: str
    settings: Settings
    segments: tuple[tuple[Stored, Stored | None], ...]
    tables: tuple[Extents, ...]
    table_of: I4
    reasons_of: tuple[str, ...]
    folder: str
    pseudonyms: bool
    sidecar: bool
    held_raw: bool
    house: House
    source_of: I4
    today: date


@dataclass
class WriteReport:
    """The files of the shard's segments after this, and what was read for it."""

    stored: list[Stored] = field(default_factory=list)
    marks: dict[str, Mark] = field(default_factory=dict)
    reread: int = 0
    gone: int = 0
    """Records that stay at the stricter decision because the input is gone or has changed."""
    decided: dict[str, dict[str, int]] = field(default_factory=dict)
    """Segment → records by decision, where records had to stay at the stricter one."""
    edits: dict[str, int] = field(default_factory=dict)


@dataclass
class _Plan:
    """One segment: new decisions and edits, by column of text, and where each row's text comes from."""

    new: Stored
    old: Stored | None
    rids: npt.NDArray[np.uint8]
    unit: I8
    place: I8
    vector: I4
    decision: npt.NDArray[np.uint8]
    edits: dict[str, Edits]
    from_input: npt.NDArray[np.bool_]
    before: npt.NDArray[np.uint8] | None = None
    old_edits: dict[str, Edits] = field(default_factory=dict)
    texts: list[tuple[I8, I8, pa.RecordBatch]] = field(default_factory=list)
    """rows of the segment, where they stand in a batch, and that batch: text and what is carried"""
    rest: dict[str, Edits] = field(default_factory=dict)
    """What is still to be put into these texts, by column, under the rows of the segment; if absent, `edits`"""
    held_on: I4 = field(default_factory=lambda: np.empty(0, np.int32))
    """Day since which each record waits, if it is held: days since 1970-01-01."""
    expired: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))
    """Held records whose text is past its retention and no longer in OUT."""


def write_shard(task: WriteTask) -> WriteReport:
    """Bring one shard's files in line; those of segments in which nothing changed stay as they are."""
    report = WriteReport()
    out = Path(task.settings.out)
    plans = [_plan(out, task, new, old) for new, old in task.segments]
    wanted = [plan for plan in plans if plan is not None and plan.from_input.any()]
    if wanted:
        try:
            _fill_from_input(task, plans, report)
        except (InputError, FileNotFoundError):
            if any(again.old is None for again in wanted):
                raise
            for again in wanted:
                _stay(out, again, report)
    for (new, old), plan in zip(task.segments, plans, strict=True):
        if plan is None:
            if old is None:
                raise AssertionError("a segment without a state before has a plan")
            stored = Stored(new.segment, new.rows, new.decisions, old.edits, old.held, old.part)
        else:
            _fill_from_store(out, plan)
            stored = _write(out, task, plan, report)
        report.stored.append(stored)
        for path in (stored.decisions, stored.edits, stored.held, stored.part):
            if path and path not in report.marks:
                report.marks[path] = hash_file(out / path)
    return report


def _plan(out: Path, task: WriteTask, new: Stored, old: Stored | None) -> _Plan | None:
    """What to do for one segment; None if its files need not change."""
    facts = store.read_table(store.work(out, "facts", new.segment), ["unit", "place", "rid"])
    table = store.read_table(out / new.decisions)
    vector, decision = table.column("vector").to_numpy(), table.column("decision").to_numpy()
    edits = {}
    everything = found_in(out, new.segment)
    also = taken(out, task.house, everything, task.source_of[vector])
    for column, found in everything.items():
        which = task.table_of[vector] if len(task.table_of) else np.full(len(vector), -1, np.int32)
        if task.held_raw:
            which = np.where(decision == Decision.HOLD, -1, which)
        secret = task.settings.keys.pseudonym if task.pseudonyms else None
        edits[column] = edits_of(found, task.tables, which.astype(np.int32), secret, also.get(column))
    plan = _Plan(
        new, old, store.keys_of(facts.column("rid")), facts.column("unit").to_numpy(),
        facts.column("place").to_numpy(), vector, decision, edits, decision != Decision.DROP,
    )  # fmt: skip
    plan.held_on = np.full(len(decision), (task.today - date(1970, 1, 1)).days, np.int32)
    plan.expired = np.zeros(len(decision), np.bool_)
    if old is None:
        return plan
    before = store.read_table(out / old.decisions).column("decision").to_numpy()
    old_edits = edits_in(out, old)
    plan.before, plan.old_edits = before, old_edits
    if np.array_equal(before, decision) and all(_same(old_edits.get(c), e) for c, e in edits.items()):
        return None
    plan.from_input = (decision != Decision.DROP) & (before == Decision.DROP)
    for column, now in edits.items():
        earlier = old_edits.get(column)
        if earlier is not None:
            plan.from_input[earlier.row[~_covered(earlier, now)]] |= True
    plan.from_input &= decision != Decision.DROP
    if task.held_raw:
        plan.from_input |= (decision != Decision.DROP) & (before == Decision.HOLD)
    if old.held:
        waits, rows = (
            store.read_table(out / old.held, ["held_on", "expired"]),
            _order(plan, np.flatnonzero(before == Decision.HOLD)),
        )
        plan.held_on[rows] = waits.column("held_on").cast(pa.int32()).to_numpy()
        plan.expired[rows] = waits.column("expired").to_numpy()
        # A text that was removed comes back from the input if its record leaves the queue, never to wait again.
        plan.from_input |= plan.expired & (decision <= Decision.REDACT)
        plan.from_input &= ~(plan.expired & (decision == Decision.HOLD))
    return plan


def _stay(out: Path, plan: _Plan, report: WriteReport) -> None:
    """The input is gone: records that would have become milder stay as they were, and are counted."""
    if plan.before is None:
        raise AssertionError("a segment without a state before cannot stay at it")
    rows = plan.from_input
    report.gone += int(rows.sum())
    plan.texts.clear()
    plan.decision = np.where(rows, plan.before, plan.decision).astype(np.uint8)
    for column, now in plan.edits.items():
        earlier = plan.old_edits.get(column, Edits(_NONE, _NONE, _NONE, _NONE, ()))
        plan.edits[column] = _mixed(now, earlier, rows)
    plan.from_input = np.zeros(len(rows), np.bool_)
    path = out / plan.new.decisions
    table = store.read_table(path)
    at = table.schema.get_field_index("decision")
    path.unlink()
    store.write_table(path, table.set_column(at, "decision", pa.array(plan.decision)))
    counts = np.bincount(plan.decision, minlength=4)
    names = ("kept", "redacted", "held", "dropped")
    report.decided[plan.new.segment] = {name: int(counts[i]) for i, name in enumerate(names)}


def _mixed(new: Edits, old: Edits, rows: npt.NDArray[np.bool_]) -> Edits:
    """Old edits for these rows, new ones for the others."""
    number = {label: i for i, label in enumerate(dict.fromkeys([*new.labels, *old.labels]))}
    ours = np.array([number[x] for x in new.labels] or [0], np.int32)[new.label]
    theirs = np.array([number[x] for x in old.labels] or [0], np.int32)[old.label]
    a, b = ~rows[new.row], rows[old.row]
    row = np.concatenate([new.row[a], old.row[b]])
    start, end = np.concatenate([new.start[a], old.start[b]]), np.concatenate([new.end[a], old.end[b]])
    order = np.lexsort((start, row))
    label = np.concatenate([ours[a], theirs[b]])
    return Edits(row[order], start[order], end[order], label[order], tuple(number))


def _same(a: Edits | None, b: Edits) -> bool:
    if a is None or len(a.row) != len(b.row):
        return False
    arrays = zip((a.row, a.start, a.end), (b.row, b.start, b.end), strict=True)
    return all(np.array_equal(x, y) for x, y in arrays) and bool(
        (np.array(a.labels, object)[a.label] == np.array(b.labels, object)[b.label]).all()
    )


def _covered(old: Edits, new: Edits) -> npt.NDArray[np.bool_]:
    """For each old edit, whether a new edit of the same row takes out at least the same bytes."""
    if not len(new.row):
        return np.zeros(len(old.row), np.bool_)
    key_new = (new.row.astype(np.int64) << 32) | new.start
    key_old = (old.row.astype(np.int64) << 32) | old.start
    at = np.searchsorted(key_new, key_old, "right") - 1
    before = np.maximum(at, 0)
    covered: npt.NDArray[np.bool_] = (at >= 0) & (new.row[before] == old.row) & (new.end[before] >= old.end)
    return covered


def _fill_from_input(task: WriteTask, plans: list[_Plan | None], report: WriteReport) -> None:
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


def _fill_from_store(out: Path, plan: _Plan) -> None:
    """Rows that are not read again come from the stored part and held table, with what is new put in."""
    if plan.old is None:
        return
    before, old_edits = plan.before, plan.old_edits
    if before is None:
        raise AssertionError("a segment has a state before, but it was not read")
    stays = np.zeros(len(before), np.bool_)
    for path, was in ((plan.old.part, before <= Decision.REDACT), (plan.old.held, before == Decision.HOLD)):
        rows = _order(plan, np.flatnonzero(was))
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
        n: _mixed(
            _remap(_of_rows(e, stays), _of_rows(old_edits[n], stays) if n in old_edits else None),
            e,
            ~stays & ~(plan.expired & ~plan.from_input),
        )
        for n, e in plan.edits.items()
    }


def _of_rows(edits: Edits, rows: npt.NDArray[np.bool_]) -> Edits:
    """The edits of these rows, under their own numbers."""
    keep = rows[edits.row]
    return Edits(edits.row[keep], edits.start[keep], edits.end[keep], edits.label[keep], edits.labels)


def _remap(new: Edits, old: Edits | None) -> Edits:
    """New edits in the offsets of a text in which the old ones stand; those that stand already left out."""
    from klarera.kernels.splice import remap_edits

    if old is None or not len(old.row):
        return new
    number = {label: i for i, label in enumerate(dict.fromkeys([*new.labels, *old.labels]))}
    labels = tuple(number)
    ours = np.array([number[x] for x in new.labels] or [0], np.int32)[new.label]
    theirs = np.array([number[x] for x in old.labels] or [0], np.int32)[old.label]
    put = np.array([len(x) for x in labels], np.int32)[theirs]
    n = len(new.row)
    row, start, end, label = (np.empty(n, np.int32) for _ in range(4))
    k = remap_edits(new.row, new.start, new.end, ours, old.row, old.start, old.end, theirs, put, row, start, end, label)
    if k < 0:
        raise AssertionError("a record whose old edits are not all covered is read from the input")
    return Edits(row[:k], start[:k], end[:k], label[:k], labels)


def _order(plan: _Plan, rows: npt.NDArray[np.int64]) -> I8:
    """Rows in the order in which a part or held table lists them: by rid, then by unit."""
    halves = np.ascontiguousarray(plan.rids[rows]).view(">u8").reshape(-1, 2)
    first = halves[:, 0].astype(np.uint64)
    order = np.argsort(first)
    ties = np.flatnonzero(first[order][1:] == first[order][:-1])
    if len(ties):  # the same id twice, or one chance in 2^64
        order = np.lexsort((plan.unit[rows], halves[:, 1], halves[:, 0]))
    return rows[order].astype(np.int64)


_NONE = np.empty(0, np.int32)

HELD_OWN = ("unit", "place", "reasons", "held_on", "expired")
"""Columns of a held table beside rid, text and what is carried."""


def _write(out: Path, task: WriteTask, plan: _Plan, report: WriteReport) -> Stored:
    base = f"work/edits/{task.folder}/{plan.new.segment}.parquet"
    edits = _edits_table(plan)
    report.marks[base] = store.write_table(out / base, edits, dictionary=["put", "column"])
    for label, number in _by_kind(edits).items():
        report.edits[label] = report.edits.get(label, 0) + number
    held = part = ""
    rows = _order(plan, np.flatnonzero(plan.decision == Decision.HOLD))
    reasons = np.array(task.reasons_of or ("",), object)[plan.vector]
    if len(rows):
        held = f"work/held/{task.folder}/{plan.new.segment}.parquet"
        table = _gather(plan, rows) if not task.sidecar else pa.table({})
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
        rows = _order(plan, np.flatnonzero(plan.decision <= Decision.REDACT))
        if len(rows):
            table = _gather(plan, rows)
            columns = {n: table.column(n) for n in table.column_names}
            whole = pa.table({"rid": store.keys_array(plan.rids[rows]), **columns})
            part, mark = _put_part(out, plan.new.segment, whole)
            report.marks[part] = mark
    plan.texts.clear()
    return Stored(plan.new.segment, plan.new.rows, plan.new.decisions, base, held, part)


def _gather(plan: _Plan, rows: I8) -> pa.Table:
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


def _edits_table(plan: _Plan) -> pa.Table:
    parts = []
    for column, edits in plan.edits.items():
        put = pa.array([x.decode() for x in edits.labels] or [""], pa.large_string())
        parts.append(
            pa.table(
                [
                    pa.array(edits.row),
                    pa.array([column] * len(edits.row), pa.string()),
                    pa.array(edits.start),
                    pa.array(edits.end),
                    put.take(pa.array(edits.label)),
                ],
                schema=EDITS,
            )
        )
    return pa.concat_tables(parts).combine_chunks()


def edits_in(out: Path, stored: Stored) -> dict[str, Edits]:
    """The edits of a segment by column, as they stand in OUT."""
    table = store.read_table(out / stored.edits)
    result = {}
    for name in pc.unique(table.column("column")).to_pylist():
        part = table.filter(pc.equal(table.column("column"), name)).combine_chunks()
        put = part.column("put").combine_chunks().dictionary_encode()
        labels = tuple(str(x).encode() for x in put.dictionary.to_pylist())
        row, start, end = (part.column(c).to_numpy() for c in ("row", "start", "end"))
        label = put.indices.to_numpy(zero_copy_only=False).astype(np.int32)
        result[name] = Edits(row, start, end, label, labels)
    return result


def _by_kind(table: pa.Table) -> dict[str, int]:
    counts = table.column("put").combine_chunks().value_counts()
    out: dict[str, int] = {}
    for entry in counts.to_pylist():
        kind = str(entry["values"]).strip("[]").split(" ")[0]
        out[kind] = out.get(kind, 0) + int(entry["counts"])
    return out


def _sidecar(plan: _Plan, reasons: npt.NDArray[np.object_]) -> pa.Table:
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
