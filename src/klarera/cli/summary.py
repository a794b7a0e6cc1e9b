"""A summary a person can read: status and open conditions first, then what was not looked for, then counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["conditions", "prices", "summary"]

NOT_SHOWN = "This does not show that the input was complete, what the detectors miss, or whether the reading is right."


def summary(payload: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a clearance's summary, from its commit's payload."""
    reading = payload["reading"]
    adopted = (
        f"adopted by {reading['adopted_by']} on {reading['adopted_on']}" if reading["adopted_by"] else "not adopted"
    )
    yield (
        f"{payload['status'].upper()} for {payload['purpose']} under the law of {payload['day']}, "
        f"reading {reading['name']} ({adopted})"
    )
    if payload["laws"]:
        yield f"  NOT LAW: decided as if these proposals were in force: {', '.join(payload['laws'])}"
    if payload.get("pending"):
        yield "  The files still follow the earlier decisions: klarera apply"
    for item in payload["outdated"]:
        yield f"  The rulebook is older than the law: {item['act']}, {item['day']}"
    yield ""
    yield from conditions(payload["conditions"])
    yield ""
    yield from _looked(payload)
    yield ""
    yield from _counts(payload)
    if payload.get("strict"):
        yield ""
        yield from _strict(payload["strict"])
    yield ""
    yield NOT_SHOWN


def conditions(listed: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Open conditions by weight: what blocks before training, what blocks release, what is noted."""
    still = [c for c in listed if c["open"]]
    taken = [c for c in listed if c["accepted"]]
    for c in taken:
        yield f"ACCEPTED by {c['accepted']['by']} on {c['accepted']['on']}: {c['id']} ({c['accepted']['why']})"
    blocks = [c for c in still if c["blocking"]]
    yield f"Open conditions: {len(blocks)} block, {len(still) - len(blocks)} noted"
    for c in [*blocks, *(c for c in still if not c["blocking"])]:
        mark = "!" if c["blocking"] else "-"
        rests = f"; {c['records']:,} records rest on it" if c["records"] else ""
        yield f"  {mark} {c['id']}: {c['says']} [{c['article']}]{rests}"
        yield f"      {c['addressee']}: {c['closes']}"


def _looked(payload: Mapping[str, Any]) -> Iterator[str]:
    """What was not looked for, and in which languages."""
    records = payload["sizes"]["records"]
    nobody, partly = [], []
    for kind, missed in payload["not_looked_for"].items():
        if sum(missed.values()) >= records:
            nobody.append(kind)
        else:
            partly.append((kind, sum(missed.values())))
    if nobody:
        yield f"Not looked for at all: {', '.join(nobody)}"
    if partly:
        most = max(n for _, n in partly)
        yield f"Not looked for in up to {most:,} of {records:,} records (language not covered): " + ", ".join(
            kind for kind, _ in partly
        )
    if payload["without"]:
        yield f"Switched off: {', '.join(payload['without'])}"
    if payload["unmapped"]:
        yield f"Columns not mapped and not carried: {', '.join(payload['unmapped'])}"


def _counts(payload: Mapping[str, Any]) -> Iterator[str]:
    total = payload["counts"]["total"]
    units = total["units"]
    yield (
        f"Units in {units:,} = kept {total['kept']:,} + redacted {total['redacted']:,} + held {total['held']:,} + "
        + (f"dropped {total['dropped']:,} + unreadable {total['unreadable']:,}")
    )
    words = payload["decisions"]
    kept_words = words["kept"]["words"] + words["redacted"]["words"]
    yield f"Words kept {kept_words:,} of {payload['sizes']['words']:,}; authors {payload['people']['authors']:,}"
    for entry in payload["reasons"]:
        yield f"  {entry['decision']:<9} {entry['records']:>9,}  {entry['code']}"
    for reason, count in payload["unreadable"].items():
        yield f"  unreadable {count:>8,}  {reason}"
    if payload.get("misfits"):
        yield f"{payload['misfits']:,} spans of other tools do not lie within their record's text and were not used"
    if payload["edits"]:
        yield "Taken out: " + ", ".join(f"{kind} {n:,}" for kind, n in payload["edits"].items())


def _strict(strict: Mapping[str, Any]) -> Iterator[str]:
    """What the reading `strict` would have removed, and whom that would have spared."""
    yield (
        f"The reading strict would have left out {strict['records']:,} more records ({strict['words']:,} words) of "
        f"{strict['authors']:,} authors; "
        f"{strict['third_persons']:,} of them name other people, {strict['minors']:,} concern minors"
    )


def _cell(cell: Mapping[str, Any]) -> str:
    """One line of a price that is broken down; authors are not told by cell."""
    name = ", ".join(cell[d] for d in ("source", "language") if d in cell)
    return (
        f"      {name:<48}{cell['records']:>+11,}{cell['words']:>+12,}{cell['held']:>+9,}{'':>9}"
        f"{cell['third_persons']:>+9,}{cell['minors']:>+8,}"
    )


def prices(listed: Sequence[Mapping[str, Any]], *, every: bool = False) -> Iterator[str]:
    """The table of `compare`: what each position costs or gives, and whom it lets through."""
    heads = ("records", "words", "held", "authors", "others", "minors")
    widths = (11, 12, 9, 9, 9, 8)
    yield f"{'question':<28}{'position':<26}" + "".join(f"{h:>{w}}" for h, w in zip(heads, widths, strict=True))
    silent = 0
    question = ""
    for p in listed:
        moves = p["records"] or p["held"]
        if not moves and not p["adopted"] and not every:
            silent += 1
            continue
        name = p["question"] if p["question"] != question else ""
        question = p["question"]
        mark = "*" if p["adopted"] else " "
        yield (
            f"{name:<28}{mark + p['position']:<26}{p['records']:>+11,}{p['words']:>+12,}{p['held']:>+9,}"
            f"{p['authors']:>+9,}{p['third_persons']:>+9,}{p['minors']:>+8,}"
        )
        if name:
            yield f"    {p['asks']} [{p['article']}]"
        if moves:
            best = p["sources"][0] if p["sources"] else None
            said = f" ({best['name']}, {best['rank']})" if best else ""
            yield f"    {p['says']}{said}"
            yield f"      builder: {p['builder']}"
            yield f"      people:  {p['people']}"
        for cell in p["by"]:
            yield _cell(cell)
    if silent:
        yield f"{silent} positions change nothing here (--every lists them)"
    yield "* the position of the reading in force; the others are differences from it"
