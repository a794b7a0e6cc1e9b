"""Dates of birth: forms, cues of every language, whose date it is, what is none."""

from __future__ import annotations

import pytest

from klarera.batch import Findings, Records
from klarera.find.birth_date import DETECTOR
from klarera.find.number_tables import rows
from klarera.find.scan import Scanner
from klarera.model import About, Strength

SCANNER = Scanner([DETECTOR], key=bytes(32))


def scanned(text: str, language: str | None = None) -> Findings:
    return SCANNER.find(Records.of({"text": [text], "language": [language]})).findings


def found(text: str, language: str | None = None) -> list[str]:
    findings, raw = scanned(text, language), text.encode()
    return [raw[a:b].decode() for a, b in zip(findings.start, findings.end, strict=True)]


FORMS = [
    "3.1.1990", "03.01.1990", "3. 1. 1990", "03/01/1990", "1/31/1990", "3-1-1990", "1990-01-03", "1990.01.03",
    "03.01.90", "3 January 1990", "3rd January 1990", "3rd of January, 1990", "January 3, 1990",
    "January 3rd 1990", "Jan 3 1990", "3. Januar 1990", "1er janvier 1990", "3 de enero de 1990", "3 gennaio 1990",
    "3 stycznia 1990", "3. ledna 1990", "1990. január 3", "3 януари 1990", "3 Ιανουαρίου 1990",
    "1990 m. sausio 3", "3. tammikuuta 1990", "3 JANUARY 1990",
]  # fmt: skip


@pytest.mark.parametrize("date", FORMS)
def test_forms(date: str) -> None:
    assert found(f"DOB: {date}; x") == [date]
    assert found(f"the meeting was on {date}; x") == []


LANGUAGES = sorted({(row[1], row[2].split("; ")[0]) for row in rows("birth_date.tsv") if row[0] == "cue"})


@pytest.mark.parametrize(("language", "cue"), LANGUAGES)
def test_every_language_has_cues_and_months(language: str, cue: str) -> None:
    months = next(row[2].split(";") for row in rows("birth_date.tsv") if row[0] == "month" and row[1] == language)
    assert len(months) == 12
    for number, names in enumerate(months, 1):
        name = names.split("/")[0]
        if " " not in name:
            assert found(f"{cue} 3 {name} 1990", language) == [f"3 {name} 1990"], (number, name)


WHOSE = {
    "English, own": ("I was born on 3 January 1990", About.AUTHOR),
    "English, my": ("My date of birth is 1990-01-03", About.AUTHOR),
    "English, another": ("She was born on 3 January 1990", About.UNCLEAR),
    "English, kin": ("My mother was born on 3 January 1990", About.UNCLEAR),
    "English, form": ("Date of birth: 3 January 1990", About.UNCLEAR),
    "German, frame": ("Ich bin am 3. Januar 1990 in Bonn geboren", About.AUTHOR),
    "German, another": ("Er ist am 3. Januar 1990 geboren", About.UNCLEAR),
    "German, another clause": ("Ich bin froh, geboren am 3.1.1990 ist er", About.UNCLEAR),
    "French, own": ("Je suis née le 3 janvier 1990", About.AUTHOR),
    "French, another": ("Elle est née le 3 janvier 1990", About.UNCLEAR),
    "Spanish, own": ("Nací el 3 de enero de 1990", About.AUTHOR),
    "Italian, own": ("sono nato il 3 gennaio 1990", About.AUTHOR),
    "Dutch, frame": ("Ik ben op 3 januari 1990 geboren", About.AUTHOR),
    "Polish, own": ("urodziłam się 3 stycznia 1990", About.AUTHOR),
    "Swedish, own": ("jag är född den 3 januari 1990", About.AUTHOR),
    "Finnish, own": ("olen syntynyt 3.1.1990", About.AUTHOR),
}


@pytest.mark.parametrize(("text", "about"), [pytest.param(*v, id=k) for k, v in WHOSE.items()])
def test_whose_date_it_is(text: str, about: About) -> None:
    findings = scanned(text)
    assert findings.about.tolist() == [about]
    assert findings.strength.tolist() == [Strength.CUE]


NONE = {
    "no such day": "born 31.02.1990",
    "no such month": "born 13.13.1990",
    "a year alone": "born in 1990",
    "too far": "born in a small town by the sea, where we all lived until 3.1.1990",
    "next sentence": "She was born. On 3.1.1990 we met",
    "another sentence": "born! 3.1.1990",
    "mixed signs": "born 3.1-1990",
    "part of a longer number": "born 3.1.19905",
    "no cue": "released 3.1.1990",
    "an hour": "born at 10:30, 12.5.9",
}


@pytest.mark.parametrize("text", [pytest.param(v, id=k) for k, v in NONE.items()])
def test_what_is_no_date_of_birth(text: str) -> None:
    assert found(text) == []


def test_writing_does_not_change_the_key() -> None:
    text = "geb. 03.01.1990; born 3 January 1990; DOB 1990-01-03; née le 4 janvier 1990"
    keys = scanned(text).key
    assert (keys[:3] == keys[0]).all()
    assert (keys[3] != keys[0]).any()


def test_a_date_between_two_cues_is_given_once() -> None:
    assert found("I was born on my birthday 3.1.1990, born to be") == ["3.1.1990"]
