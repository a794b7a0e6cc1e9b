"""[policy] of a project: measures, lists and retention of the house. They can only be stricter than the rulebook."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from klarera.errors import UsageError
from klarera.model import Decision, Kind, Measure
from klarera.project.tables import only_known, table_of, word_of

__all__ = ["HELD_DAYS", "Policy", "parse_policy"]

ACTIONS = ("redact", "hold", "drop")
POLICY_KEYS = (*ACTIONS, "pseudonyms", "source", "deny", "allow", "held_days")
MEASURE_KEYS = ("kind", "score", "count")
HELD_DAYS = 90
"""Days the text of a held record may wait for a person, unless the house says otherwise."""


@dataclass(frozen=True)
class Policy:
    """House rules, by source or ("") everywhere.

    redact, hold, drop  kinds that are redacted, held or dropped in any case
    least               measures that need a least score or count
    deny, allow         files of the house's lists, as the project names them; "" for none
    held_days           days the text of a held record may wait in OUT
    """

    redact: Mapping[str, frozenset[Kind]] = field(default_factory=dict)
    hold: Mapping[str, frozenset[Kind]] = field(default_factory=dict)
    drop: Mapping[str, frozenset[Kind]] = field(default_factory=dict)
    least: Mapping[str, tuple[Measure, ...]] = field(default_factory=dict)
    deny: str = ""
    allow: str = ""
    held_days: int = HELD_DAYS
    pseudonyms: bool = False

    def kinds(self, action: str, source: str) -> frozenset[Kind]:
        """Kinds under this action for this source in any case, those for every source included."""
        table: Mapping[str, frozenset[Kind]] = getattr(self, action)
        return table.get("", frozenset()) | table.get(source, frozenset())

    def measures(self, source: str) -> tuple[Measure, ...]:
        """All measures for this source, those for every source included: they add up, so the stricter stands."""
        plain = {Measure(Decision[a.upper()], kind) for a in ACTIONS for kind in self.kinds(a, source)}
        return tuple(sorted(plain | {*self.least.get("", ()), *self.least.get(source, ())}))


def parse_policy(table: Mapping[str, Any], sources: Sequence[str], file: str) -> Policy:
    """A policy out of [policy]; `sources` are the names a project describes.

    Raises UsageError with file, table and key for whatever is not there: a kind, a key, a source.

    >>> parse_policy({"drop": [{"kind": "EMAIL", "count": 3}]}, [], "klarera.toml").measures("agora")[0].count
    3
    """
    only_known(table, POLICY_KEYS, file, "[policy]")
    found = [_measures(table, "", f"{file}: [policy]")]
    for source, inner in table_of(table, "source", file).items():
        if not isinstance(inner, dict):
            raise UsageError(f"{file}: [policy.source.{source}] is not a table")
        only_known(inner, ACTIONS, file, f"[policy.source.{source}]")
        found.append(_measures(inner, source, f"{file}: [policy.source.{source}]"))
        if source not in sources:
            near = difflib.get_close_matches(source, sources, 1) or [f'[[source]] with name = "{source}"']
            raise UsageError(f"{file}: [policy.source.{source}] names no [[source]]", hint=near[0])
    pseudonyms, days = table.get("pseudonyms", False), table.get("held_days", HELD_DAYS)
    if not isinstance(pseudonyms, bool):
        raise UsageError(f"{file}: [policy] pseudonyms is not yes or no", hint="true or false")
    if type(days) is not int or days < 0:
        raise UsageError(f"{file}: [policy] held_days is not a number of days", hint=str(HELD_DAYS))
    deny, allow = (word_of(table.get(key, ""), f"{file}: [policy] {key}") for key in ("deny", "allow"))
    every = [(source, one) for source, measures in found for one in measures]
    by_action: dict[str, dict[str, frozenset[Kind]]] = {action: {} for action in ACTIONS}
    for source, one in every:
        if one.plain:
            kinds = by_action[one.action.name.lower()]
            kinds[source] = kinds.get(source, frozenset()) | {one.kind}
    least = {s: tuple(m for m in measures if not m.plain) for s, measures in found}
    return Policy(
        **by_action, least={s: m for s, m in least.items() if m}, deny=deny, allow=allow, held_days=days,
        pseudonyms=pseudonyms,
    )  # fmt: skip


def _measures(table: Mapping[str, Any], source: str, where: str) -> tuple[str, list[Measure]]:
    """The measures of one table: kinds by name, or tables with a least score or count."""
    made = []
    for action in ACTIONS:
        listed = table.get(action, [])
        if not isinstance(listed, list):
            raise _no_kind(f"{where} {action}")
        made += [_measure(one, action, f"{where} {action}") for one in listed]
    return source, made


def _measure(given: Any, action: str, where: str) -> Measure:
    entry = given if isinstance(given, dict) else {"kind": given}
    file, _, rest = where.partition(": ")
    only_known(entry, MEASURE_KEYS, file, rest)
    name, score, count = entry.get("kind"), entry.get("score", 0), entry.get("count", 1)
    if not isinstance(name, str) or name not in Kind.__members__:
        raise _no_kind(where)
    if type(score) is not int or not 0 <= score <= 100:
        raise UsageError(f"{where} {name}: score is not a whole number from 0 to 100", hint="score = 80")
    if type(count) is not int or count < 1:
        raise UsageError(f"{where} {name}: count is not a whole number from 1 on", hint="count = 3")
    return Measure(Decision[action.upper()], Kind[name], score, count)


def _no_kind(where: str) -> UsageError:
    return UsageError(f"{where} lists a kind that does not exist", hint=", ".join(list(Kind.__members__)[:6]) + ", ...")
