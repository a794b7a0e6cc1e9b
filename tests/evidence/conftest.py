"""A small clearance to read, a copy of it to spoil, and the stand-alone verifier."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from klarera.evidence import files
from klarera.evidence.keys import Keys
from klarera.evidence.lock import Lock

# Test modules are imported by path, so a helper beside them is not found by itself.
sys.path.insert(0, str(Path(__file__).parent))

from small_clearance import FIRST, SECOND, change


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys.create("posts", tmp_path_factory.mktemp("store") / "keys")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Path:
    """Three commits; never changed."""
    out = tmp_path_factory.mktemp("built") / "out"
    with Lock(out) as lock:
        change(lock, keys, FIRST)
        change(lock, keys, SECOND, "apply")
        change(lock, keys, SECOND, "judge", {"day": "2026-11-23"})
    return out


@pytest.fixture
def out(built: Path, tmp_path: Path) -> Path:
    """A copy of `built` to spoil."""
    shutil.copytree(built, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture(scope="session")
def tool_path() -> Path:
    """Where the stand-alone verifier lies."""
    return Path(__file__).parents[2] / "tools" / "klarera_verify.py"


@pytest.fixture(scope="session")
def tool(tool_path: Path) -> ModuleType:
    """The stand-alone verifier."""
    spec = importlib.util.spec_from_file_location("klarera_verify", tool_path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """fsync returns at once: the system's cache outlives a killed process, so nothing tested here differs."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def fault() -> Iterator[Callable[[Callable[[str, Path], None]], None]]:
    """Set files.FAULT for one test."""

    def use(hook: Callable[[str, Path], None]) -> None:
        files.FAULT = hook

    yield use
    files.FAULT = None
