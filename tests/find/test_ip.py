"""IP addresses: structure against the standard library, writing by table, versions and other dots, a corpus."""

from __future__ import annotations

import ipaddress
import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from klarera.batch import Records
from klarera.find.ip import DETECTOR
from klarera.find.scan import Scanner

SCANNER = Scanner([DETECTOR], key=bytes(32))
DATA = Path(__file__).parents[3] / "shared" / "data" / "presidio-research" / "synth_dataset_v2.json"
QUICK = settings(max_examples=300, deadline=None, derandomize=True)


def found(text: str) -> list[str]:
    findings = SCANNER.find(Records.of({"text": [text]})).findings
    raw = text.encode()
    return [raw[a:b].decode() for a, b in zip(findings.start, findings.end, strict=True)]


FOUND = {
    "beside a cue": ("keep getting address 198.51.100.26 blocked", ["198.51.100.26"]),
    "port": ("10.0.0.1:8080", ["10.0.0.1"]),
    "prefix": ("192.168.1.0/24", ["192.168.1.0"]),
    "URL": ("http://192.0.2.7/x?y=1", ["192.0.2.7"]),
    "brackets and quotes": ("('203.0.113.9') <203.0.113.8>", ["203.0.113.9", "203.0.113.8"]),
    "list without blanks": ("192.0.2.7,192.0.2.8", ["192.0.2.7", "192.0.2.8"]),
    "range": ("192.0.2.7-192.0.2.9", ["192.0.2.7", "192.0.2.9"]),
    "end of a sentence": ("It was 203.0.113.9. Really.", ["203.0.113.9"]),
    "a number before": ("line 16 203.0.113.9 3", ["203.0.113.9"]),
    "loopback": ("127.0.0.1", ["127.0.0.1"]),
    "small numbers beside a cue": ("ping 8.8.8.8 and IP: 1.2.3.4", ["8.8.8.8", "1.2.3.4"]),
    "another script around": ("адрес 203.0.113.9。", ["203.0.113.9"]),
    "a version far before": ("the new version runs on host 203.0.113.9", ["203.0.113.9"]),
    "IPv6": ("from 2001:db8::1 to 2001:DB8:0:0:8:800:200C:417A.", ["2001:db8::1", "2001:DB8:0:0:8:800:200C:417A"]),
    "IPv6 with port": ("http://[2001:db8::1]:80/", ["2001:db8::1"]),
    "IPv6 with prefix": ("2001:db8:abcd::/48", ["2001:db8:abcd::"]),
    "IPv6 with zone": ("fe80::1ff:fe23:4567:890a%eth0 is up", ["fe80::1ff:fe23:4567:890a%eth0"]),
    "IPv6 with numbered zone": ("fe80::1%11, fine", ["fe80::1%11"]),
    "IPv6 before an encoded blank": ("fe80::1%20next", ["fe80::1"]),
    "IPv6 behind a label": ("[IPv6:2001:db8::1] source:2001:db8::2", ["2001:db8::1", "2001:db8::2"]),
    "IPv6 behind a hex word": ("add:2001:db8:1:2:3:4:5:6", ["2001:db8:1:2:3:4:5:6"]),
    "IPv6 and a colon": ("2001:db8::1: timeout", ["2001:db8::1"]),
    "mapped": ("::ffff:192.0.2.1.", ["::ffff:192.0.2.1"]),
    "embedded": ("64:ff9b::192.0.2.33", ["64:ff9b::192.0.2.33"]),
    "loopback, v6": ("ping ::1 and http://[::1]:3000", ["::1", "::1"]),
}

NOT_FOUND = {
    "version with v": "v1.2.3.4 v203.0.113.9",
    "version": "version 1.2.3.4, Version: 41.20.3.101",
    "version without cue": "Upgrade Foo 7.36.0.101 or 4.8.37.2",
    "section": "1.2.3.4 Scope",
    "German section": "Abschnitt 41.20.3.101",
    "changelog": "## 1.2.3.4\n- fixed",
    "package": "pkg-41.20.3.101.tar.gz foo_41.20.3.101 lib41.20.3.101",
    "user agent": "Chrome/114.0.223.90 Safari",
    "requirement": "foo==41.20.3.101 foo>=41.20.3.101 ~41.20.3.101 ^41.20.3.101",
    "pre-release": "41.20.3.101-beta 41.20.3.101+build5 41.20.3.101rc1",
    "longer": "41.20.3.101.7 5.41.20.3.101 1.3.6.1.4.1.311",
    "too large": "41.20.3.256 300.1.2.3",
    "leading zero": "041.20.3.101 41.020.3.101",
    "three parts": "41.20.103",
    "mask and any": "255.255.255.0 0.0.0.0",
    "telephone": "Tel. 22.33.44.55, phone: 41.20.33.101",
    "file ending": "41.20.3.101.dll",
    "times": "12:34:56 and 01:02:03:04",
    "hardware address": "00:1a:2b:3c:4d:5e",
    "EUI-64": "00:1a:2b:ff:fe:3c:4d:5e",
    "fingerprint": "16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
    "scope": "std::dec a::b Foo::Bad dead::beef ::fade",
    "slice": "x[1::2] y[::2] z[::-1] a[2001::5]",
    "ratio": "16:9 1:2:3 1:2:3:4:5:6:7:8",
    "ten groups": "2001:db8:1:2:3:4:5:6:7:8",
    "two gaps": "2001:db8::1::2",
    "nothing but colons": ":: and :::",
    "git hash": "e83c5163316f89bfbde7d9ab23ca2e25604af290",
    "UUID": "550e8400-e29b-41d4-a716-446655440000",
    "colour and price": "#a1b2c3 12.50 1.234.567,89",
}


