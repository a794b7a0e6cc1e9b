"""Findings and record columns → facts, packed as signatures.

A fact of a record takes four bits (model.State); a record's local facts are WORDS unsigned 64-bit words.
10^9 records have 10^3 to 10^6 distinct vectors, so rules run once a vector, never once a record.

    columns.py     record columns → states            text.py   findings → states
    signatures.py  packing, distinct vectors          rollup.py what one record says of its author
    house.py       findings + house measures          final.py  local facts + author, register, dates, judgements
"""

from __future__ import annotations

from klarera.model import Scope

__all__ = [
    "AUTHOR_FACTS",
    "COLUMN_FACTS",
    "FACTS",
    "HOUSE",
    "KINDS",
    "RECORD_FACTS",
    "SHIFT",
    "SOURCE",
    "WORDS",
    "scope_of",
]

_RECORD = (
    "has_contact", "has_contact_other", "has_name", "has_handle", "has_financial", "has_official_id",
    "has_device", "has_location", "has_secret", "names_other", "art9_author", "art9_other", "art9_implied",
    "art10_author", "art10_other", "minor_other", "objection_text", "objection_chain", "author_known",
    "visibility_public", "visibility_login", "visibility_private", "licence_open", "licence_forbids",
    "reserved_machine", "published_before_notice", "third_objected",
)  # fmt: skip

AUTHOR_FACTS = (
    "author_minor", "author_adult", "author_objected", "author_chain_objected", "author_erased",
    "author_consented", "author_reserved_rights",
    # Answers only a named person gives; MISSING until then.
    "author_restricted", "parent_authorised", "author_of_consent_age", "compelling_grounds",
    "objection_decided", "erasure_refused",
)  # fmt: skip
"""Facts of an author, merged over all records of that author and the register."""

_ADDED = ("third_named", "third_meant")

RECORD_FACTS = (*_RECORD, *_ADDED)
"""Facts of one record."""

FACTS = (*_RECORD, *AUTHOR_FACTS, *_ADDED)
"""All, in packing order: it is stable within klarera.schema 1, so what is added goes to the end."""

COLUMN_FACTS = (
    "author_known", "visibility_public", "visibility_login", "visibility_private", "licence_open",
    "licence_forbids", "reserved_machine", "published_before_notice", "author_adult",
)  # fmt: skip
"""Facts that come with the data. One that is missing for every record of a source is unknown of the source
(a condition); one known for some of its records and missing for others is unknown of those (they wait)."""

SHIFT = {name: (i // 16, 4 * (i % 16)) for i, name in enumerate(FACTS)}
"""Fact → (word, shift) of its four bits."""
WORDS = (len(FACTS) + 15) // 16
"""Words that hold facts. A local vector has one word more, KINDS; a final vector four more, HOUSE and SOURCE."""
KINDS, HOUSE, SOURCE = WORDS, WORDS + 1, WORDS + 4
"""Which word holds the bit set of kinds found (not as a mere topic), from where three hold the kinds by which
measures of the house redact, hold and drop (bit LISTED: by its deny list), and which holds the source number."""


def scope_of(name: str) -> Scope:
    """Whose fact it is.

    >>> scope_of("author_minor").name, scope_of("has_name").name
    ('AUTHOR', 'RECORD')
    """
    return Scope.AUTHOR if name in AUTHOR_FACTS else Scope.RECORD
