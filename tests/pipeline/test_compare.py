"""What each open point costs: every Question and position, told from decisions made anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from klarera.cli.asking import Opened, open_clearance
from klarera.decide import decide
from klarera.errors import UsageError
from klarera.model import Decision
from klarera.pipeline.compare import Price, compare
from klarera.project import parse
from klarera.rulebook import rulebook

from .conftest import STATED, Desk, posts, write_lines


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Opened, list[Price]]:
    folder = tmp_path_factory.mktemp("compare")
    told = {
        **STATED,
        "source": [*STATED["source"], {"name": "forum", "obtained": "third-party-scrape", "visibility": "public"}],
    }
    desk = Desk(folder, parse(told, {f.name: f for f in rulebook().facts}))
    other = [{**row, "source": "forum"} for row in posts(40)]
    desk.clear([write_lines(folder / "a.jsonl", posts(60)), write_lines(folder / "b.jsonl", other)])
    made = open_clearance(desk.out(), desk.job())
    return desk, made, compare(desk.out(), made.case, made.settled, made.stored, by=("source",))


def test_every_question_and_position_that_can_be_taken_is_there_in_order(
    opened: tuple[Desk, Opened, list[Price]],
) -> None:
    _, made, prices = opened
    wanted = [(q.id, p.id) for q in made.case.book.questions for p in q.positions]
    listed = [(p.question, p.position) for p in prices]
    assert [pair for pair in wanted if pair in listed] == listed
    for question, position in set(wanted) - set(listed):
        with pytest.raises(UsageError):
            replace(made.case, choice={"base": "supported", question: position}).readings  # noqa: B018
    assert len({p.question for p in prices}) == len(made.case.book.questions)
    assert all(p.says and p.builder and p.people and p.sources and p.article for p in prices)


def test_each_price_is_a_fresh_decision_less_the_one_in_force(opened: tuple[Desk, Opened, list[Price]]) -> None:
    desk, made, prices = opened
    settled = made.settled
    base = decide(settled.vectors, made.case).decision
    moved_somewhere = 0
    for price in prices:
        moved = decide(
            settled.vectors, replace(made.case, choice={"base": "supported", price.question: price.position})
        ).decision
        kept, before = moved <= Decision.REDACT, base <= Decision.REDACT
        change = kept.astype(np.int64) - before
        assert price.records == int((settled.records * change).sum())
        assert price.words == int((settled.words * change).sum())
        held = [int(settled.records[d == Decision.HOLD].sum()) for d in (moved, base)]
        assert price.held == held[0] - held[1]
        sources = settled.vectors[:, -1]
        told = {cell["source"]: (cell["records"], cell["words"]) for cell in price.by}
        for number, name in enumerate(made.case.names):
            mine = sources == number
            counted = tuple(int((n * change)[mine].sum()) for n in (settled.records, settled.words))
            assert told.get(name, (0, 0)) == counted
        for column in ("records", "words", "held", "third_persons", "minors"):
            assert sum(cell[column] for cell in price.by) == getattr(price, column), column
        moved_somewhere += bool(change.any())
    assert moved_somewhere >= 3
    assert desk.out().exists()


def test_the_position_in_force_costs_nothing(opened: tuple[Desk, Opened, list[Price]]) -> None:
    _, made, prices = opened
    for question in made.case.book.questions:
        taken = {r.adopted.get(question.id) for r in made.case.readings}
        mine = [p for p in prices if p.question == question.id]
        assert {p.position for p in mine if p.adopted} == taken - {None}
        if len(taken) == 1:
            assert {(p.records, p.words, p.held, p.authors) for p in mine if p.adopted} <= {(0, 0, 0, 0)}


def test_authors_are_people_and_counted_once(opened: tuple[Desk, Opened, list[Price]]) -> None:
    """Told apart by name and source in the tables themselves."""
    desk, made, prices = opened
    work = desk.out() / "work"
    facts = {s.segment: pq.read_table(work / "facts" / f"{s.segment}.parquet") for s in made.stored}
    accounts = {s.segment: pq.read_table(work / "accounts" / f"{s.segment}.parquet") for s in made.stored}
    settled = made.settled
    base = decide(settled.vectors, made.case).decision <= Decision.REDACT
    for price in prices:
        choice = {"base": "supported", price.question: price.position}
        after = decide(settled.vectors, replace(made.case, choice=choice)).decision <= Decision.REDACT
        people: dict[str, set[bytes]] = {"won": set(), "lost": set()}
        for stored in made.stored:
            vector = pq.read_table(desk.out() / stored.decisions).column("vector").to_pylist()
            keys: list[Any] = accounts[stored.segment].column("author").to_pylist()
            authors = [keys[number] for number in facts[stored.segment].column("author").to_pylist()]
            for author, at in zip(authors, vector, strict=True):
                if after[at] and not base[at]:
                    people["won"].add(author)
                if base[at] and not after[at]:
                    people["lost"].add(author)
        assert price.authors == len(people["won"]) - len(people["lost"])
        assert -20 <= price.authors <= 20


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Opened, list[dict[str, Any]]]:
    """Two sources in three languages; a language and a source decide alike, so cells differ in counts alone."""
    desk = Desk(tmp_path_factory.mktemp("mixed"), parse(STATED, {f.name: f for f in rulebook().facts}))
    rows = [
        {**row, "language": ("en", "de", "fr")[i % 3], "source": ("agora", "forum")[i % 2]}
        for i, row in enumerate(posts(90))
    ]
    desk.clear([write_lines(desk.folder / "a.jsonl", rows[:50]), write_lines(desk.folder / "b.jsonl", rows[50:])])
    return desk, open_clearance(desk.out(), desk.job()), rows


@pytest.mark.parametrize("by", [("language",), ("source", "language"), ("language", "source")])
def test_cells_add_up_to_the_price_and_are_those_of_the_records(
    mixed: tuple[Desk, Opened, list[dict[str, Any]]], by: tuple[str, ...]
) -> None:
    """Counted again record by record: which are kept under the position and which under the reading in force."""
    desk, made, rows = mixed
    row_of = {
        f"{name}.jsonl:{i + 1}": r for name, part in (("a", rows[:50]), ("b", rows[50:])) for i, r in enumerate(part)
    }
    listed = []
    for stored in made.stored:
        facts = pq.read_table(desk.out() / "work" / "facts" / f"{stored.segment}.parquet")
        vector = pq.read_table(desk.out() / stored.decisions).column("vector").to_pylist()
        name = Path(made.run.shards[int(stored.segment[:5])].path).name
        for unit, words, at in zip(*(facts.column(c).to_pylist() for c in ("unit", "words")), vector, strict=True):
            row = row_of[f"{name}:{unit + 1}"]
            listed.append((tuple(row[d] for d in ("source", "language") if d in by), words, at))
    settled = made.settled
    base = decide(settled.vectors, made.case).decision <= Decision.REDACT
    prices = compare(desk.out(), made.case, settled, made.stored, by=by)
    moving = 0
    for price in prices:
        choice = {"base": "supported", price.question: price.position}
        after = decide(settled.vectors, replace(made.case, choice=choice)).decision <= Decision.REDACT
        counted: dict[tuple[str, ...], list[int]] = {}
        for cell, words, at in listed:
            if after[at] != base[at]:
                sums = counted.setdefault(cell, [0, 0])
                sums[0] += 1 if after[at] else -1
                sums[1] += words if after[at] else -words
        told = {tuple(c[d] for d in ("source", "language") if d in by): [c["records"], c["words"]] for c in price.by}
        assert {cell: sums for cell, sums in told.items() if any(sums)} == {k: v for k, v in counted.items() if any(v)}
        assert sum(c["held"] for c in price.by) == price.held
        moving += bool(counted)
    assert moving >= 3


def test_compare_opens_no_text(mixed: tuple[Desk, Opened, list[dict[str, Any]]]) -> None:
    desk, made, _ = mixed
    before = compare(desk.out(), made.case, made.settled, made.stored, by=("source", "language"))
    hidden = desk.folder / "hidden"
    hidden.mkdir()
    texts = [*desk.folder.glob("*.jsonl"), desk.out() / "cleared", *(desk.out() / "work").glob("held")]
    for path in texts:
        path.rename(hidden / path.name)
    try:
        opened = open_clearance(desk.out(), desk.job())
        assert compare(desk.out(), opened.case, opened.settled, opened.stored, by=("source", "language")) == before
    finally:
        for path in texts:
            (hidden / path.name).rename(path)


def test_another_dimension_is_refused(mixed: tuple[Desk, Opened, list[dict[str, Any]]]) -> None:
    desk, made, _ = mixed
    with pytest.raises(UsageError, match="broken down"):
        compare(desk.out(), made.case, made.settled, made.stored, by=("moon",))
