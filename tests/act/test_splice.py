"""Splicing: the same bytes as slow Python, from the original or from a text in which old edits stand."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.act.earlier import covered, remapped
from klarera.act.edits import EDIT, Edits
from klarera.act.splice import splice, spliced_text
from klarera.errors import InputError
from klarera.kernels.splice import remap_edits
from klarera.model import Decision

QUICK = settings(max_examples=120, deadline=None, derandomize=True)
LABELS = ("", "[X]", "[EMAIL é]", "[PHONE 3f9k]")
Plain = list[tuple[int, int, int, str]]


@st.composite
def corpora(draw: st.DrawFn) -> tuple[list[str | None], Plain]:
    """Texts of any characters, and edits on whole characters, in order, not overlapping."""
    texts = draw(
        st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=30)), max_size=6)
    )
    made: Plain = []
    for row, text in enumerate(texts):
        cuts = sorted(draw(st.lists(st.integers(0, len(text or "")), max_size=8)))
        at = [len((text or "")[:c].encode()) for c in cuts]
        made += [(row, a, b, draw(st.sampled_from(LABELS))) for a, b in zip(at[::2], at[1::2], strict=False)]
    return texts, made


def as_edits(listed: Plain) -> Edits:
    labels = tuple(x.encode() for x in LABELS)
    columns = np.array([(r, s, e, LABELS.index(x)) for r, s, e, x in listed], np.int32).reshape(-1, 4)
    row, start, end, label = (np.ascontiguousarray(columns[:, i]) for i in range(4))
    return Edits(row, start, end, label, labels)


def slowly(text: str | None, edits: Plain) -> str:
    data = (text or "").encode()
    for _, start, end, put in reversed(edits):
        data = data[:start] + put.encode() + data[end:]
    return data.decode()


@QUICK
@given(corpora(), st.randoms(use_true_random=False))
def test_spliced_as_slow_python_does_it(corpus: tuple[list[str | None], Plain], chance: object) -> None:
    texts, listed = corpus
    wanted = [slowly(t, [e for e in listed if e[0] == i]) for i, t in enumerate(texts)]
    column = pa.array(texts, pa.large_string())
    assert spliced_text(column, as_edits(listed)).to_pylist() == wanted
    assert spliced_text(pa.array(["skipped", *texts], pa.string()).slice(1), as_edits(listed)).to_pylist() == wanted
    order = np.random.default_rng(len(texts)).permutation(len(texts)).astype(np.int64)
    picked = np.concatenate([order, order[:1]])
    assert spliced_text(column, as_edits(listed), picked).to_pylist() == [wanted[i] for i in picked]


@st.composite
def stricter(draw: st.DrawFn) -> tuple[str, Plain, Plain]:
    """A text, new edits, and old edits each of which lies wholly within a new one."""
    text = draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
    at = [len(text[:c].encode()) for c in range(len(text) + 1)]
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=10, unique=True)))
    label = st.sampled_from(LABELS[1:])
    new: Plain = []
    old: Plain = []
    for a, b in zip(cuts[::2], cuts[1::2], strict=False):
        new.append((0, at[a], at[b], draw(label)))
        if draw(st.booleans()):
            old.append((0, at[a], at[b], draw(label)))
            continue
        inner = sorted(draw(st.lists(st.integers(a, b), max_size=6, unique=True)))
        old += [(0, at[x], at[y], draw(label)) for x, y in zip(inner[::2], inner[1::2], strict=False)]
    return text, old, new


@QUICK
@given(st.lists(stricter(), max_size=5))
def test_new_edits_put_into_the_stored_text_give_what_the_original_gives(rows: list[tuple[str, Plain, Plain]]) -> None:
    texts = pa.array([t for t, _, _ in rows], pa.large_string())
    old = as_edits([(i, s, e, x) for i, (_, o, _) in enumerate(rows) for _, s, e, x in o])
    new = as_edits([(i, s, e, x) for i, (_, _, n) in enumerate(rows) for _, s, e, x in n])
    assert covered(old, new).all()
    stored = spliced_text(texts, old)
    assert spliced_text(stored, remapped(new, old)).to_pylist() == spliced_text(texts, new).to_pylist()


CUTS = [
    ("an old edit begins before", (4, 9), (6, 12)),
    ("an old edit ends after", (4, 9), (2, 6)),
    ("an old edit is wider", (2, 12), (4, 9)),
]


@pytest.mark.parametrize(("old", "new"), [c[1:] for c in CUTS], ids=[c[0] for c in CUTS])
def test_a_new_edit_that_cuts_an_old_one_is_told_never_guessed(old: tuple[int, int], new: tuple[int, int]) -> None:
    def one(value: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        return np.array([value], np.int32)

    written = [np.empty(1, np.int32) for _ in range(4)]
    given = (one(0), one(new[0]), one(new[1]), one(1), one(0), one(old[0]), one(old[1]), one(1), one(3))
    assert remap_edits(*given, *written) == -1
    assert not covered(as_edits([(0, *old, "[X]")]), as_edits([(0, *new, "[X]")])).any()
    with pytest.raises(AssertionError):
        remapped(as_edits([(0, *new, "[X]")]), as_edits([(0, *old, "[X]")]))


BATCH = pa.RecordBatch.from_pydict({"n": [1, 2, 3, 4], "body": ["a@b.example", "held", "gone", "plain"]})


def sidecar(decisions: list[Decision], edits: list[list[dict[str, object]]]) -> pa.RecordBatch:
    arrays = [pa.array(decisions, pa.uint8()), pa.array(edits, pa.list_(EDIT))]
    return pa.RecordBatch.from_arrays(arrays, names=["decision", "edits"])


def test_only_what_is_kept_comes_out_with_all_its_columns_and_types() -> None:
    put: list[list[dict[str, object]]] = [[{"start": 0, "end": 11, "put": "[EMAIL]"}], [], [], []]
    made = splice(BATCH, sidecar([Decision.REDACT, Decision.HOLD, Decision.DROP, Decision.KEEP], put), text="body")
    assert made.to_pydict() == {"n": [1, 4], "body": ["[EMAIL]", "plain"]}
    assert made.schema == BATCH.schema


def test_a_sidecar_of_another_batch_is_refused() -> None:
    with pytest.raises(InputError, match="3 rows for 4 records"):
        splice(BATCH, sidecar([Decision.KEEP] * 3, [[], [], []]), text="body")
