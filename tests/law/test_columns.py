"""Columns: every way in which tools turn null into no, and that ours do not; best cases; polarity."""

from __future__ import annotations

import ast
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.errors import UsageError
from klarera.law import Reading, Rulebook, columns, prove
from klarera.law.expression import Adopted, Conclusion, Const, Expression, Fact, Unproven
from klarera.law.kleene import Given
from klarera.law.residual import residual
from klarera.model import Rank

from .books import (
    AGE,
    FACTS,
    LAND,
    LAW,
    NO_READING,
    SEEN,
    VALUES,
    A,
    B,
    C,
    book,
    by_case,
    by_columns,
    frame,
    ground,
    question,
    rows,
    rule,
    source,
    used,
)  # fmt: skip
from .random_books import BOOLS, READINGS, rulebooks

PROPERTY = settings(max_examples=60, deadline=None, derandomize=True)
ORDER = [False, None, True]


def ours(when: Expression, table: pl.DataFrame) -> list[bool | None]:
    rules = book(rule("r", "x", when))
    return list(table.select(columns.compile(rules, "x", LAW, NO_READING)).to_series())


def bools(*values: bool | None, name: str = "a") -> pl.DataFrame:
    return pl.DataFrame({name: list(values)}, {name: pl.Boolean})


class TestTrap:
    """What tools do with null, then what our column says of the same rows."""

    def test_when_takes_the_otherwise_branch_on_null(self) -> None:
        table = bools(True, False, None)
        decided = table.select(pl.when(pl.col("a")).then(pl.lit("yes")).otherwise(pl.lit("no")))
        assert decided.to_series().to_list() == ["yes", "no", "no"]
        assert ours(A, table) == [True, False, None]

    def test_filter_drops_unknown_rows_both_ways(self) -> None:
        table = bools(True, False, None)
        assert table.filter(pl.col("a")).height + table.filter(~pl.col("a")).height == 2
        assert len(ours(A, table)) == len(ours(~A, table)) == 3

    def test_nan_is_the_largest_number_in_polars_and_none_in_numpy_and_arrow(self) -> None:
        nan = float("nan")
        table = pl.DataFrame({"age": [nan]})
        assert table.select(pl.col("age") > 1e25).item() is True
        assert bool((np.array([nan]) > 1e25)[0]) is False
        assert pc.greater(pa.array([nan]), 1e25).to_pylist() == [False]
        assert ours(AGE > 1e25, table) == ours(AGE <= 1e25, table) == ours(AGE.one_of(3), table) == [None]

    def test_missing_in_numpy_compares_to_false(self) -> None:
        assert [bool(v) for v in np.array([np.nan, 20.0]) < 16] == [False, False]
        assert ours(AGE < 16, pl.DataFrame({"age": [None, 20.0]})) == [None, False]

    def test_arrow_and_is_not_kleene(self) -> None:
        unknown, no = pa.array([None], pa.bool_()), pa.array([False])
        assert pc.and_(unknown, no).to_pylist() == [None]
        assert pc.and_kleene(unknown, no).to_pylist() == [False]
        table = pl.DataFrame({"a": [None], "b": [False]}, {"a": pl.Boolean, "b": pl.Boolean})
        assert ours(A & B, table) == [False]
        assert ours(~A | ~B, table) == [True]

    def test_any_in_a_group_skips_null(self) -> None:
        table = pl.DataFrame({"g": [1, 1], "a": [None, False]}, {"g": pl.Int64, "a": pl.Boolean})
        assert table.group_by("g").agg(pl.col("a").any())["a"].to_list() == [False]
        wide = pl.DataFrame({"a": [None], "b": [False]}, {"a": pl.Boolean, "b": pl.Boolean})
        assert ours(A | B, wide) == [None]

    def test_max_horizontal_skips_null(self) -> None:
        wide = pl.DataFrame({"a": [None], "b": [False]}, {"a": pl.Boolean, "b": pl.Boolean})
        assert wide.select(pl.max_horizontal("a", "b")).item() is False
        assert ours(A | B, wide) == [None]

    def test_a_maximum_over_decisions_skips_the_undecided(self) -> None:
        table = pl.DataFrame({"keep": [0], "drop": [None]}, {"keep": pl.Int8, "drop": pl.Int8})
        assert table.select(pl.max_horizontal("keep", "drop")).item() == 0
        rules = book(rule("r", "x", A), grounds=(ground("x"),))
        named = columns.ground_columns(rules, LAW, NO_READING)
        assert bools(None).select(**named).to_dicts() == [{"x": None}]

    def test_is_in_forgets_the_null_of_its_list(self) -> None:
        table = pl.DataFrame({"land": ["DE", "FR", None]})
        # SQL says unknown for FR here: it may be the value that is not known.
        assert table.select(pl.col("land").is_in(["DE", None])).to_series().to_list()[1] is False
        assert ours(LAND.one_of("DE", "SE"), table) == [True, False, None]
        assert ours(~LAND.one_of("DE", "SE"), table) == [False, True, None]

    def test_a_list_with_null_cannot_be_written(self) -> None:
        with pytest.raises(UsageError, match="does not fit"):
            book(rule("r", "x", LAND.one_of("DE", None)))  # type: ignore[arg-type]

    def test_a_row_missing_from_a_join_is_unknown(self) -> None:
        records = pl.DataFrame({"source": [1, 2]})
        sources = pl.DataFrame({"source": [1], "a": [True]})
        joined = records.join(sources, on="source", how="left")
        assert joined["a"].fill_null(False).to_list() == [True, False]
        assert ours(A, joined) == [True, None]
        assert ours(~A, joined) == [False, None]

    def test_equality_with_null_is_unknown_but_eq_missing_is_not(self) -> None:
        table = pl.DataFrame({"land": [None]}, {"land": pl.String})
        assert table.select(pl.col("land").eq_missing(pl.lit("DE"))).item() is False
        assert ours(LAND.one_of("DE"), table) == [None]

    def test_a_literal_is_rounded_to_a_narrow_column(self) -> None:
        narrow = pl.DataFrame({"age": [0.1]}, {"age": pl.Float32})
        assert narrow.select(pl.col("age") > 0.1).item() is False
        assert ours(AGE > 0.1, narrow) == [float(np.float32(0.1)) > 0.1] == [True]

    def test_whole_numbers_compare_like_floats(self) -> None:
        table = pl.DataFrame({"age": [15, 16, None]}, {"age": pl.Int32})
        assert ours(AGE < 16, table) == [True, False, None]
        assert ours(AGE < 15.5, table) == [True, False, None]

    def test_a_column_of_nothing_but_null_is_unknown(self) -> None:
        for when in (A, ~A, A | B, A & C):
            empty = pl.DataFrame({name: [None] for name in "abc"}, dict.fromkeys("abc", pl.Boolean))
            assert ours(when, empty) == [None]

    def test_a_constant_is_as_long_as_the_frame(self) -> None:
        table = bools(True, False, None)
        assert table.select(pl.lit(False)).height == 1
        assert ours(Const(True), table) == [True] * 3
        assert ours(Const(False), table) == [False] * 3

    def test_unproven_sees_null(self) -> None:
        assert ours(Unproven(A, "Act Art. 2"), bools(True, False, None)) == [False, True, True]


