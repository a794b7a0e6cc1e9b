"""Payment cards: issuer range, length, Luhn.

Source: find/card.tsv (issuer ranges under ISO/IEC 7812), Luhn of its annex B.
Input: clusters of digits.
Finds: 13-19 digits (12 for Maestro) in one run, or as cards are embossed: 4-4-4-4, 4-6-5, 4-6-4, 6-13 with
    single spaces or hyphens. One in ten random runs of an issuer's range and length passes: the finding says
    only that the digits are those of a card.
Misses: cards of unlisted issuers, other groupings, numbers glued to words or longer digit runs.
Raises: nothing.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from klarera.find import Detector, Scan, Spans, View
from klarera.find.number_tables import rows
from klarera.kernels.card import SHORTEST, find_cards
from klarera.model import Kind, Strength

__all__ = ["DETECTOR", "find"]


@cache
def _issuers() -> tuple[npt.NDArray[np.int64], ...]:
    """Lowest and highest leading digits, how many they are, mask of lengths."""
    low, high, digits, lengths = [], [], [], []
    for _, bottom, top, sizes in rows("card.tsv"):
        low.append(int(bottom))
        high.append(int(top))
        digits.append(len(bottom))
        lengths.append(sum(1 << int(size) for size in sizes.split(",")))
    return tuple(np.array(column, np.int64) for column in (low, high, digits, lengths))


def find(view: View, scan: Scan) -> Spans:
    """Card numbers of the batch; the key is made of the digits."""
    cluster = scan.cluster
    room = int((cluster.count // SHORTEST).sum()) + 1
    row, start, end = np.empty(room, np.int32), np.empty(room, np.int64), np.empty(room, np.int64)
    k = find_cards(
        view.buf, view.off, cluster.row, cluster.start, cluster.end, cluster.count, *_issuers(), row, start, end
    )
    return Spans.of(row[:k], start[:k], end[:k], Kind.CARD, strength=Strength.CHECKSUM)


DETECTOR = Detector(
    name="card",
    version=2,
    kinds=(Kind.CARD,),
    find=find,
    source="issuer ranges (find/card.tsv), Luhn of ISO/IEC 7812-1",
    finds="card numbers of known issuers in one run or in the usual groups",
    misses="unlisted issuers, other groupings, wrong check digit",
)
