"""Payment cards: writing and issuers by table, Luhn, neighbours, chance."""

from __future__ import annotations

import random

import pytest
from stdnum import luhn

from klarera.batch import Records
from klarera.find.card import DETECTOR
from klarera.find.number_tables import rows
from klarera.find.scan import Scanner

SCANNER = Scanner([DETECTOR], key=bytes(32))


def found(text: str) -> list[str]:
    findings = SCANNER.find(Records.of({"text": [text]})).findings
    raw = text.encode()
    return [raw[a:b].decode() for a, b in zip(findings.start, findings.end, strict=True)]


def invented(lead: str, length: int, rng: random.Random) -> str:
    body = lead + "".join(rng.choices("0123456789", k=length - len(lead) - 1))
    return body + luhn.calc_check_digit(body)


@pytest.mark.parametrize("issuer", [pytest.param(row, id=f"{row[0]} {row[1]}-{row[2]}") for row in rows("card.tsv")])
def test_every_issuer_and_length(issuer: list[str]) -> None:
    rng = random.Random(issuer[1])
    for lead in issuer[1:3]:
        for length in issuer[3].split(","):
            card = invented(lead, int(length), rng)
            assert found(f"card {card}, exp 12/27") == [card]
            assert found(f"card {card[:-1]}{(int(card[-1]) + 1) % 10}") == []


FOUND = {
    "groups of four": ("4111 1111 1111 1111", ["4111 1111 1111 1111"]),
    "hyphens": ("4111-1111-1111-1111", ["4111-1111-1111-1111"]),
    "amex 4-6-5": ("3782 822463 10005", ["3782 822463 10005"]),
    "diners 4-6-4": ("3056 930902 5904", ["3056 930902 5904"]),
    "expiry and code behind": ("4111 1111 1111 1111 12/27 123", ["4111 1111 1111 1111"]),
    "in one run, more digits behind": ("4111111111111111 1227", ["4111111111111111"]),
    "two side by side": ("4111111111111111 5555555555554444", ["4111111111111111", "5555555555554444"]),
    "a short number before": ("no 5 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
    "two signs": ("4111-1111 1111-1111", []),
    "two spaces": ("4111  1111 1111 1111", []),
    "odd groups": ("41111 11111 111111", []),
    "part of a longer run": ("94111111111111111", []),
    "part of longer groups": ("4111 1111 1111 1111 1111", []),
    "a group before": ("9999 4111 1111 1111 1111", []),
    "joined on the left": ("12-4111111111111111", []),
    "decimals": ("0.4111111111111111", []),
    "glued to letters": ("ID4111111111111111", []),
    "an IBAN's digits": ("DE89 3704 0044 0532 0130 00 and FR1420041010050500013M02606", []),
    "no issuer": ("9111 1111 1111 1111 and 1234567812345670", []),
}


@pytest.mark.parametrize(("text", "cards"), [pytest.param(*v, id=k) for k, v in FOUND.items()])
def test_writing(text: str, cards: list[str]) -> None:
    assert found(text) == cards


def test_a_long_list_is_read_to_its_end() -> None:
    cards = ["4111111111111111", "5555555555554444"] * 70
    assert found(" ".join(cards)) == cards


@pytest.mark.parametrize(("digits", "most"), [(12, 0.0004), (13, 0.012), (15, 0.004), (16, 0.04), (20, 0)])
def test_chance(digits: int, most: float) -> None:
    rng = random.Random(digits)
    texts = ["no " + "".join(rng.choices("0123456789", k=digits)) for _ in range(30_000)]
    findings = SCANNER.find(Records.of({"text": texts})).findings
    assert len(findings) / len(texts) <= most