ALLOWED = {"alias", "col", "fill_nan", "is_null", "len", "lit", "repeat"}
"""Polars calls that keep null as null (fill_nan gives null, is_null stands for Unproven alone)."""
TYPES = {"Boolean", "DataType", "Date", "Expr", "Float64", "String"}
OPERATORS = {"and_", "ge", "gt", "le", "lt", "or_"}
PLAIN = {"fact", "get", "is_numeric"}
"""Methods that are no expression's: Rulebook.fact, Mapping.get, DataType.is_numeric."""


def not_allowed(text: str) -> set[str]:
    """What a module takes from `pl` or `operator`, or calls on anything, beyond the lists above."""
    tree = ast.parse(text)
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    owner = {id(n): n.value.id for n in attributes if isinstance(n.value, ast.Name)}
    taken = {n.attr for n in attributes if owner.get(id(n)) == "pl"} - ALLOWED - TYPES
    taken |= {n.attr for n in attributes if owner.get(id(n)) == "operator"} - OPERATORS
    calls = [n.func for n in ast.walk(tree) if isinstance(n, ast.Call)]
    taken |= {c.attr for c in calls if isinstance(c, ast.Attribute)} - ALLOWED - PLAIN
    return taken | ({n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} & {"getattr", "eval", "vars"})


