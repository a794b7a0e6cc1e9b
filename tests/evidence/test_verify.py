"""Whatever was done to a clearance, `verify` says so, and where; what it cannot show, it says too."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from attacks import BROKEN, FORGED, OTHER, Attack, begin_again, lay_log
from small_clearance import FIRST, SECOND, change, units

from klarera.errors import UsageError
from klarera.evidence import checks, commits
from klarera.evidence.bundle import read_bundle
from klarera.evidence.checkpoint import Verifier
from klarera.evidence.commits import Draft, commit_path
from klarera.evidence.files import Mark, hash_file
from klarera.evidence.keys import Keys
from klarera.evidence.lock import Lock
from klarera.evidence.log import Log
from klarera.evidence.verify import NOT_SHOWN, Problem, verify


def places(out: Path, **given: Verifier | bytes) -> set[str]:
    return {problem.place for problem in verify(out, **given).problems}  # type: ignore[arg-type]


def test_a_whole_clearance_holds_for_whom_it_was_vouched(built: Path, keys: Keys) -> None:
    note = (built / "log/checkpoint").read_bytes()
    assert verify(built, key=keys.verifier).verdict == "holds"
    assert verify(built, checkpoint=note).verdict == "holds"
    assert verify(built).verdict == "consistent, vouched for by nobody"
    assert verify(built).exit_code == 0
    assert verify(built, key=OTHER.verifier).exit_code == 4


def test_the_report_ends_with_what_it_does_not_show(built: Path) -> None:
    alone = verify(built).to_dict()["not_shown"]
    assert isinstance(alone, list)
    assert tuple(alone[:3]) == NOT_SHOWN
    assert "only a checkpoint kept elsewhere" in alone[3]
    assert verify(built, checkpoint=(built / "log/checkpoint").read_bytes()).not_shown == NOT_SHOWN


def test_the_steps_are_those_of_the_module_in_order(built: Path) -> None:
    report = verify(built, checkpoint=(built / "log/checkpoint").read_bytes())
    assert report.steps == ("layout", "commits", "leaves", "log", "signature", "older copies", "files", "sums")


def test_every_flipped_byte_of_every_file_is_noticed_and_its_file_named(built: Path, out: Path) -> None:
    """Every byte of the small files and of all proofs, without key or checkpoint from outside."""
    tried = 0
    for path in sorted(built.rglob("*")):
        name = path.relative_to(built).as_posix()
        whole = path.read_bytes() if path.is_file() else b""
        rng = random.Random(name)
        for place in sorted(rng.sample(range(len(whole)), min(len(whole), 40))):
            data = bytearray(whole)
            data[place] ^= rng.randint(1, 255)
            (out / name).write_bytes(bytes(data))
            assert name in places(out), (name, place)
            tried += 1
        if whole:
            (out / name).write_bytes(whole)
    assert tried > 400
    assert verify(out).holds


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("attack", BROKEN.values(), ids=BROKEN)
def test_what_was_broken_shows_by_itself(out: Path, keys: Keys, attack: Attack, seed: int) -> None:
    attack(out, keys, random.Random(seed))
    assert verify(out).verdict == "does not hold"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("attack", FORGED.values(), ids=FORGED)
def test_what_was_forged_shows_to_whom_kept_a_checkpoint(out: Path, keys: Keys, attack: Attack, seed: int) -> None:
    """The owner of the keys tells another history; the verifier holds the key and an older checkpoint."""
    kept = (out / "log/checkpoint").read_bytes()
    attack(out, keys, random.Random(seed))
    assert verify(out, key=keys.verifier, checkpoint=kept).exit_code == 4
    assert verify(out, checkpoint=kept).exit_code == 4


def test_without_a_checkpoint_kept_elsewhere_a_whole_new_history_is_not_seen(out: Path, keys: Keys) -> None:
    """A limit, not a promise: this is why the report says so and why checkpoints are given away."""
    begin_again(out, keys, 3, random.Random(0))
    report = verify(out, key=keys.verifier)
    assert report.holds
    assert "signed again" in report.not_shown[-1]


def test_a_log_that_grew_extends_the_kept_checkpoint(out: Path, keys: Keys) -> None:
    kept = (out / "log/checkpoint").read_bytes()
    with Lock(out) as lock:
        change(lock, keys, SECOND, "decide")
    assert verify(out, key=keys.verifier, checkpoint=kept).verdict == "holds"


def test_a_rollback_to_a_backup_is_seen_with_the_newer_checkpoint(built: Path, out: Path, keys: Keys) -> None:
    with Lock(out) as lock:
        change(lock, keys, SECOND, "decide")
    newer = (out / "log/checkpoint").read_bytes()
    assert verify(built, key=keys.verifier).holds
    report = verify(built, key=keys.verifier, checkpoint=newer)
    assert [p.problem for p in report.problems] == ["the log once had 6 entries: it was cut or rolled back"]


def test_a_checkpoint_of_another_log_or_key_is_refused(built: Path, tmp_path: Path, keys: Keys) -> None:
    shutil.copytree(built, tmp_path / "other")
    lay_log(tmp_path / "other", OTHER, [b"{}"])
    strange = (tmp_path / "other/log/checkpoint").read_bytes()
    for note in (strange, b"", b"\xff\x00"):
        assert places(built, checkpoint=note) == {"checkpoint given"}


def test_a_run_killed_before_it_logged_is_told_from_tampering(out: Path, keys: Keys) -> None:
    before = Draft("judge", head := commits.head(out), head.manifest if head else {}, {"day": "2026-11-24"})
    (out / commit_path(3)).write_bytes(before.encode())
    problems = {(p.place, p.problem) for p in verify(out).problems}
    assert (commit_path(3), "has no leaf in the log (an interrupted run is completed by the next one)") in problems
    with Lock(out) as lock:
        commits.recover(lock, keys)
    assert verify(out, key=keys.verifier).holds


def test_temporary_files_are_noted_and_no_problem(out: Path) -> None:
    (out / "cleared/.part-9.parquet.77-0.tmp").write_bytes(b"half")
    report = verify(out)
    assert report.holds
    assert report.notes == ("1 temporary files of an interrupted run",)


def test_files_of_an_earlier_state_may_stay_unless_they_were_erased(out: Path, keys: Keys) -> None:
    fewer = {path: data for path, data in SECOND.items() if path != "cleared/part-1.parquet"}
    with Lock(out) as lock:
        change(lock, keys, fewer, "apply")
    assert verify(out).notes == ("1 files of earlier commits are still here",)
    assert verify(out).holds
    (out / "cleared/part-1.parquet").write_bytes(b"other")
    assert places(out) == {"cleared/part-1.parquet"}
    (out / "cleared/part-1.parquet").unlink()
    assert verify(out).holds


def test_an_erased_file_that_is_still_there_is_a_problem(out: Path, keys: Keys) -> None:
    with Lock(out) as lock:
        change(lock, keys, FIRST, "erase")
    assert places(out) == {"cleared/part-1.parquet"}
    (out / "cleared/part-1.parquet").unlink()
    assert verify(out).holds


def counts(**changes: object) -> dict[str, object]:
    payload: dict[str, object] = units(3, 1)
    found = payload["counts"]
    assert isinstance(found, dict)
    found["shards"]["1"] |= changes
    return payload


SUMS: dict[str, tuple[dict[str, object], str]] = {
    "a unit vanished in a shard": (counts(units=5), "units of 1 do not add up"),
    "a unit moved between outcomes": (counts(kept=2, held=1), "kept of the shards are not kept of the total"),
    "a negative count": (counts(kept=-1, units=0), "units of 1 do not add up"),
    "a count that is true": (counts(kept=True, units=2), "units of 1 do not add up"),
    "an outcome of no name": (counts(lost=0), "units of 1 do not add up"),
    "no shards": ({"counts": {"total": {}}}, "has counts without shards"),
    "counts of another type": ({"counts": []}, "has counts without shards"),
    "no total": ({"counts": {"shards": {}}}, "units of total do not add up"),
    "no counts": ({}, "has no counts"),
}


@pytest.mark.parametrize(("payload", "problem"), SUMS.values(), ids=SUMS)
def test_wrong_sums_are_named(tmp_path: Path, keys: Keys, payload: dict[str, object], problem: str) -> None:
    with Lock(tmp_path) as lock:
        parent = commits.recover(lock, keys)
        (tmp_path / "a").write_bytes(b"a")
        draft = Draft("clear", parent, {"a": hash_file(tmp_path / "a")}, payload)
        commits.publish(lock, draft, keys)
    problems = verify(tmp_path, key=keys.verifier).problems
    assert (problems[0].place, problems[0].problem) == (commit_path(0), problem)
    assert {p.step for p in problems} == {"sums"}


def test_more_checks_run_last_and_only_over_what_holds(out: Path) -> None:
    asked: list[object] = []

    def rows(folder: Path, payload: Mapping[str, object]) -> Iterator[Problem]:
        asked.append(payload["day"])
        yield Problem("recomputed", "work/facts/0.parquet", "the decision does not follow from its facts", 17)

    report = verify(out, extra=[rows])
    assert report.exit_code == 4
    assert str(report.problems[0]) == "work/facts/0.parquet row 17: the decision does not follow from its facts"
    assert report.steps[-1] == "recomputed"
    (out / "report.html").unlink()
    verify(out, extra=[rows])
    assert asked == ["2026-11-23"]


def test_the_checks_need_no_disk(built: Path) -> None:
    """They are functions of a value: a file's mark is changed in memory and missed."""
    bundle = read_bundle(built)
    spoilt = type(bundle)({**bundle.marks, "report.html": Mark("0" * 64, 5)}, bundle.proofs)
    assert list(checks.manifest(bundle)) == []
    assert [place for place, *_ in checks.manifest(spoilt)] == ["report.html"]


