"""Findings + the house's own measures → three bit sets a record: by which kinds it is redacted, held, dropped.

The measures are those of [policy]: kinds, from a least score or count on, and what the deny list names. They look
at findings and keys only, never at a text. Whatever they say is added to what the rulebook says (`decide`), so
no measure, list or answer about them can make a decision milder than it is without them.

    bit k           a measure on kind k applies
    bit LISTED (0)  the deny list names an identifier or word of the record, or its author
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntFlag
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from klarera.batch import Findings
from klarera.facts.rollup import AuthorTable
from klarera.model import LISTED, About, Decision, Measure

__all__ = ["ACTIONS", "EVERYWHERE", "Answer", "Lists", "Named", "Seen", "answered", "by_kinds", "seen"]

U8 = npt.NDArray[np.uint64]
U2 = npt.NDArray[np.uint16]
Mask = npt.NDArray[np.bool_]

ACTIONS = (Decision.REDACT, Decision.HOLD, Decision.DROP)
"""Order of the three words."""
HOLD, DROP = ACTIONS.index(Decision.HOLD), ACTIONS.index(Decision.DROP)
EVERYWHERE = -1
"""Number that stands for all sources."""


class Named(IntFlag):
    """What the lists say of a key. Bits are stable for ever."""

    ALLOWED = 1
    REDACT = 2
    HOLD = 4
    DROP = 8


_OF_ACTION = (Named.REDACT, Named.HOLD, Named.DROP)


@dataclass(frozen=True)
class Lists:
    """What the lists of the house name, by source number: keys of findings, and keys of authors."""

    findings: Mapping[int, AuthorTable] = field(default_factory=dict)
    authors: Mapping[int, AuthorTable] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """What the measures say of the records of one segment.

    words  uint64[n, 3], the kinds by which each record is redacted, held, dropped
    taken  for each table of findings, which of them a measure takes out of the text
    """

    words: U8
    taken: tuple[Mask, ...]


@dataclass(frozen=True)
class Answer:
    """What a named person said of records the house holds: the rows, the measures meant, and whether they go."""

    rows: Mask
    measures: int
    leaves: bool


def by_kinds(kinds: U8, measures: Sequence[Sequence[Measure]], source: npt.NDArray[np.int32]) -> U8:
    """The words, uint64[n, 3], where any finding of a kind is enough and no list is kept.

    kinds     uint64[n], bit set of the kinds found; `measures` by source number, all of them plain

    >>> from klarera.model import Kind
    >>> measures = [[Measure(Decision.HOLD, Kind.EMAIL)], []]
    >>> found = np.array([1 << Kind.EMAIL] * 2, np.uint64)
    >>> by_kinds(found, measures, np.array([0, 1], np.int32)).tolist()
    [[0, 2, 0], [0, 0, 0]]
    """
    bits = np.zeros((max(len(measures), 1), len(ACTIONS)), np.uint64)
    for number, own in enumerate(measures):
        for one in own:
            bits[number, ACTIONS.index(one.action)] |= np.uint64(1 << int(one.kind))
    words: U8 = kinds[:, None] & bits[source]
    return words


def seen(
    parts: Sequence[Findings], measures: Sequence[Sequence[Measure]], lists: Lists,
    source: npt.NDArray[np.int32], authors: npt.NDArray[np.uint8],
) -> Seen:  # fmt: skip
    """The words of a segment's records, and which findings are taken out.

    parts     the findings in each column of text, rows counted alike; they count together
    measures  by source number; source int32[n] and authors uint8[n, 16] of the records

    A finding that is a mere topic, or whose key is allowed, counts for no measure; what the deny list names is
    meant wherever it stands.
    """
    n = len(source)
    words = np.zeros((n, len(ACTIONS)), np.uint64)
    row = _joined([p.row for p in parts], np.int32)
    kind, score = _joined([p.kind for p in parts], np.uint8), _joined([p.score for p in parts], np.uint8)
    real = _joined([p.about for p in parts], np.uint8) != About.GENERAL
    said = _said(lists.findings, np.concatenate([p.key for p in parts]) if parts else _NO_KEYS, source[row])
    counts = real & ((said & Named.ALLOWED) == 0)
    taken = (said & Named.REDACT) != 0
    of_author = _said(lists.authors, authors, source)
    for at, flag in enumerate(_OF_ACTION):
        hit = np.zeros(n, np.bool_)
        hit[row[(said & flag) != 0]] = True
        if flag is not Named.REDACT:
            hit |= (of_author & flag) != 0
        words[hit, at] |= np.uint64(1 << LISTED)
    for measure, sources in _distinct(measures).items():
        mine = counts & (kind == measure.kind) & (score >= measure.score) & sources[source[row]]
        reached = np.bincount(row[mine], minlength=n) >= measure.count
        words[reached, ACTIONS.index(measure.action)] |= np.uint64(1 << int(measure.kind))
        if measure.action is Decision.REDACT:
            taken |= mine & reached[row]
    ends = np.cumsum([0, *[len(p) for p in parts]])
    return Seen(words, tuple(taken[a:b] for a, b in pairwise(ends.tolist())))


_NO_KEYS = np.empty((0, 16), np.uint8)


def _joined(columns: Sequence[Any], kind: type) -> Any:
    return np.concatenate([np.empty(0, kind), *columns])


def _said(tables: Mapping[int, AuthorTable], keys: npt.NDArray[np.uint8], source: npt.NDArray[np.int32]) -> U2:
    """Bits of Named for each key; a list that names a source speaks for its records only."""
    bits = np.zeros(len(keys), np.uint16)
    for number, table in tables.items():
        rows = np.ones(len(keys), np.bool_) if number == EVERYWHERE else source == number
        bits[rows] |= table.of(keys[rows])
    return bits


def _distinct(measures: Sequence[Sequence[Measure]]) -> dict[Measure, Mask]:
    """Each measure once, with the sources it is for: a run may have many sources and few measures."""
    found: dict[Measure, Mask] = {}
    for number, own in enumerate(measures):
        for one in own:
            found.setdefault(one, np.zeros(len(measures), np.bool_))[number] = True
    return dict(sorted(found.items()))


def answered(words: U8, answers: Sequence[Answer]) -> U8:
    """The words after the answers: what the house holds is released or dropped; of two answers the later stands.

    An answer concerns the measures it names. A measure that came later still holds, and no answer touches what
    the rulebook says.

    >>> words = np.array([[0, 6, 0]], np.uint64)
    >>> answered(words, [Answer(np.array([True]), 2, leaves=False)]).tolist()
    [[0, 4, 0]]
    >>> answered(words, [Answer(np.array([True]), 2, leaves=True)]).tolist()
    [[0, 4, 2]]
    """
    out = words.copy()
    gone, free = np.zeros(len(words), np.uint64), np.zeros(len(words), np.uint64)
    for one in answers:
        bits = np.uint64(one.measures)
        to, other = (gone, free) if one.leaves else (free, gone)
        to[one.rows] |= bits
        other[one.rows] &= ~bits
    out[:, DROP] |= words[:, HOLD] & gone
    out[:, HOLD] &= ~(gone | free)
    return out
