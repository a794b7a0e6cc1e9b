"""The only way out: verify, take the newest register, refuse while something open blocks, copy what may be published.

DIR/data/part-*.parquet   rid, text after redaction, carried columns
DIR/README.md             dataset card: what was decided, under which law and reading, what is not shown
DIR/clearance.json        public counts, conditions, readings, rulebook and detectors; no work file is named
DIR/checkpoint            the signed checkpoint of the log, and log/verifier
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from klarera.errors import EvidenceError, RefusedError, UsageError
from klarera.evidence import verify as evidence_verify
from klarera.evidence.commits import Commit, head
from klarera.evidence.files import write_atomic

__all__ = ["PUBLIC", "blocking", "release"]

PUBLIC = (
    "klarera", "schema", "status", "purpose", "project", "model", "day", "known", "laws", "rulebook", "outdated",
    "reading", "readings_tried", "detectors", "without", "not_looked_for", "sources", "sizes", "languages",
    "decisions", "reasons", "by_source", "edits", "conditions", "register", "people", "tokenizer", "tokens",
    "residue",
)  # fmt: skip
"""Keys of a commit's payload that may be published: counts, words of law, versions."""


def blocking(payload: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Open conditions that stop a release."""
    return [c for c in payload["conditions"] if c["open"] and c["blocking"]]


def release(out: Path, target: Path, card: Callable[[Mapping[str, Any]], str]) -> Commit:
    """Write what may be published into an empty folder.

    Raises EvidenceError if OUT does not hold, RefusedError while a blocking condition is open or decisions
    are not applied, UsageError if the folder is not empty or the clearance is a sidecar.
    """
    report = evidence_verify.verify(out)
    if not report.holds:
        raise EvidenceError(report.problems[0].place, report.problems[0].problem, hint=f"klarera verify {out}")
    commit = head(out)
    if commit is None:
        raise UsageError(f"{out}: no clearance here", hint="klarera clear INPUT -o OUT")
    payload: Mapping[str, Any] = commit.payload
    if payload["sidecar"]:
        raise UsageError(f"{out}: holds edits, no texts to publish", hint="klarera clear --write text")
    if payload.get("pending"):
        raise RefusedError("decisions are newer than the files", hint=f"klarera apply {out}")
    still = blocking(payload)
    if still:
        names = ", ".join(c["id"] for c in still[:6]) + (" ..." if len(still) > 6 else "")
        raise RefusedError(
            f"{len(still)} blocking conditions are open: {names}",
            hint="settle them in klarera.toml and decide again, or --accept CONDITION --by NAME --why REASON",
        )
    if target.exists() and any(target.iterdir()):
        raise UsageError(f"{target}: is not empty", hint="a new folder")
    (target / "data").mkdir(parents=True, exist_ok=True)
    parts = sorted(p for p in commit.manifest if p.startswith("cleared/"))
    for path in parts:
        shutil.copyfile(out / path, target / "data" / Path(path).name)
    public = {key: payload[key] for key in PUBLIC if key in payload}
    public["parts"] = {Path(p).name: {"sha256": commit.manifest[p].sha256} for p in parts}
    public["commit"] = commit.sha256
    write_atomic(target / "clearance.json", json.dumps(public, indent=1, sort_keys=True).encode())
    shutil.copyfile(out / "log" / "checkpoint", target / "checkpoint")
    shutil.copyfile(out / "log" / "verifier", target / "verifier")
    write_atomic(target / "README.md", card(public).encode())
    return commit
