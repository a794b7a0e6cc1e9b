"""Carried columns are searched, counted and redacted like the text; and edits of mixed changes are never lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from klarera.evidence.verify import verify
from klarera.model import Kind
from klarera.pipeline.clear import Outcome, apply_decisions
from klarera.pipeline.recompute import recompute
from klarera.project import Policy
from klarera.read import Options
from klarera.register.snapshot import Snapshot

from .conftest import Desk, cleared_bytes, posts, texts

Lines = Callable[[str, Any], Path]


def reasons(outcome: Outcome) -> dict[str, int]:
    listed: Any = outcome.commit.payload["reasons"]
    return {r["code"]: r["records"] for r in listed}


@pytest.mark.parametrize("name", ["note", "a/b", "../up", "so me.x", "ünïcode", "00000-00"])
def test_a_carried_column_of_any_name_is_searched_and_redacted(desk: Desk, lines: Lines, name: str) -> None:
    rows = posts(20)
    for row in rows:
        row[name] = "nothing here"
    rows[2][name] = "reach me at hidden.person@mail.example"
    rows[4][name] = "my sister Sistermark has multiple sclerosis"
    outcome = desk.clear([lines("posts.jsonl", rows)], options=Options(carry=(name,)))
    (part,) = (desk.out() / "cleared").glob("*.parquet")
    table = pq.read_table(part)
    values = [v for c in table.column_names[2:] for v in table.column(c).to_pylist()]
    assert "reach me at [EMAIL]" in values
    assert not any("hidden.person" in v or "sclerosis" in v for v in values)
    assert reasons(outcome)["art9-other"] >= 2
    assert verify(desk.out(), extra=(recompute,)).problems == ()
    assert not list(desk.folder.glob("up*"))


def test_who_objected_is_found_in_carried_columns_too(desk: Desk, lines: Lines) -> None:
    rows = posts(20)
    for row in rows:
        row["note"] = "nothing here"
    rows[2]["note"] = "ask third.person@mail.example"
    register = Snapshot((("objection", "email", "third.person@mail.example", ""),), "0" * 64)
    outcome = desk.clear(
        [lines("posts.jsonl", rows)], job=desk.job(register=register), options=Options(carry=("note",))
    )
    assert reasons(outcome)["objection-third"] == 1


def test_changes_in_both_directions_at_once_equal_a_fresh_clear(desk: Desk, lines: Lines) -> None:
    """In one segment one record loses edits that cut across the new ones, others gain some."""
    rows = posts(60)
    rows[20]["text"] = "I'm 34 and tired. Nothing else."
    rows[21]["text"] = "Yes. I'm 34, write to anna.lind@mail.example soon. I'm 34."
    rows[22]["text"] = "I have no diabetes, I'm 34, call anna.lind@mail.example today."
    file = lines("posts.jsonl", rows)

    def job(reading: str, *kinds: Kind) -> Any:
        return desk.job(reading, project=replace(desk.project, policy=Policy(redact={"": frozenset(kinds)})))

    steps = [("supported", ()), ("industry", (Kind.ADULT,)), ("strict", ()), ("industry", (Kind.HEALTH, Kind.ADULT)),
             ("supported", (Kind.ADULT,)), ("industry", ())]  # fmt: skip
    desk.clear([file], "moving", job(*steps[0][:1]))
    for number, (reading, kinds) in enumerate(steps[1:]):
        apply_decisions(desk.out("moving"), job(reading, *kinds))
        desk.clear([file], f"fresh-{number}", job(reading, *kinds))
        assert texts(desk.out("moving")) == texts(desk.out(f"fresh-{number}")), (reading, kinds)
        assert cleared_bytes(desk.out("moving")) == cleared_bytes(desk.out(f"fresh-{number}"))
        assert not any("anna.lind" in t for t in texts(desk.out("moving")))
    assert verify(desk.out("moving"), extra=(recompute,)).problems == ()
