"""Links to the profile of a person on a platform.

A link names a person as surely as a handle does; it may also belong to an organisation, which the text does
not tell: about = UNCLEAR.

Source   profile_url.tsv (hosts, paths, reserved words), from general knowledge of the platforms, 2026-11
Finds    links with or without scheme and "www.", and "https://any.host/@name" as the Fediverse writes them
Misses   platforms that are not in the table, shortened links, hosts in capitals split by blanks
Span     the whole link, because its rest (a post's number, a query) points to the same person

Canonical form: the platform's one host and path, then the name in small letters ("x.com/name").
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from klarera.find import I8, U1, Detector, Scan, Spans, Term, View
from klarera.kernels.profile_url import grow_links, link_form
from klarera.model import Kind

__all__ = ["DETECTOR"]


class Table(NamedTuple):
    """The rules of profile_url.tsv. Rules of host h are rule_at[h]:rule_at[h + 1]; the last host is "*".

    path, canonical, host: bytes and offsets; digits: uint8 a rule; reserved: bytes and offsets of all words
    that are no profile, those of rule r at word_at[r]:word_at[r + 1].
    """

    hosts: tuple[str, ...]
    host: U1
    host_off: I8
    rule_at: I8
    path: U1
    path_off: I8
    canonical: U1
    canonical_off: I8
    digits: U1
    reserved: U1
    reserved_off: I8
    word_at: I8


def _joined(words: list[str]) -> tuple[U1, I8]:
    raw = [word.encode() for word in words]
    ends = np.cumsum([0, *map(len, raw)], dtype=np.int64)
    return np.frombuffer(b"".join(raw) + b"\0", np.uint8).copy(), ends


@cache
def table() -> Table:
    """The data file as arrays, read once a process."""
    lines = (files(__package__) / "profile_url.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    hosts = tuple(dict.fromkeys(row[0] for row in rows))
    rows.sort(key=lambda row: hosts.index(row[0]))
    rule_at = np.searchsorted([hosts.index(row[0]) for row in rows], np.arange(len(hosts) + 1))
    reserved = [row[4].split() if len(row) > 4 else [] for row in rows]
    return Table(
        hosts, *_joined(list(hosts)), rule_at.astype(np.int64), *_joined([r[1] for r in rows]),
        *_joined([r[3] for r in rows]), np.array([r[2] == "digits" for r in rows], np.uint8),
        *_joined([word for words in reserved for word in words]),
        np.cumsum([0, *map(len, reserved)], dtype=np.int64),
    )  # fmt: skip


def find(view: View, scan: Scan) -> Spans:
    """Links around a host of the table, and around "/@" on any host."""
    rules = table()
    words = scan.own["profile_url"]
    row = np.concatenate((words.row, scan.at.row))
    start = np.concatenate((words.start, scan.at.start))
    host = np.concatenate((words.term.astype(np.int64), np.full(len(scan.at.row), len(rules.hosts) - 1)))
    out = np.empty((len(row), 6), np.int64)
    grow_links(view.buf, view.off, row, start, host, *rules[1:], out)
    links = out[out[:, 5] >= 0]
    begin, end = np.ascontiguousarray(links[:, 0]), np.ascontiguousarray(links[:, 1])
    sizes = np.diff(rules.canonical_off)[links[:, 5]] + (end - begin)
    canon, canon_off = np.empty(int(sizes.sum()), np.uint8), np.zeros(len(links) + 1, np.int64)
    last_rule = len(rules.digits) - 1
    size = link_form(view.buf, links, rules.canonical, rules.canonical_off, last_rule, canon, canon_off)
    spans = Spans.of(row[out[:, 5] >= 0], begin, end, Kind.PROFILE_URL)
    return spans._replace(canon=canon[:size], canon_off=canon_off)


DETECTOR = Detector(
    name="profile_url",
    version=1,
    kinds=(Kind.PROFILE_URL,),
    find=find,
    source="profile_url.tsv, from general knowledge of the platforms",
    finds="links to profiles on the platforms of the table, and /@name on any host",
    misses="other platforms, shortened links",
    terms=tuple(Term(host.replace(".", " "), "", host) for host in table().hosts[:-1]),
)
