"""The sheets under docs/law are those of this rulebook, so that a lawyer reviews a change as a diff in words.

To write them anew after a change of the rules:

    python -c "from tests.rulebook.test_sheets import write; write()"
"""

from __future__ import annotations

import re
from pathlib import Path

from klarera.law.sheet import sheets
from klarera.rulebook import rulebook

DOCS = Path(__file__).parents[2] / "docs" / "law"
NEVER = re.compile(r"\b(compliant|anonymous|tamper-proof|unlearned)\b|(?<!un)\bsafe\b", re.IGNORECASE)


def write() -> None:
    """Replace the sheets by those of the rulebook."""
    DOCS.mkdir(parents=True, exist_ok=True)
    for old in DOCS.glob("*.md"):
        old.unlink()
    for name, text in sheets(rulebook()).items():
        (DOCS / name).write_text(text, encoding="utf-8")


def test_sheets_are_committed() -> None:
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")}
    assert on_disk == sheets(rulebook())


def test_sheets_promise_nothing() -> None:
    for name, text in sheets(rulebook()).items():
        assert not NEVER.search(text), name
