"""Objections written into the text itself, and circulated chain posts that object.

Source: GDPR Art. 21(1), (5). Finds: the author's own refusal that their data or works be used for AI or
otherwise processed. Misses: refusals by a bare hashtag; talk about objections is no finding on purpose.
Whether a chain post counts is a Question of the rulebook, so a record that is one is not an OBJECTION too.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from klarera.find import Scan, Spans, View
from klarera.find.cues import cue_detector
from klarera.model import Kind

_CUES = cue_detector(
    "objection",
    (Kind.OBJECTION, Kind.CHAIN_OBJECTION),
    version=2,
    finds="refusals of AI training or other use of the author's data; chain posts by their formulas",
    misses="bare hashtags, pictures of text, languages without a cue file",
)


def _find(view: View, scan: Scan) -> Spans:
    spans = _CUES.find(view, scan)
    chain = np.unique(spans.row[spans.kind == Kind.CHAIN_OBJECTION])
    keep = (spans.kind != Kind.OBJECTION) | ~np.isin(spans.row, chain)
    return Spans(*[None if part is None else part[keep] for part in spans])  # type: ignore[arg-type]


DETECTOR = replace(_CUES, find=_find)
