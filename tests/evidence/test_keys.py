"""Secrets stay where they are, and apart."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import pickle
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from klarera.errors import EvidenceError, UsageError
from klarera.evidence import keys as module
from klarera.evidence.keys import PURPOSES, Keys


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_what_is_created_is_loaded(store: Path) -> None:
    made, loaded = Keys.create("posts", store), Keys.load("posts", store)
    assert (made.public, made.key_id) == (loaded.public, loaded.key_id)
    assert {name: made.purpose(name) for name in PURPOSES} == {name: loaded.purpose(name) for name in PURPOSES}


def test_no_two_purposes_or_datasets_share_a_key(store: Path) -> None:
    every = [Keys.create(dataset, store) for dataset in ("a", "b")]
    derived = [key.purpose(name) for key, name in itertools.product(every, sorted(PURPOSES))]
    assert len(set(derived)) == 2 * len(PURPOSES)
    assert {len(key) for key in derived} == {32}


def test_the_same_root_under_another_dataset_name_derives_other_keys() -> None:
    one, two = Keys("a", bytes(32), bytes(32)), Keys("b", bytes(32), bytes(32))
    assert one.purpose("rid") != two.purpose("rid")


def test_derivation_is_fixed_for_ever() -> None:
    """Tokens made years ago must still be found; computed from RFC 5869 by hand with hmac."""
    prk = hmac.digest(bytes(32), bytes(range(32)), hashlib.sha256)
    expected = hmac.digest(prk, b"klarera/1 posts purpose rid\x01", hashlib.sha256)
    assert Keys("posts", bytes(range(32)), bytes(32)).purpose("rid") == expected


def test_the_signing_key_is_not_derived_from_the_root(store: Path) -> None:
    Keys.create("posts", store)
    content = json.loads((store / "posts.json").read_text())
    assert content["derivation"]["root"] != content["signature"]["private"]
    assert (content["derivation"]["algorithm"], content["signature"]["algorithm"]) == (
        "HKDF-SHA256",
        "Ed25519",
    )


def test_signatures_verify(store: Path) -> None:
    keys = Keys.create("posts", store)
    Ed25519PublicKey.from_public_bytes(keys.public).verify(keys.sign(b"text"), b"text")


def test_folder_and_file_are_private(store: Path) -> None:
    Keys.create("posts", store)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (store, store / "posts.json")]
    assert modes == [0o700, 0o600]
    assert [path.name for path in store.iterdir()] == ["posts.json"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o700])
def test_a_file_others_could_read_is_refused_with_the_command_to_run(store: Path, mode: int) -> None:
    Keys.create("posts", store)
    (store / "posts.json").chmod(mode)
    with pytest.raises(UsageError, match=r"chmod 600 .*posts\.json"):
        Keys.load("posts", store)


def test_a_folder_others_could_read_is_refused(store: Path) -> None:
    Keys.create("posts", store)
    store.chmod(0o750)
    with pytest.raises(UsageError, match="chmod 700"):
        Keys.load("posts", store)
    with pytest.raises(UsageError, match="chmod 700"):
        Keys.create("more", store)
    assert not (store / "more.json").exists()


def test_keys_are_never_overwritten(store: Path) -> None:
    first = Keys.create("posts", store)
    with pytest.raises(UsageError, match="exist"):
        Keys.create("posts", store)
    assert Keys.load("posts", store).public == first.public


def test_keys_within_the_output_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(UsageError, match="outside"):
        Keys.create("posts", out / "keys", outside=out)
    assert not out.exists()


def test_secrets_are_in_no_repr_error_or_pickle(store: Path) -> None:
    keys = Keys.create("posts", store)
    content = json.loads((store / "posts.json").read_text())
    secrets = [content["derivation"]["root"], content["signature"]["private"]]
    assert not any(secret in repr(keys) + str(keys) + repr([keys]) for secret in secrets)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(keys)
    (store / "posts.json").write_bytes((store / "posts.json").read_bytes().replace(b'"root"', b'"rood"'))
    with pytest.raises(EvidenceError) as caught:
        Keys.load("posts", store)
    assert not any(secret in str(caught.value) for secret in secrets)
    assert caught.value.__cause__ is None


DAMAGED = {
    "other algorithm": (b"HKDF-SHA256", b"HKDF-SHA512"),
    "other signature": (b"Ed25519", b"Ed25518"),
    "other format": (b'"format":1', b'"format":2'),
    "other dataset": (b'"posts"', b'"pasts"'),
    "not canonical": (b'"format":1', b'"format": 1'),
    "short secret": (b'"private":"', b'"private":"AAAA'),
}


@pytest.mark.parametrize(("old", "new"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_refused(store: Path, old: bytes, new: bytes) -> None:
    Keys.create("posts", store)
    data = (store / "posts.json").read_bytes()
    (store / "posts.json").write_bytes(data.replace(old, new))
    assert (store / "posts.json").read_bytes() != data
    with pytest.raises(EvidenceError):
        Keys.load("posts", store)


@pytest.mark.parametrize("name", ["", "../posts", "Posts", "a b", ".posts", "a" * 65, "a/b"])
def test_a_dataset_name_is_no_path(store: Path, name: str) -> None:
    with pytest.raises(UsageError):
        Keys.create(name, store)


def test_missing_keys_and_purposes_say_what_to_do(store: Path) -> None:
    with pytest.raises(UsageError, match="klarera init"):
        Keys.load("posts", store)
    with pytest.raises(UsageError, match="author, pseudonym, register, rid, salt"):
        Keys.create("posts", store).purpose("marketing")


PLACES = {
    "KLARERA_KEYS": ({"KLARERA_KEYS": "/k", "XDG_CONFIG_HOME": "/x", "HOME": "/h"}, "/k"),
    "XDG_CONFIG_HOME": ({"XDG_CONFIG_HOME": "/x", "HOME": "/h"}, "/x/klarera/keys"),
    "home": ({"HOME": "/h"}, "/h/.config/klarera/keys"),
    "empty": ({"KLARERA_KEYS": "", "XDG_CONFIG_HOME": "", "HOME": "/h"}, "/h/.config/klarera/keys"),
}


@pytest.mark.parametrize(("environment", "place"), PLACES.values(), ids=PLACES)
def test_where_keys_lie(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], place: str) -> None:
    for name in ("KLARERA_KEYS", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert module.default_store() == Path(place)
