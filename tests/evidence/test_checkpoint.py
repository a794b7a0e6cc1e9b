"""Signed notes as C2SP and Go's note package write them."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from klarera.errors import EvidenceError, UsageError
from klarera.evidence.checkpoint import Checkpoint, Verifier, read_checkpoint, read_unsigned

# The key and note in the documentation of Go's golang.org/x/mod/sumdb/note.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = Verifier("klarera/posts", PRIVATE.public_key().public_bytes_raw())
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
POINT = Checkpoint("klarera/posts", 12, bytes(range(32)))
NOTE = POINT.note(KEY, PRIVATE.sign)


def test_the_published_key_vouches_for_the_published_note() -> None:
    key, signature = Verifier.parse(GO_KEY), base64.b64decode(GO_SIGNATURE)
    assert str(key) == GO_KEY
    assert signature[:4] == key.key_id
    assert key.vouches(GO_TEXT, signature[4:])
    assert not key.vouches(GO_TEXT + b" ", signature[4:])


def test_what_is_signed_is_read() -> None:
    assert read_checkpoint(NOTE, KEY) == POINT


def test_other_signatures_beside_ours_are_ignored() -> None:
    stranger = Verifier("example.org/witness", OTHER.public_key().public_bytes_raw())
    line = POINT.note(stranger, OTHER.sign).partition(b"\n\n")[2]
    assert read_checkpoint(NOTE + line, KEY) == POINT
    with pytest.raises(EvidenceError, match="not signed by this key"):
        read_checkpoint(POINT.text + b"\n" + line, KEY)


def test_every_flipped_bit_of_a_note_is_noticed() -> None:
    for place in range(len(NOTE)):
        for bit in range(8):
            data = bytearray(NOTE)
            data[place] ^= 1 << bit
            with pytest.raises(EvidenceError):
                read_checkpoint(bytes(data), KEY)


def test_every_flipped_bit_of_a_key_is_noticed() -> None:
    text = str(KEY).encode()
    for place in range(len(text)):
        for bit in range(7):
            data = bytearray(text)
            data[place] ^= 1 << bit
            with pytest.raises(UsageError):
                Verifier.parse(data.decode())


def test_the_same_key_under_another_name_does_not_count() -> None:
    renamed = Verifier("klarera/other", KEY.public)
    with pytest.raises(EvidenceError):
        read_checkpoint(NOTE, renamed)
    with pytest.raises(EvidenceError, match="another name"):
        read_checkpoint(POINT.note(renamed, PRIVATE.sign), renamed)


ROOT = b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
NOT_CHECKPOINTS = {
    "empty": b"",
    "no signature": POINT.text + b"\n",
    "leading zero": NOTE.replace(b"\n12\n", b"\n012\n"),
    "negative": NOTE.replace(b"\n12\n", b"\n-12\n"),
    "other digits": NOTE.replace(b"\n12\n", "\n١٢\n".encode()),
    "loose bits": NOTE.replace(b"h8=\n", b"h9=\n"),
    "short root": NOTE.replace(ROOT, b"AAEC\n"),
    "extension line": NOTE.replace(ROOT, ROOT + b"more\n"),
    "carriage return": NOTE.replace(b"\n", b"\r\n"),
    "no newline at the end": NOTE[:-1],
    "not UTF-8": b"\xff" + NOTE,
    "huge": NOTE + NOTE.partition(b"\n\n")[2] * 1000,
}  # fmt: skip


@pytest.mark.parametrize("note", NOT_CHECKPOINTS.values(), ids=NOT_CHECKPOINTS)
def test_other_forms_are_refused(note: bytes) -> None:
    assert note != NOTE
    with pytest.raises(EvidenceError):
        read_unsigned(note)


@pytest.mark.parametrize(
    "text", ["", "a", "a+b+c", "klarera/posts", str(KEY) + " ", str(KEY)[:-4], "ü b+00000000+AAAA"]
)
def test_other_forms_of_keys_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Verifier.parse(text)
