"""The arrows of docs/architecture.md: a room imports only rooms that stand in its row."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "klarera"

MAY_IMPORT = {
    "model": "",
    "errors": "",
    "batch": "model",
    "kernels": "",
    "read": "model errors batch kernels",
    "find": "model errors batch kernels",
    "facts": "model errors batch kernels",
    "law": "model errors",
    "rulebook": "model errors law",
    "act": "model errors batch kernels",
    "evidence": "model errors",
    "plugs": "model errors",
    "project": "model errors law plugs",
    "register": "model errors",
    "decide": "model errors facts law",
    "store": "model errors batch facts evidence",
    "papers": "model errors law",
    "pipeline": "model errors batch kernels read find facts law rulebook act evidence plugs project register "
    "decide store",
    "engines": "model errors pipeline",
    "cli": "model errors batch read find facts law rulebook act evidence project register decide store papers "
    "pipeline engines kernels",
}
"""Room → rooms it may import. Each room may import itself."""


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Line and room of each import of ours."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "klarera":
            parts = node.module.split(".")
            rooms = [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
            yield from ((node.lineno, room) for room in rooms)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("klarera."):
                    yield node.lineno, alias.name.split(".")[1]


def room_of(file: Path) -> str:
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


def test_the_list_itself_has_no_cycle() -> None:
    rooms = list(MAY_IMPORT)
    for room, allowed in MAY_IMPORT.items():
        later = set(allowed.split()) - set(rooms[: rooms.index(room)])
        assert later <= {"kernels"} if room == "cli" else not later, room


def test_every_import_is_on_the_list() -> None:
    wrong = []
    for file in sorted(SOURCE.rglob("*.py")):
        room = room_of(file)
        if room == "__init__":
            continue
        allowed = {room, "__version__", *MAY_IMPORT[room].split()}
        wrong += [f"{file.relative_to(SOURCE)}:{n}: {room} -> {to}" for n, to in imports(file) if to not in allowed]
    assert wrong == []


def test_only_the_kernel_room_compiles() -> None:
    wrong = []
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            if any(name.split(".")[0] == "numba" for name in names) and room_of(file) != "kernels":
                wrong.append(str(file.relative_to(SOURCE)))
    assert wrong == []


@pytest.mark.parametrize("module", ["klarera.law", "klarera.rulebook", "klarera.evidence.verify", "klarera.cli.app"])
def test_light_rooms_load_no_heavy_library(module: str) -> None:
    heavy = "{'numba', 'polars', 'pyarrow', 'numpy'} & set(sys.modules)"
    code = f"import sys, {module}; print(sorted({heavy}))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert found == "[]"


CLOCKS = {"now", "today", "time", "utcnow", "monotonic", "perf_counter"}


def test_only_the_edge_reads_the_clock() -> None:
    """The day is an argument; the command line reads it once."""
    wrong = []
    for file in sorted(SOURCE.rglob("*.py")):
        if room_of(file) == "cli":
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in CLOCKS
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in {"datetime", "date", "time"}
            ):
                wrong.append(f"{file.relative_to(SOURCE)}:{node.lineno}")
    assert wrong == []
