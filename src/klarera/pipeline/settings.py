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
from klarera.facts import signatures
from klarera.facts.text import Coverages
from klarera.find import Coverage, Detector, listed
from klarera.find.scan import Scanner, catalogue
from klarera.model import LANGUAGES, Kind
from klarera.pipeline.plugged import Plugged
from klarera.pipeline.plugged import load as load_plug
from klarera.plugs import Plug
from klarera.read import Options
from klarera.read.spans import SpanTable, load

__all__ = ["RunKeys", "Settings", "canonical_author", "imported", "scanner_of"]

U1 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class RunKeys:
    """The dataset's secrets for one run, by purpose; never printed."""

    rid: bytes = field(repr=False)
    author: bytes = field(repr=False)
    register: bytes = field(repr=False)
    pseudonym: bytes = field(repr=False)

    def rids(self, records: Records, mark: str) -> U1:
        """uint8[n, 16]: HMAC of source and id; of the file's mark and place where a record has no id."""
        batch = records.batch
        source = pc.fill_null(batch.column("source"), "")
        by_id = pc.binary_join_element_wise(source, batch.column("id"), pa.scalar("\x00", pa.large_string()))
        if batch.column("id").null_count:
            place = pc.cast(pa.array(records.place), pa.large_string())
            file = pa.scalar(f"\x01{mark}", pa.large_string())
            by_place = pc.binary_join_element_wise(file, place, pa.scalar("\x00", pa.large_string()))
            by_id = pc.coalesce(by_id, by_place)
        return _hmac(self.rid, by_id)

    def authors(self, records: Records) -> tuple[U1, npt.NDArray[np.int32]]:
        """Keys of the batch's authors, uint8[k, 16], and each record's number among them, int32[n].

        A key is the HMAC of source and canonical author; zeros where a record names none. Two spellings of one
        author have two numbers and the same key.
        """
        batch = records.batch
        author = pc.coalesce(batch.column("author"), batch.column("author_name")).dictionary_encode("encode")
        source = pc.fill_null(batch.column("source"), "").dictionary_encode()
        pair = np.asarray(author.indices, np.int64) * len(source.dictionary) + np.asarray(source.indices, np.int64)
        met, number = signatures.distinct_rows(pair.astype(np.uint64).reshape(-1, 1))
        of_author, of_source = np.divmod(met[:, 0].astype(np.int64), max(1, len(source.dictionary)))
        sources, authors = source.dictionary.take(pa.array(of_source)), author.dictionary.take(pa.array(of_author))
        return self.author_keys(sources, authors), number

    def author_keys(self, source: pa.Array, author: pa.Array) -> U1:
        """Keys of authors as a source names them; zeros where `author` is null."""
        joined = pc.binary_join_element_wise(source, canonical_author(author), pa.scalar("\x00", pa.large_string()))
        keys = _hmac(self.author, pc.fill_null(joined, ""))
        keys[pc.is_null(author).to_numpy(zero_copy_only=False)] = 0
        return keys

    def urls(self, column: pa.Array) -> U1:
        """uint8[n, 16]: keys of records' addresses, under the register's key; zeros where there is none."""
        from klarera.kernels.digest import hmac_rows
        from klarera.kernels.urls import url_messages

        if column.null_count == len(column):
            return np.zeros((len(column), 16), np.uint8)
        buf, off = text_buffers(pc.fill_null(column, ""))
        message = np.empty(int(off[-1] - off[0]) + 2 * len(column), np.uint8)
        message_off = np.empty(len(off), np.int64)
        size = url_messages(buf, off, message, message_off)
        keys: U1 = hmac_rows(self.register, message[:size], message_off)
        keys[np.diff(message_off) == 0] = 0
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
    deny_words      words of the house's deny list looked for there too
    words_looked_for  keys (hex) of all such words this run ever looked for
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
    deny_words: tuple[str, ...] = ()
    words_looked_for: frozenset[str] = frozenset()
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
    def cards(self) -> tuple[Mapping[str, object], ...]:
        """What the commit says of everything that may have found something, by its number."""
        return (*(d.card() for d in self.detectors), *(p.card for p in self.plugged), listed.card())

    @cached_property
    def detectors(self) -> tuple[Detector, ...]:
        """Our own detectors of this run, in name order; those of others are numbered behind them."""
        return tuple(d for d in catalogue() if d.name not in self.without)

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

    def name_keys(self, names: Sequence[str]) -> U1:
        """uint8[n, 16]: keys of personal names, as findings of kind PERSON carry them."""
        return listed.name_keys(self.keys.register, names)

    def url_keys(self, column: pa.Array) -> U1:
        """uint8[n, 16]: keys of records' addresses."""
        return self.keys.urls(column)

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
    return _scanner(settings.without, settings.keys.register, settings.register_terms, settings.deny_words, plugs)


@lru_cache(maxsize=2)
def _scanner(
    without: tuple[str, ...], key: bytes, names: tuple[str, ...], words: tuple[str, ...],
    plugs: tuple[tuple[Plug, str], ...],
) -> Scanner:  # fmt: skip
    detectors = tuple(d for d in catalogue() if d.name not in without)
    adapters = [load_plug(p) for p, _ in plugs]
    return Scanner(detectors, key=key, register_terms=names, words=words, adapters=adapters)
