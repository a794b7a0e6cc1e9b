"""One commit point; whatever is killed, the next run finds whole states only."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from small_clearance import FIRST, SECOND, change, units

from klarera.errors import EvidenceError, KlareraError, RetryLater, UsageError
from klarera.evidence import commits, files
from klarera.evidence.canonical import canonical, parse
from klarera.evidence.commits import Commit, Draft, commit_path
from klarera.evidence.files import Mark
from klarera.evidence.keys import Keys
from klarera.evidence.lock import Lock
from klarera.evidence.log import Log
from klarera.evidence.verify import verify

Fault = Callable[[Callable[[str, Path], None]], None]
FORKS = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
MARK = Mark("ab" * 32, 3)


def everything(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def run(out: Path, keys: Keys) -> None:
    """What a driver does, from wherever the last one stopped: two states, each once."""
    with Lock(out) as lock:
        if commits.recover(lock, keys) is None:
            change(lock, keys, FIRST)
        if len(commits.chain(out)) == 1:
            change(lock, keys, SECOND, "apply")


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> dict[str, bytes]:
    """What an undisturbed run leaves."""
    out = tmp_path_factory.mktemp("clean") / "out"
    run(out, keys)
    return everything(out)


def test_a_chain_names_its_parents(built: Path) -> None:
    chain = commits.chain(built)
    assert [(c.number, c.kind, c.parent) for c in chain] == [
        (0, "clear", None),
        (1, "apply", chain[0].sha256),
        (2, "judge", chain[1].sha256),
    ]
    assert commits.head(built) == chain[-1]
    assert (built / "clearance.json").read_bytes() == chain[-1].data


def test_every_commit_has_its_leaves_in_order(built: Path) -> None:
    entries = [parse(entry, "") for entry in Log.open(built / "log").entries()]
    assert [(e["leaf"], e.get("path"), e.get("number")) for e in entries] == [
        ("part", "cleared/part-0.parquet", None),
        ("commit", None, 0),
        ("part", "cleared/part-1.parquet", None),
        ("commit", None, 1),
        ("commit", None, 2),
    ]


def test_an_event_may_stand_between_commits(out: Path, keys: Keys) -> None:
    with Lock(out) as lock:
        Log.open(out / "log").append([{"leaf": "event", "snapshot": "ab" * 32}], keys)
        change(lock, keys, SECOND, "decide")
    assert verify(out, key=keys.verifier).holds


ERRORS = {"full": errno.ENOSPC, "disk error": errno.EIO}


@pytest.mark.parametrize("number", ERRORS.values(), ids=ERRORS)
@pytest.mark.usefixtures("unsynced")
def test_any_failing_operation_leaves_whole_states(
    tmp_path: Path, keys: Keys, clean: dict[str, bytes], number: int, fault: Fault
) -> None:
    """Fail the n-th operation of two commits, for n from 1 until a run without failure."""
    for n in range(1, 1000):
        out, done = tmp_path / str(n), [0]

        def hook(operation: str, path: Path, n: int = n, done: list[int] = done) -> None:
            done[0] += 1
            if done[0] == n:
                raise OSError(number, os.strerror(number))

        fault(hook)
        try:
            run(out, keys)
        except RetryLater:
            pass
        except OSError:
            assert n <= done[0]  # a read that failed
        fault(lambda *_: None)
        if n > done[0]:
            assert n > 100
            break
        run(out, keys)
        assert everything(out) == clean, n
    else:
        raise AssertionError("no clean run")
    assert verify(out, key=keys.verifier).holds


def killed_at(n: int, out: Path, keys: Keys) -> bool:
    """Run in a child that is killed at its n-th operation; was it?"""
    child = os.fork()
    if child == 0:
        done = 0

        def hook(operation: str, path: Path) -> None:
            nonlocal done
            done += 1
            if done == n:
                os.kill(os.getpid(), signal.SIGKILL)

        files.FAULT = hook
        try:
            run(out, keys)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@FORKS
@pytest.mark.usefixtures("unsynced")
def test_a_run_killed_anywhere_goes_on_to_the_same_bytes(tmp_path: Path, keys: Keys, clean: dict[str, bytes]) -> None:
    """SIGKILL at the n-th operation, for n from 1 until a run that ends by itself."""
    for n in range(1, 1000):
        out = tmp_path / str(n)
        if not killed_at(n, out, keys):
            assert n > 100
            assert everything(out) == clean
            return
        if n % 7 == 0 and (out / "commits").exists():
            # What a reader sees in between: nothing, or the old state, or a commit not yet logged.
            report = verify(out, key=keys.verifier)
            assert {p.step for p in report.problems} <= {"layout", "commits", "leaves", "log", "files"}
        run(out, keys)
        assert everything(out) == clean, n
    raise AssertionError("no clean run")


@FORKS
@pytest.mark.usefixtures("unsynced")
def test_killed_again_and_again_it_still_ends_the_same(tmp_path: Path, keys: Keys, clean: dict[str, bytes]) -> None:
    rng = random.Random(3)
    for seed in range(10):
        out = tmp_path / str(seed)
        while killed_at(rng.randint(1, 120), out, keys):
            pass
        assert everything(out) == clean


RACE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from small_clearance import FIRST, change
from klarera.errors import RetryLater
from klarera.evidence.keys import Keys
from klarera.evidence.lock import Lock
out, store = Path(sys.argv[2]), Path(sys.argv[3])
keys = Keys.load("posts", store)
print("ready", flush=True)
sys.stdin.readline()
try:
    with Lock(out) as lock:
        change(lock, keys, FIRST)
        sys.stdin.readline()
except RetryLater as error:
    sys.exit(error.exit_code)
"""


