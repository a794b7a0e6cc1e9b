"""Art. 9 kinds: labelled sets hold precision and recall; a table shows whom and how a text concerns."""

from __future__ import annotations

from typing import Any

import pytest

from klarera.model import ART9, LANGUAGES


@pytest.mark.parametrize("kind", sorted(k.name for k in ART9))
def test_labelled_texts_are_told_apart_from_near_misses(kind: str, score: Any) -> None:
    s = score("special", kind)
    print(f"{kind}: precision {s.precision:.3f} recall {s.recall:.3f} of {s.positives} and {s.near_misses}", s.wrong)
    assert s.positives >= 25
    assert s.near_misses >= 25
    assert s.precision >= 0.95
    assert s.recall >= 0.9


WHO_AND_HOW = [
    # name, text, kind, about, stance
    ("own", "I have epilepsy", "HEALTH", "author", "stated"),
    ("relation", "my nephew has epilepsy", "HEALTH", "other", "stated"),
    ("named", "Wilma Oster has epilepsy", "HEALTH", "other", "stated"),
    ("handle", "so @wilma_oster is bisexual", "SEX_LIFE", "other", "stated"),
    ("pronoun, person named before", "Met Wilma Oster. She has epilepsy.", "HEALTH", "other", "stated"),
    ("pronoun, relation in the sentence before", "my aunt came by. she has lupus now", "HEALTH", "other", "stated"),
    ("pronoun, nobody named", "She has epilepsy.", "HEALTH", "unclear", "stated"),
    ("topic", "Epilepsy research got a prize", "HEALTH", "general", "stated"),
    ("negated", "I do not have epilepsy", "HEALTH", "author", "negated"),
    ("asked", "do I have epilepsy?", "HEALTH", "author", "asked"),
    ("wished", "if I had epilepsy you would know", "HEALTH", "author", "wished"),
    ("quoted", 'she said "I have epilepsy" and left', "HEALTH", "unclear", "quoted"),
    ("repeated", "RT @wilma_oster: I have epilepsy", "HEALTH", "other", "quoted"),
    ("question mark of another clause", "I have epilepsy, what now?", "HEALTH", "author", "stated"),
    ("German, verb last", "weil ich Epilepsie habe", "HEALTH", "author", "stated"),
    ("German, no umlauts", "ich bin magersuechtig", "HEALTH", "author", "stated"),
    ("German negated", "ich habe keine Epilepsie", "HEALTH", "author", "negated"),
    ("French without accents", "j'ai une leucemie", "HEALTH", "author", "stated"),
    ("French negated", "je n'ai pas de cancer", "HEALTH", "author", "negated"),
    ("capitals", "I HAVE EPILEPSY", "HEALTH", "author", "stated"),
    ("curly apostrophe", "I’m autistic", "HEALTH", "author", "stated"),
]


@pytest.mark.parametrize(
    ("text", "kind", "about", "stance"), [c[1:] for c in WHO_AND_HOW], ids=[c[0] for c in WHO_AND_HOW]
)
def test_whom_it_concerns_and_how(text: str, kind: str, about: str, stance: str, seen: Any) -> None:
    found = [s for s in seen([text])[0] if s.kind == kind]
    assert [(s.about, s.stance) for s in found] == [(about, stance)]


def test_a_handle_or_address_is_no_topic(seen: Any) -> None:
    assert seen(["ask @cancer or see https://cancer.example/lupus"]) == [[]]


def test_cues_of_another_language_do_not_count(seen: Any) -> None:
    assert any(s.about == "author" for s in seen(["I have epilepsy"], "en")[0])
    assert not any(s.about == "author" for s in seen(["I have epilepsy"], "fr")[0])


def test_a_finding_does_not_depend_on_the_batch(seen: Any) -> None:
    texts = [c[1] for c in WHO_AND_HOW]
    assert seen(texts) == [seen([text])[0] for text in texts]


def test_unknown_language_is_looked_at_but_not_covered() -> None:
    from klarera.find.special import DETECTOR

    mask = DETECTOR.coverage.mask()
    assert [code for code, covered in zip(LANGUAGES, mask, strict=True) if covered] == ["de", "en", "fr"]
