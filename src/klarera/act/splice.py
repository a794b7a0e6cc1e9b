"""Text after redaction: the original bytes with the edits put in.

`splice(batch, sidecar)` gives byte for byte what `clear --write text` writes, so that a corpus need not be
stored twice: the sidecar says what to keep and what to replace, and this function does it at load time.

>>> import pyarrow as pa
>>> batch = pa.RecordBatch.from_pydict({"text": ["Mail a@b.example please", "hello"]})
>>> edit = [[{"start": 5, "end": 16, "put": "[EMAIL]"}], []]
>>> sidecar = pa.RecordBatch.from_arrays(
...     [pa.array([1, 3], pa.uint8()), pa.array(edit, pa.list_(EDIT))], names=["decision", "edits"])
>>> splice(batch, sidecar).column("text").to_pylist()
['Mail [EMAIL] please']
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from klarera.act.edits import EDIT, Edits
from klarera.batch import text_buffers
from klarera.errors import InputError
from klarera.model import Decision

__all__ = ["EDIT", "splice", "spliced_text"]


def spliced_text(
    text: pa.Array | pa.ChunkedArray,
    edits: Edits,
    rows: npt.NDArray[np.int64] | None = None,
    own: npt.NDArray[np.int64] | None = None,
) -> pa.Array:
    """The texts of `rows` (all if None), in that order, after the edits; a large_string array.

    own   int64, the number under which `edits` knows each of these rows, if not its place in `text`

    Raises InputError if an edit ends behind its text.
    """
    from klarera.kernels import splice as kernels

    large = [c.cast(pa.large_string()) for c in (text.chunks if isinstance(text, pa.ChunkedArray) else [text])]
    buffers = [text_buffers(chunk) for chunk in large]
    address = np.concatenate([np.empty(0, np.uint64), *[off[:-1] + np.int64(buf.ctypes.data) for buf, off in buffers]])
    length = np.concatenate([np.empty(0, np.int64), *[np.diff(off) for _, off in buffers]])
    rows = np.arange(len(length), dtype=np.int64) if rows is None else np.ascontiguousarray(rows, np.int64)
    own = rows if own is None else np.ascontiguousarray(own, np.int64)
    labels = np.frombuffer(b"".join(edits.labels), np.uint8)
    label_off = np.cumsum([0, *[len(x) for x in edits.labels]], dtype=np.int64)
    first = edits.first(int(own.max()) + 1 if len(own) else 0)
    asked, out_off = length[rows], np.empty(len(rows) + 1, np.int64)
    shared = (own, first, edits.start, edits.end, edits.label)
    total = kernels.spliced_lengths(asked, *shared, label_off, out_off)
    if total < 0:
        raise InputError("edits", "an edit ends behind its text", hint="the edits of these very texts")
    dst = np.empty(total, np.uint8)
    kernels.splice(address.astype(np.uint64)[rows], asked, *shared, labels, label_off, dst)
    return pa.LargeStringArray.from_buffers(len(rows), pa.py_buffer(out_off), pa.py_buffer(dst))


def splice(batch: pa.RecordBatch, sidecar: pa.RecordBatch, *, text: str = "text") -> pa.RecordBatch:
    """Kept records of `batch`, in its order, with their redactions made.

    batch    any columns; row i belongs to row i of the sidecar
    sidecar  columns decision (uint8) and edits (list of EDIT), as `clear --write sidecar` writes them
    Raises InputError if the two do not have the same number of rows.
    """
    if batch.num_rows != sidecar.num_rows:
        raise InputError("sidecar", f"{sidecar.num_rows} rows for {batch.num_rows} records")
    decision = sidecar.column("decision").to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(decision <= Decision.REDACT).astype(np.int64)
    edits = Edits.from_lists(sidecar.column("edits"))
    new = spliced_text(batch.column(text), edits, rows)
    out = batch.take(pa.array(rows))
    return out.set_column(out.schema.get_field_index(text), text, new.cast(batch.schema.field(text).type))
