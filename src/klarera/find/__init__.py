"""Record batch → Findings. One module a detector; scan.py runs them over whole batches.

A detector never walks the text by itself. One compiled pass (scan.py, kernels/scan.py) emits candidates:
places of `@` and `://`, clusters of digits, colon-joined hex, long alphanumeric runs, and hits of the one
word table. A detector declares which it wants, grows and checks them in a compiled kernel, and returns
spans. The value at the end of its module says what it is:

    DETECTOR = Detector(name="iban", version=1, kinds=(Kind.IBAN,), find=find, ...)

Offsets inside this room are absolute in the batch's text buffer; scan.py makes them row-relative,
adds the sentence around each, the keys, and settles overlaps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from klarera.model import LANGUAGES, Kind

__all__ = ["Coverage", "Detector", "Scan", "Spans", "Term", "Triggers", "View", "Words"]

I4 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int64]
U1 = npt.NDArray[np.uint8]


class View(NamedTuple):
    """One batch of text as detectors see it (the original bytes, or the normalised second view).

    buf       uint8[bytes], off int64[n + 1]: row i is buf[off[i]:off[i + 1]]
    language  uint8[n], index into model.LANGUAGES, 0 unknown
    country   uint16[n], two upper-case letters packed as first * 256 + second, 0 unknown
    """

    buf: U1
    off: I8
    language: U1
    country: npt.NDArray[np.uint16]


class Term(NamedTuple):
    """One entry of the word table: a word or phrase, lower case, words parted by single spaces.

    language  code, or "" for any; a hit counts where the record's language is this one or unknown
    tag       what the detector that declared it uses it for; free text of that detector
    """

    phrase: str
    language: str
    tag: str


class Triggers(NamedTuple):
    """Places where a candidate may be: row int32, start and end int64 (absolute), count int32.

    `count` is the number of digits for clusters, of colons for colon groups, else 0.
    """

    row: I4
    start: I8
    end: I8
    count: I4  # type: ignore[assignment]  # hides tuple.count, which nobody needs of arrays


class Words(NamedTuple):
    """Hits of the word table, in text order: row int32, start and end int64, term int32 (its number).

    Matching folds case and knows word bounds; a phrase matches over single separators, up to four blanks, and
    the dot of an abbreviation ("geb. am"). A hit is given once
    for each term that has this phrase, so two detectors may declare the same one.
    """

    row: I4
    start: I8
    end: I8
    term: I4


class Scan(NamedTuple):
    """What the one fused pass saw.

    at        every "@"; start is its place
    scheme    every "://"; start is the place of ":"
    cluster   digits joined by single separators out of " ./-()+", or by two of which one is a bracket
              ("+49 (0) 151"), with at least 4 digits in all; may begin with "+" or "("; count = digits
    colon     runs of hex digits joined by ":" with at least 2 colons; count = colons
    run       runs of [A-Za-z0-9_-] of at least 16 bytes that hold a digit and a letter
    words     hits of the word table
    own       detector name → its hits, its terms numbered from 0 in the order it declared them
    language  uint8[n], the record's language by function words where not given, 0 below the margin
    n_words   int32[n], words in the record
    """

    at: Triggers
    scheme: Triggers
    cluster: Triggers
    colon: Triggers
    run: Triggers
    words: Words
    own: Mapping[str, Words]
    language: U1
    n_words: I4


class Spans(NamedTuple):
    """What one detector found: parallel arrays of length k; offsets are absolute.

    row int32; start, end int64; kind, about, stance, strength, score uint8 (codes of klarera.model).
    canon, canon_off: bytes of the canonical identifiers, uint8[m] and int64[k + 1], for the key; None
    takes the bytes of the span in the shared form (small letters, separators " .-/()" removed).
    """

    row: I4
    start: I8
    end: I8
    kind: U1
    about: U1
    stance: U1
    strength: U1
    score: U1
    canon: U1 | None = None
    canon_off: I8 | None = None

    @classmethod
    def of(cls, row: I4, start: I8, end: I8, kind: Kind | U1, *, about: int = 0, strength: int = 1) -> Spans:
        """Spans that share one about and strength, stated, without a score."""
        k = len(row)

        def same(value: int) -> U1:
            return np.full(k, value, np.uint8)

        kinds = same(int(kind)) if isinstance(kind, Kind) else kind
        return cls(row, start, end, kinds, same(about), same(0), same(strength), same(255))


@dataclass(frozen=True)
class Coverage:
    """Where a detector that ran and found nothing means "not there as far as it looks".

    languages  codes; empty = does not depend on language
    needs_cue  it sees its kind only beside a cue word of these languages
    """

    languages: tuple[str, ...] = ()
    needs_cue: bool = False

    def mask(self) -> npt.NDArray[np.bool_]:
        """bool[len(LANGUAGES)]: covered when the record's language has this index (0 = unknown)."""
        if not self.languages:
            return np.ones(len(LANGUAGES), np.bool_)
        return np.array([code in self.languages for code in LANGUAGES], np.bool_)


@dataclass(frozen=True)
class Detector:
    """One detector: what it is, what it finds and misses, and the function that finds.

    find(view, scan) -> Spans. Pure: the same arrays give the same spans, in any batch cut.
    """

    name: str
    version: int
    kinds: tuple[Kind, ...]
    find: Callable[[View, Scan], Spans]
    source: str
    finds: str
    misses: str
    coverage: Coverage = field(default_factory=Coverage)
    terms: tuple[Term, ...] = ()

    def card(self) -> dict[str, object]:
        """What stands in the commit and in detectors.json."""
        return {
            "name": self.name,
            "version": self.version,
            "kinds": [k.name for k in self.kinds],
            "languages": list(self.coverage.languages) or ["any"],
            "source": self.source,
            "finds": self.finds,
            "misses": self.misses,
        }
