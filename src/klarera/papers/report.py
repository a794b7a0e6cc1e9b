"""The clearance report: one HTML file a data protection officer, an engineer and a lawyer can read.

It says what the payload of the commit says, in the order in which one has to know it: the status, what is
open, what nobody looked for, the numbers, the reading. It asks for nothing from outside (its content policy
forbids even that), runs no script, and gives the same bytes for the same payload and rulebook.

What users wrote (names of projects, sources, columns) is text here, never markup. Words of law come from the
rulebook the payload names; another one is refused.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from itertools import groupby
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from klarera.errors import UsageError
from klarera.law import Law, Rulebook
from klarera.law.rule import Position, Question
from klarera.model import ART9, IDENTIFIERS, Kind
from klarera.papers import charts
from klarera.papers.words import CONFIDENCE, DECISIONS, KINDS, PEOPLE, RANKS, STATUS

__all__ = ["render"]

Payload = Mapping[str, Any]

ROWS = 200
"""Rows of a list of inputs or sources that are printed; a longer list says how many are left to the payload."""

_FAMILIES = (
    ("Identifiers", IDENTIFIERS),
    ("Special categories, GDPR Art. 9(1)", ART9),
    ("Offences, GDPR Art. 10", frozenset({Kind.CRIMINAL})),
    ("Minors and objections", frozenset({Kind.MINOR, Kind.ADULT, Kind.OBJECTION, Kind.CHAIN_OBJECTION})),
)


def render(payload: Payload, book: Rulebook) -> bytes:
    """The report of one commit, as UTF-8.

    payload  what klarera.pipeline.state.payload gives; with `prices`, `strict` or `by_language` the report
             shows them too
    book     the rulebook the payload names

    Raises UsageError for another rulebook: its words would not be those the decisions were made under.
    """
    if payload["rulebook"]["sha256"] != book.hash:
        raise UsageError("the report needs the rulebook the clearance names", hint="klarera decide")
    css = _file("report.css")
    policy = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    page = _template().render(
        p=payload,
        css=Markup(css),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src 'sha256-{policy}'; base-uri 'none'; form-action 'none'",
        status_says=STATUS[payload["status"]],
        accepted=[c for c in payload["conditions"] if c["accepted"]],
        blocking=_grouped(c for c in payload["conditions"] if c["open"] and c["blocking"]),
        noted=_grouped(c for c in payload["conditions"] if c["open"] and not c["blocking"]),
        met=_grouped(c for c in payload["conditions"] if not c["open"] and not c["accepted"]),
        looked=_looked(payload),
        tokens=_tokens(payload),
        residue=_residue(payload.get("residue", [])),
        codes=_codes(book, Law(_day(payload["day"]), _day(payload["known"]), frozenset(payload["laws"]))),
        reasons=_reasons(payload["reasons"]),
        flow=_flow(payload),
        questions=[_question(book.question(q), payload) for q in sorted(payload["reading"]["questions"])],
        prices=_prices(payload.get("prices")),
        asks={f.name: f.ask for f in book.facts},
    )
    # A lone surrogate cannot be text; it stands as a reference rather than stopping the report.
    return page.encode("utf-8", "xmlcharrefreplace")


def _file(name: str) -> str:
    return resources.files("klarera.papers").joinpath(name).read_text("utf-8")


@cache
def _template() -> Template:
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters |= {"number": _number, "signed": _signed, "biggest": _biggest, "first": lambda xs: list(xs)[:ROWS]}
    made.globals |= {
        "bar": charts.bar, "stack": charts.stack, "diverging": charts.diverging, "ROWS": ROWS, "KINDS": KINDS,
        "DECISIONS": DECISIONS, "PEOPLE": PEOPLE, "CONFIDENCE": CONFIDENCE,
    }  # fmt: skip
    return made.from_string(_file("report.html.j2"))


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _number(value: int) -> str:
    return f"{value:,}"


def _signed(value: int) -> str:
    return f"{value:+,}".replace("-", "−") if value else "0"


def _biggest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Items by falling count, then by name: the order does not depend on that of the mapping."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _grouped(conditions: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Conditions that differ only in their source as one, with what is known of each source."""
    grouped: dict[str, dict[str, Any]] = {}
    for c in conditions:
        name = c["id"].removesuffix(f":{c['source']}") if c["source"] else c["id"]
        one = grouped.setdefault(name, {**c, "name": name, "each": [], "records": 0, "count": 0})
        one["each"].append(c)
        one["records"] += c["records"]
        one["count"] += 1
    return list(grouped.values())


@dataclass(frozen=True)
class _Row:
    """One kind in the table of what was looked for: for each language the detectors that did, or None."""

    kind: str
    detectors: Sequence[str]
    cells: Sequence[tuple[str, str | None]]
    missed: int
    recall: str


def _looked(payload: Payload) -> dict[str, Any]:
    """Kinds by family, each with languages as columns; the commonest language first."""
    languages = [code for code, _ in _biggest(payload["languages"])]
    families = []
    for title, kinds in _FAMILIES:
        rows = [_row(kind.name, payload, languages) for kind in Kind if kind in kinds]
        families.append((title, rows))
    every = [row for _, rows in families for row in rows]
    records = payload["sizes"]["records"]
    return {
        "languages": languages,
        "families": families,
        "nowhere": [r for r in every if records and r.missed >= records],
        "partly": [r for r in every if 0 < r.missed < records],
        "whole": [r for r in every if not r.missed],
    }