def test_an_empty_folder_and_none_are_not_clearances(tmp_path: Path) -> None:
    assert places(tmp_path) == {"clearance.json", commit_path(0), "log/checkpoint", "log/verifier"}
    with pytest.raises(UsageError, match="no such folder"):
        verify(tmp_path / "none")


def test_no_message_carries_what_a_file_holds(out: Path, keys: Keys) -> None:
    """Contents of spoilt files are personal data as likely as not."""
    for name in ("report.html", "clearance.json", commit_path(1), "log/checkpoint", "log/tile/entries/000.p/5"):
        (out / name).write_bytes(b"anna@example.org\n\n" + (out / name).read_bytes())
    report = str(verify(out, checkpoint=b"anna@example.org\n\n").to_dict())
    assert "anna" not in report


def test_a_log_of_many_entries_is_checked_whole(tmp_path: Path, keys: Keys) -> None:
    with Lock(tmp_path) as lock:
        change(lock, keys, FIRST)
        log = Log.open(tmp_path / "log")
        log.append([{"leaf": "event", "number": number} for number in range(700)], keys)
        change(lock, keys, SECOND, "apply")
    assert verify(tmp_path, key=keys.verifier).holds
    for name in ("tile/0/000", "tile/1/000.p/2", "tile/entries/001", "tile/0/002.p/192"):
        path = tmp_path / "log" / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 4]))
        assert f"log/{name}" in places(tmp_path)
        path.write_bytes(whole)
    assert verify(tmp_path).size == 704
