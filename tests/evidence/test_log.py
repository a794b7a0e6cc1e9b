"""The log on disk: what is appended stays, in order, under one signed root."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from klarera.errors import EvidenceError, UsageError
from klarera.evidence import files, merkle, tiles
from klarera.evidence.canonical import canonical
from klarera.evidence.keys import Keys
from klarera.evidence.log import Log


def event(number: int) -> dict[str, object]:
    return {"leaf": "event", "number": number}


def filled(folder: Path, keys: Keys, *steps: int) -> Log:
    log = Log.open(folder)
    for step in steps:
        log.append([event(log.size + i) for i in range(step)], keys)
    return log


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Log:
    """700 entries in seven appends: full and partial tiles on two levels."""
    folder = tmp_path_factory.mktemp("large") / "log"
    filled(folder, keys, 1, 3, 251, 1, 1, 300, 143)
    return Log.open(folder)


@pytest.fixture(scope="module")
def hashes() -> list[bytes]:
    return [merkle.leaf_hash(canonical(event(number))) for number in range(700)]


def test_entries_come_back_in_order(large: Log) -> None:
    assert list(large.entries()) == [canonical(event(number)) for number in range(700)]


def test_the_root_of_every_size_is_the_tree_s(large: Log, hashes: list[bytes]) -> None:
    assert [large.root(size) for size in range(701)] == [merkle.root(hashes[:size]) for size in range(701)]


def test_proofs_from_tiles_hold(large: Log, hashes: list[bytes]) -> None:
    rng = random.Random(1)
    for _ in range(300):
        new = rng.randint(1, 700)
        old, index = rng.randint(0, new), rng.randrange(new)
        proof = large.prove_inclusion(index, new)
        assert merkle.inclusion_holds(hashes[index], index, new, proof, large.root(new))
        proof = large.prove_consistency(old, new)
        assert merkle.consistency_holds(old, new, large.root(old), large.root(new), proof)


def test_the_files_are_those_of_the_specification(large: Log) -> None:
    """What a client fetches for this size is there, whole; old partial tiles may stay."""
    for level, index, width in tiles.shape(700):
        assert (large.folder / tiles.tile_path(level, index, width)).stat().st_size == 32 * width
    assert (large.folder / "tile/entries/002.p/188").exists()
    assert (large.folder / "tile/entries/000").exists()


def test_steps_do_not_matter_to_the_result(tmp_path: Path, keys: Keys, large: Log) -> None:
    once = filled(tmp_path / "log", keys, 700)
    assert once.checkpoint == large.checkpoint
    for level, index, width in tiles.shape(700):
        for path in (tiles.tile_path(level, index, width), tiles.tile_path("entries", index, width)):
            if level == 0 or "entries" not in path:
                assert (once.folder / path).read_bytes() == (large.folder / path).read_bytes()


def test_an_empty_log_has_the_empty_root(tmp_path: Path, keys: Keys) -> None:
    log = Log.open(tmp_path / "log")
    assert (log.size, log.root()) == (0, merkle.EMPTY_ROOT)
    assert not (tmp_path / "log").exists()
    assert log.append([], keys).root == merkle.EMPTY_ROOT
    assert Log.open(tmp_path / "log").append([event(0)], keys).size == 1


def test_files_beyond_the_checkpoint_do_not_count(tmp_path: Path, keys: Keys) -> None:
    """An append was killed before its checkpoint: the next one writes over what it left."""
    folder = tmp_path / "log"
    filled(folder, keys, 254)
    before = (folder / "checkpoint").read_bytes()
    filled(folder, keys, 10)
    (folder / "checkpoint").write_bytes(before)
    assert Log.open(folder).size == 254
    log = filled(folder, keys, 3)
    assert list(log.entries()) == [canonical(event(number)) for number in range(257)]


SPOILT = {
    "a tile": "tile/0/000.p/5",
    "a bundle": "tile/entries/000.p/5",
    "the checkpoint": "checkpoint",
    "the key": "verifier",
}


@pytest.mark.parametrize("path", SPOILT.values(), ids=SPOILT)
def test_nothing_is_signed_over_spoilt_files(tmp_path: Path, keys: Keys, path: str) -> None:
    folder = tmp_path / "log"
    filled(folder, keys, 5)
    data = bytearray((folder / path).read_bytes())
    data[12] ^= 1
    (folder / path).write_bytes(bytes(data))
    before = (folder / "checkpoint").read_bytes()
    if path == "tile/entries/000.p/5":
        with pytest.raises(EvidenceError, match=r"000\.p/5"):
            list(Log.open(folder).entries())
        return
    with pytest.raises(EvidenceError):
        filled(folder, keys, 1)
    assert (folder / "checkpoint").read_bytes() == before


@pytest.mark.parametrize("path", ["tile/0/000.p/5", "tile/entries/000.p/5", "verifier"])
def test_a_missing_file_is_named(tmp_path: Path, keys: Keys, path: str) -> None:
    filled(tmp_path / "log", keys, 5)
    (tmp_path / "log" / path).unlink()
    with pytest.raises(EvidenceError, match=f"^log/{path}: is missing"):
        list(Log.open(tmp_path / "log").entries())


def test_a_disk_that_gives_back_other_bytes_is_noticed_before_signing(
    tmp_path: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The accident of Yeti 2022: a bit flipped between hashing and storing an entry."""
    folder = tmp_path / "log"
    filled(folder, keys, 5)
    before = (folder / "checkpoint").read_bytes()
    write = files.write_atomic

    def flipping(path: Path, data: bytes, **kept: int) -> None:
        write(path, bytes([*data[:-1], data[-1] ^ 1]) if "entries" in str(path) else data, **kept)

    monkeypatch.setattr(files, "write_atomic", flipping)
    with pytest.raises(EvidenceError):
        filled(folder, keys, 1)
    assert (folder / "checkpoint").read_bytes() == before


def test_another_key_is_refused(tmp_path: Path, keys: Keys) -> None:
    filled(tmp_path / "log", keys, 1)
    with pytest.raises(UsageError, match="another key"):
        filled(tmp_path / "log", Keys.create("other", tmp_path / "store"), 1)


def test_an_entry_too_long_or_with_text_is_refused(tmp_path: Path, keys: Keys) -> None:
    log = Log.open(tmp_path / "log")
    many = {f"f{number}": "a" * 200 for number in range(400)}
    with pytest.raises(UsageError, match="at most 65535"):
        log.append([many], keys)
    with pytest.raises(UsageError):
        log.append([{"leaf": "some text"}], keys)
    assert not (tmp_path / "log").exists()


def test_questions_beyond_the_log_are_refused(large: Log) -> None:
    for ask in (lambda: large.root(701), lambda: large.entry(700), lambda: large.prove_consistency(5, 701)):
        with pytest.raises(UsageError, match="700 entries"):
            ask()
    with pytest.raises(UsageError):
        large.prove_inclusion(700, 700)


def test_one_log_copied_is_the_same_log(tmp_path: Path, large: Log) -> None:
    shutil.copytree(large.folder, tmp_path / "log")
    assert Log.open(tmp_path / "log").root() == large.root()
