"""Hardware addresses: writings by table, neighbours, every address in each of its writings."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.batch import Records
from klarera.find.mac import DETECTOR
from klarera.find.scan import Scanner
from klarera.model import Kind

SCANNER = Scanner([DETECTOR], key=bytes(32))


def found(text: str) -> list[str]:
    findings = SCANNER.find(Records.of({"text": [text]})).findings
    assert set(findings.kind.tolist()) <= {Kind.MAC}
    raw = text.encode()
    return [raw[a:b].decode() for a, b in zip(findings.start, findings.end, strict=True)]


FOUND = {
    "colons": ("it is 00:1A:2b:3C:4d:5E.", ["00:1A:2b:3C:4d:5E"]),
    "hyphens": ("(00-1a-2b-3c-4d-5e)", ["00-1a-2b-3c-4d-5e"]),
    "dots": ("10 0050.56b3.1c2d DYNAMIC", ["0050.56b3.1c2d"]),
    "dots, few digits, beside a cue": ("vlan aabb.ccdd.eef1", ["aabb.ccdd.eef1"]),
    "behind a label": ("MAC:00:1a:2b:3c:4d:5e addr:00:1a:2b:3c:4d:5f", ["00:1a:2b:3c:4d:5e", "00:1a:2b:3c:4d:5f"]),
    "digits alone, colons": ("00:11:22:33:44:55", ["00:11:22:33:44:55"]),
    "digits alone, hyphens, beside a cue": ("MAC address 00-11-22-33-44-55", ["00-11-22-33-44-55"]),
    "two side by side": ("00:1a:2b:3c:4d:5e 00:1a:2b:3c:4d:5f", ["00:1a:2b:3c:4d:5e", "00:1a:2b:3c:4d:5f"]),
    "no digit": ("de:ad:be:ef:ca:fe", ["de:ad:be:ef:ca:fe"]),
}

NOT_FOUND = {
    "all zeros": "00:00:00:00:00:00 00-00-00-00-00-00 vlan 0000.0000.0000",
    "broadcast": "ff:ff:ff:ff:ff:ff FF-FF-FF-FF-FF-FF vlan ffff.ffff.ffff",
    "five groups": "00:1a:2b:3c:4d 00-1a-2b-3c-4d",
    "seven groups": "00:1a:2b:3c:4d:5e:6f 00-1a-2b-3c-4d-5e-6f",
    "eight groups": "00:1a:2b:ff:fe:3c:4d:5e",
    "fingerprint": "16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
    "uneven groups": "0:1a:2b:3c:4d:5e 00:1a:2b:3c:4d:5 00:1a:2b:3c:4d:5ef",
    "mixed signs": "00:1a-2b:3c-4d:5e",
    "no hex": "00:1g:2b:3c:4d:5e",
    "glued": "ID00:1a:2b:3c:4d:5e x00-1a-2b-3c-4d-5e 00-1a-2b-3c-4d-5ez",
    "digits alone, hyphens": "order 00-11-22-33-44-55",
    "digits alone, dots": "0011.2233.4455",
    "times": "12:34:56 2024-05-01 12:34:56",
    "UUID": "550e8400-e29b-41d4-a716-446655440000",
    "longer dots": "0050.56b3.1c2d.77aa 1.0050.56b3.1c2d",
    "IPv6": "2001:db8:1:2:3:4",
    "ISBN and hash": "978-3-16-148410-0 e83c5163316f89bfbde7d9ab23ca2e25604af290",
}


@pytest.mark.parametrize(("text", "addresses"), [pytest.param(*v, id=k) for k, v in FOUND.items()])
def test_found(text: str, addresses: list[str]) -> None:
    assert found(text) == addresses


@pytest.mark.parametrize("text", [pytest.param(v, id=k) for k, v in NOT_FOUND.items()])
def test_not_found(text: str) -> None:
    assert found(text) == []


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(1, 2**48 - 2), st.booleans())
def test_every_address_in_each_writing_has_one_key(number: int, capitals: bool) -> None:
    digits = f"{number:012X}" if capitals else f"{number:012x}"
    pairs = [digits[i : i + 2] for i in range(0, 12, 2)]
    writings = [":".join(pairs), ".".join(digits[i : i + 4] for i in (0, 4, 8))]
    if any(c.isdigit() for c in digits):  # the scan needs a digit to see a run
        writings.append("-".join(pairs))
    for text in writings:
        assert found(f"mac {text} up") == [text]
    findings = SCANNER.find(Records.of({"text": [f"mac {text}" for text in writings]})).findings
    assert (findings.key == findings.key[0]).all()
