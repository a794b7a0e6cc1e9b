"""One writer at a time: the lock of an output folder.

Rules kept:
- Whoever changes OUT holds its Lock from reading the newest commit until the next one is logged.
- A killed holder frees it (the system does); the lock file stays, empty.
- Where the file system cannot keep a second writer out, we refuse to start.

Below the lock stands `files.put_if_absent` on the commit's number: two drivers that both believe to hold
the lock still cannot both commit.

>>> import tempfile
>>> with Lock(Path(tempfile.mkdtemp())) as lock:
...     lock.held
True
"""

from __future__ import annotations

import errno
import os
import re
import sys
from pathlib import Path
from types import TracebackType

from klarera.errors import RetryLater, UsageError
from klarera.evidence import files

if sys.platform != "win32":
    import fcntl

__all__ = ["LOCK", "Lock", "mounted_as", "sweep"]

LOCK = "work/lock"
"""The lock file, relative to OUT. It stays empty and is never removed."""

# flock(2) here locks one machine only, or nothing at all. Lustre and Ceph lock across the cluster.
_NO_LOCKS = {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afs", "ncpfs", "davfs", "fuse.davfs"} | {
    f"fuse.{name}"
    for name in ("sshfs", "s3fs", "gcsfuse", "goofys", "rclone", "blobfuse", "blobfuse2", "mountpoint-s3")
}  # fmt: skip


class Lock:
    """The right to change OUT. A second holder is refused, also on the same machine and in one process.

    Raises RetryLater if another writer holds it, UsageError where the file system cannot lock.
    Readers need none: they see whole commits. A killed holder frees it.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self._file: int | None = None

    @property
    def held(self) -> bool:
        """Between entering and leaving the `with` block."""
        return self._file is not None

    def __enter__(self) -> Lock:
        if sys.platform == "win32":
            raise UsageError(f"{self.out}: no lock on this system", hint="WSL, Linux or macOS")
        files.make_folder(self.out / "work", mode=0o700)
        _refuse_unlockable(self.out)
        path = self.out / LOCK
        with files.explaining(path):
            files.before("open", path)
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            files.before("lock", path)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(file)
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise RetryLater(f"{self.out}: another writer is at work", hint="wait until it ends") from error
            raise files.explained(error, path, 0) from error
        self._file = file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def mounted_as(path: Path, mountinfo: str) -> str:
    """File system type of `path` by the text of /proc/self/mountinfo; "" if no mount fits.

    >>> mounted_as(Path("/data/out"), "1 0 8:1 / / rw - ext4 d rw\\n2 1 0:9 / /data rw - nfs4 d rw\\n")
    'nfs4'
    """
    best, kind = -1, ""
    for line in mountinfo.splitlines():
        fields, _, tail = line.partition(" - ")
        point = Path(re.sub(r"\\(\d{3})", lambda m: chr(int(m[1], 8)), fields.split(" ")[4]))
        # A later mount on the same point hides the earlier one.
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), tail.split(" ")[0]
    return kind


def _refuse_unlockable(out: Path) -> None:
    # Only Linux tells file systems by name in one place. Elsewhere the check is left out: put_if_absent
    # still keeps two writers from committing the same number.
    table = Path("/proc/self/mountinfo")
    if not table.exists():
        return
    kind = mounted_as(out.resolve(), table.read_text("utf-8", "surrogateescape"))
    if kind in _NO_LOCKS:
        raise UsageError(f"{out}: the file system {kind} cannot keep a second writer out", hint="a local output folder")


def sweep(lock: Lock) -> int:
    """Remove what killed runs left under temporary names; returns how many. Needs the lock of OUT."""
    left = [path for path in sorted(lock.out.rglob(".*.tmp")) if files.is_temporary(path.name)]
    for path in left:
        files.discard(path)
    return len(left)
