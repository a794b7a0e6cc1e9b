"""From a register to keys: they are those the run gives what it stores, and what nothing could find is refused."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from klarera.batch import Records
from klarera.errors import InputError
from klarera.facts.rollup import AuthorFlag, AuthorTable
from klarera.model import Kind
from klarera.pipeline.aliases import aliases_of
from klarera.pipeline.reach import Reach, reach
from klarera.pipeline.settings import RunKeys, Settings, scanner_of
from klarera.read import Options
from klarera.register.snapshot import KINDS, Snapshot

WHO = "kaja.lind@mail.example"
SETTINGS = Settings("out", Options(), 20_000, RunKeys(*[bytes([i]) * 32 for i in range(4)]))
UNCLEAR = AuthorFlag.REGISTER_OBJECTED_UNCLEAR


def made(*entries: tuple[str, str, str, str], **sources: tuple[str, ...]) -> Reach:
    return reach(Snapshot(entries, ""), SETTINGS, sources or {"agora": (), "tresor": (), "": ()})


def as_dict(table: AuthorTable) -> dict[bytes, int]:
    return {k.tobytes(): int(f) for k, f in zip(table.keys, table.flags, strict=True)}


def author(source: str | None, name: str) -> bytes:
    records = Records.of({"text": ["x"], "author": [name], "source": [source]})
    accounts, number = SETTINGS.keys.authors(records)
    return accounts[number].tobytes()


def test_a_handle_is_the_author_of_that_name_in_its_source_or_in_every_one() -> None:
    found = made(("objection", "handle", "@Kaja_L", ""), ("erasure", "handle", "oskar", "tresor"))
    assert as_dict(found.authors) == {
        author("agora", "kaja_l"): KINDS["objection"],
        author("tresor", " KAJA_L "): KINDS["objection"],
        author(None, "@kaja_L"): KINDS["objection"],
        author("tresor", "Oskar"): KINDS["erasure"],
    }


SAME: list[tuple[str, Kind, str, str]] = [
    ("email", Kind.EMAIL, "Kaja.Lind@Mail.example", "write to kaja.lind@mail.example!"),
    ("handle", Kind.HANDLE, "mira_k", "thanks @Mira_K."),
    ("handle", Kind.HANDLE, "@mira_k", "thanks @mira_k"),
    ("phone", Kind.PHONE, "+49 30 901820", "call +49 (30) 90 18 20 today"),
    ("url", Kind.PROFILE_URL, "https://twitter.com/Kaja_L/", "see x.com/kaja_l"),
    ("name", Kind.PERSON, "søren  ÅGREN", "Thanks to Mr. Søren Ågren for it."),
    ("name", Kind.PERSON, "Anna-Lena Muster", "Thanks to Mrs. Anna-Lena Muster for it."),
]


@pytest.mark.parametrize(("name", "kind", "listed", "text"), SAME, ids=[f"{s[0]} {s[2]}" for s in SAME])
def test_keys_are_those_the_scanner_gives_what_it_finds(name: str, kind: Kind, listed: str, text: str) -> None:
    found = scanner_of(SETTINGS).find(Records.of({"text": [text], "language": ["en"]})).findings
    keys = {k.tobytes() for k in found.key[found.kind == kind]}
    flag = UNCLEAR if name == "name" else KINDS["objection"]
    assert as_dict(made(("objection", name, listed, "")).findings) == dict.fromkeys(keys, flag)
    assert len(keys) == 1


def test_every_kind_of_entry_keeps_its_flag_and_each_key_stands_once() -> None:
    table = made(*[(k, "email", f"{n}@mail.example", "") for k in KINDS for n in "abcab"]).findings
    assert set(as_dict(table).values()) == {sum(KINDS.values())}
    assert len(table.keys) == 3
    assert (np.unique(table.keys, axis=0) == table.keys).all()
    empty = reach(Snapshot((), ""), SETTINGS, {"agora": ()})
    assert [len(t.keys) for t in (empty.authors, empty.findings, empty.urls)] == [0, 0, 0]


@pytest.mark.parametrize("name", ["email", "url", "phone"])
def test_an_objection_nobody_could_find_is_refused_not_lost(name: str) -> None:
    entries = (("objection", name, "mira.kask", ""),)
    with pytest.raises(InputError, match=f"1 of 1 identifiers of kind {name} cannot be recognised") as refused:
        reach(Snapshot(entries, ""), SETTINGS, {"agora": ()})
    assert "mira" not in str(refused.value)
    two = (("objection", "email", WHO, ""), ("objection", "email", "mira", ""))
    with pytest.raises(InputError, match=r"register\.csv:9: 1 of 2 identifiers"):
        reach(Snapshot(two, "", (4, 9), "register.csv"), SETTINGS, {"agora": ()})


PROFILES = [
    ("of the platform", "https://www.twitter.com/Kaja_L?lang=de", ("x.com",), "kaja_l"),
    ("a source on the old domain", "x.com/kaja_l", ("https://twitter.com",), "kaja_l"),
    ("a post below it", "https://x.com/kaja_l/status/12", ("x.com",), ""),
    ("the Fediverse", "https://social.example/@Kaja_L", ("social.example",), "kaja_l"),
    ("another instance", "https://other.example/@kaja_l", ("social.example",), ""),
    ("any path of the own domain", "https://social.example/users/Kaja_L", ("a.example", "social.example"), "kaja_l"),
    ("a number may be a post", "https://social.example/12345", ("social.example",), ""),
    ("a page further down", "https://social.example/kaja/posts/4", ("social.example",), ""),
    ("no domain is told", "https://social.example/@kaja_l", (), ""),
]


@pytest.mark.parametrize(("link", "domains", "account"), [p[1:] for p in PROFILES], ids=[p[0] for p in PROFILES])
def test_a_profile_names_the_account_of_the_source_on_that_domain(
    link: str, domains: tuple[str, ...], account: str
) -> None:
    found = made(("erasure", "url", link, ""), agora=domains, tresor=())
    expected = {author("agora", account): KINDS["erasure"]} if account else {}
    ours = {k: f for k, f in as_dict(found.authors).items() if k in {author("agora", n) for n in (account, "kaja_l")}}
    assert ours == expected
    assert len(found.urls.keys) == 1
    mention = SETTINGS.finding_keys(Kind.HANDLE, ["kaja_l"])[0][0].tobytes()
    assert (mention in as_dict(found.findings)) is bool(account), "who is mentioned by that account's name"


ADDRESSES = [
    "https://www.social.example/Post/1", "http://social.example/Post/1/", " SOCIAL.example/Post/1#top ",
    "social.example/Post/1",
]  # fmt: skip


def test_an_address_is_the_same_in_any_form_and_another_path_is_another() -> None:
    column = pa.array(
        [*ADDRESSES, "https://social.example/post/1", "social.example/Post/1?p=2", "", None, "#x", "www."]
    )
    keys = SETTINGS.url_keys(column.cast(pa.large_string()))
    assert len({k.tobytes() for k in keys[:4]}) == 1
    assert len({k.tobytes() for k in keys[:7]}) == 4
    assert not keys[6:9].any()
    assert keys[:6].any(axis=1).all()
    for one in ADDRESSES:
        assert as_dict(made(("objection", "url", one, "")).urls) == {keys[0].tobytes(): KINDS["objection"]}


KNOWN_BY = [
    ("nothing beside the key", {"author": "kaja_l"}, []),
    ("the same name twice", {"author": "kaja_l", "author_name": "@Kaja_L"}, ["person kaja_l"]),
    ("a second name", {"author": "u7", "author_name": "Kaja Lind"}, ["author Kaja Lind", "person Kaja Lind"]),
    ("an address", {"author": " kaja@mail.example "}, ["email kaja@mail.example"]),
    ("an address in words is none", {"author": "u7 kaja@mail.example"}, []),
    ("nobody", {"author_name": None}, []),
    ("a number by name alone", {"author_name": "+49 30 901820"},
     ["person +49 30 901820", "phone +49 (30) 90 18 20"]),
]  # fmt: skip


@pytest.mark.parametrize(("given", "aliases"), [k[1:] for k in KNOWN_BY], ids=[k[0] for k in KNOWN_BY])
def test_what_an_author_is_known_by_is_stored_once_under_the_keys_a_register_gives(
    given: dict[str, str | None], aliases: list[str]
) -> None:
    columns: dict[str, list[object]] = {"text": ["x"] * 6, "source": ["agora"] * 6}
    columns |= {name: [value, None] * 3 for name, value in given.items()}
    records = Records.of(columns)
    pairs = aliases_of(records, *SETTINGS.keys.authors(records), SETTINGS)
    wanted = set()
    for alias in aliases:
        kind, _, value = alias.partition(" ")
        if kind == "author":
            wanted.add(author("agora", value))
        elif kind == "person":
            wanted.add(SETTINGS.name_keys([value])[0].tobytes())
        else:
            wanted.add(SETTINGS.finding_keys(Kind[kind.upper()], [value])[0].tobytes())
    assert {pair[16:].tobytes() for pair in pairs} == wanted
    assert len(pairs) == len(wanted)
    accounts, number = SETTINGS.keys.authors(records)
    key = accounts[number[0]]
    assert (pairs[:, :16] == key).all()
