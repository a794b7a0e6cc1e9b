"""Spans that other tools found: `--findings FILE`, JSON Lines (also compressed) or Parquet, joined by id.

    id, source    the record's id; source as well if ids are only unique within one
    place, path   instead of id: place of the record's unit and, with several inputs, the name of its file
    start, end    of the span in the record's text, end exclusive
    unit          "bytes" (UTF-8) or "codepoints"; stated in each row or by the caller, never guessed
    kind          a name of model.Kind ("EMAIL")
    about, stance names of model.About and model.Stance; else UNCLEAR and STATED
    score         0 to 1; else none
    tool          name of what found it; else "imported"

A row that cannot be used is unreadable, with its number and reason, never its content. A span that does not
lie within its record's text, or cuts a character, is not used and is counted by `join`.

>>> import tempfile; file = Path(tempfile.mkdtemp()) / "found.jsonl"
>>> _ = file.write_text('{"id": "a", "start": 0, "end": 2, "unit": "codepoints", "kind": "PERSON"}')
>>> joined = join(load(file), Records.of({"id": ["a"], "text": ["Åsa"]}))
>>> joined.findings.end.tolist(), joined.misfits
([3], 0)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from klarera.batch import Findings, Records, Unreadable, text_buffers
from klarera.errors import InputError, UsageError
from klarera.kernels import joins, lines
from klarera.model import About, Kind, Stance, Strength
from klarera.read import Options, Shard
from klarera.read.jsonl import line_bounds
from klarera.read.keys import Keys, find
from klarera.read.stream import Broken, blocks, open_shard
from klarera.read.units import REASONS, Layout, string_column

__all__ = ["Joined", "SpanTable", "join", "load"]

FIELDS = ("id", "source", "place", "path", "start", "end", "unit", "kind", "about", "stance", "score", "tool")
UNITS = ("bytes", "codepoints")
IMPORTED = "imported"
NO_SCORE = 255

I8 = npt.NDArray[np.int64]
U1 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class SpanTable:
    """Spans by key. Parallel arrays; `order` sorts them by the hash of their key.

    key         large_string, what a record is found by (see `_row_keys`)
    start, end  int64, bytes or, where points is 1, code points
    kind, about, stance, score  uint8, codes of model; score 0-100, 255 for none
    tool        int64, number in `tools`
    unreadable  rows of the file that could not be used
    """

    key: pa.Array
    hashes: npt.NDArray[np.uint64]
    order: I8
    start: I8
    end: I8
    points: U1
    kind: U1
    about: U1
    stance: U1
    score: U1
    tool: I8
    tools: tuple[str, ...]
    unreadable: tuple[Unreadable, ...]

    def __len__(self) -> int:
        return len(self.start)


class Joined(NamedTuple):
    """Findings of one batch, and how many spans of its records did not fit their text."""

    findings: Findings
    misfits: int


def load(path: Path, *, unit: str | None = None) -> SpanTable:
    """Read a file of spans. `unit` holds for rows that state none.

    Raises InputError if the file or a needed column is missing; UsageError for an unknown unit.
    """
    if unit is not None and unit not in UNITS:
        raise UsageError(f"unknown unit of spans '{unit}'", hint="one of " + ", ".join(UNITS))
    if not path.is_file():
        raise InputError(str(path), "no such file", hint="--findings FILE")
    parts = list(_parquet(path) if path.suffix.lower() in (".parquet", ".pq") else _json_lines(path))
    gaps = [gap for part in parts for gap in part.gaps]
    rows = np.concatenate([part.rows for part in parts]) if parts else np.empty(0, np.int64)
    schema = pa.schema([(name, pa.large_string()) for name in FIELDS])
    table = pa.Table.from_batches([part.batch for part in parts], schema=schema).combine_chunks()
    columns = {name: _one(table.column(name)) for name in FIELDS}
    return _checked(columns, rows, gaps, unit)


class _Part(NamedTuple):
    """Some rows as text: the FIELDS columns, their row numbers, and rows that are not readable."""

    batch: pa.RecordBatch
    rows: I8
    gaps: list[Unreadable]


def _one(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, pa.large_string())


def _json_lines(path: Path) -> Iterator[_Part]:
    options = Options()
    keys = Keys([(name,) for name in FIELDS], None, Layout((), FIELDS))
    size = path.stat().st_size
    source, place, file = open_shard(Shard(0, "spans", str(path), 0, size, size), options, lambda _: None)
    with file:
        for block in blocks(source, place, options.max_record):
            if isinstance(block, Broken):
                none = pa.RecordBatch.from_pylist([], pa.schema([(name, pa.large_string()) for name in FIELDS]))
                yield _Part(none, np.empty(0, np.int64), [Unreadable(block.line, block.place, block.reason)])
                continue
            begin, end, status = line_bounds(block, options.max_record)
            for first in range(0, len(begin), keys.rows):
                some = slice(first, first + keys.rows)
                found = find(block.data, begin[some], end[some], status[some], keys)
                good = np.flatnonzero(found.status == lines.OK)
                kind, lo, hi = (np.ascontiguousarray(a[:, good]) for a in (found.kind, found.lo, found.hi))
                columns = [string_column(block.data, kind[k], lo[k], hi[k]) for k in range(len(FIELDS))]
                bad = np.flatnonzero((found.status != lines.OK) & (found.status != lines.BLANK))
                number = block.line + first
                gaps = [
                    Unreadable(number + i, block.place + int(begin[first + i]), REASONS[int(found.status[i])])
                    for i in bad.tolist()
                ]
                yield _Part(pa.RecordBatch.from_arrays(columns, list(FIELDS)), number + good, gaps)


def _parquet(path: Path) -> Iterator[_Part]:
    try:
        file = pq.ParquetFile(path, page_checksum_verification=True)
        present = [name for name in FIELDS if name in file.schema_arrow.names]
        row = 0
        for batch in file.iter_batches(columns=present):
            batch.validate(full=True)
            columns = [
                batch.column(name).cast(pa.large_string())
                if name in present
                else pa.nulls(batch.num_rows, pa.large_string())
                for name in FIELDS
            ]
            yield _Part(pa.RecordBatch.from_arrays(columns, list(FIELDS)), np.arange(row, row + batch.num_rows), [])
            row += batch.num_rows
    except (pa.ArrowException, OSError):
        raise InputError(str(path), "is not Parquet, or broken", hint="write the findings again") from None


def _checked(columns: dict[str, pa.Array], rows: I8, gaps: list[Unreadable], unit: str | None) -> SpanTable:
    """Text columns as typed arrays; rows that are wrong go to the gaps with the first reason that holds."""
    n = len(rows)
    whole = {name: _whole(columns[name]) for name in ("start", "end", "place")}
    kind, about, stance = (
        _codes(columns[k], names) for k, names in (("kind", Kind), ("about", About), ("stance", Stance))
    )
    stated = pc.fill_null(columns["unit"], unit or "")
    points = _numbers(pc.index_in(stated, pa.array(UNITS, pa.large_string())))
    score, score_fits = _scores(columns["score"])
    named = _mask(pc.is_valid(columns["id"]))
    placed = whole["place"] >= 0
    faults = {
        "neither id nor place": ~(named | placed),
        "start and end are not whole numbers, start before end": (whole["start"] < 0)
        | (whole["end"] <= whole["start"]),
        "unit is not stated as bytes or codepoints": points < 0,
        "kind is not one klarera knows": kind < 0,
        "about is not one klarera knows": (about < 0) & _mask(pc.is_valid(columns["about"])),
        "stance is not one klarera knows": (stance < 0) & _mask(pc.is_valid(columns["stance"])),
        "score is not between 0 and 1": ~score_fits,
    }
    good = np.ones(n, np.bool_)
    for reason, wrong in faults.items():
        gaps += [Unreadable(int(rows[i]), -1, reason) for i in np.flatnonzero(wrong & good).tolist()]
        good &= ~wrong
    gaps.sort(key=lambda gap: (gap.unit, gap.place))
    key = _row_keys(columns, named).filter(pa.array(good))
    hashes = _hashes(key)
    order = np.argsort(hashes, kind="stable")
    tools = pc.fill_null(columns["tool"], IMPORTED).filter(pa.array(good)).dictionary_encode()
    return SpanTable(
        key, hashes[order], order, whole["start"][good], whole["end"][good], points[good].astype(np.uint8),
        kind[good].astype(np.uint8), np.maximum(about[good], 0).astype(np.uint8),
        np.maximum(stance[good], 0).astype(np.uint8), score[good], _numbers(tools.indices),
        tuple(tools.dictionary.to_pylist()), tuple(gaps),
    )  # fmt: skip


def _mask(answers: pa.Array) -> Bool:
    return np.asarray(answers.to_numpy(zero_copy_only=False), np.bool_)


def _numbers(column: pa.Array) -> I8:
    """Whole numbers; -1 for null."""
    return np.asarray(pc.fill_null(column, -1).to_numpy(zero_copy_only=False), np.int64)


def _whole(column: pa.Array) -> I8:
    """Whole numbers of up to 18 digits written as text; -1 for all else."""
    fits = pc.match_substring_regex(column, r"^[0-9]{1,18}$")
    return _numbers(pc.if_else(fits, column, None).cast(pa.int64()))


def _codes(column: pa.Array, names: type[Kind] | type[About] | type[Stance]) -> I8:
    """Codes of names of an enumeration, in any case; -1 for null and unknown ones."""
    members = list(names)
    index = _numbers(pc.index_in(pc.utf8_upper(column), pa.array([m.name for m in members], pa.large_string())))
    codes = np.array([int(m) for m in members], np.int64)
    return np.where(index < 0, -1, codes[index])


def _scores(column: pa.Array) -> tuple[U1, Bool]:
    """Scores as 0-100, 255 for none; and which rows are fit."""
    form = pc.match_substring_regex(column, r"^(0(\.[0-9]{1,30})?|1(\.0{1,30})?|[0-9](\.[0-9]{1,30})?[eE]-[0-9]{1,3})$")
    value = pc.if_else(form, column, None).cast(pa.float64())
    percent = np.nan_to_num(np.rint(value.to_numpy(zero_copy_only=False) * 100), nan=NO_SCORE)
    known = _mask(pc.is_valid(value))
    fits = ~_mask(pc.is_valid(column)) | (known & (percent <= 100))
    return np.where(fits, percent, NO_SCORE).astype(np.uint8), fits


def _row_keys(columns: dict[str, pa.Array], named: Bool) -> pa.Array:
    """ "i" id, "s" source NUL id, or "p" file name NUL place."""
    by_id = _joined("i", "", columns["id"])
    by_both = _joined("s", columns["source"], "\0", columns["id"])
    name = pc.fill_null(pc.replace_substring_regex(columns["path"], r"^.*/", ""), "")
    by_place = _joined("p", name, "\0", columns["place"])
    return pc.if_else(pa.array(named), pc.coalesce(by_both, by_id), by_place)


def _joined(*parts: object) -> pa.Array:
    as_text = [pa.scalar(p, pa.large_string()) if isinstance(p, str) else p for p in parts]
    return pc.binary_join_element_wise(*as_text, pa.scalar("", pa.large_string()))


def _hashes(key: pa.Array) -> npt.NDArray[np.uint64]:
    buf, off = text_buffers(key)
    out = np.empty(len(key), np.uint64)
    joins.hash_rows(buf, np.ascontiguousarray(off), out)
    return out


def join(table: SpanTable, records: Records, *, path: str = "", detectors: Mapping[str, int] | None = None) -> Joined:
    """The findings of these records.

    path       file the records come from, for spans that name a place
    detectors  tool → its number in the run's catalogue; 0 for those not named

    Sentences (ctx_start, ctx_end) and keys are not known here: ctx is the span itself, keys are zero; the
    scanner fills both in.
    """
    n, batch = len(records), records.batch
    place = pa.array(records.place).cast(pa.large_string())
    name = path.rsplit("/", 1)[-1]
    wanted = [
        _joined("i", "", batch.column("id")),
        _joined("s", batch.column("source"), "\0", batch.column("id")),
        _joined("p", "\0", place),
        *([_joined("p", name, "\0", place)] if name else []),
    ]
    found = [_matches(table, key) for key in wanted]
    row = np.concatenate([a for a, _ in found])
    span = np.concatenate([b for _, b in found])
    if not n or not len(row):
        return Joined(Findings.empty(), 0)
    by_row = np.lexsort((table.start[span], row))
    row, span = row[by_row], span[by_row]
    start, end = table.start[span], table.end[span]
    buf, off = text_buffers(batch.column("text"))
    fits = np.zeros(len(row), np.uint8)
    joins.byte_offsets(buf, np.ascontiguousarray(off), row, table.points[span], start, end, fits)
    good = fits == 1
    row, span, start, end = row[good], span[good], start[good].astype(np.int32), end[good].astype(np.int32)
    numbers = np.array([(detectors or {}).get(tool, 0) for tool in table.tools], np.uint8)
    findings = Findings(
        row.astype(np.int32), start, end, start.copy(), end.copy(), table.kind[span], table.about[span],
        table.stance[span], np.full(len(row), int(Strength.MODEL), np.uint8), table.score[span],
        numbers[table.tool[span]], np.zeros((len(row), 16), np.uint8),
    )  # fmt: skip
    return Joined(Findings.concat([findings]), int(np.sum(~good)))


def _matches(table: SpanTable, key: pa.Array) -> tuple[I8, I8]:
    """Pairs (row of the batch, span of the table) of equal keys; a null key matches nothing."""
    some = np.flatnonzero(_mask(pc.is_valid(key)))
    key = key.take(pa.array(some))
    hashes = _hashes(key)
    first, last = (np.searchsorted(table.hashes, hashes, side=side).astype(np.int64) for side in ("left", "right"))
    most = int(np.sum(last - first))
    a, b = np.empty(most, np.int64), np.empty(most, np.int64)
    left, right = text_buffers(key), text_buffers(table.key)
    offsets: list[Any] = [np.ascontiguousarray(side[1]) for side in (left, right)]
    n = joins.pairs(left[0], offsets[0], right[0], offsets[1], table.order, first, last, a, b)
    return some[a[:n]], b[:n]
