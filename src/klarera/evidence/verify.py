"""Does a clearance hold? Eight checks over what lies under OUT, in this order, and any the caller adds.

    1  layout         only files, where they belong
    2  commits        numbered without a gap, each naming the one before; clearance.json is the newest
    3  leaves         every commit has its leaves in the log, once and in order; no leaf without a commit
    4  log            entries hash to the tiles, tiles to the root of the checkpoint
    5  signature      the checkpoint is signed by the key given, else by the key beside it
    6  older copies   the log extends a checkpoint kept elsewhere
    7  files          every file is the one its commit names; no file without a commit
    8  sums           units in = kept + redacted + held + dropped + unreadable, per shard and in total

The checks are pure functions (`checks`) over a Bundle; `read_bundle` is the only place that touches the
disk.
A check that cannot run because an earlier one failed stays silent: the earlier problem is named.
Signatures and hashes are checked, statements are not believed: OUT is what an opponent may have written.

Kept on purpose: files that were true of an earlier commit and are still there count as notes, unless
an erasure dropped them. Left out on purpose: time. Order is by number, no clock is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from klarera.errors import EvidenceError, UsageError
from klarera.evidence import checks
from klarera.evidence.bundle import read_bundle
from klarera.evidence.checkpoint import Verifier

__all__ = ["NOT_SHOWN", "Extra", "Problem", "Report", "verify"]

NOT_SHOWN = (
    "that the input was complete: only what was handed over was read",
    "what the detectors miss",
    "whether the reading of the law is right",
)
_NOT_SHOWN_ALONE = "that all of it was not made anew and signed again: only a checkpoint kept elsewhere shows that"


@dataclass(frozen=True, order=True)
class Problem:
    """What does not hold: at which step, in which file and, if known, row (counted from 0)."""

    step: str
    place: str
    problem: str
    row: int | None = None

    def __str__(self) -> str:
        return f"{self.place}{'' if self.row is None else f' row {self.row}'}: {self.problem}"


Extra = Callable[[Path, Mapping[str, object]], Iterable[Problem]]
"""A check the caller adds: gets OUT and the payload of the newest commit."""


@dataclass(frozen=True)
class Report:
    """The outcome. `steps` names the checks that ran, in order."""

    steps: tuple[str, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    vouched: bool
    """A key or checkpoint from outside was given."""
    size: int
    """Entries under the checkpoint."""
    not_shown: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """No check found a problem. Says nothing about who vouches for it."""
        return not self.problems

    @property
    def verdict(self) -> str:
        """One of three sentences."""
        if not self.holds:
            return "does not hold"
        return "holds" if self.vouched else "consistent, vouched for by nobody"

    @property
    def exit_code(self) -> int:
        """0, or 4 if it does not hold."""
        return 0 if self.holds else EvidenceError.exit_code

    def to_dict(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "verdict": self.verdict,
            "steps": list(self.steps),
            "problems": [{"step": p.step, "place": p.place, "row": p.row, "problem": p.problem} for p in self.problems],
            "notes": list(self.notes),
            "log_size": self.size,
            "not_shown": list(self.not_shown),
        }


def verify(
    out: Path,
    *,
    key: Verifier | None = None,
    checkpoint: bytes | None = None,
    extra: Sequence[Extra] = (),
) -> Report:
    """Check everything under `out`. Reads every file once; needs no lock and no private key.

    key         the public key as its owner handed it out: with it the answer is *holds*
    checkpoint  a signed checkpoint of this log kept elsewhere: shows that history was not rewritten
    extra       more checks, run last and only if all else holds: they may rely on the files

    Raises nothing about the content: what is wrong is in the report. Raises UsageError if there is no
    such folder, OSError if a file in it cannot be read.
    """
    if not out.is_dir():
        raise UsageError(f"{out}: no such folder")
    bundle = read_bundle(out)
    steps: dict[str, Iterable[checks.Found]] = {
        "layout": checks.layout(bundle),
        "commits": checks.commits(bundle),
        "leaves": checks.commit_leaves(bundle),
        "log": checks.log_tiles(bundle),
        "signature": checks.signature(bundle, key),
    }
    if checkpoint is not None:
        steps["older copies"] = checks.older_checkpoint(bundle, key, checkpoint)
    steps |= {"files": checks.manifest(bundle), "sums": checks.sums(bundle)}
    problems = [Problem(step, *found) for step, check in steps.items() for found in check]
    if bundle.head is not None and not problems:
        problems += [problem for check in extra for problem in check(out, bundle.head.payload)]
    return Report(
        steps=(*steps, *(["recomputed"] if extra else [])),
        problems=tuple(problems),
        notes=tuple(checks.notes(bundle)),
        vouched=key is not None or checkpoint is not None,
        size=bundle.checkpoint.size if bundle.checkpoint else 0,
        not_shown=NOT_SHOWN + (() if checkpoint is not None else (_NOT_SHOWN_ALONE,)),
    )
