"""Why was this record decided so? One proof a ground, replayable from its leaves; no text is opened.

For a record that is left out or changed: the ground that did it, with its rule and facts. For a kept one: each
ground to drop, with the fact that defeats it. A record is named by its id, its URL, its rid, or FILE:LINE; all of them
are looked up in the stored tables, so the input may be gone. What several records share names all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from klarera import store
from klarera.decide import HOUSE_CODES, Case, Verdicts, decide, facts_of
from klarera.errors import UsageError
from klarera.law import Proof, open_facts, prove, prune, render
from klarera.law.case import to_dict
from klarera.law.proof import leaves
from klarera.law.rule import Ground
from klarera.model import LISTED, Decision
from klarera.pipeline.run import Run, load_report
from klarera.pipeline.settings import RunKeys
from klarera.pipeline.state import NAMES
from klarera.pipeline.stored import Stored

__all__ = ["Explanation", "Located", "explain", "explain_all", "locate", "locate_author"]


@dataclass(frozen=True)
class Located:
    """One record of a clearance: its segment and row, its place in the input, and its final vector.

    file, line  last part of the input's path (more of it where two inputs share that), line or row from 1
    stands      the decision its files follow, or will after `apply`: stricter than the computed one where the
                input was gone when the record became milder
    among       all vectors that were decided with it
    """

    segment: str
    row: int
    rid: str
    file: str
    line: int
    stands: Decision
    vector: npt.NDArray[np.uint64]
    among: npt.NDArray[np.uint64] = field(repr=False)


@dataclass(frozen=True)
class Explanation:
    """A record's decision with the proofs that carry it; `proofs` are pruned to what carries the outcome.

    house     for each measure of the house that carries it, its reason code and what it is in words
    answers   what named persons said of this record, oldest first
    """

    rid: str
    source: str
    decision: str
    reasons: tuple[str, ...]
    proofs: tuple[tuple[Ground, Proof], ...]
    rests_on: str = ""
    house: tuple[tuple[str, str], ...] = ()
    answers: tuple[Mapping[str, Any], ...] = ()
    file: str = ""
    line: int = 0
    stands: str = ""
    """The decision the record stands at; another than `decision` where its input was gone."""

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "rid": self.rid,
            "source": self.source,
            "decision": self.decision,
            "reasons": list(self.reasons),
            "rests_on": self.rests_on,
            "file": self.file,
            "line": self.line,
            "stands": self.stands,
            "grounds": [
                {"code": g.code, "action": g.action.name.lower(), "says": g.says, "value": p.value,
                 "open": [leaf.name for leaf in open_facts(p)], "proof": to_dict(p)}
                for g, p in self.proofs
            ],
            "house": [{"code": code, "says": says} for code, says in self.house],
            "answers": [dict(a) for a in self.answers],
        }  # fmt: skip

    def lines(self, *, full: bool = False) -> Iterator[str]:
        """What carried the decision as proof trees (+ true, - false, ? unknown), the rest one line each.

        full  every ground as a tree
        """
        if self.stands not in ("", self.decision):
            yield f"stays {self.stands}: its input was gone when it became milder; `klarera apply` tries again"
        if self.decision in ("kept", "redacted"):
            yield f"rests on: {self.rests_on}"
        for ground, proof in self.proofs:
            outcome = {True: ground.says, False: "does not apply", None: "open"}[proof.value]
            if full or ground.code in self.reasons:
                yield f"{ground.code}: {outcome}"
                yield from (f"  {line}" for line in render(proof))
            else:
                facts = dict.fromkeys(_leaf(leaf) for leaf in leaves(proof))
                yield f"{ground.code}: {outcome}, since " + "; ".join(facts)
        for code, says in self.house:
            yield f"{code}: {says}"
        for answer in self.answers:
            about = f" for {' '.join(answer['measures'])}" if answer.get("measures") else ""
            said = f"{answer['fact']}={'yes' if answer['value'] else 'no'}{about}"
            yield f"answered by {answer['by']} on {answer['on']}: {said}" + (
                f" ({answer['why']})" if answer["why"] else ""
            )


def _leaf(leaf: Proof) -> str:
    """A leaf with its value, in words."""
    return f"{leaf.label} {'yes' if leaf.value else 'no' if leaf.value is False else 'not known'}"


def _basis(case: Case, number: int) -> str:
    """The ground a kept record rests on: what the project states, and under which condition."""
    stated = case.project.get("legal_basis")
    licence = case.sources[number].get("licence_permits")
    right = "a licence for this source" if licence is True else "the exception for text and data mining"
    if stated is None:
        return f"no basis is stated yet (a condition, GDPR Art. 6(1)); for copyright {right}"
    return f"GDPR Art. 6(1), {stated} as the project states it; for copyright {right}"


def locate(
    out: Path, run: Run, keys: RunKeys, stored: Sequence[Stored], names: Mapping[int, str], given: str
) -> list[Located]:
    """Every record of this rid (32 hex digits), FILE:LINE, URL or original id (in any source), in input order.

    The same id or URL may stand at several records, and FILE in several folders: all are given.

    Raises UsageError if there is none; the message does not repeat what was asked for.
    """
    wanted = _rids(keys, list(names.values()), given)
    if re.fullmatch(r"[0-9a-f]{32}", given):
        wanted.append(bytes.fromhex(given))
    rids, address = pa.array(wanted, store.KEY), keys.urls(pa.array([given], pa.large_string()))
    # Zeros stand where a record has no address.
    url = store.keys_array(address) if "://" in given and address.any() else None
    at_line: set[tuple[str, int]] = set()
    known_file = False
    if match := re.fullmatch(r"(.+):(\d+)", given):
        at_line, known_file = _by_line(out, run, stored, match[1], int(match[2]))
    hits = []
    for segment in stored:
        path = store.work(out, "facts", segment.segment)
        mine = np.asarray(pc.is_in(store.read_table(path, ["rid"]).column("rid"), rids))
        if url is not None:
            mine = mine | np.asarray(pc.is_in(store.read_table(path, ["url"]).column("url"), url))
        rows = {int(row) for row in np.flatnonzero(mine)} | {row for name, row in at_line if name == segment.segment}
        hits.append((segment, sorted(rows)))
    found = _located(out, run, hits)
    if not found and known_file:
        raise UsageError("no record at that line: it may be unreadable", hint="unreadable.jsonl")
    if not found:
        raise UsageError("no such record in this clearance", hint="its id, its URL, its rid, or FILE:LINE")
    return found


def locate_author(
    out: Path, run: Run, keys: RunKeys, stored: Sequence[Stored], names: Mapping[int, str], handle: str
) -> list[Located]:
    """All records of an author, in any source. Raises UsageError if there is none, without repeating the name."""
    sources = pa.array(list(names.values()), pa.large_string())
    made = keys.author_keys(sources, pa.array([handle] * len(names), pa.large_string()))
    listed = store.keys_array(made)
    hits = []
    for segment in stored:
        accounts = store.read_table(store.work(out, "accounts", segment.segment)).column("author")
        meant = np.asarray(pc.is_in(accounts, listed))
        if not meant.any():
            continue
        facts = store.read_table(store.work(out, "facts", segment.segment), ["author"])
        rows = np.flatnonzero(meant[facts.column("author").to_numpy()])
        hits.append((segment, rows.tolist()))
    found = _located(out, run, hits)
    if not found:
        raise UsageError("no record of such an author in this clearance", hint="the name as the source writes it")
    return found


def explain_all(
    listed: Sequence[Located], case: Case, answers: Sequence[Sequence[Mapping[str, Any]]] = ()
) -> list[Explanation]:
    """The explanation of each; records that share a vector share the proofs, which are made once.

    answers  for each record those about it (judged.about)
    """
    made: dict[bytes, Explanation] = {}
    told = []
    for at, one in enumerate(listed):
        said = answers[at] if answers else ()
        key = one.vector.tobytes()
        if key not in made:
            made[key] = explain(one, case)
        told.append(
            replace(made[key], rid=one.rid, file=one.file, line=one.line, stands=NAMES[one.stands], answers=tuple(said))
        )
    return told


def explain(located: Located, case: Case, answers: Sequence[Mapping[str, Any]] = ()) -> Explanation:
    """The decision of one record and its proofs under this case; `answers` are those about it (judged.about)."""
    verdicts = decide(located.vector.reshape(1, -1), case, among=located.among)
    number = int(located.vector[-1])
    given = {**case.project, **case.sources[number], **facts_of(located.vector)}
    reading = case.readings[number]
    decision = Decision(int(verdicts.decision[0]))
    proofs = []
    for bit, ground in enumerate(case.grounds):
        carries = _carries(verdicts, bit, ground, decision)
        if carries:
            proof = prove(case.book, ground.conclusion, given, case.law, reading)
            proofs.append((ground, prune(proof)))
    return Explanation(
        located.rid, case.names[number], NAMES[decision], tuple(verdicts.codes(0)), tuple(proofs), _basis(case, number),
        tuple((c, _measure(c, decision, case, number)) for c in verdicts.codes(0) if c in HOUSE_CODES), tuple(answers),
        located.file, located.line, NAMES[located.stands],
    )  # fmt: skip


def _measure(code: str, decision: Decision, case: Case, number: int) -> str:
    """A measure of the house in words; it is nobody's law."""
    bit = HOUSE_CODES[code]
    if bit == LISTED:
        return f"the deny list of the house ({decision.name.lower()}) names what stands here, or its author"
    own = case.house[number] if case.house else ()
    meant = [str(m) for m in own if m.kind == bit and m.action is decision]
    # A record the house held and a person refused is dropped by a measure that holds.
    meant = meant or [str(m) for m in own if m.kind == bit and m.action is Decision.HOLD]
    return f"a measure of the house: {' or '.join(meant) or 'no longer in klarera.toml'}"


