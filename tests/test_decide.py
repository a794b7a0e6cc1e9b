"""Vectors + rulebook → decisions: drop, hold, redact, keep; and what an unknown of whom does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pytest

from klarera import store
from klarera.decide import Case, Verdicts, conditions, decide, facts_of
from klarera.engines.local import local
from klarera.errors import UsageError
from klarera.facts import FACTS, KINDS, SOURCE
from klarera.facts.signatures import pack, unpack
from klarera.law import Law, Rulebook, prove, sql
from klarera.law import columns as law_columns
from klarera.law.expression import Adopted, Fact, Unproven
from klarera.law.kleene import Given
from klarera.model import Decision, Kind, Rank, Scope, State
from klarera.pipeline.clear import Job, apply_decisions, clear, decide_again
from klarera.pipeline.state import Asked
from klarera.project import load
from klarera.read import Options
from klarera.register.snapshot import load as load_register
from klarera.rulebook import rulebook

from .law.books import DAY, LAW, book, ground, question, rule, settled, source

F, T, M, N, C = State.FALSE, State.TRUE, State.MISSING, State.NOT_LOOKED, State.CONFLICT
HEALTH, MINOR, CONTACT, SEEN, KNOWN = (
    Fact(n, "?", Scope.RECORD)
    for n in ("art9_other", "minor_other", "has_contact", "visibility_public", "published_before_notice")
)
OBJECTED = Fact("author_objected", "?", Scope.AUTHOR)
TOLD, LICENSED, HOST = (Fact(n, "?", Scope.SOURCE) for n in ("notice_given", "licence_permits", "platform"))
ASSESSED = Fact("lia_done", "?", Scope.PROJECT)
ALL = (HEALTH, MINOR, CONTACT, SEEN, KNOWN, OBJECTED, TOLD, LICENSED, HOST, ASSESSED)
SEARCH = question("search", ("every-record", (source("a", Rank.DRAFT),)), ("reasonable", (source("b", Rank.CJEU),)))


def vectors(
    *rows: Mapping[str, State], kinds: tuple[Kind, ...] = (), number: int = 0, house: tuple[int, int, int] = (0, 0, 0)
) -> npt.NDArray[np.uint64]:
    """Final vectors; a fact that is not named is false. `house` are the words of its measures."""
    bits = np.full(len(rows), sum(1 << k for k in kinds), np.uint64)
    states = {n: np.array([r.get(n, F) for r in rows], np.uint8) for n in FACTS}
    tail = np.tile(np.array([*house, number], np.uint64), (len(rows), 1))
    return np.concatenate([pack(states, bits), tail], axis=1)


def case(
    rules: Rulebook, project: Mapping[str, Given] | None = None, *sources: Mapping[str, Given], **more: Any
) -> Case:
    given = sources or ({},)
    return Case(
        **{
            "book": rules,
            "law": LAW,
            "choice": "supported",
            "project": project or {},
            "sources": list(given),
            "names": [f"s{i}" for i in range(len(given))],
            **more,
        }
    )


def small(*rules: Any, questions: tuple[Any, ...] = (SEARCH,)) -> Rulebook:
    """A rulebook with two grounds to drop (x, z) and one to redact (y)."""
    drop = [ground(c) for c in ("x", "z") if any(r.conclusion == c for r in rules)]
    redact = [ground("y", Decision.REDACT)] if any(r.conclusion == "y" for r in rules) else []
    return book(*rules, facts=ALL, questions=questions, grounds=(*drop, *redact))


def names(verdicts: Verdicts) -> list[str]:
    return [Decision(int(d)).name for d in verdicts.decision]


PLAIN = small(rule("r.1", "x", HEALTH), rule("r.2", "z", MINOR), rule("r.3", "y", CONTACT))
TABLE: list[tuple[State, State, State, str, list[str]]] = [
    (F, F, F, "KEEP", []),
    (F, F, T, "REDACT", ["y"]),
    (T, F, F, "DROP", ["x"]),
    (T, T, T, "DROP", ["x", "z"]),
    (T, M, T, "DROP", ["x"]),
    (M, F, F, "HOLD", ["x"]),
    (M, F, T, "HOLD", ["x"]),
    (M, C, F, "HOLD", ["x", "z"]),
    (M, T, F, "DROP", ["z"]),
    (F, F, M, "HOLD", ["y"]),
    (F, F, N, "KEEP", []),
    (N, F, F, "KEEP", []),
    (N, F, T, "REDACT", ["y"]),
    (N, M, F, "HOLD", ["z"]),
    (C, F, F, "HOLD", ["x"]),
]


@pytest.mark.parametrize(("health", "minor", "contact", "wanted", "codes"), TABLE)
def test_drop_before_hold_before_redact_before_keep(
    health: State, minor: State, contact: State, wanted: str, codes: list[str]
) -> None:
    made = decide(vectors({"art9_other": health, "minor_other": minor, "has_contact": contact}), case(PLAIN))
    assert names(made) == [wanted]
    assert made.codes(0) == codes
    assert bool(made.redact[0]) == (contact is T), "what is certain is taken out of held records too"


def test_all_at_once_is_one_by_one() -> None:
    rows = [{"art9_other": a, "minor_other": b, "has_contact": c} for a, b, c, *_ in TABLE]
    assert names(decide(vectors(*rows), case(PLAIN))) == [wanted for *_, wanted, _ in TABLE]
    assert names(decide(vectors(), case(PLAIN))) == []


@pytest.mark.parametrize("cause", [s for s in State if s > State.TRUE and s is not N])
def test_every_unknown_of_a_record_holds_it(cause: State) -> None:
    assert names(decide(vectors({"art9_other": cause}), case(PLAIN))) == ["HOLD"]


def test_what_nobody_looked_for_holds_under_the_reading_that_wants_every_record_searched() -> None:
    row = vectors({"art9_other": N})
    kept = decide(row, case(PLAIN))
    assert (names(kept), {f: m.tolist() for f, m in kept.rests.items()}) == (["KEEP"], {"art9_other": [True]})
    strict = decide(row, case(PLAIN, choice="strict"))
    assert (names(strict), strict.codes(0)) == (["HOLD"], ["x"])


UNTOLD = small(rule("r.1", "x", ~TOLD & KNOWN), rule("r.2", "z", HEALTH & ~ASSESSED))


def test_an_unknown_of_source_or_project_is_a_condition_and_holds_nothing() -> None:
    rows = vectors({"published_before_notice": T}, {"published_before_notice": F}, {"art9_other": T}, {"art9_other": M})
    made = decide(rows, case(UNTOLD))
    assert names(made) == ["KEEP", "KEEP", "KEEP", "KEEP"]
    assert {f: m.tolist() for f, m in made.rests.items()} == {
        "notice_given": [True, False, False, False],
        "lia_done": [False, False, True, True],
    }
    said = decide(rows, case(UNTOLD, {"lia_done": False}, {"notice_given": False}))
    assert (names(said), said.rests) == (["DROP", "KEEP", "DROP", "HOLD"], {})
    assert names(decide(rows, case(UNTOLD, {"lia_done": True}, {"notice_given": True}))) == ["KEEP"] * 4


@pytest.mark.parametrize("value", [None, State.MISSING, State.CONFLICT])
def test_no_form_of_unknown_of_the_project_is_taken_for_no(value: Given) -> None:
    made = decide(vectors({"art9_other": T}), case(UNTOLD, {"lia_done": value}))
    assert names(made) == ["KEEP"]
    assert list(made.rests) == ["lia_done"]


def test_the_count_of_records_that_rest_on_a_condition_stands_beside_it() -> None:
    specs = (settled(fact=TOLD), settled(id="lia", fact=ASSESSED), settled(id="host", fact=HOST, when=~ASSESSED))
    rules = Rulebook(ALL, UNTOLD.rules, UNTOLD.questions, UNTOLD.grounds, specs, (), DAY)
    rows = np.concatenate(
        [
            vectors({"published_before_notice": T}, {"art9_other": T}),
            vectors({"published_before_notice": T}, number=1),
        ]
    )
    counts = np.array([5, 7, 11], np.int64)

    def told(where: Case) -> dict[str, tuple[bool, int]]:
        listed = conditions(where, decide(rows, where), rows, counts)
        return {c.id: (c.open, c.records) for c in listed}

    assert told(case(rules, {}, {}, {})) == {
        "notice:s0": (True, 5),
        "notice:s1": (True, 11),
        "lia": (True, 7),
        "host:s0": (True, 0),
        "host:s1": (True, 0),
    }
    assert told(case(rules, {"lia_done": True}, {"notice_given": True}, {"notice_given": False})) == {
        "notice:s0": (False, 0),
        "notice:s1": (True, 0),
        "lia": (False, 0),
    }


def test_what_has_to_be_shown_is_never_assumed() -> None:
    rules = small(rule("r.1", "x", HEALTH & Unproven(LICENSED, "Act Art. 2")))
    rows = vectors({"art9_other": T}, {"art9_other": F}, {"art9_other": M})
    for unknown in ({}, {"licence_permits": None}, {"licence_permits": False}):
        made = decide(rows, case(rules, None, unknown))
        assert (names(made), made.rests) == (["DROP", "KEEP", "HOLD"], {})
    assert names(decide(rows, case(rules, None, {"licence_permits": True}))) == ["KEEP"] * 3


COLUMN = small(rule("r.1", "x", ~SEEN))


def test_a_column_that_is_empty_for_a_whole_source_is_a_matter_of_the_source() -> None:
    empty = vectors({"visibility_public": M}, {"visibility_public": M, "has_contact": T})
    made = decide(empty, case(COLUMN))
    assert (names(made), made.rests["visibility_public"].tolist()) == (["KEEP", "KEEP"], [True, True])
    some = np.concatenate([empty, vectors({"visibility_public": T}, {"visibility_public": F})])
    assert names(decide(some, case(COLUMN))) == ["HOLD", "HOLD", "KEEP", "DROP"]
    other = vectors({"visibility_public": T}, number=1)
    assert names(decide(np.concatenate([empty, other]), case(COLUMN, None, {}, {}))) == ["KEEP"] * 3


def test_one_vector_is_decided_as_among_all_of_its_source() -> None:
    some = vectors({"visibility_public": M}, {"visibility_public": T})
    assert names(decide(some[:1], case(COLUMN), among=some)) == ["HOLD"]
    assert names(decide(some[:1], case(COLUMN))) == ["KEEP"]


POLICIES: list[tuple[str, dict[str, State], str, str]] = [
    ("redact", {}, "REDACT", "house-email"),
    ("hold", {}, "HOLD", "house-email"),
    ("drop", {}, "DROP", "house-email"),
    ("redact", {"art9_other": T}, "DROP", "x"),
    ("redact", {"art9_other": M}, "HOLD", "x"),
    ("hold", {"art9_other": T}, "DROP", "x"),
    ("hold", {"art9_other": M}, "HOLD", "x house-email"),
    ("hold", {"has_contact": T}, "HOLD", "house-email"),
    ("drop", {"art9_other": M}, "DROP", "house-email"),
    ("drop", {"art9_other": T}, "DROP", "x house-email"),
]


@pytest.mark.parametrize(("action", "row", "wanted", "codes"), POLICIES)
def test_house_rules_are_only_stricter(action: str, row: dict[str, State], wanted: str, codes: str) -> None:
    words = [1 << Kind.EMAIL if a == action else 0 for a in ("redact", "hold", "drop")]
    rows = np.concatenate([vectors(row, house=(words[0], words[1], words[2])), vectors(row), vectors(row, number=1)])
    where = case(PLAIN, None, {}, {})
    plain = decide(np.concatenate([vectors(row), vectors(row), vectors(row, number=1)]), where)
    made = decide(rows, where)
    assert (names(made)[0], " ".join(made.codes(0))) == (wanted, codes)
    assert (made.decision >= plain.decision).all()
    assert names(made)[1:] == names(plain)[1:]
    assert [int(b) for b in made.taken] == ([1 << Kind.EMAIL, 0, 0] if action == "redact" else [0, 0, 0])


PLATFORM = question(
    "q", ("hard", (source("crawlers", Rank.AUTHORITY, ~HOST),)), ("soft", (source("platforms", Rank.AUTHORITY, HOST),))
)


def test_readings_differ_where_a_source_of_law_speaks_for_some_only() -> None:
    rules = small(rule("r.1", "x", HEALTH & Adopted("q", "hard")), questions=(SEARCH, PLATFORM))
    where = case(rules, None, {"platform": True}, {"platform": False})
    assert [r.adopted["q"] for r in where.readings] == ["soft", "hard"]
    rows = np.concatenate([vectors({"art9_other": T}), vectors({"art9_other": T}, number=1)])
    assert names(decide(rows, where)) == ["KEEP", "DROP"]


def test_a_day_without_any_ground_is_an_error_not_a_day_on_which_all_is_kept() -> None:
    early = Law(date(2016, 1, 1), DAY)
    with pytest.raises(UsageError, match="no ground of the rulebook is in force on 2016-01-01"):
        decide(vectors({}), case(PLAIN, law=early))
    with pytest.raises(UsageError, match="no ground"):
        decide(vectors({}), case(small(rule("r.3", "y", CONTACT))))


# --- the example, decided for good ------------------------------------------------------------------------

EXAMPLE = Path(__file__).parents[1] / "examples" / "public-posts"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Job, Path]:
    """The example of the repository, cleared once."""
    folder = tmp_path_factory.mktemp("example")
    book_now = rulebook()
    project = load(EXAMPLE / "klarera.toml", {f.name: f for f in book_now.facts})
    job = Job(
        book_now,
        project,
        Asked(DAY, max(DAY, book_now.version), "supported"),
        load_register(EXAMPLE / "register.csv"),
        local(1),
        store=folder / "keys",
    )
    clear(sorted(EXAMPLE.glob("posts-*.jsonl")), folder / "out", job, options=Options(), run_day=DAY)
    return job, folder / "out"


def signatures(out: Path) -> npt.NDArray[np.uint64]:
    latest = max((out / "work" / "decisions").glob("*/vectors.parquet"))
    return store.vectors_of(store.read_table(latest))


@pytest.mark.parametrize("reading", ["supported", "strict", "industry", "unanimous"])
def test_case_columns_and_sql_agree_on_every_signature_that_occurs(example: tuple[Job, Path], reading: str) -> None:
    job, out = example
    rows = signatures(out)
    assert len(rows) > 100
    names_ = [s.name for s in job.project.sources]
    where = Case(
        job.book,
        Law(DAY, job.asked.known),
        reading,
        {**job.project.facts, "purpose": "train-model"},
        [{**job.project.source(n).about, **job.project.source(n).facts} for n in names_],
        names_,
    )
    types = {"bool": pl.Boolean, "number": pl.Float64, "date": pl.Date, "word": pl.String}
    for number, read in enumerate(where.readings):
        mine = rows[rows[:, SOURCE] == number]
        given: dict[str, Any] = {**where.project, **where.sources[number]}
        given = {k: v for k, v in given.items() if k in {f.name for f in job.book.facts}}
        columns = {n: pl.Series(n, pa.array(unpack(mine, n) == T, mask=unpack(mine, n) > T), pl.Boolean) for n in FACTS}
        rest = [pl.lit(given.get(f.name), types[f.type]).alias(f.name) for f in job.book.facts if f.name not in columns]
        frame = pl.DataFrame(list(columns.values())).with_columns(rest)
        conclusions = [g.conclusion for g in where.grounds]
        made = frame.select([law_columns.compile(job.book, c, where.law, read) for c in conclusions])
        with duckdb.connect() as base:
            base.register("rows", frame.to_arrow())
            asked = base.sql(sql.select(job.book, conclusions, where.law, read, "rows")).fetchall()
        for at, vector in enumerate(mine):
            told = {**given, **facts_of(vector)}
            by_case = tuple(prove(job.book, c, told, where.law, read).value for c in conclusions)
            assert (by_case, asked[at]) == (made.row(at), made.row(at)), at


def test_decided_signatures_follow_from_single_cases(example: tuple[Job, Path]) -> None:
    """Where nothing is assumed, a decision is what the proofs of the grounds say."""
    job, out = example
    rows = signatures(out)
    facts = {f.name: True for f in job.book.facts if f.scope in (Scope.PROJECT, Scope.RUN) and f.type == "bool"}
    known: dict[str, Any] = facts | {
        "purpose": "train-model",
        "legal_basis": "legitimate-interest",
        "gatekeeper": False,
    }
    told = {f.name: True for f in job.book.facts if f.scope is Scope.SOURCE and f.type == "bool"}
    one: dict[str, Any] = told | {
        "obtained": "first-party-platform",
        "visibility": "public",
        "notice_weeks": 8,
        "notice_date": date(2026, 3, 2),
    }
    where = Case(job.book, Law(DAY, job.asked.known), "strict", known, [one, one], ["a", "b"])
    made = decide(rows, where)
    columns = {
        "visibility_public",
        "visibility_login",
        "visibility_private",
        "licence_open",
        "licence_forbids",
        "reserved_machine",
        "published_before_notice",
        "author_known",
        "author_adult",
    }
    silent = {
        number: {n for n in columns if (unpack(rows[rows[:, SOURCE] == number], n) == M).all()} for number in (0, 1)
    }
    compared = 0
    for at, vector in enumerate(rows):
        number = int(vector[SOURCE])
        given = {**known, **one, **facts_of(vector)}
        values = {
            g: prove(job.book, g.conclusion, given, where.law, where.readings[number]).value for g in where.grounds
        }
        if silent[number] or (None in values.values() and any(facts_of(vector)[n] == M for n in columns)):
            continue
        wanted = (
            Decision.DROP
            if any(v is True and g.action is Decision.DROP for g, v in values.items())
            else Decision.HOLD
            if None in values.values()
            else Decision.REDACT
            if any(v is True for v in values.values())
            else Decision.KEEP
        )
        compared += 1
        assert made.decision[at] == wanted, at
    assert compared > 0 or all(silent.values())
    assert KINDS < SOURCE


def test_another_reading_of_the_example_and_back_gives_the_same_bytes(example: tuple[Job, Path]) -> None:
    job, out = example
    before = {p.name: p.read_bytes() for p in (out / "cleared").glob("*")}
    from dataclasses import replace

    for reading in ("industry", "strict", "supported"):
        moved = replace(job, asked=replace(job.asked, reading=reading))
        decide_again(out, moved)
        apply_decisions(out, moved)
    assert {p.name: p.read_bytes() for p in (out / "cleared").glob("*")} == before
