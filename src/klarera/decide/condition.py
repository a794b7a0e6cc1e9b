"""Conditions: what of a source, the project or the run is open, and how many records rest on its best case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from klarera.decide.case import Case, is_unknown
from klarera.decide.verdicts import Verdicts
from klarera.errors import UsageError
from klarera.facts import SOURCE
from klarera.law.kleene import Given, evaluate
from klarera.law.residual import simplify
from klarera.law.rule import ConditionSpec
from klarera.model import Scope, State

__all__ = ["Condition", "conditions"]

U8 = npt.NDArray[np.uint64]


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


def conditions(
    case: Case, verdicts: Verdicts, vectors: npt.NDArray[np.uint64], records: npt.NDArray[np.int64]
) -> list[Condition]:
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
            answer = None if is_unknown(value) else _meets(spec, value)
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
