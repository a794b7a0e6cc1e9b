"""Vectors → verdicts: every ground over the distinct vectors of each source, the unknown of a source at its best.

Rows that share what nobody looked for are asked together, as one Polars expression a ground.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from klarera.decide.case import Case, is_unknown
from klarera.decide.verdicts import Verdicts
from klarera.errors import UsageError
from klarera.facts import COLUMN_FACTS, FACTS, HOUSE, SOURCE
from klarera.facts.signatures import unpack
from klarera.law import Reading
from klarera.law import columns as law_columns
from klarera.law.expression import Expression
from klarera.law.kleene import Given
from klarera.law.residual import best_case, residual
from klarera.law.rule import Ground
from klarera.model import Decision, State

__all__ = ["Memo", "decide"]

U1 = npt.NDArray[np.uint8]
U8 = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

UNKNOWN = 2
"""Outcome of a ground that is neither true (1) nor false (0)."""


@dataclass
class _Answer:
    """Growing verdict of the vectors of one source."""

    drop: U8
    unknown: U8
    redact: U8
    rests: dict[str, Mask] = field(default_factory=dict)


Memo = dict[tuple[object, ...], npt.NDArray[np.int8]]
"""Outcomes of grounds over the same vectors, by source, rows and what is left of the ground under a reading."""


def decide(vectors: U8, case: Case, *, among: U8 | None = None, memo: Memo | None = None) -> Verdicts:
    """Decide every distinct vector, uint64[n, SOURCE + 1].

    among   all vectors of the corpus, where `vectors` are only some: a column that nobody filled for a whole
            source is a matter of the source, and only the whole shows that
    memo    shared by calls over the same vectors and facts that differ in the reading only (`compare`);
            such calls do not ask on which unknown facts the outcome rests

    Raises UsageError if no ground is in force on that day: an empty rulebook would keep everything, and
    nobody means that.
    """
    if not any(g.action is Decision.DROP for g in case.grounds):
        raise UsageError(f"no ground of the rulebook is in force on {case.law.on}", hint="--on a later day")
    n = len(vectors)
    drop, unknown, redact = np.zeros(n, np.uint64), np.zeros(n, np.uint64), np.zeros(n, np.uint64)
    rests: dict[str, Mask] = {}
    for number in range(len(case.sources)):
        rows = np.flatnonzero(vectors[:, SOURCE] == number)
        if not len(rows):
            continue
        whole = vectors if among is None else among
        answer = _of_source(vectors[rows], whole[whole[:, SOURCE] == number], number, case, memo)
        drop[rows], unknown[rows], redact[rows] = answer.drop, answer.unknown, answer.redact
        for fact, mask in answer.rests.items():
            rests.setdefault(fact, np.zeros(n, np.bool_))[rows] = mask
    return _verdicts(vectors, case, drop, unknown, redact, rests)


def _verdicts(vectors: U8, case: Case, drop: U8, unknown: U8, redact: U8, rests: dict[str, Mask]) -> Verdicts:
    """Put the grounds together; measures of the house only add."""
    decision = np.full(len(vectors), Decision.KEEP, np.uint8)
    house = np.zeros(len(vectors), np.uint64)
    by_action = {name: vectors[:, HOUSE + at] for at, name in enumerate(("redact", "hold", "drop"))}
    decision[(redact != 0) | (by_action["redact"] != 0)] = Decision.REDACT
    decision[(unknown != 0) | (by_action["hold"] != 0)] = Decision.HOLD
    decision[(drop != 0) | (by_action["drop"] != 0)] = Decision.DROP
    reasons = np.zeros(len(vectors), np.uint64)
    for value, masks, action in (
        (Decision.REDACT, redact, "redact"),
        (Decision.HOLD, unknown, "hold"),
        (Decision.DROP, drop, "drop"),
    ):
        rows = decision == value
        reasons[rows], house[rows] = masks[rows], by_action[action][rows]
    return Verdicts(decision, reasons, redact, house, by_action["redact"], rests, case.grounds)


def _of_source(vectors: U8, whole: U8, number: int, case: Case, memo: Memo | None) -> _Answer:
    """All grounds over vectors of one source; `whole` are all it has."""
    states = {name: unpack(vectors, name) for name in FACTS}
    given = {**case.project, **case.sources[number]}
    frame = _frame(states, given, case)
    silent = frozenset(name for name in case.constants if is_unknown(given.get(name)))
    # A column nobody filled for the whole source is a matter of the source, not of one record.
    silent |= {name for name in COLUMN_FACTS if bool((unpack(whole, name) == State.MISSING).all())}
    n = len(vectors)
    answer = _Answer(np.zeros(n, np.uint64), np.zeros(n, np.uint64), np.zeros(n, np.uint64))
    whole_grounds: dict[str, Expression] = {}
    for rows, unlooked in _patterns(states, case.readings[number]):
        part = _Part(frame[rows], rows, number, case, {} if memo is None else memo, memo is not None, whole_grounds)
        assumed = (silent | unlooked) & case.assumable
        for bit, ground in enumerate(case.grounds):
            _of_ground(answer, ground, np.uint64(1 << bit), part, assumed)
    return answer


@dataclass(frozen=True)
class _Part:
    """Rows of one source that share what is not known of source, project and run."""

    frame: pl.DataFrame
    rows: npt.NDArray[np.int64]
    number: int
    case: Case
    memo: Memo
    shared: bool
    whole: dict[str, Expression]
    """Conclusion → what it says under the source's reading, before anything is assumed."""

    def outcome(self, ground: Ground, assumed: frozenset[str]) -> npt.NDArray[np.int8]:
        """1 true, 0 false, UNKNOWN, with the assumed facts at their best; int8[rows]."""
        case, reading = self.case, self.case.readings[self.number]
        # A ground's outcome moves with the reading only through the Questions its rules ask.
        asked = tuple(reading.adopted[q] for q in case.questions_of(ground.conclusion))
        key = (self.number, self.rows.tobytes(), ground.conclusion, asked, assumed)
        if key not in self.memo:
            if ground.conclusion not in self.whole:
                self.whole[ground.conclusion] = residual(case.book, ground.conclusion, case.law, reading)
            left = best_case(self.whole[ground.conclusion], assumed)
            values = self.frame.select(value=law_columns.emit(left)).get_column("value")
            codes = np.where(values.is_null(), UNKNOWN, values.fill_null(False)).astype(np.int8)
            self.memo[key] = codes
        return self.memo[key]

    def needed(self, ground: Ground) -> set[str]:
        """Facts the ground still depends on."""
        return law_columns.facts_needed(
            self.case.book, ground.conclusion, self.case.law, self.case.readings[self.number]
        )


