"""How well Klarera finds what a set of labelled texts holds, beside Presidio on the same texts.

    python -m benchmarks.presidio_gold [GOLD.json] [--no-peer]

GOLD.json is a set of presidio-research (MIT): `full_text` and `spans` with `entity_type`, `start_position`,
`end_position` in code points. A labelled span is found if a span of its class overlaps it; a span is right
if it overlaps a labelled one of its class. Intervals are Wilson's, 95 %. The texts were made by others, with
numbers of many countries and without the record's country.

The card class is also given for the labelled numbers that pass Luhn: the others are not card numbers.
Presidio runs in an environment of its own (benchmarks/.peers/presidio, made on demand) without a model.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.peers import environment
from klarera.batch import Records
from klarera.find.scan import Scanner, catalogue
from klarera.model import Kind
from klarera.pipeline.residue import wilson

GOLD = Path(__file__).parents[2] / "shared" / "data" / "presidio-research" / "synth_dataset_v2.json"
CLASSES = {
    "EMAIL_ADDRESS": Kind.EMAIL,
    "IP_ADDRESS": Kind.IP,
    "IBAN_CODE": Kind.IBAN,
    "CREDIT_CARD": Kind.CARD,
    "PHONE_NUMBER": Kind.PHONE,
}
PRESIDIO = "presidio-analyzer==2.2.366"

Span = tuple[str, int, int]
"""Entity type, start, end in code points."""


class Score(NamedTuple):
    """Labelled spans, those found, spans given, those right."""

    gold: int
    found: int
    given: int
    right: int


def overlaps(span: Span, others: Sequence[Span]) -> bool:
    """Some other span has a code point in common."""
    return any(other[1] < span[2] and span[1] < other[2] for other in others)


def score(
    gold: Sequence[Sequence[Span]], given: Sequence[Sequence[Span]], kind: str, counts: Callable[[int, Span], bool]
) -> Score:
    """One class over all texts; `counts(text, span)` says which labelled spans are asked for."""
    total = [0, 0, 0, 0]
    for text, (labels, spans) in enumerate(zip(gold, given, strict=True)):
        own = [span for span in labels if span[0] == kind]
        asked = [span for span in own if counts(text, span)]
        ours = [span for span in spans if span[0] == kind]
        total[0] += len(asked)
        total[1] += sum(overlaps(span, ours) for span in asked)
        total[2] += len(ours)
        total[3] += sum(overlaps(span, own) for span in ours)
    return Score(*total)


def klarera_spans(texts: Sequence[str]) -> list[list[Span]]:
    """What Klarera's own detectors find, in code points."""
    names = {int(kind): name for name, kind in CLASSES.items()}
    scanner = Scanner(catalogue(), key=bytes(32))
    records = Records.of({"text": texts})
    scanner.find(records)
    began = time.perf_counter()
    findings = scanner.find(records).findings
    print(f"klarera: {len(texts) / (time.perf_counter() - began):,.0f} texts/s, all detectors")
    result: list[list[Span]] = [[] for _ in texts]
    for k in np.flatnonzero(np.isin(findings.kind, list(names))):
        row, raw = int(findings.row[k]), texts[findings.row[k]].encode()
        start = len(raw[: findings.start[k]].decode())
        length = len(raw[findings.start[k] : findings.end[k]].decode())
        result[row].append((names[int(findings.kind[k])], start, start + length))
    return result


def presidio_spans(path: Path) -> list[list[Span]]:
    """What Presidio's recognisers find."""
    environment.PEERS.setdefault("presidio", (PRESIDIO,))
    script = Path(__file__).parent / "peers" / "presidio_spans.py"
    return [[(k, a, b) for k, a, b in spans] for spans in json.loads(environment.run("presidio", script, str(path)))]


def passes_luhn(number: str) -> bool:
    """The digits of the number pass Luhn."""
    digits = [int(c) for c in reversed(number) if c.isdigit()]
    return sum(d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)) % 10 == 0


def share(hits: int, n: int) -> str:
    """A share with its interval."""
    if n == 0:
        return "-".ljust(19)
    low, high = wilson(hits, n)
    return f"{hits / n:.3f} ({low:.3f}-{high:.3f})"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", nargs="?", type=Path, default=GOLD)
    parser.add_argument("--no-peer", action="store_true", help="leave Presidio out")
    args = parser.parse_args()
    if not args.gold.exists():
        parser.exit(0, "the labelled texts are not here: nothing to measure\n")
    data = json.loads(args.gold.read_text("utf-8"))
    texts = [record["full_text"] for record in data]
    gold = [[(s["entity_type"], s["start_position"], s["end_position"]) for s in r["spans"]] for r in data]
    tools = {"klarera": klarera_spans(texts)}
    if not args.no_peer:
        tools["presidio"] = presidio_spans(args.gold)
    every: Callable[[int, Span], bool] = lambda _text, _span: True  # noqa: E731
    right_cards: Callable[[int, Span], bool] = lambda text, span: passes_luhn(texts[text][span[1] : span[2]])  # noqa: E731
    rows = [(kind, kind, every) for kind in CLASSES] + [("CREDIT_CARD, Luhn", "CREDIT_CARD", right_cards)]
    print(f"{'class':18}{'tool':10}{'n':>5}  {'precision':21}{'recall':21}")
    for title, kind, counts in rows:
        for tool, given in tools.items():
            s = score(gold, given, kind, counts)
            print(f"{title:18}{tool:10}{s.gold:5}  {share(s.right, s.given):21}{share(s.found, s.gold):21}")


if __name__ == "__main__":
    main()
