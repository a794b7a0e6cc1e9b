"""Deny and allow lists: what is read, what is refused, and that no identifier is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from klarera.errors import InputError, KlareraError
from klarera.register.lists import Entry, load

MARK = "zzyzx@mail.example"
DENY = f"""action,identifier_kind,identifier,source
drop,email,{MARK},
hold,handle,@mira_k,agora
redact,word,Project Sparrow,
"""
ALLOW = "identifier_kind,identifier\nemail,press@house.example\n"


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_both_lists_become_entries(tmp_path: Path) -> None:
    made = load(put(tmp_path, "deny.csv", DENY), put(tmp_path, "allow.csv", ALLOW), ["agora"])
    assert made.entries == (
        Entry("drop", "email", MARK, ""),
        Entry("hold", "handle", "@mira_k", "agora"),
        Entry("redact", "word", "Project Sparrow", ""),
        Entry("allow", "email", "press@house.example", ""),
    )
    assert made.words == ("Project Sparrow",)
    told = made.summary(b"k" * 32)
    assert told["deny"]["entries"] == {"drop": 1, "hold": 1, "redact": 1}
    assert told["allow"]["entries"] == {"allow": 1}
    assert told != made.summary(b"l" * 32), "the hash is keyed: a list of one address could be guessed"
    assert MARK not in repr(made) + repr(made.entries) + str(told)


def test_one_list_is_enough(tmp_path: Path) -> None:
    assert len(load(None, put(tmp_path, "allow.csv", ALLOW)).entries) == 1
    assert load(put(tmp_path, "deny.csv", DENY), None).digests.keys() == {"deny"}


WRONG = [
    ("no action", f"action,identifier_kind,identifier\n{MARK},email,{MARK}\n", "deny.csv:2: column action"),
    ("no such kind", f"action,identifier_kind,identifier\ndrop,{MARK},{MARK}\n", "deny.csv:2: column identifier_kind"),
    ("no identifier", "action,identifier_kind,identifier\ndrop,email,\n", "deny.csv:2: column identifier is empty"),
    ("no such source", f"action,identifier_kind,identifier,source\ndrop,email,a,{MARK}\n", "deny.csv:2: column source"),
    ("no column", f"action,identifier\ndrop,{MARK}\n", "deny.csv:1: has no column identifier_kind"),
    (
        "in both",
        "action,identifier_kind,identifier\ndrop,email,Press@house.example\n",
        "allow.csv:2: names what the deny",
    ),
]


@pytest.mark.parametrize(("text", "problem"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_what_is_wrong_is_named_by_file_and_line_and_never_repeated(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InputError) as raised:
        load(put(tmp_path, "deny.csv", text), put(tmp_path, "allow.csv", ALLOW), ["agora"])
    assert str(raised.value).startswith(problem)
    assert MARK not in str(raised.value)
    assert "press" not in str(raised.value).lower()


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(KlareraError, match=r"deny\.csv: no such list"):
        load(tmp_path / "deny.csv", None)
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KlareraError, match="is not a CSV file in UTF-8"):
        load(None, tmp_path / "bytes.csv")


def test_words_cannot_be_allowed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"allow\.csv:2: column identifier_kind"):
        load(None, put(tmp_path, "allow.csv", "identifier_kind,identifier\nword,sparrow\n"))
