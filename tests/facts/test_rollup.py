"""What records say of their authors, merged: order, shards and repetition do not matter."""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.facts.rollup import AuthorFlag, AuthorTable, author_flags
from klarera.model import State

QUICK = settings(max_examples=60, deadline=None, derandomize=True)

# Few authors, and keys that end or begin in zeros: bytes that string types like to strip.
ENDS = [
    bytes(15) + b"\x01",
    b"\x01" + bytes(15),
    b"\x01\x00" * 8,
    b"\xff" * 16,
    b"\x80" + bytes(14) + b"\x7f",
    bytes(16),
]
keys = st.one_of(st.sampled_from(ENDS), st.binary(min_size=16, max_size=16))
entries = st.lists(st.tuples(keys, st.integers(0, 1023)), max_size=40)


def arrays(listed: list[tuple[bytes, int]]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint16]]:
    joined = np.frombuffer(b"".join(k for k, _ in listed), np.uint8).reshape(-1, 16)
    return joined, np.array([f for _, f in listed], np.uint16)


def by_dict(listed: list[tuple[bytes, int]]) -> dict[bytes, int]:
    merged: dict[bytes, int] = {}
    for key, flags in listed:
        if any(key) and flags:
            merged[key] = merged.get(key, 0) | flags
    return dict(sorted(merged.items()))


def as_dict(table: AuthorTable) -> dict[bytes, int]:
    return {k.tobytes(): int(f) for k, f in zip(table.keys, table.flags, strict=True)}


@QUICK
@given(entries)
def test_merging_is_oring_in_a_dictionary(listed: list[tuple[bytes, int]]) -> None:
    table = AuthorTable.merge(*arrays(listed))
    assert list(as_dict(table).items()) == list(by_dict(listed).items())


@QUICK
@given(entries, st.integers(1, 5), st.randoms(use_true_random=False))
def test_shards_order_and_repetition_do_not_matter(
    listed: list[tuple[bytes, int]], shards: int, chance: random.Random
) -> None:
    whole = AuthorTable.merge(*arrays(listed))
    mixed = [*listed, *listed[::2]]
    chance.shuffle(mixed)
    parts = [AuthorTable.merge(*arrays(mixed[i::shards])) for i in range(shards)]
    again = AuthorTable.merge(np.concatenate([p.keys for p in parts]), np.concatenate([p.flags for p in parts]))
    assert as_dict(again) == as_dict(whole)


@QUICK
@given(entries, st.lists(keys, max_size=10))
def test_looking_up_finds_what_a_dictionary_finds(listed: list[tuple[bytes, int]], asked: list[bytes]) -> None:
    table, merged = AuthorTable.merge(*arrays(listed)), by_dict(listed)
    wanted = [*asked, *(k for k, _ in listed)]
    found = table.of(arrays([(k, 0) for k in wanted])[0])
    assert found.tolist() == [merged.get(k, 0) for k in wanted]


SAYS = [
    ("a child in the text", {"age": {"author_minor": State.TRUE}}, AuthorFlag.MINOR),
    ("a child in a column", {"column": {"author_minor": State.TRUE}}, AuthorFlag.MINOR),
    ("a column that conflicts", {"column": {"author_minor": State.CONFLICT}}, AuthorFlag(0)),
    ("whose age is unclear", {"age": {"author_minor": State.MISSING}}, AuthorFlag.MINOR_UNCLEAR),
    ("nobody looked", {"age": {"author_minor": State.NOT_LOOKED}}, AuthorFlag(0)),
    ("an adult in the text", {"age": {"author_adult": State.TRUE}}, AuthorFlag.ADULT),
    ("an adult in a column", {"column": {"author_adult": State.TRUE}}, AuthorFlag(0)),
    ("objects", {"text": {"objection_text": State.TRUE}}, AuthorFlag.OBJECTED),
    ("quotes an objection", {"text": {"objection_text": State.MISSING}}, AuthorFlag.OBJECTED_UNCLEAR),
    ("a chain post", {"text": {"objection_chain": State.TRUE}}, AuthorFlag.CHAIN_OBJECTED),
    ("a chain post nobody looked for", {"text": {"objection_chain": State.NOT_LOOKED}}, AuthorFlag(0)),
]  # fmt: skip


@pytest.mark.parametrize(("said", "flag"), [s[1:] for s in SAYS], ids=[s[0] for s in SAYS])
def test_each_statement_gives_its_flag(said: dict[str, dict[str, State]], flag: AuthorFlag) -> None:
    def states(part: str, *names: str) -> dict[str, npt.NDArray[np.uint8]]:
        given = said.get(part, {})
        return {n: np.array([given.get(n, State.FALSE), State.FALSE], np.uint8) for n in names}

    text = states("text", "objection_text", "objection_chain")
    age, column = (states(p, "author_minor", "author_adult") for p in ("age", "column"))
    assert author_flags(text, age, column).tolist() == [int(flag), 0]
