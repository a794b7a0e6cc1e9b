"""Personal numbers of the 27 Member States, Norway and Iceland.

A layout stands alone where its separators, letters, date of birth and check digits together leave few
chances: of random digits in one run 1 in 190 of fifteen (France) and next to none of other lengths, of
random digits grouped 6-4, 6-5 or 6/4 about 1 in 100, of eight digits and a letter (Spain) 1 in 23. Else it needs a
cue of its country at most 30 bytes before in the same clause, or the record's country; if at least date and
check digit hold, the record's language will do.

Source: find/national_id.tsv, one row a scheme with the rule it follows; find/national_id_cues.tsv.
Input: clusters of digits, long alphanumeric runs, cue words.
Finds: numbers whose layout, date and check digits hold; the key is made of digits and capitals.
Misses: numbers with other separators, bare digit runs without cue, country or language, Cyprus' and Malta's
    numbers without cue (Malta's have no check digit), document numbers (another kind).
Raises: nothing.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from klarera.find import Detector, Scan, Spans, Term, View
from klarera.find.number_tables import cue_arrays, packed_canon, rows
from klarera.kernels.national_checks import SCHEMES
from klarera.kernels.national_id import CONTEXT, CUE, FREE, MAX_FIRST, SHORTEST, WIDTH, Layouts, find_national_ids
from klarera.model import LANGUAGES, Kind, Strength

__all__ = ["DETECTOR", "find", "layouts"]

COUNTRIES = sorted({row[1] for row in rows("national_id.tsv")})


def _terms() -> tuple[Term, ...]:
    masks: dict[str, int] = {}
    for country, phrases in rows("national_id_cues.tsv"):
        mask = (1 << len(COUNTRIES)) - 1 if country == "*" else 1 << COUNTRIES.index(country)
        for phrase in phrases.split("; "):
            masks[phrase] = masks.get(phrase, 0) | mask
    return tuple(Term(phrase, "", str(mask)) for phrase, mask in sorted(masks.items()))


TERMS = _terms()


@cache
def layouts() -> Layouts:
    """The layouts of find/national_id.tsv as arrays, by leading run of digits, then by need."""
    found: list[tuple[int, int, str, int, str, str]] = []
    for scheme, country, languages, *forms, _ in rows("national_id.tsv"):
        for need, texts in zip((FREE, CONTEXT, CUE), forms, strict=True):
            for form in filter(None, texts.split(";")):
                leading = len(form) - len(form.lstrip("d"))
                found.append((leading, need, form, SCHEMES.index(scheme), country, languages))
    found.sort()
    columns = list(zip(*found, strict=True))
    forms_text = np.zeros((len(found), WIDTH), np.uint8)
    for i, form in enumerate(columns[2]):
        forms_text[i, : len(form)] = np.frombuffer(form.encode(), np.uint8)
    return Layouts(
        np.searchsorted(np.array(columns[0]), np.arange(MAX_FIRST + 2)).astype(np.int64),
        _follows(columns[0], columns[2]),
        forms_text,
        np.array([len(form) for form in columns[2]], np.int64),
        np.array(columns[3], np.int64),
        np.array(columns[1], np.int64),
        np.array([ord(c[0]) * 256 + ord(c[1]) for c in columns[4]], np.uint16),
        np.array([1 << COUNTRIES.index(c) for c in columns[4]], np.int64),
        np.array([sum(1 << LANGUAGES.index(s) for s in own.split(",")) for own in columns[5]], np.int64),
    )


def _follows(leading: tuple[int, ...], forms: tuple[str, ...]) -> npt.NDArray[np.uint8]:
    """Which bytes may stand behind a leading run of digits of each length; all, where a layout ends there."""
    table = np.zeros((MAX_FIRST + 1, 256), np.uint8)
    letters = [*range(65, 91), *range(97, 123)]
    for size, form in zip(leading, forms, strict=True):
        sign = form[size : size + 1]
        if sign == "":
            table[size] = 1
        else:
            table[size, letters if sign in "ax" else [ord(sign)]] = 1
    return table


def find(view: View, scan: Scan) -> Spans:
    """Personal numbers of the batch. Strength CHECKSUM, or CUE for the schemes without check digit."""
    row = np.concatenate((scan.cluster.row, scan.run.row))
    start = np.concatenate((scan.cluster.start, scan.run.start))
    end = np.concatenate((scan.cluster.end, scan.run.end))
    order = np.lexsort((end, start))
    count = np.concatenate((scan.cluster.count, np.full(len(scan.run.row), SHORTEST, np.int32)))
    row, start, end, count = row[order], start[order], end[order], count[order]
    room = int(((end - start) // SHORTEST + 1).sum()) + 1
    out_row, out_start, out_end = np.empty(room, np.int32), np.empty(room, np.int64), np.empty(room, np.int64)
    canon, length = np.zeros((room, WIDTH), np.uint8), np.empty(room, np.int64)
    checked = np.empty(room, np.uint8)
    k = find_national_ids(
        view.buf, view.off, view.country, scan.language, row, start, end, count, layouts(),
        *cue_arrays(scan, DETECTOR.name, TERMS), out_row, out_start, out_end, checked, canon, length,
    )  # fmt: skip
    spans = Spans.of(out_row[:k], out_start[:k], out_end[:k], Kind.NATIONAL_ID)
    strength = np.where(checked[:k] == 1, np.uint8(Strength.CHECKSUM), np.uint8(Strength.CUE))
    packed, packed_off = packed_canon(canon[:k], length[:k])
    return spans._replace(strength=strength, canon=packed, canon_off=packed_off)


DETECTOR = Detector(
    name="national_id",
    version=1,
    kinds=(Kind.NATIONAL_ID,),
    find=find,
    source="issuers' rules, one a row of find/national_id.tsv; find/national_id_cues.tsv",
    finds="personal numbers of 27 Member States, Norway, Iceland with right layout, date and check digits",
    misses="bare digit runs without cue, country or language where chance passes them; document numbers",
    terms=TERMS,
)
