"""What decides beside the vectors: the law of a day, the reading, and the facts of project and sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from klarera.law import Law, Reading, Rulebook, resolve
from klarera.law.expression import Adopted, Conclusion, Unproven, walk
from klarera.law.kleene import Given
from klarera.law.rule import Ground
from klarera.model import Measure, Scope, State

__all__ = ["Case", "is_unknown"]


@dataclass(frozen=True)
class Case:
    """What beside the records decides: the law of a day, the reading, and the facts of project and sources.

    project  facts of scope PROJECT, RUN and MODEL by name; what is not given is unknown
    sources  facts of scope SOURCE, one mapping for each source number
    choice   name of a reading, or the project's own choices over a base
    house    for each source number the measures of the house; what they say of a record stands in its vector,
             so they are here to be told, not to decide
    """

    book: Rulebook
    law: Law
    choice: str | Mapping[str, str]
    project: Mapping[str, Given]
    sources: Sequence[Mapping[str, Given]]
    names: Sequence[str]
    house: Sequence[Sequence[Measure]] = ()

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """The reading of each source: a source of law speaks within its scope, so they may differ."""
        facts = [{**self.project, **source} for source in self.sources]
        return tuple(resolve(self.book, self.choice, f, self.law) for f in facts)

    @cached_property
    def grounds(self) -> tuple[Ground, ...]:
        """Grounds with a rule in time, in the order of the rulebook."""
        return tuple(g for g in self.book.grounds if self.book.rules_for(g.conclusion, self.law))

    @cached_property
    def assumable(self) -> frozenset[str]:
        """Facts whose unknown may be taken at its best: not those that somebody has to prove.

        Where the law says what holds while something is not shown, nothing is assumed in anyone's favour.
        """
        unproven = {n.fact.name for r in self.book.rules for n in walk(r.when) if isinstance(n, Unproven)}
        return frozenset(f.name for f in self.book.facts) - unproven

    @cached_property
    def _questions(self) -> dict[str, tuple[str, ...]]:
        return {}

    def questions_of(self, conclusion: str) -> tuple[str, ...]:
        """Questions asked by the rules in time behind a conclusion, in the order of their names."""
        if conclusion not in self._questions:
            asked, waiting, seen = set[str](), [conclusion], set[str]()
            while waiting:
                name = waiting.pop()
                if name not in seen:
                    seen.add(name)
                    for rule in self.book.rules_for(name, self.law):
                        nodes = list(walk(rule.when))
                        asked |= {n.question for n in nodes if isinstance(n, Adopted)}
                        waiting += [n.name for n in nodes if isinstance(n, Conclusion)] + list(rule.unless)
            self._questions[conclusion] = tuple(sorted(asked))
        return self._questions[conclusion]

    @cached_property
    def constants(self) -> tuple[str, ...]:
        """Names of all facts that are not of a record or author."""
        return tuple(f.name for f in self.book.facts if f.scope not in (Scope.RECORD, Scope.AUTHOR))


def is_unknown(value: Given) -> bool:
    """Whether nothing is known: not given, or a state beyond yes and no.

    >>> is_unknown(None), is_unknown(State.MISSING), is_unknown(State.FALSE), is_unknown(0)
    (True, True, False, False)
    """
    return value is None or (isinstance(value, State) and value > State.TRUE)
