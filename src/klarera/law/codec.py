"""Rulebook ↔ JSON: plain data by type, expressions as one-key objects, facts by name.

    {"all": [{"fact": "objected"}, {"not": {"conclusion": "override"}}]}
    {"compare": ["age", "<", 16]}   {"in": ["country", ["DE", "FR"]]}   {"adopted": ["question", "position"]}
    {"unproven": ["compelling_grounds", "GDPR Art. 18(1)(d)"]}          {"const": true}

Reading accepts nothing it does not know: a missing key, an extra key or a wrong type is an InputError that
names its place. A rulebook from a stranger is data and can run nothing.
"""

from __future__ import annotations

import functools
import json
import types
import typing
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum, IntEnum

from klarera.errors import InputError
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

__all__ = ["MAX_DEPTH", "decode", "encode", "encode_fact", "parse"]

MAX_DEPTH = 60
"""Levels of an expression; deeper ones are refused so that no evaluator runs out of stack."""

Json = object


def encode(value: object) -> Json:
    """Plain JSON data of any part of a rulebook; facts become their names."""
    if isinstance(value, Fact):
        return value.name
    if isinstance(value, Expression):
        return _encode_expression(value)
    if isinstance(value, IntEnum):
        return value.name
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if is_dataclass(value):
        return {field.name: _encode_field(value, field.name) for field in fields(value)}
    return value


def _encode_field(value: typing.Any, name: str) -> Json:
    item = getattr(value, name)
    # A Fact is an expression too: where a rule's field holds one as its whole condition it is a node.
    by_name = isinstance(item, Fact) and _hints(value.__class__)[name] is Fact
    return _encode_expression(item) if isinstance(item, Expression) and not by_name else encode(item)


def encode_fact(fact: Fact) -> Json:
    """The declaration of a fact."""
    return {field.name: encode(getattr(fact, field.name)) for field in fields(fact)}


def _encode_expression(node: Expression) -> Json:
    match node:
        case Fact(name):
            return {"fact": name}
        case Const(value):
            return {"const": value}
        case Compare(fact, op, value):
            return {"compare": [fact.name, op, value]}
        case InSet(fact, values):
            return {"in": [fact.name, list(values)]}
        case All(args):
            return {"all": [_encode_expression(arg) for arg in args]}
        case Any(args):
            return {"any": [_encode_expression(arg) for arg in args]}
        case Not(arg):
            return {"not": _encode_expression(arg)}
        case Conclusion(name):
            return {"conclusion": name}
        case Adopted(question, position):
            return {"adopted": [question, position]}
        case Unproven(fact, cite):
            return {"unproven": [fact.name, cite]}
    raise TypeError(f"no such node: {type(node).__name__}")


def parse(data: bytes, place: str = "rulebook") -> Json:
    """JSON with every key once and every number finite."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise InputError(place, "a key stands twice in one object")
        return found

    def refuse(word: str) -> None:
        raise InputError(place, f"{word} is not a number of JSON")

    try:
        return json.loads(data, object_pairs_hook=unique, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise InputError(place, "not readable as JSON") from error


@functools.cache
def _hints(cls: Hashable) -> dict[str, typing.Any]:
    return typing.get_type_hints(cls)


def decode(kind: typing.Any, data: Json, facts: Mapping[str, Fact], place: str) -> typing.Any:
    """The value of type `kind` (a type hint) that `encode` made `data` from."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType and type(None) in arguments:
        return None if data is None else decode(arguments[0], data, facts, place)
    if origin is tuple:
        items = _expect(list, data, place)
        if arguments[-1] is Ellipsis:
            return tuple(decode(arguments[0], item, facts, f"{place}[{i}]") for i, item in enumerate(items))
        if len(items) != len(arguments):
            raise InputError(place, f"expected {len(arguments)} items, found {len(items)}")
        return tuple(decode(a, item, facts, place) for a, item in zip(arguments, items, strict=True))
    if kind is Fact:
        return _fact(data, facts, place)
    if kind is Expression:
        return _decode_expression(data, facts, place, 0)
    if kind is date:
        return _word(date.fromisoformat, data, place, "a day")
    if issubclass(kind, IntEnum):
        return _word(kind.__getitem__, data, place, f"a {kind.__name__}")
    if issubclass(kind, Enum):
        return _word(kind, data, place, f"a {kind.__name__}")
    if is_dataclass(kind):
        return decode_dataclass(kind, data, facts, place)
    return _expect(kind, data, place)


