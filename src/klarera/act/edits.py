"""Edits: which bytes of a record's text are replaced, and by which placeholder.

A placeholder names the kind of what stood there, `[EMAIL]`, and cannot be anyone's. With pseudonyms it adds
four characters that are the same wherever the same identifier stood in this dataset, `[EMAIL 3f9k]`.
Overlapping findings are replaced as one union of bytes. Clearing cleared text changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from klarera.batch import Findings
from klarera.errors import InputError
from klarera.model import KIND_NAMES, LISTED, About, Kind

__all__ = ["EDIT", "Edits", "Extents", "edits_of", "extents"]

I4 = npt.NDArray[np.int32]

EDIT = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("put", pa.large_string())])
"""One edit as it stands in a sidecar: bytes [start, end) of the original text become `put`."""

SPAN, SENTENCE = 1, 2
ALPHABET = "abcdefghjkmnpqrstvwxyz0123456789"
"""32 characters of a pseudonym; i, l, o and u are left out, since they are misread."""

_NAMES = KIND_NAMES | {LISTED: "LISTED"}

Extents = npt.NDArray[np.uint8]
"""uint8[64, 4]: for each kind and about, 0 nothing, 1 the span, 2 the sentence is taken out."""


def extents(rows: Sequence[tuple[Sequence[Kind], Sequence[About], str]]) -> Extents:
    """One table out of rows of the rulebook's redaction table; of two extents the larger stands.

    >>> int(extents([((Kind.EMAIL,), tuple(About), "span")])[Kind.EMAIL, About.OTHER])
    1
    """
    table = np.zeros((64, 4), np.uint8)
    for kinds, abouts, extent in rows:
        code = {"span": SPAN, "sentence": SENTENCE}[extent]
        for kind in kinds:
            for about in abouts:
                table[kind, about] = max(table[kind, about], code)
    return table


@dataclass(frozen=True)
class Edits:
    """Edits of one batch, ordered by (row, start), not overlapping.

    row, start, end  int32; start and end are bytes within the row's text
    label            int32, number of the placeholder in `labels`
    labels           placeholders, UTF-8
    """

    row: I4
    start: I4
    end: I4
    label: I4
    labels: tuple[bytes, ...]

    def first(self, rows: int) -> npt.NDArray[np.int64]:
        """int64[rows + 1]: the edits of row i are [first[i], first[i + 1])."""
        first = np.zeros(rows + 1, np.int64)
        np.cumsum(np.bincount(self.row, minlength=rows)[:rows], out=first[1:])
        return first

    def select(self, rows: npt.NDArray[np.int64]) -> Edits:
        """The edits of these rows, renumbered by their place in `rows`."""
        place = np.full((int(self.row.max()) if len(self.row) else 0) + 1, -1, np.int64)
        inside = rows[rows < len(place)]
        place[inside] = np.flatnonzero(rows < len(place))
        new = place[self.row] if len(self.row) else np.empty(0, np.int64)
        keep = new >= 0
        order = np.lexsort((self.start[keep], new[keep]))
        return Edits(
            new[keep][order].astype(np.int32),
            self.start[keep][order],
            self.end[keep][order],
            self.label[keep][order],
            self.labels,
        )

    def to_lists(self, rows: int) -> pa.Array:
        """List array with one list of EDIT a row."""
        first = self.first(rows)
        put = pa.array([x.decode() for x in self.labels] or [""], pa.large_string()).take(pa.array(self.label))
        items = pa.StructArray.from_arrays([pa.array(self.start), pa.array(self.end), put], fields=list(EDIT))
        return pa.ListArray.from_arrays(pa.array(first, pa.int32()), items)

    @classmethod
    def from_lists(cls, lists: pa.Array) -> Edits:
        """The inverse of to_lists. Raises InputError if edits of a row overlap or run backwards."""
        lists = lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists
        off = lists.offsets.to_numpy()
        items = lists.values
        start = items.field("start").to_numpy(zero_copy_only=False)[off[0] : off[-1]].astype(np.int32)
        end = items.field("end").to_numpy(zero_copy_only=False)[off[0] : off[-1]].astype(np.int32)
        words = items.field("put").slice(off[0], off[-1] - off[0]).dictionary_encode()
        row = np.repeat(np.arange(len(lists), dtype=np.int32), np.diff(off))
        wrong = (end < start) | (start < 0)
        wrong[1:] |= (row[1:] == row[:-1]) & (start[1:] < end[:-1])
        if wrong.any():
            raise InputError("sidecar", f"edits of row {int(row[wrong][0])} overlap or run backwards")
        labels = tuple(str(x).encode() for x in words.dictionary.to_pylist())
        return cls(row, start, end, words.indices.to_numpy(zero_copy_only=False).astype(np.int32), labels)


def edits_of(
    found: Findings, tables: Sequence[Extents], table: npt.NDArray[np.int32], pseudonym: bytes | None = None,
    also: npt.NDArray[np.bool_] | None = None,
) -> Edits:  # fmt: skip
    """The edits of a batch.

    tables     the distinct redaction tables in play; table int32[n] says which one counts for each row,
               -1 where nothing is taken out
    pseudonym  key of the dataset's pseudonyms; None writes `[EMAIL]` alone
    also       findings whose span is taken out whatever the table of their row says, but where it is -1
    """
    from klarera.kernels.splice import merge_edits

    which = table[found.row] if len(found) else np.empty(0, np.int32)
    stack = np.stack([*tables, np.zeros((64, 4), np.uint8)])
    extent = stack[which, found.kind, found.about]
    if also is not None:
        extent = np.where(also & (which >= 0), np.maximum(extent, SPAN), extent)
    found = found.take(extent > 0)
    extent = extent[extent > 0]
    start = np.where(extent == SENTENCE, found.ctx_start, found.start).astype(np.int32)
    end = np.where(extent == SENTENCE, found.ctx_end, found.end).astype(np.int32)
    order = np.lexsort((found.kind, -end, start, found.row))
    row, start, end, kind = found.row[order], start[order], end[order], found.kind[order]
    n = len(row)
    o_row, o_start, o_end, o_from = (np.empty(n, np.int32) for _ in range(4))
    o_kind = np.empty(n, np.uint8)
    k = merge_edits(row, start, end, kind, o_row, o_start, o_end, o_kind, o_from)
    o_row, o_start, o_end, o_kind, o_from = o_row[:k], o_start[:k], o_end[:k], o_kind[:k], o_from[:k]
    spans = extent[order][o_from] == SPAN
    labels, label = _labels(o_kind, found.key[order][o_from], spans, pseudonym)
    return Edits(o_row, o_start, o_end, label, labels)


def _labels(
    kind: npt.NDArray[np.uint8],
    key: npt.NDArray[np.uint8],
    spans: npt.NDArray[np.bool_],
    pseudonym: bytes | None,
) -> tuple[tuple[bytes, ...], I4]:
    """Placeholders and their number for each edit; made once for each distinct identifier."""
    if pseudonym is None:
        names = tuple(f"[{_NAMES[code]}]".encode() if code in _NAMES else b"" for code in range(64))
        return names, kind.astype(np.int32)
    plain = np.zeros((len(kind), 17), np.uint8)
    plain[:, 0] = kind
    plain[spans, 1:] = key[spans]
    distinct, inverse = np.unique(plain, axis=0, return_inverse=True)
    labels = []
    for row in distinct:
        name = _NAMES[int(row[0])]
        tail = row[1:].tobytes()
        if any(tail):
            digest = hmac.new(pseudonym, bytes([row[0]]) + tail, hashlib.sha256).digest()
            name += " " + "".join(ALPHABET[b & 31] for b in digest[:4])
        labels.append(f"[{name}]".encode())
    return tuple(labels), inverse.reshape(-1).astype(np.int32)


def counts_by_kind(edits: Edits) -> Mapping[str, int]:
    """How many placeholders of each kind were put in."""
    out: dict[str, int] = {}
    numbers = np.bincount(edits.label, minlength=len(edits.labels))
    for label, number in zip(edits.labels, numbers, strict=False):
        name = label.decode().strip("[]").split(" ")[0]
        out[name] = out.get(name, 0) + int(number)
    return dict(sorted(out.items()))
