"""Secrets: passwords, keys and tokens that open something to whoever reads them.

    ghp_..., AKIA..., sk_live_...      a known prefix with the signs and the length its issuer gives
    eyJ....eyJ....x                    JSON web tokens; 123456789:AA...  Telegram bots; private-key blocks
    https://anna:word@host.example     name and password of a URL
    password: hunter22                 behind a cue: six signs or more, letters with digits or with signs
    api_key = "..."                    behind a cue: sixteen signs or more, letters and digits
    5..., K..., L...                   Bitcoin private keys for import, by their checksum

Whose they are, the text does not tell: about = UNCLEAR. No score of randomness decides; the only measure is how
many different signs a token holds, a whole number.

Source: find/secret.tsv, find/secret_cues.tsv; RFC 7519, RFC 7468, RFC 3986 3.2.1.
Input: long alphanumeric runs, "://", cue words.
Finds: the secret without the cue before it; a key block from its first line to its last.
Misses: tokens of other issuers without a cue, passwords made of letters alone or shorter than six signs, cues in
    other languages than English, German, French; tokens with less than a digit or 16 signs up to the first dot.
Raises: nothing.

Canonical form: the very bytes.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from klarera.find import I4, I8, Coverage, Detector, Scan, Spans, Term, View
from klarera.find.number_tables import cue_arrays, rows
from klarera.kernels.addresses import word_key
from klarera.kernels.base58 import BITCOIN, checked
from klarera.kernels.password import BEARER, KEY, PASSWORD, PEM, SAID, WEAK, find_cued, find_userinfo
from klarera.kernels.secret import SIGNS, Formats, find_key_blocks, find_tokens
from klarera.kernels.tokens import copy_spans
from klarera.model import Kind, Strength

__all__ = ["DETECTOR", "find"]

_TAGS = {"password": PASSWORD, "weak": WEAK, "said": SAID, "key": KEY, "bearer": BEARER, "pem": PEM}
_CUES = {use: dict.fromkeys(phrases.split("; ")) for use, phrases in rows("secret_cues.tsv")}
TERMS = tuple(Term(phrase, "", str(_TAGS[use])) for use, phrases in _CUES.items() if use != "not" for phrase in phrases)
FILLERS = ("password", "passwort", "pass", "passwd", "pwd", "pw", "secret", "token", "mdp")
"""What documentation writes where a password belongs."""
IMPORT_KEY = 0x80
"""Version byte of a Bitcoin private key; 33 bytes follow with it, or 34."""


def _packed(words: tuple[str, ...]) -> npt.NDArray[np.uint64]:
    return np.array(sorted(word_key(word) for word in words), np.uint64)


_NOT_PASSWORDS, _FILLERS = _packed(tuple(_CUES["not"])), _packed(FILLERS)


@cache
def formats() -> Formats:
    """find/secret.tsv as arrays, read once a process; longer prefixes first, so that "sk-ant-" is no "sk-"."""
    table = sorted(rows("secret.tsv"), key=lambda row: -len(row[1]))
    signs = np.zeros(256, np.int64)
    names = list(SIGNS)
    for bit, chars in enumerate(SIGNS.values()):
        signs[list(chars)] |= 1 << bit
    return Formats(
        np.frombuffer("".join(row[1] for row in table).encode(), np.uint8).copy(),
        np.cumsum([0, *(len(row[1]) for row in table)]).astype(np.int64),
        signs,
        np.array([names.index(row[2]) for row in table], np.int64),
        np.array([int(row[3]) for row in table], np.int64),
        np.array([int(row[4]) for row in table], np.int64),
    )


def _import_keys(view: View, scan: Scan) -> tuple[I4, I8, I8]:
    sizes = np.zeros(256, np.int64)
    sizes[IMPORT_KEY] = 1 << 33 | 1 << 34
    return checked(view.buf, view.off, scan.run.row, scan.run.start, scan.run.end, BITCOIN, "", sizes)


def find(view: View, scan: Scan) -> Spans:
    """Secrets of the batch: CHECKSUM, FORM or CUE by what tells them."""
    cue_start, cue_end, cue_tag = cue_arrays(scan, DETECTOR.name, TERMS)
    cue_row = (np.searchsorted(view.off, cue_start, side="right") - 1).astype(np.int32)
    block = cue_tag == PEM

    def room(n: int) -> tuple[I4, I8, I8]:
        return np.empty(n, np.int32), np.empty(n, np.int64), np.empty(n, np.int64)

    text = (view.buf, view.off)
    found = [(Strength.CHECKSUM, _import_keys(view, scan))]
    out = room(len(scan.run.row))
    k = find_tokens(*text, scan.run.row, scan.run.start, scan.run.end, formats(), *out)
    found.append((Strength.FORM, (out[0][:k], out[1][:k], out[2][:k])))
    out = room(int(block.sum()))
    k = find_key_blocks(*text, cue_row[block], cue_start[block], cue_end[block], *out)
    found.append((Strength.FORM, (out[0][:k], out[1][:k], out[2][:k])))
    out = room(len(scan.scheme.row))
    k = find_userinfo(*text, scan.scheme.row, scan.scheme.start, _FILLERS, *out)
    found.append((Strength.FORM, (out[0][:k], out[1][:k], out[2][:k])))
    out = room(int((~block).sum()))
    k = find_cued(*text, cue_row[~block], cue_end[~block], cue_tag[~block], _NOT_PASSWORDS, *out)
    found.append((Strength.CUE, (out[0][:k], out[1][:k], out[2][:k])))

    row, start, end = (np.concatenate(columns) for columns in zip(*(spans for _, spans in found), strict=True))
    strength = np.concatenate([np.full(len(spans[0]), how, np.uint8) for how, spans in found])
    canon, canon_off = np.empty(int((end - start).sum()), np.uint8), np.empty(len(row) + 1, np.int64)
    copy_spans(view.buf, start, end, canon, canon_off)
    return Spans.of(row, start, end, Kind.SECRET)._replace(strength=strength, canon=canon, canon_off=canon_off)


DETECTOR = Detector(
    name="secret",
    version=1,
    kinds=(Kind.SECRET,),
    find=find,
    source="find/secret.tsv, find/secret_cues.tsv; RFC 7519, RFC 7468, RFC 3986",
    finds="tokens of known formats, web tokens, private-key blocks, passwords in URLs and behind cues (en, de, fr)",
    misses="tokens of other issuers without a cue, passwords of letters alone, cues in other languages",
    coverage=Coverage(),
    terms=TERMS,
)
