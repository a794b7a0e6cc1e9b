"""A report as a test reads it: headings, tables, identifiers and what a browser would fetch or run."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "br", "hr", "img", "input", "link", "source", "area", "base", "col", "embed", "track", "wbr"})
HIDDEN = "hidden"


@dataclass
class Table:
    """One table: caption, and rows of visible cell texts, with the scopes of its header cells."""

    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)
    scopes: list[str | None] = field(default_factory=list)

    def row(self, head: str) -> list[str]:
        """The one row whose first cell begins with this."""
        (found,) = [r for r in self.rows if r and r[0].startswith(head)]
        return found


class Page(HTMLParser):
    """Parses strictly: an end tag that does not close the open element fails."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[str, str]] = []
        self.tables: dict[str, Table] = {}
        self.text = ""
        self.style = ""
        self._table = Table()
        self.feed(html)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag not in VOID:
            self.open.append((tag, given))
        if tag == "table":
            self._table = Table()
        elif tag == "caption":
            self.tables[given["id"] or ""] = self._table
        elif tag == "tr":
            self._table.rows.append([])
        elif tag in ("td", "th"):
            self._table.rows[-1].append("")
            if tag == "th":
                self._table.scopes.append(given.get("scope"))
        elif tag in ("h1", "h2", "h3"):
            self.headings.append((tag, ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1][0] == tag, f"</{tag}> inside <{self.open[-1][0]}> at {self.getpos()}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        inside = [tag for tag, _ in self.open]
        if "style" in inside:
            self.style += data
            return
        self.text += data
        if any(HIDDEN in (given.get("class") or "").split() for _, given in self.open):
            return
        for tag in inside:
            if tag == "caption":
                self._table.caption += data
            elif tag in ("td", "th"):
                self._table.rows[-1][-1] += data
            elif tag in ("h1", "h2", "h3"):
                level, text = self.headings[-1]
                self.headings[-1] = (level, text + data)

    def attributes(self, name: str) -> list[str]:
        """Every value of this attribute."""
        return [given[name] or "" for _, given in self.tags if name in given]


def as_number(cell: str) -> int:
    """A printed number, with separators and the minus sign of print."""
    return int(cell.strip().replace(",", "").replace("−", "-"))
