"""Whole or not at all, whatever the disk does."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from klarera.errors import InputError, KlareraError, RetryLater, UsageError
from klarera.evidence import files

Fault = Callable[[Callable[[str, Path], None]], None]
NEW, OLD = b"new bytes", b"old bytes"


def put(path: Path) -> None:
    assert files.put_if_absent(path, NEW)


def replace(path: Path) -> None:
    files.write_atomic(path, NEW)


def stream(path: Path) -> None:
    with files.placing(path) as temporary:
        temporary.write_bytes(NEW)


WAYS = {"put_if_absent": put, "write_atomic": replace, "placing": stream}
ERRORS = {
    "full": errno.ENOSPC,
    "quota": errno.EDQUOT,
    "file size limit": errno.EFBIG,
    "disk error": errno.EIO,
}


def fail_at(n: int, raise_error: Callable[[str], None]) -> tuple[Callable[[str, Path], None], list[str]]:
    """A hook that fails once, at the n-th operation, and notes what was asked."""
    seen: list[str] = []

    def hook(operation: str, path: Path) -> None:
        seen.append(operation)
        if len(seen) == n:
            raise_error(operation)

    return hook, seen


@pytest.mark.parametrize("number", ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_failing_disk_leaves_all_or_nothing(
    tmp_path: Path, way: Callable[[Path], None], number: int, fault: Fault
) -> None:
    """Fail the n-th operation, for n from 1 until a run without failure."""

    def broken(_: str) -> None:
        raise OSError(number, os.strerror(number))

    for n in range(1, 100):
        path = tmp_path / str(n) / "a" / "file"
        hook, seen = fail_at(n, broken)
        fault(hook)
        try:
            way(path)
        except RetryLater:
            pass
        else:
            assert path.read_bytes() == NEW
            if len(seen) < n:
                assert n > 5
                return
        fault(lambda *_: None)
        assert not path.exists() or path.read_bytes() == NEW
        if not path.exists():
            way(path)
        assert path.read_bytes() == NEW
        assert os.listdir(path.parent) == ["file"] or n == len(seen)
    raise AssertionError("no clean run")


def test_a_failed_replacement_keeps_the_old_bytes(tmp_path: Path, fault: Fault) -> None:
    path = tmp_path / "file"
    files.write_atomic(path, OLD)

    def broken(operation: str, _: Path) -> None:
        if operation == "rename":
            raise OSError(errno.ENOSPC, "full")

    fault(broken)
    with pytest.raises(RetryLater, match=r"the disk is full, 3 MB needed \(try: free 3 MB"):
        files.write_atomic(path, bytes(2_500_000))
    assert path.read_bytes() == OLD
    assert os.listdir(tmp_path) == ["file"]


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert files.put_if_absent(path, OLD)
    assert not files.put_if_absent(path, OLD)
    with pytest.raises(RetryLater, match="another writer"):
        files.put_if_absent(path, NEW)
    with pytest.raises(RetryLater, match="another writer"), files.placing(path) as temporary:
        temporary.write_bytes(NEW)
    assert path.read_bytes() == OLD
    assert os.listdir(tmp_path) == ["file"]


def test_a_link_whose_reply_was_lost_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network file system may link and then answer with an error, or, asked twice, "exists"."""
    link = os.link
    for number in (errno.EIO, errno.EEXIST, errno.ETIMEDOUT):

        def lost(source: Path, target: Path, number: int = number) -> None:
            link(source, target)
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "link", lost)
        assert files.put_if_absent(tmp_path / str(number), NEW)
        assert (tmp_path / str(number)).read_bytes() == NEW


def test_without_hard_links_it_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(source: Path, target: Path) -> None:
        raise OSError(errno.EOPNOTSUPP, "not supported")

    monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(UsageError, match="no hard links"):
        files.put_if_absent(tmp_path / "file", NEW)
    assert os.listdir(tmp_path) == []


def test_an_exception_while_streaming_leaves_nothing(tmp_path: Path) -> None:
    def broken(temporary: Path) -> None:
        temporary.write_bytes(b"half")
        raise InputError("posts.jsonl", "is cut")

    with pytest.raises(InputError), files.placing(tmp_path / "file") as temporary:
        broken(temporary)
    assert os.listdir(tmp_path) == []


def test_a_full_disk_while_streaming_is_said(tmp_path: Path) -> None:
    with pytest.raises(RetryLater, match="full"), files.placing(tmp_path / "file"):
        raise OSError(errno.ENOSPC, "full")


REFUSED = {
    "a file where a folder is needed": ("file/under", "folder"),
    "a name too long": ("n" * 300, "cannot be written"),
}


@pytest.mark.parametrize(("name", "problem"), REFUSED.values(), ids=REFUSED)
def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match=problem):
        files.write_atomic(tmp_path / name, NEW)


def test_a_mode_is_kept(tmp_path: Path) -> None:
    files.put_if_absent(tmp_path / "secret", NEW, mode=0o600)
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_hash_and_size(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc" * 1_000_000)
    mark = files.hash_file(tmp_path / "file")
    assert mark.size == 3_000_000
    assert mark.sha256 == hashlib.sha256(b"abc" * 1_000_000).hexdigest()


def test_every_order_writes_bytes_before_names(tmp_path: Path, fault: Fault) -> None:
    """The order that survives a power cut: bytes, fsync, name, fsync of the folder."""
    seen: list[str] = []
    fault(lambda operation, _: seen.append(operation))
    files.put_if_absent(tmp_path / "file", NEW)
    assert seen == ["open", "write", "fsync", "link", "fsync-folder", "unlink"]
    seen.clear()
    files.write_atomic(tmp_path / "file", NEW)
    assert seen == ["open", "write", "fsync", "rename", "fsync-folder"]


def test_errors_are_of_our_tree(tmp_path: Path, fault: Fault) -> None:
    def broken(operation: str, _: Path) -> None:
        raise OSError(errno.EROFS, "read-only")

    fault(broken)
    with pytest.raises(KlareraError, match="read-only file system"):
        files.write_atomic(tmp_path / "file", NEW)