def test_only_listed_polars_calls_stand_in_the_module() -> None:
    assert not_allowed(Path(columns.__file__).read_text("utf-8")) == set()


@pytest.mark.parametrize(
    "code",
    [
        "pl.any_horizontal(x)", "pl.max_horizontal(x)", "pl.when(x)", "x.fill_null(False)", "frame.filter(x)",
        "x.is_in([1])", "f = pl.when", "x.any()", "getattr(pl, name)", "operator.xor(x, y)", "pl.coalesce(x)",
    ],
)  # fmt: skip
def test_the_list_notices(code: str) -> None:
    assert not_allowed(code)


def test_row_order_and_chunks_do_not_matter() -> None:
    rules = book(rule("a", "x", A & ~B, "e"), rule("b", "e", C | (AGE < 16)))
    cases = rows([A, B, C, AGE])
    whole = by_columns(rules, "x", cases, LAW, NO_READING)
    assert by_columns(rules, "x", cases[::-1], LAW, NO_READING) == whole[::-1]
    cut = pl.concat([frame(rules.facts, cases[:50]), frame(rules.facts, cases[50:])], rechunk=False)
    lazy = cut.lazy().select(columns.compile(rules, "x", LAW, NO_READING))
    assert list(lazy.collect(engine="streaming").to_series()) == whole


FLAT = {"a": pl.Boolean(), "age": pl.Int32(), "land": pl.String(), "seen": pl.Date()}
SCHEMAS: dict[str, tuple[dict[str, pl.DataType], str]] = {
    "absent": ({}, "no column"),
    "state codes for a bool": (FLAT | {"a": pl.UInt8()}, "'a'"),
    "text for a number": (FLAT | {"age": pl.String()}, "age"),
    "moment for a day": (FLAT | {"seen": pl.Datetime()}, "seen"),
    "number for a word": (FLAT | {"land": pl.Int8()}, "land"),
}


