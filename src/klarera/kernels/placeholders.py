"""Redaction placeholders in a text ("[EMAIL]", "[PHONE 3f9k]"): what stood there once is nobody's neighbour now.

A placeholder is shorter or longer than what it stands for. So that clearing cleared text changes nothing, no
cue reaches across one: what was too far away in the original must not come near by redaction.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from klarera.kernels import device

__all__ = ["NAMES", "at_placeholder"]

NAMES: tuple[str, ...] = (
    "EMAIL", "PHONE", "IBAN", "CARD", "IP", "MAC", "NATIONAL_ID", "ID_DOCUMENT", "PERSON", "ADDRESS", "HANDLE",
    "PROFILE_URL", "BIRTH_DATE", "PLATE", "GEO", "WALLET", "SECRET", "HEALTH", "RELIGION", "POLITICS", "UNION",
    "SEX_LIFE", "ETHNICITY", "GENETIC", "BIOMETRIC", "CRIMINAL", "MINOR", "ADULT", "OBJECTION", "CHAIN_OBJECTION",
)  # fmt: skip
"""The kinds of finding; tests/kernels/test_placeholders.py holds them to model.Kind."""
_LONGEST = 16
_PSEUDONYM = 4


def _mixed(name: str) -> int:
    value = 0
    for c in name.encode():
        value = (value * 31 + c) & 0xFFFF_FFFF
    return value


_MIXED: npt.NDArray[np.int64] = np.array(sorted(map(_mixed, NAMES)), np.int64)


@device
def at_placeholder(buf: Any, i: Any, hi: Any) -> Any:
    """Tell whether a placeholder begins at the bracket buf[i], before hi."""
    value, k = np.int64(0), i + 1
    while k < hi and k - i <= _LONGEST and (65 <= buf[k] <= 90 or buf[k] == 95):
        value = (value * 31 + np.int64(buf[k])) & 0xFFFF_FFFF
        k += 1
    at = np.searchsorted(_MIXED, value)
    if k - i < 3 or at == len(_MIXED) or _MIXED[at] != value:
        return False
    if k + _PSEUDONYM + 1 < hi and buf[k] == 32 and buf[k + _PSEUDONYM + 1] == 93:
        return True
    return k < hi and buf[k] == 93
