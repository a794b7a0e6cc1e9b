"""Ages: labelled sets hold precision and recall; every number below 18 counts, what is no age never does."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("kind", ["MINOR", "ADULT"])
def test_labelled_texts_are_told_apart_from_near_misses(kind: str, score: Any) -> None:
    s = score("minor", kind)
    print(f"{kind}: precision {s.precision:.3f} recall {s.recall:.3f} of {s.positives}", s.wrong)
    assert s.positives >= 25
    assert s.near_misses >= 25
    assert s.precision >= 0.95
    assert s.recall >= 0.9


SAYS = {"en": "I'm {} years old", "de": "ich bin {} Jahre alt", "fr": "j'ai {} ans"}


@pytest.mark.parametrize("language", SAYS)
@pytest.mark.parametrize("age", range(6, 100))
def test_every_age_falls_on_its_side_of_eighteen(language: str, age: int, seen: Any) -> None:
    kinds = {s.kind for s in seen([SAYS[language].format(age)], language)[0]}
    assert kinds == {"MINOR" if age < 18 else "ADULT"}


@pytest.mark.parametrize(
    "rest",
    ["%", " %", " minutes late", "km", " km away", "'9", ".5 sure", ":30", "th", "k followers", "/20", "-9", " for 20"],
)
def test_a_number_that_is_no_age_is_no_minor(rest: str, seen: Any) -> None:
    assert seen([f"I'm 13{rest}"]) == [[]]


@pytest.mark.parametrize("sign", ["£", "$", "€", "#", "+", "-"])
def test_a_number_behind_a_sign_is_no_minor(sign: str, seen: Any) -> None:
    assert seen([f"I'm {sign}13"]) == [[]]


def test_the_span_holds_the_age(seen: Any) -> None:
    assert [s.text for s in seen(["hello, I'm 13 and new here"])[0]] == ["I'm 13"]