def _row(kind: str, payload: Payload, languages: Sequence[str]) -> _Row:
    missed = payload["not_looked_for"].get(kind, {})
    able = [d for d in payload["detectors"] if kind in d["kinds"]]
    cells: list[tuple[str, str | None]] = []
    for code in languages:
        here = [d for d in able if "any" in d["languages"] or code in d["languages"]]
        cells.append((code, None if code in missed else ", ".join(map(_versioned, here))))
    told = [r for r in payload.get("residue", []) if r["kind"] == kind and r["state"] == "measured"]
    recall = ", ".join(f"{r['language']} {r['recall_low']}–{r['recall_high']}" for r in told) or "not measured"
    return _Row(kind, [_versioned(d) for d in able], cells, sum(missed.values()), recall)


def _residue(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Pairs of kind and language with a measured recall, and the others that were looked for, by kind."""
    looked = [r for r in rows if r["state"] != "not looked for"]
    rest: dict[str, list[str]] = {}
    for r in looked:
        if r["state"] != "measured":
            rest.setdefault(r["kind"], []).append("none told" if r["language"] == "unknown" else r["language"])
    return {
        "measured": [r for r in looked if r["state"] == "measured"],
        "rest": list(rest.items()),
        "pairs": len(looked),
    }


def _tokens(payload: Payload) -> dict[str, Any] | None:
    """Tokens kept and in all with what they rest on; None where no tokenizer was measured."""
    if not payload.get("tokens"):
        return None
    told, sums = payload["tokenizer"], payload["tokens"]
    return {
        "told": told,
        "kept": sums["decisions"]["kept"] + sums["decisions"]["redacted"],
        "total": sums["total"],
        "bare": sums["words_without_ratio"],
        "records": sum(one["records"] for one in told["sample"].values()),
    }


def _versioned(detector: Mapping[str, Any]) -> str:
    return f"{detector['name']} v{detector['version']}"


def _codes(book: Rulebook, law: Law) -> dict[str, tuple[str, list[str]]]:
    """Reason code → what it says, and where that is written."""
    return {
        g.code: (g.says, sorted({str(rule.cite) for rule in book.rules_for(g.conclusion, law)})) for g in book.grounds
    }


def _reasons(reasons: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]], int]]:
    """Reasons by what they led to, with the largest count of each."""
    parts = [(name, list(rows)) for name, rows in groupby(reasons, key=lambda r: str(r["decision"]))]
    return [(name, rows, max(r["records"] for r in rows)) for name, rows in parts]


def _flow(payload: Payload) -> Markup | None:
    """Units in by source and by what became of them; the seven largest sources by name."""
    total = payload["counts"]["total"]
    if not total["units"]:
        return None
    ordered = sorted(payload["by_source"].items(), key=lambda item: (-sum(item[1].values()), item[0]))
    rest = ordered[7:]
    middle = [("no source named" if name == "-" else name, "unit", by) for name, by in ordered[:7]]
    if rest:
        together = {end: sum(by[end] for _, by in rest) for end in ("kept", "redacted", "held", "dropped")}
        middle.append((f"{len(rest):,} more sources", "unit", together))
    if total["unreadable"]:
        middle.append(("not a record", "unreadable", {"unreadable": total["unreadable"]}))
    return charts.flow(total["units"], middle, list(DECISIONS))


def _question(question: Question, payload: Payload) -> dict[str, Any]:
    """A Question with what was adopted for which sources and why, and every position with both sides."""
    reasons: dict[tuple[str | None, str, bool], list[str]] = {}
    for source, why in sorted(payload["reading"]["questions"][question.id].items()):
        reasons.setdefault((why["position"], why["because"], why["stricter"]), []).append(source)
    taken = {position for position, _, _ in reasons}
    laws = frozenset(payload["laws"])
    positions = [_position(p, p.id in taken, laws) for p in question.positions]
    return {
        "q": question,
        "reasons": [
            {"position": position, "because": because, "stricter": stricter, "sources": sources}
            for (position, because, stricter), sources in reasons.items()
        ],
        "adopted": [p for p in positions if p["adopted"]],
        "others": [p for p in positions if not p["adopted"]],
    }


def _position(position: Position, adopted: bool, laws: frozenset[str]) -> dict[str, Any]:
    proposed = bool(position.sources) and all(s.law and s.law not in laws for s in position.sources)
    sources = [
        {"name": s.name, "rank": RANKS[s.rank.name], "cite": str(s.cite), "final": s.final,
         "checked": CONFIDENCE[s.confidence.value]}
        for s in position.sources
    ]  # fmt: skip
    return {"p": position, "adopted": adopted, "proposed": proposed, "sources": sources}


def _prices(prices: Sequence[Mapping[str, Any]] | None) -> dict[str, Any] | None:
    """Prices by Question: positions that change something and, beside them, the one in force."""
    if prices is None:
        return None
    questions, silent = [], []
    for name, group in groupby(prices, key=lambda price: str(price["question"])):
        rows = list(group)
        moves = [r for r in rows if r["records"] or r["held"]]
        silent += [f"{name} = {r['position']}" for r in rows if r not in moves and not r["adopted"]]
        if moves:
            questions.append((rows[0], [r for r in rows if r in moves or r["adopted"]]))
    most = max((abs(r["records"]) for r in prices), default=0)
    return {"questions": questions, "silent": silent, "most": max(most, 1)}
