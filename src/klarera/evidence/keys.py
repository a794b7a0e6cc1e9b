"""The secrets of a dataset: one root from which every keyed hash comes, and a signing key apart from it.

Rules kept:
- Keys lie outside OUT: the folder named by KLARERA_KEYS, else klarera/keys in the user's configuration
  folder. The folder has mode 0700, the file 0600; anything wider is refused, not repaired.
- No secret is printed, logged, pickled or passed in argv. Workers get one purpose's bytes, not the keys.
- Two datasets, and two purposes of one dataset, share no derived key: their hashes cannot be joined.
- The signing key is random of its own: who can derive hashes cannot sign, and the other way round.

HKDF-SHA256 is RFC 5869, Ed25519 is RFC 8032; both names stand in the file, so that they can change.

>>> import tempfile
>>> store = Path(tempfile.mkdtemp()) / "keys"
>>> keys = Keys.create("posts", store)
>>> keys.purpose("rid") == Keys.load("posts", store).purpose("rid") != keys.purpose("author")
True
>>> len(keys.purpose("rid")), len(keys.sign(b"text"))
(32, 64)
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import stat
from pathlib import Path
from typing import NoReturn

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from klarera.errors import EvidenceError, UsageError
from klarera.evidence import files
from klarera.evidence.canonical import canonical, parse
from klarera.evidence.checkpoint import Verifier

__all__ = ["PURPOSES", "Keys", "default_store"]

PURPOSES = frozenset({"rid", "author", "register", "pseudonym", "salt", "url"})
"""What a derived key may be for. A new purpose is a decision: its hashes will stand in files."""

_DATASET = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_DERIVATION, _SIGNATURE = "HKDF-SHA256", "Ed25519"


class Keys:
    """The keys of one dataset. Make them with `create` or `load`."""

    __slots__ = ("_root", "_signing", "dataset", "verifier")

    def __init__(self, dataset: str, root: bytes, signing: bytes) -> None:
        self.dataset, self._root = dataset, root
        self._signing = Ed25519PrivateKey.from_private_bytes(signing)
        self.verifier = Verifier(f"klarera/{dataset}", self.public)

    @classmethod
    def create(cls, dataset: str, store: Path | None = None, *, outside: Path | None = None) -> Keys:
        """New random keys, kept durably in `store` before they are returned.

        `outside` is the OUT folder, if known: a store within it is refused.
        Raises UsageError if keys of this dataset exist, RetryLater if the disk failed.
        """
        folder, path = _place(dataset, store, outside)
        if path.exists():
            raise UsageError(f"{path}: keys of this dataset exist", hint="another dataset name, or use these")
        files.make_folder(folder, mode=0o700)
        _refuse_others(folder, 0o700)
        root, signing = secrets.token_bytes(32), secrets.token_bytes(32)
        content = {
            "dataset": dataset,
            "derivation": {"algorithm": _DERIVATION, "root": base64.b64encode(root).decode()},
            "format": 1,
            "signature": {"algorithm": _SIGNATURE, "private": base64.b64encode(signing).decode()},
        }
        files.put_if_absent(path, canonical(content), mode=0o600)
        return cls(dataset, root, signing)

    @classmethod
    def load(cls, dataset: str, store: Path | None = None, *, outside: Path | None = None) -> Keys:
        """The keys of a dataset.

        Raises UsageError if there are none, or others could read them; EvidenceError if the file is
        damaged or speaks of algorithms this version does not know.
        """
        folder, path = _place(dataset, store, outside)
        if not path.exists():
            raise UsageError(f"{path}: no keys of this dataset", hint="klarera init, or KLARERA_KEYS of the first run")
        _refuse_others(folder, 0o700)
        _refuse_others(path, 0o600)
        content = parse(files.read_file(path), str(path))
        try:
            derivation, signature = content["derivation"], content["signature"]
            known = (content["format"], content["dataset"], derivation["algorithm"], signature["algorithm"])
            root, signing = _secret(derivation["root"]), _secret(signature["private"])
        except (KeyError, TypeError, ValueError):
            # Not chained: the cause could show a secret.
            raise EvidenceError(str(path), "is not a key file of klarera") from None
        if known != (1, dataset, _DERIVATION, _SIGNATURE):
            raise EvidenceError(str(path), "is of another dataset, format or algorithm")
        return cls(dataset, root, signing)

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public signing key; `str(keys.verifier)` is the form to hand out."""
        return self._signing.public_key().public_bytes_raw()

    @property
    def key_id(self) -> str:
        """Tells roots apart in public; 8 bytes in hex, from which nothing can be derived."""
        return self._derive(b"key id")[:8].hex()

    def purpose(self, name: str) -> bytes:
        """The 32-byte key for one of PURPOSES. Raises UsageError for another word."""
        if name not in PURPOSES:
            raise UsageError(f"no purpose '{name}' of keys", hint=", ".join(sorted(PURPOSES)))
        return self._derive(b"purpose " + name.encode())

    def sign(self, data: bytes) -> bytes:
        """An Ed25519 signature of 64 bytes."""
        return self._signing.sign(data)

    def _derive(self, info: bytes) -> bytes:
        info = b"klarera/1 " + self.dataset.encode() + b" " + info
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self._root)

    def __repr__(self) -> str:
        return f"Keys({self.dataset!r}, key_id={self.key_id!r})"

    def __reduce__(self) -> NoReturn:
        # A pickle would carry the root to workers, caches and core files.
        raise TypeError("keys are not pickled: hand a worker purpose(name)")


def default_store() -> Path:
    """KLARERA_KEYS, else klarera/keys in the user's configuration folder."""
    if named := os.environ.get("KLARERA_KEYS"):
        return Path(named)
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "klarera" / "keys"


def _place(dataset: str, store: Path | None, outside: Path | None) -> tuple[Path, Path]:
    if not _DATASET.fullmatch(dataset):
        raise UsageError("a dataset name is 1-64 of a-z 0-9 . _ -, beginning with a letter or digit")
    folder = default_store() if store is None else store
    if outside is not None and folder.resolve().is_relative_to(outside.resolve()):
        raise UsageError(f"{folder}: keys must lie outside the output", hint="KLARERA_KEYS=another folder")
    return folder, folder / f"{dataset}.json"


def _refuse_others(path: Path, mode: int) -> None:
    if os.name == "nt":
        return  # no permission bits there; the user's profile folder is private by itself
    state = path.stat()
    if stat.S_IMODE(state.st_mode) & ~mode:
        raise UsageError(f"{path}: others could read these keys", hint=f"chmod {mode:o} {path}")
    if state.st_uid not in (os.geteuid(), 0):
        raise UsageError(f"{path}: belongs to another user", hint=f"chown {os.geteuid()} {path}")


def _secret(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if len(data) != 32:
        raise ValueError
    return data
