"""Expected residue: what the detectors probably missed, by kind and language.

Not found is not absent. Each kind in each language is one of three:

    not looked for    no detector of the run covers it
    not measured      looked for, but nobody measured how much these detectors find of it in this language
    measured          found x (1 - recall) / recall, as an interval

Recall was measured elsewhere, on labelled texts that are not these: an estimate here, and no promise. recall.tsv holds
what was measured (written by `python -m benchmarks.recall --write`): counts, never shares, with set and day. A figure
counts only for the versions of the detectors it was measured with; where several sets were measured, the
interval reaches over all of them. What was found is taken as right, and counted in all records: a text that would
have been left out, had it been seen, stays. Some of what was missed lies in records left out for other reasons.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from klarera import store
from klarera.model import LANGUAGES, About, Kind
from klarera.pipeline.settings import Settings

__all__ = ["COLUMNS", "Measured", "bounds", "found_in", "parse", "residue", "wilson"]

Counts = npt.NDArray[np.int64]

COLUMNS = ("kind", "language", "detectors", "found", "labelled", "set", "measured_on")
KINDS = 64


@dataclass(frozen=True)
class Measured:
    """One line of recall.tsv: of `labelled` spans of a kind in a language, how many these detectors found.

    detectors  "name@version" of each of our detectors of the kind, sorted, joined by spaces
    """

    kind: str
    language: str
    detectors: str
    found: int
    labelled: int
    set: str
    measured_on: str


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Bounds of the share hits / n, 95 %.

    >>> [round(bound, 3) for bound in wilson(9, 10)]
    [0.596, 0.982]
    """
    if n == 0:
        return 0.0, 1.0
    share = hits / n
    middle, spread = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, (middle - spread) / (1 + z * z / n)), min(1.0, (middle + spread) / (1 + z * z / n))


def bounds(found: int, low: float, high: float) -> tuple[int, int | None]:
    """How many are still there if `found` is between `low` and `high` of all; None where there is no upper bound.

    >>> bounds(90, 0.9, 1.0)
    (0, 10)
    >>> bounds(3, 0.0, 0.5)
    (3, None)
    """
    least = math.floor(found * (1 - high) / high) if high > 0 else 0
    if found == 0:
        # Nothing to multiply: how many were missed cannot be told from what was not seen.
        return 0, None
    return least, None if low <= 0 else math.ceil(round(found * (1 - low) / low, 6))


@cache
def table() -> tuple[Measured, ...]:
    """What recall.tsv of the package holds."""
    return parse((resources.files("klarera.pipeline") / "recall.tsv").read_text("utf-8"))


def parse(text: str) -> tuple[Measured, ...]:
    """The lines of a recall table; lines that begin with # say where it comes from."""
    lines = "".join(f"{line}\n" for line in text.splitlines() if not line.startswith("#"))
    rows = csv.DictReader(io.StringIO(lines), delimiter="\t")
    return tuple(Measured(**{**r, "found": int(r["found"]), "labelled": int(r["labelled"])}) for r in rows)  # type: ignore[arg-type]


def found_in(task: tuple[str, str]) -> Counts:
    """int64[KINDS, languages]: findings in the records of one segment; mere topics are none.

    The task names OUT and the segment. No text is opened.
    """
    out, segment = Path(task[0]), task[1]
    language = store.read_table(store.work(out, "facts", segment), ["language"]).column("language").to_numpy()
    total = np.zeros(KINDS * len(LANGUAGES), np.int64)
    for path in store.findings(out, segment).values():
        found = store.read_table(path, ["row", "kind", "about"])
        row, kind, about = (found.column(name).to_numpy() for name in ("row", "kind", "about"))
        counts = about != About.GENERAL
        cell = kind[counts].astype(np.int64) * len(LANGUAGES) + language[row[counts]]
        total += np.bincount(cell, minlength=len(total))
    return total.reshape(KINDS, len(LANGUAGES))


def residue(
    settings: Settings, languages: Mapping[str, int], found: Iterable[Counts],
    measured: Sequence[Measured] | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Every kind x language of the corpus: not looked for, not measured, or measured with what that leaves.

    languages  code → records of the run
    found      what `found_in` gives, for all segments
    measured   None takes the package's table

    Recall stands as text with three digits: a commit holds no floats.
    """
    total = sum(found, np.zeros((KINDS, len(LANGUAGES)), np.int64))
    listed = table() if measured is None else measured
    rows = []
    for kind in Kind:
        detectors = " ".join(sorted(f"{d.name}@{d.version}" for d in settings.detectors if kind in d.kinds))
        foreign = any(kind.name in p.kinds for p in settings.plugged)
        mask = settings.coverages.by_kind.get(kind, np.zeros(len(LANGUAGES), np.bool_))
        for code in sorted(languages):
            at = LANGUAGES.index(code) if code in LANGUAGES else 0
            row: dict[str, Any] = {"kind": kind.name, "language": code, "found": int(total[kind, at])}
            sets = [
                m for m in listed
                if (m.kind, m.language, m.detectors) == (kind.name, code, detectors) and not foreign and m.labelled
            ]  # fmt: skip
            if not mask[at]:
                rows.append(row | {"state": "not looked for"})
            elif not sets:
                rows.append(row | {"state": "not measured"})
            else:
                rows.append(row | {"state": "measured", **_told(row["found"], sets)})
    return rows


def _told(found: int, sets: Sequence[Measured]) -> dict[str, Any]:
    shares = [wilson(m.found, m.labelled) for m in sets]
    low, high = min(s[0] for s in shares), max(s[1] for s in shares)
    least, most = bounds(found, low, high)
    return {
        "recall_low": f"{low:.3f}",
        "recall_high": f"{high:.3f}",
        "least": least,
        "most": most,
        "detectors": sets[0].detectors,
        "sets": [{"set": m.set, "found": m.found, "labelled": m.labelled, "measured_on": m.measured_on} for m in sets],
    }
