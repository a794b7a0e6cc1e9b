"""Pieces of text the benchmark corpora are put together from: sentences, handles, links, plants.

Sentences come from the banks of tools/example_banks. A few hundred of them would repeat within every
compressed page and make reading and writing look faster than on real posts; so half of their longer words
are replaced by invented words of the same language (letter triples of the bank's own words, drawn with a
long tail). Sentences with a plant stay as they are written, and their spans are known.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent.parent / "tools"))

import banks
from banks import SLOT, Bank
from invented import KINDS, SITES, Maker

__all__ = ["PLANTS", "Pool", "build"]

SPECIAL = ("HEALTH", "RELIGION", "POLITICS", "UNION", "SEX_LIFE", "ETHNICITY", "CRIMINAL")
PLANTS: dict[str, tuple[str, ...]] = {
    "email": ("EMAIL",), "phone": ("PHONE",), "iban": ("IBAN",), "card": ("CARD",), "ip": ("IP",),
    "nid": ("NATIONAL_ID",), "person": ("PERSON",), "special": SPECIAL, "minor": ("MINOR",),
    "objection": ("OBJECTION", "CHAIN_OBJECTION"),
}  # fmt: skip
"""Plant → kinds of the bank's sections it draws from; a language without such a section borrows English."""

WORDS = 12_000
"""Invented words a language."""
REPLACED = 0.5
NEAR = 0.03
"""Share of ordinary sentences that hold a number which means nothing: order, ISBN, price, version, date."""
ENDS = (" ", "", "\n\n")
"""What follows a piece: another one, nothing, a new paragraph. One copy of the pool each."""

I8 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pool:
    """All pieces, once for each of ENDS: piece p with end e is text[p + e * size].

    groups              (group, language or "") → first piece, number of pieces
    first, spans        spans of piece p are rows first[p] to first[p + 1] of start, end, label
    start, end          bytes within the piece
    label               number in `labels`, as KIND/about
    """

    text: pa.Array
    size: int
    groups: dict[tuple[str, str], tuple[int, int]]
    first: I8
    start: I8
    end: I8
    label: I8
    labels: list[str]

    def draw(self, random: np.random.Generator, group: str, languages: I8) -> I8:
        """One piece of the group for each row, in the row's language (index into banks.LANGUAGES)."""
        at = np.array([self.groups.get((group, k), self.groups.get((group, ""))) for k in banks.LANGUAGES])
        picked: I8 = at[languages, 0] + (random.random(len(languages)) * at[languages, 1]).astype(np.int64)
        return picked


def build(seed: int, sentences: int, plants: int) -> Pool:
    """The pool: `sentences` ordinary ones and `plants` of each plant a language, twice as many links and handles."""
    random = Random(seed)
    pieces: list[str] = []
    spans: list[tuple[int, int, int, str]] = []
    groups: dict[tuple[str, str], tuple[int, int]] = {}

    def add(group: str, language: str, made: Iterator[tuple[str, list[tuple[int, int, str]]]]) -> None:
        before = len(pieces)
        for text, marks in made:
            spans.extend((len(pieces), start, end, label) for start, end, label in marks)
            pieces.append(text)
        groups[group, language] = before, len(pieces) - before

    english = banks.load("en")
    for language in banks.LANGUAGES:
        bank = banks.load(language)
        make = Maker(random, language, bank.slots["first"], bank.slots["last"])
        add("sentence", language, _ordinary(random, bank, make, sentences))
        add("tag", language, _tags(random, bank, plants))
        for name, kinds in PLANTS.items():
            chosen = _templates(bank, kinds) or _templates(english, kinds)
            source = bank if _templates(bank, kinds) else english
            add(name, language, (_plant(random, source, make, *random.choice(chosen)) for _ in range(plants)))
    add("handle", "", _handles(random, sentences * 2))
    add("url", "", _links(random, english, sentences * 2))
    return _pool(pieces, spans, groups)


def _pool(
    pieces: list[str], spans: list[tuple[int, int, int, str]], groups: dict[tuple[str, str], tuple[int, int]]
) -> Pool:
    labels = sorted({label for *_, label in spans})
    number = {label: i for i, label in enumerate(labels)}
    table = np.array([(p, a, b, number[label]) for p, a, b, label in spans], np.int64)
    first = np.searchsorted(table[:, 0], np.arange(len(pieces) + 1))
    text = pa.array([piece + end for end in ENDS for piece in pieces], pa.large_string())
    return Pool(text, len(pieces), groups, first, table[:, 1], table[:, 2], table[:, 3], labels)


