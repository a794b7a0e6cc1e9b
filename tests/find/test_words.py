"""The word table: exact, for every term, at word bounds only."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.batch import Records
from klarera.errors import UsageError
from klarera.find import Term, language
from klarera.find.scan import scan_view, view_of
from klarera.find.words import Table
from klarera.kernels.utf8 import words


def hits(
    phrases: list[str], text: str, said: str | None = None, languages: list[str] | None = None
) -> list[tuple[str, str]]:
    """(phrase, matched text) of every hit."""
    spoken = languages or [""] * len(phrases)
    terms = tuple(Term(p, code, "") for p, code in zip(phrases, spoken, strict=True))
    table = Table.build({"d": terms})
    records = Records.of({"id": ["1"], "text": [text], "language": [said]})
    view = view_of(records)
    scan, _ = scan_view(view, language.given(records.batch.column("language"))[1], table)
    return [
        (phrases[t], view.buf[a:b].tobytes().decode())
        for a, b, t in zip(scan.words.start, scan.words.end, scan.words.term, strict=True)
    ]


@pytest.mark.parametrize(
    ("phrases", "text", "expected"),
    [
        (["phone"], "Phone, PHONE! telephone phones", [("phone", "Phone"), ("phone", "PHONE")]),
        (["phone", "phone number"], "my phone number", [("phone", "phone"), ("phone number", "phone number")]),
        (["e mail"], "E-Mail e.mail e mail e  mail email",
         [("e mail", t) for t in ("E-Mail", "e.mail", "e mail", "e  mail")]),
        (["i'm"], "I'm I’m im", [("i'm", "I'm"), ("i'm", "I’m")]),
        (["geb am", "phone number"], "geb. am 1.1. My phone. Number five", [("geb am", "geb. am")]),
        (["a b", "b c", "a b c"], "a b c", [("a b", "a b"), ("a b c", "a b c"), ("b c", "b c")]),
        (["a b c"], "a b x c a b", []),
        (["größe", "ΠΟΛΙΣ"], "GRÖSSE GRÖßE πόλις πολις", [("größe", "GRÖßE"), ("ΠΟΛΙΣ", "πολις")]),
        (["internationalisation", "donaudampfschiff"], "Internationalisation Donaudampfschiffe DONAUDAMPFSCHIFF",
         [("internationalisation", "Internationalisation"), ("donaudampfschiff", "DONAUDAMPFSCHIFF")]),
        (["x"], "[EMAIL] x [X x] [PHONE x1x2]", [("x", "x"), ("x", "X"), ("x", "x")]),
    ],
)  # fmt: skip
def test_hits(phrases: list[str], text: str, expected: list[tuple[str, str]]) -> None:
    assert hits(phrases, text) == expected


def test_one_hit_for_each_term_with_the_phrase() -> None:
    table = Table.build({"a": (Term("tel", "", "x"),), "b": (Term("Tel.", "", "y"), Term("tel", "", "z"))}, ["TEL"])
    records = Records.of({"id": ["1"], "text": ["tel"]})
    scan, _ = scan_view(view_of(records), np.zeros(1, np.uint8), table)
    assert scan.words.term.tolist() == [0, 1, 2, 3]
    assert (table.bounds["a"], table.bounds["b"], table.register_start) == ((0, 1), (1, 3), 3)


def test_terms_of_another_language_do_not_count() -> None:
    phrases, codes = ["tag", "tag", "tag"], ["de", "en", ""]
    assert len(hits(phrases, "tag", None, codes)) == 3
    assert len(hits(phrases, "tag", "de", codes)) == 2
    assert len(hits(phrases, "tag", "fr", codes)) == 1


@pytest.mark.parametrize(
    ("phrase", "code", "problem"),
    [("…", "", "holds no word"), (" ".join("abcdefghijklmnopq"), "", "more than 16"), ("tag", "xx", "language")],
)
def test_wrong_terms_are_refused(phrase: str, code: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as caught:
        Table.build({"cue": (Term("fine", "", ""), Term(phrase, code, ""))})
    assert "cue" in str(caught.value)
    assert phrase not in str(caught.value)


ALPHABET = st.sampled_from(["a", "b", "ab", "ä", "Ä", "longerthan8", "LONGERTHAN8", "longerthan9", "Я"])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(st.lists(ALPHABET, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=8),
    st.lists(ALPHABET, max_size=20),
)
def test_hits_equal_a_plain_search(phrases: list[str], said: list[str]) -> None:
    # Every phrase, at every place, word by word: what the trie must give.
    folded = [words(w)[0] for w in said]
    expected = []
    for i in range(len(folded)):
        for p in phrases:
            parts = words(p)
            if folded[i : i + len(parts)] == parts:
                expected.append((p, " ".join(said[i : i + len(parts)])))
    assert sorted(hits(phrases, " ".join(said))) == sorted(expected)


def test_a_hundred_thousand_register_terms_are_all_found() -> None:
    names = [f"name{i % 997} family{i}" for i in range(100_000)]
    table = Table.build({}, names)
    records = Records.of({"id": ["1", "2"], "text": [" | ".join(names[::97]).upper(), "name1 family0"]})
    scan, _ = scan_view(view_of(records), np.zeros(2, np.uint8), table)
    assert scan.words.term.tolist() == list(range(0, 100_000, 97))
