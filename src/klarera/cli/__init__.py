"""The klarera command: arguments in, one call, the answer out. Errors become exit codes here and nowhere else."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

__all__ = ["main"]

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EAGAIN)
"""Causes that may be gone when the same command is called again."""


def main() -> None:
    """Run the command line; exits with 0, 2 usage, 3 input, 4 evidence, 5 refused, 75 try again."""
    from klarera.cli.app import app
    from klarera.errors import KlareraError

    try:
        app(prog_name="klarera")
    except KlareraError as error:
        print(f"klarera: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        # What no room foresaw of a disk: told by file and cause, never as a trace of calls.
        place = f"{Path(os.fsdecode(error.filename)).name}: " if isinstance(error.filename, str | bytes) else ""
        print(f"klarera: {place}{error.strerror or type(error).__name__}", file=sys.stderr)  # noqa: T201
        sys.exit(75 if error.errno in FULL else 3)
    except KeyboardInterrupt:
        print("klarera: stopped; the same command goes on where it was", file=sys.stderr)  # noqa: T201
        sys.exit(75)
