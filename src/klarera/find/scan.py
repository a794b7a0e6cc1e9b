"""The scanner: one fused pass, then every detector, then what they found as Findings.

    scanner = Scanner(catalogue(), key=key)
    found = scanner.find(records)

The result of a record does not depend on the batch it stands in.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from klarera import find
from klarera.batch import Findings, Records, text_buffers
from klarera.errors import UsageError
from klarera.find import I8, Detector, Scan, Spans, Triggers, View, Words, language, listed
from klarera.find.normalise import second_view
from klarera.find.overlaps import Raw, with_second
from klarera.find.results import findings_of, gathered
from klarera.find.words import Table
from klarera.kernels.scan import AT, CLUSTER, COLON, RUN, SCHEME, WORDS, Output, Rows, scan_rows

__all__ = ["Adapter", "Found", "Scanner", "catalogue", "scan_view", "view_of"]

INFRASTRUCTURE = frozenset(
    {"adapters", "cue_tables", "cues", "language", "listed", "normalise", "number_tables", "overlaps", "results",
     "scan", "words"}
)  # fmt: skip
"""Modules of this room that are no detector."""


class Adapter(Protocol):
    """A detector outside the fused pass, such as a model. Offsets of its spans are absolute in the buffer
    of `texts`, as everywhere in this room."""

    name: str

    def __call__(self, texts: pa.Array, language: npt.NDArray[np.uint8]) -> Spans:
        """Spans in these texts, whose languages are these (index into model.LANGUAGES)."""

    def card(self) -> dict[str, object]:
        """What stands in the commit."""


@dataclass(frozen=True)
class Found:
    """What the scanner saw in one batch.

    findings   offsets relative to the row, canonical order
    language   uint8[n], index into model.LANGUAGES: given, else by function words, 0 unknown
    n_words    int32[n]
    register   hits of register terms, which are findings too: start and end relative to the row, term = place in
               register_terms
    """

    findings: Findings
    language: npt.NDArray[np.uint8]
    n_words: npt.NDArray[np.int32]
    register: Words


def catalogue() -> tuple[Detector, ...]:
    """Every detector of the room, in name order of its module.

    Raises UsageError for a module that neither holds a DETECTOR nor is known as infrastructure.
    """
    detectors = []
    for name in sorted(module.name for module in pkgutil.iter_modules(find.__path__)):
        if name in INFRASTRUCTURE:
            continue
        detector = getattr(importlib.import_module(f"{find.__name__}.{name}"), "DETECTOR", None)
        if not isinstance(detector, Detector):
            raise UsageError(f"module find/{name}.py declares no DETECTOR")
        detectors.append(detector)
    return tuple(detectors)


def view_of(records: Records) -> View:
    """The batch as detectors see it; text without a copy, language only where it was given.

    >>> view = view_of(Records.of({"id": ["1"], "text": ["Hi"], "language": ["en"], "country": ["ie"]}))
    >>> view.off.tolist(), view.country.tolist() == [ord("I") * 256 + ord("E")]
    ([0, 2], True)
    """
    buf, off = text_buffers(records.batch.column("text"))
    code, _ = language.given(records.batch.column("language"))
    return View(buf, off, code, _countries(records.batch.column("country")))


def _countries(column: pa.Array) -> npt.NDArray[np.uint16]:
    coded = column.dictionary_encode()
    packed = [0 if c is None else _packed(c) for c in [*coded.dictionary.to_pylist(), None]]
    index = coded.indices.fill_null(len(packed) - 1).to_numpy(zero_copy_only=False)
    return np.asarray(np.array(packed, np.uint16)[index], np.uint16)


def _packed(country: str) -> int:
    code = country.strip().upper()
    return ord(code[0]) * 256 + ord(code[1]) if len(code) == 2 and code.isascii() and code.isalpha() else 0


def scan_view(view: View, given: npt.NDArray[np.uint8], table: Table) -> tuple[Scan, npt.NDArray[np.uint8]]:
    """Run the fused pass. Returns what it saw and uint8[n]: 1 where a row is to be looked at folded."""
    n = len(view.off) - 1
    rows = Rows(view.language.copy(), given, np.zeros(n, np.int32), np.zeros(n, np.uint8))
    size = int(view.off[-1] - view.off[0]) if n else 0
    triggers, hits = size // 64 + 256, size // 16 + 1024
    parts, row = [], 0
    while row < n:
        out = Output.of(triggers, hits)
        stopped = scan_rows(view.buf, view.off, row, table.lexicon, rows, out)
        parts.append(out)
        if stopped == row:
            parts.pop()
            triggers, hits = max(2 * triggers, int(out.n[:WORDS].max())), max(2 * hits, int(out.n[WORDS]))
        row = stopped

    def trigger(kind: int) -> Triggers:
        cut = [(p.row[kind], p.start[kind], p.end[kind], p.count[kind], p.n[kind]) for p in parts]
        return Triggers(*_joined([[c[i][: c[4]] for c in cut] for i in range(4)], _TRIGGER))

    cut = [(p.hit_row, p.hit_start, p.hit_end, p.hit_term, p.n[WORDS]) for p in parts]
    words = Words(*_joined([[c[i][: c[4]] for c in cut] for i in range(4)], _TRIGGER))
    scan = Scan(
        trigger(AT), trigger(SCHEME), trigger(CLUSTER), trigger(COLON), trigger(RUN), words, _own(words, table),
        rows.language, rows.n_words,
    )  # fmt: skip
    return scan, rows.look


def _own(words: Words, table: Table) -> dict[str, Words]:
    """Each detector's hits, in text order."""
    owner = table.owner[words.term]
    order = np.argsort(owner, kind="stable")
    row, start, end, term = words.row[order], words.start[order], words.end[order], words.term[order]
    stops = np.cumsum(np.bincount(owner, minlength=len(table.bounds)))
    own, a = {}, 0
    for (name, (first, _)), b in zip(table.bounds.items(), stops.tolist(), strict=False):
        own[name] = Words(row[a:b], start[a:b], end[a:b], term[a:b] - np.int32(first))
        a = b
    return own


