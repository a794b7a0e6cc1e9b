"""A register snapshot → whom it reaches in this run: keys with flags, joined with what is stored.

    authors    a handle in its source; an address or number a source names its author by; the account behind a
               profile's address on a source's own domain or by its [[source]] domain; a personal name (unclear)
    findings   every identifier, as a finding of its kind carries it; a name's flags are unclear
    urls       the address of one record

Flags are those of facts.rollup.AuthorFlag. What a name reaches may be a namesake's: its flags say *unclear*.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from klarera.batch import Records
from klarera.facts.rollup import AuthorTable
from klarera.find import profile_url
from klarera.find.profile_url import Profile, profiles, site_of
from klarera.find.scan import scan_view, view_of
from klarera.find.words import Table, misfits
from klarera.model import Kind
from klarera.pipeline.settings import Settings
from klarera.register.snapshot import KINDS, Snapshot, plain_name

__all__ = ["ABOUT_OTHERS", "CONSENT", "UNCLEAR", "UNCLEAR_ABOUT_OTHERS", "Reach", "check_names", "reach", "unclear"]

U1 = npt.NDArray[np.uint8]
U2 = npt.NDArray[np.uint16]

ABOUT_OTHERS = KINDS["objection"] | KINDS["erasure"]
"""What an entry asks for wherever its identifier is found, whoever wrote it."""
CONSENT = KINDS["consent"]
UNCLEAR_ABOUT_OTHERS = ABOUT_OTHERS << 4
UNCLEAR = sum(KINDS.values()) << 4
"""All flags that may be another person's."""

_FOUND = {"handle": Kind.HANDLE, "email": Kind.EMAIL, "url": Kind.PROFILE_URL, "phone": Kind.PHONE}
_ADDRESS = re.compile(r"(?i)[a-z][a-z0-9+.-]*://\S|(?:[\w-]+\.)+[a-z]{2,}/\S")
"""What can be the address of a record: with a scheme, or with a host and a path."""


def unclear(flags: U2) -> U2:
    """The same flags, as ones that may be another person's; a consent is never unclear, it is shown or not.

    >>> unclear(np.array([64, 128 | 256], np.uint16)).tolist()
    [1024, 2048]
    """
    return ((flags & np.uint16(ABOUT_OTHERS | KINDS["reservation"])) << np.uint16(4)).astype(np.uint16)


@dataclass(frozen=True)
class Reach:
    """Keys and flags by what they are joined with; see the module."""

    authors: AuthorTable
    findings: AuthorTable
    urls: AuthorTable


@dataclass
class _Growing:
    keys: list[U1] = field(default_factory=list)
    flags: list[U2] = field(default_factory=list)

    def add(self, keys: U1, flags: Sequence[int] | U2) -> None:
        self.keys.append(keys.reshape(-1, 16))
        self.flags.append(np.asarray(flags, np.uint16))

    def table(self) -> AuthorTable:
        """All of them, each key once."""
        keys = np.concatenate([np.empty((0, 16), np.uint8), *self.keys])
        return AuthorTable.merge(keys, np.concatenate([np.empty(0, np.uint16), *self.flags]))


def check_names(snapshot: Snapshot) -> None:
    """Raises InputError with file and line for a name that cannot be looked for: it holds no word, or too many."""
    places = [at for at, entry in enumerate(snapshot.entries) if entry[1] == "name"]
    for number, why in misfits([plain_name(snapshot.entries[at][2]) for at in places]):
        raise snapshot.problem(places[number], f"the name {why}", "a person's name, or a short phrase")