def decode_dataclass(kind: typing.Any, data: Json, facts: Mapping[str, Fact], place: str) -> typing.Any:
    """The dataclass whose fields are exactly the keys of `data`."""
    given = _expect(dict, data, place)
    names = [field.name for field in fields(kind)]
    if missing := [name for name in names if name not in given]:
        raise InputError(place, f"missing: {', '.join(missing)}")
    if len(given) > len(names):
        raise InputError(place, f"{len(given) - len(names)} keys too many", hint=f"only {', '.join(names)}")
    hints = _hints(kind)
    return kind(**{name: decode(hints[name], given[name], facts, f"{place}.{name}") for name in names})


def _expect(kind: type, data: Json, place: str) -> typing.Any:
    if type(data) is not kind:
        raise InputError(place, f"expected {kind.__name__}, found {type(data).__name__}")
    return data


def _word(make: Callable[[str], object], data: Json, place: str, what: str) -> object:
    try:
        return make(_expect(str, data, place))
    except (ValueError, KeyError) as error:
        raise InputError(place, f"not {what}") from error


def _fact(data: Json, facts: Mapping[str, Fact], place: str) -> Fact:
    name = _expect(str, data, place)
    if name not in facts:
        raise InputError(place, "names a fact that is not declared")
    return facts[name]


def _decode_expression(data: Json, facts: Mapping[str, Fact], place: str, depth: int) -> Expression:
    node = _expect(dict, data, place)
    if len(node) != 1 or depth > MAX_DEPTH:
        raise InputError(place, "not one node of an expression" if len(node) != 1 else "too deep")
    ((kind, body),) = node.items()
    place = f"{place}.{kind}"
    match kind:
        case "fact":
            return _fact(body, facts, place)
        case "const":
            return Const(_expect(bool, body, place))
        case "compare":
            name, op, value = _items(body, 3, place)
            return Compare(_fact(name, facts, place), _expect(str, op, place), _scalar(value, place))
        case "in":
            name, values = _items(body, 2, place)
            listed = tuple(_scalar(value, place) for value in _expect(list, values, place))
            return InSet(_fact(name, facts, place), listed)
        case "all" | "any":
            args = _expect(list, body, place)
            made = tuple(_decode_expression(a, facts, f"{place}[{i}]", depth + 1) for i, a in enumerate(args))
            return All(made) if kind == "all" else Any(made)
        case "not":
            return Not(_decode_expression(body, facts, place, depth + 1))
        case "conclusion":
            return Conclusion(_expect(str, body, place))
        case "adopted":
            question, position = _items(body, 2, place)
            return Adopted(_expect(str, question, place), _expect(str, position, place))
        case "unproven":
            name, cite = _items(body, 2, place)
            return Unproven(_fact(name, facts, place), _expect(str, cite, place))
    raise InputError(place, "no such node of an expression")


def _items(body: Json, count: int, place: str) -> list[typing.Any]:
    items: list[typing.Any] = _expect(list, body, place)
    if len(items) != count:
        raise InputError(place, f"expected {count} items, found {len(items)}")
    return items


def _scalar(value: typing.Any, place: str) -> bool | int | float | str:
    if type(value) not in (bool, int, float, str):
        raise InputError(place, "expected a number, a word or a day")
    return typing.cast("bool | int | float | str", value)
