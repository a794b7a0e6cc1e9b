"""The expression tree in which rules are written: a small language of facts, with three values.

    &  all of        |  any of        ~  not
    fact > 3         fact.one_of("a", "b")
    Conclusion("x")  the outcome of the rules that conclude x
    Adopted(q, p)    the reading adopts position p of Question q
    Unproven(fact)   the fact is not established (false or unknown); only where the law says what holds
                     while something is unproven (burden of proof), never as a default

`and`, `or`, `not` and `if` raise: they would decide an unknown silently.

>>> objected = Fact("objected", "Has this person objected?")
>>> str(~objected | (objected & Adopted("q", "p")))
'(not objected or (objected and reading q = p))'
>>> bool(objected)
Traceback (most recent call last):
    ...
klarera.errors.UsageError: a rule has three values (try: & | ~ instead of and, or, not, if)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from klarera.errors import UsageError
from klarera.model import Grade, Scope

__all__ = [
    "Adopted", "All", "Any", "Compare", "Conclusion", "Const", "Expression", "Fact", "InSet", "Not",
    "Unproven", "walk",
]  # fmt: skip

Scalar = bool | int | float | str


class Expression:
    """Every node. Frozen, comparable by value, printable in words."""

    def __and__(self, other: Expression) -> Expression:
        return All((*_flat(self, All), *_flat(other, All)))

    def __or__(self, other: Expression) -> Expression:
        return Any((*_flat(self, Any), *_flat(other, Any)))

    def __invert__(self) -> Expression:
        return Not(self)

    def __bool__(self) -> bool:
        raise UsageError("a rule has three values", hint="& | ~ instead of and, or, not, if")

    def children(self) -> tuple[Expression, ...]:
        """The nodes directly below this one."""
        return ()


def _flat(node: Expression, kind: type[All] | type[Any]) -> tuple[Expression, ...]:
    return node.args if isinstance(node, kind) else (node,)


@dataclass(frozen=True, eq=True)
class Fact(Expression):
    """A typed question of the law about a record, author, source, project, run or model.

    type      "bool", "number", "date" or "word"
    scope     whose fact it is; decides whether an unknown holds a record or is a condition
    ask       the question in plain words
    supplier  who or what supplies it: a detector kind, a column, the project file, a register, a person
    judgement a term only a named person may answer (proportionality, compelling grounds)
    grade     the lowest grade that counts; a fact below it is unknown
    help      how to find the answer; iri: optional IRI in a vocabulary (W3C DPV)
    """

    name: str
    ask: str
    scope: Scope = Scope.RECORD
    type: str = "bool"
    supplier: str = ""
    judgement: bool = False
    grade: Grade = Grade.CLAIMED
    help: str = ""
    iri: str = ""
    words: tuple[str, ...] = ()

    def __gt__(self, value: Scalar) -> Expression:
        return Compare(self, ">", value)

    def __ge__(self, value: Scalar) -> Expression:
        return Compare(self, ">=", value)

    def __lt__(self, value: Scalar) -> Expression:
        return Compare(self, "<", value)

    def __le__(self, value: Scalar) -> Expression:
        return Compare(self, "<=", value)

    def one_of(self, *values: Scalar) -> Expression:
        """True if the fact is one of these values."""
        return InSet(self, values)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Const(Expression):
    """A value fixed in the rule."""

    value: bool

    def __str__(self) -> str:
        return str(self.value).lower()


@dataclass(frozen=True)
class Compare(Expression):
    """A fact against a threshold; unknown if the fact is."""

    fact: Fact
    op: str
    value: Scalar

    def __str__(self) -> str:
        return f"{self.fact} {self.op} {self.value}"


@dataclass(frozen=True)
class InSet(Expression):
    """A fact among listed values; unknown if the fact is."""

    fact: Fact
    values: tuple[Scalar, ...]

    def __str__(self) -> str:
        return f"{self.fact} in {{{', '.join(map(str, self.values))}}}"


@dataclass(frozen=True)
class All(Expression):
    """Strong Kleene and: false if one is false, else unknown if one is unknown, else true."""

    args: tuple[Expression, ...]

    def children(self) -> tuple[Expression, ...]:
        return self.args

    def __str__(self) -> str:
        return "(" + " and ".join(map(str, self.args)) + ")"


@dataclass(frozen=True)
class Any(Expression):
    """Strong Kleene or: true if one is true, else unknown if one is unknown, else false."""

    args: tuple[Expression, ...]

    def children(self) -> tuple[Expression, ...]:
        return self.args

    def __str__(self) -> str:
        return "(" + " or ".join(map(str, self.args)) + ")"


@dataclass(frozen=True)
class Not(Expression):
    """Kleene not: unknown stays unknown."""

    arg: Expression

    def children(self) -> tuple[Expression, ...]:
        return (self.arg,)

    def __str__(self) -> str:
        return f"not {self.arg}"


@dataclass(frozen=True)
class Conclusion(Expression):
    """The outcome named so: true if any rule in time that concludes it is true."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Adopted(Expression):
    """True if the reading adopts this position; a constant of the run, never a fact of a record."""

    question: str
    position: str

    def __str__(self) -> str:
        return f"reading {self.question} = {self.position}"


@dataclass(frozen=True)
class Unproven(Expression):
    """True if the fact is false or unknown; breaks monotonicity on purpose, so it needs a citation."""

    fact: Fact
    cite: str = field(default="")

    def __str__(self) -> str:
        return f"{self.fact} not proven"


def walk(node: Expression) -> Iterator[Expression]:
    """Yield the node and all below it, in writing order."""
    yield node
    for child in node.children():
        yield from walk(child)
