"""A register file → the snapshot a run is given: keys and flags, no identifier.

The file is CSV with the columns kind (objection, erasure, consent, reservation), identifier_kind (handle, email,
url, phone), identifier, and optionally source and received_at. A handle concerns the author of that name in that
source (in every source of the run, if none is named); any identifier also concerns records in which it is found
about somebody else.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from klarera.errors import InputError
from klarera.model import Kind

__all__ = ["Snapshot", "load"]

KINDS = {"objection": 64, "erasure": 128, "consent": 256, "reservation": 512}
"""Kind of entry → the author's flag (facts.rollup.AuthorFlag)."""
COLUMNS = ("kind", "identifier_kind", "identifier")
IDENTIFIERS = {"handle": Kind.HANDLE, "email": Kind.EMAIL, "url": Kind.PROFILE_URL, "phone": Kind.PHONE}

U1 = npt.NDArray[np.uint8]


class Keyed(Protocol):
    """What makes keys out of identifiers: the run's keys."""

    def author_keys(self, source: pa.Array, author: pa.Array) -> U1:
        """Keys of authors as a source names them."""

    def finding_keys(self, kind: Kind, identifiers: Sequence[str]) -> tuple[U1, npt.NDArray[np.int32]]:
        """Keys as findings of this kind carry them, and for each the number of its identifier."""


@dataclass(frozen=True)
class Snapshot:
    """The register as one run sees it. Holds identifiers in memory only; `repr` shows none."""

    entries: tuple[tuple[str, str, str, str], ...]
    """kind, identifier kind, identifier, source"""
    sha256: str
    terms: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Snapshot({len(self.entries)} entries, {self.sha256[:12]})"

    def authors(self, keys: Keyed, sources: Sequence[str]) -> tuple[U1, npt.NDArray[np.uint16]]:
        """Keys and flags of the authors it names, in each source they may be meant in."""
        source, author, flag = [], [], []
        for kind, identifier_kind, identifier, named in self.entries:
            if identifier_kind == "handle":
                for one in [named] if named else sources:
                    source.append(one)
                    author.append(identifier)
                    flag.append(KINDS[kind])
        large = pa.large_string()
        made = keys.author_keys(pa.array(source, large), pa.array(author, large))
        return made.reshape(-1, 16), np.array(flag, np.uint16)

    def findings(self, keys: Keyed) -> U1:
        """Sorted keys of identifiers that must not appear about another person.

        Raises InputError for identifiers nobody could find in a text: their objection would be lost.
        """
        made = [np.empty((0, 16), np.uint8)]
        for name, kind in IDENTIFIERS.items():
            listed = [i for k, ik, i, _ in self.entries if ik == name and k in ("objection", "erasure")]
            if listed:
                found, rows = keys.finding_keys(kind, listed)
                lost = len(listed) - len(np.unique(rows))
                # A handle is its author's name too, in whatever form a source gives it; the others are only this.
                if lost and name != "handle":
                    problem = f"{lost} of {len(listed)} identifiers of kind {name} cannot be recognised in a text"
                    raise InputError("register", problem, hint="phone numbers with + and country; whole addresses")
                made.append(found)
        return np.unique(np.concatenate(made), axis=0)

    def summary(self) -> dict[str, Any]:
        """What the commit says of it: its hash and how many entries of each kind."""
        counts = {kind: sum(e[0] == kind for e in self.entries) for kind in KINDS}
        return {"sha256": self.sha256, "entries": counts}


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
    return Snapshot(tuple(entries), hashlib.sha256(data).hexdigest())


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
    return values[0], values[1], values[2], values[3]
