"""Words and folding, against Python's own idea of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.kernels.utf8 import FOLD_TWO, fold_case, word_bounds, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("O'Neill’s e-mail", ["o", "neill", "s", "e", "mail"]),
        ("ÄÖÜ ŁÓDŹ ÇA ŠŽ", ["äöü", "łódź", "ça", "šž"]),
        ("ΑΘΗΝΑ Ελλάς ΜΆΪΟΣ", ["αθηνα", "ελλάσ", "μάϊοσ"]),
        ("ЁЛКА Їжак ЃЌ", ["ёлка", "їжак", "ѓќ"]),
        ("¿Qué? «oui»\xa0non ¡sí!", ["qué", "oui", "non", "sí"]),
        ("ja😀nein 10€ 20°C a→b c—d", ["ja", "nein", "10", "20", "c", "a", "b", "c", "d"]),
        ("日本語テスト。次", ["日本語テスト", "次"]),
        ("under_score 14yo №5", ["under", "score", "14yo", "5"]),
        ("GROẞ Straße", ["groẞ", "straße"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_folding_agrees_with_python_where_the_length_stays() -> None:
    for point in range(0x80, 0x800):
        small = chr(point).lower()
        same_length = len(small) == 1 and len(small.encode()) == 2
        expected = 0x3C3 if point == 0x3C2 else ord(small) if same_length else point
        assert FOLD_TWO[point] == expected


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_to_their_end(raw: bytes) -> None:
    buf = np.frombuffer(raw, np.uint8)
    out, bounds = np.empty_like(buf), np.empty((len(buf) // 2 + 1, 2), np.int64)
    assert fold_case(buf, out) == len(raw)
    found = bounds[: word_bounds(buf, bounds)]
    assert (found[:, 0] < found[:, 1]).all()
    assert (found[1:, 0] > found[:-1, 1] - 1).all()
    for a, b in found:
        assert not set(raw[a:b]) & set(b" .,;:!?@'\"-_/()")
