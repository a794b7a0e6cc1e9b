"""Charts: what is drawn adds up, and what is written is text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.papers.charts import bar, diverging, flow, stack

from .page import Page

ENDS = ["kept", "redacted", "held", "dropped", "unreadable"]
counts = st.fixed_dictionaries({end: st.integers(0, 10**12) for end in ENDS[:4]})


def widths(svg: str) -> list[float]:
    return [float(w) for w in re.findall(r'<rect[^>]* width="([\d.]+)%"', svg)]


@settings(deadline=None, derandomize=True, max_examples=60)
@given(counts)
def test_parts_of_a_stack_fill_the_row(parts: dict[str, int]) -> None:
    whole = sum(parts.values())
    drawn = widths(str(stack(parts, whole)))
    assert len(drawn) == sum(v > 0 for v in parts.values())
    assert not whole or abs(sum(drawn) - 100) < 0.03


@pytest.mark.parametrize(("value", "most", "width"), [(0, 0, []), (0, 9, []), (1, 4, [25.0]), (4, 4, [100.0])])
def test_a_bar_has_the_share_of_its_value(value: int, most: int, width: list[float]) -> None:
    assert widths(str(bar(value, most, "kept"))) == width


@pytest.mark.parametrize(
    ("value", "rect"), [(-3, 'class="less" x="20.00%" width="30.00%"'), (5, 'class="more" x="50.00%" width="50.00%"')]
)
def test_less_goes_left_and_more_goes_right(value: int, rect: str) -> None:
    assert rect in str(diverging(value, 5))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(counts, min_size=1, max_size=8), st.integers(0, 10**6))
def test_the_flow_writes_every_count_and_keeps_inside_its_frame(sources: list[dict[str, int]], broken: int) -> None:
    middle = [(f"<b>{n}", "unit", parts) for n, parts in enumerate(sources)]
    middle.append(("not a record", "unreadable", {"unreadable": broken}))
    units = sum(sum(parts.values()) for _, _, parts in middle)
    svg = str(flow(units, middle, ENDS))
    page = Page(svg)
    assert "<b>0" in page.text
    for end in ENDS:
        count = sum(parts.get(end, 0) for _, _, parts in middle)
        assert f"{end} {count:,}" in page.text
    (frame,) = [given["viewbox"] for tag, given in page.tags if tag == "svg"]
    top, height = (float(x) for x in str(frame).split()[1::2])
    for tag, given_ in page.tags:
        if tag == "rect":
            y, tall = float(str(given_["y"])), float(str(given_["height"]))
            assert top <= y
            assert y + tall <= top + height
