"""The rulebook on the command line: list, show, sheets, coverage, diff."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from klarera.cli.work import day, out_json, say, today
from klarera.errors import UsageError

if TYPE_CHECKING:
    from klarera.law import Law, Rulebook
    from klarera.law.rule import Rule, Source

__all__ = ["show_rules"]


def show_rules(what: str, names: Sequence[str], on: str, laws: list[str], *, as_json: bool) -> None:
    """Answer one of the questions about the rulebook."""
    from klarera.law import Law
    from klarera.rulebook import rulebook

    book = rulebook()
    law = Law(day(on) if on else today(), max(today(), book.version), frozenset(laws))
    actions = {"list": _list, "show": _show, "sheets": _sheets, "coverage": _coverage, "diff": _diff}
    if what not in actions:
        raise UsageError(f"klarera rules {what} is unknown", hint=", ".join(actions))
    actions[what](book, law, list(names), as_json)


def _in_force(book: Rulebook, law: Law) -> list[Rule]:
    return [r for r in book.rules if r.counts_on(law.on, law.known, law.laws)]


def _row(rule: Rule) -> dict[str, Any]:
    start, end = rule.in_force
    return {"id": rule.id, "cite": str(rule.cite), "conclusion": rule.conclusion, "level": rule.level.value,
            "confidence": rule.confidence.value, "status": rule.status.value, "from": start.isoformat(),
            "to": end.isoformat() if end else None, "law": rule.law, "says": rule.says}  # fmt: skip


def _list(book: Rulebook, law: Law, names: list[str], as_json: bool) -> None:
    listed = [_row(r) for r in _in_force(book, law)]
    if as_json:
        out_json(
            {"rulebook": book.hash, "version": book.version.isoformat(), "on": law.on.isoformat(), "rules": listed}
        )
        return
    say(
        f"Rulebook {book.hash[:12]} of {book.version}: {len(listed)} rules on {law.on}, {len(book.questions)} Questions"
    )
    for row in listed:
        say(f"  {row['id']:<32} {row['cite']}  [{row['confidence']}, {row['level']}]")


def _show(book: Rulebook, law: Law, names: list[str], as_json: bool) -> None:
    if len(names) != 1:
        raise UsageError("name one rule or Question", hint="klarera rules show gdpr.6-1-a")
    rule = next((r for r in book.rules if r.id == names[0]), None)
    question = next((q for q in book.questions if q.id == names[0]), None)
    if rule is None and question is None:
        near = [r.id for r in book.rules if names[0] in r.id][:5]
        raise UsageError(f"no rule or Question '{names[0]}'", hint=", ".join(near) or "klarera rules list")
    if rule is not None:
        row = _row(rule) | {"when": str(rule.when), "unless": list(rule.unless), "not_encoded": rule.not_encoded}
        if as_json:
            out_json(row)
            return
        say(f"{rule.id}: {rule.says}")
        say(f"  {rule.cite} {rule.cite.uri}")
        say(
            f"  concludes {rule.conclusion} when {rule.when}"
            + (f", unless {', '.join(rule.unless)}" if rule.unless else "")
        )
        say(f"  from {row['from']} to {row['to'] or 'open'}; {rule.level.value}; confidence {rule.confidence.value}; "
            f"{rule.status.value}" + (f"; only under {rule.law}" if rule.law else ""))  # fmt: skip
        if rule.not_encoded:
            say(f"  left out: {rule.not_encoded}")
        return
    if question is None:
        return
    positions = [
        {"id": p.id, "says": p.says, "builder": p.builder, "people": p.people,
         "sources": [_source(s) for s in p.sources]}
        for p in question.positions
    ]  # fmt: skip
    if as_json:
        out_json({"id": question.id, "asks": question.asks, "article": question.article, "positions": positions})
        return
    say(f"{question.id}: {question.asks} [{question.article}]")
    for p in positions:
        say(f"  {p['id']}: {p['says']}")
        say(f"    builder: {p['builder']}")
        say(f"    people:  {p['people']}")
        for source in p["sources"]:
            say(f"    source:  {source}")


def _source(source: Source) -> str:
    rank = source.rank.name.lower().replace("_", " ")
    return f"{source.name}, {rank}, {source.cite} [{source.confidence.value}]"


def _sheets(book: Rulebook, law: Law, names: list[str], as_json: bool) -> None:
    from klarera.evidence.files import make_folder
    from klarera.law.sheet import sheets

    folder = Path(names[0]) if names else Path("sheets")
    make_folder(folder)
    made = sheets(book)
    for name, text in made.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    if as_json:
        out_json(sorted(made))
    else:
        say(f"{len(made)} sheets in {folder}")


def _coverage(book: Rulebook, law: Law, names: list[str], as_json: bool) -> None:
    """Encoded provisions: citation → rules of the day. What no rule cites is not encoded at record level."""
    by: dict[str, list[str]] = {}
    for rule in _in_force(book, law):
        by.setdefault(str(rule.cite), []).append(rule.id)
    if as_json:
        out_json(by)
        return
    say(f"{len(by)} provisions are encoded at record level on {law.on}; a provision not listed is not encoded")
    for cite, ids in sorted(by.items()):
        say(f"  {cite}: {', '.join(ids)}")


def _diff(book: Rulebook, law: Law, names: list[str], as_json: bool) -> None:
    if len(names) != 2:
        raise UsageError("name two days", hint="klarera rules diff 2024-05-01 2026-11-22")
    from klarera.law import Law

    first, second = ({r.id: r for r in _in_force(book, Law(day(n), law.known, law.laws))} for n in names)
    gone, new = sorted(first.keys() - second.keys()), sorted(second.keys() - first.keys())
    if as_json:
        out_json({"ended": gone, "begun": new})
        return
    say(
        f"From {names[0]} to {names[1]}: {len(new)} rules begin, {len(gone)} end, "
        f"{len(first.keys() & second.keys())} stay"
    )
    for sign, ids, rules_of in (("-", gone, first), ("+", new, second)):
        for name in ids:
            say(f"  {sign} {name}: {rules_of[name].says} [{rules_of[name].cite}]")
