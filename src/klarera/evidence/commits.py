"""The states of a clearance: numbered commits, each naming its parent and every file of that state.

    commits/00000000000000000000.json    canonical JSON, written once
    clearance.json                       copy of the newest

    {"format": 1, "kind": "clear", "manifest": {"cleared/part-0.parquet": {"sha256": ..., "size": ...}},
     "number": 0, "parent": null, "payload": {"counts": ..., ...}}

Rules kept:
- A state exists when its commit file does, and not before; there is nothing else to read.
- Every commit has its leaves in the log, once and in order: one for each cleared part it brings, then
  its own. A run killed between the two is completed by `recover`: the leaves follow from the commit.
- Two drivers cannot both commit: the lock, and below it put-if-absent on the number.
- Every file under OUT stands in the manifest, so a report is rendered before its commit.

`payload["counts"]` is {"total": units, "shards": {name: units}} with units = {"units", "kept",
"redacted", "held", "dropped", "unreadable"}: `verify` adds them up. `clear` must carry it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from klarera.errors import EvidenceError, RetryLater, UsageError
from klarera.evidence import files
from klarera.evidence.canonical import canonical, parse
from klarera.evidence.checkpoint import Signer
from klarera.evidence.files import Mark
from klarera.evidence.lock import LOCK, Lock, sweep
from klarera.evidence.log import Log

__all__ = ["KINDS", "Commit", "Draft", "chain", "head", "leaves", "publish", "recover", "superseded"]

KINDS = ("clear", "decide", "judge", "apply", "erase", "release")

_PATH = re.compile(r"(?!\.{1,2}(/|\Z))[A-Za-z0-9._=-]+(/(?!\.{1,2}(/|\Z))[A-Za-z0-9._=-]+)*")
_HASH = re.compile(r"[0-9a-f]{64}")
_OURS = ("commits/", "log/")
_FIELDS = {"format", "kind", "manifest", "number", "parent", "payload"}


@dataclass(frozen=True)
class Draft:
    """A change to be committed.

    kind       one of KINDS
    parent     the commit it starts from; None for the first
    manifest   every file of the new state, relative to OUT, also those that did not change
    payload    inputs, code, rulebook, detectors, counts, conditions, reading, purpose, day: JSON
               without floats, without text of a record or a person's identifier
    """

    kind: str
    parent: Commit | None
    manifest: Mapping[str, Mark]
    payload: Mapping[str, object] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The commit's bytes. Raises UsageError."""
        for path in self.manifest:
            if not is_kept(path):
                raise UsageError("manifest: a path that is not a plain relative name of a kept file")
        if self.kind not in KINDS:
            raise UsageError(f"unknown kind of commit '{self.kind}'", hint=", ".join(KINDS))
        return canonical(
            {
                "format": 1,
                "kind": self.kind,
                "manifest": {p: {"sha256": m.sha256, "size": m.size} for p, m in self.manifest.items()},
                "number": self.parent.number + 1 if self.parent else 0,
                "parent": self.parent.sha256 if self.parent else None,
                "payload": dict(self.payload),
            }
        )


