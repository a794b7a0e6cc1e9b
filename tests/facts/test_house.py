"""Measures of the house over findings: least scores and counts, lists, answers; whatever they say only adds."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.batch import Findings
from klarera.decide import Case, decide
from klarera.facts import FACTS, HOUSE, KINDS, WORDS
from klarera.facts.final import Joined, final_vectors
from klarera.facts.house import ACTIONS, EVERYWHERE, Answer, Lists, Named, answered, by_kinds, seen
from klarera.facts.rollup import AuthorTable
from klarera.facts.signatures import pack
from klarera.facts.text import kinds_found
from klarera.law import Law
from klarera.model import LISTED, About, Decision, Kind, Measure, State
from klarera.rulebook import rulebook

REDACT, HOLD, DROP = ACTIONS
EMAIL, PERSON, PHONE = Kind.EMAIL, Kind.PERSON, Kind.PHONE
NONE = 255
KEYS = np.arange(1, 9, dtype=np.uint8)[:, None].repeat(16, axis=1)
"""Eight invented keys."""


def findings(*rows: tuple[int, int, int, int, int]) -> Findings:
    """(row, kind, about, score, number of the key, -1 for none), in order of rows."""
    table = sorted(rows)
    n = len(table)
    row, kind, about, score, key = (np.array([r[i] for r in table], np.int64) for i in range(5))
    start = np.arange(n, dtype=np.int32) * 10
    zero = np.zeros(n, np.uint8)
    keys = np.where((key >= 0)[:, None], KEYS[np.maximum(key, 0)], 0).astype(np.uint8)
    u = [a.astype(np.uint8) for a in (kind, about, score)]
    return Findings(row.astype(np.int32), start, start + 5, start, start + 9, u[0], u[1], zero, zero, u[2], zero, keys)


def table(*entries: tuple[int, int]) -> AuthorTable:
    """Of (number of the key, what is said)."""
    return AuthorTable.merge(KEYS[[k for k, _ in entries]], np.array([s for _, s in entries], np.uint16))


def words(found: Findings | list[Findings], *measures: Measure, rows: int = 3, lists: Lists | None = None) -> Any:
    parts = found if isinstance(found, list) else [found]
    source, nobody = np.zeros(rows, np.int32), np.zeros((rows, 16), np.uint8)
    return seen(parts, [list(measures)], lists or Lists(), source, nobody)


def bits(*kinds: int) -> int:
    return sum(1 << k for k in kinds)


THREE = findings(
    (0, EMAIL, About.OTHER, NONE, 0), (1, PERSON, About.OTHER, 60, 1), (1, PERSON, About.OTHER, 90, 2),
    (2, EMAIL, About.OTHER, NONE, 0), (2, EMAIL, About.AUTHOR, NONE, 3), (2, EMAIL, About.GENERAL, NONE, 4),
)  # fmt: skip
LEAST = [
    ("any finding", Measure(DROP, EMAIL), [True, False, True]),
    ("two of them", Measure(DROP, EMAIL, count=2), [False, False, True]),
    ("a mere topic does not count", Measure(DROP, EMAIL, count=3), [False, False, False]),
    ("a score that is reached", Measure(HOLD, PERSON, score=90), [False, True, False]),
    ("a score nobody reaches", Measure(HOLD, PERSON, score=91), [False, False, False]),
    ("two at that score", Measure(HOLD, PERSON, score=60, count=2), [False, True, False]),
    ("one at that score, two wanted", Measure(HOLD, PERSON, score=61, count=2), [False, False, False]),
    ("what has no score always counts", Measure(REDACT, EMAIL, score=100), [True, False, True]),
]


@pytest.mark.parametrize(("measure", "wanted"), [x[1:] for x in LEAST], ids=[x[0] for x in LEAST])
def test_from_a_least_score_and_count_on(measure: Measure, wanted: list[bool]) -> None:
    made = words(THREE, measure).words
    at = ACTIONS.index(measure.action)
    assert made[:, at].tolist() == [bits(measure.kind) if hit else 0 for hit in wanted]
    assert not np.delete(made, at, axis=1).any()


def test_what_is_redacted_are_the_findings_that_reach_the_score() -> None:
    (taken,) = words(THREE, Measure(REDACT, PERSON, score=80)).taken
    assert taken.tolist() == [False, False, True, False, False, False]
    (none,) = words(THREE, Measure(REDACT, PERSON, score=80, count=2)).taken
    assert not none.any()


def test_findings_of_all_columns_count_together() -> None:
    parts = [findings((0, EMAIL, 2, NONE, 0)), findings((0, EMAIL, 2, NONE, 0), (1, EMAIL, 2, NONE, 1))]
    made = words(parts, Measure(REDACT, EMAIL, count=2), rows=2)
    assert made.words[:, 0].tolist() == [bits(EMAIL), 0]
    assert [t.tolist() for t in made.taken] == [[True], [True, False]]


def test_a_measure_and_a_list_of_a_source_speak_for_its_records_only() -> None:
    found = findings((0, EMAIL, 2, NONE, 0), (1, EMAIL, 2, NONE, 0))
    lists = Lists({1: table((0, Named.DROP))})
    nobody = np.zeros((2, 16), np.uint8)
    made = seen([found], [[Measure(HOLD, EMAIL)], []], lists, np.array([0, 1], np.int32), nobody).words
    assert made.tolist() == [[0, bits(EMAIL), 0], [0, 0, bits(LISTED)]]


def test_allowed_identifiers_count_for_no_measure_of_the_house() -> None:
    lists = Lists({EVERYWHERE: table((0, Named.ALLOWED))})
    made = words(THREE, Measure(DROP, EMAIL), Measure(REDACT, EMAIL), lists=lists)
    assert made.words[:, 2].tolist() == [0, 0, bits(EMAIL)], "the other address of the last record still counts"
    assert made.taken[0].tolist() == [False, False, False, True, False, False]


@pytest.mark.parametrize(("says", "at"), [(Named.REDACT, 0), (Named.HOLD, 1), (Named.DROP, 2)])
def test_denied_identifiers_count_wherever_they_stand(says: Named, at: int) -> None:
    made = words(THREE, lists=Lists({EVERYWHERE: table((4, says))}))
    wanted = np.zeros((3, 3), np.uint64)
    wanted[2, at] = bits(LISTED)
    assert (made.words == wanted).all(), "a mere topic, too"
    assert made.taken[0].any() == (says is Named.REDACT)


def test_an_author_that_is_denied_concerns_all_their_records_and_no_span() -> None:
    lists = Lists(authors={EVERYWHERE: table((5, Named.HOLD), (6, Named.REDACT))})
    authors = np.stack([KEYS[5], KEYS[6], np.zeros(16, np.uint8)])
    made = seen([THREE], [[]], lists, np.zeros(3, np.int32), authors)
    assert made.words.tolist() == [[0, bits(LISTED), 0], [0, 0, 0], [0, 0, 0]]
    assert not made.taken[0].any()


def test_without_lists_and_thresholds_the_kinds_found_tell_the_same() -> None:
    measures = [[Measure(DROP, EMAIL), Measure(REDACT, PERSON), Measure(REDACT, EMAIL)]]
    source = np.zeros(3, np.int32)
    quick = by_kinds(kinds_found(THREE, 3), measures, source)
    assert (quick == seen([THREE], measures, Lists(), source, np.zeros((3, 16), np.uint8)).words).all()
    local, number = pack({}, kinds_found(THREE, 3)), np.arange(3, dtype=np.int32)
    for house in (None, quick):
        joined = Joined(np.zeros(3, np.uint16), np.zeros(3, np.int32), [None], source, np.zeros(3, np.bool_), False,
                        measures=measures, house=house)  # fmt: skip
        vectors, which = final_vectors(local, number, joined)
        assert (vectors[which][:, HOUSE : HOUSE + 3] == quick).all()


def test_of_two_answers_the_later_stands_and_a_measure_that_came_later_holds_again() -> None:
    held = np.array([[0, bits(EMAIL, PHONE), bits(PERSON)]] * 2, np.uint64)
    first, all_ = np.array([True, False]), np.array([True, True])
    released = Answer(all_, bits(EMAIL), leaves=False)
    assert answered(held, [released]).tolist() == [[0, bits(PHONE), bits(PERSON)]] * 2
    refused = answered(held, [released, Answer(first, bits(EMAIL), leaves=True)])
    assert refused.tolist() == [[0, bits(PHONE), bits(PERSON, EMAIL)], [0, bits(PHONE), bits(PERSON)]]
    again = answered(held, [Answer(all_, bits(EMAIL), leaves=True), Answer(first, bits(EMAIL), leaves=False)])
    assert again.tolist() == [[0, bits(PHONE), bits(PERSON)], [0, bits(PHONE), bits(PERSON, EMAIL)]]
    assert answered(held, [Answer(all_, bits(PERSON), leaves=False)]).tolist() == held.tolist(), "only what is held"


BOOK, DAY = rulebook(), date(2026, 11, 22)
KIND = st.sampled_from([Kind.EMAIL, Kind.PERSON, Kind.HANDLE, Kind.HEALTH, Kind.SECRET])
MEASURE = st.builds(Measure, st.sampled_from(ACTIONS), KIND, st.integers(0, 100), st.integers(1, 3))
FINDING = st.tuples(
    st.integers(0, 2),
    KIND | st.just(LISTED),
    st.sampled_from(About),
    st.integers(0, 100) | st.just(NONE),
    st.integers(-1, 7),
)
SAYING = st.lists(st.tuples(st.integers(0, 7), st.sampled_from(Named)), max_size=5).map(lambda x: table(*x))
LISTS = st.builds(
    Lists, st.dictionaries(st.sampled_from([EVERYWHERE, 0]), SAYING), st.dictionaries(st.just(EVERYWHERE), SAYING)
)
ANSWER = st.builds(
    lambda rows, measures, leaves: Answer(np.array(rows), measures, leaves),
    st.tuples(*[st.booleans()] * 3), st.integers(0, (1 << 52) - 1), st.booleans(),
)  # fmt: skip
VECTOR = st.lists(st.sampled_from(State), min_size=len(FACTS), max_size=len(FACTS))


@settings(max_examples=120, deadline=None)
@given(
    vectors=st.lists(VECTOR, min_size=3, max_size=3), found=st.lists(FINDING, max_size=12),
    measures=st.lists(MEASURE, max_size=6), lists=LISTS, answers=st.lists(ANSWER, max_size=3),
    reading=st.sampled_from(["supported", "strict", "industry"]),
)  # fmt: skip
def test_with_any_policy_no_decision_is_milder_than_without_it(
    vectors: list[list[State]], found: list[Any], measures: list[Measure], lists: Lists, answers: list[Answer],
    reading: str,
) -> None:  # fmt: skip
    """For every vector, any findings, measures, lists and answers: stricter or the same, and as much taken out."""
    seen_in = findings(*found)
    states = {name: np.array([v[i] for v in vectors], np.uint8) for i, name in enumerate(FACTS)}
    local = pack(states, kinds_found(seen_in, 3))
    source, authors = np.zeros((3, 1), np.uint64), KEYS[:3]
    said = seen([seen_in], [measures], lists, source[:, 0].astype(np.int32), authors)
    house = answered(said.words, answers)
    with_policy: npt.NDArray[np.uint64] = np.concatenate([local, house, source], axis=1)
    without = np.concatenate([local, np.zeros_like(house), source], axis=1)
    law = Law(DAY, max(DAY, BOOK.version))
    case = Case(BOOK, law, reading, {}, [{}], ["agora"], [measures])
    milder, stricter = decide(without, case), decide(with_policy, case)
    assert (stricter.decision >= milder.decision).all()
    assert (stricter.redact == milder.redact).all(), "what the rulebook takes out is taken out"
    assert with_policy.shape[1] == WORDS + 5
    assert (local[:, KINDS] == with_policy[:, KINDS]).all(), "no list hides a finding from the rulebook"
    assert not stricter.decision[house[:, 2] != 0].tolist().count(Decision.KEEP)
