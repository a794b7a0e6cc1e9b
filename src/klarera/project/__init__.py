"""klarera.toml → a typed project: raw tables in, one frozen value out; behind it nobody checks again.

    [project]   who, what for, on which basis        [[source]]   where the records come from
    [model]     what is trained on them              [readings]   which positions are adopted, by whom
    [judged]    answers a named person gave          [policy]     house rules, stricter than the law only:
                                                                  measures, lists, days held texts may wait
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
from klarera.model import Purpose, Scope
from klarera.plugs import Plug, no_twins, parse_detectors, parse_readers
from klarera.project.policy import Policy, parse_policy
from klarera.project.tables import only_known, table_of, word_of

__all__ = ["Judged", "Policy", "Project", "SourceFacts", "load", "parse"]

Value = bool | int | float | str | date

PROJECT_KEYS = ("name", "operator", "contact", "purpose", "size", "establishment", "offered", "roles",
                "notice_date", "notice_channels", "description")  # fmt: skip
MODEL_KEYS = ("name", "parameters", "training_flop", "licence", "weights_public", "modality", "base_model")
SOURCE_KEYS = ("name", "paths", "period", "domain", "terms", "licence", "visibility", "notice_date", "text",
               "map", "carry", "description")  # fmt: skip
READING_KEYS = ("base", "adopted_by", "adopted_on")
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
    only_known(raw, TABLES, file, "the file")
    project, model = table_of(raw, "project", file), table_of(raw, "model", file)
    scopes = {Scope.PROJECT, Scope.MODEL}
    said = _facts(project, facts, scopes, PROJECT_KEYS, f"{file}: [project]")
    said |= _facts(model, facts, scopes, MODEL_KEYS, f"{file}: [model]")
    readings = table_of(raw, "readings", file)
    choices = {str(k): word_of(v, f"{file}: [readings] {k}") for k, v in readings.items() if k not in READING_KEYS}
    purpose = str(project.get("purpose", Purpose.TRAIN_MODEL.value))
    if purpose not in set(Purpose):
        raise UsageError(f"{file}: [project] purpose is not one of the known", hint=", ".join(Purpose))
    only_known(table_of(raw, "register", file), REGISTER_KEYS, file, "[register]")
    judged = tuple(_judged(name, table, facts, file) for name, table in table_of(raw, "judged", file).items())
    sources = raw.get("source", [])
    if not isinstance(sources, list):
        raise UsageError(f"{file}: sources are written as [[source]], not [source]")
    described = tuple(_source(s, i, facts, file) for i, s in enumerate(sources, 1))
    no_twins([s.name for s in described], "sources", file)
    policy = parse_policy(table_of(raw, "policy", file), [s.name for s in described], file)
    return Project(
        name=str(project.get("name", "")),
        purpose=Purpose(purpose),
        facts=said,
        sources=tuple(
            s if s.notice_date or "notice_date" not in project else _with_notice(s, _day(project["notice_date"], file))
            for s in described
        ),
        readings=choices,
        base_reading=word_of(readings.get("base", "supported"), f"{file}: [readings] base"),
        adopted_by=word_of(readings.get("adopted_by", ""), f"{file}: [readings] adopted_by"),
        adopted_on=_day(readings["adopted_on"], file) if "adopted_on" in readings else None,
        judged=judged,
        policy=policy,
        register=word_of(table_of(raw, "register", file).get("file", ""), f"{file}: [register] file"),
        detectors=parse_detectors(raw.get("detector", []), file),
        readers=parse_readers(raw.get("reader", []), file),
        about={
            "project": {k: v for k, v in project.items() if k in PROJECT_KEYS},
            "model": {k: v for k, v in model.items() if k in MODEL_KEYS},
        },
    )


def _with_notice(source: SourceFacts, day: date) -> SourceFacts:
    return SourceFacts(source.name, source.facts, source.paths, day, source.about)


def _facts(
    table: Mapping[str, Any], facts: Mapping[str, Fact], scopes: set[Scope], keys: Sequence[str], where: str
) -> dict[str, Value]:
    allowed = [*keys, *sorted(f.name for f in facts.values() if f.scope in scopes)]
    file, _, rest = where.partition(": ")
    only_known(table, allowed, file, rest)
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
    domains = table.get("domain", "")
    if not isinstance(domains, str) and not (isinstance(domains, list) and all(isinstance(d, str) for d in domains)):
        raise UsageError(f"{where} domain is neither a text nor a list of texts", hint='domain = "social.example"')
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
    only_known(table, list(wanted), file, f"[judged.{name}]")
    return Judged(name, table["value"], table["by"], _day(table["on"], file), table["why"])


def _day(value: Any, file: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if not isinstance(value, date):
        raise UsageError(f"{file}: a day is written without quotes", hint="2026-01-31")
    return value
