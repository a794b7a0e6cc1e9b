"""klarera.toml → a typed project: raw tables in, one frozen value out; behind it nobody checks again.

    [project]   who, what for, on which basis        [[source]]   where the records come from
    [model]     what is trained on them              [readings]   which positions are adopted, by whom
    [judged]    answers a named person gave          [policy]     house rules, stricter than the law only
    [register]  objections, erasures, consents        [[detector]] [[reader]]   those of others, by name (plugs.py)

Every fact the rulebook declares for a project, model or source may stand here under its own name. A key that
is neither a fact nor listed here is an error with the nearest name, because a mistyped answer would be an
unknown nobody notices.

>>> p = parse({"project": {"name": "posts", "purpose": "train-model"}, "source": [{"name": "a"}]}, {})
>>> p.purpose.value, p.sources[0].name
('train-model', 'a')
>>> parse({"project": {"nmae": "x"}}, {})
Traceback (most recent call last):
    ...
klarera.errors.UsageError: klarera.toml: [project] has no key 'nmae' (try: name)
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from klarera.errors import UsageError
from klarera.law.expression import Fact
from klarera.model import Kind, Purpose, Scope
from klarera.plugs import Plug, no_twins, parse_detectors, parse_readers

__all__ = ["Judged", "Policy", "Project", "SourceFacts", "load", "parse"]

Value = bool | int | float | str | date

PROJECT_KEYS = ("name", "operator", "contact", "purpose", "size", "establishment", "offered", "roles",
                "notice_date", "notice_channels", "description")  # fmt: skip
MODEL_KEYS = ("name", "parameters", "training_flop", "licence", "weights_public", "modality", "base_model")
SOURCE_KEYS = ("name", "paths", "period", "domain", "terms", "licence", "visibility", "notice_date", "text",
               "map", "carry", "description")  # fmt: skip
READING_KEYS = ("base", "adopted_by", "adopted_on")
POLICY_KEYS = ("redact", "hold", "drop", "pseudonyms", "source")
TABLES = ("project", "model", "source", "readings", "judged", "policy", "register", "detector", "reader")


@dataclass(frozen=True)
class SourceFacts:
    """One source: its name, its files, the facts stated of it, and the day its people were told."""

    name: str
    facts: Mapping[str, Value] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    notice_date: date | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """An answer of a named person to a question of the project: fact, value, name, day, reason."""

    fact: str
    value: bool
    by: str
    on: date
    why: str


@dataclass(frozen=True)
class Policy:
    """House rules: kinds that are redacted, held or dropped in any case; by source or ("") everywhere."""

    redact: Mapping[str, frozenset[Kind]] = field(default_factory=dict)
    hold: Mapping[str, frozenset[Kind]] = field(default_factory=dict)
    drop: Mapping[str, frozenset[Kind]] = field(default_factory=dict)
    pseudonyms: bool = False

    def kinds(self, action: str, source: str) -> frozenset[Kind]:
        """Kinds under this action for this source, those for every source included."""
        table: Mapping[str, frozenset[Kind]] = getattr(self, action)
        return table.get("", frozenset()) | table.get(source, frozenset())


@dataclass(frozen=True)
class Project:
    """What whoever runs Klarera says about their project; what is not said is unknown."""

    name: str = ""
    purpose: Purpose = Purpose.TRAIN_MODEL
    facts: Mapping[str, Value] = field(default_factory=dict)
    sources: tuple[SourceFacts, ...] = ()
    readings: Mapping[str, str] = field(default_factory=dict)
    base_reading: str = "supported"
    adopted_by: str = ""
    adopted_on: date | None = None
    judged: tuple[Judged, ...] = ()
    policy: Policy = field(default_factory=Policy)
    register: str = ""
    detectors: tuple[Plug, ...] = ()
    readers: tuple[str, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)

    def source(self, name: str) -> SourceFacts:
        """The source of that name; one nobody described has no facts."""
        return next((s for s in self.sources if s.name == name), SourceFacts(name))


def load(path: Path, facts: Mapping[str, Fact]) -> Project:
    """Read a project file. Raises UsageError with file, table and key for everything that is not right."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path.name}: no such project file", hint="klarera init") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}", hint="a klarera.toml") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name}: not TOML: {error}") from None
    return parse(raw, facts, path.name)


