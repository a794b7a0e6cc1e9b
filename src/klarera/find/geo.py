"""Coordinates: where somebody was, to a house or better.

One number alone is nothing; two decimals with four places each may be measurements. A pair counts

    48.85837, 2.29448                   with a comma, a latitude first, and no further such number in a list
    lat: 48.85837 lon: 2.29448          beside a cue, a label or hemisphere letters, with any separator
    geo:48.85837,2.29448  @48.85,2.29   in geo URIs and the links of map services
    48°51'29.6"N 2°17'40.2"E            degrees with minutes and seconds, or with minutes and decimals

Source: RFC 5870 (geo URI), ISO 6709 annex D; find/geo_cues.tsv.
Input: clusters of digits, cue words, the letters of the hemispheres.
Finds: pairs within the bounds of latitude and longitude, the longitude first only beside a cue.
Misses: fewer than four decimals, whole minutes (a town, nobody's home), decimal commas, grid references,
    plus codes, degrees without letters; pairs without a cue that lie at sea around 0, 0.
Raises: nothing.

Canonical form: the pair as written, in small letters.
"""

from __future__ import annotations

import numpy as np

from klarera.find import Detector, Scan, Spans, Term, View
from klarera.find.number_tables import cue_arrays, rows
from klarera.kernels.addresses import spans_form
from klarera.kernels.degrees import find_degrees
from klarera.kernels.geo import CUE, LONGITUDE, MAP, NORTH, find_pairs
from klarera.model import Kind

__all__ = ["DETECTOR", "find"]

_TAGS = {"cue": CUE, "longitude": LONGITUDE, "north": NORTH, "map": MAP}
TERMS = tuple(Term(p, "", str(_TAGS[use])) for use, phrases in rows("geo_cues.tsv") for p in phrases.split("; "))
SHORTEST = 6
"""Bytes of "0.0000"."""


def find(view: View, scan: Scan) -> Spans:
    """Pairs of coordinates of the batch."""
    cluster = scan.cluster
    cues = cue_arrays(scan, DETECTOR.name, TERMS)
    room = int(((cluster.end - cluster.start) // SHORTEST + 1).sum())
    row, start, end = np.empty(room, np.int32), np.empty(room, np.int64), np.empty(room, np.int64)
    k = find_pairs(view.buf, view.off, cluster.row, cluster.start, cluster.end, *cues, row, start, end)
    north = cues[2] == NORTH
    at, past = cues[0][north], cues[1][north]
    at_row = (np.searchsorted(view.off, at, side="right") - 1).astype(np.int32)
    row2, start2, end2 = np.empty(len(at), np.int32), np.empty(len(at), np.int64), np.empty(len(at), np.int64)
    m = find_degrees(view.buf, view.off, at_row, at, past, row2, start2, end2)
    first, last = np.concatenate((start[:k], start2[:m])), np.concatenate((end[:k], end2[:m]))
    canon, canon_off = np.empty(int((last - first).sum()), np.uint8), np.empty(k + m + 1, np.int64)
    spans_form(view.buf, first, last, canon, canon_off)
    spans = Spans.of(np.concatenate((row[:k], row2[:m])), first, last, Kind.GEO)
    return spans._replace(canon=canon, canon_off=canon_off)


DETECTOR = Detector(
    name="geo",
    version=1,
    kinds=(Kind.GEO,),
    find=find,
    source="RFC 5870, ISO 6709; find/geo_cues.tsv",
    finds="pairs of decimal degrees with four decimals or more; degrees with minutes and seconds; map links",
    misses="fewer decimals, whole minutes, decimal commas, grid references, plus codes",
    terms=TERMS,
)