def _of_ground(answer: _Answer, ground: Ground, flag: np.uint64, part: _Part, assumed: frozenset[str]) -> None:
    """One ground over one part.

    True with the assumed facts at their best is true whatever they turn out to be. A record rests on one of
    them if the outcome moves when that fact is no longer taken at its best.
    """
    best = part.outcome(ground, assumed)
    target = answer.drop if ground.action is Decision.DROP else answer.redact
    target[part.rows[best == 1]] |= flag
    answer.unknown[part.rows[best == UNKNOWN]] |= flag
    if part.shared:
        return
    for fact in sorted(assumed & part.needed(ground)):
        moved = part.outcome(ground, assumed - {fact}) != best
        if moved.any():
            mask = answer.rests.setdefault(fact, np.zeros(len(answer.drop), np.bool_))
            mask[part.rows[moved]] = True


def _frame(states: Mapping[str, U1], given: Mapping[str, Given], case: Case) -> pl.DataFrame:
    """One column a fact; unknown is null."""
    kinds = {"bool": pl.Boolean, "number": pl.Float64, "date": pl.Date, "word": pl.String}
    columns = [
        pl.Series(name, pa.array(codes == State.TRUE, mask=codes > State.TRUE), pl.Boolean)
        for name, codes in states.items()
    ]
    frame = pl.DataFrame(columns)
    constants = []
    for name in case.constants:
        fact, value = case.book.fact(name), given.get(name)
        plain = None if is_unknown(value) else bool(value) if isinstance(value, State) else value
        constants.append(pl.lit(plain, kinds[fact.type]).alias(name))
    return frame.with_columns(constants)


def _patterns(states: Mapping[str, U1], reading: Reading) -> Iterable[tuple[npt.NDArray[np.int64], frozenset[str]]]:
    """Rows that share the same facts nobody looked for; under the reading "every-record" those hold."""
    names = list(states)
    unlooked = np.stack([states[name] == State.NOT_LOOKED for name in names], axis=1)
    if reading.adopted.get("search") == "every-record":
        unlooked[:] = False
    patterns, inverse = np.unique(unlooked, axis=0, return_inverse=True)
    for i, pattern in enumerate(patterns):
        yield (
            np.flatnonzero(inverse.reshape(-1) == i),
            frozenset(name for name, missing in zip(names, pattern, strict=True) if missing),
        )
