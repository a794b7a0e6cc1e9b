"""What every worker of a run needs to know: one picklable value, and the scanner made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatch
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from klarera.batch import RECORD, Records, text_buffers
from klarera.errors import InputError
from klarera.facts.text import Coverages
from klarera.find import Coverage, Detector
from klarera.find.scan import Scanner, catalogue
from klarera.model import LANGUAGES, Kind
from klarera.pipeline.plugged import Plugged
from klarera.pipeline.plugged import load as load_plug
from klarera.plugs import Plug
from klarera.read import Options
from klarera.read.spans import SpanTable, load
from klarera.store import KEY, keys_array

__all__ = ["RunKeys", "Settings", "canonical_author", "imported", "scanner_of"]

U1 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class RunKeys:
    """The dataset's secrets for one run, by purpose; never printed."""

    rid: bytes = field(repr=False)
    author: bytes = field(repr=False)
    register: bytes = field(repr=False)
    pseudonym: bytes = field(repr=False)
    url: bytes = field(repr=False)

    def rids(self, records: Records, file: str) -> U1:
        """uint8[n, 16]: HMAC of source and id; of file name and place where a record has no id."""
        batch = records.batch
        source = pc.fill_null(batch.column("source"), "")
        by_id = pc.binary_join_element_wise(source, batch.column("id"), pa.scalar("\x00", pa.large_string()))
        if batch.column("id").null_count:
            place = pc.cast(pa.array(records.place), pa.large_string())
            name = pa.scalar(f"\x01{file}", pa.large_string())
            by_place = pc.binary_join_element_wise(name, place, pa.scalar("\x00", pa.large_string()))
            by_id = pc.coalesce(by_id, by_place)
        return _hmac(self.rid, by_id)

    def authors(self, records: Records) -> U1:
        """uint8[n, 16]: HMAC of source and canonical author; zeros where the record names none."""
        batch = records.batch
        author = pc.coalesce(batch.column("author"), batch.column("author_name"))
        return self.author_keys(pc.fill_null(batch.column("source"), ""), author)

    def urls(self, column: pa.Array) -> pa.Array:
        """HMAC of each URL as it is written, without white space around it; null where there is none."""
        if column.null_count == len(column):
            return pa.nulls(len(column), KEY)
        keys = keys_array(_hmac(self.url, pc.fill_null(pc.utf8_trim_whitespace(column), "")))
        return pc.if_else(pc.is_valid(column), keys, pa.scalar(None, KEY)) if column.null_count else keys

    def author_keys(self, source: pa.Array, author: pa.Array) -> U1:
        """Keys of authors as a source names them; zeros where `author` is null."""
        joined = pc.binary_join_element_wise(source, canonical_author(author), pa.scalar("\x00", pa.large_string()))
        keys = _hmac(self.author, pc.fill_null(joined, ""))
        keys[pc.is_null(author).to_numpy(zero_copy_only=False)] = 0
        return keys


def canonical_author(author: pa.Array) -> pa.Array:
    """An author's name as one is recognised by: lower case, without a leading @ and spaces around.

    >>> canonical_author(pa.array([" @Kaja_L "], pa.large_string())).to_pylist()
    ['kaja_l']
    """
    return pc.utf8_lower(pc.utf8_ltrim(pc.utf8_trim_whitespace(author), characters="@"))


def _hmac(key: bytes, column: pa.Array) -> U1:
    from klarera.kernels.digest import hmac_rows

    buf, off = text_buffers(column.cast(pa.large_string()))
    rows: U1 = hmac_rows(key, buf, off)
    return rows


