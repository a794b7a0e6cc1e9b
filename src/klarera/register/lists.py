"""Deny and allow lists of the house → keys, as the register's: no text is opened for them.

    deny.csv    action,identifier_kind,identifier,source
                drop,email,kaja.lind@mail.example,
                hold,handle,@mira_k,agora
                redact,word,project sparrow,
    allow.csv   identifier_kind,identifier,source
                email,press@house.example,

A deny list names what drops, holds or redacts a record in any case; a handle also means the author of that name.
An allow list names what the house's own measures leave alone; it takes nothing from what the rulebook says. The
column `source` may be left out; empty is every source. Words are looked for while a corpus is cleared, all other
identifiers are joined by the key their finding carries. What stands in both lists is refused, not guessed.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from klarera.errors import InputError
from klarera.model import Kind

__all__ = ["ALLOW", "IDENTIFIERS", "WORD", "Entry", "HouseLists", "load"]

ALLOW, WORD = "allow", "word"
ACTIONS = ("redact", "hold", "drop")
IDENTIFIERS = {
    "handle": Kind.HANDLE, "email": Kind.EMAIL, "url": Kind.PROFILE_URL, "phone": Kind.PHONE, "iban": Kind.IBAN,
    "card": Kind.CARD, "ip": Kind.IP, "mac": Kind.MAC, "wallet": Kind.WALLET,
}  # fmt: skip
"""Kind of identifier → the kind of finding whose key it is joined by."""


@dataclass(frozen=True)
class Entry:
    """One line of a list; the identifier is in memory only and never shown."""

    action: str
    kind: str
    identifier: str
    source: str

    def __repr__(self) -> str:
        return f"Entry({self.action}, {self.kind})"


@dataclass(frozen=True)
class HouseLists:
    """Both lists as one run sees them; `digests` are SHA-256 of the files by list name."""

    entries: tuple[Entry, ...]
    digests: Mapping[str, bytes]

    def __repr__(self) -> str:
        return f"HouseLists({len(self.entries)} entries)"

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the deny list, each once, in a fixed order."""
        return tuple(sorted({e.identifier for e in self.entries if e.kind == WORD}))

    def summary(self, secret: bytes) -> dict[str, Any]:
        """What the commit says of each list: a keyed hash and how many entries of each action.

        The hash is keyed, since a list of one identifier could be guessed from a plain one.
        """
        told: dict[str, Any] = {}
        for name, digest in sorted(self.digests.items()):
            counts = Counter(e.action for e in self.entries if (e.action == ALLOW) == (name == ALLOW))
            told[name] = {
                "hmac": hmac.new(secret, name.encode() + b"\x00" + digest, hashlib.sha256).hexdigest(),
                "entries": dict(sorted(counts.items())),
            }
        return told


def load(deny: Path | None, allow: Path | None, sources: Sequence[str] = ()) -> HouseLists:
    """Read the files that are given.

    sources  names of the sources the project describes; with none, any name may stand in the column `source`

    Raises InputError with file and line, never with the identifier: no such file, a column that is missing, an
    action, kind or source nobody knows, an identifier in both lists.
    """
    entries: list[Entry] = []
    digests: dict[str, bytes] = {}
    first: dict[tuple[str, str, str], str] = {}
    for name, path in (("deny", deny), (ALLOW, allow)):
        if path is None:
            continue
        rows, digests[name] = _rows(path, ("identifier_kind", "identifier") if name == ALLOW else _DENY)
        for row, line in rows:
            entry = _entry(row, name, sources, path.name, line)
            key = (entry.kind, entry.identifier.casefold(), entry.source)
            if first.setdefault(key, name) != name:
                raise InputError(path.name, "names what the deny list names", line=line, hint="one of the two lists")
            entries.append(entry)
    return HouseLists(tuple(dict.fromkeys(entries)), digests)


_DENY = ("action", "identifier_kind", "identifier")


def _rows(path: Path, columns: Sequence[str]) -> tuple[list[tuple[Mapping[str, str | None], int]], bytes]:
    try:
        data = path.read_bytes()
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        rows: list[tuple[Mapping[str, str | None], int]] = [(row, reader.line_num) for row in reader]
    except OSError:
        raise InputError(path.name, "no such list", hint="[policy] deny and allow name files beside it") from None
    except (UnicodeDecodeError, csv.Error):
        raise InputError(path.name, "is not a CSV file in UTF-8") from None
    for column in columns:
        if column not in (reader.fieldnames or ()):
            raise InputError(path.name, f"has no column {column}", line=1, hint=",".join([*columns, "source"]))
    return rows, hashlib.sha256(data).digest()


def _entry(row: Mapping[str, str | None], name: str, sources: Sequence[str], file: str, line: int) -> Entry:
    action, kind, identifier, source = (
        (row.get(c) or "").strip() for c in ("action", "identifier_kind", "identifier", "source")
    )
    kinds = [*IDENTIFIERS, *([] if name == ALLOW else [WORD])]
    if name != ALLOW and action not in ACTIONS:
        raise InputError(file, "column action is missing or unknown", line=line, hint=", ".join(ACTIONS))
    if kind not in kinds:
        raise InputError(file, "column identifier_kind is missing or unknown", line=line, hint=", ".join(kinds))
    if not identifier:
        raise InputError(file, "column identifier is empty", line=line, hint="the identifier")
    if source and sources and source not in sources:
        raise InputError(file, "column source names no [[source]]", line=line, hint=", ".join(sources[:6]))
    return Entry(ALLOW if name == ALLOW else action, kind, identifier, source)