@dataclass(frozen=True)
class Commit:
    """One state, as read from its bytes."""

    number: int
    kind: str
    parent: str | None
    manifest: Mapping[str, Mark]
    payload: Mapping[str, object]
    data: bytes = field(repr=False)

    @cached_property
    def sha256(self) -> str:
        """What the next commit and the log name it by."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def name(self) -> str:
        """Its path, relative to OUT."""
        return commit_path(self.number)

    @classmethod
    def decode(cls, data: bytes, place: str) -> Commit:
        """Raises EvidenceError naming `place`."""
        value = parse(data, place)
        if not _is_commit(value):
            raise EvidenceError(place, "is not a commit")
        manifest = {path: Mark(mark["sha256"], mark["size"]) for path, mark in value["manifest"].items()}
        return cls(value["number"], value["kind"], value["parent"], manifest, value["payload"], data)


def commit_path(number: int) -> str:
    """Path of a commit, relative to OUT.

    >>> commit_path(7)
    'commits/00000000000000000007.json'
    """
    return f"commits/{number:020}.json"


def chain(out: Path) -> list[Commit]:
    """All commits, oldest first, each naming the one before. Raises EvidenceError."""
    commits: list[Commit] = []
    while (path := out / commit_path(len(commits))).exists():
        place = commit_path(len(commits))
        commit = Commit.decode(files.read_file(path), place)
        if commit.number != len(commits):
            raise EvidenceError(place, f"says it is number {commit.number}")
        if commit.parent != (commits[-1].sha256 if commits else None):
            raise EvidenceError(place, "names another parent than the commit before it")
        commits.append(commit)
    return commits


def head(out: Path) -> Commit | None:
    """The newest commit; None if there is none. Raises EvidenceError."""
    return commits[-1] if (commits := chain(out)) else None


def leaves(commit: Commit, parent: Commit | None) -> Iterator[dict[str, object]]:
    """The log entries of a commit: its new cleared parts by path, then itself."""
    before = parent.manifest if parent else {}
    for path, mark in sorted(commit.manifest.items()):
        if path.startswith("cleared/") and before.get(path) != mark:
            yield {
                "leaf": "part",
                "commit": commit.number,
                "path": path,
                "sha256": mark.sha256,
                "size": mark.size,
            }
    yield {
        "leaf": "commit",
        "bytes": sum(mark.size for mark in commit.manifest.values()),
        "files": len(commit.manifest),
        "kind": commit.kind,
        "number": commit.number,
        "parent": commit.parent,
        "sha256": commit.sha256,
    }


def publish(lock: Lock, draft: Draft, signer: Signer) -> Commit:
    """Commit a state whose files are already in place, and log it.

    The lock is held from the moment `draft.parent` was read until this returns. If this raises
    RetryLater the outcome may be unknown: `recover` says which state holds.
    Raises UsageError, EvidenceError (a file of the manifest is missing or of another size), RetryLater.
    """
    current = recover(lock, signer)
    if (current.sha256 if current else None) != (draft.parent.sha256 if draft.parent else None):
        raise RetryLater("another writer committed meanwhile", hint="call again: it starts from the new state")
    data = draft.encode()
    for path, mark in draft.manifest.items():
        file = lock.out / path
        if file.is_symlink() or not file.is_file() or file.stat().st_size != mark.size:
            raise EvidenceError(path, "is not the file the commit speaks of")
    commit = Commit.decode(data, commit_path(current.number + 1 if current else 0))
    if not files.put_if_absent(lock.out / commit.name, data):
        raise RetryLater("another writer committed the same state", hint="nothing is left to do")
    Log.open(lock.out / "log").append(list(leaves(commit, current)), signer)
    files.write_atomic(lock.out / "clearance.json", data)
    return commit


def recover(lock: Lock, signer: Signer) -> Commit | None:
    """Complete what a killed run left undone, and give the newest commit.

    Removes temporary files, logs commits without leaves, renews clearance.json. Changes nothing that is
    whole. Raises EvidenceError if the log speaks of other commits than there are.
    """
    if not lock.held:
        raise UsageError(f"{lock.out}: only the holder of the lock may change it")
    sweep(lock)
    commits = chain(lock.out)
    log = Log.open(lock.out / "log")
    expected = [leaf for i, c in enumerate(commits) for leaf in leaves(c, commits[i - 1] if i else None)]
    logged = [leaf for i in range(log.size) if (leaf := parse(log.entry(i), f"log entry {i}")).get("leaf") != "event"]
    if logged != expected[: len(logged)]:
        raise EvidenceError("log", "speaks of other commits than there are", hint="klarera verify")
    if expected[len(logged) :]:
        log.append(expected[len(logged) :], signer)
    if not commits:
        return None
    copy = lock.out / "clearance.json"
    if not copy.exists() or files.read_file(copy) != commits[-1].data:
        files.write_atomic(copy, commits[-1].data)
    return commits[-1]


def superseded(commits: list[Commit]) -> list[str]:
    """Paths named by earlier commits and not by the newest: to be removed once it is committed."""
    kept = commits[-1].manifest if commits else {}
    return sorted({path for commit in commits for path in commit.manifest} - kept.keys())


def is_kept(path: str) -> bool:
    """May a manifest name this path? Plain relative names only, and none of the files that prove it.

    >>> [is_kept(path) for path in ("cleared/a.parquet", "../a", "/a", "a//b", "log/checkpoint", "a/.")]
    [True, False, False, False, False, False]
    """
    if not _PATH.fullmatch(path) or files.is_temporary(path.rpartition("/")[2]):
        return False
    return not path.startswith(_OURS) and path not in ("clearance.json", LOCK)


def _is_commit(value: Mapping[str, object]) -> bool:
    if value.keys() != _FIELDS or not isinstance(value["payload"], dict):
        return False
    form = _is_count(value["format"]) and value["format"] == 1 and _is_count(value["number"])
    parent, manifest = value["parent"], value["manifest"]
    if not form or value["kind"] not in KINDS or not (parent is None or _is_hash(parent)):
        return False
    return isinstance(manifest, dict) and all(is_kept(p) and _is_mark(mark) for p, mark in manifest.items())


def _is_mark(mark: object) -> bool:
    return (
        isinstance(mark, dict)
        and mark.keys() == {"sha256", "size"}
        and _is_hash(mark["sha256"])
        and _is_count(mark["size"])
    )


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def _is_count(value: object) -> bool:
    # A bool is an int in Python, and true is not 1 in JSON.
    return type(value) is int and value >= 0
