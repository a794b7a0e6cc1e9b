"""Klarera clears public data for open-source AI under dated, cited EU rules, and keeps proof."""

__version__ = "0.1.0"
