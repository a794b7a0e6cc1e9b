"""A summary a person can read: status and open conditions first, then what was not looked for, then counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["conditions", "expected", "prices", "ratios", "summary"]

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
    yield from _residue(payload.get("residue", []))
    if payload["without"]:
        yield f"Switched off: {', '.join(payload['without'])}"
    if payload["unmapped"]:
        yield f"Columns not mapped and not carried: {', '.join(payload['unmapped'])}"


def _residue(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What was probably missed, by kind and language where recall was measured; else that it was not."""
    looked = [r for r in rows if r["state"] != "not looked for"]
    measured = [r for r in looked if r["state"] == "measured"]
    if not looked:
        return
    yield "Expected residue: missed beside what was found, by recall on other texts; an estimate here, no more"
    for r in (r for r in measured if r["found"]):
        labelled = ", ".join(f"{s['found']:,} of {s['labelled']:,}" for s in r["sets"])
        recall = f"recall {r['recall_low']}-{r['recall_high']}, {labelled}"
        yield f"  {r['kind'] + ' ' + r['language']:<18}{r['found']:>9,} found {expected(r):>16} missed  ({recall})"
    none = [f"{r['kind']} {r['language']}" for r in measured if not r["found"]]
    if none:
        yield f"  recall measured, none found, so nothing to reckon with: {', '.join(none)}"
    rest: dict[str, int] = {}
    for r in looked:
        if r["state"] != "measured":
            rest[r["kind"]] = rest.get(r["kind"], 0) + r["found"]
    kinds = {m["kind"] for m in measured}
    whole, parts = ([f"{k} {n:,}" for k, n in rest.items() if (k in kinds) is part] for part in (False, True))
    if whole:
        yield f"  recall not measured, found: {', '.join(whole)}"
    if parts:
        yield f"  recall not measured in other languages, found: {', '.join(parts)}"


def expected(row: Mapping[str, Any]) -> str:
    """The interval of a measured residue, in words.

    >>> expected({"least": 0, "most": 4}), expected({"least": 9, "most": None})
    ('0-4', 'at least 9')
    """
    return f"at least {row['least']:,}" if row["most"] is None else f"{row['least']:,}-{row['most']:,}"


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
    if payload.get("tokens"):
        tokens = payload["tokens"]
        kept_tokens = tokens["decisions"]["kept"] + tokens["decisions"]["redacted"]
        yield f"Tokens kept about {kept_tokens:,} of {tokens['total']:,}"
        yield f"  {ratios(payload['tokenizer'])}"
        if tokens["words_without_ratio"]:
            yield f"  {tokens['words_without_ratio']:,} words are in languages the sample does not hold: not among them"
    for entry in payload["reasons"]:
        yield f"  {entry['decision']:<9} {entry['records']:>9,}  {entry['code']}"
    for reason, count in payload["unreadable"].items():
        yield f"  unreadable {count:>8,}  {reason}"
    if payload.get("misfits"):
        yield f"{payload['misfits']:,} spans of other tools do not lie within their record's text and were not used"
    yield from _retention(payload["retention"])
    if payload["edits"]:
        yield "Taken out: " + ", ".join(f"{kind} {n:,}" for kind, n in payload["edits"].items())


def _retention(said: Mapping[str, Any]) -> Iterator[str]:
    """How long original text stays in OUT, where any does."""
    for entry in said["held"]:
        yield f"{entry['texts']:,} held texts wait until {entry['due']} ({said['days']} days)"
    if said["expired"]:
        yield f"{said['expired']:,} records are held without their text: its retention ended"
    if said["spool"]:
        yield f"A copy of standard input stays until {said['spool']}"


def _strict(strict: Mapping[str, Any]) -> Iterator[str]:
    """What the reading `strict` would have removed, and whom that would have spared."""
    yield (
        f"The reading strict would have left out {strict['records']:,} more records ({strict['words']:,} words) of "
        f"{strict['authors']:,} authors; "
        f"{strict['third_persons']:,} of them name other people, {strict['minors']:,} concern minors"
    )


def ratios(told: Mapping[str, Any]) -> str:
    """How words became tokens: the ratio of each language, the sample, and the tokenizer."""
    sample = told["sample"]
    each = ", ".join(f"{code} {one['tokens'] / one['words']:.2f}" for code, one in sorted(sample.items()))
    records = sum(one["records"] for one in sample.values())
    return (
        f"words x tokens a word ({each}), measured on {records:,} records of {told['shards']} of {told['shards_of']} "
        f"shards, seed {told['seed']}, by {told['file']} (sha256 {told['sha256'][:16]}, {told['library']})"
    )


def _cell(cell: Mapping[str, Any]) -> str:
    """One line of a price that is broken down; authors are not told by cell."""
    name = ", ".join(cell[d] for d in ("source", "language") if d in cell)
    tokens = f"{cell['tokens']:>+12,}" if "tokens" in cell else ""
    return (
        f"      {name:<48}{cell['records']:>+11,}{cell['words']:>+12,}{tokens}{cell['held']:>+9,}{'':>9}"
        f"{cell['third_persons']:>+9,}{cell['minors']:>+8,}"
    )


def prices(listed: Sequence[Mapping[str, Any]], *, every: bool = False) -> Iterator[str]:
    """The table of `compare`: what each position costs or gives, and whom it lets through."""
    counted = any(p["tokens"] is not None for p in listed)
    heads = ("records", "words", *(["tokens"] if counted else []), "held", "authors", "others", "minors")
    widths = (11, 12, *([12] if counted else []), 9, 9, 9, 8)
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
        tokens = f"{p['tokens']:>+12,}" if counted else ""
        mark = "*" if p["adopted"] else " "
        yield (
            f"{name:<28}{mark + p['position']:<26}{p['records']:>+11,}{p['words']:>+12,}{tokens}{p['held']:>+9,}"
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
