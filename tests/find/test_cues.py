"""The cue files: what is written wrong is named with file and line; another language needs only another file."""

from __future__ import annotations

from importlib import resources

import pytest

from klarera.errors import InputError
from klarera.find import cues

HEAD = "\t".join(cues.COLUMNS)


def line(*cells: str) -> str:
    return HEAD + "\n" + "\t".join(cells) + "\n"


WRONG = [
    ("header", "a\tb\n", "xx.tsv:1"),
    ("columns", HEAD + "\nen\tHEALTH\n", "2 columns instead of 7"),
    ("language", line("qq", "HEALTH", "x", "general", "-", "-", "m"), "language"),
    ("kind", line("en", "HEALHT", "x", "general", "-", "-", "m"), "kind"),
    ("about", line("en", "HEALTH", "x", "autor", "-", "-", "m"), "about"),
    ("stance", line("en", "HEALTH", "x", "general", "maybe", "-", "m"), "stance"),
    ("meaning", line("en", "HEALTH", "x", "general", "-", "-", ""), "meaning"),
    ("unnamed class", line("en", "class", "x", "-", "-", "-", "m"), "names itself"),
    ("no frame", line("en", "HEALTH", "x", "-", "-", "nowhere", "m"), "no frame 'nowhere'"),
    ("unreadable pattern", line("en", "HEALTH", "[x} y]", "author", "-", "-", "m"), "cannot be read"),
    ("two brackets", line("en", "HEALTH", "[x] [y]", "author", "-", "-", "m"), "one ["),
    ("optional bracket", line("en", "HEALTH", "[x]? y", "author", "-", "-", "m"), "optional"),
    ("no trigger", line("en", "MINOR", "[{age}]", "author", "-", "-", "m"), "trigger"),
    ("unknown class", line("en", "HEALTH", "{nobody} [x]", "author", "-", "-", "m"), "nobody"),
]


@pytest.mark.parametrize(("text", "says"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_what_is_written_wrong_is_named(text: str, says: str) -> None:
    with pytest.raises(InputError) as error:
        cues.build(cues.parse(text, "xx.tsv"))
    assert says in str(error.value)


def test_every_line_of_the_package_has_its_place() -> None:
    folder = resources.files("klarera.find") / "cues"
    for file in folder.iterdir():
        if file.name.endswith(".tsv"):
            assert cues.parse(file.read_text("utf-8"), file.name)


def test_no_cue_stands_twice() -> None:
    folder = resources.files("klarera.find") / "cues"
    for file in folder.iterdir():
        lines = file.read_text("utf-8").splitlines()
        assert len(lines) == len(set(lines)), file.name


def test_another_language_is_only_another_file() -> None:
    dutch = [
        ("nl", "class", "ik", "-", "-", "i", "I"),
        ("nl", "class", "heb", "-", "-", "have", "have"),
        ("nl", "frame", "{i} {have} [X]", "author", "-", "illness", "I have X"),
        ("nl", "HEALTH", "suikerziekte", "general", "-", "illness", "diabetes"),
    ]
    table = cues.build(cues.parse(HEAD + "\n" + "\n".join("\t".join(c) for c in dutch), "nl.tsv"))
    assert table.languages == ("nl",)
    assert [(p.kind, p.about) for p in table.patterns] == [("HEALTH", "author"), ("HEALTH", "general")]
