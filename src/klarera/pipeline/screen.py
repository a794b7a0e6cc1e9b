"""First pass over one shard: read, find, facts. Writes what was found, never a text.

A pure function of the shard and the run's settings: the same bytes give the same tables, in any worker.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from klarera import store
from klarera.batch import FINDING, Findings, Records, Unreadable
from klarera.facts import columns, rollup, signatures, text
from klarera.find.scan import Scanner
from klarera.pipeline.settings import Settings, scanner_of
from klarera.read import Shard
from klarera.read.catalog import read
from klarera.read.spans import join

__all__ = ["ShardReport", "screen"]


@dataclass
class ShardReport:
    """What one shard held: counts and hashes only."""

    number: int
    sha256: str = ""
    lines: int = 0
    records: int = 0
    unreadable: int = 0
    bytes: int = 0
    words: int = 0
    sources: list[str] = field(default_factory=list)
    unseen: dict[str, int] = field(default_factory=dict)
    """Source → records whose column does not say who could see them."""
    segments: list[tuple[str, int]] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    places: list[tuple[int, int, str, int]] = field(default_factory=list)
    """unit, place, reason, units of each unreadable entry"""
    misfits: int = 0
    """Spans of other tools that do not lie within their record's text."""


@dataclass
class _Gathered:
    """Rows of the open segment: one entry a batch stretch."""

    tables: list[pa.Table] = field(default_factory=list)
    vectors: list[npt.NDArray[np.uint64]] = field(default_factory=list)
    findings: dict[str, list[Findings]] = field(default_factory=dict)
    rows: int = 0
    bytes: int = 0


def screen(shard: Shard, settings: Settings) -> ShardReport:
    """Screen one shard; its tables lie under OUT/work when this returns."""
    scanner, out = scanner_of(settings), Path(settings.out)
    report, digest = ShardReport(shard.number), hashlib.sha256()
    sources: dict[str, int] = {}
    author_keys: list[npt.NDArray[np.uint8]] = []
    author_flags: list[npt.NDArray[np.uint16]] = []
    open_segment = _Gathered()

    for piece in read(shard, settings.options, digest.update):
        report.lines += piece.span
        _count_unreadable(report, piece.unreadable)
        if not len(piece.records):
            continue
        rows = _rows(settings.named(piece.records, shard.path), scanner, settings, sources, shard, report)
        flagged = rows.table.column("flags").to_numpy() != 0
        author_keys.append(store.keys_of(rows.table.column("author"))[flagged])
        author_flags.append(rows.table.column("flags").to_numpy()[flagged])
        _count_records(report, rows.table)
        for part, closes in _cut(rows, open_segment):
            _add(open_segment, part)
            if closes:
                _close(report, open_segment, shard, out)
                open_segment = _Gathered()
    if open_segment.rows:
        _close(report, open_segment, shard, out)
    keys = np.concatenate(author_keys) if author_keys else np.empty((0, 16), np.uint8)
    flags = np.concatenate(author_flags) if author_flags else np.empty(0, np.uint16)
    table = rollup.AuthorTable.merge(keys, flags)
    store.write_table(
        store.work(out, "authors", f"{shard.number:05d}"),
        pa.table({"author": store.keys_array(table.keys), "flags": table.flags}),
    )
    report.sha256, report.sources = digest.hexdigest(), list(sources)
    return report


@dataclass
class _Rows:
    """One batch, screened: rows of FACTS (vector = row number), local vectors, findings by column."""

    table: pa.Table
    vectors: npt.NDArray[np.uint64]
    findings: dict[str, Findings]

    def slice(self, start: int, stop: int) -> _Rows:
        """Rows [start, stop)."""
        found = {}
        for name, all_found in self.findings.items():
            part = all_found.take((all_found.row >= start) & (all_found.row < stop))
            part.row[:] -= np.int32(start)
            found[name] = part
        return _Rows(self.table.slice(start, stop - start), self.vectors[start:stop], found)


def _rows(
    records: Records, scanner: Scanner, settings: Settings, sources: dict[str, int], shard: Shard, report: ShardReport
) -> _Rows:
    """Find and turn into facts; carried text columns count as part of what the record says."""
    found = scanner.find(records)
    everything = {"text": _with_imported(found.findings, records, settings, shard, report)}
    for name in settings.carried_texts(records):
        everything[name] = scanner.find(with_text(records, name)).findings
    said = Findings.concat(list(everything.values())) if len(everything) > 1 else everything["text"]
    states = text.text_states(said, found.language, settings.coverages)
    age = text.author_states(said, found.language, settings.coverages)
    column_age = columns.age_states(records, settings.day)
    states |= columns.column_states(records)
    for name in ("author_minor", "author_adult"):
        # What came with the data speaks first; where it is silent, the text's answer stands.
        states[name] = np.where(column_age[name] == 2, age[name], column_age[name]).astype(np.uint8)
    flags = rollup.author_flags(states, age, column_age)
    source = _source_numbers(records, sources)
    silent = np.bincount(source[np.asarray(records.batch.column("visibility").is_null())], minlength=len(sources))
    for name, count in zip(sources, silent.tolist(), strict=True):
        report.unseen[name] = report.unseen.get(name, 0) + count
    table = pa.table(
        [
            pa.array(records.unit),
            pa.array(records.place),
            store.keys_array(settings.keys.rids(records, f"{Path(shard.path).name}")),
            store.keys_array(settings.keys.authors(records)),
            settings.keys.urls(records.batch.column("url")),
            pa.array(source),
            pa.array(columns.days(records)),
            pa.array(found.language),
            pa.array(found.n_words),
            pc.fill_null(pc.binary_length(records.batch.column("text")), 0).cast(pa.int32()),
            pa.array(flags),
            pa.array(np.arange(len(records), dtype=np.int32)),
        ],
        schema=store.FACTS,
    )
    return _Rows(table, signatures.pack(states, text.kinds_found(said, len(records))), everything)


