"""The klarera command: arguments in, one call, the answer out. Errors become exit codes here and nowhere else."""

from __future__ import annotations

import sys

__all__ = ["main"]


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
    except KeyboardInterrupt:
        print("klarera: stopped; the same command goes on where it was", file=sys.stderr)  # noqa: T201
        sys.exit(75)
