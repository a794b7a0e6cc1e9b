"""What is to be written of one shard: the task, and for each segment its new decisions, its edits, and where each
record's text comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from klarera import store
from klarera.act.earlier import NO_EDITS, covered, mixed, same
from klarera.act.edits import Edits, Extents, edits_of
from klarera.evidence.files import Mark
from klarera.model import Decision
from klarera.pipeline.house import House, found_in, taken
from klarera.pipeline.settings import Settings
from klarera.pipeline.stored import Stored, edits_in
from klarera.read import Shard

__all__ = ["Plan", "WriteReport", "WriteTask", "order_of", "planned", "stay"]

I4 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int64]


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
class Plan:
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


def planned(out: Path, task: WriteTask, new: Stored, old: Stored | None) -> Plan | None:
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
    plan = Plan(
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
    if np.array_equal(before, decision) and all(same(old_edits.get(c), e) for c, e in edits.items()):
        return None
    plan.from_input = (decision != Decision.DROP) & (before == Decision.DROP)
    for column, now in edits.items():
        earlier = old_edits.get(column)
        if earlier is not None:
            plan.from_input[earlier.row[~covered(earlier, now)]] |= True
    plan.from_input &= decision != Decision.DROP
    if task.held_raw:
        plan.from_input |= (decision != Decision.DROP) & (before == Decision.HOLD)
    if old.held:
        waits, rows = (
            store.read_table(out / old.held, ["held_on", "expired"]),
            order_of(plan, np.flatnonzero(before == Decision.HOLD)),
        )
        plan.held_on[rows] = waits.column("held_on").cast(pa.int32()).to_numpy()
        plan.expired[rows] = waits.column("expired").to_numpy()
        # A text that was removed comes back from the input if its record leaves the queue, never to wait again.
        plan.from_input |= plan.expired & (decision <= Decision.REDACT)
        plan.from_input &= ~(plan.expired & (decision == Decision.HOLD))
    return plan


def stay(out: Path, plan: Plan, report: WriteReport) -> None:
    """The input is gone: records that would have become milder stay as they were, and are counted."""
    if plan.before is None:
        raise AssertionError("a segment without a state before cannot stay at it")
    rows = plan.from_input
    report.gone += int(rows.sum())
    plan.texts.clear()
    plan.decision = np.where(rows, plan.before, plan.decision).astype(np.uint8)
    for column, now in plan.edits.items():
        earlier = plan.old_edits.get(column, NO_EDITS)
        plan.edits[column] = mixed(now, earlier, rows)
    plan.from_input = np.zeros(len(rows), np.bool_)
    path = out / plan.new.decisions
    table = store.read_table(path)
    at = table.schema.get_field_index("decision")
    path.unlink()
    store.write_table(path, table.set_column(at, "decision", pa.array(plan.decision)))
    counts = np.bincount(plan.decision, minlength=4)
    names = ("kept", "redacted", "held", "dropped")
    report.decided[plan.new.segment] = {name: int(counts[i]) for i, name in enumerate(names)}


def order_of(plan: Plan, rows: npt.NDArray[np.int64]) -> I8:
    """Rows in the order in which a part or held table lists them: by rid, then by unit."""
    halves = np.ascontiguousarray(plan.rids[rows]).view(">u8").reshape(-1, 2)
    first = halves[:, 0].astype(np.uint64)
    order = np.argsort(first)
    ties = np.flatnonzero(first[order][1:] == first[order][:-1])
    if len(ties):  # the same id twice, or one chance in 2^64
        order = np.lexsort((plan.unit[rows], halves[:, 1], halves[:, 0]))
    return rows[order].astype(np.int64)
