"""Charts as inline SVG: no script, no style attribute, colours by class, so that one style sheet serves all.

Bars stand in the row of their number and take the width of their cell; the number is the text, the bar is
hidden from screen readers. `flow` stands alone and carries its own title and description.

>>> bar(1, 4, "dropped")
Markup('<svg class="bar" width="100%" height="10" aria-hidden="true"><rect class="dropped" x="0%" width="25.00%" \
height="10" rx="2"/></svg>')
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

__all__ = ["bar", "diverging", "flow", "stack"]

_FRAME = Markup('<svg class="bar" width="100%" height="10" aria-hidden="true">{}</svg>')
_RECT = Markup('<rect class="{}" x="{}%" width="{}%" height="10" rx="2"/>')


def bar(value: int, most: int, css: str) -> Markup:
    """One bar; `most` is the value that fills the cell."""
    return _FRAME.format(_rect(css, 0, value, most))


def stack(parts: Mapping[str, int], whole: int) -> Markup:
    """Parts of one row side by side, each in the colour of its name."""
    rects, at = [], 0
    for css, value in parts.items():
        rects.append(_rect(css, at, value, whole))
        at += value
    return _FRAME.format(Markup().join(rects))


def diverging(value: int, most: int) -> Markup:
    """A bar left (less) or right (more) of the middle of the cell; `most` fills one half."""
    start = most + min(value, 0)
    axis = Markup('<line class="axis" x1="50%" x2="50%" y1="0" y2="10"/>')
    return _FRAME.format(_rect("less" if value < 0 else "more", start, abs(value), 2 * most) + axis)


def _rect(css: str, start: int, value: int, whole: int) -> Markup:
    if not value or not whole:
        return Markup()
    return _RECT.format(css, f"{100 * start / whole:.2f}" if start else 0, f"{100 * value / whole:.2f}")


@dataclass
class _Node:
    """One block of the flow: where it stands, and how far links have used up its left and right side."""

    x: int
    y: float
    height: float
    left: float = 0.0
    right: float = 0.0


_WIDTH, _LINE, _GAP, _TALL = 860, 24, 12, 250
_COLUMNS = (118, 392, 716)
_THICK = 10


def flow(units: int, middle: Sequence[tuple[str, str, Mapping[str, int]]], ends: Sequence[str]) -> Markup:
    """Units in → where they came from → what became of them.

    middle  label, colour and end → units for each block of the middle column; they add up to `units`
    ends    names of the blocks on the right, which are also their colours, in order
    """
    into = {end: sum(parts.get(end, 0) for _, _, parts in middle) for end in ends}
    seen = [end for end in ends if into[end]]
    blocks = [(label, css, {e: parts[e] for e in seen if parts.get(e)}) for label, css, parts in middle]
    scale = _TALL / max(units, 1)
    first = _place(_COLUMNS[0], [units], scale, 0)
    tall = max(_height([sum(p.values()) for _, _, p in blocks], scale), _height([into[e] for e in seen], scale))
    between = _place(_COLUMNS[1], [sum(parts.values()) for _, _, parts in blocks], scale, tall)
    last = dict(zip(seen, _place(_COLUMNS[2], [into[e] for e in seen], scale, tall), strict=True))
    first[0].y = (tall - first[0].height) / 2
    shapes = []
    for node, (_, css, parts) in zip(between, blocks, strict=True):
        shapes.append(_link(first[0], node, sum(parts.values()) * scale, css))
        shapes += [_link(node, last[end], count * scale, end) for end, count in parts.items()]
    shapes.append(_block(first[0], "unit", "units in", units, before=True))
    for node, (label, css, parts) in zip(between, blocks, strict=True):
        shapes.append(_block(node, css, label, sum(parts.values())))
    shapes += [_block(node, end, end, into[end]) for end, node in last.items()]
    said = "; ".join(f"{end} {into[end]:,}" for end in ends)
    return Markup(
        '<svg class="flow" viewBox="0 -8 {} {}" role="img" aria-labelledby="flow-title flow-said">'
        '<title id="flow-title">What became of {} units of input</title><desc id="flow-said">{}</desc>{}</svg>'
    ).format(_WIDTH, f"{tall + 16:.0f}", f"{units:,}", said, Markup().join(shapes))


def _slots(counts: Iterable[int], scale: float) -> list[float]:
    return [max(count * scale, _LINE) for count in counts]


def _height(counts: Sequence[int], scale: float) -> float:
    return sum(_slots(counts, scale)) + _GAP * max(len(counts) - 1, 0)


def _place(x: int, counts: Sequence[int], scale: float, tall: float) -> list[_Node]:
    """Blocks of one column from the top; a thin block still gets the height of a line for its label."""
    spare = (tall - _height(counts, scale)) / 2 if tall else 0.0
    nodes, y = [], max(spare, 0.0)
    for count, slot in zip(counts, _slots(counts, scale), strict=True):
        height = max(count * scale, 2.0)
        nodes.append(_Node(x, y + (slot - height) / 2, height))
        y += slot + _GAP
    return nodes


def _link(start: _Node, end: _Node, height: float, css: str) -> Markup:
    """A band between two blocks; it takes the next free piece of each side."""
    thick = max(height, 1.0)
    x0, x1 = start.x + _THICK, end.x
    y0, y1 = start.y + start.right, end.y + end.left
    start.right, end.left = start.right + height, end.left + height
    bend = (x0 + x1) // 2
    path = (
        f"M{x0},{y0:.1f}C{bend},{y0:.1f} {bend},{y1:.1f} {x1},{y1:.1f}V{y1 + thick:.1f}"
        f"C{bend},{y1 + thick:.1f} {bend},{y0 + thick:.1f} {x0},{y0 + thick:.1f}Z"
    )
    return Markup('<path class="link {}" d="{}"/>').format(css, path)


def _block(node: _Node, css: str, label: str, count: int, *, before: bool = False) -> Markup:
    x = node.x - 10 if before else node.x + _THICK + 8
    short = label if len(label) <= 22 else label[:21] + "…"
    return Markup(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>'
        '<text x="{}" y="{}" text-anchor="{}">{} <tspan class="count">{}</tspan></text>'
    ).format(
        css, node.x, f"{node.y:.1f}", _THICK, f"{node.height:.1f}",
        x, f"{node.y + node.height / 2 + 5:.1f}", "end" if before else "start", short, f"{count:,}",
    )  # fmt: skip
