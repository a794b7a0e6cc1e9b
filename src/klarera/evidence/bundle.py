"""What lies under OUT, read once: the values that `checks` looks at.

Nothing is believed here: a file that cannot be read as what it should be becomes None, an error or an
early end, and a check says so.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from klarera.errors import EvidenceError
from klarera.evidence import files, merkle, tiles
from klarera.evidence.checkpoint import Checkpoint, Verifier, read_unsigned
from klarera.evidence.commits import Commit, commit_path
from klarera.evidence.files import Mark
from klarera.evidence.log import read_verifier

__all__ = ["Bundle", "read_bundle"]


@dataclass(frozen=True)
class Bundle:
    """What lies under OUT: every file's mark, the bytes of those that prove the others, and what is no file.

    Paths are relative to OUT, with forward slashes.
    """

    marks: Mapping[str, Mark]
    proofs: Mapping[str, bytes] = field(repr=False)
    odd: Sequence[str] = ()

    @cached_property
    def commits(self) -> list[Commit | EvidenceError]:
        """Every commit from 0 to the first gap; an error where one cannot be read."""
        found: list[Commit | EvidenceError] = []
        while (path := commit_path(len(found))) in self.proofs:
            try:
                found.append(Commit.decode(self.proofs[path], path))
            except EvidenceError as error:
                found.append(error)
        return found

    @cached_property
    def head(self) -> Commit | None:
        """The newest commit, if it can be read."""
        newest = self.commits[-1] if self.commits else None
        return newest if isinstance(newest, Commit) else None

    @cached_property
    def checkpoint(self) -> Checkpoint | None:
        """What log/checkpoint claims, if it is one."""
        try:
            return read_unsigned(self.proofs.get("log/checkpoint", b""))
        except EvidenceError:
            return None

    @cached_property
    def verifier(self) -> Verifier | None:
        """The key that log/verifier claims, if it is one."""
        try:
            return read_verifier(self.proofs.get("log/verifier", b""))
        except EvidenceError:
            return None

    @cached_property
    def entries(self) -> list[bytes]:
        """The entries under the checkpoint, up to the first bundle that cannot be read."""
        found: list[bytes] = []
        for level, index, width in tiles.shape(self.checkpoint.size if self.checkpoint else 0):
            if level == 0:
                bundle = tiles.unpack(self.proofs.get(f"log/{tiles.tile_path('entries', index, width)}", b""))
                if bundle is None or len(bundle) != width:
                    break
                found += bundle
        return found

    @cached_property
    def hashes(self) -> list[bytes]:
        """Leaf hashes of `entries`."""
        return [merkle.leaf_hash(entry) for entry in self.entries]


def read_bundle(out: Path) -> Bundle:
    """Hash every file under `out` and keep the bytes of those that prove the others. Follows no link.

    Raises OSError if a folder or file cannot be read.
    """
    marks: dict[str, Mark] = {}
    proofs: dict[str, bytes] = {}
    odd: list[str] = []
    for path in sorted(_walk(out)):
        relative = path.relative_to(out).as_posix()
        if not stat.S_ISREG(path.lstat().st_mode):
            odd.append(relative)
        elif relative.startswith(("commits/", "log/")) or relative == "clearance.json":
            data = proofs[relative] = files.read_file(path)
            marks[relative] = Mark(hashlib.sha256(data).hexdigest(), len(data))
        else:
            marks[relative] = files.hash_file(path)
    return Bundle(marks, proofs, odd)


def _walk(folder: Path) -> Iterator[Path]:
    """Everything below `folder` that is no real folder."""
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path))
        else:
            yield Path(entry.path)
