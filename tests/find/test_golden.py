"""The golden corpus: what every detector sees in the example's posts, span by span.

Spans that change without a raised version fail here, because stored findings name detector and version. After a
change that is meant: raise `version` of the detector, then `python -m tests.find.test_golden` renews the file.
"""

from __future__ import annotations

import json
from pathlib import Path

from klarera.batch import Records
from klarera.find.scan import Scanner, catalogue
from klarera.model import KIND_NAMES, About, Stance

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden.tsv"
POSTS = sorted((ROOT / "examples" / "public-posts").glob("posts-*.jsonl"))


def texts() -> list[tuple[str, str, str | None]]:
    """Id, text and language of every readable post of the example."""
    found = []
    for path in POSTS:
        for line in path.read_bytes().split(b"\n"):
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict) and isinstance(row.get("text"), str) and row["text"].isprintable():
                found.append((str(row["id"]), row["text"], row.get("language")))
    return found


def seen() -> dict[str, list[str]]:
    """Detector name and version → one line a finding: post, bytes, kind, about, stance."""
    posts = texts()
    detectors = catalogue()
    records = Records.of(
        {"id": [p[0] for p in posts], "text": [p[1] for p in posts], "language": [p[2] for p in posts]}
    )
    found = Scanner(detectors, key=bytes(32)).find(records).findings
    lines: dict[str, list[str]] = {f"{d.name} {d.version}": [] for d in detectors}
    for i in range(len(found)):
        name = list(lines)[int(found.detector[i])]
        kind, about, stance = KIND_NAMES[int(found.kind[i])], About(int(found.about[i])), Stance(int(found.stance[i]))
        place = f"{posts[int(found.row[i])][0]}\t{found.start[i]}\t{found.end[i]}"
        lines[name].append(f"{place}\t{kind}\t{about.name}\t{stance.name}")
    return lines


def golden() -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {}
    for line in GOLDEN.read_text("utf-8").splitlines():
        if line.startswith("# "):
            lines[line[2:]] = []
        else:
            lines[list(lines)[-1]].append(line)
    return lines


def write() -> None:
    """Renew the golden file."""
    GOLDEN.write_text("".join(f"# {n}\n" + "".join(x + "\n" for x in xs) for n, xs in seen().items()), "utf-8")


def test_changed_spans_come_with_a_raised_version() -> None:
    before, now = golden(), seen()
    changed = [name for name in now if name in before and before[name] != now[name]]
    assert changed == [], "raise the version of these detectors, then renew tests/find/golden.tsv"
    assert before.keys() == now.keys(), "a detector or version is new: renew tests/find/golden.tsv"


def test_the_golden_corpus_is_not_empty() -> None:
    assert sum(map(len, golden().values())) > 500


if __name__ == "__main__":
    write()
