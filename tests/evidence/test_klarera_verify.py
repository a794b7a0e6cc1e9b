"""The stand-alone verifier answers as the package does, from code of its own."""

from __future__ import annotations

import ast
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from attacks import BROKEN, FORGED, OTHER
from small_clearance import FIRST, SECOND, change, units

from klarera.evidence.keys import Keys
from klarera.evidence.lock import Lock
from klarera.evidence.log import Log
from klarera.evidence.verify import verify


def agree(tool: ModuleType, out: Path, keys: Keys | None = None, kept: bytes | None = None) -> int:
    """The exit code both give."""
    ours = verify(out, key=keys.verifier if keys else None, checkpoint=kept)
    theirs = tool.Check(out, tool.read_key(str(keys.verifier)) if keys else None, kept).problems
    assert bool(ours.problems) == bool(theirs), (ours.problems, theirs)
    return ours.exit_code


def test_it_shares_no_code_and_needs_nothing_but_cryptography(tool_path: Path) -> None:
    source = tool_path.read_text()
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
    }
    assert imported - sys.stdlib_module_names == {"cryptography"}
    assert sum(1 for line in source.splitlines() if line.strip()) < 350


@pytest.mark.usefixtures("unsynced")
def test_both_agree_on_good_bundles(tool: ModuleType, tmp_path: Path, keys: Keys) -> None:
    """A clearance that grows by commits, parts and events, looked at after each change; and old checkpoints."""
    rng = random.Random(5)
    kept: list[bytes] = []
    contents, seen = dict(FIRST), 0
    with Lock(tmp_path) as lock:
        for step in range(40):
            if rng.random() < 0.3:
                contents[f"cleared/part-{step}.parquet"] = rng.randbytes(20)
            contents["report.html"] = rng.randbytes(8)
            change(lock, keys, contents, rng.choice(["clear", "decide", "apply"]), units(rng.randint(0, 9)))
            if rng.random() < 0.4:
                log = Log.open(tmp_path / "log")
                log.append([{"leaf": "event", "number": step}] * rng.randint(1, 30), keys)
            kept.append((tmp_path / "log/checkpoint").read_bytes())
            assert agree(tool, tmp_path, keys) == 0
            assert agree(tool, tmp_path) == 0
            assert agree(tool, tmp_path, None, rng.choice(kept)) == 0
            seen += 3
    assert seen == 120
    assert Log.open(tmp_path / "log").size > 256


@pytest.mark.parametrize("attack", [*BROKEN, *FORGED])
def test_both_agree_on_bad_bundles(tool: ModuleType, built: Path, tmp_path: Path, keys: Keys, attack: str) -> None:
    """Ten seeds of each attack, seen with and without key and checkpoint."""
    kept = (built / "log/checkpoint").read_bytes()
    for seed in range(10):
        out = tmp_path / str(seed) / "out"
        shutil.copytree(built, out)
        (BROKEN | FORGED)[attack](out, keys, random.Random(100 + seed))
        assert agree(tool, out, keys, kept) == 4
        assert agree(tool, out) == agree(tool, out, keys) or attack == "other_key"


def test_both_agree_on_every_kind_of_flip(tool: ModuleType, built: Path, out: Path) -> None:
    rng = random.Random(9)
    paths = [path for path in sorted(built.rglob("*")) if path.is_file() and path.stat().st_size]
    for _ in range(150):
        source = rng.choice(paths)
        target = out / source.relative_to(built)
        data = bytearray(source.read_bytes())
        data[rng.randrange(len(data))] ^= rng.randint(1, 255)
        target.write_bytes(bytes(data))
        assert agree(tool, out) == 4
        target.write_bytes(source.read_bytes())
    assert agree(tool, out) == 0


def test_erased_files_count_alike(tool: ModuleType, out: Path, keys: Keys) -> None:
    with Lock(out) as lock:
        change(lock, keys, FIRST, "erase")
    assert agree(tool, out) == 4
    (out / "cleared/part-1.parquet").unlink()
    assert agree(tool, out) == 0
    with Lock(out) as lock:
        change(lock, keys, {**SECOND, "report.html": b"x"}, "apply")
    (out / "work/.facts.1-0.tmp").write_bytes(b"half")
    assert agree(tool, out) == 0


def run(tool_path: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", str(tool_path), *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_as_a_command(tool_path: Path, built: Path, out: Path, tmp_path: Path, keys: Keys) -> None:
    done = run(tool_path, built, "--key", keys.verifier)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "holds")
    assert "what the detectors miss" in done.stdout
    assert run(tool_path, built).stdout.startswith("consistent, vouched for by nobody\n")
    (tmp_path / "key").write_text(f"{keys.verifier}\n")
    (out / "report.html").write_bytes(b"other")
    done = run(tool_path, out, "--key", tmp_path / "key", "--checkpoint", built / "log/checkpoint", "--json")
    assert done.returncode == 4
    assert json.loads(done.stdout)["verdict"] == "does not hold"
    assert json.loads(done.stdout)["problems"] == [
        {"place": "report.html", "problem": "is not the file that was committed"}
    ]


def test_wrong_use_is_exit_code_2(tool: ModuleType, built: Path, tmp_path: Path) -> None:
    for arguments in ([tmp_path / "none"], [built, "--key", "x"], [built, "--checkpoint", tmp_path / "none"]):
        with pytest.raises(SystemExit) as caught:
            tool.main([*map(str, arguments)])
        assert caught.value.code == 2


def test_another_key_does_not_vouch(tool: ModuleType, built: Path) -> None:
    assert agree(tool, built, OTHER) == 4