def _with_imported(
    found: Findings, records: Records, settings: Settings, shard: Shard, report: ShardReport
) -> Findings:
    """What the scanner found, and what other tools did; spans that do not lie in their text are counted."""
    parts = [found]
    for table in settings.imported:
        # One number past the catalogue: what was imported is not any of our detectors' finding.
        tools = dict.fromkeys(table.tools, len(settings.cards))
        joined = join(table, records, path=shard.path, detectors=tools)
        report.misfits += joined.misfits
        parts.append(joined.findings)
    return Findings.concat(parts) if len(parts) > 1 else found


def with_text(records: Records, name: str) -> Records:
    """The same records with another column in the place of the text; null becomes empty."""
    at = records.batch.schema.get_field_index("text")
    other = pc.fill_null(records.batch.column(name).cast(pa.large_string()), "")
    return Records(records.batch.set_column(at, "text", other), records.unit, records.place)


def _source_numbers(records: Records, sources: dict[str, int]) -> npt.NDArray[np.int32]:
    column = pc.fill_null(records.batch.column("source"), "").dictionary_encode()
    numbers = [sources.setdefault(name, len(sources)) for name in column.dictionary.to_pylist()]
    return np.array(numbers, np.int32)[np.asarray(column.indices, np.int64)]


def _cut(rows: _Rows, gathered: _Gathered) -> Iterator[tuple[_Rows, bool]]:
    """Stretches of the batch with whether the segment closes after each.

    A segment closes after the record with which its text reaches SEGMENT_BYTES, or its rows SEGMENT_ROWS.
    """
    sizes = rows.table.column("bytes").to_numpy().astype(np.int64)
    start, used, count = 0, gathered.bytes, gathered.rows
    while start < len(sizes):
        total = used + np.cumsum(sizes[start:])
        by_bytes = int(np.searchsorted(total, store.SEGMENT_BYTES))
        last = min(by_bytes, store.SEGMENT_ROWS - count - 1)
        stop = min(start + last + 1, len(sizes))
        closes = start + last < len(sizes)
        yield rows.slice(start, stop), closes
        start, used, count = stop, 0, 0


def _add(gathered: _Gathered, part: _Rows) -> None:
    for name, found in part.findings.items():
        found.row[:] += np.int32(gathered.rows)
        gathered.findings.setdefault(name, []).append(found)
    gathered.tables.append(part.table)
    gathered.vectors.append(part.vectors)
    gathered.rows += part.table.num_rows
    gathered.bytes += int(pc.sum(part.table.column("bytes").cast(pa.int64())).as_py() or 0)


def _close(report: ShardReport, gathered: _Gathered, shard: Shard, out: Path) -> None:
    """Write the tables of a full segment."""
    segment = store.Segment(shard.number, len(report.segments))
    vectors, number = signatures.distinct_rows(np.concatenate(gathered.vectors))
    table = pa.concat_tables(gathered.tables).combine_chunks()
    at = table.schema.get_field_index("vector")
    table = table.set_column(at, "vector", pa.array(number))
    store.write_table(store.work(out, "facts", segment), table)
    store.write_table(store.work(out, "vectors", segment), pa.table(store.vector_columns(vectors)))
    for name, parts in sorted(gathered.findings.items()):
        whole = pa.Table.from_batches([p.to_arrow() for p in parts], FINDING)
        store.write_table(store.findings_of(out, segment, name), whole.combine_chunks())
    report.segments.append((str(segment), gathered.rows))


def _count_unreadable(report: ShardReport, entries: tuple[Unreadable, ...]) -> None:
    for entry in entries:
        report.unreadable += entry.units
        report.reasons[entry.reason] = report.reasons.get(entry.reason, 0) + entry.units
        report.places.append((entry.unit, entry.place, entry.reason, entry.units))


def _count_records(report: ShardReport, table: pa.Table) -> None:
    from klarera.model import LANGUAGES

    report.records += table.num_rows
    report.bytes += int(table.column("bytes").to_numpy().astype(np.int64).sum())
    report.words += int(table.column("words").to_numpy().astype(np.int64).sum())
    counts = np.bincount(table.column("language").to_numpy(), minlength=len(LANGUAGES))
    for number in np.flatnonzero(counts):
        code = LANGUAGES[number] or "unknown"
        report.languages[code] = report.languages.get(code, 0) + int(counts[number])
