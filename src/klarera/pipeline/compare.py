"""What each open point of the law costs: the same corpus under every position, with people beside records.

Only stored vectors are decided again; no text is opened. The price of a position is told from the reading in
force: records and words won or lost, and the authors, third persons and minors it lets through or spares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from klarera.decide import Case, Memo, Verdicts, decide
from klarera.errors import UsageError
from klarera.facts.signatures import unpack
from klarera.law.rule import Position, Question
from klarera.model import Decision, State
from klarera.pipeline.breakdown import DIMENSIONS, Breakdown, breakdown
from klarera.pipeline.people import authors_behind
from klarera.pipeline.settle import Settled
from klarera.pipeline.stored import Stored
from klarera.pipeline.tokens import in_cells

__all__ = ["Price", "compare", "strict_difference"]

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Price:
    """One Question and position against the reading in force; counts are differences of what is kept.

    tokens  None where no tokenizer was measured
    by  the same differences for each source or language or both, what does not change is
        left out
    """

    question: str
    asks: str
    article: str
    position: str
    says: str
    builder: str
    people: str
    sources: tuple[dict[str, str], ...]
    adopted: bool
    records: int
    words: int
    held: int
    authors: int
    third_persons: int
    minors: int
    by: tuple[Mapping[str, Any], ...]
    tokens: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return self.__dict__ | {"sources": list(self.sources), "by": [dict(cell) for cell in self.by]}


def compare(
    out: Path,
    case: Case,
    settled: Settled,
    stored: Sequence[Stored],
    *,
    by: Sequence[str] = (),
    tokenizer: Mapping[str, Any] | None = None,
) -> list[Price]:
    """Every Question x position, in the order of the rulebook; positions that change nothing are listed too.

    by  "source", "language" or both: every price is broken down by them, from stored facts
    tokenizer  what the commit says of one: prices are told in tokens too

    Raises UsageError for another word in `by`.
    """
    groups = breakdown(out, case.names, settled, stored, by) if by else None
    fine = breakdown(out, case.names, settled, stored, DIMENSIONS) if tokenizer else None
    memo: Memo = {}
    base = decide(settled.vectors, case, memo=memo)
    out_rows = []
    own = {} if isinstance(case.choice, str) else dict(case.choice)
    name = case.choice if isinstance(case.choice, str) else own.get("base", "supported")
    for question in case.book.questions:
        taken = {r.adopted.get(question.id) for r in case.readings}
        for position in question.positions:
            if taken == {position.id}:
                moved = base
            else:
                choice = {**own, "base": name, question.id: position.id}
                try:
                    moved = decide(settled.vectors, replace(case, choice=choice), memo=memo)
                except UsageError:
                    continue  # a position that is only proposed is no law until it is switched on by name
            out_rows.append(
                _price(out, case, settled, stored, question, position, taken, base, moved, groups, fine, tokenizer)
            )
    return out_rows


def _price(
    out: Path, case: Case, settled: Settled, stored: Sequence[Stored], question: Question, position: Position,
    taken: set[str | None], base: Verdicts, moved: Verdicts, groups: Breakdown | None,
    fine: Breakdown | None, tokenizer: Mapping[str, Any] | None,
) -> Price:  # fmt: skip
    before, after = base.decision <= Decision.REDACT, moved.decision <= Decision.REDACT
    won, lost = after & ~before, before & ~after
    minor = unpack(settled.vectors, "author_minor") == State.TRUE
    minor |= unpack(settled.vectors, "minor_other") == State.TRUE
    third = unpack(settled.vectors, "names_other") == State.TRUE
    third |= unpack(settled.vectors, "art9_other") == State.TRUE

    def net(values: npt.NDArray[np.int64], rows: npt.NDArray[np.bool_] | None = None) -> int:
        inside = np.ones(len(won), np.bool_) if rows is None else rows
        return int(values[won & inside].sum() - values[lost & inside].sum())

    gained, spared = authors_behind(out, stored, won, lost) if won.any() or lost.any() else (0, 0)
    change = won.astype(np.int64) - lost
    waits = (moved.decision == Decision.HOLD).astype(np.int64) - (base.decision == Decision.HOLD)
    tokens = _tokens(fine, change, tokenizer) if fine and tokenizer else None
    return Price(
        question.id, question.asks, question.article, position.id, position.says, position.builder, position.people,
        tuple({"name": s.name, "rank": s.rank.name.lower().replace("_", " "), "cite": str(s.cite),
               "confidence": s.confidence.value} for s in position.sources),
        position.id in taken, net(settled.records), net(settled.words), int(settled.records @ waits), gained - spared,
        net(settled.records, third), net(settled.records, minor),
        _cells(groups, change, waits, third, minor, tokens) if groups else (),
        None if tokens is None else sum(tokens.values()),
    )  # fmt: skip


def _cells(
    groups: Breakdown,
    change: Counts,
    waits: Counts,
    third: npt.NDArray[np.bool_],
    minor: npt.NDArray[np.bool_],
    tokens: Mapping[tuple[str, ...], int] | None,
) -> tuple[dict[str, Any], ...]:
    """The differences of each cell that changes; authors are not among them, since one may write in several."""
    columns = {
        "records": groups.sums(change, groups.records),
        "words": groups.sums(change, groups.words),
        "held": groups.sums(waits, groups.records),
        "third_persons": groups.sums(change * third, groups.records),
        "minors": groups.sums(change * minor, groups.records),
    }
    if tokens is not None:
        columns["tokens"] = np.array([
            sum(n for fine, n in tokens.items() if _inside(fine, groups.by, cell)) for cell in groups.cells
        ], np.int64)  # fmt: skip
    moves = np.flatnonzero(np.any(list(columns.values()), axis=0))
    return tuple(
        dict(zip(groups.by, groups.cells[i], strict=True)) | {name: int(sums[i]) for name, sums in columns.items()}
        for i in moves
    )


def _tokens(fine: Breakdown, change: Counts, tokenizer: Mapping[str, Any]) -> dict[tuple[str, ...], int]:
    """(source, language) → the difference in tokens."""
    made, _ = in_cells(fine, fine.sums(change, fine.words), tokenizer)
    return {cell: int(n) for cell, n in zip(fine.cells, made, strict=True) if n}


def _inside(fine: tuple[str, ...], by: Sequence[str], cell: Sequence[str]) -> bool:
    """Whether a pair of source and language lies in a cell."""
    return all(fine[DIMENSIONS.index(d)] == label for d, label in zip(by, cell, strict=True))


def strict_difference(
    out: Path, case: Case, settled: Settled, verdicts: Verdicts, stored: Sequence[Stored]
) -> dict[str, int] | None:
    """What `strict` would have left out beside these verdicts; None if they are strict already."""
    if case.choice == "strict":
        return None
    strict = decide(settled.vectors, replace(case, choice="strict"), memo={}).decision
    gone = (verdicts.decision <= Decision.REDACT) & (strict > Decision.REDACT)
    others = unpack(settled.vectors, "names_other") == State.TRUE
    minor = unpack(settled.vectors, "author_minor") == State.TRUE
    minor |= unpack(settled.vectors, "minor_other") == State.TRUE
    return {
        "records": int(settled.records[gone].sum()),
        "words": int(settled.words[gone].sum()),
        "authors": authors_behind(out, stored, gone)[0] if gone.any() else 0,
        "third_persons": int(settled.records[gone & others].sum()),
        "minors": int(settled.records[gone & minor].sum()),
    }
