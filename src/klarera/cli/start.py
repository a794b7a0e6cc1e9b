"""init and doctor: a project file and keys to begin with; what this machine and these inputs are like."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from klarera.cli.work import out_json, say, today
from klarera.errors import KlareraError, UsageError

__all__ = ["run_doctor", "start"]

TEMPLATES = {
    "public-posts": ("train-model", "first-party-platform", "public"),
    "web-crawl": ("train-model", "third-party-scrape", "public"),
    "listening-history": ("train-recommender", "first-party-platform", "private"),
    "fine-tune": ("train-model", "purchased-set", "public"),
}
"""Template → purpose, how obtained, visibility."""

QUESTIONS = (
    ("name", "Name of the project", "posts"),
    ("operator", "Who runs it", ""),
    ("source", "Name of the first source (a platform, a forum, a crawl)", "source-1"),
    ("notice_date", "Day the people were told of the use (2026-01-31, empty if not)", ""),
    ("ages_checked", "Are all accounts those of adults, as far as ages are checked (yes, no, empty)", ""),
    ("objection_route", "Can people object easily and without reasons (yes, no, empty)", ""),
)


def start(folder: Path, template: str, name: str, *, ask: bool, as_json: bool) -> None:
    """Write klarera.toml and make the keys. Raises UsageError if there is a klarera.toml."""
    from klarera.evidence.files import make_folder
    from klarera.pipeline.clear import dataset_name
    from klarera.pipeline.run import keys_for
    from klarera.project import load
    from klarera.rulebook import rulebook

    if template not in TEMPLATES:
        raise UsageError(f"no template '{template}'", hint=", ".join(TEMPLATES))
    path = folder / "klarera.toml"
    if path.exists():
        raise UsageError(f"{path}: exists already", hint="another folder")
    answers = {key: default for key, _, default in QUESTIONS}
    if name:
        answers["name"] = name
    if ask:
        for key, question, default in QUESTIONS:
            if key == "name" and name:
                continue
            given = input(f"{question}{f' [{default}]' if default else ''}: ").strip()
            answers[key] = given or default
    make_folder(folder)
    path.write_text("\n".join(_toml(template, answers)) + "\n", "utf-8")
    load(path, {f.name: f for f in rulebook().facts})
    keys = keys_for(dataset_name(answers["name"]), None, folder)
    if as_json:
        out_json({"project": str(path), "key_id": keys.key_id, "public_key": str(keys.verifier)})
        return
    say(f"Wrote {path}; what it does not say is unknown and becomes a condition")
    say(f"Keys of '{keys.dataset}' lie outside your data; hand out the public key: {keys.verifier}")
    say(f"Next: klarera clear INPUT -o OUT --project {path}")


def _toml(template: str, answers: dict[str, str]) -> Iterator[str]:
    purpose, obtained, visibility = TEMPLATES[template]

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    yield "# What is not said here is unknown, and stands in the report as a condition."
    yield "# `klarera rules list` names the rules; every fact they ask for may stand here under its name."
    yield ""
    yield "[project]"
    yield f"name = {quoted(answers['name'])}"
    yield f"operator = {quoted(answers['operator'])}"
    yield f'purpose = "{purpose}"'
    yield '# legal_basis = "legitimate-interest"'
    yield "# lia_done = true"
    yield "# dpia_done = true"
    yield ""
    yield "[[source]]"
    yield f"name = {quoted(answers['source'])}"
    yield f'obtained = "{obtained}"'
    yield f'visibility = "{visibility}"'
    if answers["notice_date"]:
        yield f"notice_date = {answers['notice_date']}"
        yield "notice_given = true"
    for key in ("ages_checked", "objection_route"):
        if answers[key] in ("yes", "no"):
            yield f"{key} = {'true' if answers[key] == 'yes' else 'false'}"
    yield ""
    yield "[readings]"
    yield 'base = "supported"'
    yield '# adopted_by = "name and office"'
    yield "# adopted_on = 2026-01-31"


def run_doctor(inputs: list[str], *, warm: bool, as_json: bool) -> None:
    """Print what was found; exits with 3 if an input cannot be read."""
    found: dict[str, Any] = {
        "python": sys.version.split()[0],
        "machine": f"{platform.system()} {platform.machine()}",
        "libraries": {n: metadata.version(n) for n in ("pyarrow", "polars", "numba", "numpy", "cryptography")},
    }
    if warm:
        from klarera.kernels import warm as compile_all

        begun = time.monotonic()
        count = compile_all(None if as_json else _tell)
        found["kernels"] = {"compiled": count, "seconds": round(time.monotonic() - begun, 1)}
    from klarera.evidence.keys import default_store

    found["keys"] = str(default_store())
    cleared = [i for i in inputs if (Path(i) / "clearance.json").is_file()]
    rest = [i for i in inputs if i not in cleared]
    problems = [] if not rest else list(_inputs(rest, found))
    if cleared:
        found["clearances"] = {i: _clearance(Path(i)) for i in cleared}
    if as_json:
        out_json({**found, "problems": problems})
    else:
        for name, value in found.items():
            say(f"{name}: {value}")
        for entry in found.get("clearances", {}).values():
            if entry["overdue"]:
                say(f"! {entry['overdue']}")
        for problem in problems:
            say(f"! {problem}")
    if problems:
        sys.exit(3)


def _clearance(out: Path) -> dict[str, object]:
    """What a clearance still keeps of the input, and what of it is past its retention."""
    from klarera.evidence.commits import head
    from klarera.pipeline.retention import overdue

    commit = head(out)
    if commit is None:
        raise UsageError(f"{out}: no clearance here", hint="klarera clear INPUT -o OUT")
    late = overdue(commit.payload, today())
    said: Any = commit.payload["retention"]
    return {**said, "overdue": f"{late} (try: klarera apply {out} --expire)" if late else None}


def _tell(name: str, number: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"compiling {number}/{total} {name:<40}", end="\r" if number < total else "\n", file=sys.stderr)  # noqa: T201


def _inputs(inputs: list[str], found: dict[str, object]) -> Iterator[str]:
    from klarera.read import Options
    from klarera.read.catalog import columns, plan

    try:
        shards = plan(inputs, Options())
    except KlareraError as error:
        yield str(error)
        return
    files: dict[str, dict[str, object]] = {}
    for shard in shards:
        entry = files.setdefault(Path(shard.path).name, {"reader": shard.reader, "bytes": shard.size, "shards": 0})
        entry["shards"] = int(str(entry["shards"])) + 1
        if "mapping" not in entry:
            used, rest = columns(Path(shard.path), Options())
            entry["mapping"], entry["unmapped"] = used, rest
            if "text" not in used:
                yield f"{Path(shard.path).name}: no column is read as text (try: --map text=COLUMN)"
        if Path(shard.path).suffix in (".gz", ".zst"):
            entry["note"] = "a compressed stream is one shard: workers cannot share it"
    found["inputs"] = files
