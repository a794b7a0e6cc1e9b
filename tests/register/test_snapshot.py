"""The register file: a bad one is refused with its line and without the identifier."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from klarera.errors import InputError
from klarera.register.snapshot import load

WHO = "kaja.lind@mail.example"
HEAD = "kind,identifier_kind,identifier,source,received_at\n"


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
        "by_name": 0,
    }
    assert "kaja" not in repr(snapshot).lower()


def test_names_are_looked_for_once_each_and_a_consent_needs_more_than_a_name(tmp_path: Path) -> None:
    rows = "objection,name,Anna  MUSTER,,\nerasure,name, anna muster,agora,\n"
    rows += "reservation,name,Bo Ek,,\nerasure,name,Zoë,,\n"
    snapshot = load(file(tmp_path, HEAD + rows))
    assert snapshot.terms == ("anna muster", "zoë")
    assert snapshot.lines == (2, 3, 4, 5)
    assert snapshot.summary()["by_name"] == 4
    assert "muster" not in repr(snapshot)
    with pytest.raises(InputError, match=r"register\.csv:3: a consent cannot rest on a name alone") as refused:
        load(file(tmp_path, HEAD + f"objection,email,{WHO},,\nconsent,name,Kaja Lind,,"))
    assert "kaja" not in str(refused.value).lower()
