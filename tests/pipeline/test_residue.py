"""Expected residue: recall as measured, arithmetic on intervals, and what may not be reckoned at all."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klarera.find.email import DETECTOR as EMAIL
from klarera.find.scan import catalogue
from klarera.model import About, Kind
from klarera.pipeline import residue as room
from klarera.pipeline.clear import decide_again
from klarera.pipeline.residue import Measured, bounds, found_in, parse, residue, wilson

from .conftest import Desk, posts, write_lines


@pytest.fixture
def payload(desk: Desk) -> Any:
    rows = posts(40)
    rows[21] |= {"language": "de", "text": "Schreib an mira.holm@mail.example oder tom@mail.example bitte."}
    rows[22] |= {"language": "xx", "text": "ola@mail.example"}
    return desk.clear(
        [write_lines(desk.folder / "a.jsonl", rows[:25]), write_lines(desk.folder / "b.jsonl", rows[25:])]
    ).commit.payload


def rows_of(payload: Any, **wanted: str) -> list[dict[str, Any]]:
    return [r for r in payload["residue"] if all(r[k] == v for k, v in wanted.items())]


def test_every_kind_and_language_is_one_of_three(payload: Any) -> None:
    pairs = [(r["kind"], r["language"]) for r in payload["residue"]]
    assert pairs == [(k.name, code) for k in Kind for code in sorted(payload["languages"])]
    for r in payload["residue"]:
        looked = r["language"] not in payload["not_looked_for"].get(r["kind"], {})
        assert (r["state"] != "not looked for") is looked, r
    assert {r["state"] for r in rows_of(payload, kind="ADDRESS")} == {"not looked for"}
    assert rows_of(payload, kind="HANDLE", language="en")[0]["state"] == "not measured"
    assert rows_of(payload, kind="EMAIL", language="de")[0] == {
        "kind": "EMAIL", "language": "de", "found": 2, "state": "not measured",
    }  # fmt: skip


def test_a_measured_pair_carries_its_sets_and_the_interval_that_follows(payload: Any) -> None:
    (email,) = rows_of(payload, kind="EMAIL", language="en")
    assert (email["state"], email["found"], email["detectors"]) == ("measured", 1, f"email@{EMAIL.version}")
    (told,) = email["sets"]
    low, high = wilson(told["found"], told["labelled"])
    assert (email["recall_low"], email["recall_high"]) == (f"{low:.3f}", f"{high:.3f}")
    assert (email["least"], email["most"]) == (0, math.ceil((1 - low) / low))


def test_the_interval_of_several_sets_reaches_over_all_of_them(payload: Any) -> None:
    sets = [m for m in room.table() if (m.kind, m.language) == ("PERSON", "en")]
    assert len(sets) > 1
    (person,) = rows_of(payload, kind="PERSON", language="en")
    shares = [wilson(m.found, m.labelled) for m in sets]
    assert person["recall_low"] == f"{min(s[0] for s in shares):.3f}"
    assert person["recall_high"] == f"{max(s[1] for s in shares):.3f}"


def test_a_figure_of_another_version_or_beside_another_detector_does_not_count(desk: Desk) -> None:
    from dataclasses import replace

    from klarera.cli.asking import open_clearance
    from klarera.pipeline.plugged import Plugged
    from klarera.plugs import Plug

    desk.clear([write_lines(desk.folder / "a.jsonl", posts(10))])
    settings = open_clearance(desk.out(), desk.job()).settings
    nothing = np.zeros((room.KINDS, 28), np.int64)

    def state(settings: Any, *measured: Measured) -> str:
        rows = residue(settings, {"en": 10}, [nothing], measured)
        return str(next(r for r in rows if r["kind"] == "EMAIL")["state"])

    now = Measured("EMAIL", "en", f"email@{EMAIL.version}", 9, 10, "invented", "2026-01-01")
    assert state(settings, now) == "measured"
    assert state(settings) == "not measured"
    assert state(settings, replace(now, detectors="email@0")) == "not measured"
    assert state(settings, replace(now, labelled=0, found=0)) == "not measured"
    beside = Plugged(Plug("more", "callable", "x.py:f"), ("EMAIL",), {"sha256": ""})
    assert state(replace(settings, plugged=(beside,)), now) == "not measured"
    assert state(replace(settings, without=("email",)), now) == "not looked for"


def test_what_was_found_is_counted_from_the_tables_without_topics(desk: Desk, payload: Any) -> None:
    counted: dict[str, int] = {}
    for path in (desk.out() / "work" / "findings").glob("*.parquet"):
        for kind, about in zip(*(pq.read_table(path).column(c).to_pylist() for c in ("kind", "about")), strict=True):
            if about != About.GENERAL:
                counted[Kind(kind).name] = counted.get(Kind(kind).name, 0) + 1
    told: dict[str, int] = {}
    for r in payload["residue"]:
        told[r["kind"]] = told.get(r["kind"], 0) + r["found"]
    assert {k: n for k, n in told.items() if n} == counted
    assert counted["EMAIL"] == 4
    total = sum(found_in((str(desk.out()), s["segment"])).sum() for s in payload["segments"])
    assert total == sum(counted.values())


def test_another_reading_finds_the_same(desk: Desk, payload: Any) -> None:
    decided: Any = decide_again(desk.out(), desk.job("strict")).commit.payload
    assert decided["residue"] == payload["residue"]


@given(st.integers(1, 10**6), st.integers(0, 500), st.integers(1, 500))
def test_bounds_hold_for_every_recall_of_the_interval(found: int, hits: int, n: int) -> None:
    low, high = wilson(min(hits, n), n)
    assert 0 <= low <= high <= 1
    least, most = bounds(found, low, high)
    for share in (low, (low + high) / 2, high):
        if share > 0:
            missed = found * (1 - share) / share
            assert least <= missed + 1e-6
            assert most is None or missed <= most + 1e-6


def test_nothing_found_is_nothing_to_reckon_with() -> None:
    assert bounds(0, 0.9, 1.0) == (0, None)
    assert bounds(5, 0.0, 0.0) == (0, None)


def test_the_table_of_the_package_names_kinds_sets_and_days() -> None:
    rows = room.table()
    assert rows
    for m in rows:
        assert m.kind in Kind.__members__
        assert 0 <= m.found <= m.labelled
        assert m.labelled >= 5
        assert m.set
        assert len(m.measured_on) == 10
    assert len({(m.kind, m.language, m.set) for m in rows}) == len(rows)


def test_the_lines_of_the_planted_posts_are_what_is_measured_today() -> None:
    """Lines of versions that are gone count for nothing, so they may stand until the next measurement."""
    from benchmarks import recall

    stored = {(m.kind, m.language): m for m in room.table() if m.set == recall.OWN}
    measured = recall.measure(list(recall.own()), recall.OWN, date(2026, 1, 1), None)
    now = {f"{d.name}@{d.version}" for d in catalogue()}
    assert {(m.kind, m.language) for m in measured} >= {k for k, m in stored.items() if m.detectors in now}
    for m in measured:
        before = stored.get((m.kind, m.language))
        if before is not None and before.detectors == m.detectors:
            assert (m.found, m.labelled) == (before.found, before.labelled), m


def test_a_table_is_read_with_its_comments() -> None:
    text = "# where from\n" + "\t".join(room.COLUMNS) + "\nEMAIL\ten\temail@1\t9\t10\tinvented\t2026-01-01\n"
    assert parse(text) == (Measured("EMAIL", "en", "email@1", 9, 10, "invented", "2026-01-01"),)
