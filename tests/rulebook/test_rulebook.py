"""The rulebook as a whole: complete, consistent, useful bare, stricter when strict, and honest of its sources."""

from __future__ import annotations

from datetime import date
from itertools import pairwise, product

import polars as pl
import pytest

from klarera import facts as facts_room
from klarera.law import Law, resolve
from klarera.law.columns import emit
from klarera.law.expression import Adopted, walk
from klarera.law.kleene import Given, evaluate
from klarera.law.residual import best_case, facts_needed, residual
from klarera.law.rule import Confidence, Level
from klarera.model import ART9, IDENTIFIERS, About, Decision, Kind, Rank, Scope
from klarera.rulebook import assumable, rulebook
from klarera.rulebook.conditions import STATED
from klarera.rulebook.gdpr.article_8 import age_table, digital_age
from klarera.rulebook.grounds import NOT_LOOKED_HOLDS

BOOK = rulebook()
DAY = date(2026, 11, 22)
LAW = Law(DAY, DAY)
RECORD = tuple(f.name for f in BOOK.facts if f.scope in (Scope.RECORD, Scope.AUTHOR))
WIDE = frozenset(f.name for f in BOOK.facts) - set(RECORD)

ORDINARY: dict[str, Given] = dict.fromkeys(RECORD, False) | {
    # A tweet with nothing in it, from a file without columns and a run without a register.
    "visibility_public": None, "visibility_login": None, "visibility_private": None, "licence_open": None,
    "licence_forbids": None, "reserved_machine": None, "published_before_notice": None, "author_adult": None,
    "author_erased": None, "author_reserved_rights": None, "third_objected": None, "author_restricted": None,
    "parent_authorised": None, "author_of_consent_age": None, "compelling_grounds": None,
    "objection_decided": None, "erasure_refused": None,
}  # fmt: skip
STATED_PROJECT: dict[str, Given] = {
    "purpose": "train-model", "legal_basis": "legitimate-interest", "obtained": "first-party-platform",
    "visibility": "public", "ages_checked": True, "notice_given": True, "notice_date": date(2026, 1, 1),
    "objection_route": True, "interest_told": True,
}  # fmt: skip


def decided(given: dict[str, Given], choice: str | dict[str, str], law: Law = LAW) -> Decision:
    """The three steps of `klarera.rulebook.grounds`, over one case; nobody looked counts as known here."""
    read = resolve(BOOK, choice, given, law)
    values: dict[str, bool | None] = {}
    silent = {name for name in WIDE if given.get(name) is None} & assumable(BOOK)
    for ground in BOOK.grounds:
        node = best_case(residual(BOOK, ground.conclusion, law, read), silent)
        values[ground.conclusion] = evaluate(node, given)
    drops = [values[g.conclusion] for g in BOOK.grounds if g.action is Decision.DROP]
    if True in drops:
        return Decision.DROP
    if None in values.values():
        return Decision.HOLD
    return Decision.REDACT if True in values.values() else Decision.KEEP


def test_the_facts_room_and_the_rulebook_know_the_same_facts() -> None:
    assert set(facts_room.FACTS) == set(RECORD)
    assert all(facts_room.scope_of(name) is BOOK.fact(name).scope for name in RECORD)


def test_lint_finds_only_what_is_meant() -> None:
    assert BOOK.lint() == [
        "fact author_known: nothing uses it",
        "meta_2025_path: concluded, but no ground, rule or condition uses it",
    ]


def test_every_identifier_and_special_category_has_its_redaction() -> None:
    spans = [kind for row in BOOK.redactions if row.extent == "span" for kind in row.kinds]
    assert sorted(spans) == sorted(IDENTIFIERS)
    sentences = {kind for row in BOOK.redactions if row.extent == "sentence" for kind in row.kinds}
    assert sentences == ART9 | {Kind.MINOR}
    assert all(About.GENERAL not in row.about for row in BOOK.redactions)
    assert {row.conclusion for row in BOOK.redactions} == {
        g.conclusion for g in BOOK.grounds if g.action is Decision.REDACT
    }


