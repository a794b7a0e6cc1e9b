"""One writer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from klarera.errors import RetryLater, UsageError
from klarera.evidence import files, lock
from klarera.evidence.lock import Lock, mounted_as

HOLD = """
import sys, time
from pathlib import Path
from klarera.evidence.lock import Lock
with Lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_holder_is_refused_and_the_next_is_not(tmp_path: Path) -> None:
    with Lock(tmp_path) as first:
        second = Lock(tmp_path)
        with pytest.raises(RetryLater, match="another writer"):
            second.__enter__()
        assert (first.held, second.held) == (True, False)
    assert [lock.held for lock in (first, second)] == [False, False]
    with second:
        assert second.held


def test_another_process_is_refused_until_the_holder_is_killed(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE)
    assert holder.stdout
    with holder, holder.stdout:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(RetryLater) as caught, Lock(tmp_path):
            pass
        assert caught.value.exit_code == 75
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    for _ in range(50):
        try:
            with Lock(tmp_path):
                return
        except RetryLater:
            time.sleep(0.02)
    raise AssertionError("a killed holder keeps the lock")


def test_the_lock_file_is_empty_and_work_is_private(tmp_path: Path) -> None:
    with Lock(tmp_path / "out"):
        pass
    assert (tmp_path / "out" / lock.LOCK).read_bytes() == b""
    assert (tmp_path / "out" / "work").stat().st_mode & 0o777 == 0o700


MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /data rw - nfs4 server:/x rw
31 30 8:2 / /data/local rw - xfs /dev/vdb rw
32 22 0:41 / /mnt/with\\040blank rw - fuse.sshfs user@host: rw
33 22 0:42 / /over rw - nfs server:/y rw
34 33 8:3 / /over rw - ext4 /dev/vdc rw
"""
TYPES = {
    "the root": ("/home/a", "ext4"),
    "a network mount": ("/data/out", "nfs4"),
    "a local mount within it": ("/data/local/out", "xfs"),
    "a name that only begins alike": ("/database", "ext4"),
    "a blank in the name": ("/mnt/with blank/out", "fuse.sshfs"),
    "the later of two mounts": ("/over/out", "ext4"),
}


@pytest.mark.parametrize(("path", "kind"), TYPES.values(), ids=TYPES)
def test_the_file_system_of_a_path(path: str, kind: str) -> None:
    assert mounted_as(Path(path), MOUNTS) == kind


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "fuse.s3fs"])
def test_a_file_system_that_cannot_lock_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(lock, "mounted_as", lambda *_: kind)
    with pytest.raises(UsageError, match=kind), Lock(tmp_path):
        pass


def test_sweep_removes_only_what_never_got_its_place(tmp_path: Path) -> None:
    kept = [tmp_path / "cleared" / name for name in ("part.parquet", "notes.tmp", ".part.tmp")]
    for path in [*kept, tmp_path / "cleared" / f".part.parquet.{os.getpid()}-0.tmp"]:
        files.write_atomic(path, b"x")
    with Lock(tmp_path) as held:
        assert lock.sweep(held) == 1
        assert lock.sweep(held) == 0
    assert all(path.exists() for path in kept)