REGISTER_KEYS = ("file",)
NOT_HERE = {
    Scope.RECORD: ("is answered for single records", "klarera review"),
    Scope.AUTHOR: ("is answered for single records", "klarera review"),
    Scope.RUN: ("is computed by the run", "leave it out"),
}
"""Facts nobody answers for a whole project, with why and what to do instead."""


def parse(raw: Mapping[str, Any], facts: Mapping[str, Fact], file: str = "klarera.toml") -> Project:
    """A project out of parsed TOML; `facts` are those the rulebook declares, by name."""
    _known(raw, TABLES, file, "the file")
    project, model = _table(raw, "project", file), _table(raw, "model", file)
    scopes = {Scope.PROJECT, Scope.MODEL}
    said = _facts(project, facts, scopes, PROJECT_KEYS, f"{file}: [project]")
    said |= _facts(model, facts, scopes, MODEL_KEYS, f"{file}: [model]")
    readings = _table(raw, "readings", file)
    choices = {str(k): _word(v, f"{file}: [readings] {k}") for k, v in readings.items() if k not in READING_KEYS}
    purpose = str(project.get("purpose", Purpose.TRAIN_MODEL.value))
    if purpose not in set(Purpose):
        raise UsageError(f"{file}: [project] purpose is not one of the known", hint=", ".join(Purpose))
    _known(_table(raw, "register", file), REGISTER_KEYS, file, "[register]")
    judged = tuple(_judged(name, table, facts, file) for name, table in _table(raw, "judged", file).items())
    sources = raw.get("source", [])
    if not isinstance(sources, list):
        raise UsageError(f"{file}: sources are written as [[source]], not [source]")
    described = tuple(_source(s, i, facts, file) for i, s in enumerate(sources, 1))
    no_twins([s.name for s in described], "sources", file)
    return Project(
        name=str(project.get("name", "")),
        purpose=Purpose(purpose),
        facts=said,
        sources=tuple(
            s if s.notice_date or "notice_date" not in project else _with_notice(s, _day(project["notice_date"], file))
            for s in described
        ),
        readings=choices,
        base_reading=_word(readings.get("base", "supported"), f"{file}: [readings] base"),
        adopted_by=_word(readings.get("adopted_by", ""), f"{file}: [readings] adopted_by"),
        adopted_on=_day(readings["adopted_on"], file) if "adopted_on" in readings else None,
        judged=judged,
        policy=_policy(_table(raw, "policy", file), file),
        register=_word(_table(raw, "register", file).get("file", ""), f"{file}: [register] file"),
        detectors=parse_detectors(raw.get("detector", []), file),
        readers=parse_readers(raw.get("reader", []), file),
        about={
            "project": {k: v for k, v in project.items() if k in PROJECT_KEYS},
            "model": {k: v for k, v in model.items() if k in MODEL_KEYS},
        },
    )


def _with_notice(source: SourceFacts, day: date) -> SourceFacts:
    return SourceFacts(source.name, source.facts, source.paths, day, source.about)


def _table(raw: Mapping[str, Any], name: str, file: str) -> Mapping[str, Any]:
    table = raw.get(name, {})
    if not isinstance(table, dict):
        raise UsageError(f"{file}: [{name}] is not a table")
    return table


def _known(table: Mapping[str, Any], keys: Sequence[str], file: str, where: str) -> None:
    for key in table:
        if key not in keys:
            near = difflib.get_close_matches(key, keys, 1)
            every = ", ".join(keys) if len(keys) < 9 else "klarera rules list"
            raise UsageError(f"{file}: {where} has no key '{key}'", hint=near[0] if near else every)


def _facts(
    table: Mapping[str, Any], facts: Mapping[str, Fact], scopes: set[Scope], keys: Sequence[str], where: str
) -> dict[str, Value]:
    allowed = [*keys, *sorted(f.name for f in facts.values() if f.scope in scopes)]
    file, _, rest = where.partition(": ")
    _known(table, allowed, file, rest)
    return {k: _value(facts[k], v, f"{where} {k}") for k, v in table.items() if k in facts}


