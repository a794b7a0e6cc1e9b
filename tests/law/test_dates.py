"""Which rules count on which day, and when the rulebook is behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from klarera.errors import UsageError
from klarera.law import Law, Watch, outdated, prove, stale

from .books import ALWAYS, DAY, NO_READING, A, B, C, book, rule

FROM, TO = date(2025, 8, 2), date(2026, 8, 2)
DAYS = {
    "day before the first": (date(2025, 8, 1), False),
    "first day": (FROM, True),
    "last day": (date(2026, 8, 1), True),
    "day after the last": (TO, False),
}


@pytest.mark.parametrize(("on", "counts"), DAYS.values(), ids=DAYS)
@pytest.mark.parametrize("spans", [{"in_force": (FROM, TO)}, {"in_force": ALWAYS, "applies": (FROM, TO)}])
def test_days_of_a_rule(on: date, counts: bool, spans: dict[str, tuple[date, date | None]]) -> None:
    rules = book(rule("r", "x", A, **spans))  # type: ignore[arg-type]
    assert prove(rules, "x", {"a": True}, Law(on, DAY), NO_READING).value is counts


def test_a_rule_in_force_that_does_not_apply_yet_does_not_count() -> None:
    rules = book(rule("r", "x", A, in_force=(FROM, None), applies=(TO, None)))
    days = (FROM, date(2026, 8, 1), TO)
    assert [len(rules.rules_for("x", Law(on, DAY))) for on in days] == [0, 0, 1]


def test_an_amendment_replaces_the_old_version_on_its_day() -> None:
    rules = book(rule("r@1", "x", A, in_force=(FROM, TO)), rule("r@2", "x", B, in_force=(TO, None)))
    days = (date(2026, 8, 1), TO)
    assert [[r.id for r in rules.rules_for("x", Law(on, DAY))] for on in days] == [["r@1"], ["r@2"]]


def test_what_was_encoded_later_is_not_known_before() -> None:
    early, late = date(2026, 1, 1), date(2026, 6, 1)
    rules = book(rule("r", "x", A, known=early), rule("s", "x", B, known=late))
    known = (early, date(2026, 5, 31), late)
    assert [len(rules.rules_for("x", Law(DAY, day))) for day in known] == [1, 1, 2]


def test_a_day_of_knowledge_before_the_first_rule_is_refused() -> None:
    """No rules would mean that nothing stands against anything."""
    with pytest.raises(UsageError, match="no rule known"):
        book(rule("r", "x", A)).rules_for("x", Law(DAY, date(2026, 11, 21)))


PROPOSED = book(
    rule("r", "x", A), rule("bill", "x", B, law="p837", replaces=("r",), in_force=(FROM, None)), rule("s", "x", C)
)  # fmt: skip


def test_a_proposal_counts_only_by_name_and_takes_out_what_it_replaces() -> None:
    on = frozenset({"p837"})
    assert [r.id for r in PROPOSED.rules_for("x", Law(DAY, DAY))] == ["r", "s"]
    assert [r.id for r in PROPOSED.rules_for("x", Law(DAY, DAY, on))] == ["bill", "s"]
    assert [r.id for r in PROPOSED.rules_for("x", Law(date(2025, 8, 1), DAY, on))] == ["r", "s"]


def test_a_proposal_nobody_encoded_is_refused() -> None:
    with pytest.raises(UsageError, match="no such proposal"):
        PROPOSED.rules_for("x", Law(DAY, DAY, frozenset({"p838"})))


def test_one_book_keeps_its_days_apart() -> None:
    rules = book(rule("r", "x", A, in_force=(FROM, TO)))
    days = [date(2025, 8, 1), FROM, date(2025, 8, 1), FROM]
    values = [prove(rules, "x", {"a": True}, Law(on, DAY), NO_READING).value for on in days]
    assert values == [False, True, False, True]


SOON, LATER = Watch(date(2027, 1, 1), "Act", "Art. 1 changes"), Watch(date(2027, 6, 1), "Act", "Art. 2 goes")
PAST = Watch(DAY, "Act", "known when the book was made")
WATCHED = replace(book(rule("r", "x", A)), watch=(LATER, PAST, SOON))


@pytest.mark.parametrize(
    ("on", "entries"),
    [
        (date(2026, 12, 31), []),
        (date(2027, 1, 1), [SOON]),
        (date(2027, 5, 31), [SOON]),
        (date(2027, 6, 1), [SOON, LATER]),
    ],
)
def test_changes_the_book_cannot_know(on: date, entries: list[Watch]) -> None:
    assert outdated(WATCHED, on) == entries


@pytest.mark.parametrize(("today", "expected"), [(DAY, False), (date(2026, 12, 31), False), (date(2027, 1, 1), True)])
def test_a_book_is_stale_when_a_watched_day_has_passed(today: date, expected: bool) -> None:
    assert stale(WATCHED, today) is expected


@pytest.mark.parametrize(("today", "expected"), [(date(2026, 12, 2), False), (date(2026, 12, 3), True)])
def test_a_book_is_stale_when_nobody_looked_for_long(today: date, expected: bool) -> None:
    assert stale(book(), today, days=10) is expected
