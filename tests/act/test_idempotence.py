"""Clearing cleared text changes nothing: no placeholder is itself a finding, none makes one with its neighbours."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.act.edits import SENTENCE, Edits, edits_of, extents
from klarera.act.splice import spliced_text
from klarera.batch import Records
from klarera.find.scan import Scanner, catalogue
from klarera.model import IDENTIFIERS, About, Kind
from klarera.rulebook import rulebook

PERSONS = (About.UNCLEAR, About.AUTHOR, About.OTHER)
SPANS = extents([(tuple(sorted(IDENTIFIERS)), PERSONS, "span")])
RULES = extents([(r.kinds, r.about, r.extent) for r in rulebook().redactions])

PARTS = {
    "en": [
        "Mail kaja.lind@mail.example",
        "call +49 30 901820 now",
        "@mira_k and @oskar77",
        "from 192.0.2.17",
        "pay DE89 3704 0044 0532 0130 00",
        "card 4111 1111 1111 1111",
        "MAC 00:1B:44:11:3A:B7",
        "born 3.4.1987",
        "my sister Anna has diabetes.",
        "my son is 9 years old.",
        "https://www.facebook.com/kaja.lind",
        "my name is Kaja Lind.",
        "see 52.520008, 13.404954",
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "key AKIAIOSFODNN7EXAMPLE",
        "nice light today",
        "name [at] mail dot example",
        "I'm 13 and new here",
        "I'm 34",
        "born 3 April 1987",
        "I voted Labour.",
        "I do not consent to my posts being used to train AI.",
        "SSN 078-05-1120",
        "SIREN 732 829 320",
        "password: Tr0ub4dor&3x",
        "call (201) 555-0123",
        "RT@mira_k: hi",
        "2001:db8::8a2e:370:7334",
        "instagram.com/kaja.lind",
    ],
    "de": [
        "Schreib an kaja.lind@mail.example",
        "ruf +49 30 901820 an",
        "geboren am 3.4.1987",
        "meine Schwester Anna hat Diabetes.",
        "mein Sohn ist 9 Jahre alt.",
        "Ich heiße Kaja Lind",
        "schönes Licht heute",
        "IBAN DE89370400440532013000",
    ],
    "fr": [
        "écrire à kaja.lind@mail.example",
        "appelle le +33 1 99 00 12 34",
        "ma sœur Anna a le diabète.",
        "mon fils a 9 ans.",
        "je m'appelle Kaja Lind",
        "belle lumière aujourd'hui",
    ],
}
GLUE = [", ", ". ", "\n", "; ", "! ", " \u00b7 "]
ODD = [
    "",
    "@",
    "+49 ",
    "/",
    ".",
    "'",
    " (",
    " - ",
    " ",
    "@pay ",
    "(0x",
    ":",
    "#",
    "&",
    "_",
    "0",
    "x",
    "=",
    '"',
    "[",
    "]",
    ").",
]
"""What joins two things into one word: there a placeholder changes what its neighbour looks like."""
PLACEHOLDERS = [f"[{k.name}{tail}]" for k in Kind for tail in ("", " 3f9k", " 1234", " abcd")]


def generated(count: int, glue: Sequence[str] = GLUE) -> tuple[list[str], list[str]]:
    """Seeded texts that put the parts together."""
    chance = random.Random(11)
    texts, languages = [], []
    for _ in range(count):
        language = chance.choice(list(PARTS))
        parts = chance.choices(PARTS[language], k=chance.randint(1, 5))
        texts.append("".join(p + chance.choice(glue) for p in parts))
        languages.append(language)
    return texts, languages


@cache
def scanner() -> Scanner:
    return Scanner(catalogue(), key=bytes(range(32)))


def cleared(
    texts: Sequence[str],
    languages: Sequence[str | None],
    table: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
    secret: bytes | None,
) -> tuple[list[str], Edits]:
    records = Records.of({"text": list(texts), "language": list(languages)})
    found = scanner().find(records).findings
    edits = edits_of(found, [table], np.zeros(len(texts), np.int32), secret)
    return spliced_text(records.batch.column("text"), edits).to_pylist(), edits


@pytest.mark.parametrize("secret", [None, bytes(32)], ids=["plain", "pseudonyms"])
@pytest.mark.parametrize("table", [SPANS, RULES], ids=["spans", "the rulebook's table"])
def test_a_second_clearing_finds_nothing_new(
    table: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], secret: bytes | None
) -> None:
    texts, languages = generated(500)
    once, edits = cleared(texts, languages, table, secret)
    assert len(edits.row) > 400
    assert sum(a != b for a, b in zip(texts, once, strict=True)) > 300
    twice, again = cleared(once, languages, table, secret)
    changed = [(a, b) for a, b in zip(once, twice, strict=True) if a != b]
    assert changed == []
    assert len(again.row) == 0


@pytest.mark.parametrize("text", [
    "from 192.0.2.17@pay DE89 3704 0044 0532 0130 00",
    "card 4111 1111 1111 1111 (0x52908400098527886E0F7030069857D2E4169EE7",
    "card 4111 1111 1111 1111.0x52908400098527886E0F7030069857D2E4169EE7",
    "@mira_k and @oskar77.https://www.facebook.com/kaja.lind",
    "Mail kaja.lind@mail.example.https://www.facebook.com/kaja.lind",
    "name [at] mail dot exahttps://www.facebook.com/kaja.lind",
    "call +49 30 901820 now MAC 00:1B:44:11:3A:B7, see 52.520008, 13.404954card",
    "Schreib an kaja.lind@mail.example.Ich heiße Kaja Lind+49",
])  # fmt: skip
@pytest.mark.parametrize("secret", [None, bytes(32)], ids=["plain", "pseudonyms"])
def test_odd_neighbours_found_once(text: str, secret: bytes | None) -> None:
    once, edits = cleared([text], [None], SPANS, secret)
    assert len(edits.row) > 0
    assert cleared(once, [None], SPANS, secret)[0] == once


def test_what_is_cut_by_another_identifier_is_taken_out_too() -> None:
    texts = ["@oskar77.https://www.facebook.com/kaja.lind", "kaja.lind@mail.example.https://www.facebook.com/kaja.lind"]
    assert cleared(texts, [None, None], SPANS, None)[0] == ["[PROFILE_URL]", "[PROFILE_URL]"]


PIECES = st.sampled_from([p for parts in PARTS.values() for p in parts] + PLACEHOLDERS)
JOINS = st.sampled_from(GLUE + ODD)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.lists(st.lists(st.tuples(PIECES, JOINS), min_size=1, max_size=6), min_size=20, max_size=60),
    st.sampled_from([None, bytes(32)]),
    st.sampled_from(["spans", "rules"]),
    st.sampled_from([None, *PARTS]),
)
def test_whatever_stands_together_is_cleared_at_once(
    rows: list[list[tuple[str, str]]], secret: bytes | None, table: str, language: str | None
) -> None:
    texts = ["".join(piece + join for piece, join in row) for row in rows]
    used = SPANS if table == "spans" else RULES
    once, _ = cleared(texts, [language] * len(texts), used, secret)
    twice, _ = cleared(once, [language] * len(texts), used, secret)
    assert [(a, b) for a, b in zip(once, twice, strict=True) if a != b] == []


def test_placeholders_alone_are_never_found() -> None:
    alphabet = "abcdefghjkmnpqrstvwxyz0123456789"
    chance = random.Random(3)
    names = [k.name for k in Kind]
    texts = [" ".join(f"[{n}]" for n in chance.sample(names, 6)) for _ in range(100)]
    texts += [
        " ".join(f"[{n} {''.join(chance.choices(alphabet, k=4))}]" for n in chance.sample(names, 6)) for _ in range(400)
    ]
    for language in PARTS:
        once, edits = cleared(texts, [language] * len(texts), SPANS, None)
        assert (once == texts, len(edits.row)) == (True, 0)


def test_golden_posts_are_stable_too() -> None:
    rows = (Path(__file__).parents[1] / "find/meaning/plants.tsv").read_text("utf-8").splitlines()
    texts = [line.split("\t")[-1] for line in rows if line and not line.startswith("#")]
    once, _ = cleared(texts, ["en"] * len(texts), RULES, None)
    twice, again = cleared(once, ["en"] * len(texts), RULES, None)
    assert [t for a, t in zip(once, twice, strict=True) if a != t] == []
    assert len(again.row) == 0
    assert SENTENCE in RULES
