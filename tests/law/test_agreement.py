"""One case, Polars columns and DuckDB say the same in every row, unknown included."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.law import Law, Reading, Rulebook
from klarera.law.expression import Adopted, Conclusion, Const, Unproven
from klarera.model import Rank

from .books import (
    AGE,
    DAY,
    LAND,
    LAW,
    NO_READING,
    SEEN,
    A,
    B,
    C,
    book,
    by_case,
    by_columns,
    by_sql,
    question,
    rows,
    rule,
    source,
    used,
)  # fmt: skip
from .random_books import FACTS, READINGS, rulebooks

PROPERTY = settings(max_examples=40, deadline=None, derandomize=True)
CONNECTION = duckdb.connect()

OPEN = question("q", ("hard", (source("x", Rank.CJEU),)), ("soft", (source("y", Rank.INDUSTRY),)))
HARD, SPLIT = Reading("hard", {"q": "hard"}, {}), Reading("unanimous", {"q": None}, {})

BOOKS: dict[str, tuple[Rulebook, Reading]] = {
    "and, or, not": (book(rule("a", "x", (A & ~B) | (B & C))), NO_READING),
    "one exception": (book(rule("a", "x", A, "e"), rule("b", "e", B)), NO_READING),
    "an exception to an exception": (
        book(rule("a", "x", A, "e"), rule("b", "e", B, "f"), rule("c", "f", C)),
        NO_READING,
    ),
    "two exceptions to one rule": (
        book(rule("a", "x", A, "e", "f"), rule("b", "e", B), rule("c", "f", C)),
        NO_READING,
    ),
    "two rules, one exception": (
        book(rule("a", "x", A, "e"), rule("b", "x", B), rule("c", "e", C)),
        NO_READING,
    ),
    "a conclusion used twice": (
        book(rule("a", "x", Conclusion("y") & ~A), rule("b", "x", ~Conclusion("y")), rule("c", "y", B)),
        NO_READING,
    ),
    "burden of proof": (book(rule("a", "x", A & Unproven(B, "Act Art. 2"))), NO_READING),
    "not unproven": (book(rule("a", "x", ~Unproven(A, "Act Art. 2") | B)), NO_READING),
    "a constant": (book(rule("a", "x", Const(True)), rule("b", "x", A)), NO_READING),
    "never": (book(rule("a", "x", Const(False) & A)), NO_READING),
    "numbers": (book(rule("a", "x", (AGE < 16) | (AGE >= 16.5) & A)), NO_READING),
    "at the threshold": (book(rule("a", "x", (AGE <= 16) & ~(AGE < 16))), NO_READING),
    "numbers listed": (book(rule("a", "x", AGE.one_of(12, 16) & A)), NO_READING),
    "words": (
        book(rule("a", "x", LAND.one_of("DE", "SE")), rule("b", "x", ~LAND.one_of("FR") & A)),
        NO_READING,
    ),
    "days": (book(rule("a", "x", (SEEN >= "2025-08-02") & A)), NO_READING),
    "days listed": (book(rule("a", "x", SEEN.one_of("2025-08-01", "2025-08-03"))), NO_READING),
    "position adopted": (book(rule("a", "x", A & Adopted("q", "hard")), questions=(OPEN,)), HARD),
    "position not adopted": (book(rule("a", "x", A | Adopted("q", "soft")), questions=(OPEN,)), HARD),
    "positions differ": (
        book(
            rule("a", "x", A & Adopted("q", "hard")), rule("b", "x", B & ~Adopted("q", "soft")),
            questions=(OPEN,),
        ),
        SPLIT,
    ),
    "a split alone": (book(rule("a", "x", Adopted("q", "hard")), questions=(OPEN,)), SPLIT),
}  # fmt: skip


@pytest.mark.parametrize(("rules", "reading"), BOOKS.values(), ids=BOOKS)
def test_every_row_of_the_table(rules: Rulebook, reading: Reading) -> None:
    cases = rows(used(rules)) or [{}]
    expected = by_case(rules, "x", cases, LAW, reading)
    assert by_columns(rules, "x", cases, LAW, reading) == expected
    assert by_sql(rules, "x", cases, LAW, reading, CONNECTION) == expected


@pytest.mark.parametrize("on", [date(2025, 8, 1), date(2025, 8, 2), date(2026, 8, 1), date(2026, 8, 2)])
def test_every_row_on_the_days_around_a_change(on: date) -> None:
    rules = book(
        rule("a@1", "x", A, "e", in_force=(date(2025, 8, 2), date(2026, 8, 2))),
        rule("a@2", "x", A & B, in_force=(date(2026, 8, 2), None)),
        rule("b", "e", C, in_force=(date(2025, 1, 1), date(2026, 8, 2))),
    )
    cases, law = rows([A, B, C]), Law(on, DAY)
    expected = by_case(rules, "x", cases, law, NO_READING)
    assert any(value is not False for value in expected) == (on >= date(2025, 8, 2))
    assert by_columns(rules, "x", cases, law, NO_READING) == expected
    assert by_sql(rules, "x", cases, law, NO_READING, CONNECTION) == expected


@given(rulebooks(), st.sampled_from(READINGS))
@PROPERTY
def test_random_rulebooks(rules: Rulebook, reading: Reading) -> None:
    cases = rows([fact for fact in FACTS if fact in used(rules)]) or [{}]
    expected = by_case(rules, "top", cases, LAW, reading)
    assert by_columns(rules, "top", cases, LAW, reading) == expected
    assert by_sql(rules, "top", cases, LAW, reading, CONNECTION) == expected
