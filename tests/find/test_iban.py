"""IBANs: every country of the table against python-stdnum, writing by table, neighbours, wrong digits."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban as oracle
from stdnum.iso7064 import mod_97_10

from klarera.batch import Records
from klarera.find.iban import DETECTOR
from klarera.find.number_tables import rows
from klarera.find.scan import Scanner
from klarera.model import Strength

SCANNER = Scanner([DETECTOR], key=bytes(32))
TABLE = {country: structure for country, _, structure in rows("iban.tsv")}
SAMPLES = {"n": "0123456789", "a": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "c": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"}


def found(text: str) -> list[str]:
    findings = SCANNER.find(Records.of({"text": [text]})).findings
    raw = text.encode()
    return [raw[a:b].decode() for a, b in zip(findings.start, findings.end, strict=True)]


def invented(country: str, rng: random.Random, *, letters: bool = True) -> str:
    """An IBAN of this country; without `letters` only places that must hold a letter do."""
    samples = SAMPLES if letters else {**SAMPLES, "c": SAMPLES["n"]}
    body = "".join(
        "".join(rng.choices(samples[kind], k=int(n))) for n, kind in re.findall(r"(\d+)([nac])", TABLE[country])
    )
    return country + mod_97_10.calc_check_digits(body + country) + body


def grouped(iban: str, sign: str = " ") -> str:
    return sign.join(iban[i : i + 4] for i in range(0, len(iban), 4))


@pytest.mark.parametrize("country", TABLE)
def test_every_country(country: str) -> None:
    rng = random.Random(country)
    for _ in range(5):
        iban = invented(country, rng)
        assert oracle.is_valid(iban, check_country=False)
        assert found(f"pay {iban}.") == [iban]
        plain = grouped(invented(country, rng, letters=False))
        assert found(f"IBAN: {plain}, thanks") == [plain]


FOUND = {
    "in one run": ("to DE89370400440532013000 now", ["DE89370400440532013000"]),
    "small letters": ("to gb82west12345698765432 now", ["gb82west12345698765432"]),
    "groups of the bank's own": ("IT 60 X 05428 11101 000000123456", ["IT 60 X 05428 11101 000000123456"]),
    "hyphens": ("DE89-3704-0044-0532-0130-00", ["DE89-3704-0044-0532-0130-00"]),
    "a number behind": ("DE89 3704 0044 0532 0130 00 2024", ["DE89 3704 0044 0532 0130 00"]),
    "a false start before": (
        "DE00 DE89 3704 0044 0532 0130 00",
        ["DE89 3704 0044 0532 0130 00"],
    ),
    "a wrong one before": (
        "DE88370400440532013000 GB82WEST12345698765432",
        ["GB82WEST12345698765432"],
    ),
    "two side by side": (
        "NO9386011117947 NO9386011117947",
        ["NO9386011117947", "NO9386011117947"],
    ),
    "letters of a script around": ("счёт: DE89370400440532013000。", ["DE89370400440532013000"]),
    "two spaces": ("DE89  3704 0044 0532 0130 00", []),
    "two signs": ("DE89 3704-0044 0532 0130 00", []),
    "inside a word": ("XDE89370400440532013000", []),
    "followed by a letter": ("DE89370400440532013000X", []),
    "both cases": ("De89370400440532013000", []),
    "no such country": ("QQ89370400440532013000", []),
    "too short": ("DE8937040044053201300", []),
    "letters where digits belong": ("DE89370400440532O13000", []),
    "over a line": ("DE89 3704 0044\n0532 0130 00", []),
}


@pytest.mark.parametrize(("text", "ibans"), [pytest.param(*v, id=k) for k, v in FOUND.items()])
def test_writing(text: str, ibans: list[str]) -> None:
    assert found(text) == ibans


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(TABLE)), st.integers(0, 2**32), st.data())
def test_any_single_wrong_digit_is_noticed(country: str, seed: int, data: st.DataObject) -> None:
    iban = invented(country, random.Random(seed))
    places = [i for i in range(2, len(iban)) if iban[i].isdigit()]
    place = data.draw(st.sampled_from(places))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != iban[place]]))
    assert found(iban[:place] + wrong + iban[place + 1 :]) == []


def test_writing_does_not_change_the_key() -> None:
    text = "DE89370400440532013000 de89 3704 0044 0532 0130 00 NO9386011117947"
    findings = SCANNER.find(Records.of({"text": [text]})).findings
    assert findings.strength.tolist() == [Strength.CHECKSUM] * 3
    assert (findings.key[0] == findings.key[1]).all()
    assert (findings.key[0] != findings.key[2]).any()
