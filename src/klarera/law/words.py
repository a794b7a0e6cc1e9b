"""Expressions in plain words, from the questions facts ask; proofs and sheets speak with the same voice."""

from __future__ import annotations

from klarera.law.expression import (
    Adopted,
    All,
    Any,
    Compare,
    Conclusion,
    Const,
    Expression,
    Fact,
    InSet,
    Not,
    Unproven,
)
from klarera.model import Cause

__all__ = ["ADDRESSEES", "atom_in_words", "in_words"]

_NUMBER = {">": "more than", ">=": "at least", "<": "less than", "<=": "at most"}
_DAY = {">": "after", ">=": "on or after", "<": "before", "<=": "on or before"}

ADDRESSEES = {
    Cause.MISSING: "nobody supplied it",
    Cause.NOT_LOOKED: "nobody looked",
    Cause.JUDGEMENT: "a named person must judge it",
    Cause.READINGS: "the positions differ",
    Cause.NOT_ENCODED: "the norm is not wholly encoded",
    Cause.OUTDATED: "the rulebook is older than the law",
    Cause.CONFLICT: "sources disagree",
}
"""Why something is not known, in words for a proof."""


def atom_in_words(node: Expression) -> str:
    """One leaf of an expression as a phrase.

    >>> atom_in_words(Compare(Fact("age", "How old is the author?", type="number"), "<", 16))
    'How old is the author? Less than 16'
    """
    match node:
        case Fact():
            return node.ask
        case Compare(fact, op, value):
            word = (_DAY if fact.type == "date" else _NUMBER)[op]
            return f"{fact.ask} {word.capitalize()} {value}"
        case InSet(fact, values):
            listed = ", ".join(map(str, values))
            return f"{fact.ask} {'One of: ' if len(values) > 1 else ''}{listed}"
        case Unproven(fact, cite):
            return f"not established ({cite}): {fact.ask}"
        case Adopted(question, position):
            return f"the reading of {question} is {position}"
        case Conclusion(name):
            return name.replace("_", " ")
        case Const(value):
            return "always" if value else "never"
    raise TypeError(f"not a leaf: {type(node).__name__}")


def in_words(node: Expression, indent: int = 0) -> list[str]:
    """A whole expression as an indented list, one leaf a line.

    >>> a, b = Fact("a", "Is a so?"), Fact("b", "Is b so?")
    >>> print(chr(10).join(in_words(a & ~b)))
    - all of:
      - Is a so?
      - not: Is b so?
    """
    pad = "  " * indent
    match node:
        case All(args) | Any(args):
            head = "all of" if isinstance(node, All) else "at least one of"
            return [f"{pad}- {head}:", *(line for arg in args for line in in_words(arg, indent + 1))]
        case Not(arg) if isinstance(arg, All | Any):
            head = "not all of" if isinstance(arg, All) else "none of"
            return [f"{pad}- {head}:", *(line for a in arg.args for line in in_words(a, indent + 1))]
        case Not(arg) if isinstance(arg, Not):
            return [f"{pad}- not:", *in_words(arg, indent + 1)]
        case Not(Unproven(fact, cite)):
            return [f"{pad}- established ({cite}): {fact.ask}"]
        case Not(arg):
            return [f"{pad}- not: {atom_in_words(arg)}"]
    return [f"{pad}- {atom_in_words(node)}"]
