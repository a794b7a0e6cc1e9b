"""Persons by introduction, title or relation: the name itself is the span.

Source: GDPR Art. 4(1). Finds: "my name is", "ich heiße", "je m'appelle", titles before a capitalised name,
names beside a relation. Misses: names that nothing introduces (a model adapter finds those), small letters.
"""

from __future__ import annotations

from klarera.find.cues import cue_detector
from klarera.model import Kind

DETECTOR = cue_detector(
    "person",
    (Kind.PERSON,),
    version=2,
    finds="capitalised names after an introduction, a title or a relation",
    misses="names nothing introduces, names in small letters, languages without a cue file",
)
