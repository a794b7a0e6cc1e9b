"""The nouns of Klarera. Every room speaks in these words; this module imports nothing of ours.

Codes are stable for ever: they stand in Parquet files, logs and proofs. A new word of law is a
decision (docs/decisions), never a rename.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

__all__ = [
    "ART9",
    "IDENTIFIERS",
    "KIND_NAMES",
    "LANGUAGES",
    "LISTED",
    "About",
    "Cause",
    "Decision",
    "Grade",
    "Kind",
    "Measure",
    "Purpose",
    "Rank",
    "Scope",
    "Stance",
    "State",
    "Strength",
    "Visibility",
]


class Kind(IntEnum):
    """What a detector can see, in words of the law.

    >>> Kind.EMAIL in IDENTIFIERS, Kind.HEALTH in ART9
    (True, True)
    """

    EMAIL = 1
    PHONE = 2
    IBAN = 3
    CARD = 4
    IP = 5
    MAC = 6
    NATIONAL_ID = 7
    ID_DOCUMENT = 8
    PERSON = 9
    ADDRESS = 10
    HANDLE = 11
    PROFILE_URL = 12
    BIRTH_DATE = 13
    PLATE = 14
    GEO = 15
    WALLET = 16
    SECRET = 17
    # GDPR Art. 9(1)
    HEALTH = 32
    RELIGION = 33
    POLITICS = 34
    UNION = 35
    SEX_LIFE = 36
    ETHNICITY = 37
    GENETIC = 38
    BIOMETRIC = 39
    # GDPR Art. 10
    CRIMINAL = 40
    MINOR = 48
    """The text says that a person is below 18; `about` says who."""
    ADULT = 49
    """The author says that they are 18 or older: needed to see a conflict with MINOR."""
    OBJECTION = 50
    """The text itself objects to the use of the author's data (GDPR Art. 21)."""
    CHAIN_OBJECTION = 51
    """The text is a circulated chain post that objects; whether it counts is a Question."""


IDENTIFIERS = frozenset(kind for kind in Kind if kind <= Kind.SECRET)
"""Kinds that identify or reach a person; only these carry a key."""

ART9 = frozenset(kind for kind in Kind if Kind.HEALTH <= kind <= Kind.BIOMETRIC)
"""The special categories of GDPR Art. 9(1)."""

KIND_NAMES = {int(kind): kind.name for kind in Kind}

LISTED = 0
"""Code of a finding that is a word of the house's own deny list, and bit of a record that list names.
It stands outside Kind: a house may list any word, and the law does not ask about it."""


class About(IntEnum):
    """Whom a finding concerns. UNCLEAR is unknown to the rules."""

    UNCLEAR = 0
    AUTHOR = 1
    OTHER = 2
    """Another identifiable person."""
    GENERAL = 3
    """Nobody in particular: a topic."""


class Stance(IntEnum):
    """How the text stands to what it says."""

    STATED = 0
    NEGATED = 1
    QUOTED = 2
    ASKED = 3
    WISHED = 4


class Strength(IntEnum):
    """What a finding rests on."""

    CHECKSUM = 0
    FORM = 1
    CUE = 2
    MODEL = 3


class Decision(IntEnum):
    """What happens to a record, from mild to strict.

    >>> max(Decision.KEEP, Decision.HOLD).name
    'HOLD'
    """

    KEEP = 0
    REDACT = 1
    HOLD = 2
    DROP = 3


@dataclass(frozen=True, order=True)
class Measure:
    """One measure of the house: what is done with a record in which enough of a kind is found.

    action  REDACT, HOLD or DROP
    score   least score of a finding that counts, 0-100; one without a score (a form, a checksum) always counts
    count   least number of such findings in one record from which the measure applies

    >>> str(Measure(Decision.DROP, Kind.EMAIL, count=3))
    'drop EMAIL (from 3 findings)'
    """

    action: Decision
    kind: Kind
    score: int = 0
    count: int = 1

    @property
    def plain(self) -> bool:
        """Whether any finding of the kind is enough."""
        return self.score == 0 and self.count == 1

    def __str__(self) -> str:
        least = [f"score {self.score}"] * (self.score > 0) + [f"{self.count} findings"] * (self.count > 1)
        return f"{self.action.name.lower()} {self.kind.name}" + (f" (from {' and '.join(least)})" if least else "")


class Cause(IntEnum):
    """Why something is not decided; each cause has its own addressee."""

    MISSING = 1
    """A fact nobody supplied (whoever runs the project, the crawler, the platform)."""
    NOT_LOOKED = 2
    """No detector for this kind in this language, or it did not run (whoever runs klarera)."""
    JUDGEMENT = 3
    """A judgement term: only a named person with a date answers (lawyer, data protection officer)."""
    READINGS = 4
    """Contested law, and the positions differ (whoever adopts the reading)."""
    NOT_ENCODED = 5
    """The norm is not, or not wholly, encoded (the rulebook's authors)."""
    OUTDATED = 6
    """The rulebook is older than the law (the rulebook's authors)."""
    CONFLICT = 7
    """Two sources disagree (whoever can settle them)."""


class State(IntEnum):
    """One fact of one record in four bits: false, true, or unknown with its cause.

    >>> State.of_cause(Cause.NOT_LOOKED).name
    'NOT_LOOKED'
    >>> State.TRUE.value_or_none(), State.CONFLICT.value_or_none()
    (True, None)
    """

    FALSE = 0
    TRUE = 1
    MISSING = 2
    NOT_LOOKED = 3
    JUDGEMENT = 4
    READINGS = 5
    NOT_ENCODED = 6
    OUTDATED = 7
    CONFLICT = 8

    @classmethod
    def of_cause(cls, cause: Cause) -> State:
        """The unknown state that carries this cause."""
        return cls(int(cause) + 1)

    def value_or_none(self) -> bool | None:
        """True, False, or None for every kind of unknown."""
        return bool(self) if self <= State.TRUE else None


class Scope(StrEnum):
    """Whose fact it is. Only unknown facts of RECORD and AUTHOR can hold a record; unknown facts of
    the others are conditions."""

    RECORD = "record"
    AUTHOR = "author"
    SOURCE = "source"
    PROJECT = "project"
    RUN = "run"
    MODEL = "model"


class Grade(StrEnum):
    """How sure a fact is."""

    CHECKED = "checked"
    COMPUTED = "computed"
    CLAIMED = "claimed"
    JUDGED = "judged"


class Rank(IntEnum):
    """Whose word a position rests on; a lower number outranks a higher one."""

    CJEU = 1
    FINAL_JUDGMENT = 2
    EDPB_FINAL = 3
    AUTHORITY = 4
    """The competent authority."""
    INTERIM_RULING = 5
    OTHER_AUTHORITY = 6
    DRAFT = 7
    INDUSTRY = 8
    PROPOSAL = 9


class Purpose(StrEnum):
    """What the data are for; one clearance, one purpose."""

    TRAIN_MODEL = "train-model"
    TRAIN_RECOMMENDER = "train-recommender"
    SERVE = "serve"
    EVALUATE = "evaluate"
    PUBLISH = "publish"


class Visibility(StrEnum):
    """Who could see the record where it was published."""

    PUBLIC = "public"
    LOGIN = "login"
    RESTRICTED = "restricted"
    PRIVATE = "private"


LANGUAGES = (
    "", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "is", "it", "lt",
    "lv", "mt", "nl", "no", "pl", "pt", "ro", "sk", "sl", "sv", "uk",
)  # fmt: skip
"""Languages by code; index 0 is unknown. The 24 of the Union, Norwegian, Icelandic, Ukrainian."""
