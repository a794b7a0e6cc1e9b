"""Words klarera never says of data: a status is `cleared` under a reading, nothing more.

The lint reads what people read: output, help, docs, README, sheets, and the sources they are made from.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FORBIDDEN = re.compile(
    r"\b(lawful(ly|ness)?|complian(t|ce)|safe(ly)?|anonym(ous|ously|ity)|tamper-?proof|unlearned|"
    r"all personal data found|legally cleared)\b",
    re.IGNORECASE,
)
ALLOWED = (
    re.compile(r"never\b.{0,120}", re.IGNORECASE | re.DOTALL),
    re.compile(r"memory-safe|thread-safe|fail-safe|unsafe"),
    re.compile(r"safe=False"),  # a parameter of Arrow
)
FILES = [
    ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
    *sorted((ROOT / "src").rglob("*.py")), *sorted((ROOT / "src").rglob("*.j2")),
    *sorted((ROOT / "src" / "klarera" / "rulebook").rglob("*.tsv")),
]  # fmt: skip
MAY_NAME = {
    "docs/decisions": "decisions explain why the words are not used",
    "src/klarera/find/cues": "words people write in posts",
    "src/klarera/rulebook/facts.py": "the key anonymous_for_us asks a question a judge answers",
}


def lines_of(path: Path) -> list[str]:
    text = path.read_text("utf-8")
    for pattern in ALLOWED:
        text = pattern.sub(lambda m: re.sub(r"[^\n]", "·", m[0]), text)
    return text.split("\n")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_forbidden_word(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    if any(name.startswith(prefix) for prefix in MAY_NAME):
        return
    found = [f"{name}:{n}: {m[0]}" for n, line in enumerate(lines_of(path), 1) for m in FORBIDDEN.finditer(line)]
    assert found == []


def test_the_lint_sees_the_words() -> None:
    assert FORBIDDEN.search("This set is fully compliant.")
    assert FORBIDDEN.search("The data are anonymous.")


MACHINE = re.compile(r"(?<![\w.])/(work|root|tmp)/|index-url|https?://(pypi|registry)\.")


def test_no_path_of_a_machine_and_no_index_address() -> None:
    wrong = []
    for path in [*FILES, ROOT / "constraints.txt", ROOT / "pyproject.toml", ROOT / "Makefile"]:
        wrong += [
            f"{path.name}:{n}" for n, line in enumerate(path.read_text("utf-8").split("\n"), 1) if MACHINE.search(line)
        ]
    assert wrong == []
