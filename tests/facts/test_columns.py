"""Record columns as states: a null is unknown, never no."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from klarera.batch import RECORD, Records
from klarera.facts.columns import NO_DAY, age_states, column_states, days
from klarera.model import State

F, T, M, C = State.FALSE, State.TRUE, State.MISSING, State.CONFLICT


def one(**columns: Any) -> Records:
    return Records.of({"text": ["x"], **{k: [v] for k, v in columns.items()}})


COLUMNS: list[tuple[str, Any, dict[str, State]]] = [
    ("visibility", None, {"visibility_public": M, "visibility_login": M, "visibility_private": M}),
    ("visibility", "public", {"visibility_public": T, "visibility_login": F, "visibility_private": F}),
    ("visibility", "PUBLIC", {"visibility_public": T}),
    ("visibility", "login", {"visibility_public": F, "visibility_login": T, "visibility_private": F}),
    ("visibility", "restricted", {"visibility_public": F, "visibility_login": F, "visibility_private": T}),
    ("visibility", "private", {"visibility_private": T}),
    ("author", None, {"author_known": F}),
    ("author", "somebody", {"author_known": T}),
    ("author_name", "Some Body", {"author_known": T}),
    ("licence", None, {"licence_open": M, "licence_forbids": M}),
    ("licence", "CC-BY-4.0", {"licence_open": T, "licence_forbids": F}),
    ("licence", "cc-by-nc-4.0", {"licence_open": F}),
    ("licence", "All Rights Reserved", {"licence_open": F, "licence_forbids": T}),
    ("licence", "cc-by-nd-4.0", {"licence_open": F, "licence_forbids": T}),
    ("http_headers", None, {"reserved_machine": M}),
    ("http_headers", "content-type: text/html", {"reserved_machine": F}),
    ("http_headers", "tdm-reservation: 1", {"reserved_machine": T}),
    ("http_headers", '{"TDM-Reservation": "1"}', {"reserved_machine": T}),
    ("http_headers", "tdm-reservation: 0", {"reserved_machine": F}),
    ("http_headers", "x-robots-tag: noai, noimageai", {"reserved_machine": T}),
    ("http_headers", "content-usage: train-ai=n", {"reserved_machine": T}),
    ("http_headers", "content-signal: search=yes, ai-train=no", {"reserved_machine": T}),
    ("http_headers", "content-signal: ai-train=yes", {"reserved_machine": F}),
]


@pytest.mark.parametrize(("column", "value", "wanted"), COLUMNS, ids=[f"{c}={v}" for c, v, _ in COLUMNS])
def test_each_column_speaks(column: str, value: Any, wanted: dict[str, State]) -> None:
    alone = column_states(one(**{column: value}))
    assert {n: State(int(alone[n][0])) for n in wanted} == wanted
    # Beside a null and beside another value the answer stays, and the null stays unknown.
    other = {"visibility": "login", "licence": "mit", "http_headers": "x"}.get(column, "b")
    beside = column_states(Records.of({"text": ["x"] * 3, column: [value, None, other]}))
    for name, state in wanted.items():
        assert beside[name][0] == state, name
        assert beside[name][1] == (F if name == "author_known" else M), name


DAY = (datetime(2026, 11, 22) - datetime(1970, 1, 1)).days
AGES: list[tuple[str, dict[str, Any], State, State]] = [
    ("nothing said", {}, M, M),
    ("born 2010, today", {"author_birth_year": 2010}, T, F),
    ("17 or 18", {"author_birth_year": 2008}, M, M),
    ("16 or 17", {"author_birth_year": 2009}, T, F),
    ("18 or 19", {"author_birth_year": 2007}, F, T),
    ("a child then, grown up now", {"author_birth_year": 2000, "published_at": datetime(2015, 5, 1, tzinfo=UTC)}, T, F),
    ("born in the future", {"author_birth_year": 2030}, M, M),
    ("a typing mistake", {"author_birth_year": 1066}, M, M),
    ("flagged a minor", {"author_is_minor": True}, T, F),
    ("flagged an adult", {"author_is_minor": False}, F, T),
    ("both say minor", {"author_is_minor": True, "author_birth_year": 2012}, T, F),
    ("flag says minor, year says adult", {"author_is_minor": True, "author_birth_year": 1980}, C, C),
    ("flag says adult, year says minor", {"author_is_minor": False, "author_birth_year": 2012}, C, C),
    ("flag settles what the year leaves open", {"author_is_minor": True, "author_birth_year": 2008}, T, F),
]


@pytest.mark.parametrize(("columns", "minor", "adult"), [a[1:] for a in AGES], ids=[a[0] for a in AGES])
def test_ages_are_reckoned_at_the_day_of_publication(columns: dict[str, Any], minor: State, adult: State) -> None:
    both = Records.of({"text": ["x", "y"], **{k: [v, None] for k, v in columns.items()}})
    found = age_states(both, DAY)
    assert [State(int(found[n][0])) for n in ("author_minor", "author_adult")] == [minor, adult]
    assert [State(int(found[n][1])) for n in ("author_minor", "author_adult")] == [M, M]


def test_days_are_utc_and_a_null_has_none() -> None:
    stamps = [datetime(1969, 12, 31, 23, 59, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC), None,
              datetime(2026, 5, 1, 23, 59, 59, tzinfo=UTC)]  # fmt: skip
    found = days(Records.of({"text": ["x"] * 4, "published_at": stamps}))
    assert found.tolist() == [-1, 0, NO_DAY, (datetime(2026, 5, 1) - datetime(1970, 1, 1)).days]
    assert found.dtype == np.int32
    assert "published_at" in RECORD.names
