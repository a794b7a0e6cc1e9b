"""Names the register lists, found by the word pass as every other word is.

Source: GDPR Arts 17, 21. Finds: each listed name or phrase as whole words, in any case, over single separators
and disguised letters. Misses: other spellings, initials, other order of the parts, words in between.

A hit is a finding of kind PERSON. Its key is that of the canonical name: the very key a detector of names gives
what it finds, so that one join reaches both. Whether the person so named is the one listed the text does not
tell: about = UNCLEAR.

>>> names = Names.of(["Anna  Muster", "ANNA-MUSTER"])
>>> names.canon.tobytes(), names.canon_off.tolist()
(b'annamusterannamuster', [0, 10, 20])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from klarera.find import I8, U1, Spans, Words
from klarera.find.results import shared
from klarera.kernels.digest import hmac_rows
from klarera.model import About, Kind, Strength

__all__ = ["NAME", "Names", "card", "name_keys", "spans"]

NAME = "register"
"""Its name among the detectors; its number is the one behind them."""


class Names(NamedTuple):
    """Canonical forms of listed names: bytes uint8[m], int64[k + 1]."""

    canon: U1
    canon_off: I8

    @classmethod
    def of(cls, names: Sequence[str]) -> Names:
        """The canonical forms, in the order of the names."""
        raw = [name.encode() for name in names]
        ends = np.cumsum([0, *map(len, raw)], dtype=np.int64)
        return cls(*shared(np.frombuffer(b"".join(raw), np.uint8), ends[:-1].copy(), ends[1:].copy()))


def name_keys(key: bytes, names: Sequence[str]) -> U1:
    """uint8[n, 16]: the key a finding of each name carries."""
    canon, off = Names.of(names)
    mark = np.array([int(Kind.PERSON), 0], np.uint8)
    at = np.repeat(off[:-1], 2)
    message = np.insert(canon, at, np.tile(mark, len(names)))
    keys: U1 = hmac_rows(key, message, off + 2 * np.arange(len(off), dtype=np.int64))
    return keys


def spans(words: Words, names: Names) -> Spans:
    """What the word pass hit, as findings; `words.term` is the name's number, offsets are absolute."""
    found = Spans.of(words.row, words.start, words.end, Kind.PERSON, about=About.UNCLEAR, strength=Strength.FORM)
    first, last = names.canon_off[words.term], names.canon_off[words.term + 1]
    off = np.concatenate(([0], np.cumsum(last - first))).astype(np.int64)
    take = np.arange(int(off[-1]), dtype=np.int64) + np.repeat(first - off[:-1], last - first)
    return found._replace(canon=names.canon[take], canon_off=off)


def card() -> dict[str, object]:
    """What stands in the commit; how many names there are the register's own entry says."""
    return {
        "name": NAME,
        "version": 1,
        "kinds": [Kind.PERSON.name],
        "languages": ["any"],
        "source": "the register given to the run",
        "finds": "the names it lists, as whole words, in any case",
        "misses": "other spellings, initials, words in between",
    }
