"""The rulebook: every fact, rule, question, ground, condition and redaction as one frozen value.

Built from a package of Python modules (`collect`) or from JSON (`Rulebook.from_json`); both are checked the
same way, and both give the same bytes and hash. Parts are kept in the order of their names, so that the
order of modules or entries never shows. Authors' conventions:

    rule ids        act.article[-paragraph][.more][@version]; what stands before "@" is the rule's family: its
                    versions must follow each other without gap or overlap (`lint`)
    module tuples   FACTS RULES QUESTIONS GROUNDS CONDITIONS REDACTIONS WATCH; the package itself carries
                    VERSION, the day the rulebook was made; modules that begin with "_" hold no law
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import types
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from typing import Any as Whatever

import rfc8785

from klarera.errors import InputError, UsageError
from klarera.law import check
from klarera.law.codec import decode, decode_dataclass, encode, encode_fact, parse
from klarera.law.dates import Law, Watch
from klarera.law.expression import Fact
from klarera.law.lint import lint
from klarera.law.rule import ConditionSpec, Ground, Question, Redaction, Rule

__all__ = ["SCHEMA", "Rulebook", "collect"]

SCHEMA = 1
"""Version of the JSON form; raised when a reader of the old form could misunderstand the new one."""

_PARTS: dict[str, Whatever] = {
    "rules": Rule, "questions": Question, "grounds": Ground, "conditions": ConditionSpec,
    "redactions": Redaction, "watch": Watch,
}  # fmt: skip


@dataclass(frozen=True)
class Rulebook:
    """Dated law as data. Raises UsageError, naming every problem, if the parts do not fit together.

    version   the day it was made
    watch     days on which the law it encodes changes
    """

    facts: tuple[Fact, ...]
    rules: tuple[Rule, ...]
    questions: tuple[Question, ...]
    grounds: tuple[Ground, ...]
    conditions: tuple[ConditionSpec, ...]
    redactions: tuple[Redaction, ...]
    version: date
    watch: tuple[Watch, ...] = ()

    def __post_init__(self) -> None:
        check.shapes(self)
        for name, key in _ORDER.items():
            object.__setattr__(self, name, tuple(sorted(getattr(self, name), key=key)))
        check.validate(self)

    def __hash__(self) -> int:
        return hash(self.hash)

    def __getstate__(self) -> dict[str, object]:
        # What is computed from the parts (indexes, compiled rules) stays out of pickles.
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def cache(self) -> dict[object, Whatever]:
        """Room for what evaluators derive from this book once (compiled rules a day of law)."""
        return {}

    @cached_property
    def by_fact(self) -> Mapping[str, Fact]:
        """Facts by name."""
        return {fact.name: fact for fact in self.facts}

    @cached_property
    def by_question(self) -> Mapping[str, Question]:
        """Questions by id."""
        return {question.id: question for question in self.questions}

    def fact(self, name: str) -> Fact:
        """The fact of that name."""
        try:
            return self.by_fact[name]
        except KeyError:
            raise UsageError(f"the rulebook has no fact {name!r}") from None

    def question(self, name: str) -> Question:
        """The Question with that id."""
        try:
            return self.by_question[name]
        except KeyError:
            raise UsageError(f"the rulebook has no question {name!r}") from None

    @cached_property
    def conclusions(self) -> frozenset[str]:
        """Every word some rule concludes, on any day."""
        return frozenset(rule.conclusion for rule in self.rules)

    @cached_property
    def laws(self) -> frozenset[str]:
        """Proposals that can be switched on by name."""
        sources = (s for q in self.questions for p in q.positions for s in p.sources)
        return frozenset({rule.law for rule in self.rules} | {source.law for source in sources}) - {""}

    def rules_for(self, conclusion: str, law: Law) -> tuple[Rule, ...]:
        """Rules that conclude this and count under `law`, by id; those a proposal replaces are out.

        Raises: UsageError for a conclusion no rule names, a proposal nobody encoded, or a day of
        knowledge before the first rule (an empty rulebook would find nothing wrong with anything).
        """
        index = self._index(law)
        if conclusion not in self.conclusions:
            raise UsageError(f"no rule concludes {conclusion!r}")
        return index.get(conclusion, ())

    def _index(self, law: Law) -> Mapping[str, tuple[Rule, ...]]:
        key = ("rules", law)
        if key not in self.cache:
            self.cache[key] = self._build_index(law)
        index: Mapping[str, tuple[Rule, ...]] = self.cache[key]
        return index

    def _build_index(self, law: Law) -> Mapping[str, tuple[Rule, ...]]:
        if unknown := sorted(law.laws - self.laws):
            raise UsageError(f"no such proposal: {', '.join(unknown)}", hint=", ".join(sorted(self.laws)))
        if self.rules and law.known < min(rule.known for rule in self.rules):
            raise UsageError(f"the rulebook holds no rule known on {law.known}", hint="a later day")
        counting = [rule for rule in self.rules if rule.counts_on(law.on, law.known, law.laws)]
        replaced = {name for rule in counting for name in rule.replaces}
        index: dict[str, list[Rule]] = defaultdict(list)
        for rule in counting:
            if rule.id not in replaced:
                index[rule.conclusion].append(rule)
        return {conclusion: tuple(rules) for conclusion, rules in index.items()}

    def lint(self) -> list[str]:
        """What deserves a lawyer's or author's eye although the book is well formed."""
        return lint(self)

    def to_json(self) -> bytes:
        """Canonical JSON (RFC 8785): the same book gives the same bytes everywhere."""
        parts: dict[str, Whatever] = {"schema": SCHEMA, "version": encode(self.version)}
        parts["facts"] = [encode_fact(fact) for fact in self.facts]
        parts |= {name: encode(getattr(self, name)) for name in _PARTS}
        return bytes(rfc8785.dumps(parts))

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON, in hex."""
        return hashlib.sha256(self.to_json()).hexdigest()

    @classmethod
    def from_json(cls, data: bytes) -> Rulebook:
        """The book these bytes describe.

        Raises: InputError with the place for a malformed file; UsageError where its parts do not fit.
        """
        tree = parse(data)
        if not isinstance(tree, dict) or tree.get("schema") != SCHEMA:
            raise InputError("rulebook", "not a rulebook of this schema", hint=f"schema {SCHEMA}")
        keys = {"schema", "version", "facts", *_PARTS}
        if set(tree) != keys:
            raise InputError("rulebook", "keys missing or unknown", hint=f"exactly {', '.join(sorted(keys))}")
        if not isinstance(tree["facts"], list):
            raise InputError("rulebook.facts", "expected list")
        facts = tuple(
            decode_dataclass(Fact, entry, {}, f"rulebook.facts[{i}]") for i, entry in enumerate(tree["facts"])
        )
        names = {fact.name: fact for fact in facts}
        parts = {
            name: decode(types.GenericAlias(tuple, (kind, ...)), tree[name], names, f"rulebook.{name}")
            for name, kind in _PARTS.items()
        }
        return cls(facts=facts, version=decode(date, tree["version"], names, "rulebook.version"), **parts)


