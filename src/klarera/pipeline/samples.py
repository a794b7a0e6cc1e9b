"""Texts of held records for a reviewer: from held/, else read again at their recorded places in the input.

A sidecar run keeps no text, and a held text may be past its retention; nothing is copied to show it. What is read
again counts as the record only if it gives the record's key and length again, and its certain redactions are made
as they are in held/. Where the input is gone or has changed, the sample says so in place of a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from klarera import store
from klarera.act.edits import Edits
from klarera.act.splice import spliced_text
from klarera.batch import Records
from klarera.errors import InputError
from klarera.pipeline.run import Run
from klarera.pipeline.settings import Settings
from klarera.pipeline.stored import Stored, edits_in
from klarera.pipeline.texts import stretches
from klarera.read import Shard
from klarera.read.catalog import read

__all__ = ["Sample", "samples"]

NEWER = "its decision is newer than the files: klarera apply"


@dataclass(frozen=True)
class Sample:
    """One record: its text as held, or why there is none and in which file it would be."""

    rid: str
    text: str = ""
    problem: str = ""
    place: str = ""

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {"rid": self.rid, "text": None if self.problem else self.text, "problem": self.problem or None}


def samples(
    out: Path, run: Run, settings: Settings, stored: Sequence[Stored], rows: Sequence[tuple[str, int]]
) -> list[Sample]:
    """The texts of these held records (segment, row), in their order; only review shows texts, and only held ones."""
    found: dict[tuple[str, int], Sample] = {}
    by_name = {s.segment: s for s in stored}
    shards = {s.number: s for s in run.shards}
    for name in dict.fromkeys(segment for segment, _ in rows):
        wanted = np.array([row for segment, row in rows if segment == name], np.int64)
        shard = shards[store.Segment.parse(name).shard]
        for row, sample in _of_segment(out, by_name[name], wanted, shard, settings):
            found[name, row] = sample
    return [found[key] for key in rows]


def _of_segment(
    out: Path, stored: Stored, rows: npt.NDArray[np.int64], shard: Shard, settings: Settings
) -> Iterator[tuple[int, Sample]]:
    facts = store.read_table(store.work(out, "facts", stored.segment), ["unit", "place", "rid", "bytes"])
    facts = facts.take(pa.array(rows))
    rids = [rid.hex() for rid in facts.column("rid").to_pylist()]
    name = Path(shard.path).name
    if not stored.held:
        yield from ((row, Sample(rid, "", NEWER, name)) for row, rid in zip(rows.tolist(), rids, strict=True))
        return
    held = store.read_table(out / stored.held)
    at = pc.index_in(facts.column("unit"), held.column("unit").combine_chunks()).to_pylist()
    kept = held.column("text").to_pylist() if "text" in held.column_names else None
    expired = held.column("expired").to_pylist()
    again = np.array([a is not None and (kept is None or expired[a]) for a in at], np.bool_)
    read_again = iter(_from_input(out, stored, rows[again], facts.filter(pa.array(again)), shard, settings))
    for row, rid, place, from_input in zip(rows.tolist(), rids, at, again.tolist(), strict=True):
        if from_input:
            text, problem = next(read_again)
            yield row, Sample(rid, text, problem, name)
        elif place is None:
            yield row, Sample(rid, "", NEWER, name)
        else:
            yield row, Sample(rid, (kept or [])[place] or "", "", name)


def _from_input(
    out: Path, stored: Stored, rows: npt.NDArray[np.int64], facts: pa.Table, shard: Shard, settings: Settings
) -> list[tuple[str, str]]:
    """(text, problem) of each row: its record read again, with the edits it has in OUT."""
    name = Path(shard.path).name
    place = facts.column("place").to_numpy()
    texts: dict[int, str] = {}
    try:
        for stretch in stretches(shard, np.sort(place)) if len(place) else ():
            for piece in read(stretch, settings.options, lambda _: None):
                texts |= _matching(piece.records, facts, shard, settings)
                if len(texts) == len(rows):
                    break  # a table or a compressed file need not be read to its end
    except FileNotFoundError:
        return [("", f"the input {name} is gone")] * len(rows)
    except InputError:
        return [("", f"the input {name} has changed since it was screened")] * len(rows)
    edits = edits_in(out, stored).get("text")
    column = pa.array([texts.get(i, "") for i in range(len(rows))], pa.large_string())
    if edits is not None:
        column = spliced_text(column, _of(edits, rows, np.array([i in texts for i in range(len(rows))], np.bool_)))
    changed = f"the input {name} has changed since it was screened"
    return [(t, "" if i in texts else changed) for i, t in enumerate(column.to_pylist())]


def _of(edits: Edits, rows: npt.NDArray[np.int64], known: npt.NDArray[np.bool_]) -> Edits:
    """The edits of these rows, numbered by their place in `rows`; none for a row whose text is not known."""
    mine = edits.select(rows)
    keep = known[mine.row]
    return Edits(mine.row[keep], mine.start[keep], mine.end[keep], mine.label[keep], mine.labels)


def _matching(records: Records, facts: pa.Table, shard: Shard, settings: Settings) -> dict[int, str]:
    """Texts of the wanted records among those read, by row of `facts`: at the place, with the same key and length."""
    at = pc.index_in(pa.array(records.place), facts.column("place").combine_chunks())
    hit = np.flatnonzero(at.is_valid().to_numpy(zero_copy_only=False))
    if not len(hit):
        return {}
    picked = Records(records.batch.take(pa.array(hit)), records.unit[hit], records.place[hit])
    which = at.take(pa.array(hit)).to_numpy()
    rids = settings.keys.rids(settings.named(picked, shard.path), shard.mark)
    column = pc.fill_null(picked.batch.column("text"), "")
    same = (rids == store.keys_of(facts.column("rid"))[which]).all(axis=1)
    same &= pc.binary_length(column).to_numpy() == facts.column("bytes").to_numpy()[which]
    texts = column.to_pylist()
    return {int(which[i]): texts[i] for i in np.flatnonzero(same).tolist()}
