"""Bank accounts by IBAN: country, length, structure and check digits.

Source: find/iban.tsv (registry of ISO 13616-2), mod 97-10 of ISO/IEC 7064.
Input: clusters of digits and long alphanumeric runs; the country letters stand at most 14 bytes before.
Finds: an IBAN in one run or with single spaces or hyphens, all capitals or all small letters.
Misses: wrong check digits, letters of both cases, an IBAN broken over two lines or glued to a word, one in
    parts that nowhere holds four digits in a row.
Raises: nothing.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import numpy.typing as npt

from klarera.find import Detector, Scan, Spans, View
from klarera.find.number_tables import packed_canon, rows
from klarera.kernels.iban import find_ibans
from klarera.model import Kind, Strength

__all__ = ["DETECTOR", "find"]

LONGEST, SHORTEST = 34, 15


@cache
def _registry() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Length and structure by country letters; the structure holds n, a or c for each character."""
    length = np.zeros(26 * 26, np.int64)
    structure = np.zeros((26 * 26, LONGEST), np.uint8)
    for country, size, parts in rows("iban.tsv"):
        number = (ord(country[0]) - 65) * 26 + ord(country[1]) - 65
        classes = "aann" + "".join(kind * int(n) for n, kind in re.findall(r"(\d+)([nac])", parts))
        length[number] = int(size)
        structure[number, : len(classes)] = np.frombuffer(classes.encode(), np.uint8)
    return length, structure


def find(view: View, scan: Scan) -> Spans:
    """IBANs of the batch; about nobody in particular until something else says so."""
    row = np.concatenate((scan.cluster.row, scan.run.row))
    start = np.concatenate((scan.cluster.start, scan.run.start))
    end = np.concatenate((scan.cluster.end, scan.run.end))
    order = np.lexsort((end, start))
    row, start, end = row[order], start[order], end[order]
    room = int(((end - start) // SHORTEST + 1).sum()) + 1
    out_row, out_start, out_end = np.empty(room, np.int32), np.empty(room, np.int64), np.empty(room, np.int64)
    canon, length = np.zeros((room, LONGEST), np.uint8), np.empty(room, np.int64)
    k = find_ibans(view.buf, view.off, row, start, end, *_registry(), out_row, out_start, out_end, canon, length)
    spans = Spans.of(out_row[:k], out_start[:k], out_end[:k], Kind.IBAN, strength=Strength.CHECKSUM)
    packed, packed_off = packed_canon(canon[:k], length[:k])
    return spans._replace(canon=packed, canon_off=packed_off)


DETECTOR = Detector(
    name="iban",
    version=1,
    kinds=(Kind.IBAN,),
    find=find,
    source="SWIFT IBAN registry (find/iban.tsv), ISO/IEC 7064 mod 97-10",
    finds="IBANs with right check digits, in one run or in parts",
    misses="wrong check digits, mixed case, broken over lines",
)
