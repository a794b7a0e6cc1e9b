"""Findings as states: found, looked for and not found, not looked for, unclear, a mere topic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from klarera.batch import Findings
from klarera.facts.text import GROUPS, Coverages, author_states, kinds_found, text_states
from klarera.model import ART9, LANGUAGES, About, Kind, Stance, State

EN, FI = LANGUAGES.index("en"), LANGUAGES.index("fi")
F, T, M, N = State.FALSE, State.TRUE, State.MISSING, State.NOT_LOOKED


def coverage(*languages: int, without: tuple[Kind, ...] = ()) -> Coverages:
    mask = np.zeros(len(LANGUAGES), np.bool_)
    mask[list(languages)] = True
    return Coverages({kind: mask for kind in Kind if kind not in without})


def finding(kind: Kind, about: About, stance: Stance = Stance.STATED, row: int = 0) -> Findings:
    places = [np.array([v], np.int32) for v in (row, 0, 3, 0, 9)]
    codes = [np.array([v], np.uint8) for v in (kind, about, stance, 2, 255, 0)]
    arrays: list[Any] = [*places, *codes, np.zeros((1, 16), np.uint8)]
    return Findings(*arrays)


def of(found: Findings, name: str, language: int = EN, covered: Coverages | None = None) -> State:
    states = text_states(found, np.array([language], np.uint8), covered or coverage(EN))
    return State(int(states[name][0]))


A, X, U, G = About.AUTHOR, About.OTHER, About.UNCLEAR, About.GENERAL
STATED, NEGATED, QUOTED, ASKED, WISHED = Stance

CASES: list[tuple[str, Kind, About, Stance, State]] = [
    ("has_contact_other", Kind.EMAIL, X, STATED, T),
    ("has_contact_other", Kind.PHONE, A, STATED, F),
    ("has_contact_other", Kind.EMAIL, U, STATED, F),
    ("has_contact_other", Kind.IBAN, X, STATED, F),
    ("names_other", Kind.PERSON, X, STATED, T),
    ("names_other", Kind.EMAIL, X, STATED, T),
    ("names_other", Kind.PERSON, A, STATED, F),
    ("names_other", Kind.HEALTH, X, STATED, F),
    ("art9_author", Kind.HEALTH, A, STATED, T),
    ("art9_author", Kind.HEALTH, A, NEGATED, F),
    ("art9_author", Kind.HEALTH, A, QUOTED, F),
    ("art9_author", Kind.HEALTH, X, STATED, F),
    ("art9_author", Kind.HEALTH, U, STATED, M),
    ("art9_author", Kind.HEALTH, U, ASKED, F),
    ("art9_author", Kind.HEALTH, G, STATED, F),
    ("art9_author", Kind.CRIMINAL, A, STATED, F),
    ("art9_other", Kind.RELIGION, X, STATED, T),
    ("art9_other", Kind.RELIGION, X, QUOTED, T),
    ("art9_other", Kind.RELIGION, X, ASKED, T),
    ("art9_other", Kind.RELIGION, X, NEGATED, F),
    ("art9_other", Kind.RELIGION, U, STATED, M),
    ("art9_other", Kind.RELIGION, G, STATED, F),
    ("art9_implied", Kind.UNION, A, NEGATED, T),
    ("art9_implied", Kind.UNION, A, STATED, F),
    ("art9_implied", Kind.UNION, X, NEGATED, T),
    ("art9_implied", Kind.UNION, X, STATED, F),
    ("art10_author", Kind.CRIMINAL, A, STATED, T),
    ("art10_other", Kind.CRIMINAL, X, QUOTED, T),
    ("art10_other", Kind.CRIMINAL, U, STATED, M),
    ("minor_other", Kind.MINOR, X, STATED, T),
    ("minor_other", Kind.MINOR, A, STATED, F),
    ("minor_other", Kind.MINOR, X, ASKED, F),
    ("objection_text", Kind.OBJECTION, A, STATED, T),
    ("objection_text", Kind.OBJECTION, U, STATED, T),
    ("objection_text", Kind.OBJECTION, X, STATED, F),
    ("objection_text", Kind.OBJECTION, A, QUOTED, M),
    ("objection_text", Kind.OBJECTION, A, NEGATED, F),
    ("objection_chain", Kind.CHAIN_OBJECTION, A, STATED, T),
    ("objection_chain", Kind.CHAIN_OBJECTION, X, STATED, F),
]


@pytest.mark.parametrize(
    ("fact", "kind", "about", "stance", "wanted"),
    CASES,
    ids=[f"{c[0]}: {c[1].name} {c[2].name} {c[3].name}" for c in CASES],
)
def test_each_finding_answers_its_fact(fact: str, kind: Kind, about: About, stance: Stance, wanted: State) -> None:
    assert of(finding(kind, about, stance), fact) == wanted


@pytest.mark.parametrize(("fact", "kind"), [(f, k) for f, kinds in GROUPS.items() for k in kinds])
def test_an_identifier_counts_whomever_it_concerns_but_not_as_a_topic(fact: str, kind: Kind) -> None:
    assert [of(finding(kind, about), fact) for about in (A, X, U, G)] == [T, T, T, F]


TEXT_FACTS = sorted(text_states(Findings.empty(), np.zeros(1, np.uint8), coverage(EN)))


@pytest.mark.parametrize("fact", TEXT_FACTS)
def test_not_found_is_no_only_where_somebody_looked(fact: str) -> None:
    assert of(Findings.empty(), fact) == F
    assert of(Findings.empty(), fact, language=FI) == N
    assert of(Findings.empty(), fact, language=0) == N
    assert of(Findings.empty(), fact, covered=Coverages({})) == N


@pytest.mark.parametrize(
    ("kind", "fact"),
    [
        (Kind.HEALTH, "art9_other"),
        (Kind.CRIMINAL, "art10_other"),
        (Kind.MINOR, "minor_other"),
        (Kind.EMAIL, "has_contact"),
    ],
)
def test_found_is_known_where_nobody_was_expected_to_look(kind: Kind, fact: str) -> None:
    assert of(finding(kind, X), fact, language=FI) == T


def test_yes_beats_unclear_and_rows_do_not_mix() -> None:
    found = Findings.concat([finding(Kind.HEALTH, U), finding(Kind.HEALTH, X), finding(Kind.HEALTH, U, row=2)])
    states = text_states(found, np.full(3, EN, np.uint8), coverage(EN))
    assert states["art9_other"].tolist() == [T, F, M]


@pytest.mark.parametrize(
    ("kind", "about", "stance", "minor", "adult"),
    [
        (Kind.MINOR, A, STATED, T, M),
        (Kind.MINOR, U, STATED, M, M),
        (Kind.MINOR, X, STATED, F, M),
        (Kind.MINOR, A, QUOTED, F, M),
        (Kind.MINOR, A, WISHED, F, M),
        (Kind.ADULT, A, STATED, F, T),
        (Kind.ADULT, U, STATED, F, M),
        (Kind.ADULT, A, NEGATED, F, M),
    ],
)
def test_age_of_the_author(kind: Kind, about: About, stance: Stance, minor: State, adult: State) -> None:
    states = author_states(finding(kind, about, stance), np.array([EN], np.uint8), coverage(EN))
    assert [State(int(states[n][0])) for n in ("author_minor", "author_adult")] == [minor, adult]


def test_nobody_is_an_adult_because_no_age_was_seen() -> None:
    states = author_states(Findings.empty(), np.array([EN, FI], np.uint8), coverage(EN))
    assert states["author_minor"].tolist() == [F, N]
    assert states["author_adult"].tolist() == [M, N]


def test_bits_of_the_kinds_found_leave_topics_out() -> None:
    found = Findings.concat(
        [finding(Kind.EMAIL, X), finding(Kind.MINOR, A), finding(Kind.HEALTH, G), finding(Kind.IP, U, row=1)]
    )
    assert kinds_found(found, 3).tolist() == [1 << Kind.EMAIL | 1 << Kind.MINOR, 1 << Kind.IP, 0]
    assert max(Kind) < 64
    assert ART9
