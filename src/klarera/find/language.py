"""The language of a record, by its function words and telling letters.

Each function word speaks with WEIGHT for every language that has it, and so does the last telling letter of a
word ("ß", "ł", "þ"). A language is taken if it reaches LEAST and leads the next one by MARGIN and by a tenth
of its score: two words of it, and one more than any other has. Else the language is unknown, and every
language's terms count. Decoys (Russian, Turkish, Catalan, Indonesian) are weighed too: a text that fits one
of them best is in no language klarera knows.

Source   function_words.tsv, from general linguistic knowledge
Misses   texts of a few words, mixed languages, dialects, and neighbours (Danish and Norwegian, Czech and
         Slovak, Croatian and Slovene) in short texts: these stay unknown rather than wrong

>>> from klarera.find.language import code_of
>>> LANGUAGES[code_of("de-AT")], LANGUAGES[code_of("nb")], code_of("und"), code_of("zh")
('de', 'no', None, 0)
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from klarera.errors import UsageError
from klarera.model import LANGUAGES

__all__ = ["LEAST", "MARGIN", "Languages", "code_of", "given", "languages"]

LANES = 32
WEIGHT = 60
LEAST = 100
"""Score a language must reach: two of its words."""
MARGIN = 50
"""Lead over the next language: a word the other does not have. It must be a tenth of the score, too."""

_SAME = {"nb": "no", "nn": "no", "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr"}
_UNSAID = frozenset({"", "und", "mul", "zxx", "mis", "unknown", "xx", "??"})


class Languages(NamedTuple):
    """words: one row of `weight` each, from row 1 on; the rows behind them belong to telling letters.

    weight uint8[rows, 32], columns as model.LANGUAGES and then decoys; hints uint16[2048]: code point →
    row of `weight`; least, margin: the rule of the module.
    """

    words: tuple[str, ...]
    weight: npt.NDArray[np.uint8]
    hints: npt.NDArray[np.uint16]
    least: int
    margin: int


@cache
def languages() -> Languages:
    """The table of function words, built once a process."""
    lines = (files(__package__) / "function_words.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    lane = {code: k for k, code in enumerate(LANGUAGES)}
    speaks: dict[str, set[int]] = {}
    letters: dict[str, set[int]] = {}
    for code, words in rows:
        if code == "*letters":
            for group in words.split():
                owner, chars = group.split(":")
                for char in chars:
                    letters.setdefault(char, set()).add(lane[owner])
            continue
        column = lane.setdefault(code, len(lane))
        for word in words.split():
            speaks.setdefault(word, set()).add(column)
    if len(lane) > LANES:
        raise UsageError(f"function_words.tsv: more than {LANES} languages")
    weight = np.zeros((1 + len(speaks) + len(letters), LANES), np.uint8)
    hints = np.zeros(2048, np.uint16)
    for row, (word, columns) in enumerate([*speaks.items(), *letters.items()], 1):
        weight[row, sorted(columns)] = WEIGHT
        if row > len(speaks):
            for char in (word, word.upper()):
                if len(char) == 1 and ord(char) < 2048:
                    hints[ord(char)] = row
    return Languages(tuple(speaks), weight, hints, LEAST, MARGIN)


def code_of(tag: str) -> int | None:
    """Index into LANGUAGES of a language tag; 0 for a language klarera does not know, None if unsaid."""
    primary = tag.strip().lower().replace("_", "-").split("-")[0]
    if primary in _UNSAID:
        return None
    code = _SAME.get(primary, primary)
    return LANGUAGES.index(code) if code in LANGUAGES else 0


def given(column: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """(language uint8[n], given uint8[n]) of the record column `language`.

    >>> given(pa.array(["sv-FI", None, "zh"], pa.large_string()))
    (array([26,  0,  0], dtype=uint8), array([1, 0, 1], dtype=uint8))
    """
    coded = column.dictionary_encode()
    found = [code_of(tag) for tag in coded.dictionary.to_pylist()]
    table = np.array([(code or 0, code is not None) for code in [*found, None]], np.uint8)
    index = coded.indices.fill_null(len(found)).to_numpy(zero_copy_only=False)
    return np.ascontiguousarray(table[index, 0]), np.ascontiguousarray(table[index, 1])
