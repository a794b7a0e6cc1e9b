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

from klarera.find import I4, I8, U1, Detector, Scan, Spans, Term, View
from klarera.kernels.profile_url import grow_links, link_form
from klarera.model import Kind

__all__ = ["DETECTOR", "Profile", "profiles", "site_of"]


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


def _links(view: View, scan: Scan) -> tuple[I4, I8]:
    """Links around a host of the table, and around "/@" on any host: row of each, and what grow_links says."""
    rules = table()
    words = scan.own["profile_url"]
    row = np.concatenate((words.row, scan.at.row))
    start = np.concatenate((words.start, scan.at.start))
    host = np.concatenate((words.term.astype(np.int64), np.full(len(scan.at.row), len(rules.hosts) - 1)))
    out = np.empty((len(row), 6), np.int64)
    grow_links(view.buf, view.off, row, start, host, *rules[1:], out)
    return row[out[:, 5] >= 0], out[out[:, 5] >= 0]


def find(view: View, scan: Scan) -> Spans:
    """Links to profiles."""
    rules = table()
    row, links = _links(view, scan)
    begin, end = np.ascontiguousarray(links[:, 0]), np.ascontiguousarray(links[:, 1])
    sizes = np.diff(rules.canonical_off)[links[:, 5]] + (end - begin)
    canon, canon_off = np.empty(int(sizes.sum()), np.uint8), np.zeros(len(links) + 1, np.int64)
    last_rule = len(rules.digits) - 1
    size = link_form(view.buf, links, rules.canonical, rules.canonical_off, last_rule, canon, canon_off)
    spans = Spans.of(row, begin, end, Kind.PROFILE_URL)
    return spans._replace(canon=canon[:size], canon_off=canon_off)


class Profile(NamedTuple):
    """Whose profile a link shows: the platform's host in its one form, the account's name in small letters.

    whole  nothing but a query or fragment follows the name; False for a post below it
    """

    site: str
    name: str
    whole: bool


def profiles(view: View, scan: Scan) -> dict[int, Profile]:
    """For each row that is one link to a profile and nothing else before it, whose it is."""
    rules, found = table(), dict[int, Profile]()
    row, links = _links(view, scan)
    for at, (start, _, site, name, stop, rule) in zip(row.tolist(), links.tolist(), strict=True):
        if start != view.off[at]:
            continue
        text = view.buf[site : view.off[at + 1]].tobytes().decode()
        form = rules.canonical[rules.canonical_off[rule] : rules.canonical_off[rule + 1]].tobytes().decode()
        rest = view.buf[stop : view.off[at + 1]].tobytes().strip(b"/ ")
        host = text.split("/")[0] if rule == len(rules.digits) - 1 else form.split("/")[0]
        account = view.buf[name:stop].tobytes().decode().lower()
        found[at] = Profile(site_of(host), account, not rest or rest[:1] in (b"?", b"#", b"&"))
    return found


def site_of(domain: str) -> str:
    """A domain or address as the one form of its host.

    >>> site_of("https://www.Twitter.com/"), site_of("social.example")
    ('x.com', 'social.example')
    """
    host = domain.strip().lower().partition("://")[2] or domain.strip().lower()
    host = host.split("/")[0].removeprefix("www.")
    rules = table()
    if host not in rules.hosts[:-1]:
        return host
    rule = int(rules.rule_at[rules.hosts.index(host)])
    form = rules.canonical[rules.canonical_off[rule] : rules.canonical_off[rule + 1]].tobytes().decode()
    return form.split("/")[0]


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