def reach(snapshot: Snapshot, settings: Settings, sources: Mapping[str, Sequence[str]]) -> Reach:
    """Everything the snapshot reaches.

    sources  the sources of the run by name, each with the domains where its accounts stand

    Raises InputError with file and line for an identifier nothing could find: its objection would be lost.
    """
    check_names(snapshot)
    authors, findings, urls = _Growing(), _Growing(), _Growing()
    shown = _profiles([i if ik == "url" else "" for _, ik, i, _ in snapshot.entries])
    _names(snapshot, settings, list(sources), authors, findings)
    _found(snapshot, settings, shown, findings)
    rows: list[tuple[str, str, int]] = []
    mentioned: list[tuple[str, int]] = []
    for at, (kind, identifier_kind, identifier, named) in enumerate(snapshot.entries):
        meant = [named] if named else list(sources)
        if identifier_kind == "url":
            accounts = [(s, a) for s in meant if (a := _account(identifier, shown.get(at), sources.get(s, ())))]
            rows += [(source, account, KINDS[kind]) for source, account in accounts]
            mentioned += [(account, KINDS[kind]) for account in sorted({account for _, account in accounts})]
        elif identifier_kind != "name":
            rows += [(source, identifier, KINDS[kind]) for source in meant]
    large = pa.large_string()
    columns = [pa.array([row[i] for row in rows], large) for i in (0, 1)]
    authors.add(settings.author_keys(*columns), [row[2] for row in rows])
    keys, which = settings.finding_keys(Kind.HANDLE, [account for account, _ in mentioned])
    findings.add(keys, [mentioned[i][1] for i in which.tolist()])
    listed = [(i, KINDS[k]) for k, ik, i, _ in snapshot.entries if ik == "url"]
    urls.add(settings.url_keys(pa.array([i for i, _ in listed], large)), [flag for _, flag in listed])
    return Reach(authors.table(), findings.table(), urls.table())


def _names(
    snapshot: Snapshot, settings: Settings, sources: Sequence[str], authors: _Growing, findings: _Growing
) -> None:
    """Names: as findings of PERSON, and as the author whom a source names so."""
    listed = [(plain_name(i), KINDS[k], named) for k, ik, i, named in snapshot.entries if ik == "name"]
    flags = unclear(np.array([flag for _, flag, _ in listed], np.uint16))
    findings.add(settings.name_keys([name for name, _, _ in listed]), flags)
    rows = [(s, name, flags[i]) for i, (name, _, named) in enumerate(listed) for s in ([named] if named else sources)]
    large = pa.large_string()
    made = settings.author_keys(pa.array([s for s, _, _ in rows], large), pa.array([n for _, n, _ in rows], large))
    authors.add(made, [flag for _, _, flag in rows])


def _found(snapshot: Snapshot, settings: Settings, shown: Mapping[int, Profile], findings: _Growing) -> None:
    """Identifiers as the scanner gives them their keys, and the refusal of those it does not know."""
    for name, kind in _FOUND.items():
        at = [i for i, entry in enumerate(snapshot.entries) if entry[1] == name]
        # The address of a post below a profile names that post, not all that is said of the profile.
        at = [i for i in at if name != "url" or i not in shown or shown[i].whole]
        keys, rows = settings.finding_keys(kind, [snapshot.entries[i][2] for i in at])
        findings.add(keys, [KINDS[snapshot.entries[at[row]][0]] for row in rows.tolist()])
        lost = sorted(set(range(len(at))) - set(rows.tolist()))
        lost = [i for i in lost if not (name == "url" and _ADDRESS.match(snapshot.entries[at[i]][2].strip()))]
        # A handle is its author's name too, in whatever form a source gives it; the others are only this.
        if lost and name != "handle":
            problem = f"{len(lost)} of {len(at)} identifiers of kind {name} cannot be recognised"
            raise snapshot.problem(at[lost[0]], problem, "phone numbers with + and country; whole addresses")


def _profiles(links: Sequence[str]) -> dict[int, Profile]:
    """Which of the links show a profile."""
    view = view_of(Records.of({"text": [link.strip() for link in links]}))
    table = Table.build({profile_url.DETECTOR.name: profile_url.DETECTOR.terms})
    scan, _ = scan_view(view, np.zeros(len(links), np.uint8), table)
    return profiles(view, scan)


_BEFORE_NAME = ("/profile/", "/people/", "/users/", "/user/", "/in/", "/u/", "/@", "/")
"""What stands before an account's name on a source's own domain, the longest first."""


def _account(link: str, profile: Profile | None, domains: Sequence[str]) -> str:
    """The account a link names on one of these domains; "" if it names none."""
    sites = {site_of(domain) for domain in domains}
    if profile is not None:
        return profile.name if profile.whole and profile.site in sites else ""
    form = re.split(r"[?#]", link.strip())[0]
    host, slash, path = (form.partition("://")[2] or form).partition("/")
    if site_of(host) not in sites:
        return ""
    for before in _BEFORE_NAME:
        name = (slash + path).removeprefix(before).rstrip("/")
        if (slash + path).startswith(before) and re.fullmatch(r"[\w.-]{2,64}", name) and not name.isdigit():
            return name.lower()
    return ""
