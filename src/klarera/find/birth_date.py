"""Dates of birth: a date beside a word that announces one.

Source: find/birth_date.tsv (cues and month names of 27 languages).
Input: cue words; the date stands at most 40 bytes behind the cue, or 12 before, in the same sentence.
Finds: d.m.y, d/m/y, m/d/y, y-m-d with two or four digits of the year, and day, month name and year in the
    orders of these languages. The writer's own (about AUTHOR) where the clause says so in the first person.
Misses: dates without cue, years or ages alone, dates in words. Where both readings exist, day comes first.
Raises: nothing.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from klarera.find import Coverage, Detector, Scan, Spans, Term, View
from klarera.find.number_tables import cue_arrays, packed_canon, rows
from klarera.kernels.birth_date import CUE, HASH_PRIME, SELF, Months, find_birth_dates
from klarera.model import About, Kind, Strength

__all__ = ["DETECTOR", "find"]

_TAGS = {"cue": CUE, "own": CUE | SELF, "self": SELF}


def _terms() -> tuple[Term, ...]:
    found = {
        (phrase, language): _TAGS[use]
        for use, language, phrases in rows("birth_date.tsv")
        if use in _TAGS
        for phrase in phrases.split("; ")
    }
    return tuple(Term(phrase, language, str(tag)) for (phrase, language), tag in sorted(found.items()))


TERMS = _terms()


@cache
def _months() -> Months:
    """Month names in small letters, capitalised and in capitals, ordered by hash."""
    entries: set[tuple[int, bytes, int]] = set()
    for use, _, names in rows("birth_date.tsv"):
        if use == "month":
            for number, forms in enumerate(names.split(";"), 1):
                for form in forms.split("/"):
                    for cased in (form, form.capitalize(), form.upper()):
                        entries.add((_hash(cased.encode()), cased.encode(), number))
    ordered = sorted(entries)
    sizes = [len(raw) for _, raw, _ in ordered]
    return Months(
        np.array([h for h, _, _ in ordered], np.int64),
        np.array([number for _, _, number in ordered], np.int64),
        np.frombuffer(b"".join(raw for _, raw, _ in ordered), np.uint8).copy(),
        np.cumsum([0, *sizes]).astype(np.int64),
    )


def _hash(raw: bytes) -> int:
    h = 0
    for byte in raw:
        h = (h * 257 + byte) % HASH_PRIME
    return h


def find(view: View, scan: Scan) -> Spans:
    """Dates of birth of the batch; the key is made of yyyymmdd (yymmdd where the year has two digits)."""
    start, end, tag = cue_arrays(scan, DETECTOR.name, TERMS)
    row = (np.searchsorted(view.off, start, side="right") - 1).astype(np.int32)
    room = len(start)
    out_row, out_start, out_end = np.empty(room, np.int32), np.empty(room, np.int64), np.empty(room, np.int64)
    own, date = np.zeros(room, np.uint8), np.empty((room, 4), np.int64)
    k = find_birth_dates(view.buf, view.off, row, start, end, tag, _months(), out_row, out_start, out_end, own, date)
    spans = Spans.of(out_row[:k], out_start[:k], out_end[:k], Kind.BIRTH_DATE, strength=Strength.CUE)
    about = np.where(own[:k] == 1, np.uint8(About.AUTHOR), np.uint8(About.UNCLEAR))
    year, month, day, digits = date[:k].T
    whole = (year * 10_000 + month * 100 + day)[:, None] // 10 ** np.arange(7, -1, -1) % 10 + 48
    short = digits == 2
    whole[short] = np.roll(whole[short], -2, axis=1)
    packed, packed_off = packed_canon(whole.astype(np.uint8), np.where(short, 6, 8).astype(np.int64))
    return spans._replace(about=about, canon=packed, canon_off=packed_off)


DETECTOR = Detector(
    name="birth_date",
    version=2,
    kinds=(Kind.BIRTH_DATE,),
    find=find,
    source="cues and month names of find/birth_date.tsv",
    finds="dates beside a word that announces a birth",
    misses="dates without such a word, years or ages alone, dates in words",
    coverage=Coverage(tuple(sorted({term.language for term in TERMS})), needs_cue=True),
    terms=TERMS,
)
