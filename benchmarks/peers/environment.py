"""A virtual environment of its own for each peer, made when it is first needed.

Peers pin what Klarera does not; none of them may change the environment Klarera is measured in.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

__all__ = ["FOLDER", "PEERS", "python_of", "run"]

FOLDER = Path(__file__).parent.parent / ".peers"
PEERS: dict[str, tuple[str, ...]] = {"datatrove": ("datatrove==0.10.1", "pyarrow", "regex")}
"""Peer → what pip installs. datatrove's formatters import `regex` without requiring it."""


def python_of(peer: str) -> Path:
    """The Python of the peer's environment; the first call makes it (needs pip's index).

    An environment counts as made only once its list of packages is written, so that one whose making
    was interrupted is made again. Raises CalledProcessError if pip fails.
    """
    home = FOLDER / peer
    python, made = home / "bin" / "python", home / "installed.txt"
    wanted = "\n".join(PEERS[peer])
    if not made.exists() or made.read_text("utf-8") != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS[peer]], check=True)
        made.write_text(wanted, "utf-8")
    return python


def run(peer: str, script: Path, *arguments: str) -> str:
    """Standard output of a script run in the peer's environment."""
    done = subprocess.run([python_of(peer), script, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout
