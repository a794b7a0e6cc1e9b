"""E-mail addresses: what is one, what is none, and one key for all spellings."""

from __future__ import annotations

import pytest

from klarera.batch import Records
from klarera.find.email import DETECTOR
from klarera.find.handle import DETECTOR as HANDLE
from klarera.find.scan import Scanner
from klarera.model import Kind

SCANNER = Scanner((DETECTOR, HANDLE), key=bytes(32))


def emails(text: str) -> list[str]:
    f = SCANNER.find(Records.of({"id": ["1"], "text": [text]})).findings
    return [text.encode()[a:b].decode() for a, b, k in zip(f.start, f.end, f.kind, strict=True) if k == Kind.EMAIL]


@pytest.mark.parametrize(
    "address",
    [
        "anna@example.org", "a@b.example", "Anna.Muster+list@mail.example.co.uk", "x_y-z%w@example.com",
        "o'neill@example.ie", "anna@xn--mnchen-3ya.example", "anna@example.xn--p1ai", "bob@münchen.example",
        "почта@пример.рф", "δοκιμή@παράδειγμα.ελ", "anna@[192.0.2.1]", "1234567@example.org", "anna@163.example",
        "_anna@example.org", "a" * 64 + "@example.org", "anna@" + "b" * 60 + ".example", "git@example.org",
        "anna [at] example.org", "anna(at)example(dot)org", "anna [at] example [dot] org", "anna at example dot org",
        "anna {at} mail {punkt} example {punkt} de", "anna arobase example point fr", "anna ät example punkt de",
        "anna arroba example punto es", "anna [@] example.org", "anna <at> example <dot> org",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "frame", ["{}", "Write to {}, please", "({})", "mailto:{}", "<{}>", '"{}"', "{}.", "é, {}!\n", "“{}”"]
)
def test_an_address_in_any_frame(address: str, frame: str) -> None:
    assert emails(frame.format(address)) == [address]


@pytest.mark.parametrize(
    "text",
    [
        "a@b", "@anna", "anna@", "@", "anna@.org", "anna@example", "anna@example.", "anna@-.org", "anna @ home",
        "icon@2x.png logo@3x.jpg", "lodash@4.17.21", "git@github.com:org/repo.git", "https://u:word@host.example/x",
        "see you @ 5pm.", "@user@social.example", "x@y.z", "look at polka dot dresses",
        "meet me at the dot org party at ten",
        "Look at example.org", "punkt um at", "a [at] b", "anna [at example.org", "anna at) example.org", "….@….…",
        "max@10.5", "price@9.99", "at dot at dot", "@@@@.@@",
    ],
)  # fmt: skip
def test_no_address(text: str) -> None:
    assert emails(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a1@example.org,b2@example.org;c3@example.org", ["a1@example.org", "b2@example.org", "c3@example.org"]),
        ("anna@example.org.Then we left", ["anna@example.org"]),
        ("..anna@example.org..", ["anna@example.org"]),
        ("連絡先anna@example.jpです", ["anna@example.jp"]),
        ("to=anna@example.org&x=1", ["anna@example.org"]),
        ("ftp://anna@example.org/", ["anna@example.org"]),
        ("😀anna@example.org😀", ["anna@example.org"]),
        ("a@b@example.org", ["a@b", ][:0]),
        ("anna@example.org/path", ["anna@example.org"]),
        ("-anna-@example.org", ["anna-@example.org"]),
        ("anna@example.com-", ["anna@example.com"]),
        ("x" * 100 + "@example.org", ["x" * 64 + "@example.org"]),
    ],
)  # fmt: skip
def test_bounds(text: str, expected: list[str]) -> None:
    assert emails(text) == expected


def test_one_key_for_every_spelling() -> None:
    same = [
        "anna@example.org", "ANNA@Example.Org", "anna [at] example [dot] org", "Anna (at) example.org",
        "anna at example dot org",
        "anna&#64;example.org", "anna%40example.org", "ａｎｎａ＠ｅｘａｍｐｌｅ．ｏｒｇ", "аnna@exаmple.org",
    ]  # fmt: skip
    f = SCANNER.find(Records.of({"id": same, "text": same})).findings
    assert f.row.tolist() == list(range(len(same)))
    assert len({k.tobytes() for k in f.key}) == 1
    other = SCANNER.find(Records.of({"id": ["1"], "text": ["ann@example.org"]})).findings
    assert other.key[0].tobytes() != f.key[0].tobytes()