def test_redaction_kinds_are_those_whose_facts_raise_the_ground() -> None:
    from klarera.facts.text import GROUPS

    for row in BOOK.redactions:
        fact = row.conclusion.replace("redact_", "has_")
        if fact in GROUPS:
            assert set(row.kinds) == set(GROUPS[fact])


def test_every_fact_a_ground_may_assume_opens_a_condition() -> None:
    """Silence of the project never goes unsaid: what a ground takes at its best stands in the report."""
    named = {c.fact.name for c in BOOK.conditions} | {
        STATED[c.fact.name] for c in BOOK.conditions if c.fact.name in STATED
    }
    exempt = {"purpose"}  # the project file has a default for it
    for name in ("supported", "strict", "industry"):
        read = resolve(BOOK, name, {}, LAW)
        for ground in BOOK.grounds:
            assumed = facts_needed(BOOK, ground.conclusion, LAW, read) & WIDE & assumable(BOOK)
            assert assumed - exempt <= named, (name, ground.code)


@pytest.mark.parametrize("choice", ["supported", "industry"])
def test_bare_an_ordinary_post_is_kept_under_conditions(choice: str) -> None:
    assert decided({**ORDINARY, "purpose": "train-model"}, choice) is Decision.KEEP


@pytest.mark.parametrize("choice", ["supported", "industry"])
def test_what_the_project_states_holds_no_ordinary_post(choice: str) -> None:
    assert decided({**ORDINARY, **STATED_PROJECT}, choice) is Decision.KEEP


def test_strict_keeps_no_author_of_unknown_age() -> None:
    assert decided({**ORDINARY, **STATED_PROJECT}, "strict") is Decision.DROP


@pytest.mark.parametrize("choice", ["supported", "strict", "industry"])
@pytest.mark.parametrize("law", [frozenset[str](), frozenset({"p837-com"})], ids=["today", "p837-com"])
@pytest.mark.parametrize("found", ["art9_other", "art10_other", "art10_author", "author_minor"])
def test_what_was_found_is_kept_under_no_reading(found: str, law: frozenset[str], choice: str) -> None:
    given = {**ORDINARY, **STATED_PROJECT, "visibility_public": True, "public_by_choice": True, found: True}
    mild = choice if choice != "industry" else "industry"
    assert decided(given, mild, Law(DAY, DAY, law)) is Decision.DROP


def test_no_choice_of_positions_keeps_what_was_found_about_another() -> None:
    """Each position of each question alone against the mildest rest."""
    for question, found in product(BOOK.questions, ("art9_other", "art10_other")):
        for position in question.positions:
            choice = {"base": "industry", question.id: position.id}
            assert decided({**ORDINARY, **STATED_PROJECT, found: True}, choice) is Decision.DROP


@pytest.mark.parametrize("unclear", ["art9_other", "art9_author", "art10_other", "author_minor", "objection_text"])
def test_what_is_unclear_about_a_record_holds_it(unclear: str) -> None:
    for given in ({**ORDINARY, unclear: None}, {**ORDINARY, **STATED_PROJECT, unclear: None}):
        assert decided(given, "supported") is Decision.HOLD


def test_an_own_special_category_goes_unless_the_setting_is_shown() -> None:
    own = {**ORDINARY, **STATED_PROJECT, "art9_author": True}
    assert decided(own, "supported") is Decision.DROP
    assert decided({**ORDINARY, "art9_author": True}, "supported") is Decision.DROP
    assert decided({**own, "public_by_choice": True}, "supported") is Decision.KEEP
    assert decided(own, "industry") is Decision.KEEP


def test_silence_of_the_project_lifts_no_reservation() -> None:
    reserved = {**ORDINARY, "reserved_machine": True}
    assert decided(reserved, "supported") is Decision.DROP
    assert decided({**reserved, "licence_permits": True}, "supported") is Decision.KEEP


