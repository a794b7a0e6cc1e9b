"""Final vectors + rulebook → decisions. No files, no clock, no text.

    drop     a ground to drop is true
    hold     else, a ground is unknown because of the record or its author
    redact   else, a ground to redact is true
    keep     else

What is unknown of a source, the project or the run never holds a record. It takes its best case in each
ground, and the record is kept under the condition that names it; the count of records that rest on it stands
beside the condition. Rules run once a distinct vector; positions that are not adopted never hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from klarera.errors import UsageError
from klarera.facts import COLUMN_FACTS, FACTS, HOUSE, SOURCE
from klarera.facts.signatures import unpack
from klarera.law import Law, Reading, Rulebook, resolve
from klarera.law import columns as law_columns
from klarera.law.expression import Adopted, Conclusion, Expression, Unproven, walk
from klarera.law.kleene import Given, evaluate
from klarera.law.residual import best_case, residual, simplify
from klarera.law.rule import ConditionSpec, Ground
from klarera.model import LISTED, Decision, Kind, Measure, Scope, State

__all__ = ["HOUSE_CODES", "Case", "Condition", "Verdicts", "conditions", "decide", "facts_of", "house_bits"]

U1 = npt.NDArray[np.uint8]
U8 = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Case:
    """What beside the records decides: the law of a day, the reading, and the facts of project and sources.

    project  facts of scope PROJECT, RUN and MODEL by name; what is not given is unknown
    sources  facts of scope SOURCE, one mapping for each source number
    choice   name of a reading, or the project's own choices over a base
    house    for each source number the measures of the house; what they say of a record stands in its vector,
             so they are here to be told, not to decide
    """

    book: Rulebook
    law: Law
    choice: str | Mapping[str, str]
    project: Mapping[str, Given]
    sources: Sequence[Mapping[str, Given]]
    names: Sequence[str]
    house: Sequence[Sequence[Measure]] = ()

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """The reading of each source: a source of law speaks within its scope, so they may differ."""
        facts = [{**self.project, **source} for source in self.sources]
        return tuple(resolve(self.book, self.choice, f, self.law) for f in facts)

    @cached_property
    def grounds(self) -> tuple[Ground, ...]:
        """Grounds with a rule in time, in the order of the rulebook."""
        return tuple(g for g in self.book.grounds if self.book.rules_for(g.conclusion, self.law))

    @cached_property
    def assumable(self) -> frozenset[str]:
        """Facts whose unknown may be taken at its best: not those that somebody has to prove.

        Where the law says what holds while something is not shown, nothing is assumed in anyone's favour.
        """
        unproven = {n.fact.name for r in self.book.rules for n in walk(r.when) if isinstance(n, Unproven)}
        return frozenset(f.name for f in self.book.facts) - unproven

    @cached_property
    def _questions(self) -> dict[str, tuple[str, ...]]:
        return {}

    def questions_of(self, conclusion: str) -> tuple[str, ...]:
        """Questions asked by the rules in time behind a conclusion, in the order of their names."""
        if conclusion not in self._questions:
            asked, waiting, seen = set[str](), [conclusion], set[str]()
            while waiting:
                name = waiting.pop()
                if name not in seen:
                    seen.add(name)
                    for rule in self.book.rules_for(name, self.law):
                        nodes = list(walk(rule.when))
                        asked |= {n.question for n in nodes if isinstance(n, Adopted)}
                        waiting += [n.name for n in nodes if isinstance(n, Conclusion)] + list(rule.unless)
            self._questions[conclusion] = tuple(sorted(asked))
        return self._questions[conclusion]

    @cached_property
    def constants(self) -> tuple[str, ...]:
        """Names of all facts that are not of a record or author."""
        return tuple(f.name for f in self.book.facts if f.scope not in (Scope.RECORD, Scope.AUTHOR))


HOUSE_CODES = {f"house-{kind.name.lower().replace('_', '-')}": int(kind) for kind in Kind} | {"house-listed": LISTED}
"""Reason code of the house → its bit."""


def house_bits(codes: str) -> int:
    """The bits of the house's measures among reason codes joined by spaces.

    >>> house_bits("minor-author house-email") == 1 << Kind.EMAIL
    True
    """
    return sum(1 << HOUSE_CODES[code] for code in codes.split() if code in HOUSE_CODES)


@dataclass(frozen=True)
class Verdicts:
    """One entry a vector.

    decision  uint8, model.Decision
    reasons   uint64, bit g set where ground g carried the decision (true; or unknown, for hold)
    redact    uint64, bit g set where ground g to redact is true
    house     uint64, bits of kinds a measure of the house decided by; bit LISTED: its deny list
    taken     uint64, bits of kinds a measure of the house takes out, of held records too
    rests     fact → bool[n]: a ground's outcome rests on the best case of this fact of the source, project or
              run, or on something nobody looked for
    """

    decision: U1
    reasons: U8
    redact: U8
    house: U8
    taken: U8
    rests: Mapping[str, Mask]
    grounds: tuple[Ground, ...]

    def codes(self, at: int) -> list[str]:
        """Reason codes of one vector, in the order of the grounds; measures of the house last."""
        mask = int(self.reasons[at])
        codes = [g.code for i, g in enumerate(self.grounds) if mask >> i & 1]
        house = int(self.house[at])
        return codes + [code for code, bit in HOUSE_CODES.items() if house >> bit & 1]


@dataclass(frozen=True)
class Condition:
    """One condition as it stands: met, or open and how many records rest on it."""

    spec: ConditionSpec
    source: str
    value: bool | None
    records: int

    @property
    def id(self) -> str:
        """The rulebook's id, with the source's name where the condition is one of a source."""
        return f"{self.spec.id}:{self.source}" if self.source else self.spec.id

    @property
    def open(self) -> bool:
        """Whether it still has to be settled."""
        return self.value is not self.spec.wants


@dataclass
class _Answer:
    """Growing verdict of the vectors of one source."""

    drop: U8
    unknown: U8
    redact: U8
    rests: dict[str, Mask] = field(default_factory=dict)


def facts_of(vector: npt.NDArray[np.uint64]) -> dict[str, State]:
    """The facts of one vector, by name, for the evaluator of single cases."""
    row = vector.reshape(1, -1)
    return {name: State(int(unpack(row, name)[0])) for name in FACTS}


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
    silent = frozenset(name for name in case.constants if _unknown(given.get(name)))
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


UNKNOWN = 2


def _unknown(value: Given) -> bool:
    return value is None or (isinstance(value, State) and value > State.TRUE)


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
        plain = None if _unknown(value) else bool(value) if isinstance(value, State) else value
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


def conditions(case: Case, verdicts: Verdicts, vectors: U8, records: npt.NDArray[np.int64]) -> list[Condition]:
    """Every condition that matters for this project, met or open, in the order of the rulebook."""
    out = []
    for spec in case.book.conditions:
        start, end = spec.in_force
        if not (start <= case.law.on and (end is None or case.law.on < end)):
            continue
        of_source = spec.fact.scope is Scope.SOURCE
        for number in range(len(case.sources)) if of_source else [-1]:
            given = {**case.project, **(case.sources[number] if of_source else {})}
            # What asks about the project may matter because of one source only.
            asked = [number] if of_source else range(len(case.sources))
            if not any(_matters(spec, {**case.project, **case.sources[n]}, case, n) for n in asked):
                continue
            mask = verdicts.rests.get(spec.fact.name, np.zeros(len(vectors), np.bool_))
            rows = mask & (vectors[:, SOURCE] == number) if of_source else mask
            value = given.get(spec.fact.name)
            answer = None if _unknown(value) else _meets(spec, value)
            name = case.names[number] if of_source else ""
            out.append(Condition(spec, name, answer, int(records[rows].sum())))
    return out


def _meets(spec: ConditionSpec, value: Given) -> bool:
    """A yes or no for facts that are neither: any stated number, date or word is an answer."""
    if isinstance(value, State):
        return bool(value)
    return value if isinstance(value, bool) else spec.wants


def _matters(spec: ConditionSpec, given: Mapping[str, Given], case: Case, number: int) -> bool:
    """False only where the condition's own test is known to be false; an unknown test leaves it open."""
    when = simplify(case.book, spec.when, case.law, case.readings[number])
    try:
        return evaluate(when, given) is not False
    except UsageError:
        return True  # a position the reading does not take stays in the test: it cannot be ruled out
