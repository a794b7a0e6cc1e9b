"""Names by introduction, title or relation: the labelled set with exact spans."""

from __future__ import annotations

from typing import Any

import pytest


def test_labelled_texts_are_told_apart_from_near_misses(score: Any) -> None:
    s = score("person", "PERSON")
    print(f"PERSON: precision {s.precision:.3f} recall {s.recall:.3f} of {s.positives}", s.wrong)
    assert s.positives >= 25
    assert s.near_misses >= 25
    assert s.precision >= 0.95
    assert s.recall >= 0.9


@pytest.mark.parametrize(
    "name",
    ["Ida Quist", "Jean-Luc Ardent", "Maeve O'Dowd", "Ludo van den Broek", "Žofia Kováčová", "Łucja Żak", "Ünal Öz"],
)
@pytest.mark.parametrize("frame", ["hi, my name is {} and I bake", "ich heiße {}, hallo", "je m'appelle {}, bonjour"])
def test_the_span_is_the_name(frame: str, name: str, seen: Any) -> None:
    assert [s.text for s in seen([frame.format(name)])[0] if s.kind == "PERSON"] == [name]


def test_equal_names_get_equal_keys_and_others_do_not() -> None:
    from klarera.batch import Records
    from klarera.find.person import DETECTOR
    from klarera.find.scan import Scanner

    texts = ["my name is Ida Quist", "ask Mrs Ida Quist", "my name is Ida Quast"]
    key = Scanner([DETECTOR], key=bytes(32)).find(Records.of({"text": texts})).findings.key
    assert (key[0] == key[1]).all()
    assert (key[0] != key[2]).any()
