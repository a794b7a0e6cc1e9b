"""The scenario tables: read, turned into facts, law and reading. A lawyer reads and writes the TSV files.

Columns: case, conclusion, facts, on, reading, laws, expected, source of the expectation.
facts    "name yes; name no; name unknown; word-fact value; rest no": the rest of all yes/no facts is no
reading  name of a reading, then "question=position" choices over it
laws     proposals switched on, parted by ", "
expected true, false or unknown
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from klarera.law import Law, Proof, Reading, Rulebook, prove, resolve
from klarera.law.kleene import Given

SCENARIOS = Path(__file__).parent / "scenarios"
KNOWN = date(2026, 11, 22)
EXPECTED = {"true": True, "false": False, "unknown": None}
_WORDS: dict[str, bool | None] = {"yes": True, "no": False, "unknown": None}


@dataclass(frozen=True)
class Scenario:
    """One row: a case a lawyer can read, and what it has to give."""

    table: str
    case: str
    conclusion: str
    facts: str
    law: Law
    choice: tuple[tuple[str, str], ...]
    expected: bool | None

    def given(self, book: Rulebook) -> dict[str, Given]:
        """Facts by name; a fact that is not named is unknown, or no where the row says `rest no`."""
        out: dict[str, Given] = {}
        for part in self.facts.split("; "):
            name, _, value = part.partition(" ")
            if name == "rest":
                out = {fact.name: False for fact in book.facts if fact.type == "bool"} | out
            else:
                out[name] = _value(book, name, value)
        return out

    def prove(self, book: Rulebook) -> Proof:
        """The proof of the row's conclusion."""
        facts = self.given(book)
        return prove(book, self.conclusion, facts, self.law, self.reading(book, facts))

    def reading(self, book: Rulebook, facts: Mapping[str, Given]) -> Reading:
        """The reading the row names."""
        return resolve(book, dict(self.choice), facts, self.law)


def _value(book: Rulebook, name: str, value: str) -> Given:
    kind = book.fact(name).type
    if value == "unknown":
        return None
    if kind == "bool":
        return _WORDS[value]
    if kind == "number":
        return float(value)
    return date.fromisoformat(value) if kind == "date" else value


def scenarios() -> Iterator[Scenario]:
    """Every row of every table, in the order of file names."""
    for path in sorted(SCENARIOS.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                base, *choices = row["reading"].split(", ")
                yield Scenario(
                    path.stem,
                    row["case"],
                    row["conclusion"],
                    row["facts"],
                    Law(date.fromisoformat(row["on"]), KNOWN, frozenset(filter(None, row["laws"].split(", ")))),
                    (("base", base), *((c.partition("=")[0], c.partition("=")[2]) for c in choices)),
                    EXPECTED[row["expected"]],
                )
