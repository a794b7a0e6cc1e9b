"""Held records leave through review: groups and samples; a named person answers the open fact.

A group is what waits for the same reason in the same source and language. Its answer is one judged fact with
name, day and scope; then everything is decided again and what no longer waits leaves held/.

What the house's own measures hold is answered too: `house_refuses=no` releases a record to what the rulebook
says of it, `=yes` drops it. The answer is about the measures that held it then; one that comes later holds again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from klarera import store
from klarera.decide import HOUSE_CODES, Case, facts_of
from klarera.errors import UsageError
from klarera.facts import HOUSE
from klarera.facts.house import ACTIONS
from klarera.law import open_facts, prove
from klarera.model import LANGUAGES, Decision, Scope
from klarera.pipeline import judged
from klarera.pipeline.explain import Located
from klarera.pipeline.house import FACT
from klarera.pipeline.stored import Stored

__all__ = ["Group", "groups", "held_by_house", "house_codes", "rids_of", "sample"]


@dataclass(frozen=True)
class Group:
    """Held records that wait for the same answer.

    id       stable as long as reason, source and language are
    settles  the facts whose answer would settle it, in the order they are asked
    rows     (segment, row) of each record
    """

    id: str
    reasons: str
    source: str
    language: str
    settles: tuple[str, ...]
    rows: tuple[tuple[str, int], ...]

    def to_dict(self) -> dict[str, Any]:
        """For `--json`: counts only."""
        return {"group": self.id, "reasons": self.reasons.split(), "source": self.source, "language": self.language,
                "records": len(self.rows), "settled_by": list(self.settles)}  # fmt: skip

    @property
    def measures(self) -> tuple[str, ...]:
        """Reason codes of the house among its reasons."""
        return tuple(code for code in self.reasons.split() if code in HOUSE_CODES)


def groups(out: Path, case: Case, stored: Sequence[Stored]) -> list[Group]:
    """All groups of held records, the largest first."""
    rows: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    facts_open: dict[tuple[str, str, str], dict[str, None]] = {}
    settled_by: dict[int, tuple[str, ...]] = {}
    for segment in stored:
        table = store.read_table(out / segment.decisions)
        held = np.flatnonzero(table.column("decision").to_numpy() == Decision.HOLD)
        if not len(held):
            continue
        decided = store.read_table((out / segment.decisions).parent / "vectors.parquet")
        vectors, reasons = store.vectors_of(decided), decided.column("reasons").to_pylist()
        number = table.column("vector").to_numpy()
        language = store.read_table(store.work(out, "facts", segment.segment), ["language"]).column("language")
        codes = language.to_numpy()
        for row in held.tolist():
            at = int(number[row])
            name = case.names[int(vectors[at, -1])]
            key = (reasons[at], name, LANGUAGES[codes[row]] or "unknown")
            rows.setdefault(key, []).append((segment.segment, row))
            if at not in settled_by:
                settled_by[at] = _settles(vectors[at], case, reasons[at].split())
            facts_open.setdefault(key, {}).update(dict.fromkeys(settled_by[at]))
    made = [
        Group(_id(key), key[0], key[1], key[2], tuple(facts_open[key]), tuple(members)) for key, members in rows.items()
    ]
    return sorted(made, key=lambda g: (-len(g.rows), g.id))


def _id(key: tuple[str, str, str]) -> str:
    return hashlib.sha256("\x00".join(key).encode()).hexdigest()[:8]


def _settles(vector: npt.NDArray[np.uint64], case: Case, codes: Sequence[str]) -> tuple[str, ...]:
    """Open record and author facts of the grounds that hold this vector, by their codes; last what the house asks."""
    number = int(vector[-1])
    given: Mapping[str, Any] = {**case.project, **case.sources[number], **facts_of(vector)}
    found: dict[str, None] = {}
    for ground in (g for g in case.grounds if g.code in codes):
        proof = prove(case.book, ground.conclusion, given, case.law, case.readings[number])
        if proof.value is None:
            names = (leaf.name for leaf in open_facts(proof))
            mine = [n for n in names if case.book.fact(n).scope in (Scope.RECORD, Scope.AUTHOR)]
            found.update(dict.fromkeys(mine))
    return (*found, *([FACT] if int(vector[HELD]) else []))


HELD = HOUSE + ACTIONS.index(Decision.HOLD)
"""Word of the measures that hold a record."""


def house_codes(bits: int) -> tuple[str, ...]:
    """Reason codes of these measures of the house."""
    return tuple(code for code, bit in HOUSE_CODES.items() if bits >> bit & 1)


def held_by_house(out: Path, located: Located, source: str) -> tuple[str, ...]:
    """Measures an answer about one record is for: those that hold it, and those answered for it before.

    Raises UsageError if there are none.
    """
    earlier = judged.about(judged.said(out), bytes.fromhex(located.rid), b"", source)
    codes = {c for entry in earlier for c in entry.get("measures", ())} | {*house_codes(int(located.vector[HELD]))}
    if not codes:
        raise UsageError("no measure of the house holds this record", hint="klarera explain OUT RECORD")
    return tuple(code for code in HOUSE_CODES if code in codes)


def sample(group: Group, size: int) -> tuple[tuple[str, int], ...]:
    """A sample that is the same for everyone: spread evenly over the group in its order."""
    n = len(group.rows)
    step = max(1, n // max(size, 1))
    return group.rows[::step][:size]


def rids_of(out: Path, stored: Sequence[Stored], group: Group) -> npt.NDArray[np.uint8]:
    """Keys of the group's records, uint8[n, 16]."""
    parts = []
    for segment in dict.fromkeys(name for name, _ in group.rows):
        rows = np.array([row for name, row in group.rows if name == segment])
        parts.append(store.keys_of(store.read_table(store.work(out, "facts", segment), ["rid"]).column("rid"))[rows])
    return np.concatenate(parts)
