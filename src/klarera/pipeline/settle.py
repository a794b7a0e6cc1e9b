"""Facts → final vectors → decisions, for all segments; never opens a text.

One pass over the stored facts of each segment gives its distinct final vectors with counts, and writes down which
record has which; the driver decides every distinct vector of the corpus once; then each record's number becomes that
of its vector in the corpus, with the decision beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from klarera import store
from klarera.facts import KINDS, SOURCE, house
from klarera.facts.final import Joined, Judgement, final_vectors
from klarera.facts.signatures import distinct_rows
from klarera.model import LANGUAGES
from klarera.pipeline.authors import flags_of
from klarera.pipeline.hits import Hits, hits_of, listed
from klarera.pipeline.house import FACT, House, house_words
from klarera.pipeline.screen import ShardReport

__all__ = [
    "Answered",
    "Decide",
    "Joining",
    "Settled",
    "final",
    "joinings_of",
    "merge",
    "settle",
    "tally",
]

NAMES = ("kept", "redacted", "held", "dropped")
U8 = npt.NDArray[np.uint64]
I4 = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Answered:
    """A judged fact as stored: who said what, when, about which records, author, or source."""

    fact: str
    value: bool
    rids: str = ""
    """Path of the table of record ids, relative to OUT; "" if it is not about single records."""
    authors: str = ""
    source: int = -1
    measures: int = 0
    """Bits of the house's measures an answer to `house_refuses` is about."""


@dataclass(frozen=True)
class Joining:
    """What one segment's stored facts are joined with.

    sources    for each source number of the shard, the number in the run
    notice     for each source number of the run, the day its people were told
    register   whether a register was given; its keys are read from work/register
    missed     whether it holds names that were not looked for in the texts
    house      measures and lists of the house
    """

    out: str
    segment: str
    sources: tuple[int, ...]
    notice: tuple[date | None, ...]
    register: bool
    answers: tuple[Answered, ...] = ()
    missed: bool = False
    house: House = field(default_factory=House)


def joinings_of(
    out: Path, reports: Sequence[ShardReport], names: Sequence[str], notice: Sequence[date | None],
    answers: Sequence[Answered], *, register: bool, missed: bool, house: House,
) -> list[Joining]:  # fmt: skip
    """What each segment of these shards is joined with; `names` are the run's sources, `notice` one day for each."""
    told, said = tuple(notice), tuple(answers)
    return [
        Joining(str(out), segment, tuple(names.index(s) for s in r.sources), told, register, said, missed, house)
        for r in reports
        for segment, _ in r.segments
    ]


@dataclass
class Settled:
    """Distinct final vectors of a segment, with how many records, bytes and words have each."""

    vectors: U8
    records: Counts
    bytes: Counts
    words: Counts


def tally(joining: Joining) -> Settled:
    """The distinct final vectors of one segment; which record has which is kept for `settle`."""
    facts, vectors, number = final(joining)
    path = _numbers(joining)
    path.unlink(missing_ok=True)  # left by a killed run
    store.write_table(path, pa.table({"number": number, "language": facts.column("language")}))
    k = len(vectors)
    sizes = facts.column("bytes").to_numpy()
    words = facts.column("words").to_numpy()
    return Settled(
        vectors,
        np.bincount(number, minlength=k).astype(np.int64),
        np.bincount(number, sizes, minlength=k).astype(np.int64),
        np.bincount(number, words, minlength=k).astype(np.int64),
    )


def merge(parts: Sequence[Settled]) -> tuple[Settled, list[I4]]:
    """All segments' vectors, sorted, each once; the order does not depend on that of the segments.

    Beside them, for each segment, the numbers its vectors have among all, int32.
    """
    vectors = np.concatenate([p.vectors for p in parts]) if parts else np.empty((0, SOURCE + 1), np.uint64)
    distinct, inverse = distinct_rows(np.ascontiguousarray(vectors))
    order = np.lexsort(distinct.T[::-1])
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    where = rank[inverse] if len(inverse) else inverse

    def add(name: str) -> Counts:
        values = np.concatenate([getattr(p, name) for p in parts]) if parts else np.empty(0, np.int64)
        total = np.zeros(len(distinct), np.int64)
        np.add.at(total, where, values)
        return total

    settled = Settled(np.ascontiguousarray(distinct[order]), add("records"), add("bytes"), add("words"))
    ends = np.cumsum([len(p.vectors) for p in parts])
    return settled, [where[end - len(p.vectors) : end].astype(np.int32) for p, end in zip(parts, ends, strict=True)]


