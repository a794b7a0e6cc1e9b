"""Rules, Questions and the rulebook: dated law as data.

A rule is one small cited unit: `conclusion` holds `when` a condition over facts is true, `unless` an
exception (itself a conclusion) defeats it. Two versions of one norm are two rules with touching dates;
an amendment closes the old rule and opens a new one.

A conclusion named here is only a word. The words that decide records are the Grounds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from klarera.law.expression import Const, Expression, Fact
from klarera.model import About, Decision, Kind, Rank, Scope

__all__ = [
    "Citation", "ConditionSpec", "Confidence", "Ground", "Level", "Position", "Question", "Redaction",
    "Rule", "Source", "Status",
]  # fmt: skip


class Level(StrEnum):
    """How binding the text behind a rule is."""

    LAW = "law"
    JUDGMENT = "judgment"
    INTERIM = "interim ruling"
    GUIDELINE = "guideline"
    STATEMENT = "authority statement"
    DRAFT = "draft"
    PROPOSAL = "proposal"
    OURS = "our reading"


class Confidence(StrEnum):
    """How the content of the source was checked."""

    OFFICIAL = "O"
    """The official text was read."""
    TRANSCRIPTION = "O*"
    """A third party's transcription of the official text was read."""
    SECONDARY = "S"
    """Secondary sources."""
    SINGLE = "S1"
    """One secondary source: a lead; never the only ground to keep."""
    MEMORY = "M"
    """From memory; never the only ground to keep."""
    ANALYSIS = "analysis"
    """Our own reasoning from the norms named."""


class Status(StrEnum):
    """How far a rule has been reviewed."""

    DRAFT = "draft"
    REVIEWED = "reviewed"


@dataclass(frozen=True)
class Citation:
    """Where it is written: act, pinpoint, and a stable identifier (ELI, ECLI or CELEX)."""

    act: str
    pinpoint: str
    uri: str = ""

    def __str__(self) -> str:
        return f"{self.act} {self.pinpoint}".strip()


@dataclass(frozen=True)
class Rule:
    """One dated, cited unit of law.

    conclusion   the word it establishes
    when         condition over facts, conclusions and adopted positions
    unless       conclusions that defeat it
    cite         the norm, with pinpoint
    says         what the norm says, in our own words, one or two sentences
    in_force     [from, to); applies: [from, to) where it differs; the rule counts on days in both
    known        the day we encoded it; `known` before that day leaves it out
    law          "" for current law, else the name of the proposal that switches it on ("p837-com")
    replaces     under a proposal: ids of rules that fall away
    not_encoded  what of the norm is left out, and why
    """

    id: str
    conclusion: str
    when: Expression
    cite: Citation
    says: str
    in_force: tuple[date, date | None]
    level: Level
    confidence: Confidence
    unless: tuple[str, ...] = ()
    applies: tuple[date, date | None] | None = None
    known: date = date(2026, 11, 22)
    status: Status = Status.DRAFT
    reviewed_by: str = ""
    law: str = ""
    replaces: tuple[str, ...] = ()
    not_encoded: str = ""

    def counts_on(self, on: date, known: date, laws: frozenset[str] = frozenset()) -> bool:
        """Whether the rule is part of the law of the day `on`, as the rulebook stood on `known`."""
        spans = (self.in_force, self.applies or self.in_force)
        in_time = all(start <= on and (end is None or on < end) for start, end in spans)
        return in_time and self.known <= known and (not self.law or self.law in laws)


@dataclass(frozen=True)
class Source:
    """What a position rests on.

    scope    expression over source and project facts in which it speaks; Const(True) = everywhere
    final    whether the ruling or text is final
    period   days on which it can be relied on
    """

    name: str
    rank: Rank
    cite: Citation
    confidence: Confidence
    scope: Expression = field(default_factory=lambda: Const(True))
    final: bool = True
    period: tuple[date, date | None] = (date(2018, 5, 25), None)
    law: str = ""


@dataclass(frozen=True)
class Position:
    """One answer to a Question, with both sides.

    builder   what it gives whoever builds on the data
    people    what it means for the people whose data it is
    """

    id: str
    says: str
    sources: tuple[Source, ...]
    builder: str
    people: str


@dataclass(frozen=True)
class Question:
    """A contested point. Positions run from the strictest to the mildest.

    sensitive  it touches minors, GDPR Arts. 9 or 10 or objections: a single interim source is not
               enough for the reading `supported`
    """

    id: str
    asks: str
    positions: tuple[Position, ...]
    article: str
    sensitive: bool = False
    scope: Scope = Scope.RECORD
    not_encoded: str = ""

    def position(self, name: str) -> Position:
        """The position of that name."""
        return next(p for p in self.positions if p.id == name)


@dataclass(frozen=True)
class Ground:
    """A conclusion that decides records: what happens if it is true.

    conclusion  the word rules establish
    action      DROP or REDACT
    code        short reason code, stable for ever ("art9-other")
    says        the reason in one plain sentence
    """

    conclusion: str
    action: Decision
    code: str
    says: str


@dataclass(frozen=True)
class ConditionSpec:
    """What must be settled about the project, a source or the run before release.

    fact       the fact whose unknown, or false, value opens the condition
    wants      the value that closes it
    when       whether it matters at all for this project (over source and project facts)
    blocking   blocks release; otherwise noted
    before     "training" (until then the status is `screened`) or "lasting"
    """

    id: str
    fact: Fact
    wants: bool
    cite: Citation
    says: str
    addressee: str
    closes: str
    when: Expression = field(default_factory=lambda: Const(True))
    blocking: bool = True
    before: str = "training"
    confidence: Confidence = Confidence.SECONDARY
    in_force: tuple[date, date | None] = (date(2018, 5, 25), None)


@dataclass(frozen=True)
class Redaction:
    """One row of the cited table: what is taken out of a kept record when `conclusion` is true.

    extent  "span" (the bytes of the finding) or "sentence" (the sentence around it)
    """

    conclusion: str
    kinds: tuple[Kind, ...]
    about: tuple[About, ...]
    extent: str
    cite: Citation
    says: str
