"""Objections: labelled sets hold precision and recall; talk about objections is none; chain posts are their own."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("kind", ["OBJECTION", "CHAIN_OBJECTION"])
def test_labelled_texts_are_told_apart_from_near_misses(kind: str, score: Any) -> None:
    s = score("objection", kind)
    print(f"{kind}: precision {s.precision:.3f} recall {s.recall:.3f} of {s.positives}", s.wrong)
    assert s.positives >= 25
    assert s.near_misses >= 25
    assert s.precision >= 0.95
    assert s.recall >= 0.9


def test_a_chain_post_is_not_counted_as_an_own_objection_too(seen: Any) -> None:
    own = "I object to the use of my data for AI training."
    chain = "Goodbye Meta AI."
    assert {s.kind for s in seen([own])[0]} == {"OBJECTION"}
    assert {s.kind for s in seen([f"{chain} {own}"])[0]} == {"CHAIN_OBJECTION"}


def test_a_repeated_objection_is_not_the_authors(seen: Any) -> None:
    found = seen(["RT @ole_moss: I object to the use of my data"])[0]
    assert [(s.about, s.stance) for s in found] == [("other", "quoted")]
