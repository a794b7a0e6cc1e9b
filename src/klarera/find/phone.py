"""Telephone numbers: international, national of EU, EEA, UK, Switzerland and Ukraine, North American.

A digit run without +, separators, cue or the record's country proves nothing: nearly every run of eight to
ten digits is a number of some plan. So a window of digit groups counts only as one of these:

    +49 30 901820, 0049 30 901820   an assigned calling code with a length it has; 00 in one run only where
                                    the plan knows the number
    030 901820, (030) 901820        a leading 0 and the very groups in which some plan writes this number
    201-555-0123, (201) 555-0123    3-3-4 with hyphens, dots or a bracket
    30 90 18 20                     the record's country is known, and its plan knows number and groups, or
                                    number and trunk prefix
    Tel.: 90182012                  a cue at most 30 bytes before in the same clause, or right behind

Source: find/phone.tsv (numbering plans by the `phonenumbers` package), find/phone_cues.tsv.
Input: clusters of digits, cue words.
Finds: the number without extension; the key is its E.164 digits where they can be told, else its digits.
Misses: national numbers without a leading 0, cue or country; numbers in words; vanity letters; short codes.
Raises: nothing.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import numpy as np

from klarera.find import Coverage, Detector, Scan, Spans, Term, View
from klarera.find.number_tables import cue_arrays, packed_canon, rows
from klarera.kernels.phone import AFTER, NOT_PHONE, NOUN, SHORTEST, VERB, find_phones
from klarera.kernels.phone_plans import Plans
from klarera.model import Kind, Strength

__all__ = ["DETECTOR", "find", "plans"]

_TAGS = {"noun": NOUN, "verb": VERB, "after": AFTER, "not": NOT_PHONE}


def _terms() -> tuple[Term, ...]:
    tags: dict[str, int] = defaultdict(int)
    for use, phrases in rows("phone_cues.tsv"):
        for phrase in phrases.split("; "):
            tags[phrase] |= _TAGS[use]
    return tuple(Term(phrase, "", str(tag)) for phrase, tag in sorted(tags.items()))


TERMS = _terms()


def _packed(country: str) -> int:
    return ord(country[0]) * 256 + ord(country[1])


def _grouping(sizes: str) -> int:
    return int("".join(f"{int(size):x}" for size in sizes.split(".")), 16)


@cache
def plans() -> Plans:
    """The numbering plans of find/phone.tsv as arrays."""
    lengths = np.zeros(1000, np.int64)
    detailed = np.full(1000, -1, np.int64)
    table = rows("phone.tsv")
    for _, code, possible in (row for row in table if row[0] == "code"):
        lengths[int(code)] = sum(1 << int(size) for size in possible.split(","))
    ranges = [row[1:] for row in table if row[0] == "range"]
    blocks = sorted({int(code) for code, _, _ in ranges})
    detailed[blocks] = np.arange(len(blocks))
    low: list[int] = []
    high: list[int] = []
    range_at = np.zeros((len(blocks), 17), np.int64)
    for block, whose in enumerate(blocks):
        own = {int(length): text for number, length, text in ranges if int(number) == whose}
        for size in range(17):
            range_at[block, size] = len(low)
            for part in own[size].split(",") if size in own else []:
                bottom, _, top = part.partition("-")
                low.append(int(bottom.ljust(size, "0")))
                high.append(int((top or bottom).ljust(size, "9")))
    states = [row[1:] for row in table if row[0] == "plan"]
    forms = [sorted(_grouping(sizes) for sizes in row[3].split(",") if sizes) for row in states]
    return Plans(
        lengths,
        detailed,
        range_at,
        np.array(low, np.int64),
        np.array(high, np.int64),
        np.array([_packed(row[0]) for row in states], np.uint16),
        np.array([int(row[1]) for row in states], np.int64),
        np.array([int(row[2]) if row[2] else -1 for row in states], np.int64),
        np.cumsum([0, *map(len, forms)]).astype(np.int64),
        np.array([form for own in forms for form in own], np.int64),
    )


def find(view: View, scan: Scan) -> Spans:
    """Telephone numbers of the batch.

    Strength FORM where the digits themselves tell, CUE where only the words beside them do.
    """
    cluster = scan.cluster
    room = int((cluster.count // SHORTEST).sum()) + 1
    row, start, end = np.empty(room, np.int32), np.empty(room, np.int64), np.empty(room, np.int64)
    cued, canon = np.empty(room, np.uint8), np.zeros((room, 24), np.uint8)
    length = np.empty(room, np.int64)
    k = find_phones(
        view.buf, view.off, view.country, cluster.row, cluster.start, cluster.end, cluster.count, plans(),
        *cue_arrays(scan, DETECTOR.name, TERMS), row, start, end, cued, canon, length,
    )  # fmt: skip
    spans = Spans.of(row[:k], start[:k], end[:k], Kind.PHONE)
    strength = np.where(cued[:k] == 1, np.uint8(Strength.CUE), np.uint8(Strength.FORM))
    packed, packed_off = packed_canon(canon[:k], length[:k])
    return spans._replace(strength=strength, canon=packed, canon_off=packed_off)


DETECTOR = Detector(
    name="phone",
    version=2,
    kinds=(Kind.PHONE,),
    find=find,
    source="numbering plans by phonenumbers (find/phone.tsv), find/phone_cues.tsv",
    finds="international, national with leading 0 in a plan's groups, 3-3-4, beside a cue, of the country",
    misses="bare national digits without cue or country, numbers in words, short codes",
    coverage=Coverage(),
    terms=TERMS,
)