@pytest.mark.parametrize(("text", "addresses"), [pytest.param(*v, id=k) for k, v in FOUND.items()])
def test_found(text: str, addresses: list[str]) -> None:
    assert found(text) == addresses


@pytest.mark.parametrize("text", [pytest.param(v, id=k) for k, v in NOT_FOUND.items()])
def test_not_found(text: str) -> None:
    assert found(text) == []


def accepted(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@QUICK
@given(st.lists(st.integers(0, 300), min_size=3, max_size=5), st.sampled_from(["", "0", "00"]))
def test_quads_are_those_of_the_standard_library(numbers: list[int], zeros: str) -> None:
    text = zeros + ".".join(map(str, numbers))
    assume(accepted(text) <= (0 < numbers[0] < 255))
    assert found(f"IP {text} x") == ([text] if accepted(text) else [])


@QUICK
@given(st.text("0123456789abcdefF:", min_size=2, max_size=20) | st.text("::::1af", min_size=2, max_size=18))
def test_colon_groups_are_those_of_the_standard_library(text: str) -> None:
    assume(not text.startswith(":") or text.startswith("::"))
    assume(not re.search(r"(?<!:):$", text) and text != "::" and ":" in text and any(c != ":" for c in text))
    # A hex word before the first colon may be a label; then the rest alone is asked.
    rest = re.sub(r"^[a-fA-F]+:(?!:)", "", text)
    wanted = text if accepted(text) else rest
    assert found(f"IP ( {text} )") == ([wanted] if accepted(wanted) and wanted.count(":") > 1 else [])


@QUICK
@given(
    st.integers(0x2000, 0x3FFF),
    st.lists(st.just(0) | st.integers(0, 15) | st.integers(0, 0xFFFF), min_size=7, max_size=7),
    st.booleans(),
    st.booleans(),
)
def test_global_addresses_need_no_cue(first: int, rest: list[int], compressed: bool, capitals: bool) -> None:
    address = ipaddress.IPv6Address(sum(g << 16 * (7 - i) for i, g in enumerate([first, *rest])))
    text = address.compressed if compressed else address.exploded
    text = text.upper() if capitals else text
    assume(sum(g != "" for g in text.split(":")) >= 3)
    assert found(f"saw {text}, twice") == [text]


def test_writing_does_not_change_the_key() -> None:
    text = "2001:db8::1 2001:0DB8:0:0:0:0:0:1 ::ffff:192.0.2.33 192.0.2.33 192.0.23.3 fe80::1%eth0 fe80:0:0:0:0:0:0:1"
    key = SCANNER.find(Records.of({"text": [text]})).findings.key
    assert len(key) == 7
    for same, other in ((0, 1), (2, 3), (5, 6)):
        assert (key[same] == key[other]).all()
    assert (key[3] != key[4]).any()


def test_the_batch_does_not_matter() -> None:
    texts = [text for text, _ in FOUND.values()] + list(NOT_FOUND.values())
    whole = SCANNER.find(Records.of({"text": texts})).findings
    apart = [SCANNER.find(Records.of({"text": [text]})).findings for text in texts]
    assert whole.row.tolist() == [i for i, one in enumerate(apart) for _ in range(len(one))]
    assert whole.start.tolist() == [int(a) for one in apart for a in one.start]
    assert (whole.key == np.concatenate([one.key for one in apart])).all()


@pytest.mark.skipif(not DATA.exists(), reason="the labelled data set is not on this machine")
def test_all_and_only_the_labelled_addresses() -> None:
    records = json.loads(DATA.read_text("utf-8"))
    texts = [record["full_text"] for record in records]
    wanted = {
        (row, len(text[: span["start_position"]].encode()), len(text[: span["end_position"]].encode()))
        for row, (record, text) in enumerate(zip(records, texts, strict=True))
        for span in record["spans"]
        if span["entity_type"] == "IP_ADDRESS"
    }
    findings = SCANNER.find(Records.of({"text": texts})).findings
    seen = set(zip(findings.row.tolist(), findings.start.tolist(), findings.end.tolist(), strict=True))
    assert len(wanted) == 14
    assert seen == wanted
