"""How the edits of a text stand to those made in it before: the same, wider, or to be put in beside them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from klarera.act.edits import Edits

__all__ = ["NO_EDITS", "covered", "mixed", "of_rows", "remapped", "same"]

_NONE = np.empty(0, np.int32)
NO_EDITS = Edits(_NONE, _NONE, _NONE, _NONE, ())


def mixed(new: Edits, old: Edits, rows: npt.NDArray[np.bool_]) -> Edits:
    """Old edits for these rows, new ones for the others."""
    number = {label: i for i, label in enumerate(dict.fromkeys([*new.labels, *old.labels]))}
    ours = np.array([number[x] for x in new.labels] or [0], np.int32)[new.label]
    theirs = np.array([number[x] for x in old.labels] or [0], np.int32)[old.label]
    a, b = ~rows[new.row], rows[old.row]
    row = np.concatenate([new.row[a], old.row[b]])
    start, end = np.concatenate([new.start[a], old.start[b]]), np.concatenate([new.end[a], old.end[b]])
    order = np.lexsort((start, row))
    label = np.concatenate([ours[a], theirs[b]])
    return Edits(row[order], start[order], end[order], label[order], tuple(number))


def same(a: Edits | None, b: Edits) -> bool:
    if a is None or len(a.row) != len(b.row):
        return False
    arrays = zip((a.row, a.start, a.end), (b.row, b.start, b.end), strict=True)
    return all(np.array_equal(x, y) for x, y in arrays) and bool(
        (np.array(a.labels, object)[a.label] == np.array(b.labels, object)[b.label]).all()
    )


def covered(old: Edits, new: Edits) -> npt.NDArray[np.bool_]:
    """For each old edit, whether a new edit of the same row takes out at least the same bytes."""
    if not len(new.row):
        return np.zeros(len(old.row), np.bool_)
    key_new = (new.row.astype(np.int64) << 32) | new.start
    key_old = (old.row.astype(np.int64) << 32) | old.start
    at = np.searchsorted(key_new, key_old, "right") - 1
    before = np.maximum(at, 0)
    covered: npt.NDArray[np.bool_] = (at >= 0) & (new.row[before] == old.row) & (new.end[before] >= old.end)
    return covered


def of_rows(edits: Edits, rows: npt.NDArray[np.bool_]) -> Edits:
    """The edits of these rows, under their own numbers."""
    keep = rows[edits.row]
    return Edits(edits.row[keep], edits.start[keep], edits.end[keep], edits.label[keep], edits.labels)


def remapped(new: Edits, old: Edits | None) -> Edits:
    """New edits in the offsets of a text in which the old ones stand; those that stand already left out."""
    from klarera.kernels.splice import remap_edits

    if old is None or not len(old.row):
        return new
    number = {label: i for i, label in enumerate(dict.fromkeys([*new.labels, *old.labels]))}
    labels = tuple(number)
    ours = np.array([number[x] for x in new.labels] or [0], np.int32)[new.label]
    theirs = np.array([number[x] for x in old.labels] or [0], np.int32)[old.label]
    put = np.array([len(x) for x in labels], np.int32)[theirs]
    n = len(new.row)
    row, start, end, label = (np.empty(n, np.int32) for _ in range(4))
    k = remap_edits(new.row, new.start, new.end, ours, old.row, old.start, old.end, theirs, put, row, start, end, label)
    if k < 0:
        raise AssertionError("a record whose old edits are not all covered is read from the input")
    return Edits(row[:k], start[:k], end[:k], label[:k], labels)
