"""Placeholders are told from other brackets, and their names are the kinds of finding."""

from __future__ import annotations

import numpy as np
import pytest

from klarera.kernels.placeholders import NAMES, at_placeholder
from klarera.model import Kind


def test_the_names_are_the_kinds() -> None:
    assert sorted(NAMES) == sorted(k.name for k in Kind)


@pytest.mark.parametrize("name", [k.name for k in Kind])
def test_every_kind_with_and_without_pseudonym(name: str) -> None:
    for text in (f"[{name}]", f"[{name} 3f9k]", f"[{name}] and more"):
        assert at_placeholder(np.frombuffer(text.encode(), np.uint8), 0, len(text))


@pytest.mark.parametrize(
    "text", ["[TEL]", "[]", "[EMAIL", "[EMAILS]", "[email]", "[EMAIL 3f]", "[EMAIL 3f9k", "[IP 12", "["]
)
def test_other_brackets(text: str) -> None:
    assert not at_placeholder(np.frombuffer(text.encode(), np.uint8), 0, len(text))
