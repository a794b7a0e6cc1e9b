"""The one word table of a run: terms of all detectors, function words of languages, register terms.

Phrases are cut into words and folded by the very code that reads the text, so "E-Mail", "e mail" and
"e-mail" are one phrase, and "I'm" is "i m". Register terms belong to nobody's language and are numbered
behind all others.

>>> from klarera.find import Term
>>> table = Table.build({"phone": (Term("phone number", "en", "cue"), Term("Tel.", "", "cue"))})
>>> table.bounds["phone"], len(table.lexicon.term)
((0, 2), 2)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from klarera.errors import UsageError
from klarera.find import I8, U1, Term
from klarera.find.language import Languages, languages
from klarera.find.normalise import PLAIN_FORM
from klarera.kernels.utf8 import fold_case, word_bounds
from klarera.kernels.words import (
    HAS_CHILDREN,
    HAS_TERMS,
    IS_FUNCTION,
    MAX_WORDS,
    Growing,
    Lexicon,
    flag_edges,
    insert_phrases,
)
from klarera.model import KIND_NAMES, LANGUAGES

__all__ = ["MAX_REGISTER_TERMS", "Table", "misfits"]

MAX_REGISTER_TERMS = 100_000
"""Register terms the word pass takes without losing more than a fifth of its speed."""


@dataclass(frozen=True)
class Table:
    """The table of one run.

    lexicon         as the compiled pass reads it
    bounds          detector → (first, end) of its term numbers, in the order it declared them
    register_start  number of the first register term
    owner           uint8 a term, place of its detector in `bounds`, behind the last for register terms
    """

    lexicon: Lexicon
    bounds: Mapping[str, tuple[int, int]]
    register_start: int
    owner: U1

    @classmethod
    def build(
        cls,
        terms: Mapping[str, Sequence[Term]],
        register_terms: Sequence[str] = (),
        function_words: Languages | None = None,
    ) -> Table:
        """Build the table from each detector's terms.

        Raises UsageError where a term holds no word, more than MAX_WORDS words or an unknown language.
        """
        spoken = languages() if function_words is None else function_words
        bounds, first = {}, 0
        for name, own in terms.items():
            bounds[name] = (first, first + len(own))
            first += len(own)
        flat = [(name, term) for name, own in terms.items() for term in own]
        phrases = [term.phrase for _, term in flat] + list(register_terms) + list(spoken.words)
        n_terms = first + len(register_terms)
        growing, last, children = _insert(phrases)
        for i in np.flatnonzero(last[:n_terms] < 0).tolist():
            _refuse(flat[i][0] if i < first else "register", i if i < first else i - first, int(last[i]))
        language = np.zeros(n_terms + 1, np.uint8)
        for i, (name, term) in enumerate(flat):
            if term.language not in LANGUAGES:
                raise UsageError(f"detector {name}: term {i - bounds[name][0]} has an unknown language code")
            language[i] = LANGUAGES.index(term.language)
        lexicon = _lexicon(growing, last, children, language, spoken)
        sizes = [len(own) for own in terms.values()] + [len(register_terms)]
        return cls(lexicon, bounds, first, np.repeat(np.arange(len(sizes), dtype=np.uint8), sizes))


def misfits(phrases: Sequence[str]) -> list[tuple[int, str]]:
    """Phrases the table cannot hold: their places and why.

    >>> misfits(["Anna Muster", "--"])
    [(1, 'holds no word')]
    """
    if not phrases:
        return []
    _, last, _ = _insert(phrases)
    return [(i, _why(int(last[i]))) for i in np.flatnonzero(last < 0).tolist()]


def _why(code: int) -> str:
    return "holds no word" if code == -1 else f"has more than {MAX_WORDS} words"


def _refuse(owner: str, number: int, why: int) -> None:
    raise UsageError(f"{owner}: term {number} {_why(why)}")


def _insert(phrases: Sequence[str]) -> tuple[Growing, I8, U1]:
    raw = [phrase.encode() + b"\n" for phrase in phrases]
    off = np.concatenate(([0], np.cumsum([len(r) for r in raw], dtype=np.int64))).astype(np.int64)
    buf = np.frombuffer(b"".join(raw), np.uint8)
    small = np.empty_like(buf)
    fold_case(buf, small)
    most = word_bounds(small, np.empty((len(buf) // 2 + 1, 2), np.int64)) + 1
    bits = max(10, (2 * most).bit_length())
    growing = Growing(
        np.zeros((1 << bits, 2), np.uint64), 64 - bits, np.zeros(most, np.int64), np.zeros(most, np.int32),
        np.empty(len(buf) + 1, np.uint8), np.array([1, 0]),
    )  # fmt: skip
    last, children = np.empty(len(raw), np.int64), np.zeros(most, np.uint8)
    insert_phrases(small, off, growing, last, children)
    return growing, last, children


def _lexicon(growing: Growing, last: I8, children: U1, language: U1, spoken: Languages) -> Lexicon:
    n_nodes, n_terms = int(growing.used[0]), len(language) - 1
    nodes, spoken_nodes = last[:n_terms], last[n_terms:]
    term = np.argsort(nodes, kind="stable").astype(np.int32)
    term_at = np.searchsorted(nodes[term], np.arange(n_nodes + 1)).astype(np.int64)
    function = np.zeros(n_nodes, np.uint16)
    function[spoken_nodes] = np.arange(1, len(spoken_nodes) + 1)
    flags = children[:n_nodes] * np.uint8(HAS_CHILDREN)
    flags[nodes] |= HAS_TERMS
    flags[spoken_nodes] |= IS_FUNCTION
    bits = max(10, (8 * n_nodes).bit_length())
    sieve = np.zeros(1 << (bits - 6), np.uint64)
    flag_edges(growing.slots, flags, sieve, 64 - bits)
    names = [name.encode() for name in (*KIND_NAMES.values(), "LISTED")]
    return Lexicon(
        growing.slots, growing.shift, growing.word_at[:n_nodes].copy(), growing.word_len[:n_nodes].copy(), growing.blob,
        term_at, term, language, function, spoken.weight, spoken.hints, PLAIN_FORM,
        np.frombuffer(b"".join(names), np.uint8).copy(),
        np.concatenate(([0], np.cumsum([len(n) for n in names]))).astype(np.int64),
        len(LANGUAGES), spoken.least, spoken.margin, sieve, 64 - bits,
    )  # fmt: skip
