"""One value, one form of bytes."""

from __future__ import annotations

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.errors import EvidenceError, UsageError
from klarera.evidence.canonical import canonical, parse, plain_entry

NOT_CANONICAL = {
    "blank": b'{"a": 1}',
    "order": b'{"b":1,"a":1}',
    "twice": b'{"a":1,"a":1}',
    "escape that is not needed": b'{"a":"\\u0061"}',
    "float": b'{"a":1.0}',
    "exponent": b'{"a":1e2}',
    "beyond 2^53": b'{"a":9007199254740992}',
    "not a number": b'{"a":NaN}',
    "lone surrogate": b'{"a":"\\ud800"}',
    "not UTF-8": b'{"a":"\xff"}',
    "no object": b"[]",
    "newline at the end": b"{}\n",
    "nested too deep": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("data", NOT_CANONICAL.values(), ids=NOT_CANONICAL)
def test_other_bytes_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(EvidenceError, match=r"^commits/7\.json: is not canonical JSON$"):
        parse(data, "commits/7.json")


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=4))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_what_is_written_is_read_and_is_rfc_8785(value: dict[str, object]) -> None:
    data = canonical(value)
    assert parse(data, "x") == value
    assert data == rfc8785.dumps(value)  # type: ignore[arg-type]


def test_names_are_sorted_as_utf_16() -> None:
    """U+1F600 is D83D DE00 there, and so before U+FB33."""
    value: dict[str, object] = {"\ufb33": 1, "\U0001f600": {"\U0001f600": 1, "\ufb33": 2}}
    assert list(parse(canonical(value), "x")) == ["\U0001f600", "\ufb33"]
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [1.5, "\ud800", {"\ud800": 1}, {"a": [0.0]}, float("nan"), 2**53, {1: 2}, b"bytes"])
def test_values_without_a_form_are_refused(value: object) -> None:
    with pytest.raises(UsageError):
        canonical(value)


TEXT = {
    "words": {"leaf": "Anna wrote this"},
    "an address": {"leaf": "anna@example.org"},
    "nested": {"leaf": {"text": "a"}},
    "a list": {"leaf": ["a"]},
    "long": {"leaf": "a" * 201},
    "a field that is text": {"Anna B": 1},
    "a float": {"leaf": 0.5},
}


@pytest.mark.parametrize("entry", TEXT.values(), ids=TEXT)
def test_log_entries_take_no_text(entry: dict[str, object]) -> None:
    with pytest.raises(UsageError) as caught:
        plain_entry(entry)
    assert "nna" not in str(caught.value)