def _redaction_order(row: Redaction) -> tuple[object, ...]:
    return (row.conclusion, row.kinds, row.about, row.extent, str(row.cite))


_ORDER: dict[str, Whatever] = {
    "facts": lambda fact: fact.name,
    "rules": lambda rule: rule.id,
    "questions": lambda question: question.id,
    "grounds": lambda ground: (-ground.action, ground.code),
    "conditions": lambda condition: condition.id,
    "redactions": _redaction_order,
    "watch": lambda entry: (entry.date, entry.act, entry.what),
}


def collect(package: types.ModuleType) -> Rulebook:
    """Gather the law written in a package: its modules' tuples, walked in name order.

    A fact may be declared in several modules if word for word the same. Raises: UsageError for a module
    without any of the tuples, a package without VERSION, or parts that do not fit.
    """
    version = getattr(package, "VERSION", None)
    if not isinstance(version, date):
        raise UsageError(f"{package.__name__} has no VERSION", hint="VERSION = date(...)")
    found: dict[str, list[Whatever]] = {name: [] for name in _ORDER}
    walked = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    for info in sorted(walked, key=lambda info: info.name):
        if info.name.rsplit(".", 1)[-1].startswith("_"):
            continue
        module = importlib.import_module(info.name)
        has = [name for name in found if hasattr(module, name.upper())]
        if not has and not info.ispkg:
            raise UsageError(f"{info.name} holds no law", hint=" ".join(name.upper() for name in found))
        for name in has:
            entries = getattr(module, name.upper())
            if not isinstance(entries, tuple):
                raise UsageError(f"{info.name}.{name.upper()} is not a tuple")
            found[name].extend(e for e in entries if name != "facts" or e not in found[name])
    return Rulebook(version=version, **{name: tuple(entries) for name, entries in found.items()})
