"""What is taken out of a record that stays: kinds x about x extent, for each ground to redact.

Identifiers go with their own bytes. What reveals a special category or a minor goes with its sentence,
because the sentence says it, not the cue word.
"""

from __future__ import annotations

from klarera.law.rule import Redaction
from klarera.model import ART9, About, Kind
from klarera.rulebook._acts import EDPB_28_2024, GDPR

__all__ = ["REDACTIONS"]

_PERSONS = (About.UNCLEAR, About.AUTHOR, About.OTHER)


def _span(conclusion: str, *kinds: Kind) -> Redaction:
    return Redaction(
        conclusion, kinds, _PERSONS, "span", GDPR("Art. 5(1)(c), Art. 25(1)"),
        "Not needed for the purpose; what identifies or reaches a person is taken out, whomever it concerns.",
    )  # fmt: skip


REDACTIONS: tuple[Redaction, ...] = (
    _span("redact_contact", Kind.EMAIL, Kind.PHONE),
    _span("redact_name", Kind.PERSON),
    _span("redact_handle", Kind.HANDLE, Kind.PROFILE_URL),
    _span("redact_financial", Kind.IBAN, Kind.CARD, Kind.WALLET),
    _span("redact_official_id", Kind.NATIONAL_ID, Kind.ID_DOCUMENT, Kind.PLATE, Kind.BIRTH_DATE),
    _span("redact_device", Kind.IP, Kind.MAC),
    _span("redact_location", Kind.ADDRESS, Kind.GEO),
    _span("redact_secret", Kind.SECRET),
    Redaction(
        "redact_art9_sentence", tuple(sorted(ART9)), _PERSONS, "sentence", GDPR("Art. 9(1)"),
        "What reveals a special category is taken out with its sentence.",
    ),
    Redaction(
        "redact_minor_sentence", (Kind.MINOR,), (About.UNCLEAR, About.OTHER), "sentence",
        EDPB_28_2024("paras 101, 105"),
        "What is said about a minor is taken out with its sentence.",
    ),
)  # fmt: skip
