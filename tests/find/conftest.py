"""What the tests of the cue detectors share: a scanner over them, and the score on labelled, invented texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from klarera.batch import Records
from klarera.find import criminal, minor, objection, person, special
from klarera.find.scan import Scanner
from klarera.model import About, Kind, Stance

MEANING = Path(__file__).parent / "meaning"


class Seen(NamedTuple):
    """One finding in words."""

    kind: str
    about: str
    stance: str
    text: str


class Score(NamedTuple):
    """Precision and recall on a labelled set, and the texts that went wrong (invented, so they may be shown)."""

    precision: float
    recall: float
    positives: int
    near_misses: int
    wrong: list[str]


Find = Callable[[list[str]], list[list[Seen]]]


@pytest.fixture(scope="session")
def seen() -> Find:
    """What the cue detectors see in some texts."""
    modules = (criminal, minor, objection, person, special)
    scanner = Scanner([m.DETECTOR for m in modules], key=bytes(32))

    def find(texts: list[str], language: str | None = None) -> list[list[Seen]]:
        columns: dict[str, list[str] | list[str | None]] = {"text": texts, "language": [language] * len(texts)}
        f = scanner.find(Records.of(columns)).findings
        out: list[list[Seen]] = [[] for _ in texts]
        for i in range(len(f)):
            cut = texts[f.row[i]].encode()[f.start[i] : f.end[i]].decode()
            words = Kind(f.kind[i]).name, About(f.about[i]).name.lower(), Stance(f.stance[i]).name.lower()
            out[f.row[i]].append(Seen(*words, cut))
        return out

    return find


@pytest.fixture(scope="session")
def score(seen: Find) -> Callable[[str, str], Score]:
    """Score one kind on one labelled file.

    Found is: the kind with the labelled about, stance and, where given, exact text. False is: the kind, stated
    and about anybody, in a near miss, or with another about in a text that was not found.
    """

    def measure(file: str, kind: str) -> Score:
        lines = (MEANING / f"{file}.tsv").read_text("utf-8").splitlines()[1:]
        rows = [line.split("\t") for line in lines]
        rows = [row for row in rows if row[1] == kind]
        found = false = positives = 0
        wrong = []
        for (text, _, about, stance, cut), all_seen in zip(rows, seen([r[0] for r in rows]), strict=True):
            mine = [s for s in all_seen if s.kind == kind and s.about != "general"]
            personal = [s for s in mine if s.stance == "stated"]
            if about == "-":
                hit, bad = True, bool(personal)
            else:
                positives += 1
                hit = any(s.about == about and s.stance == stance and cut in ("-", s.text) for s in mine)
                bad = not hit and bool(personal)
                found += hit
            false += bad
            if bad or not hit:
                wrong.append(text)
        return Score(found / max(1, found + false), found / positives, positives, len(rows) - positives, wrong)

    return measure
