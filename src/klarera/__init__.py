"""Klarera clears public data for open-source AI under dated, cited EU rules, and keeps proof.

>>> import klarera
>>> klarera.splice.__module__
'klarera.act.splice'
"""

from __future__ import annotations

from typing import Any

__all__ = ["__version__", "splice"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Loaded when asked for: the command line must start without Arrow.
    if name == "splice":
        from klarera.act.splice import splice

        return splice
    raise AttributeError(f"module 'klarera' has no attribute '{name}'")
