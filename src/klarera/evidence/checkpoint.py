"""A checkpoint: size and root of the log, signed. C2SP tlog-checkpoint in a C2SP signed note, Ed25519.

Only the one byte form we write is read: base64 without loose bits, sizes without leading zeroes. A
signature by another key is ignored, as the note format asks; without one by the given key the note says
nothing.

>>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
>>> from klarera.evidence.merkle import EMPTY_ROOT
>>> private = Ed25519PrivateKey.from_private_bytes(bytes(32))
>>> key = Verifier("example.org/log", private.public_key().public_bytes_raw())
>>> Verifier.parse(str(key)) == key
True
>>> note = Checkpoint("example.org/log", 0, EMPTY_ROOT).note(key, private.sign)
>>> read_checkpoint(note, key).size
0
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from klarera.errors import EvidenceError, UsageError

__all__ = ["Checkpoint", "Signer", "Verifier", "read_checkpoint", "read_unsigned"]

_ED25519 = b"\x01"
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]+")
_MAX_NOTE = 64 << 10


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name, in the note format `name+<key id>+<base64>`: this is what one hands out."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys apart; an identifier, not a proof."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Raises UsageError for anything but the exact form, which includes a wrong key id."""
        name, _, rest = text.partition("+")
        key = _from_base64(rest.partition("+")[2])
        if key is not None and len(key) == 33 and key[:1] == _ED25519 and _NAME.fullmatch(name):
            verifier = cls(name, key[1:])
            if str(verifier) == text:
                return verifier
        raise UsageError("not a public key of a log", hint="name+key id+base64 as printed by klarera init")

    def vouches(self, text: bytes, signature: bytes) -> bool:
        """Is `signature` this key's over `text`?"""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


class Signer(Protocol):
    """Whoever can sign for a log: Keys, or a key held elsewhere."""

    @property
    def verifier(self) -> Verifier:
        """The public half."""

    def sign(self, data: bytes) -> bytes:
        """An Ed25519 signature."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log named `origin` has `size` entries and this root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> bytes:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n".encode()

    def note(self, verifier: Verifier, sign: Callable[[bytes], bytes]) -> bytes:
        """The signed note."""
        signature = base64.b64encode(verifier.key_id + sign(self.text)).decode()
        return self.text + f"\n— {verifier.name} {signature}\n".encode()


def read_checkpoint(note: bytes, verifier: Verifier, place: str = "checkpoint") -> Checkpoint:
    """The checkpoint in a note signed by `verifier`. Raises EvidenceError naming `place`."""
    checkpoint = read_unsigned(note, place)
    if checkpoint.origin != verifier.name:
        raise EvidenceError(place, "speaks for a log of another name")
    for line in note[len(checkpoint.text) + 1 : -1].decode().split("\n"):
        name, _, encoded = line.removeprefix("— ").partition(" ")
        signature = _from_base64(encoded) or b""
        if (name, signature[:4]) == (verifier.name, verifier.key_id):
            if verifier.vouches(checkpoint.text, signature[4:]):
                return checkpoint
            raise EvidenceError(place, "the signature is not of this text")
    raise EvidenceError(place, "is not signed by this key")


def read_unsigned(note: bytes, place: str = "checkpoint") -> Checkpoint:
    """What a note claims, whoever signed it. Raises EvidenceError naming `place`."""
    text, separator, signatures = note.partition(b"\n\n")
    if separator and len(note) <= _MAX_NOTE and signatures.endswith(b"\n"):
        try:
            lines = text.decode().split("\n")
            signed = all(_is_signature(line) for line in signatures[:-1].decode().split("\n"))
        except UnicodeDecodeError:
            lines, signed = [], False
        # Extension lines are allowed by the format and never written by us: no auditor reads them.
        if signed and len(lines) == 3 and _NAME.fullmatch(lines[0]) and _SIZE.fullmatch(lines[1]):
            root = _from_base64(lines[2])
            if root is not None and len(root) == 32:
                return Checkpoint(lines[0], int(lines[1]), root)
    raise EvidenceError(place, "is not a checkpoint")


def _is_signature(line: str) -> bool:
    name, _, encoded = line.removeprefix("— ").partition(" ")
    return line.startswith("— ") and bool(_NAME.fullmatch(name)) and _from_base64(encoded) is not None


def _from_base64(text: str) -> bytes | None:
    """Strict: no loose bits, so that no two texts mean the same bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None
