"""What only SQL can get wrong: quoting, NaN, precedence."""

from __future__ import annotations

import duckdb
import polars as pl
import pytest

from klarera.errors import UsageError
from klarera.law import Reading, sql
from klarera.law.expression import Adopted, Fact
from klarera.model import Decision

from .books import AGE, LAW, NO_READING, A, B, book, by_sql, ground, question, rule


def test_quotes_stay_inside_their_literal() -> None:
    word = Fact("w", "Which word?", type="word")
    nasty = "it's); DROP TABLE cases; --"
    rules = book(rule("r", "x", word.one_of(nasty)), facts=(word,))
    assert by_sql(rules, "x", [{"w": nasty}, {"w": "it"}, {}], LAW, NO_READING) == [True, False, None]


@pytest.mark.parametrize("name", ["select", 'odd "name"', "a b"])
def test_identifiers_are_quoted(name: str) -> None:
    query = f"SELECT {sql.identifier(name)} FROM (SELECT 1 AS {sql.identifier(name)})"
    assert duckdb.execute(query).fetchall() == [(1,)]


def test_nan_is_unknown_although_duckdb_orders_it_last() -> None:
    assert duckdb.execute("SELECT 'NaN'::DOUBLE > 1e25").fetchall() == [(True,)]
    rules = book(rule("r", "x", AGE > 1e25))
    assert by_sql(rules, "x", [{"age": float("nan")}, {"age": float("inf")}], LAW, NO_READING) == [None, True]


def test_a_conclusion_without_a_rule_in_time_is_false() -> None:
    rules = book(rule("r", "x", A), rule("p", "y", B, law="p1"))
    assert sql.compile(rules, "y", LAW, NO_READING) == "FALSE"


def test_one_column_a_ground_in_the_order_of_grounds() -> None:
    rules = book(rule("r", "x", A), rule("s", "y", B), grounds=(ground("x", Decision.REDACT), ground("y")))
    named = sql.ground_columns(rules, LAW, NO_READING)
    assert list(named) == ["y", "x"]
    table = pl.DataFrame({"a": [True], "b": [None]}, {"a": pl.Boolean, "b": pl.Boolean}).to_arrow()
    connection = duckdb.connect()
    connection.register("t", table)
    assert connection.sql(sql.select(rules, named, LAW, NO_READING, "t")).fetchall() == [(None, True)]


def test_a_reading_of_another_book_is_refused() -> None:
    asked = question("q", ("hard", ()), ("soft", ()))
    rules = book(rule("r", "x", Adopted("q", "hard")), questions=(asked,))
    with pytest.raises(UsageError, match="nothing on question"):
        sql.compile(rules, "x", LAW, Reading("other", {}, {}))
