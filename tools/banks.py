"""The sentence banks of tools/example_banks: hand-written, invented, one file a language.

    ## food            a topic: sentences anyone might post
    ## !HEALTH/author  a plant: what the sentence says, and about whom
    ## ~order          a near miss: looks like something the law cares about, and is not
    ## =dish           values of the slot {dish}, parted by |

A sentence may hold slots; those with a list are filled from it, all others from `invented`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["FOLDER", "LANGUAGES", "SLOT", "Bank", "load"]

FOLDER = Path(__file__).parent / "example_banks"
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "fi", "cs", "ro")
SLOT = re.compile(r"\{(\w+)\}")

Sections = dict[str, list[str]]


@dataclass(frozen=True)
class Bank:
    """One language: sentences by topic, by plant and by kind of near miss, and values by slot."""

    language: str
    topics: Sections = field(default_factory=dict)
    plants: Sections = field(default_factory=dict)
    near: Sections = field(default_factory=dict)
    slots: Sections = field(default_factory=dict)

    def fill(self, sentence: str, choose: Callable[[list[str]], str], invent: Callable[[str], str]) -> str:
        """The sentence with every slot filled: listed ones by `choose`, the rest by `invent`."""

        def value(match: re.Match[str]) -> str:
            name = match[1]
            return choose(self.slots[name]) if name in self.slots else invent(name)

        return SLOT.sub(value, sentence)


def load(language: str) -> Bank:
    """The bank of one language.

    Raises ValueError for a line outside a section: it would silently never be used.
    """
    bank, lines = Bank(language), None
    for number, line in enumerate((FOLDER / f"{language}.txt").read_text("utf-8").splitlines(), 1):
        if line.startswith("## "):
            lines = _section(bank, line[3:].strip())
        elif lines is None:
            raise ValueError(f"{language}.txt:{number}: line outside a section")
        elif line.strip():
            lines.append(line.strip())
    slots = {name: [v for line in values for v in line.split("|")] for name, values in bank.slots.items()}
    return Bank(language, bank.topics, bank.plants, bank.near, slots)


def _section(bank: Bank, title: str) -> list[str]:
    kinds = {"!": bank.plants, "~": bank.near, "=": bank.slots}
    group = kinds.get(title[0], bank.topics)
    return group.setdefault(title.lstrip("!~="), [])
