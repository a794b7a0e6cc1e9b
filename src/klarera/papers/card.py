"""The card of a released dataset: Markdown with a YAML head, from public counts only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["card"]


def card(public: Mapping[str, Any]) -> str:
    """The README.md of a release.

    public  the payload's publishable part, as klarera.pipeline.release writes it
    """
    return "\n".join(_lines(public)) + "\n"


def _lines(p: Mapping[str, Any]) -> Iterator[str]:
    total = p["decisions"]
    yield "---"
    yield f"pretty_name: {json.dumps(p['project'].get('name') or 'unnamed')}"
    yield "language: [" + ", ".join(code for code in p["languages"] if code != "unknown") + "]"
    yield "tags: [klarera]"
    yield "---"
    yield f"# {_plain(p['project'].get('name') or 'Dataset')}"
    yield ""
    for c in (c for c in p["conditions"] if c["accepted"]):
        taken = c["accepted"]
        yield f"- **Open and accepted** by {_plain(taken['by'])} on {taken['on']}: {c['id']} ({_plain(taken['why'])})"
    reading = p["reading"]
    who = (
        f"adopted by {_plain(reading['adopted_by'])} on {reading['adopted_on']}"
        if reading["adopted_by"]
        else "not adopted"
    )
    yield (
        f"Status **{p['status']}** for the purpose *{p['purpose']}*, under the law of {p['day']}, rulebook "
        f"`{p['rulebook']['sha256'][:12]}` of {p['rulebook']['version']}, reading *{reading['name']}* ({who})."
    )
    yield ""
    yield "| decision | records | words |"
    yield "| --- | --- | --- |"
    for name in ("kept", "redacted", "held", "dropped"):
        yield f"| {name} | {total[name]['records']:,} | {total[name]['words']:,} |"
    if p.get("tokens"):
        told, counted = p["tokenizer"], p["tokens"]["decisions"]
        yield ""
        yield (
            f"About {counted['kept'] + counted['redacted']:,} tokens are kept: words x tokens a word by language, "
            f"measured on a sample with {_plain(told['file'])} (sha256 `{told['sha256']}`)."
        )
    yield ""
    yield "## What was looked for"
    yield ""
    for d in p["detectors"]:
        yield f"- {d['name']} {d['version']}: {', '.join(d['kinds'])}; languages {', '.join(d['languages'])}"
    yield ""
    yield "Not looked for, in records of these languages:"
    for kind, missed in p["not_looked_for"].items():
        yield f"- {kind}: " + ", ".join(f"{code} {n:,}" for code, n in missed.items())
    missed = [r for r in p.get("residue", []) if r["state"] == "measured" and r["found"]]
    if missed:
        yield ""
        yield "Probably missed, by recall measured on other texts (an estimate here, for what was put in):"
        for r in missed:
            most = "more" if r["most"] is None else f"{r['most']:,}"
            yield f"- {r['kind']} {r['language']}: {r['least']:,} to {most}, beside {r['found']:,} found"
    yield ""
    yield "## Conditions that last"
    yield ""
    for c in (c for c in p["conditions"] if c["before"] == "lasting"):
        yield f"- {c['id']}: {_plain(c['says'])} ({c['article']})"
    yield ""
    yield "## What this does not show"
    yield ""
    yield "That the input was complete, what the detectors miss, and whether the reading of the law is right."
    yield "Klarera informs; it does not give legal advice."


def _plain(text: Any) -> str:
    """Text that stays text in Markdown."""
    return "".join("\\" + c if c in "\\`*_{}[]<>()#+-!|" else c for c in str(text) if c >= " ")
