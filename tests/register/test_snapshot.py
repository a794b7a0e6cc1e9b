"""The register: a bad file is refused with its line and without the identifier; a good one reaches whom it names."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from klarera.batch import Records
from klarera.errors import InputError
from klarera.model import Kind
from klarera.pipeline.settings import RunKeys, Settings, scanner_of
from klarera.read import Options
from klarera.register.snapshot import KINDS, Snapshot, load

WHO = "kaja.lind@mail.example"
HEAD = "kind,identifier_kind,identifier,source,received_at\n"
SETTINGS = Settings("out", Options(), 20_000, RunKeys(*[bytes([i]) * 32 for i in range(5)]))


def file(folder: Path, text: str | bytes) -> Path:
    path = folder / "register.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


BAD: list[tuple[str, str | bytes, str]] = [
    ("no such kind", HEAD + f"objektion,email,{WHO},,", "register.csv:2: column kind is missing or unknown"),
    ("no such identifier kind", HEAD + f"objection,fax,{WHO},,", "register.csv:2: column identifier_kind"),
    ("no identifier", HEAD + f"objection,email,{WHO},,\nobjection,email, ,,", "register.csv:3: column identifier is"),
    ("a short row", HEAD + "objection", "register.csv:2: column identifier_kind"),
    ("after an empty line", HEAD + f"\n\nobjektion,email,{WHO},,", "register.csv:4: column kind"),
    (
        "after a field of two lines",
        HEAD + f'objection,email,{WHO},"a\nb",\nobjektion,email,{WHO},,',
        "register.csv:4: column kind",
    ),
    ("other columns", f"art,kennung\nobjection,{WHO}\n", "register.csv:1: has no column kind"),
    ("other columns and no rows", "art,kennung\n", "register.csv:1: has no column kind"),
    ("semicolons", (HEAD + f"objection,email,{WHO},,").replace(",", ";"), "register.csv:1: has no column kind"),
    ("empty", "", "register.csv:1: has no column kind"),
    ("not UTF-8", HEAD.encode() + b"objection,email,\xff\xfe,,", "register.csv: is not a CSV file in UTF-8"),
    (
        "a field without end",
        (HEAD + f'objection,email,"{WHO}' + "x" * 200_000).encode(),
        "register.csv: is not a CSV file",
    ),
]


@pytest.mark.parametrize(("text", "problem"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_a_bad_file_is_refused_with_its_line_and_without_the_identifier(
    tmp_path: Path, text: str | bytes, problem: str
) -> None:
    with pytest.raises(InputError) as refused:
        load(file(tmp_path, text))
    assert str(refused.value).startswith(problem)
    assert "kaja" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.csv: no such register file"):
        load(tmp_path / "gone.csv")


def test_a_snapshot_is_its_hash_and_counts_and_prints_nobody(tmp_path: Path) -> None:
    text = (
        "\ufeff"
        + HEAD
        + f" objection , email , {WHO} ,,2026-01-01\nerasure,handle,@Kaja_L,agora,\nconsent,handle,b,,\n"
    )
    snapshot = load(file(tmp_path, text))
    assert snapshot.entries[0] == ("objection", "email", WHO, "")
    assert snapshot.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert snapshot.summary() == {
        "sha256": snapshot.sha256,
        "entries": {"objection": 1, "erasure": 1, "consent": 1, "reservation": 0},
    }
    assert "kaja" not in repr(snapshot).lower()


def author(source: str | None, name: str) -> bytes:
    records = Records.of({"text": ["x"], "author": [name], "source": [source]})
    return SETTINGS.keys.authors(records).tobytes()


def test_a_handle_is_the_author_of_that_name_in_its_source_or_in_every_one() -> None:
    snapshot = Snapshot((("objection", "handle", "@Kaja_L", ""), ("erasure", "handle", "oskar", "tresor")), "")
    keys, flags = snapshot.authors(SETTINGS, ["agora", "tresor", ""])
    found = {k.tobytes(): int(f) for k, f in zip(keys, flags, strict=True)}
    assert found == {
        author("agora", "kaja_l"): KINDS["objection"],
        author("tresor", " KAJA_L "): KINDS["objection"],
        author(None, "@kaja_L"): KINDS["objection"],
        author("tresor", "Oskar"): KINDS["erasure"],
    }
    none, no_flags = Snapshot((("objection", "email", WHO, ""),), "").authors(SETTINGS, ["agora"])
    assert (none.shape, no_flags.shape) == ((0, 16), (0,))


SAME: list[tuple[str, Kind, str, str]] = [
    ("email", Kind.EMAIL, "Kaja.Lind@Mail.example", "write to kaja.lind@mail.example!"),
    ("handle", Kind.HANDLE, "mira_k", "thanks @Mira_K."),
    ("handle", Kind.HANDLE, "@mira_k", "thanks @mira_k"),
    ("phone", Kind.PHONE, "+49 30 901820", "call +49 (30) 90 18 20 today"),
]


@pytest.mark.parametrize(("name", "kind", "listed", "text"), SAME, ids=[f"{s[0]} {s[2]}" for s in SAME])
def test_keys_are_those_the_scanner_gives_what_it_finds(name: str, kind: Kind, listed: str, text: str) -> None:
    keys = Snapshot((("objection", name, listed, ""), ("consent", name, "x@y.example", "")), "").findings(SETTINGS)
    found = scanner_of(SETTINGS).find(Records.of({"text": [text], "language": ["en"]})).findings
    assert {k.tobytes() for k in keys} == {k.tobytes() for k in found.key[found.kind == kind]} != set()


def test_findings_are_sorted_distinct_and_of_those_who_object_or_want_erasure() -> None:
    entries = [(k, "email", f"{n}@mail.example", "") for k in KINDS for n in "abcab"]
    keys = Snapshot(tuple(entries), "").findings(SETTINGS)
    assert len(keys) == 3
    assert (np.unique(keys, axis=0) == keys).all()
    assert Snapshot((), "").findings(SETTINGS).shape == (0, 16)


@pytest.mark.parametrize("name", ["email", "url", "phone"])
def test_an_objection_nobody_could_find_is_refused_not_lost(name: str) -> None:
    entries = (("objection", name, "mira.kask", ""),)
    with pytest.raises(InputError, match=f"1 of 1 identifiers of kind {name} cannot be recognised") as refused:
        Snapshot(entries, "").findings(SETTINGS)
    assert "mira" not in str(refused.value)
