"""The house's own measures in a run: its lists as keys, its words among the findings, its answers from review.

    work/policy/000003.parquet   keys the lists name, with what they say; one file a change that decides
    work/judged/...              answers about what the house holds, like those about facts

`facts.house` says what the measures mean; here they meet files and keys.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from klarera import store
from klarera.batch import Findings
from klarera.errors import InputError, UsageError
from klarera.evidence.files import Mark
from klarera.facts import house
from klarera.facts.house import EVERYWHERE, Lists, Named
from klarera.facts.rollup import AuthorTable
from klarera.find import Words
from klarera.model import LISTED, About, Decision, Kind, Measure, Stance, Strength
from klarera.pipeline.settings import Settings
from klarera.register.lists import ALLOW, IDENTIFIERS, WORD, HouseLists

__all__ = [
    "FACT",
    "House",
    "check_lists",
    "found_in",
    "house_words",
    "lists_of",
    "taken",
    "with_words",
    "word_keys",
    "write_lists",
]

U1 = npt.NDArray[np.uint8]
U8 = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

FACT = "house_refuses"
"""The fact a person answers about a record the house holds: yes, it is dropped; no, the rulebook alone decides."""
LIST = pa.schema([("key", store.KEY), ("source", pa.int32()), ("says", pa.uint16()), ("author", pa.bool_())])
NO_SCORE = NO_DETECTOR = 255
_SAYS = {ALLOW: Named.ALLOWED, "redact": Named.REDACT, "hold": Named.HOLD, "drop": Named.DROP}


@dataclass(frozen=True)
class House:
    """What a run's workers need of the policy.

    measures  for each source number of the run
    table     path of the keys the lists name, relative to OUT; "" without lists
    """

    measures: tuple[tuple[Measure, ...], ...] = ()
    table: str = ""

    @property
    def plain(self) -> bool:
        """Whether the kinds found in a record tell all: no least score or count, no list."""
        return not self.table and all(one.plain for own in self.measures for one in own)


def stated(measures: Sequence[Measure]) -> dict[str, Any]:
    """The measures of one source: kinds by action, and beside them those with a least score or count."""
    plain = {a.name.lower(): sorted(m.kind.name for m in measures if m.plain and m.action is a) for a in house.ACTIONS}
    least = [
        {"action": m.action.name.lower(), "kind": m.kind.name, "score": m.score, "count": m.count}
        for m in measures if not m.plain
    ]  # fmt: skip
    return plain | {"least": least}


def measures_of(said: Mapping[str, Any]) -> tuple[Measure, ...]:
    """The measures of one source as a commit states them."""
    plain = [Measure(a, Kind[name]) for a in house.ACTIONS for name in said[a.name.lower()]]
    least = [Measure(Decision[m["action"].upper()], Kind[m["kind"]], m["score"], m["count"]) for m in said["least"]]
    return tuple(sorted([*plain, *least]))


def check_lists(lists: HouseLists, settings: Settings) -> None:
    """What `write_lists` would refuse of the lists themselves, before hours of screening. Raises as it does."""
    _table(lists, settings, sorted({e.source for e in lists.entries} - {""}))


def write_lists(out: Path, path: str, lists: HouseLists, settings: Settings, names: Sequence[str]) -> Mark:
    """Write the keys the lists name, for the sources of this run.

    Raises InputError for identifiers nobody could find in a text, and UsageError for words that were not looked
    for when the corpus was cleared, since what they name would be passed over unseen, or for what both lists name.
    """
    table = _table(lists, settings, names)
    (out / path).unlink(missing_ok=True)  # left by a change that was not committed
    return store.write_table(out / path, table)


def _table(lists: HouseLists, settings: Settings, names: Sequence[str]) -> pa.Table:
    wanted = {row.tobytes().hex() for row in word_keys(settings.keys.register, tuple(lists.words))}
    unlooked = len(wanted - settings.words_looked_for)
    if unlooked:
        raise UsageError(
            f"the deny list names {unlooked} words that were not looked for when this was cleared",
            hint="klarera clear into a new OUT; other identifiers can be added at any time",
        )
    groups: dict[tuple[str, str, str], list[str]] = {}
    for entry in lists.entries:
        if not entry.source or entry.source in names:  # no record of another source is here
            groups.setdefault((entry.source, entry.action, entry.kind), []).append(entry.identifier)
    parts: list[pa.Table] = [LIST.empty_table()]
    large = pa.large_string()
    for (source, action, kind), listed in groups.items():
        number = names.index(source) if source else EVERYWHERE
        parts.append(_part(_finding_keys(listed, action, kind, settings), number, _SAYS[action], author=False))
        if kind == "handle" and action in ("hold", "drop"):
            meant = [(s, i) for s in ([source] if source else names) for i in listed]
            source_of, author = (pa.array([pair[i] for pair in meant], large) for i in (0, 1))
            parts.append(_part(settings.author_keys(source_of, author), number, _SAYS[action], author=True))
    table = pa.concat_tables(parts).combine_chunks()
    both = sum(
        int(((t.flags & Named.ALLOWED != 0) & (t.flags & ~np.uint16(Named.ALLOWED) != 0)).sum())
        for t in _tables(table, author=False).values()
    )
    if both:
        raise UsageError(
            f"{both} identifiers stand in the deny list and in the allow list", hint="one of the two lists"
        )
    return table


def _finding_keys(identifiers: Sequence[str], action: str, kind: str, settings: Settings) -> U1:
    if kind == WORD:
        return word_keys(settings.keys.register, tuple(identifiers))
    found, rows = settings.finding_keys(IDENTIFIERS[kind], identifiers)
    lost = len(identifiers) - len(np.unique(rows))
    # A handle that drops or holds is its author's name too, in whatever form a source gives it.
    if lost and not (kind == "handle" and action in ("hold", "drop")):
        problem = f"{lost} of {len(identifiers)} identifiers of kind {kind} cannot be recognised in a text"
        raise InputError(f"{'allow' if action == ALLOW else 'deny'} list", problem, hint="as a post would write them")
    return found


def _part(keys: U1, number: int, says: Named, *, author: bool) -> pa.Table:
    n = len(keys)
    columns = [store.keys_array(keys), np.full(n, number, np.int32), np.full(n, says, np.uint16), np.full(n, author)]
    return pa.table([pa.array(c) if isinstance(c, np.ndarray) else c for c in columns], schema=LIST)


@lru_cache(maxsize=2)
def word_keys(secret: bytes, words: tuple[str, ...]) -> U1:
    """Keys of words of the deny list, uint8[n, 16]; no identifier's key is made so."""
    made = [hmac.new(secret, b"word\x00" + word.encode(), hashlib.sha256).digest()[:16] for word in words]
    return np.frombuffer(b"".join(made), np.uint8).reshape(-1, 16)


