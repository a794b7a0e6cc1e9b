"""A register file → the snapshot a run is given: who objected, asked for erasure, consented or reserved rights.

The file is CSV with the columns kind (objection, erasure, consent, reservation), identifier_kind (handle, email,
url, phone, name), identifier, and optionally source and received_at.

    handle   the author of that name in that source (in every source of the run, if none is named)
    email    the author the source knows by it, or who states it as their own; and records about its holder
    phone    the same
    url      a profile: the account behind it; else the one record that stands there
    name     a person's name or a phrase: records in which it stands, authors who bear it. It may be a namesake's,
             so what it reaches is unknown until a named person says who is meant

No error and no `repr` shows an identifier.
"""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from klarera.errors import InputError

__all__ = ["IDENTIFIERS", "KINDS", "Snapshot", "load", "plain_name"]

KINDS = {"objection": 64, "erasure": 128, "consent": 256, "reservation": 512}
"""Kind of entry → the author's flag (facts.rollup.AuthorFlag)."""
COLUMNS = ("kind", "identifier_kind", "identifier")
IDENTIFIERS = ("handle", "email", "url", "phone", "name")


def plain_name(name: str) -> str:
    """A name as it is compared: composed characters, small letters, single spaces.

    >>> plain_name("  Anna   MUSTER ")
    'anna muster'
    """
    return " ".join(unicodedata.normalize("NFC", name).lower().split())


@dataclass(frozen=True)
class Snapshot:
    """The register as one run sees it. Holds identifiers in memory only; `repr` shows none.

    entries  kind, identifier kind, identifier, source ("" for every one)
    sha256   of the file
    lines    of the file, one for each entry; empty if it came from none
    file     its name, for errors
    """

    entries: tuple[tuple[str, str, str, str], ...]
    sha256: str
    lines: tuple[int, ...] = ()
    file: str = "register"

    def __repr__(self) -> str:
        return f"Snapshot({len(self.entries)} entries, {self.sha256[:12]})"

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The names that must be looked for in every text, each once, sorted."""
        wanted = {plain_name(i) for k, ik, i, _ in self.entries if ik == "name" and k in ("objection", "erasure")}
        return tuple(sorted(wanted))

    def problem(self, entry: int, problem: str, hint: str) -> InputError:
        """The error that names an entry by its place alone."""
        line = self.lines[entry] if entry < len(self.lines) else None
        where = problem if line is not None else f"entry {entry}: {problem}"
        return InputError(self.file, where, line=line, hint=hint)

    def summary(self) -> dict[str, Any]:
        """What the commit says of it: its hash and how many entries of each kind, by name alone among them."""
        counts = {kind: sum(e[0] == kind for e in self.entries) for kind in KINDS}
        return {"sha256": self.sha256, "entries": counts, "by_name": sum(e[1] == "name" for e in self.entries)}


def load(path: Path) -> Snapshot:
    """Read a register file. Raises InputError with file and line, never with the identifier."""
    try:
        data = path.read_bytes()
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        columns = reader.fieldnames or ()
        rows = [(row, reader.line_num) for row in reader]
    except FileNotFoundError:
        raise InputError(path.name, "no such register file") from None
    except OSError as error:
        raise InputError(path.name, f"cannot be read: {error.strerror}", hint="a CSV file") from None
    except (UnicodeDecodeError, csv.Error):
        raise InputError(path.name, "is not a CSV file in UTF-8") from None
    for column in COLUMNS:
        if column not in columns:
            raise InputError(path.name, f"has no column {column}", line=1, hint=",".join(COLUMNS))
    entries = [_entry(row, path.name, number) for row, number in rows]
    lines = tuple(number for _, number in rows)
    return Snapshot(tuple(entries), hashlib.sha256(data).hexdigest(), lines, path.name)


def _entry(row: Mapping[str, str | None], file: str, line: int) -> tuple[str, str, str, str]:
    need: tuple[tuple[str, Callable[[str], bool], str], ...] = (
        ("kind", KINDS.__contains__, ", ".join(KINDS)),
        ("identifier_kind", IDENTIFIERS.__contains__, ", ".join(IDENTIFIERS)),
        ("identifier", bool, "the identifier"),
    )
    for column, fits, hint in need:
        if not fits((row.get(column) or "").strip()):
            raise InputError(file, f"column {column} is missing or unknown", line=line, hint=hint)
    values = [(row.get(c) or "").strip() for c in ("kind", "identifier_kind", "identifier", "source")]
    if values[0] == "consent" and values[1] == "name":
        # GDPR Art. 7(1): whoever relies on a consent shows whose it is; a name may be a namesake's.
        raise InputError(file, "a consent cannot rest on a name alone", line=line, hint="handle, email, url or phone")
    return values[0], values[1], values[2], values[3]