def _templates(bank: Bank, kinds: tuple[str, ...]) -> list[tuple[str, str]]:
    """Plant sentences of these kinds, each with its title."""
    return [(s, title) for title, found in bank.plants.items() if title.split("/")[0] in kinds for s in found]


def _plant(
    random: Random, bank: Bank, make: Maker, sentence: str, title: str
) -> tuple[str, list[tuple[int, int, str]]]:
    """The filled sentence and its spans: values where slots hold them, else the whole sentence."""
    kind, about = title.split("/")
    text, at, marks = "", 0, []
    for place, part in enumerate(SLOT.split(sentence)):
        value = part if place % 2 == 0 else random.choice(bank.slots[part]) if part in bank.slots else make(part)
        size = len(value.encode())
        if place % 2 and part in KINDS:
            whose = "other" if part == "person" and kind != "PERSON" else about
            marks.append((at, at + size, f"{KINDS[part]}/{whose}"))
        text, at = text + value, at + size
    if not any(label.startswith(kind) for *_, label in marks):
        marks.append((0, at, title))
    ended = text if text[-1] in ".!?" else f"{text}."
    return ended, sorted(marks)


def _ordinary(random: Random, bank: Bank, make: Maker, n: int) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """n filled sentences without anything planted."""
    plain = [s.split(" ") for found in bank.topics.values() for s in found]
    near = [s for found in bank.near.values() for s in found]
    words = _vocabulary(random, {w for s in plain for w in s if w.isalpha() and len(w) > 2 and w.islower()})
    for _ in range(n):
        if random.random() < NEAR:
            text = bank.fill(random.choice(near), random.choice, make)
        else:
            mixed = [_other(random, w, words) for w in random.choice(plain)]
            text = bank.fill(" ".join(mixed), random.choice, make)
        yield text if text[-1] in ".!?…)" else text + random.choice((".", ".", "!", "...", "")), []


def _other(random: Random, word: str, words: list[str]) -> str:
    """The word, or in half of all cases another one for a longer word; the tail of `words` is rarer."""
    if len(word) < 5 or not word.isalpha() or random.random() >= REPLACED:
        return word
    return words[int(len(words) * random.random() ** 2)]


def _vocabulary(random: Random, known: set[str]) -> list[str]:
    """WORDS words: the known ones in front, then invented ones whose letter triples are theirs."""
    found = sorted(known)
    after: dict[str, list[str]] = {}
    for word in found:
        marked = f"^^{word}$"
        for i in range(len(marked) - 2):
            after.setdefault(marked[i : i + 2], []).append(marked[i + 2])
    taken = set(found)
    while len(found) < WORDS:
        word = "^^"
        while not word.endswith("$") and len(word) < 18:
            word += random.choice(after[word[-2:]])
        word = word.strip("^$")
        if len(word) > 3 and word not in taken:
            taken.add(word)
            found.append(word)
    return found


def _tags(random: Random, bank: Bank, n: int) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    for _ in range(n):
        tags = random.sample(bank.slots["tag"], random.choice((1, 1, 2, 3)))
        yield " ".join(f"#{tag}" for tag in tags) + random.choice(("", "", " 😂", " 🔥🔥", " ❤️", " 🙏")), []


def _handles(random: Random, n: int) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    letters = "aeioubdfgklmnprstvz"
    for _ in range(n):
        handle = "@" + "".join(random.choice(letters) for _ in range(random.randint(4, 11)))
        handle += random.choice(("", "", "_", ".", "_x")) + random.choice(("", str(random.randint(1, 9999)), "lu"))
        handle = handle.rstrip("_.")
        yield handle, [(0, len(handle), "HANDLE/other")]


def _links(random: Random, bank: Bank, n: int) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    words = sorted({w for found in bank.topics.values() for s in found for w in s.lower().split() if w.isalpha()})
    for _ in range(n):
        slug = "-".join(random.choice(words) for _ in range(random.randint(1, 4)))
        link = f"https://{random.choice(SITES)}/{slug}"
        link += random.choice(("", f"/{random.randint(1, 99999)}", f"?id={random.getrandbits(40):x}"))
        yield link, [(0, len(link), "URL/general")]
