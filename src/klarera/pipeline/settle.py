"""Facts → final vectors → decisions, for all segments; never opens a text.

Two light passes over the stored facts of each segment. The first gives its distinct final vectors with counts;
the driver decides every distinct vector of the corpus once; the second writes each record's vector and decision.
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
from klarera.facts.rollup import AuthorTable
from klarera.facts.signatures import distinct_rows
from klarera.model import LANGUAGES, About
from klarera.pipeline.house import FACT, House, house_words

__all__ = ["Answered", "Joining", "Settled", "merge", "place_authors", "rows_of", "settle", "tally"]

NAMES = ("kept", "redacted", "held", "dropped")
U8 = npt.NDArray[np.uint64]
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
    house      measures and lists of the house
    """

    out: str
    segment: str
    sources: tuple[int, ...]
    notice: tuple[date | None, ...]
    register: bool
    answers: tuple[Answered, ...] = ()
    house: House = field(default_factory=House)


@dataclass
class Settled:
    """Distinct final vectors of a segment, with how many records, bytes and words have each."""

    vectors: U8
    records: Counts
    bytes: Counts
    words: Counts


def place_authors(out: Path, shards: Sequence[int], register: AuthorTable) -> AuthorTable:
    """Merge what all shards say of their authors with the register; written to work/authors/all.parquet."""
    keys, flags = [register.keys], [register.flags]
    for number in shards:
        table = store.read_table(store.work(out, "authors", f"{number:05d}"))
        keys.append(store.keys_of(table.column("author")))
        flags.append(table.column("flags").to_numpy())
    return AuthorTable.merge(np.concatenate(keys), np.concatenate(flags))


def tally(joining: Joining) -> Settled:
    """First pass: the distinct final vectors of one segment."""
    facts, vectors, number = _final(joining)
    k = len(vectors)
    sizes = facts.column("bytes").to_numpy().astype(np.int64)
    words = facts.column("words").to_numpy().astype(np.int64)
    return Settled(
        vectors,
        np.bincount(number, minlength=k).astype(np.int64),
        np.bincount(number, sizes, minlength=k).astype(np.int64),
        np.bincount(number, words, minlength=k).astype(np.int64),
    )


def merge(parts: Sequence[Settled]) -> Settled:
    """All segments' vectors, sorted, each once; the order does not depend on that of the segments."""
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

    return Settled(np.ascontiguousarray(distinct[order]), add("records"), add("bytes"), add("words"))


def settle(task: tuple[Joining, str, str]) -> dict[str, dict[str, int]]:
    """Second pass: write one segment's decisions; returns language → records by decision.

    The task names the joining, the table of decided vectors, and the file to write, relative to OUT.
    """
    joining, decided, target = task
    out = Path(joining.out)
    table = store.read_table(out / decided)
    known = store.vectors_of(table)
    facts, vectors, number = _final(joining)
    both, inverse = distinct_rows(np.ascontiguousarray(np.concatenate([known, vectors])))
    if len(both) != len(known):
        raise AssertionError("a vector appeared between the two passes")
    vector = inverse[len(known) :][number].astype(np.int32) if len(number) else number
    decision = table.column("decision").to_numpy()[vector]
    columns = [facts.column("rid"), pa.array(vector, pa.int32()), pa.array(decision, pa.uint8())]
    store.write_table(out / target, pa.table(columns, schema=store.DECISIONS))
    language = facts.column("language").to_numpy()
    counts = np.zeros((len(LANGUAGES), 4), np.int64)
    np.add.at(counts, (language, decision), 1)
    return {
        LANGUAGES[i] or "unknown": dict(zip(NAMES, row, strict=True))
        for i, row in enumerate(counts.tolist())
        if any(row)
    }


def _final(joining: Joining) -> tuple[pa.Table, U8, npt.NDArray[np.int32]]:
    out = Path(joining.out)
    facts = store.read_table(store.work(out, "facts", joining.segment))
    local = store.vectors_of(store.read_table(store.work(out, "vectors", joining.segment)))
    authors = store.keys_of(facts.column("author"))
    table = _authors(out)
    source = np.array(joining.sources or (0,), np.int32)[facts.column("source").to_numpy()]
    flags = facts.column("flags").to_numpy() | table.of(authors)
    number = facts.column("vector").to_numpy()
    said = [(a, j) for a in joining.answers if (j := rows_of(out, a, facts, authors, source))]
    refusals = [house.Answer(j.rows, a.measures, j.value) for a, j in said if a.fact == FACT]
    joined = Joined(
        flags=flags.astype(np.uint16),
        day=facts.column("day").to_numpy(),
        notice=joining.notice,
        source=source,
        third=_third(out, joining.segment, len(facts)) if joining.register else np.zeros(len(facts), np.bool_),
        register=joining.register,
        judgements=[j for a, j in said if a.fact != FACT],
        measures=joining.house.measures,
        house=house_words(out, joining.segment, joining.house, source, authors, lambda: local[number, KINDS], refusals),
    )
    vectors, number = final_vectors(local, number, joined)
    return facts, vectors, number


def _authors(out: Path) -> AuthorTable:
    table = store.read_table(store.work(out, "authors", "all"))
    return AuthorTable(store.keys_of(table.column("author")), table.column("flags").to_numpy())


def _third(out: Path, segment: str, rows: int) -> npt.NDArray[np.bool_]:
    """Records with a finding about somebody else whose key the register objects to."""
    from klarera.kernels.vectors import find_keys

    hit = np.zeros(rows, np.bool_)
    listed = store.keys_of(store.read_table(store.work(out, "register", "findings")).column("key"))
    for path in store.findings(out, segment).values():
        table = store.read_table(path, ["row", "about", "key"])
        keys = store.keys_of(table.column("key"))
        if not len(listed) or not len(keys):
            continue
        at = np.empty(len(keys), np.int64)
        find_keys(np.ascontiguousarray(keys), np.ascontiguousarray(listed), at)
        real = (at >= 0) & (table.column("about").to_numpy() != About.GENERAL)
        hit[table.column("row").to_numpy()[real]] = True
    return hit


def rows_of(
    out: Path,
    answer: Answered,
    facts: pa.Table,
    authors: npt.NDArray[np.uint8],
    source: npt.NDArray[np.int32],
) -> Judgement | None:
    """The rows of this segment an answer is for; None if there are none."""
    rows = np.ones(len(facts), np.bool_)
    if answer.source >= 0:
        rows &= source == answer.source
    for path, keys in ((answer.rids, facts.column("rid")), (answer.authors, store.keys_array(authors))):
        if path:
            listed = store.read_table(out / path).column("key").combine_chunks()
            rows &= np.asarray(pc.is_in(keys, listed))
    return Judgement(answer.fact, answer.value, rows) if rows.any() else None
