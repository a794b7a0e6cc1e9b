"""Hardware addresses of network interfaces (MAC, EUI-48).

Source: IEEE 802-2014 8 (EUI-48), its writing with colons and hyphens; with dots as Cisco's IOS writes it.
Input: colon groups, long alphanumeric runs, clusters of digits, cue words.
Finds: six pairs of hex digits joined by ":" or by "-", three groups of four joined by "."; decimal digits
    alone joined by "-" or "." only beside a cue, because such order numbers exist.
Misses: twelve digits without signs, EUI-64, an address without any decimal digit joined by hyphens, one with
    dots that has neither a cue nor four decimal digits in a row or around a dot; all zeros and the broadcast
    are nobody's and left out.
Raises: nothing.

Canonical form: twelve small hex digits, however it is written.
"""

from __future__ import annotations

import numpy as np

from klarera.find import I4, I8, Detector, Scan, Spans, Term, View
from klarera.find.number_tables import cue_arrays
from klarera.kernels.mac import DIGITS, find_dotted, find_pairs
from klarera.model import Kind

__all__ = ["DETECTOR", "find"]

_CUES = (
    "mac", "mac address", "mac addresses", "mac adresse", "adresse mac", "hwaddr", "hardware address", "ether",
    "ethernet", "physical address", "physikalische adresse", "adresse physique", "bssid", "arp", "vlan", "bia",
    "wifi", "bluetooth", "bd addr", "lladdr",
)  # fmt: skip
TERMS = tuple(Term(phrase, "", "1") for phrase in _CUES)
BEHIND_CUE = 24
"""Bytes behind a cue in which an address with dots is looked for."""


def _places(view: View, scan: Scan, cues: tuple[I8, I8, I8]) -> tuple[I4, I8, I8]:
    """Where an address with dots may be: clusters of digits, and what stands behind a cue; ordered by start."""
    cue_row = (np.searchsorted(view.off, cues[0], side="right") - 1).astype(np.int32)
    row = np.concatenate((scan.cluster.row, cue_row))
    start = np.concatenate((scan.cluster.start, cues[1]))
    end = np.concatenate((scan.cluster.end, np.minimum(cues[1] + BEHIND_CUE, view.off[cue_row + 1])))
    order = np.lexsort((end, start))
    return row[order], start[order], end[order]


def find(view: View, scan: Scan) -> Spans:
    """Hardware addresses of the batch."""
    cues = cue_arrays(scan, DETECTOR.name, TERMS)
    pairs = [np.concatenate([getattr(t, name) for t in (scan.colon, scan.run, scan.cluster)])
             for name in ("row", "start", "end")]  # fmt: skip
    parts = []
    for kernel, (row, start, end) in ((find_pairs, pairs), (find_dotted, _places(view, scan, cues))):
        room = len(row) if kernel is find_pairs else int(((end - start) // 14 + 2).sum())
        out = (np.empty(room, np.int32), np.empty(room, np.int64), np.empty(room, np.int64))
        hex_digits = np.zeros((room, DIGITS), np.uint8)
        k = kernel(view.buf, view.off, row, start, end, *cues, *out, hex_digits)
        parts.append((*(column[:k] for column in out), hex_digits[:k]))
    row, start, end, digits = (np.concatenate(column) for column in zip(*parts, strict=True))
    canon_off = np.arange(0, digits.size + 1, DIGITS, dtype=np.int64)
    return Spans.of(row, start, end, Kind.MAC)._replace(canon=digits.reshape(-1), canon_off=canon_off)


DETECTOR = Detector(
    name="mac",
    version=1,
    kinds=(Kind.MAC,),
    find=find,
    source="IEEE 802-2014 (EUI-48)",
    finds="six pairs of hex digits joined by colons or hyphens, three groups of four joined by dots",
    misses="twelve digits without signs, EUI-64, decimal digits alone without a cue",
    terms=TERMS,
)