def _carries(verdicts: Verdicts, bit: int, ground: Ground, decision: Decision) -> bool:
    """Grounds worth showing: those that decided; for what stays, also each ground to drop that failed."""
    if int(verdicts.reasons[0]) >> bit & 1:
        return True
    return decision <= Decision.REDACT and ground.action is Decision.DROP


def _rids(keys: RunKeys, sources: list[str], given: str) -> list[bytes]:
    from klarera.batch import Records

    made = [keys.rids(Records.of({"id": [given], "text": [""], "source": [s or None]}), "") for s in sources]
    return [row.tobytes() for rows in made for row in rows]


def _by_line(out: Path, run: Run, stored: Sequence[Stored], file: str, line: int) -> tuple[set[tuple[str, int]], bool]:
    """(segment, row) of a line, counted from 1, in every input of that name; and whether there is such an input."""
    found: set[tuple[str, int]] = set()
    paths = [path for path in dict.fromkeys(s.path for s in run.shards) if _named(path, file)]
    for path in paths:
        for number, start, count in _spans(out, run, path):
            if not start < line <= start + count:
                continue
            for segment in (s.segment for s in stored if store.Segment.parse(s.segment).shard == number):
                facts = store.read_table(store.work(out, "facts", segment), ["unit"])
                rows = np.flatnonzero(facts.column("unit").to_numpy() == line - 1 - start)
                found |= {(segment, int(row)) for row in rows}
    return found, bool(paths)


