"""The seam to the disk: every file Klarera keeps is written here, whole or not at all.

Rules kept:
- A file appears under its name only when its bytes are durable (temporary name in the same folder,
  fsync, link or rename, fsync of the folder). What a killed process leaves is a temporary name,
  which `sweep` removes.
- A file that must be written once (a commit, a part) is linked, never renamed over another one.
- An error with unknown outcome is answered by reading back, not by guessing.

Not shown by any test here: that a disk keeps what fsync returned for.

>>> import tempfile
>>> path = Path(tempfile.mkdtemp()) / "a" / "b.json"
>>> put_if_absent(path, b"{}"), put_if_absent(path, b"{}")
(True, False)
>>> hash_file(path).size
2
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from klarera.errors import KlareraError, RetryLater, UsageError

__all__ = [
    "FAULT",
    "Mark",
    "before",
    "discard",
    "explained",
    "explaining",
    "hash_file",
    "is_temporary",
    "make_folder",
    "placing",
    "put_if_absent",
    "read_file",
    "write_atomic",
]

FAULT: Callable[[str, Path], None] | None = None
"""Tests set this. It is called with the operation (open, write, fsync, link, rename, unlink, mkdir,
fsync-folder, read) and its path before each operation, and may raise an OSError or end the process."""

_TEMPORARY = re.compile(r"\.(.+)\.\d+-\d+\.tmp\Z")
_CHUNK = 1 << 20
_numbers = count()

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


@dataclass(frozen=True, slots=True)
class Mark:
    """What a file held: SHA-256 in hex, and size in bytes."""

    sha256: str
    size: int


def hash_file(path: Path) -> Mark:
    """Read `path` once. Raises OSError if it cannot be read."""
    before("read", path)
    digest, size = hashlib.sha256(), 0
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Mark(digest.hexdigest(), size)


def read_file(path: Path) -> bytes:
    """All bytes of a small file. Raises OSError if it cannot be read."""
    before("read", path)
    return path.read_bytes()


def write_atomic(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Replace `path` by `data`: a reader sees the old bytes or the new. Raises RetryLater, UsageError."""
    with _temporary(path, mode) as temporary, explaining(path, need=len(data)):
        _fill(temporary, data)
        before("rename", path)
        os.replace(temporary, path)
        _sync_folder(path.parent)


def put_if_absent(path: Path, data: bytes, *, mode: int = 0o666) -> bool:
    """Write `data` to `path` unless something is there.

    Returns True if this call placed it, False if the same bytes stood there before.
    Raises RetryLater if other bytes stand there (another writer) or the disk failed; UsageError.
    """
    with _temporary(path, mode) as temporary, explaining(path, need=len(data)):
        _fill(temporary, data)
        return _settle(temporary, path)


@contextlib.contextmanager
def placing(path: Path, *, mode: int = 0o666) -> Iterator[Path]:
    """A temporary path to write a large file to; on leaving the block it appears under `path`.

    On an exception nothing appears. Raises RetryLater if other bytes stand there, or the disk failed.
    """
    with _temporary(path, mode) as temporary:
        try:
            yield temporary
        except OSError as error:
            # Only what a disk says: the block may have failed on something of its own.
            if error.errno in _FULL or error.errno == errno.EIO:
                raise explained(error, path, 0) from error
            raise
        with explaining(path):
            _sync(temporary)
            _settle(temporary, path)


def make_folder(path: Path, *, mode: int = 0o777) -> None:
    """Create `path` and the folders above it, durably. Only `path` itself gets `mode`."""
    if path.is_dir():
        return
    make_folder(path.parent)
    with explaining(path):
        before("mkdir", path)
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=mode)
        if not path.is_dir():
            raise UsageError(f"{path}: is a file where a folder is needed", hint="another output folder")
        _sync_folder(path.parent)


def is_temporary(name: str) -> bool:
    """Is this file name one of ours that never got its place?

    >>> is_temporary(".part-1.parquet.812-0.tmp"), is_temporary("part-1.parquet")
    (True, False)
    """
    return _TEMPORARY.fullmatch(name) is not None


@contextlib.contextmanager
def _temporary(path: Path, mode: int) -> Iterator[Path]:
    """An empty file beside `path`, gone at the end of the block unless it was renamed."""
    make_folder(path.parent)
    # Leftovers of a killed process with the same id are stepped over.
    names = (path.with_name(f".{path.name}.{os.getpid()}-{number}.tmp") for number in _numbers)
    for temporary in names:
        with explaining(path), contextlib.suppress(FileExistsError):
            before("open", temporary)
            os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode))
            break
    try:
        yield temporary
    finally:
        discard(temporary)


def _fill(temporary: Path, data: bytes) -> None:
    file = os.open(temporary, os.O_WRONLY | os.O_CLOEXEC)
    try:
        rest = memoryview(data)
        while rest:
            before("write", temporary)
            rest = rest[os.write(file, rest[:_CHUNK]) :]
    finally:
        os.close(file)
    _sync(temporary)


def _settle(temporary: Path, path: Path) -> bool:
    """Give a durable temporary file its name; False if the same bytes had it before."""
    placed = _link(temporary, path)
    if not placed and hash_file(path) != hash_file(temporary):
        raise RetryLater(f"{path}: another writer was first", hint="call again: it starts from the new state")
    _sync_folder(path.parent)
    return placed


def _link(temporary: Path, path: Path) -> bool:
    try:
        before("link", path)
        os.link(temporary, path)
    except OSError as error:
        # The reply may be lost although the link was made (network, signal): look before judging.
        if path.exists() and path.samefile(temporary):
            return True
        if isinstance(error, FileExistsError):
            return False
        if error.errno in _NO_LINKS:
            raise UsageError(f"{path}: the file system has no hard links", hint="another output folder") from error
        raise
    return True


def discard(temporary: Path) -> None:
    """Remove a temporary file if it is there. Best effort: `lock.sweep` finds it again."""
    with contextlib.suppress(OSError):
        if temporary.exists():
            before("unlink", temporary)
            temporary.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    before("fsync", path)
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _sync_folder(path: Path) -> None:
    if sys.platform == "win32":
        return  # folders cannot be synced there
    before("fsync-folder", path)
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def before(operation: str, path: Path) -> None:
    if FAULT is not None:
        FAULT(operation, path)


@contextlib.contextmanager
def explaining(path: Path, *, need: int = 0) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise explained(error, path, need) from error


def explained(error: OSError, path: Path, need: int) -> KlareraError:
    if error.errno in _FULL:
        amount = f"{max(1, -(-need // 1_000_000))} MB" if need else "space"
        return RetryLater(f"{path}: the disk is full, {amount} needed", hint=f"free {amount} and call again")
    if error.errno == errno.EIO:
        return RetryLater(f"{path}: the disk reports an error", hint="check the disk and call again")
    reason = os.strerror(error.errno) if error.errno else "unknown error"
    return UsageError(f"{path}: cannot be written: {reason.lower()}", hint="another output folder")
