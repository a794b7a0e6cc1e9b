"""The README's transcripts are what the commands print."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_transcripts_are_what_is_printed() -> None:
    spec = importlib.util.spec_from_file_location("write_docs", ROOT / "tools" / "write_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    readme = (ROOT / "README.md").read_text("utf-8")
    for first, lines in module.blocks().items():
        assert "```\n" + "\n".join(lines) + "\n```" in readme, f"{first}: run `make docs`"


def test_every_command_of_the_readme_exists() -> None:
    from typer.main import get_command

    from klarera.cli.app import app

    names = set(get_command(app).commands)  # type: ignore[attr-defined]
    readme = (ROOT / "README.md").read_text("utf-8")
    used = {line.split()[1] for line in readme.splitlines() if line.startswith(("klarera ", "$ klarera "))}
    assert {word for word in used if word != "klarera"} <= names | {"clear", "explain", "compare"}
