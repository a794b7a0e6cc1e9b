"""Handles: "@name" as platforms write them, and "@name@instance" of the Fediverse as one.

A mentioned handle is another identifiable person: about = OTHER.

Source   platforms' rules for names, from general knowledge, 2026-11
Finds    "@" behind anything but a letter, digit or low line, then a name of 2-64 bytes with a letter in it
Misses   names without "@", one-letter names
Also     "RT@name", as it is written where posts are repeated
Not      e-mail addresses; times and sizes by their units ("@5pm", "@60fps", "@2x");
         package scopes in quotes ('"@types/node"');
         decorators and at-rules of code: "@name(" and known names ("@param", "@media") at the start of a line

Canonical form: small letters, without the first "@".
"""

from __future__ import annotations

import numpy as np

from klarera.find import Detector, Scan, Spans, View
from klarera.kernels.addresses import spans_form
from klarera.kernels.handle import grow_handles
from klarera.model import About, Kind

__all__ = ["DETECTOR"]


def find(view: View, scan: Scan) -> Spans:
    """Handles at "@"."""
    out = np.empty(len(scan.at.row), np.int64)
    grow_handles(view.buf, view.off, scan.at.row, scan.at.start, out)
    hit = out > 0
    row, start, end = scan.at.row[hit], scan.at.start[hit], out[hit]
    canon, canon_off = np.empty(int((end - start).sum()), np.uint8), np.zeros(len(row) + 1, np.int64)
    size = spans_form(view.buf, start + 1, end, canon, canon_off)
    spans = Spans.of(row, start, end, Kind.HANDLE, about=About.OTHER)
    return spans._replace(canon=canon[:size], canon_off=canon_off)


DETECTOR = Detector(
    name="handle",
    version=2,
    kinds=(Kind.HANDLE,),
    find=find,
    source="platforms' rules for names, from general knowledge",
    finds="@name and @name@instance",
    misses="names without @, names of one letter, names that stand like a decorator of program code",
)
