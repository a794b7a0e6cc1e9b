"""make docs: renew what is computed in the documents: README transcripts, law sheets, golden spans.

    python tools/write_docs.py

Runs the demo and puts what it prints between the fences of README.md. A test compares the same lines.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
KLARERA = Path(sys.executable).parent / "klarera"
WIDTH = 118
DAY = "2026-11-22"
"""The transcripts are those of this day; on another day the law of that day decides."""


def printed(*arguments: str, env: dict[str, str]) -> list[str]:
    """What a command prints, cut to the width of a page."""
    done = subprocess.run([str(KLARERA), *arguments], capture_output=True, text=True, check=True, cwd=ROOT, env=env)
    lines = [re.sub(r"\b[0-9a-f]{32}\b", "…", line) for line in done.stdout.rstrip("\n").split("\n")]
    return [line if len(line) <= WIDTH else line[: WIDTH - 1] + "…" for line in lines]


def blocks() -> dict[str, list[str]]:
    """Each transcript of the README by its first line."""
    env = {**os.environ, "KLARERA_KEYS": str(ROOT / "demo" / "keys"), "KLARERA_TODAY": DAY}
    path = f"{KLARERA.parent}:{env['PATH']}"
    demo = subprocess.run(
        [sys.executable, "examples/public-posts/demo.py"],
        capture_output=True, text=True, check=True, cwd=ROOT, env={**env, "PATH": path},
    ).stdout.split("\n")  # fmt: skip
    start = next(i for i, line in enumerate(demo) if line.startswith("$ klarera clear"))
    counts = next(i for i, line in enumerate(demo) if line.startswith("Not looked for"))
    end = next(i for i, line in enumerate(demo) if line.startswith("The reading strict"))
    residue = next(i for i, line in enumerate(demo) if line.startswith("Expected residue"))
    units = next(i for i, line in enumerate(demo) if line.startswith("Units in"))
    missed = [*demo[residue : residue + 7], "  ...", ""]
    shown = [*demo[start : start + 6], "  ...", *demo[counts:residue], *missed, *demo[units : end + 1]]
    cut = [line if len(line) <= WIDTH else line[: WIDTH - 1] + "…" for line in shown]
    return {
        cut[0]: cut,
        "$ klarera explain demo/out posts-a.jsonl:1": [
            "$ klarera explain demo/out posts-a.jsonl:1", *printed("explain", "demo/out", "posts-a.jsonl:1", env=env)
        ],
        "$ klarera compare demo/out": [
            "$ klarera compare demo/out", *printed("compare", "demo/out", env=env)[:6], "...",
        ],
    }  # fmt: skip


def main() -> None:
    """Put every transcript in its place."""
    text = (ROOT / "README.md").read_text("utf-8")
    for first, lines in blocks().items():
        fence = re.compile(r"```\n" + re.escape(first) + r"\n.*?```", re.DOTALL)
        if not fence.search(text):
            raise SystemExit(f"README.md has no transcript that begins with: {first}")
        start, end = fence.search(text).span()  # type: ignore[union-attr]  # found just above
        text = text[:start] + "```\n" + "\n".join(lines) + "\n```" + text[end:]
    (ROOT / "README.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
