"""How much of what is labelled Klarera's detectors find, by kind and language, for the package's recall table.

    python -m benchmarks.recall [--write] [--day 2026-11-29]

Sets, each in texts that are labelled by span (found: a finding of the kind overlaps it) or as a whole (found: the text
has a finding of the kind that is no mere topic):

    presidio-research synth_dataset_v2 (MIT): English texts made from templates, numbers of many countries
    wnut17 dev and train (CC BY 4.0): English posts and comments, names of persons
    planted posts (tests/find/meaning/plants.tsv): invented by Klarera's makers and looked at while the cue tables were
        written, so kinder than the world; only texts
        whose language was told by their function words. The labelled sentences beside them are not used: the cue
        tables were written with them in view, and how well they do there measures nothing

The first two lie outside the repository; what is not here keeps its lines in the table as they are. Card numbers are
those that pass Luhn: the others are none. Prints the table; --write puts it in src/klarera/pipeline/recall.tsv.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from datetime import date
from pathlib import Path
from typing import NamedTuple

from benchmarks.presidio_gold import CLASSES, passes_luhn
from klarera.batch import Records
from klarera.find.scan import Scanner, catalogue
from klarera.model import LANGUAGES, About, Kind
from klarera.pipeline.residue import COLUMNS, Measured, parse

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"
TABLE = ROOT / "src" / "klarera" / "pipeline" / "recall.tsv"
PLANTS = ROOT / "tests" / "find" / "meaning" / "plants.tsv"
HEAD = (
    "# Recall of Klarera's own detectors, written by `python -m benchmarks.recall --write`. Sets: presidio-research",
    "# synth_dataset_v2 (MIT), wnut17 dev and train (CC BY 4.0), planted posts (tests/find/meaning/plants.tsv, made up",
    "# by Klarera's makers, so kinder than the world). Counts of labelled spans or posts and of those found; measured",
    "# elsewhere, so an estimate for any other corpus.",
)

LEAST = 5
"""Fewer labelled spans of a kind in a language than this say next to nothing, and get no line."""

PRESIDIO, WNUT, OWN = "presidio-research synth_dataset_v2", "wnut17 dev and train", "planted posts"


class Label(NamedTuple):
    """One labelled span, start and end in bytes; start -1 stands for the whole text."""

    text: str
    kind: Kind
    start: int
    end: int


def presidio() -> Iterator[Label]:
    """The spans of presidio-research whose class is a kind of ours."""
    classes = {**CLASSES, "PERSON": Kind.PERSON}
    for record in json.loads((DATA / "presidio-research" / "synth_dataset_v2.json").read_text("utf-8")):
        text = record["full_text"]
        for span in record["spans"]:
            a, b = span["start_position"], span["end_position"]
            kind = classes.get(span["entity_type"])
            if kind is not None and (kind is not Kind.CARD or passes_luhn(text[a:b])):
                yield Label(text, kind, len(text[:a].encode()), len(text[:b].encode()))


def wnut() -> Iterator[Label]:
    """The persons of wnut17."""
    for name in ("dev", "train"):
        for line in (DATA / "wnut17" / f"{name}.jsonl").read_text("utf-8").splitlines():
            record = json.loads(line)
            text = record["text"]
            for span in record["entities"]:
                if span["type"] == "person":
                    a, b = span["start"], span["end"]
                    yield Label(text, Kind.PERSON, len(text[:a].encode()), len(text[:b].encode()))


def own() -> Iterator[Label]:
    """The planted posts of the tests that say something of somebody."""
    rows = csv.DictReader(PLANTS.open(encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE)
    for row in rows:
        if row["plant"] == "yes":
            yield Label(row["text"], Kind[row["what"].partition("/")[0]], -1, -1)


def measure(labels: Sequence[Label], name: str, day: date, language: str | None) -> list[Measured]:
    """The lines of one set. `language` is that of all its texts, None to tell it by their words."""
    texts = list(dict.fromkeys(label.text for label in labels))
    scanned = Scanner(catalogue(), key=bytes(32)).find(Records.of({"text": texts, "language": [language] * len(texts)}))
    f = scanned.findings
    seen: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for i in range(len(f)):
        if f.about[i] != About.GENERAL:
            seen.setdefault((int(f.row[i]), int(f.kind[i])), []).append((int(f.start[i]), int(f.end[i])))
    number = {text: i for i, text in enumerate(texts)}
    counts: dict[tuple[str, str], list[int]] = {}
    for label in labels:
        row = number[label.text]
        code = LANGUAGES[scanned.language[row]]
        if not code:
            continue
        spans = seen.get((row, int(label.kind)), [])
        hit = bool(spans) if label.start < 0 else any(a < label.end and label.start < b for a, b in spans)
        sums = counts.setdefault((label.kind.name, code), [0, 0])
        sums[0] += hit
        sums[1] += 1
    return [
        Measured(kind, code, _versions(kind), found, labelled, name, day.isoformat())
        for (kind, code), (found, labelled) in counts.items()
        if labelled >= LEAST
    ]


def _versions(kind: str) -> str:
    return " ".join(sorted(f"{d.name}@{d.version}" for d in catalogue() if Kind[kind] in d.kinds))


def lines(day: date) -> list[Measured]:
    """The whole table; sets that are not here keep the lines they have."""
    kept: dict[str, list[Measured]] = {}
    for m in parse(TABLE.read_text("utf-8")) if TABLE.exists() else ():
        kept.setdefault(m.set, []).append(m)
    made = {OWN: measure(list(own()), OWN, day, None)}
    if (DATA / "presidio-research").exists():
        made[PRESIDIO] = measure(list(presidio()), PRESIDIO, day, "en")
    if (DATA / "wnut17").exists():
        made[WNUT] = measure(list(wnut()), WNUT, day, "en")
    order = list(Kind.__members__)
    every = [m for part in {**kept, **made}.values() for m in part]
    return sorted(every, key=lambda m: (order.index(m.kind), m.language, m.set))


def main() -> None:
    """Print the table, and write it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the table in the package")
    parser.add_argument("--day", type=date.fromisoformat, default=None, help="day of the measurement; default today")
    args = parser.parse_args()
    rows = ["\t".join(map(str, astuple(m))) for m in lines(args.day or date.today())]
    text = "\n".join([*HEAD, "\t".join(COLUMNS), *rows]) + "\n"
    print(text, end="")
    if args.write:
        TABLE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
