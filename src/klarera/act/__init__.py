"""Decisions + findings → edits → text. Redaction only; what is decided is none of this room's business.

edits.py   which bytes of which records are replaced by what        splice.py  the text after it
"""
