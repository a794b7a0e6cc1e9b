"""Handles: names behind "@", and what only looks like one."""

from __future__ import annotations

import pytest

from klarera.batch import Records
from klarera.find.email import DETECTOR as EMAIL
from klarera.find.handle import DETECTOR
from klarera.find.scan import Scanner
from klarera.model import About, Kind

SCANNER = Scanner((EMAIL, DETECTOR), key=bytes(32))


def handles(text: str) -> list[str]:
    f = SCANNER.find(Records.of({"id": ["1"], "text": [text]})).findings
    assert set(f.about[f.kind == Kind.HANDLE].tolist()) <= {About.OTHER}
    return [text.encode()[a:b].decode() for a, b, k in zip(f.start, f.end, f.kind, strict=True) if k == Kind.HANDLE]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@anna", ["@anna"]),
        ("cc @anna_b, @Max.Muster and (@x_1).", ["@anna_b", "@Max.Muster", "@x_1"]),
        ("RT @müller: ok", ["@müller"]),
        ("…@eve 😀@joy «@zoë»", ["@eve", "@joy", "@zoë"]),
        ("@anna/@bob", ["@anna", "@bob"]),
        ("hi @user@social.example!", ["@user@social.example"]),
        ("@user@instance", ["@user"]),
        ("@anna.bsky.example is", ["@anna.bsky.example"]),
        ("@4chan_fan @99problems", ["@4chan_fan", "@99problems"]),
        ("@@anna", ["@anna"]),
        ("thanks @anna... and @bob-", ["@anna", "@bob"]),
        ("@anna's", ["@anna"]),
        ("@annaさん", ["@anna"]),
        ("@" + "a" * 100, ["@" + "a" * 64]),
        ("RT@mira_k: hi, rt@oskar", ["@mira_k", "@oskar"]),
        ("@5KRO and @7abc live", ["@5KRO", "@7abc"]),
    ],
)
def test_handles(text: str, expected: list[str]) -> None:
    assert handles(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "anna@example.org", "meet @5pm", "meet @5PM", "@60fps", "img@2x @2x @10k", "art@mira", "@1t1",
        "@ home", "@ 5pm", "@1234", "@a", "@", "foo@bar", "_@_",
        "\t@Override", "@app.route('/x')", "  @property\n  def x", " * @param name the name", '"@types/node"',
        "@media (max-width: 1px)", "x@y",
    ],
)  # fmt: skip
def test_no_handle(text: str) -> None:
    assert handles(text) == []


def test_one_key_whatever_the_case_and_another_for_another_instance() -> None:
    texts = ["@Anna", "@anna", "@anna@social.example", "@ANNA@Social.Example"]
    f = SCANNER.find(Records.of({"id": texts, "text": texts})).findings
    keys = [k.tobytes() for k in f.key]
    assert keys[0] == keys[1] != keys[2] == keys[3]
