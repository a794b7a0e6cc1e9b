"""Links to profiles: every platform of the table, in every way people write them."""

from __future__ import annotations

from importlib.resources import files

import pytest

from klarera.batch import Records
from klarera.find.email import DETECTOR as EMAIL
from klarera.find.handle import DETECTOR as HANDLE
from klarera.find.profile_url import DETECTOR
from klarera.find.scan import Scanner
from klarera.model import KIND_NAMES

SCANNER = Scanner((EMAIL, HANDLE, DETECTOR), key=bytes(32))
LINES = (files("klarera.find") / "profile_url.tsv").read_text("utf-8").splitlines()
RULES = [line.split("\t") for line in LINES if not line.startswith("#")][1:]


def links(text: str) -> list[tuple[str, str]]:
    f = SCANNER.find(Records.of({"id": ["1"], "text": [text]})).findings
    cuts = [text.encode()[a:b].decode() for a, b in zip(f.start, f.end, strict=True)]
    return [(KIND_NAMES[k], c) for k, c in zip(f.kind, cuts, strict=True)]


@pytest.mark.parametrize("rule", [r for r in RULES if r[0] != "*"], ids=lambda r: r[0] + r[1])
@pytest.mark.parametrize("scheme", ["", "www.", "https://", "http://www.", "https://m."])
def test_every_rule_of_the_table(rule: list[str], scheme: str) -> None:
    name = "12345" if rule[2] == "digits" else "anna.muster"
    link = f"{scheme}{rule[0]}{rule[1]}{name}"
    assert links(f"see {link}, ok") == [("PROFILE_URL", link)]
    assert links(f"({link.upper() if rule[2] != 'digits' else link})")[0][0] == "PROFILE_URL"


@pytest.mark.parametrize("rule", [r for r in RULES if len(r) > 4 and r[4]], ids=lambda r: r[0] + r[1])
def test_a_platforms_own_pages_are_no_profiles(rule: list[str]) -> None:
    for word in rule[4].split():
        link = f"https://{rule[0]}{rule[1]}{word}"
        assert [k for k, _ in links(link) if k == "PROFILE_URL"] == [], link


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://x.com/anna/status/123?s=20.", [("PROFILE_URL", "https://x.com/anna/status/123?s=20")]),
        ("https://social.example/@anna", [("PROFILE_URL", "https://social.example/@anna")]),
        ("https://www.facebook.com/profile.php?id=100012345&ref=x", [("PROFILE_URL", "https://www.facebook.com/profile.php?id=100012345&ref=x")]),
        ("[me](https://github.com/anna)", [("PROFILE_URL", "https://github.com/anna")]),
        ("<a href='https://t.me/anna_m'>", [("PROFILE_URL", "https://t.me/anna_m")]),
        ("x.com/p.anna x.com/i_am", [("PROFILE_URL", "x.com/p.anna"), ("PROFILE_URL", "x.com/i_am")]),
        ("social.example/@anna", [("HANDLE", "@anna")]),
        ("notx.com/anna", []),
        ("x.com", []),
        ("x.com/", []),
        ("x, com/anna", []),
        ("x.community/anna", []),
        ("https://blog.example/x.com/anna", []),
        ("youtube.com/watch?v=abc", []),
        ("https://instagram.com/p/CabcDEF/", []),
        ("ok.ru/profile/", []),
    ],
)  # fmt: skip
def test_links(text: str, expected: list[tuple[str, str]]) -> None:
    assert links(text) == expected


def test_one_key_for_one_profile() -> None:
    texts = ["https://www.twitter.com/Anna?x=1", "x.com/anna/status/5", "http://mobile.twitter.com/ANNA", "x.com/ann"]
    f = SCANNER.find(Records.of({"id": texts, "text": texts})).findings
    keys = [k.tobytes() for k in f.key]
    assert keys[0] == keys[1] == keys[2] != keys[3]