def test_a_source_speaks_only_where_the_column_is_empty() -> None:
    stated = {**ORDINARY, **STATED_PROJECT}
    private = {"visibility_public": False, "visibility_login": False, "visibility_private": True}
    assert decided({**stated, **private}, "supported") is Decision.DROP
    assert decided({**stated, "visibility": "private"}, "supported") is Decision.DROP
    public = {"visibility_public": True, "visibility_login": False, "visibility_private": False}
    assert decided({**stated, **public, "visibility": "private"}, "supported") is Decision.KEEP


PAIRS = [
    pytest.param({"base": base, q.id: a.id}, {"base": base, q.id: b.id}, id=f"{base}: {q.id}, {a.id}, {b.id}")
    for base in ("strict", "industry")
    for q in BOOK.questions
    for a, b in pairwise(q.positions)
] + [
    pytest.param("strict", "supported", id="strict, supported"),
    pytest.param("supported", "industry", id="supported, industry"),
]  # fmt: skip
MOST = 10


@pytest.mark.parametrize("obtained", ["first-party-platform", "third-party-scrape"])
@pytest.mark.parametrize(("stricter", "milder"), PAIRS)
def test_a_stricter_reading_keeps_nothing_the_milder_drops(
    stricter: str | dict[str, str], milder: str | dict[str, str], obtained: str
) -> None:
    """Every three-valued row of each ground to drop: what the milder drops, the stricter drops, ground by ground."""
    low, high = (resolve(BOOK, choice, {"obtained": obtained}, LAW) for choice in (stricter, milder))
    for ground in BOOK.grounds:
        strict_rule, mild_rule = (residual(BOOK, ground.conclusion, LAW, read) for read in (low, high))
        if ground.action is Decision.DROP and strict_rule != mild_rule:
            needed = [facts_needed(BOOK, ground.conclusion, LAW, read) for read in (low, high)]
            # Facts that only one of the two asks for come first: those are where they can part.
            names = sorted(needed[0] | needed[1], key=lambda name: (name in needed[0] & needed[1], name))
            table = _rows(names, obtained).select(strict=emit(strict_rule), mild=emit(mild_rule))
            assert table.filter(pl.col("mild") & pl.col("strict").ne_missing(True)).height == 0, ground.code


def _rows(names: list[str], obtained: str) -> pl.DataFrame:
    """All rows of up to MOST yes/no facts (the rest is no), every answer of the words that matter."""
    bools = [n for n in names if BOOK.fact(n).type == "bool"]
    table = pl.DataFrame({"obtained": [obtained], "notice_date": [DAY]})
    for name in bools[:MOST]:
        table = table.join(pl.DataFrame({name: [True, False, None]}), how="cross")
    for name in ("legal_basis", "purpose", "visibility"):
        if name in names:
            table = table.join(pl.DataFrame({name: [*BOOK.fact(name).words, None]}), how="cross")
    return table.with_columns(pl.lit(False).alias(name) for name in bools[MOST:])


def test_no_milder_position_and_no_exception_rests_on_weak_sources_alone() -> None:
    weak = {Confidence.SINGLE, Confidence.MEMORY}
    for question in BOOK.questions:
        for position in question.positions[1:]:
            assert {s.confidence for s in position.sources} - weak, (question.id, position.id)
    exceptions = {name for rule in BOOK.rules for name in rule.unless}
    for name in exceptions:
        assert {r.confidence for r in BOOK.rules if r.conclusion == name} - weak, name


def test_every_position_has_sources_and_both_sides() -> None:
    for question in BOOK.questions:
        for position in question.positions:
            assert position.sources
            assert position.builder
            assert position.people
    named = {n.question for rule in BOOK.rules for n in walk(rule.when) if isinstance(n, Adopted)}
    named |= {n.question for c in BOOK.conditions for n in walk(c.when) if isinstance(n, Adopted)}
    assert named | {"search"} == {q.id for q in BOOK.questions}


def test_what_the_design_names_is_a_question() -> None:
    named = {"screening", "search", "author_age", "filtering_after_collection", "chain_objection"}
    assert named <= {q.id for q in BOOK.questions}
    assert isinstance(NOT_LOOKED_HOLDS, Adopted)


