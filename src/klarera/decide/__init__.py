"""Final vectors + rulebook → decisions. No files, no clock, no text.

    drop     a ground to drop is true
    hold     else, a ground is unknown because of the record or its author
    redact   else, a ground to redact is true
    keep     else

What is unknown of a source, the project or the run never holds a record. It takes its best case in each
ground, and the record is kept under the condition that names it; the count of records that rest on it stands
beside the condition. Rules run once a distinct vector; positions that are not adopted never hold.

    case        what decides beside the vectors: law, reading, facts of project and sources
    grounds     vectors → verdicts, ground by ground
    verdicts    what comes out, one entry a vector
    condition   what is open for the project, and how many records rest on it
"""

from __future__ import annotations

from klarera.decide.case import Case
from klarera.decide.condition import Condition, conditions
from klarera.decide.grounds import Memo, decide
from klarera.decide.verdicts import HOUSE_CODES, Verdicts, facts_of, house_bits

__all__ = [
    "HOUSE_CODES", "Case", "Condition", "Memo", "Verdicts", "conditions", "decide", "facts_of", "house_bits",
]  # fmt: skip