def with_words(found: Findings, hits: Words, settings: Settings) -> Findings:
    """The findings of a batch with the listed words among them, as findings of no kind of the law."""
    term = hits.term - np.int32(len(settings.register_terms))
    mine = np.flatnonzero(term >= 0)
    n = len(mine)
    if not n:
        return found
    hits = Words(hits.row[mine], hits.start[mine], hits.end[mine], term[mine])
    start, end = hits.start.astype(np.int32), hits.end.astype(np.int32)
    codes = (LISTED, About.UNCLEAR, Stance.STATED, Strength.FORM, NO_SCORE, NO_DETECTOR)
    columns: list[Any] = [hits.row.astype(np.int32), start, end, start, end]
    columns += [np.full(n, code, np.uint8) for code in codes]
    columns.append(word_keys(settings.keys.register, settings.deny_words)[hits.term])
    return Findings.concat([found, Findings(*columns)])


def lists_of(out: Path, path: str) -> Lists:
    """The lists as their keys were written; none for ""."""
    return _lists(str(out / path)) if path else Lists()


@lru_cache(maxsize=2)
def _lists(path: str) -> Lists:
    table = store.read_table(Path(path))
    return Lists(_tables(table, author=False), _tables(table, author=True))


def _tables(table: pa.Table, *, author: bool) -> dict[int, AuthorTable]:
    """Sorted keys with what is said of each, by source number."""
    source, of_author = table.column("source").to_numpy(), table.column("author").to_numpy()
    keys, says = store.keys_of(table.column("key")), table.column("says").to_numpy()
    made = {}
    for number in np.unique(source[of_author == author]).tolist():
        rows = (source == number) & (of_author == author)
        made[number] = AuthorTable.merge(keys[rows], says[rows])
    return made


def house_words(
    out: Path, segment: str, given: House, source: npt.NDArray[np.int32], authors: U1, kinds: Callable[[], U8],
    answers: Sequence[house.Answer] = (),
) -> U8 | None:  # fmt: skip
    """What the measures say of each record of a segment, uint64[n, 3], after the answers of named persons.

    None where the kinds found tell it (`facts.house.by_kinds`), so that no findings are read for it.
    """
    if given.plain and not answers:
        return None
    if given.plain:
        words = house.by_kinds(kinds(), given.measures, source)
    else:
        words = house.seen(list(found_in(out, segment).values()), given.measures, lists_of(out, given.table),
                           source, authors).words  # fmt: skip
    return house.answered(words, answers)


def found_in(out: Path, segment: str) -> dict[str, Findings]:
    """The stored findings of a segment by column."""
    return {c: Findings.from_arrow(store.read_table(p)) for c, p in store.findings(out, segment).items()}


def taken(out: Path, given: House, found: Mapping[str, Findings], source: npt.NDArray[np.int32]) -> dict[str, Mask]:
    """By column, which findings a measure takes out; nothing where whole kinds are (the redaction tables say so)."""
    if given.plain:
        return {}
    nobody = np.zeros((len(source), 16), np.uint8)  # a list redacts what stands in a text, never by its author
    seen = house.seen(list(found.values()), given.measures, lists_of(out, given.table), source, nobody)
    return dict(zip(found, seen.taken, strict=True))
