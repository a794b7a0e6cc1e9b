"""Telephone numbers: forms and cues by table, plans against `phonenumbers`, what is none, chance."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import phonenumbers
import pytest
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from klarera.batch import Findings, Records
from klarera.find.number_tables import rows
from klarera.find.phone import DETECTOR, plans
from klarera.find.scan import Scanner
from klarera.model import Strength

SCANNER = Scanner([DETECTOR], key=bytes(32))
STATES = [row[1] for row in rows("phone.tsv") if row[0] == "plan"]


def scanned(text: str, country: str | None = None) -> Findings:
    return SCANNER.find(Records.of({"text": [text], "country": [country]})).findings


def found(text: str, country: str | None = None) -> list[str]:
    findings, raw = scanned(text, country), text.encode()
    return [raw[a:b].decode() for a, b in zip(findings.start, findings.end, strict=True)]


FORMS = {
    "international": "+49 30 901820",
    "international in one run": "+4930901820",
    "international, other country": "+81 3-1234-5678",
    "00": "0049 30 901820",
    "00 in one run": "00493012345678",
    "bracketed trunk": "+46 (0)8 928 571 38",
    "bracketed country": "(+49) 30 901820",
    "00 and hyphens": "001-518-555-0154",
    "leading 0, French groups": "01 84 17 61 18",
    "leading 0, dots": "01.84.17.61.18",
    "leading 0, Belgian groups": "0490 75 40 81",
    "leading 0, British groups": "020 7946 0958",
    "area code in brackets": "(030) 901820",
    "area code and stroke": "030/901820",
    "north American": "201-555-0123",
    "north American, dots": "201.555.0123",
    "north American, brackets": "(201) 555-0123",
    "north American with 1": "1-201-555-0123",
}


@pytest.mark.parametrize("number", [pytest.param(v, id=k) for k, v in FORMS.items()])
def test_forms_that_stand_alone(number: str) -> None:
    assert found(f"I wrote {number}, then left.") == [number.removeprefix("(") if "(+" in number else number]
    assert scanned(number).strength.tolist() == [Strength.FORM]


CUED = {
    "word before": ("Phone: 467 3395", "467 3395"),
    "on the next line": ("Phone:\n60-56-85-91", "60-56-85-91"),
    "abbreviation": ("Tel. 90182012", "90182012"),
    "German": ("Handy 1512 3456789", "1512 3456789"),
    "French": ("tél : 84 17 61 18", "84 17 61 18"),
    "Polish": ("nr tel. 601 234 567", "601 234 567"),
    "Greek": ("τηλ. 210 1234567", "210 1234567"),
    "verb": ("Please call me at 9472 7916", "9472 7916"),
    "word behind": ("416 60 039 office", "416 60 039"),
    "word behind a hyphen": ("(37) 788-063-Office", "(37) 788-063"),
    "extension left out": ("call 201-555-0123x45", "201-555-0123"),
}


@pytest.mark.parametrize(("text", "number"), [pytest.param(*v, id=k) for k, v in CUED.items()])
def test_cues(text: str, number: str) -> None:
    assert found(text) == [number]


NONE = {
    "bare digits": "see 90182012 and 0301234567",
    "digits in groups": "4111 2222 then 699 956 915",
    "date": "Tel. 12.05.1990",
    "date with hyphens": "call 1990-05-12",
    "date and hour": "phone 01.02.2020 12",
    "years": "call 2010-2015",
    "hours": "Tel. 10.30-11.30",
    "price before": "call € 1 234 567",
    "price behind": "call 1 234 567 €",
    "thousands": "phones sold: 1.234.567",
    "address of a machine": "phone 192.168.10.12",
    "version": "10.0.19041.1415",
    "ISBN": "ISBN 0-306-40615-2 and 978-3-16-148410-0",
    "social security number": "460-55-9847",
    "cue of another number": "Phone case, order number 467 339 512",
    "cue in the sentence before": "No phone. Lot 4673 3951",
    "cue too far": "call whenever you happen to have the time: 4673 3951",
    "IBAN": "DE89 3704 0044 0532 0130 00",
    "glued to a word": "abc0490754081",
    "sum": "5+447700900123",
    "unassigned calling code": "+999 123 456 789",
    "too short": "+49 123",
    "nothing but zeros": "00000000000",
}


@pytest.mark.parametrize("text", [pytest.param(v, id=k) for k, v in NONE.items()])
def test_what_is_no_number(text: str) -> None:
    assert found(text) == []


def test_the_country_of_the_record_opens_its_plan() -> None:
    assert found("699 956 915") == []
    assert found("699 956 915", "ES") == ["699 956 915"]
    assert found("699956915", "ES") == []
    assert found("0301234567", "DE") == ["0301234567"]
    assert found("0301234567", "PT") == []


def test_neighbours_are_kept_apart() -> None:
    assert found("+44 7700 900123 +44 7700 900456") == ["+44 7700 900123", "+44 7700 900456"]
    assert found("+33 1 84 17 61 18 / 01 84 17 61 19") == ["+33 1 84 17 61 18", "01 84 17 61 19"]


def test_a_long_list_is_read_to_its_end() -> None:
    numbers = [f"01 84 17 61 {n:02}" for n in range(60)]
    assert found(" / ".join(numbers)) == numbers
    assert len(found(" ".join(f"+4477009{n:05}" for n in range(80)))) == 80


def test_writing_does_not_change_the_key() -> None:
    keys = scanned("+49 (0)30 901820, 0049 30 901820, +4930901820, (030) 901820", "DE").key
    assert len(keys) == 4
    assert (keys == keys[0]).all()
    assert (scanned("201-555-0123").key == scanned("+1 201 555 0123").key).all()
    assert (scanned("(030) 901820").key != keys[0]).any(), "without the country its code cannot be told"


def known_to_plan(code: int, national: str) -> bool:
    table = plans()
    first, last = table.range_at[table.detailed[code], len(national) : len(national) + 2]
    number = int(national)
    place = first + np.searchsorted(table.high[first:last], number)
    return bool(place < last and table.low[place] <= number)


@pytest.mark.parametrize("state", STATES)
def test_the_plan_agrees_with_the_package(state: str) -> None:
    rng = random.Random(state)
    code = phonenumbers.country_code_for_region(state)
    examples = [phonenumbers.example_number_for_type(state, t) for t in PhoneNumberType.values()]
    seeds = [str(e.national_number).zfill(len(str(e.national_number))) for e in examples if e is not None]
    checked = agreed = 0
    for _ in range(300):
        national = list(rng.choice(seeds))
        for place in range(rng.randrange(len(national)), len(national)):
            national[place] = rng.choice("0123456789")
        text = "".join(national)
        if text[0] == "0":
            continue
        checked += 1
        truth = phonenumbers.is_valid_number(PhoneNumber(country_code=code, national_number=int(text)))
        agreed += known_to_plan(code, text) == truth
    assert checked > 100
    assert agreed == checked


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("form", [PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164, PhoneNumberFormat.NATIONAL])
def test_examples_as_the_package_writes_them(state: str, form: int) -> None:
    for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE):
        example = phonenumbers.example_number_for_type(state, kind)
        assert example is not None
        text = phonenumbers.format_number(example, form)
        assert found(f"number {text}, ok", state) == [text]


@pytest.mark.parametrize(("digits", "most"), [(8, 0), (9, 0), (10, 0.0004), (12, 0.0015), (14, 0.0015)])
def test_chance_rarely_makes_a_bare_run_a_number(digits: int, most: float) -> None:
    """Only a leading 00 with a number that its plan knows passes."""
    rng = random.Random(digits)
    texts = ["no " + "".join(rng.choices("0123456789", k=digits)) for _ in range(20_000)]
    findings = SCANNER.find(Records.of({"text": texts})).findings
    assert len(findings) / len(texts) <= most


def test_the_table_is_what_the_tool_makes() -> None:
    source = Path(DETECTOR.find.__code__.co_filename).with_name("phone.tsv").read_text(encoding="utf-8")
    version = source.split()[2]
    if version != phonenumbers.__version__:
        pytest.skip(f"table of phonenumbers {version}, installed is {phonenumbers.__version__}")
    assert source.count("\nplan\t") == 33
    assert source.count("\ncode\t") == len(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
