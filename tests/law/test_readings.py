"""Which position a reading takes, and what it says of why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from klarera.errors import UsageError
from klarera.law import Law, Rulebook, resolve
from klarera.law.expression import Fact
from klarera.law.kleene import Given
from klarera.law.rule import Question
from klarera.model import Rank, Scope

from .books import DAY, LAW, book, question, source

HOST = Fact("host", "Is it the platform's own?", Scope.SOURCE)
LAND = Fact("state", "Which state?", Scope.PROJECT, type="word")
FACTS = (HOST, LAND)
P837 = Law(DAY, DAY, frozenset({"p837"}))

INDUSTRY, AUTHORITY = source("industry paper", Rank.INDUSTRY), source("authority", Rank.AUTHORITY)
COURT, EDPB = source("court", Rank.CJEU), source("edpb", Rank.EDPB_FINAL)
INTERIM, INTERIM_2 = source("interim", Rank.INTERIM_RULING), source("second interim", Rank.INTERIM_RULING)
PROPOSED = source("bill", Rank.PROPOSAL, law="p837")
PAST = source("court", Rank.CJEU, period=(date(2018, 5, 25), DAY))
NOT_YET = source("court", Rank.CJEU, period=(date(2026, 11, 23), None))
LAST_DAY = source("court", Rank.CJEU, period=(date(2018, 5, 25), date(2026, 11, 23)))
FIRST_DAY = source("court", Rank.CJEU, period=(DAY, None))


def with_question(made: Question, *more: Question) -> Rulebook:
    return book(facts=FACTS, questions=(made, *more))


SUPPORTED = {
    # strict, middle, mild sources: facts, sensitive, position, stricter
    "the highest rank wins": ((AUTHORITY,), (), (COURT,), {}, False, "mild", False),
    "whatever the order": ((COURT,), (), (AUTHORITY,), {}, False, "strict", False),
    "edpb above authority": ((), (AUTHORITY,), (EDPB,), {}, False, "mild", False),
    "no source at all": ((), (), (), {}, False, "strict", True),
    "a tie: the stricter of the two": ((), (COURT,), (replace(COURT, name="other"),), {}, False, "middle", True),
    "two sources for one position": ((AUTHORITY,), (), (COURT, replace(COURT, name="other")), {}, False, "mild", False),
    "scope fits": ((AUTHORITY,), (), (replace(COURT, scope=HOST),), {"host": True}, False, "mild", False),
    "scope does not fit": ((AUTHORITY,), (), (replace(COURT, scope=HOST),), {"host": False}, False, "strict", False),
    "scope not known": ((AUTHORITY,), (), (replace(COURT, scope=HOST),), {}, False, "strict", False),
    "scope by a word": ((), (), (replace(COURT, scope=LAND.one_of("DE")),), {"state": "DE"}, False, "mild", False),
    "period over": ((AUTHORITY,), (), (PAST,), {}, False, "strict", False),
    "last day of the period": ((AUTHORITY,), (), (LAST_DAY,), {}, False, "mild", False),
    "period not begun": ((AUTHORITY,), (), (NOT_YET,), {}, False, "strict", False),
    "first day of the period": ((AUTHORITY,), (), (FIRST_DAY,), {}, False, "mild", False),
    "one interim ruling, not sensitive": ((INDUSTRY,), (), (INTERIM,), {}, False, "mild", False),
    "one interim ruling, sensitive": ((), (INDUSTRY,), (INTERIM,), {}, True, "strict", True),
    "two interim rulings, sensitive": ((INDUSTRY,), (), (INTERIM, INTERIM_2), {}, True, "mild", False),
    "one interim ruling named twice": ((INDUSTRY,), (), (INTERIM, INTERIM), {}, True, "strict", True),
    "one interim ruling for the strictest": ((INTERIM,), (), (INDUSTRY,), {}, True, "strict", False),
    "a final source, sensitive": ((INTERIM,), (), (COURT,), {}, True, "mild", False),
    "a proposal is no law": ((INDUSTRY,), (), (PROPOSED,), {}, False, "strict", False),
    "industry counts where nobody else speaks": ((), (), (INDUSTRY,), {}, False, "mild", False),
}  # fmt: skip


@pytest.mark.parametrize(
    ("strict", "middle", "mild", "facts", "sensitive", "position", "stricter"), SUPPORTED.values(), ids=SUPPORTED
)
def test_supported(
    strict: tuple[object, ...], middle: tuple[object, ...], mild: tuple[object, ...],
    facts: Mapping[str, Given], sensitive: bool, position: str, stricter: bool,
) -> None:  # fmt: skip
    made = question("q", ("strict", strict), ("middle", middle), ("mild", mild), sensitive=sensitive)  # type: ignore[arg-type]
    reading = resolve(with_question(made), "supported", facts, LAW)
    assert (reading.adopted["q"], reading.why["q"].stricter) == (position, stricter)
    assert reading.why["q"].position == position


def test_why_names_the_source_and_who_was_passed_over() -> None:
    made = question("q", ("strict", (AUTHORITY, PAST)), ("mild", (replace(COURT, name="far", scope=HOST), PROPOSED)))
    unknown = resolve(with_question(made), "supported", {}, LAW).why["q"]
    assert (unknown.source, unknown.rank, unknown.confidence) == ("authority", Rank.AUTHORITY, "O")
    assert unknown.because == "the highest source that fits: authority (authority)"
    assert unknown.passed == (
        "court (strict): cannot be relied on on 2026-11-22",
        "far (mild): whether it fits this project is not known",
        "bill (mild): a proposal that is not switched on",
    )
    elsewhere = resolve(with_question(made), "supported", {"host": False}, LAW).why["q"]
    assert "far (mild): does not fit this project" in elsewhere.passed


def test_a_single_interim_ruling_passed_over_is_named() -> None:
    made = question("q", ("strict", ()), ("mild", (INTERIM,)), sensitive=True)
    why = resolve(with_question(made), "supported", {}, LAW).why["q"]
    assert why.passed == ("interim (mild): a single interim ruling on a sensitive question",)
    assert why.source == ""


THREE = question("q", ("strict", (AUTHORITY,)), ("middle", (COURT,)), ("mild", (INDUSTRY,)))
BASES = {"supported": "middle", "strict": "strict", "industry": "mild", "unanimous": None}


@pytest.mark.parametrize(("base", "position"), BASES.items())
def test_bases(base: str, position: str | None) -> None:
    reading = resolve(with_question(THREE), base, {}, LAW)
    assert (reading.name, reading.adopted) == (base, {"q": position})


BILL = question("q", ("strict", (AUTHORITY,)), ("bill", (PROPOSED,)))


@pytest.mark.parametrize("base", BASES)
def test_no_reading_takes_a_position_that_is_only_proposed(base: str) -> None:
    assert resolve(with_question(BILL), base, {}, LAW).adopted == {"q": "strict"}


def test_a_proposal_switched_on_counts() -> None:
    switched = {base: resolve(with_question(BILL), base, {}, P837).adopted["q"] for base in BASES}
    assert switched == {"supported": "strict", "strict": "strict", "industry": "bill", "unanimous": None}


def test_a_proposal_without_name_never_counts() -> None:
    made = question("q", ("strict", ()), ("bill", (replace(PROPOSED, law=""),)))
    assert resolve(with_question(made), "industry", {}, LAW).adopted == {"q": "strict"}


def test_own_choices_go_over_a_base() -> None:
    rules = with_question(THREE, replace(THREE, id="other"))
    own = resolve(rules, {"base": "strict", "q": "mild"}, {}, LAW)
    assert (own.name, own.adopted) == ("own", {"q": "mild", "other": "strict"})
    assert resolve(rules, {"q": "mild"}, {}, LAW).adopted["other"] == "middle"
    assert resolve(rules, {"base": "strict"}, {}, LAW).name == "strict"


WRONG: dict[str, tuple[str | dict[str, str], str]] = {
    "an unknown reading": ("strikt", "unknown reading"),
    "an unknown base": ({"base": "strikt"}, "unknown reading"),
    "an unknown question": ({"zz": "mild"}, "no question"),
    "an unknown position": ({"q": "zz"}, "no position"),
}


@pytest.mark.parametrize(("choice", "said"), WRONG.values(), ids=WRONG)
def test_what_nobody_wrote_cannot_be_chosen(choice: str | dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        resolve(with_question(THREE), choice, {}, LAW)


def test_a_proposal_cannot_be_chosen_before_it_is_switched_on() -> None:
    with pytest.raises(UsageError, match="only proposed"):
        resolve(with_question(BILL), {"q": "bill"}, {}, LAW)
    assert resolve(with_question(BILL), {"q": "bill"}, {}, P837).adopted == {"q": "bill"}


def test_a_question_of_proposals_alone_has_no_answer() -> None:
    made = question("q", ("one", (PROPOSED,)), ("two", (PROPOSED,)))
    with pytest.raises(UsageError, match="only proposed"):
        resolve(with_question(made), "strict", {}, LAW)


def test_readings_that_decide_alike_have_one_key() -> None:
    rules = with_question(THREE)
    chosen = resolve(rules, {"q": "mild"}, {}, LAW)
    assert chosen.key == resolve(rules, "industry", {}, LAW).key != resolve(rules, "strict", {}, LAW).key