def _value(fact: Fact, value: Any, where: str) -> Value:
    """The value as the fact's type, or an error that shows the form."""
    if isinstance(value, datetime):
        value = value.date()
    if fact.judgement:
        raise UsageError(
            f"{where} is a judgement: it needs a name and a day",
            hint=f'[judged.{fact.name}] value = true, by = "...", on = 2026-01-31, why = "..."',
        )
    fits = {
        "bool": isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "date": isinstance(value, date),
        "word": isinstance(value, str) and (not fact.words or value in fact.words),
    }
    if not fits[fact.type]:
        forms = {
            "bool": "true or false",
            "number": "a number",
            "date": "2026-01-31",
            "word": ", ".join(fact.words),
        }
        raise UsageError(f"{where} is not {'a ' + fact.type if fact.type != 'bool' else 'yes or no'}",
                         hint=forms[fact.type] or "a word")  # fmt: skip
    result: Value = value
    return result


def _source(table: Any, number: int, facts: Mapping[str, Fact], file: str) -> SourceFacts:
    where = f"{file}: [[source]] {number}"
    if not isinstance(table, dict) or not isinstance(table.get("name"), str):
        raise UsageError(f"{where} has no name", hint='name = "forum"')
    said = _facts(table, facts, {Scope.SOURCE}, SOURCE_KEYS, where)
    paths = table.get("paths", [])
    if not isinstance(paths, list) or not all(isinstance(p, str) for p in paths):
        raise UsageError(f"{where} paths is not a list of texts", hint='paths = ["posts*.jsonl"]')
    notice = _day(table["notice_date"], file) if "notice_date" in table else None
    about = {k: v for k, v in table.items() if k in SOURCE_KEYS}
    return SourceFacts(table["name"], said, tuple(paths), notice, about)


def _judged(name: str, table: Any, facts: Mapping[str, Fact], file: str) -> Judged:
    where = f"{file}: [judged.{name}]"
    if name not in facts:
        near = difflib.get_close_matches(name, facts, 1)
        raise UsageError(f"{where} is no fact of the rulebook", hint=near[0] if near else "klarera rules list")
    if facts[name].scope in NOT_HERE:
        why, instead = NOT_HERE[facts[name].scope]
        raise UsageError(f"{where} {why}", hint=instead)
    wanted = {"value": bool, "by": str, "on": date, "why": str}
    whole = isinstance(table, dict) and all(isinstance(table.get(k), t) for k, t in wanted.items())
    if not whole or not table["by"].strip():
        raise UsageError(f"{where} needs value, by, on and why", hint='value = true, by = "...", on = 2026-01-31')
    _known(table, list(wanted), file, f"[judged.{name}]")
    return Judged(name, table["value"], table["by"], _day(table["on"], file), table["why"])


def _policy(table: Mapping[str, Any], file: str) -> Policy:
    _known(table, POLICY_KEYS, file, "[policy]")
    actions: dict[str, dict[str, frozenset[Kind]]] = {"redact": {}, "hold": {}, "drop": {}}
    for action, by_source in actions.items():
        if action in table:
            by_source[""] = _kinds(table[action], f"{file}: [policy] {action}")
        for source, inner in _table(table, "source", file).items():
            if not isinstance(inner, dict):
                raise UsageError(f"{file}: [policy.source.{source}] is not a table")
            _known(inner, ("redact", "hold", "drop"), file, f"[policy.source.{source}]")
            if action in inner:
                by_source[source] = _kinds(inner[action], f"{file}: [policy.source.{source}] {action}")
    pseudonyms = table.get("pseudonyms", False)
    if not isinstance(pseudonyms, bool):
        raise UsageError(f"{file}: [policy] pseudonyms is not yes or no", hint="true or false")
    return Policy(**actions, pseudonyms=pseudonyms)


def _kinds(names: Any, where: str) -> frozenset[Kind]:
    known = Kind.__members__
    if not isinstance(names, list) or any(n not in known for n in names):
        raise UsageError(f"{where} lists a kind that does not exist", hint=", ".join(list(known)[:6]) + ", ...")
    return frozenset(known[n] for n in names)


def _day(value: Any, file: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if not isinstance(value, date):
        raise UsageError(f"{file}: a day is written without quotes", hint="2026-01-31")
    return value


def _word(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{where} is not a text")
    return value
