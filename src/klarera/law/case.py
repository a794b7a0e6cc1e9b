"""One case: the value of a conclusion, and the proof of it.

A conclusion holds if any rule in time that concludes it holds; a rule holds if its condition holds and none
of its exceptions does; exceptions are conclusions again. Three values throughout: what is unknown stays
unknown unless the outcome no longer depends on it.

What a proof is and what can be done with one stands in klarera.law.proof; its names are given here too.

>>> from datetime import date
>>> from klarera.law import Law, Rulebook, resolve
>>> from klarera.law.expression import Fact
>>> from klarera.law.rule import Citation, Confidence, Level, Rule
>>> objected = Fact("objected", "Has this person objected?")
>>> rule = Rule("gdpr.21-1", "must_stop", objected, Citation("GDPR", "Art. 21(1)"), "Objections count.",
...             (date(2018, 5, 25), None), Level.LAW, Confidence.OFFICIAL)
>>> book = Rulebook((objected,), (rule,), (), (), (), (), date(2026, 11, 22))
>>> law = Law(date(2026, 11, 22), date(2026, 11, 22))
>>> proof = prove(book, "must_stop", {}, law, resolve(book, "supported", {}, law))
>>> print("\\n".join(render(proof)))
? must stop
  ? rule gdpr.21-1 [GDPR Art. 21(1)]
    ? Has this person objected? (unknown: nobody supplied it)
>>> [leaf.name for leaf in open_facts(proof)]
['objected']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from klarera.errors import UsageError
from klarera.law.book import Rulebook
from klarera.law.dates import Law
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
from klarera.law.kleene import Given, all_of, any_of, holds, negate, read
from klarera.law.proof import (
    Proof,
    Step,
    from_dict,
    leaves,
    open_facts,
    prune,
    render,
    replay,
    to_dict,
)
from klarera.law.readings import Reading
from klarera.law.rule import Rule
from klarera.law.words import atom_in_words
from klarera.model import Cause

__all__ = [
    "Proof", "Step", "from_dict", "judge", "leaves", "open_facts", "prove", "prune", "render", "replay",
    "to_dict",
]  # fmt: skip


class _Case(NamedTuple):
    facts: Mapping[str, Given]
    adopted: Mapping[str, str | None]
    done: dict[str, Proof]


_Make = Callable[[_Case], Proof]


def prove(book: Rulebook, conclusion: str, facts: Mapping[str, Given], law: Law, reading: Reading) -> Proof:
    """The proof of one conclusion for one case. A fact that is not given is unknown.

    Raises: UsageError for a conclusion, fact or proposal the book does not have, a fact of another type
    than declared, or a reading made for another book.
    """
    if not facts.keys() <= book.by_fact.keys():
        raise UsageError(f"the rulebook has no fact {min(facts.keys() - book.by_fact.keys())!r}")
    return _compiled(book, law)(conclusion)(_Case(facts, reading.adopted, {}))


def judge(book: Rulebook, condition: Expression, facts: Mapping[str, Given], law: Law, reading: Reading) -> Proof:
    """The proof of any expression over the book's words: a condition's `when`, a question put by hand."""
    if not facts.keys() <= book.by_fact.keys():
        raise UsageError(f"the rulebook has no fact {min(facts.keys() - book.by_fact.keys())!r}")
    return _node(condition, _compiled(book, law))(_Case(facts, reading.adopted, {}))


# Each node becomes one function, once a book and day of law; a proof is then a walk of ready functions.


def _compiled(book: Rulebook, law: Law) -> Callable[[str], _Make]:
    key = ("case", law)
    made: dict[str, _Make] = book.cache.setdefault(key, {})

    def conclusion(name: str) -> _Make:
        if name not in made:
            made[name] = _conclusion(name, [_rule(rule, conclusion) for rule in book.rules_for(name, law)], law)
        return made[name]

    return conclusion


def _conclusion(name: str, rules: list[_Make], law: Law) -> _Make:
    label = name.replace("_", " ")
    if not rules:
        nothing = Proof(Step.ABSENT, name, f"no rule concludes this on {law.on}", False)
        absent = Proof(Step.CONCLUSION, name, label, False, (nothing,))
        return lambda case: absent

    def make(case: _Case) -> Proof:
        if name not in case.done:
            children = tuple([rule(case) for rule in rules])
            case.done[name] = Proof(Step.CONCLUSION, name, label, any_of([child.value for child in children]), children)
        return case.done[name]

    return make


def _rule(rule: Rule, conclusion: Callable[[str], _Make]) -> _Make:
    when = rule.when.args if isinstance(rule.when, All) else (rule.when,)
    parts = [_node(part, conclusion) for part in when]
    parts += [_negated(Step.UNLESS, "unless", conclusion(name)) for name in rule.unless]
    name, label, cite = rule.id, f"rule {rule.id}", str(rule.cite)

    def make(case: _Case) -> Proof:
        children = tuple([part(case) for part in parts])
        return Proof(Step.RULE, name, label, all_of([child.value for child in children]), children, cite)

    return make


def _node(node: Expression, conclusion: Callable[[str], _Make]) -> _Make:
    match node:
        case All(args):
            return _joined(Step.ALL, "all of", all_of, [_node(arg, conclusion) for arg in args])
        case Any(args):
            return _joined(Step.ANY, "any of", any_of, [_node(arg, conclusion) for arg in args])
        case Not(arg):
            return _negated(Step.NOT, "not", _node(arg, conclusion))
        case Conclusion(name):
            return conclusion(name)
        case Fact():
            return _fact(node)
        case Compare() | InSet():
            return _comparison(node)
        case Unproven():
            return _unproven(node)
        case Adopted():
            return _adopted(node)
        case Const(value):
            constant = Proof(Step.CONST, "", atom_in_words(node), value)
            return lambda case: constant
    raise TypeError(f"no such node: {type(node).__name__}")


def _joined(step: Step, label: str, join: Callable[[list[bool | None]], bool | None], parts: list[_Make]) -> _Make:
    def make(case: _Case) -> Proof:
        children = tuple([part(case) for part in parts])
        return Proof(step, "", label, join([child.value for child in children]), children)

    return make


def _negated(step: Step, label: str, part: _Make) -> _Make:
    def make(case: _Case) -> Proof:
        child = part(case)
        return Proof(step, "", label, negate(child.value), (child,))

    return make


def _fact(fact: Fact) -> _Make:
    name = fact.name
    yes = Proof(Step.FACT, name, fact.ask, True, given=True)
    no = Proof(Step.FACT, name, fact.ask, False, given=False)
    unknown = {cause: Proof(Step.FACT, name, fact.ask, None, cause=cause) for cause in Cause}

    def make(case: _Case) -> Proof:
        given = case.facts.get(name)
        if given is True:
            return yes
        if given is False:
            return no
        value, cause = read(fact, given)
        return unknown[cause] if cause else yes if value else no

    return make


def _comparison(node: Compare | InSet) -> _Make:
    fact, label, test = node.fact, atom_in_words(node), holds(node)
    step = Step.COMPARE if isinstance(node, Compare) else Step.MEMBER

    def make(case: _Case) -> Proof:
        value, cause = read(fact, case.facts.get(fact.name))
        answer = None if value is None else test(value)
        return Proof(step, fact.name, label, answer, given=value, cause=cause)

    return make


def _unproven(node: Unproven) -> _Make:
    fact, label = node.fact, atom_in_words(node)

    def make(case: _Case) -> Proof:
        value, cause = read(fact, case.facts.get(fact.name))
        return Proof(Step.UNPROVEN, fact.name, label, not value, given=value, cause=cause)

    return make


def _adopted(node: Adopted) -> _Make:
    label = atom_in_words(node)
    yes = Proof(Step.READING, node.question, label, True)
    no = Proof(Step.READING, node.question, label, False)
    split = Proof(Step.READING, node.question, label, None, cause=Cause.READINGS)

    def make(case: _Case) -> Proof:
        if node.question not in case.adopted:
            raise UsageError(f"the reading says nothing on question {node.question!r}")
        position = case.adopted[node.question]
        return split if position is None else yes if position == node.position else no

    return make
