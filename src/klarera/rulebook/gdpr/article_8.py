"""GDPR Art. 8: a child's own consent, with the dated table of ages.

Art. 8 matters only where consent is the basis. It sets no age for a legitimate interest: there, posts of
anyone below 18 are left out (article_6). The age a state chose does not change what an age of access to
social media would be; that is other law.

>>> from datetime import date
>>> digital_age("DK", date(2023, 12, 31)), digital_age("DK", date(2024, 1, 1))
(13, 15)
>>> digital_age("XX", date(2024, 1, 1)) is None
True
"""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from klarera.law.rule import Confidence, Level, Rule
from klarera.rulebook._acts import GDPR, GDPR_FROM
from klarera.rulebook._burden import shown
from klarera.rulebook.facts import author_consented, author_of_consent_age, legal_basis, parent_authorised

__all__ = ["RULES", "AgeRow", "age_table", "digital_age"]


class AgeRow(NamedTuple):
    """One state's age of digital consent, on days from (inclusive) to (exclusive; None = still)."""

    state: str
    age: int
    start: date
    end: date | None
    confidence: Confidence
    source: str


@cache
def age_table() -> tuple[AgeRow, ...]:
    """The rows of article_8.tsv, in the order of states and days."""
    text = files(__package__).joinpath("article_8.tsv").read_text("utf-8")
    rows = csv.DictReader((line for line in text.splitlines() if not line.startswith("#")), delimiter="\t")
    return tuple(
        AgeRow(
            row["state"], int(row["age"]), date.fromisoformat(row["from"]),
            date.fromisoformat(row["to"]) if row["to"] else None, Confidence(row["confidence"]),
            row["source"],
        )
        for row in rows
    )  # fmt: skip


def digital_age(state: str, on: date) -> int | None:
    """The age from which a child consents alone, in years; None for a state or day the table does not hold.

    state    two letters, ISO 3166-1 (Greece GR or EL)
    """
    code = "GR" if state == "EL" else state
    for row in age_table():
        if row.state == code and row.start <= on and (row.end is None or on < row.end):
            return row.age
    return None


_SHOWN = "GDPR Art. 7(1), Art. 8(2): consent and authorisation have to be shown"

RULES: tuple[Rule, ...] = (
    Rule(
        "gdpr.8-1",
        "child_consent",
        legal_basis.one_of("consent")
        & shown(author_consented, _SHOWN)
        & (shown(author_of_consent_age, _SHOWN) | shown(parent_authorised, _SHOWN)),
        GDPR("Art. 8(1)-(2)"),
        "A child of the age its state sets consents alone; below it a holder of parental responsibility "
        "gives or "
        "authorises the consent.",
        GDPR_FROM,
        Level.LAW,
        Confidence.TRANSCRIPTION,
        not_encoded="Contract law (Art. 8(3)), and whether the efforts to verify were reasonable: facts a "
        "person judges.",
    ),
)
