"""The cue files: what is written wrong is named with file and line; another language needs only another file."""

from __future__ import annotations

from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.batch import Records
from klarera.errors import InputError
from klarera.find import criminal, cues, minor, objection, person, special
from klarera.find.scan import Scanner

SCANNER = Scanner([m.DETECTOR for m in (criminal, minor, objection, person, special)], key=bytes(32))
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
    ("no trigger", line("en", "PERSON", "[{name}]", "author", "-", "-", "m"), "trigger"),
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


PIECES = st.sampled_from(
    ["I'm 13", "my sister has lupus", " ", ".", "…", "\n", "?", '"', "»", "RT @ole: ", "@x", "https://", "www.",
     "www.a", "ich bin", "J.", "Dr. ", "Ž", "é", "🙂", "13", ",", "-", "'", "’", "£", "no AI training", "j'ai", "d",
     "\u0301", "п"]
)  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join), min_size=1, max_size=4))
def test_any_text_gives_spans_of_whole_letters_whatever_its_batch(texts: list[str]) -> None:
    together = SCANNER.find(Records.of({"text": texts})).findings
    rows = []
    for row, text in enumerate(texts):
        alone = SCANNER.find(Records.of({"text": [text]})).findings
        rows += [
            (row, *span) for span in zip(alone.start, alone.end, alone.kind, alone.about, alone.stance, strict=True)
        ]
        for start, end in zip(alone.start, alone.end, strict=True):
            assert text.encode()[start:end].decode()
    columns = (together.row, together.start, together.end, together.kind, together.about, together.stance)
    assert rows == list(zip(*columns, strict=True))
