"""make demo: clear the example, print the summary, show one proof and what a doubt costs. Offline.

Everything is written below ./demo of the checkout: demo/out is the clearance, demo/keys its keys.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
DEMO = HERE.parent.parent / "demo"

STEPS = (
    "clear posts-a.jsonl posts-b.jsonl posts-c.jsonl -o OUT --project klarera.toml",
    "explain OUT posts-a.jsonl:3",
    "verify OUT",
)


def main() -> int:
    """Run the steps; returns the first exit code that is not 0."""
    if DEMO.exists():
        shutil.rmtree(DEMO)
    DEMO.mkdir()
    environment = {**os.environ, "KLARERA_KEYS": str(DEMO / "keys")}
    for step in STEPS:
        print(f"\n$ klarera {step.replace('OUT', 'demo/out')}", flush=True)
        arguments = [str(DEMO / "out") if word == "OUT" else word for word in step.split()]
        done = subprocess.run(["klarera", *arguments], cwd=HERE, env=environment, check=False)
        if done.returncode:
            return done.returncode
    report = DEMO / "out" / "report.html"
    print(f"\nOpen {report.relative_to(DEMO.parent)} in a browser.")
    print("Next: KLARERA_KEYS=demo/keys .venv/bin/klarera compare demo/out    what each contested point costs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
