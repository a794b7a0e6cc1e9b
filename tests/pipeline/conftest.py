"""Invented posts and a way to clear them in a temporary folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from klarera.engines.local import local
from klarera.pipeline.clear import Job, Outcome, clear
from klarera.pipeline.state import Asked
from klarera.project import Project, parse
from klarera.read import Options
from klarera.register.snapshot import Snapshot
from klarera.rulebook import rulebook

DAY = date(2026, 11, 22)

STATED: dict[str, Any] = {
    "project": {
        "name": "invented posts", "purpose": "train-model", "legal_basis": "legitimate-interest", "lia_done": True,
        "dpia_done": True, "commercial": True, "gatekeeper": False,
    },
    "source": [
        {
            "name": "agora", "obtained": "first-party-platform", "visibility": "public", "ages_checked": True,
            "notice_given": True, "notice_date": date(2026, 3, 2), "notice_weeks": 8, "interest_told": True,
            "objection_route": True, "access_permitted": True, "robots_refused": False, "terms_forbid": False,
            "reserved": False, "reserved_in_words": False, "public_by_choice": True,
        }
    ],
}  # fmt: skip
"""A project that says what an ordinary first-party project would say."""


def posts(count: int = 60) -> list[dict[str, Any]]:
    """Ordinary posts of ten authors, with one record of each thing the law cares about."""
    made: list[dict[str, Any]] = [
        {"id": f"p{i}", "author": f"author{i % 10}", "text": f"Walked along the river today, round {i}, lovely light.",
         "source": "agora", "visibility": "public", "language": "en", "published_at": "2026-05-01T10:00:00Z"}
        for i in range(count)
    ]  # fmt: skip
    special = {
        3: "Write to kaja.lind@mail.example if you want the cat.",
        5: "My sister has multiple sclerosis and needs help.",
        7: "Transfer it to DE89 3704 0044 0532 0130 00 please.",
        11: "Thanks @mira_k and @oskar77 for the lift!",
        13: "I have diabetes and the canteen never cares.",
        17: "My 6 year old daughter lost a tooth today.",
        19: "I was convicted of fraud in 2019, ask me anything.",
    }
    for at, text in special.items():
        if at < count:
            made[at]["text"] = text
    return made


def write_lines(path: Path, rows: Iterable[Mapping[str, Any] | str]) -> Path:
    """JSON Lines; a string stands as it is (a broken line)."""
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows), "utf-8")
    return path


@dataclass
class Desk:
    """Clears into folders below one temporary folder, always with the same keys."""

    folder: Path
    project: Project

    def job(
        self, reading: str = "supported", *, workers: int = 1, on: date = DAY, laws: Sequence[str] = (),
        register: Snapshot | None = None, project: Project | None = None,
    ) -> Job:  # fmt: skip
        asked = Asked(on, max(DAY, rulebook().version), reading, tuple(laws))
        return Job(rulebook(), project or self.project, asked, register, local(workers), store=self.folder / "keys")

    def clear(self, inputs: Sequence[Path], name: str = "out", job: Job | None = None, **more: Any) -> Outcome:
        options = more.pop("options", Options())
        return clear(list(inputs), self.folder / name, job or self.job(), options=options, run_day=DAY, **more)

    def out(self, name: str = "out") -> Path:
        return self.folder / name

    def without_statements(self) -> Project:
        return Project(name=self.project.name)

    def adopted(self, by: str = "R. Reader, officer") -> Project:
        return replace(self.project, adopted_by=by, adopted_on=DAY)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    facts = {f.name: f for f in rulebook().facts}
    return Desk(tmp_path, parse(STATED, facts))


@pytest.fixture
def lines(tmp_path: Path) -> Callable[[str, Iterable[Mapping[str, Any] | str]], Path]:
    return lambda name, rows: write_lines(tmp_path / name, rows)


def cleared_bytes(out: Path) -> dict[str, bytes]:
    """Every cleared part by name."""
    return {p.name: p.read_bytes() for p in sorted((out / "cleared").glob("*"))}


def texts(out: Path) -> list[str]:
    """All cleared texts."""
    import pyarrow.parquet as pq

    return [t for p in sorted((out / "cleared").glob("*.parquet")) for t in pq.read_table(p).column("text").to_pylist()]