@dataclass(frozen=True)
class Decide:
    """One segment whose vectors are decided: for each of its vectors, int32 and uint8, the number among the
    decided ones and the decision; and the file to write, relative to OUT."""

    joining: Joining
    number: I4
    decision: npt.NDArray[np.uint8]
    target: str


def settle(task: Decide) -> dict[str, dict[str, int]]:
    """Write one segment's decisions; returns language → records by decision."""
    path = _numbers(task.joining)
    table = store.read_table(path)
    number = table.column("number").to_numpy()
    decision = task.decision[number]
    columns = [pa.array(task.number[number]), pa.array(decision)]
    store.write_table(Path(task.joining.out) / task.target, pa.table(columns, schema=store.DECISIONS))
    path.unlink()
    cell = table.column("language").to_numpy().astype(np.int64) * 4 + decision
    counts = np.bincount(cell, minlength=4 * len(LANGUAGES))
    return {
        LANGUAGES[i] or "unknown": dict(zip(NAMES, row, strict=True))
        for i, row in enumerate(counts.reshape(-1, 4).tolist())
        if any(row)
    }


def _numbers(joining: Joining) -> Path:
    """Where the numbers of a segment's final vectors wait until these are decided."""
    return Path(joining.out) / "work" / "drafts" / f"numbers-{joining.segment}.parquet"


NEEDED = ["author", "source", "day", "language", "words", "bytes", "flags", "vector"]


def final(joining: Joining) -> tuple[pa.Table, U8, I4]:
    """One segment's facts, its distinct final vectors, and each record's number among these, int32.

    Of the keys of single records only those are read that something is joined by.
    """
    out = Path(joining.out)
    needed = [*NEEDED, *(["rid"] if any(a.rids for a in joining.answers) else [])]
    needed += ["url"] if joining.register else []
    facts = store.read_table(store.work(out, "facts", joining.segment), needed)
    local = store.vectors_of(store.read_table(store.work(out, "vectors", joining.segment)))
    accounts = store.keys_of(store.read_table(store.work(out, "accounts", joining.segment)).column("author"))
    author = facts.column("author").to_numpy()
    source = np.array(joining.sources or (0,), np.int32)[facts.column("source").to_numpy()]
    flags = facts.column("flags").to_numpy() | flags_of(out, accounts)[author]
    hits = _listed(out, joining.segment, facts, accounts[author]) if joining.register else Hits.none(len(facts))
    number = facts.column("vector").to_numpy()
    said = [(a, j) for a in joining.answers if (j := _judgement(out, a, facts, accounts, source))]
    refusals = [house.Answer(j.rows, a.measures, j.value) for a, j in said if a.fact == FACT]
    joined = Joined(
        flags=(flags | hits.flags).astype(np.uint16),
        day=facts.column("day").to_numpy(),
        notice=joining.notice,
        source=source,
        third=hits.third,
        register=joining.register,
        named=hits.named,
        missed=joining.missed,
        judgements=[j for a, j in said if a.fact != FACT],
        measures=joining.house.measures,
        house=house_words(
            out, joining.segment, joining.house, source, accounts[author], lambda: local[number, KINDS], refusals
        ),
    )
    vectors, number = final_vectors(local, number, joined)
    return facts, vectors, number


def _listed(out: Path, segment: str, facts: pa.Table, authors: npt.NDArray[np.uint8]) -> Hits:
    """What the register reaches in this segment."""
    found = [store.read_table(path, ["row", "about", "key"]) for path in store.findings(out, segment).values()]
    return hits_of(listed(out, "findings"), listed(out, "urls"), found, authors, store.keys_of(facts.column("url")))


def _judgement(
    out: Path,
    answer: Answered,
    facts: pa.Table,
    accounts: npt.NDArray[np.uint8],
    source: npt.NDArray[np.int32],
) -> Judgement | None:
    """The rows of this segment an answer is for; None if there are none."""
    rows = np.ones(len(facts), np.bool_)
    if answer.source >= 0:
        rows &= source == answer.source
    if answer.rids:
        listed = store.read_table(out / answer.rids).column("key").combine_chunks()
        rows &= np.asarray(pc.is_in(facts.column("rid"), listed))
    if answer.authors:
        listed = store.read_table(out / answer.authors).column("key").combine_chunks()
        rows &= np.asarray(pc.is_in(store.keys_array(accounts), listed))[facts.column("author").to_numpy()]
    return Judgement(answer.fact, answer.value, rows) if rows.any() else None