@dataclass(frozen=True)
class Settings:
    """One run, for its workers.

    day       the run's day, days since 1970-01-01
    without   names of detectors that are switched off (or could not be loaded)
    register_terms  names and phrases of the register looked for in the word pass
    by_path   (pattern, source): records without a source of files that match belong to that source
    findings  files of spans other tools found
    plugged   detectors of others, as they were found before the run
    """

    out: str
    options: Options
    day: int
    keys: RunKeys
    without: tuple[str, ...] = ()
    register_terms: tuple[str, ...] = ()
    by_path: tuple[tuple[str, str], ...] = ()
    findings: tuple[str, ...] = ()
    plugged: tuple[Plugged, ...] = ()

    def __getstate__(self) -> dict[str, object]:
        # What is made from the fields (detectors hold functions) is made anew in the worker.
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def named(self, records: Records, path: str) -> Records:
        """The records with a source each: their own, else the one whose paths name the file."""
        column = records.batch.column("source")
        name = next((s for pattern, s in self.by_path if fnmatch(path, f"*{pattern}")), None)
        if column.null_count == 0 or name is None:
            return records
        at = records.batch.schema.get_field_index("source")
        filled = pc.fill_null(column, name)
        return Records(records.batch.set_column(at, "source", filled), records.unit, records.place)

    @cached_property
    def detectors(self) -> tuple[Detector, ...]:
        """Our own detectors of this run, in name order; those of others are numbered behind them."""
        return tuple(d for d in catalogue() if d.name not in self.without)

    @property
    def cards(self) -> list[Mapping[str, object]]:
        """What the commit says of every detector of this run, by number."""
        return [*(d.card() for d in self.detectors), *(p.card for p in self.plugged)]

    @cached_property
    def coverages(self) -> Coverages:
        """What is looked for: kind → languages."""
        by_kind: dict[Kind, npt.NDArray[np.bool_]] = {}
        looked = [(d.kinds, d.coverage) for d in self.detectors]
        looked += [(tuple(Kind[k] for k in p.kinds), Coverage(p.plug.languages)) for p in self.plugged]
        for kinds, coverage in looked:
            for kind in kinds:
                seen = by_kind.get(kind, np.zeros(len(LANGUAGES), np.bool_))
                by_kind[kind] = seen | coverage.mask()
        return Coverages(by_kind)

    @cached_property
    def imported(self) -> tuple[SpanTable, ...]:
        """Spans other tools found. Raises InputError for rows that cannot be used: they would be lost unseen."""
        return imported(self.findings)

    def author_keys(self, source: pa.Array, author: pa.Array) -> U1:
        """Keys of authors as a source names them."""
        return self.keys.author_keys(source, author)

    def finding_keys(self, kind: Kind, identifiers: Sequence[str]) -> tuple[U1, npt.NDArray[np.int32]]:
        """Keys as findings of this kind carry them: made by the scanner, so they match by construction.

        Beside each key the number of the identifier it was made from.
        """
        texts = [f"@{i.removeprefix('@')}" if kind is Kind.HANDLE else i for i in identifiers]
        # Without the detectors of others: their models may be gone, and identifiers are ours to recognise.
        found = scanner_of(replace(self, plugged=())).find(Records.of({"text": texts})).findings
        mine = found.kind == kind
        keys: U1 = found.key[mine].reshape(-1, 16)
        return keys, found.row[mine]

    def carried_texts(self, records: Records) -> Sequence[str]:
        """Carried columns that hold text; they are searched and redacted like the text itself."""
        schema = records.batch.schema
        return [f.name for f in list(schema)[len(RECORD) :] if _is_text(f.type)]


def imported(findings: Sequence[str]) -> tuple[SpanTable, ...]:
    """Files of spans other tools found. Raises InputError for rows that cannot be used: they would be lost unseen."""
    tables = []
    for file in findings:
        table = load(Path(file))
        if table.unreadable:
            first = table.unreadable[0]
            problem = f"{len(table.unreadable)} rows cannot be used; the first: {first.reason}"
            raise InputError(Path(file).name, problem, line=first.unit + 1, hint="id, start, end, unit, kind")
        tables.append(table)
    return tuple(tables)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def scanner_of(settings: Settings) -> Scanner:
    """The scanner of a run; made once in each process."""
    plugs = tuple((p.plug, str(p.card["sha256"])) for p in settings.plugged)
    return _scanner(settings.without, settings.keys.register, settings.register_terms, plugs)


@lru_cache(maxsize=2)
def _scanner(
    without: tuple[str, ...], key: bytes, register_terms: tuple[str, ...], plugs: tuple[tuple[Plug, str], ...]
) -> Scanner:
    detectors = tuple(d for d in catalogue() if d.name not in without)
    return Scanner(detectors, key=key, register_terms=register_terms, adapters=[load_plug(p) for p, _ in plugs])
