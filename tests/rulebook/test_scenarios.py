"""The scenario tables: each row holds, each rule is exercised both ways, and broken rules are noticed."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from klarera.law import Proof, Rulebook, Step, prove
from klarera.law.check import needs
from klarera.law.mutate import mutants
from klarera.rulebook import rulebook

from .table import Scenario, scenarios

BOOK = rulebook()
ROWS = tuple(scenarios())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.table}: {row.case}")
def test_scenario(row: Scenario) -> None:
    assert row.prove(BOOK).value is row.expected


def test_no_case_stands_twice() -> None:
    seen = [(r.conclusion, r.facts, r.law, r.choice) for r in ROWS]
    assert len(set(seen)) == len(seen)


def _rules(proof: Proof) -> Iterator[Proof]:
    if proof.step is Step.RULE:
        yield proof
    for child in proof.children:
        yield from _rules(child)


def test_every_rule_is_exercised_true_and_false() -> None:
    seen: dict[str, set[bool | None]] = defaultdict(set)
    for row in ROWS:
        for proof in _rules(row.prove(BOOK)):
            seen[proof.name].add(proof.value)
    assert {rule.id for rule in BOOK.rules if not {True, False} <= seen[rule.id]} == set()


def test_every_rule_has_a_day_before_and_a_first_day() -> None:
    days = {(row.conclusion, row.law.on) for row in ROWS}
    for rule in BOOK.rules:
        start = max(rule.in_force[0], (rule.applies or rule.in_force)[0])
        assert {(rule.conclusion, start), (rule.conclusion, start.fromordinal(start.toordinal() - 1))} <= days


def test_every_position_a_rule_names_is_tried() -> None:
    tried = {choice for row in ROWS for choice in row.choice}
    from klarera.law.expression import Adopted, walk

    named = {
        (node.question, node.position) for rule in BOOK.rules for node in walk(rule.when) if isinstance(node, Adopted)
    }
    assert named <= tried


def test_broken_rules_are_noticed() -> None:
    """At least 95 % of mutants change a row; each survivor is waived in writing, and no waiver is idle."""
    with (Path(__file__).parent / "waivers.tsv").open(encoding="utf-8", newline="") as lines:
        waived = {row["mutant"]: row["reason"] for row in csv.DictReader(lines, delimiter="\t")}
    assert all(waived.values())
    total, survivors = 0, set()
    cases = [(row, row.given(BOOK)) for row in ROWS]
    ready = [(row, facts, row.reading(BOOK, facts)) for row, facts in cases]
    reach = {row.conclusion: _reach(BOOK, row.conclusion) for row in ROWS}
    homes = {rule.id: rule.conclusion for rule in BOOK.rules}
    for mutant in mutants(BOOK):
        total += 1
        home = homes[mutant.rule]
        if all(
            prove(mutant.book, row.conclusion, facts, row.law, reading).value is row.expected
            for row, facts, reading in ready
            if home in reach[row.conclusion]
        ):
            survivors.add(str(mutant))
    assert survivors == set(waived)
    assert 1 - len(survivors) / total >= 0.95


def _reach(book: Rulebook, conclusion: str) -> set[str]:
    """The conclusion and all it depends on."""
    out: set[str] = set()
    todo = [conclusion]
    while todo:
        name = todo.pop()
        if name not in out:
            out.add(name)
            todo.extend(x for rule in book.rules if rule.conclusion == name for x in needs(rule))
    return out
