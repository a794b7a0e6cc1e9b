"""Ages: who writes that they are below 18, or that a child they are related to is; and adults.

Source: GDPR Art. 8 and recital 38. Finds: ages in digits or words beside a cue, school classes, birthdays.
Misses: ages that follow from dates only; ages below five of the writer are taken for a joke.
"""

from __future__ import annotations

from klarera.find.cues import cue_detector
from klarera.model import Kind

DETECTOR = cue_detector(
    "minor",
    (Kind.MINOR, Kind.ADULT),
    version=2,
    finds="the author's age, and the age of children identifiable by relation, handle or name",
    misses="ages that follow from dates, school slang, languages without a cue file",
)
