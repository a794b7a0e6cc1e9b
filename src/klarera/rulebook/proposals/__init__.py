"""Texts that are not law. Each is switched on by its name only, and never counts otherwise."""
