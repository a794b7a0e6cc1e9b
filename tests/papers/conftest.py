"""The payload of a small real clearance whose project and sources carry names meant to break a page."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from klarera.engines.local import local
from klarera.papers.report import render
from klarera.pipeline.clear import Job, clear
from klarera.pipeline.state import Asked
from klarera.project import parse
from klarera.read import Options
from klarera.rulebook import rulebook

DAY = date(2026, 11, 22)
SCRIPT = "<script>alert(1)</script> & **bold** [x](javascript:alert(1))"
IMAGE = "</style></title><img src=x onerror=alert(2)>\"'"

TEXTS = {
    3: "Write to kaja.lind@mail.example if you want the cat.",
    5: "My sister has multiple sclerosis and needs help.",
    7: "Transfer it to DE89 3704 0044 0532 0130 00 please.",
    11: "Thanks @mira_k and @oskar77 for the lift!",
    13: "I have diabetes and the canteen never cares.",
    19: "I was convicted of fraud in 2019, ask me anything.",
}


@pytest.fixture(scope="session")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], bytes]:
    """The payload of the commit, and the report that was written with it."""
    folder = tmp_path_factory.mktemp("report")
    rows = [
        {"id": f"p{i}", "author": f"author{i % 7}", "text": TEXTS.get(i, f"Walked along the river today, round {i}."),
         "source": IMAGE if i % 3 else "plain", "visibility": "public",
         "language": "en" if i in TEXTS else ("en", "de", "fi")[i % 3],
         "published_at": "2026-05-01T10:00:00Z", "unheard<b>": 1}
        for i in range(40)
    ]  # fmt: skip
    posts = folder / "posts&.jsonl"
    posts.write_text("".join(json.dumps(row) + "\n" for row in rows) + "{broken\n", "utf-8")
    stated = {
        "project": {"name": SCRIPT, "description": IMAGE, "purpose": "train-model", "commercial": True},
        "source": [{"name": IMAGE, "obtained": "first-party-platform", "notice_date": date(2026, 3, 2)},
                   {"name": "plain", "reserved": False, "visibility": "public"}],
        "policy": {"hold": ["HANDLE"]},
    }  # fmt: skip
    project = parse(stated, {f.name: f for f in rulebook().facts})
    asked = Asked(DAY, max(DAY, rulebook().version), "supported", ())
    job = Job(rulebook(), project, asked, None, local(1), store=folder / "keys", report=render)
    made = clear([posts], folder / "out", job, options=Options(), run_day=DAY)
    return dict(made.commit.payload), (folder / "out" / "report.html").read_bytes()


@pytest.fixture(scope="session")
def cleared(outcome: tuple[dict[str, Any], bytes]) -> dict[str, Any]:
    return outcome[0]


@pytest.fixture
def payload(cleared: dict[str, Any]) -> dict[str, Any]:
    return deepcopy(cleared)
