"""The rulebook as a value: what is refused, what goes through JSON, what is collected, what is linted."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any as Whatever

import pytest
from hypothesis import given, settings

from klarera.errors import InputError, UsageError
from klarera.law import Law, Rulebook, collect, prove
from klarera.model import Decision

from .books import (
    AGE,
    DAY,
    FACTS,
    LAW,
    NO_READING,
    A,
    B,
    book,
    full,
    ground,
    rule,
)
from .random_books import rulebooks


class TestJson:
    def test_a_full_book_goes_through_unchanged(self) -> None:
        made = full()
        again = Rulebook.from_json(made.to_json())
        assert again == made
        assert again.to_json() == made.to_json()
        assert again.hash == made.hash

    @given(rulebooks())
    @settings(max_examples=50, deadline=None, derandomize=True)
    def test_random_books_go_through_unchanged(self, made: Rulebook) -> None:
        assert Rulebook.from_json(made.to_json()) == made

    def test_the_hash_is_of_the_canonical_bytes_and_stable(self) -> None:
        # Changes only with the JSON form; then SCHEMA changes too.
        assert book(rule("a", "x", A)).hash == ("8be4800cd3cd317e1ef5a684ec76c158efd73c47a96150fb9b8db6fb97177a34")

    def test_order_of_parts_does_not_show(self) -> None:
        rules = (rule("a", "x", A, "e"), rule("b", "e", B))
        forward = book(*rules, grounds=(ground("x"), ground("e", Decision.REDACT)))
        backward = book(*rules[::-1], facts=FACTS[::-1], grounds=(ground("e", Decision.REDACT), ground("x")))
        assert (forward, forward.hash) == (backward, backward.hash)
        assert [g.action for g in forward.grounds] == [Decision.DROP, Decision.REDACT]

    def test_any_change_shows_in_the_hash(self) -> None:
        made = full()
        changed = replace(made, rules=(replace(made.rules[0], says="Otherwise."), *made.rules[1:]))
        assert changed.hash != made.hash

    def test_a_pickled_book_is_the_same_and_carries_no_compiled_rules(self) -> None:
        made = full()
        before = len(pickle.dumps(made))
        prove(book(rule("a", "x", A)), "x", {}, LAW, NO_READING)
        made.rules_for("x", LAW)
        assert pickle.loads(pickle.dumps(made)) == made
        assert len(pickle.dumps(made)) == before

    def test_equal_books_are_equal_keys(self) -> None:
        assert {full(): 1}[full()] == 1


def edit(path: str, value: object) -> Callable[[Whatever], None]:
    def change(tree: Whatever) -> None:
        *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
        for step in way:
            tree = tree[step]
        if value is DROP:
            del tree[last]
        else:
            tree[last] = value

    return change


DROP = object()
BAD_TREES = {
    "another schema": edit("schema", 2),
    "a part missing": edit("rules", DROP),
    "a part too many": edit("code", "import os"),
    "facts no list": edit("facts", {}),
    "fact of a key less": edit("facts/0/ask", DROP),
    "fact of a key more": edit("facts/0/run", "x"),
    "fact of another type": edit("facts/0/ask", 3),
    "unknown scope": edit("facts/0/scope", "planet"),
    "no day": edit("version", "soon"),
    "rule of another type": edit("rules/0", []),
    "node of two keys": edit("rules/0/when", {"fact": "a", "not": {"fact": "a"}}),
    "node nobody knows": edit("rules/0/when", {"exec": "a"}),
    "fact nobody declared": edit("rules/0/when", {"fact": "zz"}),
    "comparison too short": edit("rules/0/when", {"compare": ["age", "<"]}),
    "threshold of another type": edit("rules/0/when", {"compare": ["age", "<", None]}),
    "constant of another type": edit("rules/0/when", {"const": 1}),
    "all of no list": edit("rules/0/when", {"all": {"fact": "a"}}),
    "span too long": edit("rules/0/in_force", ["2020-01-01", None, None]),
    "unknown rank": edit("questions/0/positions/0/sources/0/rank", "POPE"),
    "unknown kind": edit("redactions/0/kinds", ["SOUL"]),
    "flag of another type": edit("questions/0/sensitive", 1),
}


@pytest.mark.parametrize("change", BAD_TREES.values(), ids=BAD_TREES)
def test_a_malformed_rulebook_is_refused(change: Callable[[Whatever], None]) -> None:
    tree = json.loads(full().to_json())
    change(tree)
    with pytest.raises(InputError, match="rulebook"):
        Rulebook.from_json(json.dumps(tree).encode())


BAD_BYTES = {
    "no JSON": b"{",
    "no UTF-8": b"\xff",
    "no object": b"[]",
    "not finite": b'{"schema":NaN}',
    "nested without end": b"[" * 200_000,
}


@pytest.mark.parametrize("data", BAD_BYTES.values(), ids=BAD_BYTES)
def test_bytes_that_are_no_rulebook_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        Rulebook.from_json(data)


def test_a_key_that_stands_twice_is_refused() -> None:
    """Readers differ in which of the two they take; two readers must not see two rulebooks."""
    data = full().to_json().replace(b'"schema":1', b'"schema":1,"schema":1')
    with pytest.raises(InputError, match="twice"):
        Rulebook.from_json(data)


def test_an_expression_without_end_is_refused() -> None:
    tree = json.loads(full().to_json())
    node: Whatever = {"fact": "a"}
    for _ in range(200):
        node = {"not": node}
    tree["rules"][0]["when"] = node
    with pytest.raises(InputError, match="too deep"):
        Rulebook.from_json(json.dumps(tree).encode())


class TestQueries:
    def test_rules_of_a_conclusion_in_time(self) -> None:
        made = full()
        assert [r.id for r in made.rules_for("x", Law(date(2024, 12, 31), DAY))] == ["act.1@2020"]
        assert [r.id for r in made.rules_for("x", Law(date(2025, 8, 1), DAY))] == []
        assert [r.id for r in made.rules_for("x", Law(date(2025, 8, 2), DAY))] == ["act.1@2025"]

    def test_names(self) -> None:
        assert (full().fact("age"), full().question("q").id) == (AGE, "q")
        with pytest.raises(UsageError, match="no fact"):
            full().fact("zz")
        with pytest.raises(UsageError, match="no question"):
            full().question("zz")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], ModuleType]:
    """Write modules of a throw-away package and import it."""

    def make(modules: dict[str, str]) -> ModuleType:
        root = tmp_path / "invented_law"
        for name, text in {"__init__.py": "", **modules}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, "utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        for name in [name for name in sys.modules if name.split(".")[0] == "invented_law"]:
            monkeypatch.delitem(sys.modules, name)
        import importlib

        return importlib.import_module("invented_law")

    return make


PACKAGE = {
    "__init__.py": "from datetime import date\nVERSION = date(2026, 11, 22)\n",
    "facts.py": "from klarera.law.expression import Fact\na = Fact('a', 'Is a so?')\nFACTS = (a,)\n",
    "_words.py": "HELPER = 1\n",
    "gdpr/__init__.py": "",
    "gdpr/one.py": (
        "from datetime import date\n"
        "from klarera.law.rule import Citation, Confidence, Level, Rule\n"
        "from invented_law.facts import a\n"
        "FACTS = (a,)\n"
        "RULES = (Rule('gdpr.1', 'x', a, Citation('Act', 'Art. 1'), 'Says x.', (date(2018, 5, 25), None),"
        " Level.LAW, Confidence.OFFICIAL),)\n"
    ),
}
Package = Callable[[dict[str, str]], ModuleType]


def test_a_package_is_collected(package: Package) -> None:
    made = collect(package(PACKAGE))
    assert [fact.name for fact in made.facts] == ["a"]
    assert [r.id for r in made.rules] == ["gdpr.1"]
    assert made.version == date(2026, 11, 22)


REFUSED = {
    "no version": ({"__init__.py": ""}, "no VERSION"),
    "a module without law": ({"gdpr/two.py": "X = 1\n"}, "gdpr.two holds no law"),
    "a list": ({"gdpr/two.py": "RULES = []\n"}, "not a tuple"),
    "a fact declared twice and otherwise": (
        {"gdpr/two.py": "from klarera.law.expression import Fact\nFACTS = (Fact('a', 'Other?'),)\n"},
        "more than once",
    ),
}


@pytest.mark.parametrize(("changes", "said"), REFUSED.values(), ids=REFUSED)
def test_a_package_that_hides_something_is_refused(package: Package, changes: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        collect(package(PACKAGE | changes))


def test_the_engine_needs_neither_polars_nor_numba_nor_a_rulebook() -> None:
    code = (
        "import sys, klarera.law\n"
        "from klarera.law import mutate, residual, sheet, sql\n"
        "print([m for m in ('polars', 'numba', 'duckdb', 'pyarrow', 'numpy', 'klarera.rulebook')"
        " if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
