"""Coordinates: writings by table, near misses, bounds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.batch import Records
from klarera.find.geo import DETECTOR
from klarera.find.scan import Scanner
from klarera.model import Kind

SCANNER = Scanner([DETECTOR], key=bytes(32))


def found(text: str) -> list[str]:
    findings = SCANNER.find(Records.of({"text": [text]})).findings
    assert set(findings.kind.tolist()) <= {Kind.GEO}
    raw = text.encode()
    return [raw[a:b].decode() for a, b in zip(findings.start, findings.end, strict=True)]


FOUND = {
    "pair": ("at 48.85837, 2.29448.", ["48.85837, 2.29448"]),
    "signs": ("(-33.86882,+151.20930)", ["-33.86882,+151.20930"]),
    "U+2212": ("−33.86882, −70.20930", ["−33.86882, −70.20930"]),
    "letters": ("48.8584° N, 2.2945° W; 48.8584N 2.2945E", ["48.8584° N, 2.2945° W", "48.8584N 2.2945E"]),
    "blank, beside a cue": ("GPS 48.85837 2.29448", ["48.85837 2.29448"]),
    "labels": ("lat: 48.85837, lon: 2.29448", ["48.85837, lon: 2.29448"]),
    "JSON": ('{"lat": 48.85837, "lng": -2.29448}', ['48.85837, "lng": -2.29448']),
    "query": ("?latitude=48.8583&longitude=2.2944", ["48.8583&longitude=2.2944"]),
    "geo URI": ("geo:48.85837,2.29448;u=35", ["48.85837,2.29448"]),
    "map link": ("https://maps.example/@48.8583,2.2944,15z", ["48.8583,2.2944"]),
    "map link, encoded": ("https://maps.example/?q=48.8583%2C2.2944", ["48.8583%2C2.2944"]),
    "map link, slashes": ("https://maps.example/#map=15/48.8583/2.2944", ["48.8583/2.2944"]),
    "map link, bangs": ("data=!3d48.8583!4d2.2944!5", ["48.8583!4d2.2944"]),
    "longitude first beside a cue": ('"coordinates":[151.2093,-33.8688]', ["151.2093,-33.8688"]),
    "ISO 6709": ("+48.8577+002.2950/", ["+48.8577+002.2950"]),
    "seconds": ("48°51'29.6\"N 2°17'40.2\"E", ["48°51'29.6\"N 2°17'40.2\"E"]),
    "seconds, primes": ("48° 51′ 29.6″ N, 2° 17′ 40.2″ W.", ["48° 51′ 29.6″ N, 2° 17′ 40.2″ W"]),
    "decimal minutes, letters first": ("N 48° 51.494' E 2° 17.670'", ["N 48° 51.494' E 2° 17.670'"]),
    "south": ("33°51′31″S 151°12′51″E", ["33°51′31″S 151°12′51″E"]),
}

NOT_FOUND = {
    "one number": "48.85837 and lat 48.85837",
    "three decimals": "48.858, 2.294",
    "prices": "12.50, 13.50 or 1299.9900, 14.5000",
    "versions": "1.10.0203, 12.3456 and 3.1.4159, 2.7182",
    "a list of measurements": "12.3456, 13.4567, 14.5678",
    "scores": "0.9876, 0.8765 and 1.2345, 0.9999",
    "blank without a cue": "48.85837 12.12345",
    "mean average precision": "mAP 0.4567 0.5678",
    "out of bounds": "95.12345, 12.12345 and 48.85837, 181.12345",
    "longitude first without a cue": "151.2093, 33.8688",
    "both too large": "coordinates 151.2093, 133.8688",
    "glued": "x48.85837, 2.29448 and 48.85837, 2.29448x",
    "degrees": "48°N 2°E, 20°C, it's 5°S",
    "whole minutes": "48°51'N 2°21'E",
    "one angle": "48°51'29.6\"N of there",
    "minutes too large": "48°61'29.6\"N 2°17'40.2\"E",
    "latitude too large": "98°51'29.6\"N 2°17'40.2\"E",
    "date and time": "2024.0501, 12.3045 and 12:34:56",
    "words between": "48.85837, about 2.29448",
}


@pytest.mark.parametrize(("text", "pairs"), [pytest.param(*v, id=k) for k, v in FOUND.items()])
def test_found(text: str, pairs: list[str]) -> None:
    assert found(text) == pairs


@pytest.mark.parametrize("text", [pytest.param(v, id=k) for k, v in NOT_FOUND.items()])
def test_not_found(text: str) -> None:
    assert found(text) == []


MICRO = 1_000_000


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(-95 * MICRO, 95 * MICRO), st.integers(-185 * MICRO, 185 * MICRO))
def test_every_pair_within_bounds_and_none_beyond(north: int, east: int) -> None:
    text = f"{north / MICRO:.6f}, {east / MICRO:.6f}"
    inside = abs(north) <= 90 * MICRO and abs(east) <= 180 * MICRO
    at_sea = abs(north) < 2 * MICRO and abs(east) < 2 * MICRO
    assert found(f"met at {text}") == ([text] if inside and not at_sea else [])


def test_the_sign_makes_another_key() -> None:
    findings = SCANNER.find(Records.of({"text": ["48.8583,2.2944 and 48.8583,-2.2944 and 48.8583,2.2944"]})).findings
    assert (findings.key[0] == findings.key[2]).all()
    assert (findings.key[0] != findings.key[1]).any()
