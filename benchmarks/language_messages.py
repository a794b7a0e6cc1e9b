"""How well the language of a short text is told, on texts nobody wrote for klarera.

    python benchmarks/language_messages.py [--per-language 300] [--seed 7] [--least 5] [--most 14]

The texts are translated messages of the programs installed on this machine (gettext catalogues), `least` to
`most` words long: short, independent, of every language klarera knows, but of programs rather than of people.
Prints a table: language, texts, right, unknown, wrong, and what wrong ones were taken for.
"""

from __future__ import annotations

import argparse
import gettext
import random
import re
import sys
from collections import Counter
from pathlib import Path

FOLDERS = (Path("/usr/share/locale"), Path("/usr/share/locale-langpack"))
ALIASES = {"no": ("nb", "nn", "no"), "pt": ("pt", "pt_PT", "pt_BR")}
ODD = re.compile(r"[%<>{}\[\]\\|=_@#$]|https?:|--|\d{2,}")


def messages(code: str, least: int, most: int) -> list[str]:
    """Distinct translated lines of plain words in one language, in order of their bytes."""
    found: set[str] = set()
    for folder in FOLDERS:
        for name in ALIASES.get(code, (code,)):
            for path in sorted((folder / name / "LC_MESSAGES").glob("*.mo")):
                try:
                    with path.open("rb") as file:
                        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
                except (OSError, UnicodeError, ValueError):
                    continue  # a catalogue that this Python cannot read holds nothing to measure with
                for original, text in catalogue.items():
                    for line in str(text).split("\n"):
                        words = [w for w in line.split() if any(c.isalpha() for c in w)]
                        plain = not ODD.search(line) and line.strip() not in str(original)
                        if least <= len(words) <= most and plain:
                            found.add(" ".join(line.split()))
    return sorted(found)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--per-language", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--least", type=int, default=5)
    parser.add_argument("--most", type=int, default=14)
    given = parser.parse_args(arguments)

    from klarera.batch import Records
    from klarera.find.scan import Scanner
    from klarera.model import LANGUAGES

    scanner = Scanner([], key=bytes(32))
    print("language  texts  right  unknown  wrong  taken for")
    for code in LANGUAGES[1:]:
        texts = messages(code, given.least, given.most)
        if len(texts) < 30:
            print(f"{code:8}  {len(texts):5}  too few messages on this machine")
            continue
        texts = random.Random(given.seed).sample(texts, min(given.per_language, len(texts)))
        told = Counter(LANGUAGES[k] for k in scanner.find(Records.of({"text": texts})).language)
        right, unknown = told.pop(code, 0), told.pop("", 0)
        n, taken = len(texts), ", ".join(f"{c} {k}" for c, k in told.most_common(4))
        wrong = n - right - unknown
        print(f"{code:8}  {n:5}  {right / n:5.1%}  {unknown / n:7.1%}  {wrong / n:5.1%}  {taken}")


if __name__ == "__main__":
    main(sys.argv[1:])