_TRIGGER = (np.int32, np.int64, np.int64, np.int32)


def _joined(columns: list[list[np.ndarray]], dtypes: Sequence[type]) -> list[np.ndarray]:
    """Each column of several parts as one contiguous array."""
    return [
        np.ascontiguousarray(parts[0]) if len(parts) == 1 else np.concatenate([np.empty(0, dtype), *parts])
        for parts, dtype in zip(columns, dtypes, strict=True)
    ]


class Scanner:
    """Detectors, word table and key of one run, ready to be used on batch after batch.

    key             key of the findings (32 bytes): equal identifiers get equal keys under it
    register_terms  names and phrases that someone's objection names; found in the same pass, numbered behind all
    words           more words and phrases to look for; their hits stand in Found.register, behind those of the names
    adapters        detectors outside the pass; numbered behind `detectors`
    """

    def __init__(
        self,
        detectors: Sequence[Detector],
        *,
        key: bytes,
        register_terms: Sequence[str] = (),
        words: Sequence[str] = (),
        adapters: Sequence[Adapter] = (),
    ) -> None:
        names = [d.name for d in detectors] + [a.name for a in adapters] + [listed.NAME]
        if len(set(names)) != len(names):
            raise UsageError("two detectors have the same name")
        self.detectors, self.adapters, self.names = tuple(detectors), tuple(adapters), tuple(names)
        self._key = key
        self._table = Table.build({d.name: d.terms for d in detectors}, [*register_terms, *words])
        self._listed = listed.Names.of(register_terms)

    def cards(self) -> list[dict[str, object]]:
        """What stands in the commit, by detector number."""
        own = [d.card() for d in self.detectors] + [a.card() for a in self.adapters]
        return own + [listed.card()] * (len(self._listed.canon_off) > 1)

    def find(self, records: Records) -> Found:
        """Everything the detectors see in a batch, and in its second view."""
        _, said = language.given(records.batch.column("language"))
        view = view_of(records)
        scan, look = scan_view(view, said, self._table)
        view = view._replace(language=scan.language)
        texts = records.batch.column("text")
        spans = [(number, d.find(view, scan)) for number, d in enumerate(self.detectors)]
        spans += [(number, a(texts, scan.language)) for number, a in enumerate(self.adapters, len(self.detectors))]
        register = self._register(scan.words)
        raw = gathered(
            view, [*spans, (len(self.names) - 1, listed.spans(self._names(register), self._listed))], self.names
        )
        if look.any():
            raw, register = self._look_again(view, np.flatnonzero(look), raw, register)
        base = view.off[register.row]
        register = register._replace(start=register.start - base, end=register.end - base)
        return Found(findings_of(view, raw, self._key), scan.language, scan.n_words, register)

    def _look_again(self, view: View, rows: I8, raw: Raw, register: Words) -> tuple[Raw, Words]:
        """Add what only the folded copy of these rows shows."""
        second = second_view(view, rows)
        known = (second.view.language > 0).astype(np.uint8)
        scan, _ = scan_view(second.view, known, self._table)
        copy = second.view._replace(language=scan.language)
        spans = [(number, d.find(copy, scan)) for number, d in enumerate(self.detectors)]
        words = self._register(scan.words)
        more = gathered(
            copy, [*spans, (len(self.names) - 1, listed.spans(self._names(words), self._listed))], self.names
        )
        start, end = second.original(more.start, more.end)
        more = more._replace(row=rows[more.row].astype(np.int32), start=start, end=end)
        start, end = second.original(words.start, words.end)
        words = Words(rows[words.row].astype(np.int32), start, end, words.term)
        return with_second(raw, more), _without_twins(register, words)

    def _names(self, words: Words) -> Words:
        """Those of the hits that are names of the register."""
        named = words.term < len(self._listed.canon_off) - 1
        return Words(words.row[named], words.start[named], words.end[named], words.term[named])

    def _register(self, words: Words) -> Words:
        """Hits of register terms, numbered as those are; offsets still absolute."""
        hit = words.term >= self._table.register_start
        term = words.term[hit] - np.int32(self._table.register_start)
        return Words(words.row[hit], words.start[hit], words.end[hit], term)


def _without_twins(first: Words, second: Words) -> Words:
    """Hits of both views, each once, in text order."""
    pairs: Any = zip(first, second, strict=True)
    both: list[Any] = [np.concatenate(pair) for pair in pairs]
    order = np.lexsort((both[3], both[2], both[1]))
    if len(order) > 1:
        same = np.ones(len(order) - 1, np.bool_)
        for column in both:
            same &= column[order][1:] == column[order][:-1]
        order = order[np.concatenate(([True], ~same))]
    return Words(*[column[order] for column in both])
