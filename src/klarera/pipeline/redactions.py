"""Verdicts → how far each kind of finding is taken out: redaction tables, one a distinct combination of grounds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from klarera.act.edits import Extents, extents
from klarera.decide import Case, Verdicts
from klarera.model import About, Decision, Kind

__all__ = ["redaction_tables"]


def redaction_tables(
    case: Case, verdicts: Verdicts, *, whole_kinds: bool = True
) -> tuple[tuple[Extents, ...], npt.NDArray[np.int32]]:
    """The distinct redaction tables in play, and for each vector the number of its own, -1 if dropped.

    whole_kinds  the house takes out all findings of a kind; else it says of each finding (pipeline.house.taken)
    """
    pairs = np.stack([verdicts.redact, verdicts.taken if whole_kinds else np.zeros_like(verdicts.taken)], axis=1)
    pairs[verdicts.decision == Decision.DROP] = np.iinfo(np.uint64).max
    distinct, inverse = np.unique(pairs, axis=0, return_inverse=True)
    inverse = inverse.reshape(-1)
    tables: list[Extents] = []
    number = np.full(len(distinct), -1, np.int32)
    persons = (About.UNCLEAR, About.AUTHOR, About.OTHER)
    for i, (redact, house) in enumerate(distinct.tolist()):
        if redact == np.iinfo(np.uint64).max:
            continue
        true = {g.conclusion for bit, g in enumerate(verdicts.grounds) if redact >> bit & 1}
        rows = [(r.kinds, r.about, r.extent) for r in case.book.redactions if r.conclusion in true]
        own = tuple(kind for kind in Kind if house >> kind & 1)
        rows.append((own, persons, "span"))
        number[i] = len(tables)
        tables.append(extents(rows))
    return tuple(tables) or (extents([]),), number[inverse].astype(np.int32)
