"""Special categories of personal data: what a text says of somebody's health, faith, politics, union,
sex life, ethnic origin, genes or biometric identifiers.

Source: GDPR Art. 9(1); the breadth follows CJEU C-184/20 and C-252/21 (what reveals a trait counts, true or
not). Finds: first-person statements, statements about relations, named or handled persons, and topics.
Misses: what only follows from context, irony, other languages than the cue files have.
"""

from __future__ import annotations

from klarera.find.cues import cue_detector
from klarera.model import ART9

DETECTOR = cue_detector(
    "special",
    tuple(sorted(ART9)),
    version=2,
    finds="category terms in a statement about the author, another identifiable person, or as a topic",
    misses="what only context, irony or pictures tell; rare terms; languages without a cue file",
)
