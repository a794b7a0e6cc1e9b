"""Where the keys a register lists meet what is stored of a segment: its findings, its records' addresses.

    about somebody else, or unclear      the record, whoever wrote it
    about the author, who is known       every record of that author: it is their own identifier
    about the author, who is not known   the record
    the record's own address             the record

A consent that a text claims is not taken from it: anybody can write somebody's address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from klarera import store
from klarera.facts.rollup import AuthorTable
from klarera.model import About
from klarera.pipeline.reach import ABOUT_OTHERS, CONSENT, UNCLEAR, UNCLEAR_ABOUT_OTHERS, unclear

__all__ = ["Heard", "Hits", "heard", "hits_of", "listed"]

U1 = npt.NDArray[np.uint8]
U2 = npt.NDArray[np.uint16]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Hits:
    """What a register reaches in one segment, an entry a record.

    third  bool, an objection or erasure concerns the record otherwise than through its author
    named  bool, perhaps one does: a name that is listed stands there
    flags  uint16, what is said of the author for this record alone
    """

    third: Mask
    named: Mask
    flags: U2

    @classmethod
    def none(cls, rows: int) -> Hits:
        """No register, no hit."""
        return cls(np.zeros(rows, np.bool_), np.zeros(rows, np.bool_), np.zeros(rows, np.uint16))


def listed(out: Path, name: str) -> AuthorTable:
    """One of the register's tables of keys: "findings", "urls" or "authors"."""
    table = store.read_table(store.work(out, "register", name))
    return AuthorTable(store.keys_of(table.column("key")), table.column("flags").to_numpy())


def hits_of(findings: AuthorTable, urls: AuthorTable, found: Sequence[pa.Table], authors: U1, url: U1) -> Hits:
    """Join one segment.

    found    its findings tables: row, about, key
    authors  uint8[n, 16], zeros where the author is not known; url uint8[n, 16], zeros where there is none
    """
    hits = Hits.none(len(authors))
    known = np.asarray(authors.any(axis=1), np.bool_)
    for table in found if len(findings.keys) else ():
        row, about, keys, flags = _hit(findings, table)
        own = (about == About.AUTHOR) & known[row]
        # The same name found twice, once as the author's own: it is theirs there too.
        theirs = np.isin(_pairs(row, keys), _pairs(row[own], keys[own]))
        other = (about != About.GENERAL) & ~theirs
        hits.third[row[other & ((flags & np.uint16(ABOUT_OTHERS)) != 0)]] = True
        hits.named[row[other & ((flags & np.uint16(UNCLEAR_ABOUT_OTHERS)) != 0)]] = True
    if len(urls.keys):
        there = urls.of(url)
        hits.third[(there & np.uint16(ABOUT_OTHERS)) != 0] = True
        hits.flags[:] = there & ~np.uint16(ABOUT_OTHERS)
    return hits


def _hit(findings: AuthorTable, table: pa.Table) -> tuple[npt.NDArray[np.int32], U1, U1, U2]:
    """The listed ones of some findings: row, about, key, flags."""
    keys = store.keys_of(table.column("key"))
    flags = findings.of(keys)
    at = np.flatnonzero(flags)
    return table.column("row").to_numpy()[at], table.column("about").to_numpy()[at], keys[at], flags[at]


def _pairs(row: npt.NDArray[np.int32], keys: U1) -> npt.NDArray[np.void]:
    joined = np.column_stack([np.ascontiguousarray(row.astype(">i4")).view(np.uint8).reshape(-1, 4), keys])
    return np.ascontiguousarray(joined).view(np.dtype((np.void, 20))).reshape(-1)


@dataclass(frozen=True)
class Heard:
    """Ask one shard which of its authors the register names otherwise than by their key; picklable.

    The task is the shard's number and the names of its segments.
    """

    out: str

    def __call__(self, task: tuple[int, tuple[str, ...]]) -> tuple[U1, U2]:
        return heard(Path(self.out), *task)


def heard(out: Path, shard: int, segments: Sequence[str]) -> tuple[U1, U2]:
    """Keys and flags of authors whom the register names by an alias, or by what they state as their own."""
    findings, authors = listed(out, "findings"), listed(out, "authors")
    keys, flags = [np.empty((0, 16), np.uint8)], [np.empty(0, np.uint16)]

    def add(author: U1, said: U2) -> None:
        said = said & ~np.uint16(CONSENT)
        keys.append(author[said != 0])
        flags.append(said[said != 0])

    path = store.work(out, "aliases", f"{shard:05d}")
    if path.exists():
        table = store.read_table(path)
        alias, author = store.keys_of(table.column("key")), store.keys_of(table.column("author"))
        # A second name is shown by choice and may be another's handle; an address or number is its holder's.
        by_name = authors.of(alias)
        add(author, findings.of(alias) | unclear(by_name) | (by_name & np.uint16(UNCLEAR)))
    for segment in segments if len(findings.keys) else ():
        accounts = store.keys_of(store.read_table(store.work(out, "accounts", segment)).column("author"))
        author = accounts[store.read_table(store.work(out, "facts", segment), ["author"]).column("author").to_numpy()]
        for found in store.findings(out, segment).values():
            row, about, _, said = _hit(findings, store.read_table(found, ["row", "about", "key"]))
            own = (about == About.AUTHOR) & author[row].any(axis=1)
            add(author[row[own]], said[own])
    return np.concatenate(keys), np.concatenate(flags)