@pytest.mark.parametrize(("schema", "said"), SCHEMAS.values(), ids=SCHEMAS)
def test_columns_of_another_type_are_refused(schema: dict[str, pl.DataType], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        columns.check_schema(book(), ["a", "age", "land", "seen"], schema)


def test_columns_as_declared_are_accepted() -> None:
    columns.check_schema(book(), [f.name for f in FACTS], frame(FACTS, []).schema)


OPEN = question("q", ("hard", (source("x", Rank.CJEU),)), ("soft", (source("y", Rank.INDUSTRY),)))
HARD = Reading("hard", {"q": "hard"}, {})


def test_facts_that_cannot_matter_are_not_needed() -> None:
    when = (A & Adopted("q", "hard")) | (B & Adopted("q", "soft"))
    rules = book(rule("a", "x", when, "e"), rule("b", "e", C & Const(False)), questions=(OPEN,))
    assert columns.facts_needed(rules, "x", LAW, HARD) == {"a"}


POLARITY = {
    "for": (A, {"a": 1}),
    "against": (~A, {"a": -1}),
    "exception": (B & ~Conclusion("e"), {"b": 1, "c": -1}),
    "unproven": (Unproven(A, "Act Art. 2"), {"a": -1}),
    "shown": (~Unproven(A, "Act Art. 2"), {"a": 1}),
    "both ways": ((A & B) | (~A & C), {"a": 0, "b": 1, "c": 1}),
    "a comparison is the atom": (~(AGE < 16) & LAND.one_of("DE"), {"age": -1, "land": 1}),
    "comparisons both ways": ((AGE < 16) | ~(AGE < 18), {"age": 0}),
}


@pytest.mark.parametrize(("when", "signs"), POLARITY.values(), ids=POLARITY)
def test_polarity(when: Expression, signs: dict[str, int]) -> None:
    rules = book(rule("r", "x", when), rule("e", "e", C))
    assert columns.polarity(rules, "x", LAW, NO_READING) == signs


@given(rulebooks(plain=True), st.sampled_from(READINGS))
@PROPERTY
def test_polarity_says_which_way_a_fact_pushes(rules: Rulebook, reading: Reading) -> None:
    signs = columns.polarity(rules, "top", LAW, reading)
    for fact in used(rules):
        others = [f for f in used(rules) if f != fact]
        for case in rows(others):
            answers = [prove(rules, "top", case | {fact.name: v}, LAW, reading).value for v in ORDER]
            pushes = [ORDER.index(answer) for answer in answers]
            sign = signs.get(fact.name)
            if sign is None:
                assert len(set(pushes)) == 1
            elif sign:
                assert pushes == sorted(pushes, reverse=sign < 0)


BEST = {
    "a fact for the ground is taken as false": (A & B, ["b"], [False, False, False]),
    "a fact against the ground is taken as true": (A & ~B, ["b"], [False, False, False]),
    "a burden of proof is taken as met": (A & Unproven(B, "Act Art. 2"), ["b"], [False, False, False]),
    "another ground stays": (A | B, ["b"], [True, False, None]),
    "a comparison is taken as false": (A & (AGE < 16), ["age"], [False, False, False]),
    "both ways: only if both agree": ((A & B) | (A & ~B), ["b"], [True, False, None]),
    "nothing named": (A, [], [True, False, None]),
}


@pytest.mark.parametrize(("when", "names", "expected"), BEST.values(), ids=BEST)
def test_best_case(when: Expression, names: list[str], expected: list[bool | None]) -> None:
    rules = book(rule("r", "x", when))
    table = bools(True, False, None)
    best = table.select(columns.resolve_best(rules, "x", LAW, NO_READING, names)).to_series()
    assert list(best) == expected


@given(rulebooks(plain=True), st.sets(st.sampled_from([f.name for f in BOOLS]), max_size=3))
@PROPERTY
def test_the_best_case_is_the_least_over_all_answers(rules: Rulebook, names: set[str]) -> None:
    rest = [f for f in used(rules) if f.name not in names]
    cases = rows(rest) or [{}]
    table = frame(rules.facts, cases)
    best = list(table.select(columns.resolve_best(rules, "top", LAW, READINGS[0], names)).to_series())
    worlds = [dict(zip(sorted(names), w, strict=True)) for w in product((True, False), repeat=len(names))]
    for case, answer in zip(cases, best, strict=True):
        values = [prove(rules, "top", {**case, **world}, LAW, READINGS[0]).value for world in worlds]
        assert answer is min(values, key=ORDER.index)


def test_too_many_facts_both_ways_are_refused() -> None:
    facts = tuple(Fact(f"f{i}", f"{i}?") for i in range(9))
    when = facts[0] & ~facts[0]
    for fact in facts:
        when = when | (fact & ~fact)
    rules = book(rule("r", "x", when), facts=facts)
    with pytest.raises(UsageError, match="both ways"):
        columns.resolve_best(rules, "x", LAW, NO_READING, [f.name for f in facts])


def test_a_conclusion_nobody_wrote_is_refused() -> None:
    with pytest.raises(UsageError, match="concludes"):
        columns.compile(book(), "x", LAW, NO_READING)


def test_a_residual_holds_facts_alone() -> None:
    rules = book(rule("a", "x", A & Adopted("q", "hard"), "e"), rule("b", "e", ~~B | Const(False)), questions=(OPEN,))
    assert residual(rules, "x", LAW, HARD) == (A & ~B)


def test_a_condition_reads_conclusions_too() -> None:
    rules = book(rule("r", "x", A))
    when = columns.condition(rules, ~Conclusion("x") & SEEN.one_of("2025-08-02"), LAW, NO_READING)
    cases: list[dict[str, Given]] = [{"a": a, "seen": s} for a in ORDER for s in VALUES["date"]]
    assert set(frame(FACTS, cases).select(when.alias("w"))["w"]) == {True, False, None}
    assert by_case(rules, "x", cases, LAW, NO_READING) == by_columns(rules, "x", cases, LAW, NO_READING)