def _named(path: str, file: str) -> bool:
    """Whether an input is the file meant: by its whole path, or by the last parts of it."""
    parts = Path(file).parts
    return bool(parts) and (Path(path).parts[-len(parts) :] == parts or Path(file).resolve() == Path(path))


def _spans(out: Path, run: Run, path: str) -> Iterator[tuple[int, int, int]]:
    """For each shard of an input its number, the lines before it, and its own."""
    start = 0
    for shard in run.shards:
        if shard.path == path:
            report = load_report(out, shard.number)
            count = report.lines if report else 0
            yield shard.number, start, count
            start += count


def _short(path: str, paths: Sequence[str]) -> str:
    """The last parts of a path, as few as tell it from the other inputs."""
    parts = Path(path).parts
    for count in range(1, len(parts)):
        last = parts[-count:]
        if sum(Path(other).parts[-count:] == last for other in paths) == 1:
            return str(Path(*last))
    return path


def _located(out: Path, run: Run, hits: Sequence[tuple[Stored, Sequence[int]]]) -> list[Located]:
    """The records at these rows; each table is read once."""
    paths = list(dict.fromkeys(s.path for s in run.shards))
    by_number = {s.number: s.path for s in run.shards}
    starts: dict[str, dict[int, int]] = {}
    vectors: dict[Path, npt.NDArray[np.uint64]] = {}
    found = []
    for segment, rows in hits:
        if not len(rows):
            continue
        shard = store.Segment.parse(segment.segment).shard
        path = by_number[shard]
        if path not in starts:
            starts[path] = {number: start for number, start, _ in _spans(out, run, path)}
        table = store.read_table(out / segment.decisions)
        facts = store.read_table(store.work(out, "facts", segment.segment), ["unit", "rid"])
        unit, rids = facts.column("unit").to_numpy(), facts.column("rid")
        decided = (out / segment.decisions).parent / "vectors.parquet"
        if decided not in vectors:
            vectors[decided] = store.vectors_of(store.read_table(decided))
        name, every = _short(path, paths), vectors[decided]
        number, decision = (table.column(c).to_numpy() for c in ("vector", "decision"))
        found += [
            Located(
                segment.segment, row, rids[row].as_py().hex(), name,
                starts[path][shard] + int(unit[row]) + 1, Decision(int(decision[row])), every[number[row]], every,
            )
            for row in rows
        ]  # fmt: skip
    return found
