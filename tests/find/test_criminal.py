"""Art. 10: the labelled set holds precision and recall; news about unnamed people is no finding."""

from __future__ import annotations

from typing import Any

import pytest


def test_labelled_texts_are_told_apart_from_near_misses(score: Any) -> None:
    s = score("criminal", "CRIMINAL")
    print(f"CRIMINAL: precision {s.precision:.3f} recall {s.recall:.3f} of {s.positives}", s.wrong)
    assert s.positives >= 25
    assert s.near_misses >= 25
    assert s.precision >= 0.95
    assert s.recall >= 0.9


@pytest.mark.parametrize(
    ("text", "about", "stance"),
    [
        ("I was convicted of theft", "author", "stated"),
        ("my uncle was convicted of theft", "other", "stated"),
        ("I was never convicted", "author", "negated"),
        ("I was arrested for that?", "author", "asked"),
        ("mein Onkel wurde wegen Diebstahls verurteilt", "other", "stated"),
        ("mon oncle a été condamné", "other", "stated"),
    ],
)
def test_whom_it_concerns_and_how(text: str, about: str, stance: str, seen: Any) -> None:
    assert {(s.about, s.stance) for s in seen([text])[0]} == {(about, stance)}
