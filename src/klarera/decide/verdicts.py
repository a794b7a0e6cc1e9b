"""What comes out of deciding, one entry a vector: decision, reasons, what is taken out, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from klarera.facts import FACTS
from klarera.facts.signatures import unpack
from klarera.law.rule import Ground
from klarera.model import LISTED, Kind, State

__all__ = ["HOUSE_CODES", "Verdicts", "facts_of", "house_bits"]

U1 = npt.NDArray[np.uint8]
U8 = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

HOUSE_CODES = {f"house-{kind.name.lower().replace('_', '-')}": int(kind) for kind in Kind} | {"house-listed": LISTED}
"""Reason code of the house → its bit."""


def house_bits(codes: str) -> int:
    """The bits of the house's measures among reason codes joined by spaces.

    >>> house_bits("minor-author house-email") == 1 << Kind.EMAIL
    True
    """
    return sum(1 << HOUSE_CODES[code] for code in codes.split() if code in HOUSE_CODES)


@dataclass(frozen=True)
class Verdicts:
    """One entry a vector.

    decision  uint8, model.Decision
    reasons   uint64, bit g set where ground g carried the decision (true; or unknown, for hold)
    redact    uint64, bit g set where ground g to redact is true
    house     uint64, bits of kinds a measure of the house decided by; bit LISTED: its deny list
    taken     uint64, bits of kinds a measure of the house takes out, of held records too
    rests     fact → bool[n]: a ground's outcome rests on the best case of this fact of the source, project or
              run, or on something nobody looked for
    """

    decision: U1
    reasons: U8
    redact: U8
    house: U8
    taken: U8
    rests: Mapping[str, Mask]
    grounds: tuple[Ground, ...]

    def codes(self, at: int) -> list[str]:
        """Reason codes of one vector, in the order of the grounds; measures of the house last."""
        mask = int(self.reasons[at])
        codes = [g.code for i, g in enumerate(self.grounds) if mask >> i & 1]
        house = int(self.house[at])
        return codes + [code for code, bit in HOUSE_CODES.items() if house >> bit & 1]


def facts_of(vector: npt.NDArray[np.uint64]) -> dict[str, State]:
    """The facts of one vector, by name, for the evaluator of single cases."""
    row = vector.reshape(1, -1)
    return {name: State(int(unpack(row, name)[0])) for name in FACTS}
