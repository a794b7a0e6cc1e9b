"""Check-digit schemes against python-stdnum, and every single wrong digit."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn as luhn_oracle
from stdnum import verhoeff as verhoeff_oracle
from stdnum.iso7064 import mod_11_10 as mod_11_10_oracle
from stdnum.iso7064 import mod_97_10 as mod_97_10_oracle

from klarera.kernels import checksums

QUIET = settings(max_examples=200, deadline=None, derandomize=True)
DIGITS = st.text("0123456789", min_size=2, max_size=19)


def values(text: str) -> np.ndarray:
    return np.array([int(c, 36) for c in text], np.int64)


@QUIET
@given(DIGITS)
def test_luhn_agrees_with_the_oracle(text: str) -> None:
    assert bool(checksums.luhn(values(text), 0, len(text))) == luhn_oracle.is_valid(text)


@QUIET
@given(DIGITS)
def test_verhoeff_agrees_with_the_oracle(text: str) -> None:
    v = values(text)
    assert bool(checksums.verhoeff(v, 0, len(text) - 1, v[-1])) == verhoeff_oracle.is_valid(text)


@QUIET
@given(DIGITS)
def test_mod_11_10_agrees_with_the_oracle(text: str) -> None:
    assert bool(checksums.mod_11_10(values(text), 0, len(text))) == mod_11_10_oracle.is_valid(text)


@QUIET
@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=34))
def test_mod97_agrees_with_the_oracle(text: str) -> None:
    rest = 0
    for v in values(text):
        rest = checksums.mod97(rest, int(v))
    assert rest == mod_97_10_oracle.checksum(text)


@pytest.mark.parametrize("scheme", ["luhn", "mod_11_10", "verhoeff"])
def test_any_single_wrong_digit_is_noticed(scheme: str) -> None:
    oracle: Any = {"luhn": luhn_oracle, "mod_11_10": mod_11_10_oracle, "verhoeff": verhoeff_oracle}[scheme]
    checks: dict[str, Callable[[np.ndarray], bool]] = {
        "luhn": lambda v: bool(checksums.luhn(v, 0, len(v))),
        "mod_11_10": lambda v: bool(checksums.mod_11_10(v, 0, len(v))),
        "verhoeff": lambda v: bool(checksums.verhoeff(v, 0, len(v) - 1, v[-1])),
    }
    check = checks[scheme]
    rng = random.Random(scheme)
    for _ in range(20):
        body = "".join(rng.choices("0123456789", k=11))
        right = values(body + oracle.calc_check_digit(body))
        assert check(right)
        for place in range(len(right)):
            for change in range(1, 10):
                wrong = right.copy()
                wrong[place] = (wrong[place] + change) % 10
                assert not check(wrong)


@pytest.mark.parametrize(
    ("year", "month", "day", "exists"),
    [
        pytest.param(2000, 2, 29, True, id="leap year of a full century by 400"),
        pytest.param(1900, 2, 29, False, id="no leap year of a full century"),
        pytest.param(1996, 2, 29, True, id="leap year"),
        pytest.param(1995, 2, 29, False, id="common year"),
        pytest.param(1995, 4, 31, False, id="thirty days"),
        pytest.param(1995, 12, 31, True, id="last of the year"),
        pytest.param(1995, 0, 10, False, id="no month"),
        pytest.param(1995, 13, 10, False, id="thirteenth month"),
        pytest.param(1995, 5, 0, False, id="no day"),
    ],
)
def test_the_calendar(year: int, month: int, day: int, exists: bool) -> None:
    assert bool(checksums.is_date(year, month, day)) == exists
