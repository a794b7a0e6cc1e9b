"""Everything klarera raises on purpose.

    KlareraError
    ├── UsageError       the command, the project file or a rule is written wrong    exit 2
    ├── InputError       a file or record cannot be used                             exit 3
    ├── EvidenceError    a clearance, log or proof does not hold                     exit 4
    ├── RefusedError     something open stands in the way (condition, held records)  exit 5
    └── RetryLater       a neighbour failed: disk full, another writer               exit 75

A class says what the caller can do next. A message says where, what, and the next step. No message
and no log line carries text of a record or a person's identifier: an error about personal data must
not become a second copy of it.

>>> str(InputError("posts.jsonl", "no column 'text'", line=12, hint="--map text=body"))
"posts.jsonl:12: no column 'text' (try: --map text=body)"
>>> UsageError("unknown reading 'strikt'", hint="one of supported, strict").exit_code
2
"""

from __future__ import annotations

from typing import ClassVar

__all__ = ["EvidenceError", "InputError", "KlareraError", "RefusedError", "RetryLater", "UsageError"]


class KlareraError(Exception):
    """The root: catch this to catch everything klarera raises on purpose."""

    exit_code: ClassVar[int] = 1

    def __init__(self, problem: str, *, hint: str = "") -> None:
        self.problem, self.hint = problem, hint
        super().__init__(problem + (f" (try: {hint})" if hint else ""))

    def __reduce__(self) -> tuple[object, ...]:
        # A worker's error comes to the driver whole; the subclasses' own arguments are not what `args` holds.
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[KlareraError], args: tuple[str, ...], fields: dict[str, str]) -> KlareraError:
    """The error another process raised."""
    made = kind.__new__(kind, *args)
    made.__dict__.update(fields)
    return made


class UsageError(KlareraError):
    """The command, the project file or a rule is written wrong: change it and call again."""

    exit_code = 2


class InputError(KlareraError):
    """A file or record that cannot be used; `place` is its name and, if known, its line."""

    exit_code = 3

    def __init__(self, place: str, problem: str, *, line: int | None = None, hint: str = "") -> None:
        self.place = place if line is None else f"{place}:{line}"
        super().__init__(f"{self.place}: {problem}", hint=hint)


class EvidenceError(KlareraError):
    """A clearance, log or proof does not hold; `place` is the file, and row if known."""

    exit_code = 4

    def __init__(self, place: str, problem: str, *, hint: str = "") -> None:
        self.place = place
        super().__init__(f"{place}: {problem}", hint=hint)


class RefusedError(KlareraError):
    """Refused because something is open: a blocking condition, held records, a missing adoption."""

    exit_code = 5


class RetryLater(KlareraError):
    """A neighbour failed (disk full, another writer): nothing is lost, the same call may succeed later."""

    exit_code = 75
