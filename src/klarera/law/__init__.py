"""The law engine: rules as data, three values, proofs. It knows no law; klarera.rulebook holds that.

    expression, rule    how law is written: facts, conditions, dated rules, Questions
    book                the rulebook: one checked, canonical, hashed value
    dates               which law counts on a day, and what has moved since
    readings            which position of each Question is taken, and why
    case                one case: the value and its proof
    residual            what is left of a conclusion under one law and reading
    columns, sql        the same for millions of rows: Polars expressions, DuckDB SQL
    sheet               plain-words sheets for lawyers
    mutate              broken rulebooks, for tests that must notice

Importing this room does not import Polars; `klarera.law.columns` does.
"""

from __future__ import annotations

from klarera.law.book import Rulebook, collect
from klarera.law.case import Proof, Step, judge, open_facts, prove, prune, render, replay
from klarera.law.dates import Law, Watch, outdated, stale
from klarera.law.readings import Reading, Why, resolve

__all__ = [
    "Law", "Proof", "Reading", "Rulebook", "Step", "Watch", "Why", "collect", "judge", "open_facts",
    "outdated", "prove", "prune", "render", "replay", "resolve", "stale",
]  # fmt: skip
