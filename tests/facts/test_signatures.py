"""Packing states into vectors, and numbering the distinct ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.facts import AUTHOR_FACTS, COLUMN_FACTS, FACTS, HOUSE, KINDS, RECORD_FACTS, SHIFT, SOURCE, WORDS, scope_of
from klarera.facts.signatures import distinct_rows, pack, put, unpack
from klarera.model import Scope, State
from klarera.rulebook import rulebook

QUICK = settings(max_examples=40, deadline=None, derandomize=True)
states = st.sampled_from([int(s) for s in State])
rows = st.lists(st.lists(states, min_size=len(FACTS), max_size=len(FACTS)), min_size=0, max_size=8)


@QUICK
@given(rows, st.integers(0, (1 << 64) - 1))
def test_what_is_packed_comes_out_again(table: list[list[int]], kinds: int) -> None:
    columns = np.array(table, np.uint8).reshape(-1, len(FACTS))
    made = pack({n: columns[:, i] for i, n in enumerate(FACTS)}, np.full(len(columns), kinds, np.uint64))
    assert made.shape == (len(columns), WORDS + 1)
    assert (made[:, KINDS] == np.uint64(kinds)).all()
    for i, name in enumerate(FACTS):
        assert unpack(made, name).tolist() == columns[:, i].tolist(), name


@QUICK
@given(rows.filter(bool), st.sampled_from(FACTS), states)
def test_writing_one_fact_leaves_all_others(table: list[list[int]], fact: str, state: int) -> None:
    columns = np.array(table, np.uint8)
    made = pack({n: columns[:, i] for i, n in enumerate(FACTS)}, np.zeros(len(columns), np.uint64))
    put(made, fact, np.full(len(columns), state, np.uint8))
    for i, name in enumerate(FACTS):
        wanted = [state] * len(columns) if name == fact else columns[:, i].tolist()
        assert unpack(made, name).tolist() == wanted, name


def test_a_fact_that_is_not_given_is_missing() -> None:
    made = pack({}, np.zeros(2, np.uint64))
    assert {int(s) for name in FACTS for s in unpack(made, name)} == {int(State.MISSING)}


def test_every_fact_has_four_bits_of_its_own_and_none_touches_the_kinds() -> None:
    assert len(set(SHIFT.values())) == len(FACTS)
    assert {word for word, _ in SHIFT.values()} == set(range(WORDS))
    assert (KINDS, HOUSE, SOURCE) == (WORDS, WORDS + 1, WORDS + 4)


def test_facts_of_records_and_authors_are_those_of_the_rulebook() -> None:
    book = {f.name: f.scope for f in rulebook().facts if f.scope in (Scope.RECORD, Scope.AUTHOR)}
    assert book == {name: scope_of(name) for name in FACTS}
    assert set(COLUMN_FACTS) < set(RECORD_FACTS) | set(AUTHOR_FACTS)


@QUICK
@given(st.lists(st.tuples(*[st.sampled_from([0, 1, 2, (1 << 64) - 1])] * 3), max_size=60))
def test_distinct_rows_are_those_of_numpy_in_order_of_first_appearance(table: list[tuple[int, ...]]) -> None:
    vectors = np.array(table, np.uint64).reshape(-1, 3)
    found, inverse = distinct_rows(vectors)
    assert (found[inverse] == vectors).all() if len(vectors) else len(found) == 0
    assert sorted(map(tuple, found.tolist())) == [tuple(r) for r in np.unique(vectors, axis=0).tolist()]
    assert found.tolist() == [list(r) for r in dict.fromkeys(map(tuple, vectors.tolist()))]


@pytest.mark.parametrize("step", [1, 1 << 32, 0x9E3779B97F4A7C15])
def test_many_rows_that_hash_alike_stay_apart(step: int) -> None:
    values = (np.arange(5_000, dtype=np.uint64) * np.uint64(step)) % np.uint64(1 << 63)
    vectors = np.stack([np.zeros_like(values), values], axis=1)
    found, inverse = distinct_rows(np.concatenate([vectors, vectors[::-1]]))
    assert len(found) == len(np.unique(values))
    assert (inverse[: len(values)] == inverse[len(values) :][::-1]).all()
