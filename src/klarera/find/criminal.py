"""Criminal convictions and offences: what a text says of somebody's arrest, charge, conviction or sentence.

Source: GDPR Art. 10. Finds: first-person statements and statements about identifiable others. Misses: acts
told without the words of police, court or prison; news about unnamed suspects are no finding on purpose.
"""

from __future__ import annotations

from klarera.find.cues import cue_detector
from klarera.model import Kind

DETECTOR = cue_detector(
    "criminal",
    (Kind.CRIMINAL,),
    version=2,
    finds="arrest, charge, conviction, prison, probation, record of the author or an identifiable other",
    misses="offences told without such a word; languages without a cue file",
)
