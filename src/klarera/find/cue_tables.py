"""The cue lexicon as arrays, and one detector's run over the kernel."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from klarera.find import Scan, Spans, Term, View
from klarera.find.cues import (
    ABOUT,
    FIXED,
    MAY_BREAK,
    MUST_BREAK,
    NOT,
    NUMBERS,
    OPT,
    SIGNS,
    STANCE,
    WIDE,
    Element,
    Pattern,
    lexicon,
    triggers,
)  # fmt: skip
from klarera.kernels.cue_graph import FIXED_CLASSES
from klarera.kernels.cue_near import (
    ACROSS,
    ANY_WORD,
    AT_EDGE,
    CAPITALISED,
    COUNTED,
    FREE_WORD,
    NEAR_SIGNS,
    NUMBER,
)  # fmt: skip
from klarera.kernels.cue_words import phrase_hashes
from klarera.kernels.cues import match
from klarera.model import LANGUAGES, Kind, Strength

__all__ = ["run"]

U8 = npt.NDArray[np.uint64]
PHRASE_WORDS = 8
assert FIXED == FIXED_CLASSES


class Words(NamedTuple):
    """The lexicon of all languages as one table; see kernels/cues.py for the shapes."""

    salt: U8
    key: U8
    bits: npt.NDArray[np.uint64]
    more: npt.NDArray[np.uint8]


class Patterns(NamedTuple):
    """The patterns of one detector; see kernels/cues.py for the shapes."""

    pat: npt.NDArray[np.int32]
    el: npt.NDArray[np.int32]
    anchor_off: npt.NDArray[np.int32]
    anchored: npt.NDArray[np.int32]
    anchor_mask: U8
    anchor_slot: npt.NDArray[np.uint8]


def _salts() -> U8:
    number = np.arange(1, len(LANGUAGES) + 1, dtype=np.uint64)
    return number * np.uint64(0xD1342543DE82EF95)


def _chained(h: U8, word: U8) -> U8:
    h = (h ^ word) * np.uint64(0x9E3779B97F4A7C15)
    return h ^ (h >> np.uint64(29))


@cache
def words() -> Words:
    """The word table, built once a process."""
    table = lexicon()
    rows: list[tuple[int, str, int]] = []
    for language in table.languages:
        number = LANGUAGES.index(language)
        for name, index in table.classes.items():
            rows += [(number, phrase, index) for phrase in sorted(table.of_class(language, name))]
    raw = [phrase.encode() for _, phrase, _ in rows]
    off = np.concatenate([[0], np.cumsum([len(r) for r in raw])]).astype(np.int64)
    word, count = np.zeros((len(rows), PHRASE_WORDS), np.uint64), np.zeros(len(rows), np.int32)
    phrase_hashes(np.frombuffer(b"".join(raw), np.uint8), off, word, count)
    salt = _salts()
    h = salt[[number for number, _, _ in rows]]
    steps = []
    for step in range(PHRASE_WORDS):
        live = count > step
        h = np.where(live, _chained(h, word[:, step]), h)
        steps.append(h)
    return _fill(rows, count, steps, salt, (len(table.classes) + 63) // 64)


def _fill(
    rows: list[tuple[int, str, int]], count: npt.NDArray[np.int32], steps: list[U8], salt: U8, width: int
) -> Words:
    classes: dict[int, int] = {}
    more: dict[int, int] = {}
    for i, (_, _, index) in enumerate(rows):
        for step in range(int(count[i])):
            h = int(steps[step][i])
            last = step == count[i] - 1
            more[h] = more.get(h, 0) | (2 if last else 1)
            classes[h] = classes.get(h, 0) | ((1 << index) if last else 0)
    size = 1 << (2 * len(classes)).bit_length()
    key, bits = np.zeros(size, np.uint64), np.zeros((width, size), np.uint64)
    begun = np.zeros(size, np.uint8)
    for h, mask in classes.items():
        s = (h ^ (h >> 31)) & (size - 1)
        while key[s]:
            s = (s + 1) & (size - 1)
        key[s], begun[s] = h, more[h]
        bits[:, s] = np.frombuffer(mask.to_bytes(8 * width, "little"), np.uint64)
    return Words(salt, key, bits, begun)


@cache
def compiled(patterns: tuple[Pattern, ...]) -> Patterns:
    """The arrays of a detector's patterns, built once a process."""
    classes = lexicon().classes
    el: list[tuple[int, int, int]] = []
    pat: list[tuple[int, ...]] = []

    def put(elements: tuple[tuple[str, int, int], ...]) -> tuple[int, int]:
        first = len(el)
        el.extend((SIGNS.get(w, classes.get(w, 0)), flags, most) for w, flags, most in elements)
        return first, len(el)

    bit = {id(p): mask.bit_length() - 1 for p, mask in _numbered(patterns)}
    for p in patterns:
        kind = 0 if p.kind == "*" else int(Kind[p.kind])
        left = put(tuple(reversed(p.elements[: p.anchor])))
        right = put(p.elements[p.anchor + 1 :])
        number = LANGUAGES.index(p.language)
        flags = p.elements[p.anchor].flags
        pat.append((kind, ABOUT[p.about], STANCE[p.stance], number, *left, *right, flags, bit.get(id(p), -1)))
    anchors = [classes[p.elements[p.anchor].word] for p in patterns]
    counts = np.bincount(anchors, minlength=len(classes)) if anchors else np.zeros(len(classes), np.int64)
    mask = np.zeros((len(classes) + 63) // 64, np.uint64)
    for c in set(anchors):
        mask[c >> 6] |= np.uint64(1 << (c & 63))
    return Patterns(
        np.array(pat, np.int32).reshape(-1, 10),
        np.array([*el, (0, 0, 0)], np.int32),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        np.argsort(anchors, kind="stable").astype(np.int32),
        mask,
        np.asarray((words().bits & mask[:, None]).any(axis=0), np.uint8),
    )


class Near(NamedTuple):
    """Which patterns of one detector may have which word beside their anchor; see kernels/cue_near.py."""

    key: U8
    bits: npt.NDArray[np.uint64]
    sign: npt.NDArray[np.uint64]


def _next(elements: list[Element]) -> tuple[list[Element], bool]:
    """The elements that may come first, and whether there may be none."""
    first = []
    for e in elements:
        if e.flags & NOT:
            continue
        first.append(e)
        if e.word != "~" and not e.flags & OPT:
            return first, False
    return first, True


def _numbered(patterns: tuple[Pattern, ...]) -> list[tuple[Pattern, int]]:
    """Each pattern with its bit; of more than 64 in a language some share one, which only lets more through.

    Patterns that a number triggers share none with others, so that most numbers are passed by at once. Exceptions
    have no bit: where nothing else can match there is nothing to silence.
    """
    seen: Counter[str] = Counter()
    counting: Counter[str] = Counter()
    numbered = []
    for by_number in (True, False):
        for p in patterns:
            if p.about == "none" or (p.elements[p.anchor].word in NUMBERS) != by_number:
                continue
            first = 0 if by_number else min(counting[p.language], 32)
            numbered.append((p, 1 << (first + (seen[p.language] - first) % ((32 if by_number else 64) - first))))
            seen[p.language] += 1
            counting[p.language] += by_number
    return numbered


_ALL = 0xFFFF_FFFF_FFFF_FFFF
STOPPING = 2  # the third column of Near.bits; for single words alone
_BY_CAPITAL = frozenset({"name", "fullname", "cap", "other"})
_BY_DIGITS = frozenset({"age", "adult", "num"})
_ENDS = {"other": ("kin", "poss")}  # a relation ends with kinship, and begins with a possessive


@cache
def near(patterns: tuple[Pattern, ...]) -> Near:
    """The tables of the words beside the anchors, built once a process."""
    table = lexicon()
    sign = np.zeros((len(LANGUAGES), NEAR_SIGNS, 2), np.uint64)
    others = np.zeros(len(LANGUAGES), np.uint64)
    beside: dict[tuple[str, int, str], int] = {}
    for p, bit in _numbered(patterns):
        number = LANGUAGES.index(p.language)
        breaks = any(e.flags & (MAY_BREAK | MUST_BREAK) for e in p.elements)
        sides = (list(reversed(p.elements[: p.anchor])), list(p.elements[p.anchor + 1 :]))
        for side, elements in enumerate(sides):
            first, free = _next(elements)
            names = {e.word for e in first}
            for there, which in (
                (free or "handle" in names or any(e.flags & WIDE for e in first), ANY_WORD),
                ("~" in names, FREE_WORD),
                (free or breaks, ACROSS),
                (free or bool(names & {"^", "$"}), AT_EDGE),
                (bool(names & _BY_DIGITS), NUMBER),
                (bool(names & _BY_CAPITAL), CAPITALISED),
            ):
                if there:
                    sign[number, which, side] |= np.uint64(bit)
            for name in names - set(SIGNS):
                key = (p.language, side, _ENDS[name][side] if name in _ENDS else name)
                beside[key] = beside.get(key, 0) | bit
        if p.elements[p.anchor].word in NUMBERS:
            sign[number, COUNTED] |= np.uint64(bit)
        else:
            others[number] |= np.uint64(bit)
    sign[:, COUNTED] &= ~others[:, None]
    words: dict[tuple[int, str, int], int] = {}
    for (language, side, name), mask in beside.items():
        number = LANGUAGES.index(language)
        for phrase in table.of_class(language, name):
            words[number, phrase, side] = words.get((number, phrase, side), 0) | mask
    for language in table.languages:
        for side in (0, 1):
            for name in ("neg", "adv"):  # these may stand between any two elements
                for phrase in table.of_class(language, name):
                    words[LANGUAGES.index(language), phrase, side] = _ALL
        for phrase in table.of_class(language, "stop"):
            words[LANGUAGES.index(language), phrase, STOPPING] = _ALL
    return _hashed(words, sign)


def _hashed(words: dict[tuple[int, str, int], int], sign: npt.NDArray[np.uint64]) -> Near:
    """The outermost word of each phrase in an open-addressing table."""
    raw = [phrase.encode() for _, phrase, _ in words]
    off = np.concatenate([[0], np.cumsum([len(r) for r in raw])]).astype(np.int64)
    word, count = np.zeros((len(raw), PHRASE_WORDS), np.uint64), np.zeros(len(raw), np.int32)
    phrase_hashes(np.frombuffer(b"".join(raw), np.uint8), off, word, count)
    salt, joined = _salts(), dict[int, list[int]]()
    for i, ((language, _, side), bits) in enumerate(words.items()):
        if side == STOPPING and count[i] != 1:
            continue
        h = int(word[i, count[i] - 1 if side == 0 else 0] ^ salt[language])
        joined.setdefault(h, [0, 0, 0])[side] |= bits
    size = 1 << (2 * len(joined)).bit_length()
    key, found = np.zeros(size, np.uint64), np.zeros((size, 3), np.uint64)
    for h, pair in joined.items():
        s = (h ^ (h >> 31)) & (size - 1)
        while key[s]:
            s = (s + 1) & (size - 1)
        key[s], found[s] = h, pair
    return Near(key, found, sign)


@cache
def _term_bits(patterns: tuple[Pattern, ...], terms: tuple[Term, ...]) -> U8:
    """The patterns each term triggers, as bits."""
    table, bits = lexicon(), dict[tuple[str, str], int]()
    anchored = dict[tuple[str, str], int]()
    for p, bit in _numbered(patterns):
        anchor = (p.language, p.elements[p.anchor].word)
        anchored[anchor] = anchored.get(anchor, 0) | bit
    for (language, word), mask in anchored.items():
        for phrase in triggers(table, language, word):
            bits[phrase, language] = bits.get((phrase, language), 0) | mask
    return np.array([bits.get((t.phrase, t.language), 0) for t in terms], np.uint64)


@cache
def _languages(terms: tuple[Term, ...]) -> npt.NDArray[np.uint8]:
    return np.array([LANGUAGES.index(t.language) for t in terms], np.uint8)


NOUNS = np.array([code == "de" for code in LANGUAGES], np.uint8)
"""Languages that write every noun with a capital."""
_RANK = np.array([1, 0, 0, 2], np.int64)  # by model.About: author and other, then unclear, then general


def _strongest(out: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """One finding for each kind and place where several languages' cues agree on it."""
    order = np.lexsort((out[:, 5], out[:, 4], -out[:, 2], _RANK[out[:, 4]], out[:, 1], out[:, 3], out[:, 0]))
    out = out[order]
    new = np.ones(len(out), np.bool_)
    new[1:] = (out[1:, [0, 1, 3]] != out[:-1, [0, 1, 3]]).any(axis=1)
    return out[new]


def run(name: str, patterns: tuple[Pattern, ...], terms: tuple[Term, ...], view: View, scan: Scan) -> Spans:
    """Spans of one detector in one batch."""
    mine = scan.own[name]
    hits = (mine.row, mine.start, mine.end, _languages(terms)[mine.term], _term_bits(patterns, terms)[mine.term])
    table, rules, beside = words(), compiled(patterns), near(patterns)
    room = max(1024, len(mine.row))
    while True:
        out = np.empty((room, 6), np.int64)
        total = match(view.buf, view.off, scan.language, *hits, *table, *rules, *beside, NOUNS, out)
        if total <= room:
            break
        room = total
    out = _strongest(out[:total])
    k = len(out)
    return Spans(
        out[:, 0].astype(np.int32),
        out[:, 1],
        out[:, 2],
        out[:, 3].astype(np.uint8),
        out[:, 4].astype(np.uint8),
        out[:, 5].astype(np.uint8),
        strength=np.full(k, int(Strength.CUE), np.uint8),
        score=np.full(k, 255, np.uint8),
    )