def test_the_proposal_is_never_current_law() -> None:
    for rule in BOOK.rules:
        assert (rule.level is Level.PROPOSAL) == bool(rule.law)
    assert BOOK.laws == {"p837-com"}


OVERRIDDEN: dict[str, Given] = {"author_objected": True, "compelling_grounds": True, "objection_decided": True}


@pytest.mark.parametrize(
    ("found", "today", "proposed"),
    [
        ({"art9_author": True}, Decision.DROP, Decision.REDACT),
        ({"art9_implied": True}, Decision.REDACT, Decision.REDACT),
        ({"art9_other": True}, Decision.DROP, Decision.DROP),
        (OVERRIDDEN, Decision.KEEP, Decision.DROP),
    ],
)  # fmt: skip
def test_what_the_proposal_would_change(found: dict[str, Given], today: Decision, proposed: Decision) -> None:
    given = {**ORDINARY, **STATED_PROJECT, **found}
    assert decided(given, "supported") is today
    assert decided(given, "supported", Law(DAY, DAY, frozenset({"p837-com"}))) is proposed


@pytest.mark.parametrize(
    ("question", "facts", "position"),
    [
        ("older_posts", {"obtained": "first-party-platform"}, "with-measures"),
        ("author_age", {}, "whole-source"),
        ("manifestly_public", {"obtained": "first-party-platform"}, "informed-setting"),
        ("opposing_sources", {"obtained": "third-party-scrape"}, "clear-signals"),
        ("opposing_sources", {}, "any-opposition"),
        ("dma_combining", {"gatekeeper": True, "obtained": "first-party-platform"}, "same-person"),
        ("reservation_in_words", {}, "words-count"),
        ("reservation_in_words", {"copied_in_germany": True}, "words-count"),
        ("chain_objection", {}, "counts"),
        ("search", {}, "reasonable"),
    ],
)
def test_supported_takes(question: str, facts: dict[str, Given], position: str) -> None:
    assert resolve(BOOK, "supported", facts, LAW).adopted[question] == position


def test_before_the_judgment_its_position_carries_nothing() -> None:
    early = Law(date(2023, 7, 3), DAY)
    assert resolve(BOOK, "supported", {}, early).why["older_posts"].stricter
    assert not resolve(BOOK, "supported", {}, Law(date(2023, 7, 4), DAY)).why["older_posts"].stricter


def test_interim_rulings_are_scoped_and_not_called_final_judgments() -> None:
    for question in BOOK.questions:
        for position in question.positions:
            for source in position.sources:
                if "OLG" in source.name or "LG " in source.name or "Rb." in source.name:
                    assert source.rank is Rank.INTERIM_RULING


STATES = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO".split()  # noqa: SIM905
)


def test_ages_of_27_and_three_states() -> None:
    assert len(STATES) == 30
    for state in STATES:
        age = digital_age(state, DAY)
        assert age is not None
        assert 13 <= age <= 16
    assert {row.state for row in age_table()} == STATES
    assert all(row.source for row in age_table())


@pytest.mark.parametrize(
    ("state", "on", "age"),
    [
        ("DK", date(2023, 12, 31), 13), ("DK", date(2024, 1, 1), 15), ("SI", date(2023, 1, 25), 16),
        ("SI", date(2023, 1, 26), 15), ("EL", DAY, 15), ("NO", DAY, 13), ("ES", DAY, 14), ("SE", DAY, 13),
        ("DE", date(2018, 5, 24), None), ("IS", date(2018, 7, 19), None), ("UK", DAY, None),
    ],
)  # fmt: skip
def test_age_on_a_day(state: str, on: date, age: int | None) -> None:
    assert digital_age(state, on) == age


def test_ages_of_one_state_follow_each_other() -> None:
    for state in STATES:
        rows = [row for row in age_table() if row.state == state]
        assert rows[-1].end is None
        assert all(a.end == b.start for a, b in pairwise(rows))
