"""The register as one run meets it: the names that are looked for, and the tables its entries are joined with.

A name is looked for in every text while it is screened; one that entered the register later was not, and that is
said, not guessed. All else is joined by keys (`reach`), and no text is opened for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from klarera import store
from klarera.evidence.keys import Keys
from klarera.facts.rollup import AuthorTable
from klarera.find.listed import name_keys
from klarera.pipeline.authors import rewrite
from klarera.pipeline.case import source_names
from klarera.pipeline.hits import Heard
from klarera.pipeline.reach import reach
from klarera.pipeline.run import Run
from klarera.pipeline.screen import ShardReport
from klarera.pipeline.settings import Settings
from klarera.project import SourceFacts
from klarera.register.snapshot import Snapshot

if TYPE_CHECKING:
    from klarera.pipeline.clear import Job

__all__ = ["listed_names", "missed_names", "register_tables"]


def listed_names(register: Snapshot | None, keys: Keys) -> tuple[str, ...]:
    """The keys (hex) of the names a register lists, sorted."""
    if register is None:
        return ()
    return tuple(sorted(row.tobytes().hex() for row in name_keys(keys.purpose("register"), register.terms)))


def missed_names(run: Run, register: Snapshot | None, keys: Keys) -> frozenset[str]:
    """Keys of names that entered the register after the run's texts were searched: nobody looked for them."""
    return frozenset(listed_names(register, keys)) - frozenset(run.register_names)


def register_tables(out: Path, job: Job, reports: Sequence[ShardReport], settings: Settings) -> AuthorTable:
    """Write the snapshot's keys beside what they are joined with; returns the authors it names, however it does."""
    if job.register is None:
        return AuthorTable(np.empty((0, 16), np.uint8), np.empty(0, np.uint16))
    sources = {name: _domains(job.project.source(name)) for name in source_names(reports)}
    found = reach(job.register, settings, sources)
    for name, table in (("findings", found.findings), ("urls", found.urls), ("authors", found.authors)):
        columns = {"key": store.keys_array(table.keys), "flags": table.flags}
        rewrite(out, f"work/register/{name}.parquet", pa.table(columns))
    tasks = [(r.number, tuple(segment for segment, _ in r.segments)) for r in reports]
    parts = [(found.authors.keys, found.authors.flags), *job.engine(Heard(str(out)), tasks)]
    return AuthorTable.merge(np.concatenate([k for k, _ in parts]), np.concatenate([f for _, f in parts]))


def _domains(source: SourceFacts) -> tuple[str, ...]:
    """The domains of a source, where its accounts stand."""
    told = source.about.get("domain", ())
    return (told,) if isinstance(told, str) else tuple(str(domain) for domain in told)
