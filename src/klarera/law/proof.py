"""The proof: an immutable tree of values whose leaves alone give its root again.

`replay` recomputes the root from the leaves, so an altered proof shows. `prune` leaves what carries the
outcome: take any leaf of it away and nothing can be concluded. `open_facts` names what to ask next.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from klarera.errors import EvidenceError
from klarera.law.kleene import Plain, all_of, any_of, negate
from klarera.law.words import ADDRESSEES
from klarera.model import Cause

__all__ = ["Proof", "Step", "from_dict", "leaves", "open_facts", "prune", "render", "replay", "to_dict"]


class Step(StrEnum):
    """What a node of a proof is. The first six have children; the others are leaves."""

    CONCLUSION = "conclusion"
    """true if any child is"""
    ANY = "any"
    RULE = "rule"
    """true if all children are: its condition and each exception's failure"""
    ALL = "all"
    UNLESS = "unless"
    """true if its child, an exception, is not"""
    NOT = "not"
    FACT = "fact"
    COMPARE = "compare"
    MEMBER = "member"
    UNPROVEN = "unproven"
    READING = "reading"
    CONST = "const"
    ABSENT = "absent"
    """no rule concludes this on this day"""


_ANY_OF = frozenset({Step.CONCLUSION, Step.ANY})
_ALL_OF = frozenset({Step.RULE, Step.ALL})
_NOT_OF = frozenset({Step.UNLESS, Step.NOT})
_INNER = _ANY_OF | _ALL_OF | _NOT_OF
_ASKS = frozenset({Step.FACT, Step.COMPARE, Step.MEMBER, Step.UNPROVEN})


class Proof(NamedTuple):
    """One node, immutable.

    name   the conclusion, rule id, fact or question it is about
    label  the same in plain words
    value  true, false, or None for unknown
    cite   the norm, where it is a rule
    given  at a leaf: the value the fact had
    cause  at a leaf: why the fact (or, among readings, the position) is not known
    """

    step: Step
    name: str
    label: str
    value: bool | None
    children: tuple[Proof, ...] = ()
    cite: str = ""
    given: Plain | None = None
    cause: Cause | None = None

    @property
    def fact(self) -> str:
        """Name of the fact a leaf asks for, "" elsewhere."""
        return self.name if self.step in _ASKS else ""

    @property
    def rule(self) -> str:
        """Id of the rule, "" elsewhere."""
        return self.name if self.step is Step.RULE else ""


def leaves(proof: Proof) -> Iterator[Proof]:
    """The leaves from left to right; a shared part comes once for each place it stands in."""
    if proof.step in _INNER:
        for child in proof.children:
            yield from leaves(child)
    else:
        yield proof


def replay(proof: Proof, *, without: Container[int] = ()) -> bool | None:
    """The root's value from the leaves alone; leaves whose number is in `without` count as unknown.

    A proof whose replay differs from its own value has been altered.
    """
    values = iter([None if i in without else leaf.value for i, leaf in enumerate(leaves(proof))])
    return _replay(proof, values)


def _replay(proof: Proof, values: Iterator[bool | None]) -> bool | None:
    if proof.step not in _INNER:
        return next(values)
    return _join(proof.step, [_replay(child, values) for child in proof.children])


def _join(step: Step, values: list[bool | None]) -> bool | None:
    if step in _NOT_OF:
        return negate(values[0])
    return any_of(values) if step in _ANY_OF else all_of(values)


def open_facts(proof: Proof) -> list[Proof]:
    """Leaves that are not known and can still change the root, each fact once, in proof order.

    A fact behind `Unproven` is among them although its leaf has a value: an answer would undo it. Facts
    not listed can take any value without changing the root.
    """
    found: dict[tuple[bool, str], Proof] = {}
    for leaf in _open(proof)[1]:
        found.setdefault((leaf.step is Step.READING, leaf.name), leaf)
    return list(found.values())