def test_of_two_writers_exactly_one_commits(tmp_path: Path) -> None:
    keys = Keys.create("posts", tmp_path / "store")
    for n in range(3):
        out = tmp_path / str(n)
        command = [sys.executable, "-c", RACE, str(Path(__file__).parent), str(out), str(tmp_path / "store")]
        pair = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2)]
        for process in pair:
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
        for process in pair:
            assert process.stdin
            process.stdin.write(b"go\n")
            process.stdin.flush()
        # The loser ends at once; only then may the winner let go of the lock.
        while all(process.poll() is None for process in pair):
            pass
        for process in pair:
            process.communicate()
        assert sorted(process.returncode for process in pair) == [0, 75]
        assert len(commits.chain(out)) == 1
        assert verify(out, key=keys.verifier).holds


def test_two_drivers_that_both_hold_a_lock_cannot_both_commit(
    out: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock failed (a file system that lies): put-if-absent on the number still decides."""
    recover = commits.recover
    parent = commits.head(out)
    manifest = {path: files.hash_file(out / path) for path in SECOND}
    draft = Draft("judge", parent, manifest, {"day": "2026-11-24"})
    with Lock(out) as lock:

        def overtaken(lock: Lock, signer: Keys) -> Commit | None:
            found = recover(lock, signer)
            monkeypatch.setattr(commits, "recover", recover)
            commits.publish(lock, draft, signer)
            return found

        for payload in ({"day": "2026-11-24"}, {"day": "2026-11-25"}):
            monkeypatch.setattr(commits, "recover", overtaken)
            with pytest.raises(RetryLater, match="another writer"):
                commits.publish(lock, Draft("judge", parent, manifest, payload), keys)
            draft = Draft("judge", parent := commits.head(out), manifest, {"day": "2026-11-26"})
    assert len(commits.chain(out)) == 5
    assert verify(out, key=keys.verifier).holds


def test_a_stale_parent_is_refused(out: Path, keys: Keys) -> None:
    first = commits.chain(out)[0]
    with Lock(out) as lock, pytest.raises(RetryLater, match="meanwhile"):
        commits.publish(lock, Draft("judge", first, first.manifest), keys)


def test_without_the_lock_nothing_is_changed(out: Path, keys: Keys) -> None:
    with pytest.raises(UsageError, match="holder of the lock"):
        commits.recover(Lock(out), keys)


def test_a_commit_of_files_that_are_not_there_is_refused(out: Path, keys: Keys) -> None:
    head = commits.head(out)
    for manifest in ({"cleared/gone.parquet": MARK}, {"report.html": MARK}):
        with Lock(out) as lock, pytest.raises(EvidenceError, match=next(iter(manifest))):
            commits.publish(lock, Draft("judge", head, manifest), keys)
    assert commits.head(out) == head


def test_a_log_of_other_commits_is_not_continued(out: Path, keys: Keys) -> None:
    """The last commit was removed by hand: its leaf is there."""
    (out / commit_path(2)).unlink()
    with Lock(out) as lock, pytest.raises(EvidenceError, match="other commits"):
        commits.recover(lock, keys)


def test_recover_changes_nothing_that_is_whole(out: Path, keys: Keys) -> None:
    before = everything(out)
    with Lock(out) as lock:
        assert commits.recover(lock, keys) == commits.head(out)
    assert everything(out) == before


def test_recover_renews_the_copy(out: Path, keys: Keys) -> None:
    (out / "clearance.json").unlink()
    with Lock(out) as lock:
        commits.recover(lock, keys)
    assert verify(out).holds


def test_superseded_files_are_those_only_earlier_commits_name(out: Path, keys: Keys) -> None:
    with Lock(out) as lock:
        change(lock, keys, {"report.html": b"<p>3"}, "apply")
    assert commits.superseded(commits.chain(out)) == [
        "cleared/part-0.parquet",
        "cleared/part-1.parquet",
        "work/facts/0.parquet",
    ]


@pytest.mark.parametrize(
    "path",
    ["", "/a", "../a", "a/../b", "a//b", "a/", "./a", "a/.", "a b", "ä", "a\n", "log/x", "commits/x",
     "clearance.json", "work/lock", "a/.b.1-0.tmp"],
)  # fmt: skip
def test_a_manifest_names_plain_kept_files(path: str) -> None:
    with pytest.raises(UsageError, match="manifest"):
        Draft("clear", None, {path: MARK}).encode()


def test_a_draft_of_unknown_kind_or_with_floats_is_refused() -> None:
    with pytest.raises(UsageError, match="clear, decide, judge, apply, erase, release"):
        Draft("change", None, {}).encode()
    with pytest.raises(UsageError, match=r"no float.*two counts"):
        Draft("clear", None, {}, {"recall": 0.9}).encode()


GOOD = Draft("clear", None, {"a": MARK}, units(1)).encode()
BAD: dict[str, tuple[str, object]] = {
    "unknown kind": ("kind", "change"),
    "kind of a list": ("kind", ["clear"]),
    "number of text": ("number", "0"),
    "number true": ("number", True),
    "negative number": ("number", -1),
    "format 2": ("format", 2),
    "format true": ("format", True),
    "parent no hash": ("parent", "x"),
    "parent a number": ("parent", 5),
    "manifest a list": ("manifest", []),
    "mark a text": ("manifest", {"a": "b"}),
    "mark without size": ("manifest", {"a": {"sha256": "ab" * 32}}),
    "mark with more": ("manifest", {"a": {"sha256": "ab" * 32, "size": 1, "text": "x"}}),
    "negative size": ("manifest", {"a": {"sha256": "ab" * 32, "size": -1}}),
    "capital hash": ("manifest", {"a": {"sha256": "AB" * 32, "size": 1}}),
    "a path out of OUT": ("manifest", {"../a": {"sha256": "ab" * 32, "size": 1}}),
    "payload a list": ("payload", []),
    "one field more": ("more", 1),
}


@pytest.mark.parametrize(("name", "value"), BAD.values(), ids=BAD)
def test_a_commit_of_another_form_is_refused(name: str, value: object) -> None:
    assert Commit.decode(GOOD, "x").manifest == {"a": MARK}
    with pytest.raises(KlareraError, match=r"^commits/0: is not a commit"):
        Commit.decode(canonical({**parse(GOOD, "x"), name: value}), "commits/0")
