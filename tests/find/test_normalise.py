"""The second view: disguises are seen through, the text stays, hits cover what they came from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.batch import Records
from klarera.find import View
from klarera.find.email import DETECTOR as EMAIL
from klarera.find.handle import DETECTOR as HANDLE
from klarera.find.normalise import second_view
from klarera.find.scan import Scanner, scan_view, view_of
from klarera.find.words import Table

SCANNER = Scanner((EMAIL, HANDLE), key=bytes(32))
EMPTY = Table.build({})


def view(text: str) -> View:
    return view_of(Records.of({"id": ["1"], "text": [text]}))


def folded(text: str) -> str:
    return second_view(view(text), np.array([0])).view.buf.tobytes().decode("utf-8", "surrogatepass")


def looked_at(text: str) -> bool:
    return bool(scan_view(view(text), np.zeros(1, np.uint8), EMPTY)[1][0])


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("full width", "ａｎｎａ＠ｅｘａｍｐｌｅ．ｏｒｇ １２３", "anna@example.org 123"),
        ("arabic-indic digits", "٠١٥١ ۱۲۳ ०१२", "0151 123 012"),
        ("zero width", "an\u200bna\u2060@\ufeffexample", "anna@example"),
        ("soft hyphen", "an\xadna", "anna"),
        ("joiners in latin", "an\u200dna\u200c1", "anna1"),
        ("cyrillic look-alikes", "exаmple ЅЕPA", "example SEPA"),
        ("greek look-alikes", "ΑNNA Τest", "ANNA Test"),
        ("mathematical", "𝐚𝒃𝔠𝟙𝟐 𝖠𝙱", "abc12 AB"),
        ("circled and squared", "ⓐⓑⒸ①⓪ 🅰🅱 🄰", "abC10 AB A"),
        ("small capitals", "ᴀɴɴᴀ", "anna"),
        ("entities", "a&#64;b&#x2E;c&amp;#64;d &uuml;&lt;&nbsp;x", "a@b.c@d ü<\xa0x"),
        ("percent signs", "anna%40b%2Ec%2540d%C3%BC", "anna@b.c@d%C3%BC"),
        ("separate accents", "e\u0301te\u0301 n\u0303 и\u0306", "été ñ й"),
        ("struck through", "a\u0336n\u0336", "an"),
        ("keycaps", "0\ufe0f\u20e31\ufe0f\u20e3", "01"),
        ("blanks and dashes in numbers", "10\xa0000 12\u201334 (0)\u202f15", "10 000 12-34 (0) 15"),
        ("right-to-left override", "x \u202egro.a@b\u202c y", "x b@a.org\u202c y"),
    ],
)
def test_folding(name: str, text: str, expected: str) -> None:
    assert looked_at(text), name
    assert folded(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "plain text, 2024-05-01", "❤️ 👨‍👩‍👧 🇩🇪 ℹ️ ™", "naïve café – 10 €", "Привет, как дела", "Καλημέρα σας", "می‌خواهم",
        "AT&T R&D 100% sure", "10%20", "« oui »", "日本語テキスト", "CO₂ m²",
    ],
)  # fmt: skip
def test_ordinary_text_is_not_looked_at_twice(text: str) -> None:
    assert not looked_at(text)


@pytest.mark.parametrize(
    "text", ["Привет Καλά", "日本語 🇩🇪 ℹ️", "«é» – x", "&unknown; & &# 100% %zz &#0; &#xD800;", "می‌خواهم", "[EMAIL] x"]
)
def test_what_is_no_disguise_stays(text: str) -> None:
    assert folded(text) == text


def test_a_provenance_manifest_is_left_alone() -> None:
    manifest = "\ufeff" + "".join(
        chr(0xFE00 + (b & 15)) if b < 16 else chr(0xE0100 + b - 16) for b in b"C2PATXT\0\1" + bytes(range(40))
    )
    text = f"anna{manifest}@example.org, ｂｏｂ＠example.org"
    assert manifest[1:] in folded(text)
    f = SCANNER.find(Records.of({"id": ["1"], "text": [text]})).findings
    cut = [text.encode()[a:b].decode() for a, b in zip(f.start, f.end, strict=True)]
    assert "ｂｏｂ＠example.org" in cut
    assert all("\ufe00" not in c for c in cut)


@pytest.mark.parametrize(
    "disguised",
    [
        "ａｎｎａ＠ｅｘａｍｐｌｅ．ｏｒｇ", "an\u200bna@exam\u200bple.org", "anna&#64;example.org",
        "𝐚𝐧𝐧𝐚@𝐞𝐱𝐚𝐦𝐩𝐥𝐞.𝐨𝐫𝐠", "anna@exаmple.org",
        "a\u0336n\u0336n\u0336a\u0336@example.org", "gro.elpmaxe@anna",
    ],
)  # fmt: skip
def test_a_hit_covers_every_original_byte(disguised: str) -> None:
    frame = "é \u202e{}\u202c ü" if disguised.startswith("gro") else "é {}, ü"
    text = frame.format(disguised)
    before = text.encode()
    f = SCANNER.find(Records.of({"id": ["1"], "text": [text]})).findings
    assert [before[a:b].decode() for a, b in zip(f.start, f.end, strict=True)] == [disguised]


def test_a_plain_hit_is_not_given_twice() -> None:
    text = "anna@example.org and １ and @bob"
    assert len(SCANNER.find(Records.of({"id": ["1"], "text": [text]})).findings) == 2


TRICKY = st.sampled_from(
    [*"aé@.1& ;%#x4", "\u200b", "\u0301", "\ufe0f", "\u20e3", "\u202e", "\u202c",
     "ａ", "е", "&amp;#64;", "&#64;", "%2540", "😀", "\U0001d41a", "\xa0", "٣"]
)  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(TRICKY, max_size=30).map("".join))
def test_the_copy_is_shorter_and_maps_back_to_whole_code_points(text: str) -> None:
    raw = text.encode()
    second = second_view(view(text), np.array([0]))
    out = second.view.buf
    assert len(out) <= len(raw)
    copy = out.tobytes().decode()
    at = 0
    for char in copy:
        size = len(char.encode())
        a, b = second.original(np.array([at]), np.array([at + size]))
        assert raw[a[0] : b[0]].decode() != ""
        at += size
