"""What each open point costs: every Question and position, told from decisions made anew."""

from __future__ import annotations

from dataclasses import replace
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
    return desk, made, compare(desk.out(), made.case, made.settled, made.stored, by_source=True)


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
        assert price.by == {
            name: int((settled.records * change)[sources == number].sum())
            for number, name in enumerate(made.case.names)
        }
        assert sum(price.by.values()) == price.records
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
