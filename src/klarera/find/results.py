"""From spans to Findings: canonical forms and keys, sentences, offsets relative to the row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from klarera.batch import Findings
from klarera.errors import UsageError
from klarera.find import I8, U1, Spans, View
from klarera.find.overlaps import Raw, settled
from klarera.kernels.digest import hmac_rows
from klarera.kernels.spans import key_messages, sentences, shared_form
from klarera.kernels.utf8 import fold_case
from klarera.model import IDENTIFIERS

__all__ = ["findings_of", "gathered", "shared"]

_IDENTIFYING = np.zeros(256, np.bool_)
_IDENTIFYING[[int(kind) for kind in IDENTIFIERS]] = True


def gathered(view: View, spans: Sequence[tuple[int, Spans]], names: Sequence[str]) -> Raw:
    """Spans of all detectors in one table; those without canonical form get the shared one."""
    spans = [(number, s) for number, s in spans if len(s.row)]
    canon, lengths = [np.empty(0, np.uint8)], [np.zeros(1, np.int64)]
    for number, s in spans:
        if (s.start < view.off[s.row]).any() or (s.end > view.off[s.row + 1]).any() or (s.start >= s.end).any():
            raise UsageError(f"detector {names[number]} gave a span outside its record")
        bytes_, off = (s.canon, s.canon_off) if s.canon is not None else _shared(view, s)
        assert off is not None
        canon.append(bytes_)
        lengths.append(np.diff(off))
    columns: list[Any] = [np.concatenate([getattr(s, name) for _, s in spans]) if spans else np.empty(0, dtype)
               for name, dtype in _COLUMNS]  # fmt: skip
    detector = np.concatenate([np.full(len(s.row), number, np.uint8) for number, s in spans] or [np.empty(0, np.uint8)])
    return Raw._make((*columns, detector, np.concatenate(canon), np.cumsum(np.concatenate(lengths))))


_COLUMNS = (
    ("row", np.int32), ("start", np.int64), ("end", np.int64), ("kind", np.uint8), ("about", np.uint8),
    ("stance", np.uint8), ("strength", np.uint8), ("score", np.uint8),
)  # fmt: skip


def _shared(view: View, spans: Spans) -> tuple[U1, I8]:
    if not _IDENTIFYING[spans.kind].any():
        return np.empty(0, np.uint8), np.zeros(len(spans.row) + 1, np.int64)
    return shared(view.buf, spans.start, spans.end)


def shared(buf: U1, start: I8, end: I8) -> tuple[U1, I8]:
    """The shared canonical form of spans, uint8[m] and int64[k + 1]: small letters, separators " .-/()" removed."""
    out, off = np.empty(int((end - start).sum()), np.uint8), np.empty(len(start) + 1, np.int64)
    n = shared_form(buf, np.ascontiguousarray(start), np.ascontiguousarray(end), out, off)
    small = np.empty(n, np.uint8)
    fold_case(out[:n], small)  # a name in capitals is the same name in any alphabet
    return small, off


def findings_of(view: View, raw: Raw, key: bytes) -> Findings:
    """Settle overlaps, add sentences and keys, make offsets relative to the row."""
    keep = settled(raw)
    if not len(keep):
        return Findings.empty()
    row, start, end, kind = raw.row[keep], raw.start[keep], raw.end[keep], raw.kind[keep]
    first, last = np.empty(len(keep), np.int64), np.empty(len(keep), np.int64)
    sentences(view.buf, view.off, row, start, end, np.lexsort((end, row)), first, last)
    base = view.off[row]
    offsets: list[Any] = [(a - base).astype(np.int32) for a in (start, end, first, last)]
    rest: list[Any] = [column[keep] for column in (raw.about, raw.stance, raw.strength, raw.score, raw.detector)]
    columns: list[Any] = [row, *offsets, kind, *rest, _keys(raw, keep, key)]
    return Findings(*columns)


def _keys(raw: Raw, keep: I8, key: bytes) -> U1:
    keys = np.zeros((len(keep), 16), np.uint8)
    named = np.flatnonzero(_IDENTIFYING[raw.kind[keep]])
    if len(named):
        which = keep[named].astype(np.int64)
        size = int((raw.canon_off[which + 1] - raw.canon_off[which]).sum()) + 2 * len(which)
        message, off = np.empty(size, np.uint8), np.empty(len(which) + 1, np.int64)
        key_messages(which, raw.kind, raw.canon_off, raw.canon, message, off)
        keys[named] = hmac_rows(key, message, off)
    return keys