def _open(node: Proof) -> tuple[bool | None, list[Proof]]:
    """Value of a node as if nothing unproven were settled, and the open leaves it hangs on."""
    if node.step not in _INNER:
        return (None, [node]) if node.cause else (node.value, [])
    below = [_open(child) for child in node.children]
    value = _join(node.step, [v for v, _ in below])
    return value, [leaf for _, some in below for leaf in some] if value is None else []


def prune(proof: Proof) -> Proof:
    """The smallest part of the proof that carries its value.

    One true child of a true `any`, one false child of a false `all`, the one with the fewest leaves, the
    first of equals; all children otherwise. Under an unknown root stays everything that is unknown.
    """
    carriers = [prune(child) for child in proof.children]
    if proof.step in _ANY_OF | _ALL_OF:
        enough = proof.step in _ANY_OF
        if proof.value is None:
            carriers = [child for child in carriers if child.value is None]
        elif proof.value is enough:
            fitting = [child for child in carriers if child.value is enough]
            carriers = [min(fitting, key=lambda child: sum(1 for _ in leaves(child)))]
    return proof._replace(children=tuple(carriers))


def render(proof: Proof) -> list[str]:
    """Indented lines: + true, - false, ? unknown, each with its norm or the cause of not knowing."""
    return list(_lines(proof, 0))


def _lines(proof: Proof, depth: int) -> Iterator[str]:
    sign = "?" if proof.value is None else "+" if proof.value else "-"
    note = f" [{proof.cite}]" if proof.cite else ""
    if proof.cause:
        note += f" (unknown: {ADDRESSEES[proof.cause]})"
    elif proof.step in (Step.COMPARE, Step.MEMBER):
        note += f" (it is {proof.given})"
    yield f"{'  ' * depth}{sign} {proof.label}{note}"
    for child in proof.children:
        yield from _lines(child, depth + 1)


def to_dict(proof: Proof) -> dict[str, object]:
    """Plain data for JSON; what is empty is left out."""
    data: dict[str, object] = {"step": proof.step.value, "label": proof.label, "value": proof.value}
    if proof.name:
        data["name"] = proof.name
    if proof.cite:
        data["cite"] = proof.cite
    if isinstance(proof.given, date):
        data["given"] = {"date": proof.given.isoformat()}
    elif proof.given is not None:
        data["given"] = proof.given
    if proof.cause:
        data["cause"] = proof.cause.name
    if proof.children:
        data["children"] = [to_dict(child) for child in proof.children]
    return data


def from_dict(data: object, place: str = "proof") -> Proof:
    """The proof `to_dict` made this from. Raises: EvidenceError if it is not one."""
    keys = {"step", "label", "value", "name", "cite", "given", "cause", "children"}
    if not isinstance(data, Mapping) or not {"step", "label", "value"} <= data.keys() <= keys:
        raise EvidenceError(place, "not a node of a proof")
    texts = [data["label"], data.get("name", ""), data.get("cite", "")]
    children, cause = data.get("children", []), data.get("cause")
    try:
        made = Proof(
            Step(data["step"]), data.get("name", ""), data["label"], data["value"],
            tuple([from_dict(child, f"{place}.{i}") for i, child in enumerate(children)]),
            data.get("cite", ""), _given(data.get("given")), None if cause is None else Cause[cause],
        )  # fmt: skip
    except (ValueError, KeyError, TypeError) as error:
        raise EvidenceError(place, "not a node of a proof") from error
    sound = all(isinstance(text, str) for text in texts) and isinstance(made.value, bool | None)
    arity = len(children) == 1 if made.step in _NOT_OF else bool(children) == (made.step in _INNER)
    if not (sound and arity):
        raise EvidenceError(place, "not a node of a proof")
    return made


def _given(data: object) -> Plain | None:
    if isinstance(data, Mapping):
        return date.fromisoformat(data["date"])
    if not isinstance(data, bool | int | float | str | None):
        raise TypeError("not a value of a fact")
    return data
