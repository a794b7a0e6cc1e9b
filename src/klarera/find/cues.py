"""The cue files and the detectors made of them: another language is another file, never code.

A cue file (cues/*.tsv) has one cue a line: language, kind, phrase, about, stance, needs, meaning (in English).
Several spellings of one cue stand in one line, parted by "|". What a line is, its kind says:

    class    the phrase belongs to the word class `needs` (first persons, kinship, illnesses' verbs ...)
    frame    a sentence pattern with a slot [X]; every topic that names this frame in `needs` fills the slot
    HEALTH   (any Kind) with `needs`: a topic word, found in the frames it names; `about` "general" lets it
             count alone, "-" only in a frame, "none" makes it an exception that silences what it covers
    HEALTH   without `needs`: a whole sentence pattern of its own

A pattern is a row of words (`have|had_got` for one of; "_" is a space), {classes} and signs; [ ] marks
what is found:

    x?  may be missing     x+  one to three     x*  none to three     ~n  up to n words that begin no new clause
    x@  the words that trigger the line, where the rarest-looking are not the rarest
    ~~n  up to n words of any kind       x.  x with a capital and a dot ("M.")
    ,x  x after a comma, bracket or dash; ,?x  perhaps after one     !x  x does not stand here     ^ $  ends of a clause

Words of negation and adverbs may stand between any two elements; the first make the finding negated.
`about`: author, other, general, unclear, they (a pronoun: other if a person is named before, else unclear), none.
`stance`: "-" by the words around (negation, question, wish, quotation marks), else fixed.

>>> table = lexicon()
>>> "en" in table.languages, any(p.kind == "HEALTH" for p in table.patterns)
(True, True)
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import NamedTuple

from klarera.errors import InputError
from klarera.find import Coverage, Detector, Scan, Spans, Term, View
from klarera.model import LANGUAGES, About, Kind, Stance

__all__ = ["Cue", "Element", "Lexicon", "Pattern", "cue_detector", "lexicon", "parse"]

COLUMNS = ("language", "kind", "phrase", "about", "stance", "needs", "meaning")
ABOUT = {"author": 1, "other": 2, "general": 3, "unclear": 0, "they": 4, "none": 9}
STANCE = {"-": -1} | {stance.name.lower(): int(stance) for stance in Stance}
FIXED = (
    "name", "fullname", "handle", "other", "cap", "age", "adult", "num",
    "neg", "adv", "wish", "stop", "notname", "firstname", "particle", "poss", "kinadj", "kin", "and",
)  # fmt: skip
"""Classes the kernel knows by number; the first eight are also seen by the form of a word."""
BY_FORM = 8
NUMBERS = {"age": range(1, 18), "adult": range(18, 111)}
"""Classes of numbers that can trigger a pattern by their digits too."""
GLUED = ("", "f", "m", "w", "nb", "yo", "y", "yr", "yrs", "ans", "j", "jährige", "jähriger")
OPT, REP, MAY_BREAK, MUST_BREAK, OPEN, CLOSE, NOT, DOTTED, WIDE = 1, 2, 4, 8, 16, 32, 64, 128, 256
TRIGGER = 512  # for this module alone: the author of the line says what triggers it
SIGNS = {"^": -1, "$": -2, "~": -3}
"""Elements that are no word, by the number the kernel knows them by."""
BEFORE = {"": 0, ",": MUST_BREAK, ",?": MAY_BREAK, "!": NOT}
BEHIND = {"": 0, "?": OPT, "+": REP, "*": OPT | REP, "@": TRIGGER}
_ELEMENT = re.compile(
    r"(?P<early>\[)?(?P<pre>,\??|!)?(?P<open>\[)?"
    r"(?P<core>\{[\w.]+\}|~~?\d|\^|\$|[^\s\[\]{}?+*@,!^$~]+)(?P<close>\])?(?P<post>[?+*@])?"
)
_TYPED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "œ": "oe", "æ": "ae"})
APOSTROPHE = str.maketrans({"’": " ", "'": " "})


class Cue(NamedTuple):
    """One line of a cue file, with its place."""

    place: str
    line: int
    language: str
    kind: str
    phrase: str
    about: str
    stance: str
    needs: str


class Element(NamedTuple):
    """One element of a pattern: a class by name, or a sign by its negative number."""

    word: str
    flags: int
    most: int = 0


class Pattern(NamedTuple):
    """A sentence pattern of one kind in one language; `anchor` is the element its trigger words fill."""

    language: str
    kind: str
    about: str
    stance: str
    elements: tuple[Element, ...]
    anchor: int


@dataclass(frozen=True)
class Lexicon:
    """All cue files together: classes with their phrases per language, and the patterns."""

    languages: tuple[str, ...]
    classes: dict[str, int]
    phrases: dict[str, dict[str, set[str]]]
    patterns: tuple[Pattern, ...] = field(default=())

    def of_class(self, language: str, name: str) -> Set[str]:
        """Phrases of a class in one language."""
        if name.startswith("="):
            return spellings(name[1:])
        return self.phrases.get(language, {}).get(name, set())


def parse(text: str, place: str) -> list[Cue]:
    """The cues of one file. Raises InputError with file and line where a line is written wrong."""
    lines = text.splitlines()
    if not lines or tuple(lines[0].split("\t")) != COLUMNS:
        raise InputError(place, f"the first line must name {', '.join(COLUMNS)}", line=1)
    cues = []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != len(COLUMNS):
            raise InputError(place, f"{len(cells)} columns instead of {len(COLUMNS)}", line=number)
        cue = Cue(place, number, *(cell.strip() for cell in cells[:6]))
        _check(cue, cells[6])
        cues.append(cue)
    return cues


def _check(cue: Cue, meaning: str) -> None:
    def wrong(problem: str) -> InputError:
        return InputError(cue.place, problem, line=cue.line)

    if cue.language != "*" and cue.language not in LANGUAGES[1:]:
        raise wrong("language is no code of model.LANGUAGES and not *")
    if cue.kind not in ("class", "frame", "*", *Kind.__members__):
        raise wrong("kind is neither class, frame, * nor a Kind")
    if not cue.phrase or not meaning.strip():
        raise wrong("phrase or meaning is empty")
    if cue.about not in (*ABOUT, "-") or cue.stance not in STANCE:
        raise wrong("about or stance is not one of its words")
    if (cue.kind in ("class", "frame")) and not cue.needs.strip("-"):
        raise wrong("a class or frame names itself in needs")


def elements_of(cue: Cue, phrase: str, slot: str) -> tuple[Element, ...]:
    """The elements of a pattern; [X] is filled with the class `slot`."""
    elements: list[Element] = []
    rest, carried = phrase.translate(APOSTROPHE).strip(), 0
    while rest:
        found = _ELEMENT.match(rest)
        if not found:
            raise InputError(cue.place, "the pattern cannot be read", line=cue.line)
        core, pre, post = found["core"], found["pre"] or "", found["post"] or ""
        flags = BEFORE[pre] | BEHIND[post]
        flags |= (OPEN if found["open"] or found["early"] else 0) | (CLOSE if found["close"] else 0) | carried
        carried = OPEN if flags & NOT and flags & OPEN else 0  # [!x y: what is found begins with y
        flags ^= carried
        if core in ("^", "$"):
            elements.append(Element(core, flags))
        elif core[0] == "~":
            elements.append(Element("~", flags | (WIDE if core[1] == "~" else 0), int(core[-1])))
        elif core == "X":
            elements.append(Element(slot, flags))
        elif core[0] == "{":
            elements.append(Element(core[1:-1], flags))
        else:
            flags |= DOTTED if core[-1] == "." else 0
            elements.append(Element("=" + core.lower().replace("_", " ").strip("."), flags))
        rest = rest[found.end() :].lstrip()
    if sum(bool(e.flags & OPEN) for e in elements) != 1 or sum(bool(e.flags & CLOSE) for e in elements) != 1:
        raise InputError(cue.place, "a pattern needs one [ and one ]", line=cue.line)
    if any(e.flags & (OPEN | CLOSE) and (e.flags & (OPT | NOT) or e.word in SIGNS) for e in elements):
        raise InputError(cue.place, "what [ ] begins or ends with cannot be optional", line=cue.line)
    return tuple(elements)


@cache
def common_words(language: str) -> frozenset[str]:
    """The function words of a language."""
    lines = (resources.files("klarera.find") / "function_words.tsv").read_text("utf-8").splitlines()
    return frozenset(w for line in lines if line.startswith(f"{language}\t") for w in line.split("\t")[1].split())


@cache
def frequency(phrase: str, language: str) -> float:
    """Rough share of sentences that hold the phrase: function words are common, the rest are rare."""
    words = phrase.translate(APOSTROPHE).split()
    return math.prod(0.3 if len(w) == 1 or w in common_words(language) else 0.002 for w in words)


def anchor_of(language: str, elements: tuple[Element, ...], phrases: Mapping[str, Set[str]]) -> int:
    """The element whose words trigger the pattern, or -1: a topic if there is one, else what looks rarest."""
    best, lowest = -1, 1e9
    for i, e in enumerate(elements):
        if (e.word in (*SIGNS, *FIXED[:BY_FORM]) and e.word not in NUMBERS) or e.flags & (OPT | REP | NOT):
            continue
        words: Set[str] = spellings(e.word[1:]) if e.word[0] == "=" else phrases.get(e.word, set())
        cost = sum(frequency(w, language) for w in words)
        if e.word in NUMBERS:
            cost = 0.05
        if "." in e.word:
            cost = 0.0
        if e.flags & TRIGGER:
            return i
        if cost < lowest:
            best, lowest = i, cost
    return best


@cache
def written_numbers(numbers: range) -> frozenset[str]:
    """The numbers in digits, alone and with what people glue to them ("16f", "13yo")."""
    return frozenset(f"{n}{glued}" for n in numbers for glued in GLUED)


def triggers(table: Lexicon, language: str, word: str) -> frozenset[str]:
    """The phrases that trigger a pattern anchored at a word or class, as the word pass reads them."""
    return _triggers(frozenset(table.of_class(language, word)), NUMBERS.get(word, range(0)))


@cache
def _triggers(phrases: frozenset[str], numbers: range) -> frozenset[str]:
    return frozenset(phrase.translate(APOSTROPHE) for phrase in phrases | written_numbers(numbers))


@cache
def spellings(phrase: str) -> frozenset[str]:
    """The spellings of a cue, and the same as people type them without the right keys.

    >>> sorted(spellings("für immer|Schluß"))
    ['fuer immer', 'fur immer', 'für immer', 'schluss', 'schluß']
    """
    given = {s.strip().lower() for s in phrase.split("|")} - {""}
    odd = {s for s in given if not s.isascii()}  # the others are typed as they are written
    typed = {s.translate(_TYPED) for s in odd}
    bare = {"".join(c for c in unicodedata.normalize("NFD", s) if not unicodedata.combining(c)) for s in odd}
    return frozenset((given | typed | bare) - {""})


@cache
def lexicon() -> Lexicon:
    """The cue files of the package, read and checked once."""
    folder = resources.files("klarera.find") / "cues"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".tsv")), key=lambda f: f.name)
    return build([cue for f in files for cue in parse(f.read_text("utf-8"), f.name)])


def build(cues: Iterable[Cue]) -> Lexicon:
    """Join cues to a lexicon. Raises InputError for a topic or class nobody defines."""
    cues = list(cues)
    languages = tuple(sorted({c.language for c in cues} - {"*"}))
    phrases: dict[str, dict[str, set[str]]] = {language: {} for language in languages}
    frames: dict[tuple[str, str], list[Cue]] = {}
    topics: dict[tuple[str, str, str], Cue] = {}
    patterns: list[Pattern] = []

    def put(language: str, name: str, phrase: str) -> None:
        phrases[language].setdefault(name, set()).update(spellings(phrase))

    def pattern(cue: Cue, language: str, kind: str, phrase: str, slot: str) -> None:
        elements = elements_of(cue, phrase, slot)
        anchor = anchor_of(language, elements, phrases[language])
        if anchor < 0:
            raise InputError(cue.place, "no word of the pattern can trigger it", line=cue.line)
        patterns.append(Pattern(language, kind, cue.about, cue.stance, elements, anchor))

    for cue in sorted(cues, key=lambda c: c.kind != "class"):  # classes first: anchors look at their phrases
        for language in languages if cue.language == "*" else (cue.language,):
            if cue.kind == "class":
                put(language, cue.needs, cue.phrase)
            elif cue.kind == "frame":
                frames.setdefault((language, cue.needs), []).append(cue)
            elif "[" in cue.phrase:
                pattern(cue, language, cue.kind, cue.phrase, "")
            else:
                names = [n for n in cue.needs.split() if n != "-"]
                names += [cue.about] if cue.about in ("general", "none") else []
                for name in names:
                    put(language, f"{cue.kind}.{name}", cue.phrase)
                    topics.setdefault((language, cue.kind, name), cue)
    referred = {(p.language, e.word) for p in patterns for e in p.elements}
    for (language, kind, name), cue in topics.items():
        if name in ("general", "none"):
            whole = Element(f"{kind}.{name}", OPEN | CLOSE)
            patterns.append(Pattern(language, kind, name, "-" if name == "none" else "stated", (whole,), 0))
            continue
        if (language, name) not in frames and (language, f"{kind}.{name}") not in referred:
            raise InputError(cue.place, f"no frame '{name}' in language {language}", line=cue.line)
        for frame in frames.get((language, name), []):
            pattern(frame, language, kind, frame.phrase, f"{kind}.{name}")
    return _checked(languages, phrases, patterns)


def _checked(languages: tuple[str, ...], phrases: dict[str, dict[str, set[str]]], patterns: list[Pattern]) -> Lexicon:
    classes = {name: number for number, name in enumerate(FIXED)}
    for p in patterns:
        for e in p.elements:
            if e.word in SIGNS:
                continue
            if e.word[0] != "=" and e.word not in phrases[p.language] and e.word not in FIXED[:BY_FORM]:
                raise InputError("cues", f"class '{e.word}' has no phrase in language {p.language}")
            classes.setdefault(e.word, len(classes))
    return Lexicon(languages, classes, phrases, tuple(patterns))


def cue_detector(name: str, kinds: tuple[Kind, ...], *, version: int, finds: str, misses: str) -> Detector:
    """A detector of all patterns of these kinds."""
    table = lexicon()
    names = {k.name for k in kinds} | {"*"}
    mine = tuple(p for p in table.patterns if p.kind in names)
    anchors = {(p.language, p.elements[p.anchor].word) for p in mine}
    found = {(phrase, language) for language, word in anchors for phrase in triggers(table, language, word)}
    terms = tuple(Term(phrase, language, "cue") for phrase, language in sorted(found))

    def find(view: View, scan: Scan) -> Spans:
        from klarera.find.cue_tables import run  # the tables are built on first use, not at import

        return run(name, mine, terms, view, scan)

    return Detector(
        name=name,
        version=version,
        kinds=kinds,
        find=find,
        source="cue files of this package (find/cues), written for it",
        finds=finds,
        misses=misses,
        coverage=Coverage(languages=table.languages, needs_cue=True),
        terms=terms,
    )


def about_code(word: str) -> int:
    """Code of `about` for the kernel: model.About, 4 for a pronoun, 9 for an exception."""
    return ABOUT[word]


assert all(int(About[w.upper()]) == n for w, n in ABOUT.items() if w.upper() in About.__members__)
