"""What lint reports of a well-formed rulebook, and where it is silent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from klarera.law import Rulebook
from klarera.law.expression import Conclusion
from klarera.law.rule import Confidence
from klarera.model import Rank

from .books import (
    A,
    B,
    C,
    book,
    ground,
    parts,
    question,
    rule,
    source,
)

HARD, SOFT = ("hard", (source("x", Rank.CJEU),)), ("soft", ())
WEAK = Confidence.MEMORY
EARLIER = (date(2020, 1, 1), date(2025, 1, 1))
LATER, TOO_LATE = (date(2025, 1, 1), None), (date(2025, 1, 2), None)
LINT: dict[str, tuple[Callable[[], Rulebook], str]] = {
    "versions overlap": (
        lambda: book(rule("r@1", "x", A), rule("r@2", "x", B, in_force=LATER)),
        "overlap",
    ),
    "versions leave a gap": (
        lambda: book(rule("r@1", "x", A, in_force=EARLIER), rule("r@2", "x", B, in_force=TOO_LATE)),
        "gap from 2025-01-01 to 2025-01-02",
    ),
    "versions conclude two things": (
        lambda: book(rule("r@1", "x", A, in_force=EARLIER), rule("r@2", "y", B, in_force=LATER)),
        "different words",
    ),
    "an exception from memory": (
        lambda: book(rule("r", "x", A, "e"), rule("s", "e", B, confidence=WEAK), grounds=(ground("x"),)),
        "only weakly sourced rules keep records by it (s)",
    ),
    "an exception from one lead": (
        lambda: book(
            rule("r", "x", A & ~Conclusion("e")),
            rule("s", "e", B, confidence=Confidence.SINGLE),
            grounds=(ground("x"),),
        ),
        "only weakly sourced",
    ),
    "an exception from memory for a time": (
        lambda: book(
            rule("r", "x", A, "e"),
            rule("s@1", "e", B, confidence=WEAK, in_force=EARLIER),
            rule("s@2", "e", B, in_force=LATER),
            grounds=(ground("x"),),
        ),
        "from 2020-01-01 only weakly sourced",
    ),
    "a milder position from memory": (
        lambda: book(questions=(question("q", HARD, ("soft", (source("y", Rank.CJEU, confidence=WEAK),))),)),
        "milder, and rests on weak sources",
    ),
    "a proposal nobody can switch on": (
        lambda: book(questions=(question("q", HARD, ("soft", (source("y", Rank.PROPOSAL),))),)),
        "never counts",
    ),
    "a fact nothing uses": (lambda: book(rule("r", "x", B)), "fact a: nothing uses it"),
    "a question nothing uses": (
        lambda: book(questions=(question("q", HARD, SOFT),)),
        "no rule depends on it",
    ),
    "a conclusion nothing uses": (lambda: book(rule("r", "x", A)), "x: concluded, but"),
    "a redaction without ground": (lambda: parts(grounds=(ground("y"),)), "no ground redacts by it"),
    "a ground without redaction": (lambda: parts(redactions=()), "no redaction says what"),
}


@pytest.mark.parametrize(("make", "said"), LINT.values(), ids=LINT)
def test_lint_sees(make: Callable[[], Rulebook], said: str) -> None:
    assert any(said in line for line in make().lint()), make().lint()


CLEAN: dict[str, Callable[[], Rulebook]] = {
    "versions that follow each other": lambda: book(
        rule("r@1", "x", A, in_force=EARLIER),
        rule("r@2", "x", A, in_force=LATER),
        facts=(A,),
        grounds=(ground("x"),),
    ),
    "a weak rule that only drops": lambda: book(rule("r", "x", A, confidence=WEAK), facts=(A,), grounds=(ground("x"),)),
    "a weak exception to an exception": lambda: book(
        rule("r", "x", A, "e"),
        rule("s", "e", B, "f"),
        rule("t", "f", C, confidence=WEAK),
        facts=(A, B, C),
        grounds=(ground("x"),),
    ),
    "a weak exception beside a strong one": lambda: book(
        rule("r", "x", A, "e"),
        rule("s", "e", B, confidence=WEAK),
        rule("t", "e", C),
        facts=(A, B, C),
        grounds=(ground("x"),),
    ),
}


@pytest.mark.parametrize("make", CLEAN.values(), ids=CLEAN)
def test_lint_is_silent_on(make: Callable[[], Rulebook]) -> None:
    assert make().lint() == []
