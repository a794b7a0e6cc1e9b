"""Why was this record decided so? One proof a ground, replayable from its leaves; no text is opened.

For a record that is left out or changed: the ground that did it, with its rule and facts. For a kept one: each
ground to drop, with the fact that defeats it. A record is named by its id, its rid, or FILE:LINE.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from klarera.pipeline.run import Run
from klarera.pipeline.settings import RunKeys
from klarera.pipeline.state import NAMES
from klarera.pipeline.write import Stored

__all__ = ["Explanation", "Located", "explain", "locate", "locate_author"]


@dataclass(frozen=True)
class Located:
    """One record of a clearance: its segment and row, and its final vector."""

    segment: str
    row: int
    rid: str
    vector: npt.NDArray[np.uint64]
    among: npt.NDArray[np.uint64]
    """All vectors that were decided with it."""


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

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "rid": self.rid,
            "source": self.source,
            "decision": self.decision,
            "reasons": list(self.reasons),
            "rests_on": self.rests_on,
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


def locate(out: Path, run: Run, keys: RunKeys, stored: list[Stored], names: Mapping[int, str], given: str) -> Located:
    """Find one record by rid (32 hex digits), FILE:LINE, its address, or its original id (in any source).

    FILE is the end of a path: where several inputs have one name, as many folders of it as tell them apart.
    Raises UsageError if it is not there, or FILE may be several inputs.
    """
    if re.fullmatch(r"[0-9a-f]{32}", given):
        wanted = [bytes.fromhex(given), *_rids(keys, list(names.values()), given)]
    elif match := re.fullmatch(r"(.+):(\d+)", given):
        found = _by_line(out, run, stored, match[1], int(match[2]))
        if found is not None:
            return found
        wanted = _rids(keys, list(names.values()), given)
    else:
        wanted = _rids(keys, list(names.values()), given)
    listed = pa.array(wanted, store.KEY)
    for segment in stored:
        rids = store.read_table(store.work(out, "facts", segment.segment), ["rid"]).column("rid")
        rows = np.flatnonzero(np.asarray(pc.is_in(rids, listed)))
        if len(rows):
            return _located(out, segment, int(rows[0]), store.read_table(out / segment.decisions))
    if "://" in given and (found := _by_url(out, keys, stored, given)) is not None:
        return found
    raise UsageError("no such record in this clearance", hint="its id, its rid, its address, or FILE:LINE")


def locate_author(
    out: Path, keys: RunKeys, stored: list[Stored], names: Mapping[int, str], handle: str
) -> list[Located]:
    """All records of an author, in any source."""
    sources = pa.array(list(names.values()), pa.large_string())
    made = keys.author_keys(sources, pa.array([handle] * len(names), pa.large_string()))
    listed = store.keys_array(made)
    found = []
    for segment in stored:
        accounts = store.read_table(store.work(out, "accounts", segment.segment)).column("author")
        meant = np.asarray(pc.is_in(accounts, listed))
        if not meant.any():
            continue
        facts = store.read_table(store.work(out, "facts", segment.segment), ["author"])
        rows = np.flatnonzero(meant[facts.column("author").to_numpy()])
        if len(rows):
            table = store.read_table(out / segment.decisions)
            found += [_located(out, segment, int(row), table) for row in rows]
    return found


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


def _by_line(out: Path, run: Run, stored: list[Stored], file: str, line: int) -> Located | None:
    """The record of a line, counted from 1; None if no input has that name."""
    from klarera.pipeline.run import load_report

    start, path = 0, _input(run, file)
    for shard in run.shards:
        if shard.path != path:
            continue
        report = load_report(out, shard.number)
        lines = report.lines if report else 0
        last = shard.number == max(s.number for s in run.shards if s.path == shard.path)
        if line - 1 < start + lines or last:
            for segment in (s for s in stored if store.Segment.parse(s.segment).shard == shard.number):
                facts = store.read_table(store.work(out, "facts", segment.segment), ["unit"])
                rows = np.flatnonzero(facts.column("unit").to_numpy() == line - 1 - start)
                if len(rows):
                    return _located(out, segment, int(rows[0]), store.read_table(out / segment.decisions))
            raise UsageError("no record at that line: it may be unreadable", hint="unreadable.jsonl")
        start += lines
    return None


def _input(run: Run, file: str) -> str | None:
    """The input whose path ends so; None if there is none. Raises UsageError if there are several.

    A file that was moved since has its old path here, so a name alone is always enough where it is the only one.
    """
    named = dict.fromkeys(s.path for s in run.shards if Path(s.path).name == Path(file).name)
    if len(named) < 2:
        return next(iter(named), None)
    given = Path(file).resolve()
    parts = Path(file).parts
    ends = [p for p in named if Path(p) == given] or [p for p in named if Path(p).parts[-len(parts) :] == parts]
    if len(ends) > 1:
        raise UsageError(f"{len(ends)} inputs are named so", hint="FOLDER/FILE:LINE")
    return ends[0] if ends else None


def _by_url(out: Path, keys: RunKeys, stored: list[Stored], given: str) -> Located | None:
    """The first record that stood at this address; None if there is none."""
    listed = store.keys_array(keys.urls(pa.array([given], pa.large_string())))
    for segment in stored:
        facts = store.read_table(store.work(out, "facts", segment.segment), ["url"])
        rows = np.flatnonzero(np.asarray(pc.is_in(facts.column("url"), listed)))
        if len(rows):
            return _located(out, segment, int(rows[0]), store.read_table(out / segment.decisions))
    return None


def _located(out: Path, segment: Stored, row: int, table: pa.Table) -> Located:
    decided = store.read_table((out / segment.decisions).parent / "vectors.parquet")
    vectors = store.vectors_of(decided)
    rid = store.read_table(store.work(out, "facts", segment.segment), ["rid"]).column("rid")[row].as_py().hex()
    return Located(segment.segment, row, rid, vectors[table.column("vector")[row].as_py()], vectors)
