"""Edits: what is taken out, and by which placeholder."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.act.edits import EDIT, SENTENCE, SPAN, Edits, counts_by_kind, edits_of, extents
from klarera.batch import Findings
from klarera.errors import InputError
from klarera.model import About, Kind

QUICK = settings(max_examples=60, deadline=None, derandomize=True)
PERSONS = (About.UNCLEAR, About.AUTHOR, About.OTHER)
SPANS = extents([(tuple(Kind), PERSONS, "span")])
NOTHING = extents([])


class Seen(NamedTuple):
    start: int
    end: int
    kind: Kind = Kind.EMAIL
    row: int = 0
    about: About = About.OTHER
    sentence: tuple[int, int] = (0, 40)
    key: bytes = bytes(16)


def found(*seen: Seen) -> Findings:
    n = len(seen)
    zeros = np.zeros(n, np.uint8)

    def i4(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        return np.array(values, np.int32)

    made = Findings(
        i4(*[s.row for s in seen]), i4(*[s.start for s in seen]), i4(*[s.end for s in seen]),
        i4(*[s.sentence[0] for s in seen]), i4(*[s.sentence[1] for s in seen]),
        np.array([s.kind for s in seen], np.uint8), np.array([s.about for s in seen], np.uint8),
        zeros, zeros, zeros, zeros, np.frombuffer(b"".join(s.key for s in seen), np.uint8).reshape(n, 16),
    )  # fmt: skip
    return made.take(np.lexsort((made.kind, made.end, made.start, made.row)))


def edits(
    *seen: Seen, table: np.ndarray[tuple[int, ...], np.dtype[np.uint8]] = SPANS, secret: bytes | None = None
) -> Edits:
    rows = max((s.row for s in seen), default=0) + 1
    return edits_of(found(*seen), [table], np.zeros(rows, np.int32), secret)


def plain(made: Edits) -> list[tuple[int, int, int, str]]:
    rows = zip(made.row.tolist(), made.start.tolist(), made.end.tolist(), made.label.tolist(), strict=True)
    return [(r, s, e, made.labels[x].decode()) for r, s, e, x in rows]


UNIONS = [
    ("one", [Seen(5, 10)], [(0, 5, 10, "[EMAIL]")]),
    ("apart", [Seen(1, 3), Seen(5, 9, Kind.PHONE)], [(0, 1, 3, "[EMAIL]"), (0, 5, 9, "[PHONE]")]),
    ("touching stay two", [Seen(1, 5), Seen(5, 9, Kind.PHONE)], [(0, 1, 5, "[EMAIL]"), (0, 5, 9, "[PHONE]")]),
    ("overlapping are one, named after the longest", [Seen(1, 6), Seen(4, 20, Kind.PHONE)], [(0, 1, 20, "[PHONE]")]),
    ("one within another", [Seen(1, 20), Seen(4, 9, Kind.PHONE)], [(0, 1, 20, "[EMAIL]")]),
    ("the same bytes twice", [Seen(1, 6), Seen(1, 6, Kind.PHONE)], [(0, 1, 6, "[EMAIL]")]),
    ("a chain of three", [Seen(0, 4), Seen(3, 8, Kind.IBAN), Seen(7, 9)], [(0, 0, 9, "[IBAN]")]),
    ("rows do not mix", [Seen(0, 9), Seen(3, 12, row=1)], [(0, 0, 9, "[EMAIL]"), (1, 3, 12, "[EMAIL]")]),
    ("a mere topic stays", [Seen(0, 9, about=About.GENERAL)], []),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "wanted"), [u[1:] for u in UNIONS], ids=[u[0] for u in UNIONS])
def test_union_of_bytes(seen: list[Seen], wanted: list[tuple[int, int, int, str]]) -> None:
    assert plain(edits(*seen)) == wanted


def test_a_sentence_takes_in_the_spans_within() -> None:
    table = extents([((Kind.HEALTH,), PERSONS, "sentence"), ((Kind.EMAIL, Kind.PHONE), PERSONS, "span")])
    made = edits(Seen(12, 17, Kind.HEALTH, sentence=(10, 30)), Seen(20, 28), Seen(35, 39, Kind.PHONE), table=table)
    assert plain(made) == [(0, 10, 30, "[HEALTH]"), (0, 35, 39, "[PHONE]")]


def test_of_two_extents_the_larger_stands_whatever_their_order() -> None:
    both = [((Kind.MINOR,), PERSONS, "sentence"), ((Kind.MINOR,), (About.OTHER,), "span")]
    for rows in (both, both[::-1]):
        table = extents(rows)
        assert (table[Kind.MINOR, About.OTHER], table[Kind.MINOR, About.GENERAL]) == (SENTENCE, 0)
    assert SPANS[Kind.EMAIL, About.AUTHOR] == SPAN


def test_each_row_follows_its_own_table() -> None:
    seen = found(Seen(0, 5), Seen(0, 5, row=1), Seen(0, 5, row=2))
    made = edits_of(seen, [NOTHING, SPANS], np.array([0, 1, -1], np.int32))
    assert plain(made) == [(1, 0, 5, "[EMAIL]")]


ONE, TWO = b"\x01" * 16, b"\x02" * 16


def test_pseudonyms_are_stable_typed_and_of_this_dataset() -> None:
    def names(secret: bytes, *seen: Seen) -> list[str]:
        return [label for *_, label in plain(edits(*seen, secret=secret))]

    a, b, c, d = names(b"s" * 32, Seen(0, 3, key=ONE), Seen(4, 7, key=TWO), Seen(8, 11, key=ONE),
                       Seen(12, 15, Kind.PHONE, key=ONE))  # fmt: skip
    assert a == c
    assert len({a, b, d}) == 3
    assert re.fullmatch(r"\[EMAIL [a-hjkmnp-tv-z0-9]{4}\]", a)
    assert d.startswith("[PHONE ")
    assert names(b"s" * 32, Seen(40, 47, row=3, key=ONE)) == [a]
    assert names(b"t" * 32, Seen(0, 3, key=ONE)) != [a]
    assert names(b"s" * 32, Seen(0, 3)) == ["[EMAIL]"]


def test_a_sentence_has_no_pseudonym() -> None:
    table = extents([((Kind.EMAIL,), PERSONS, "sentence")])
    assert plain(edits(Seen(3, 9, key=ONE), table=table, secret=b"s")) == [(0, 0, 40, "[EMAIL]")]


@pytest.mark.parametrize("secret", [None, b"s"])
def test_nothing_found_is_no_edit(secret: bytes | None) -> None:
    made = edits(secret=secret)
    assert plain(made) == []
    assert made.to_lists(2).to_pylist() == [[], []]
    assert counts_by_kind(made) == {} or set(counts_by_kind(made).values()) == {0}


def test_placeholders_are_counted_by_kind() -> None:
    made = edits(Seen(0, 3, key=ONE), Seen(4, 7, key=TWO), Seen(8, 11, Kind.PHONE, key=ONE), secret=b"s")
    assert {k: n for k, n in counts_by_kind(made).items() if n} == {"EMAIL": 2, "PHONE": 1}


def drawn(rows: int) -> st.SearchStrategy[list[tuple[int, int, int, str]]]:
    """Edits in order that do not overlap: gaps and lengths, row by row."""
    steps = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 6), st.sampled_from(["", "[A]", "[B é]"])), max_size=4)

    def lay(listed: list[list[tuple[int, int, str]]]) -> list[tuple[int, int, int, str]]:
        made = []
        for row, spans in enumerate(listed):
            at = 0
            for gap, length, label in spans:
                made.append((row, at + gap, at + gap + length, label))
                at += gap + length
        return made

    return st.lists(steps, min_size=rows, max_size=rows).map(lay)


def as_edits(listed: list[tuple[int, int, int, str]]) -> Edits:
    labels = tuple(dict.fromkeys(label.encode() for *_, label in listed))
    columns = np.array([(r, s, e, labels.index(x.encode())) for r, s, e, x in listed], np.int32).reshape(-1, 4)
    row, start, end, label = (np.ascontiguousarray(columns[:, i]) for i in range(4))
    return Edits(row, start, end, label, labels)


@QUICK
@given(drawn(5))
def test_lists_and_back(listed: list[tuple[int, int, int, str]]) -> None:
    lists = as_edits(listed).to_lists(5)
    assert lists.type.value_type == EDIT
    assert plain(Edits.from_lists(lists)) == listed
    assert plain(Edits.from_lists(pa.chunked_array([lists.slice(0, 2), lists.slice(2)]))) == listed
    assert plain(Edits.from_lists(lists.slice(1, 3))) == [(r - 1, s, e, x) for r, s, e, x in listed if 1 <= r < 4]


@QUICK
@given(drawn(6), st.permutations(range(6)), st.integers(0, 6))
def test_select_renumbers_rows_by_their_place(
    listed: list[tuple[int, int, int, str]], order: list[int], n: int
) -> None:
    rows = order[:n]
    made = as_edits(listed).select(np.array(rows, np.int64))
    wanted = [(place, s, e, x) for place, row in enumerate(rows) for r, s, e, x in listed if r == row]
    assert plain(made) == wanted


WRONG = [
    ("overlap", [{"start": 0, "end": 5, "put": "x"}, {"start": 4, "end": 6, "put": "x"}]),
    ("backwards", [{"start": 5, "end": 3, "put": "x"}]),
    ("before the text", [{"start": -1, "end": 3, "put": "x"}]),
    ("out of order", [{"start": 5, "end": 6, "put": "x"}, {"start": 0, "end": 2, "put": "x"}]),
]


@pytest.mark.parametrize("wrong", [w[1] for w in WRONG], ids=[w[0] for w in WRONG])
def test_edits_that_cannot_be_are_refused_with_their_row(wrong: list[dict[str, object]]) -> None:
    with pytest.raises(InputError, match="edits of row 1 overlap or run backwards"):
        Edits.from_lists(pa.array([[], wrong], pa.list_(EDIT)))


FOUND = st.builds(
    lambda start, size, kind, row, about: Seen(start, start + size, kind, row, about),
    st.integers(0, 30), st.integers(1, 9), st.sampled_from([Kind.EMAIL, Kind.HEALTH, Kind.PERSON]), st.integers(0, 2),
    st.sampled_from(About),
)  # fmt: skip


@QUICK
@given(st.lists(FOUND, max_size=12), st.data())
def test_what_is_taken_out_beside_the_table_never_leaves_anything_of_it_in(
    seen: list[Seen], data: st.DataObject
) -> None:
    also = np.array(data.draw(st.lists(st.booleans(), min_size=len(seen), max_size=len(seen))), np.bool_)
    which = np.array(data.draw(st.lists(st.sampled_from([-1, 0, 1]), min_size=3, max_size=3)), np.int32)
    tables = [extents([((Kind.HEALTH,), PERSONS, "sentence"), ((Kind.EMAIL,), PERSONS, "span")]), NOTHING]
    given_ = found(*seen) if seen else Findings.empty()

    def bytes_of(made: Edits) -> set[tuple[int, int]]:
        return {(r, b) for r, s, e, _ in plain(made) for b in range(s, e)}

    table = bytes_of(edits_of(given_, tables, which))
    both = bytes_of(edits_of(given_, tables, which, also=also))
    marked = {
        (int(given_.row[i]), b)
        for i in np.flatnonzero(also)
        for b in range(given_.start[i], given_.end[i])
        if which[given_.row[i]] >= 0
    }
    assert both == table | marked
