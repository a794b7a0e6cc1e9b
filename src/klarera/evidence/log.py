"""The append-only log on disk: entries and tiles as static files, and one signed checkpoint.

Rules kept:
- The checkpoint is written last: entries and tiles beyond it do not count. An append that was killed
  leaves such files; the next append writes over them.
- Nothing is signed that was not read back: the old root is computed again from the tiles on disk before
  an append, the new one after it, and every new entry is hashed again from its bundle.
- One key for the life of a log; its public half stands in `verifier`.

    log/checkpoint   log/verifier   log/tile/<level>/<n>[.p/<width>]   log/tile/entries/<n>[.p/<width>]

Whoever appends holds the Lock of OUT.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from klarera.errors import EvidenceError, UsageError
from klarera.evidence import files, merkle, tiles
from klarera.evidence.canonical import plain_entry
from klarera.evidence.checkpoint import Checkpoint, Signer, Verifier, read_checkpoint
from klarera.evidence.tiles import WIDTH, tile_path

__all__ = ["Log", "read_verifier"]

Decoder = Callable[[bytes], list[bytes]]


class Log:
    """A log as its checkpoint describes it. Reading needs no lock."""

    def __init__(self, folder: Path, verifier: Verifier | None, checkpoint: Checkpoint | None) -> None:
        self.folder, self.verifier, self.checkpoint = folder, verifier, checkpoint
        self._tiles: dict[str, list[bytes]] = {}

    @classmethod
    def open(cls, folder: Path) -> Log:
        """The log in `folder`; an empty one if there is none. Raises EvidenceError.

        The checkpoint must be signed by the key beside it. Whether that key is the right one is for
        `verify` and whoever knows the key.
        """
        note, key = _read_if_there(folder / "checkpoint"), _read_if_there(folder / "verifier")
        if key is None and note is not None:
            raise EvidenceError("log/verifier", "is missing")
        verifier = None if key is None else read_verifier(key)
        if verifier is None or note is None:
            return cls(folder, verifier, None)
        return cls(folder, verifier, read_checkpoint(note, verifier, "log/checkpoint"))

    @property
    def size(self) -> int:
        """Entries under the checkpoint."""
        return self.checkpoint.size if self.checkpoint else 0

    def root(self, size: int | None = None) -> bytes:
        """Root of the first `size` entries (all if None), from the tiles on disk."""
        size = self.size if size is None else size
        if not 0 <= size <= self.size:
            raise UsageError(f"the log has {self.size} entries, not {size}")
        return self._mth(0, size) if size else merkle.EMPTY_ROOT

    def entry(self, index: int) -> bytes:
        """The bytes of one entry, checked against its leaf hash."""
        if not 0 <= index < self.size:
            raise UsageError(f"the log has {self.size} entries, no number {index}")
        entry = self._bundle(index // WIDTH)[index % WIDTH]
        if merkle.leaf_hash(entry) != self._hash(0, index):
            raise EvidenceError(self._bundle_path(index // WIDTH), f"entry {index} is not the one that was logged")
        return entry

    def entries(self) -> Iterator[bytes]:
        """All entries in order, each checked against its leaf hash."""
        return map(self.entry, range(self.size))

    def prove_inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Proof that entry `index` stands in the tree of the first `size` entries."""
        size = self.size if size is None else size
        if not 0 <= index < size <= self.size:
            raise UsageError(f"the log has {self.size} entries: no entry {index} in the first {size}")
        return merkle.inclusion_proof(self._mth, index, size)

    def prove_consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """Proof that the first `new` entries begin with the first `old`."""
        new = self.size if new is None else new
        if not 0 <= old <= new <= self.size:
            raise UsageError(f"the log has {self.size} entries: no {old} within {new}")
        return merkle.consistency_proof(self._mth, old, new)

    def append(self, entries: Sequence[Mapping[str, object]], signer: Signer) -> Checkpoint:
        """Append entries under one new checkpoint: all of them or none. Returns the checkpoint.

        Raises UsageError for an entry that is not hashes, counts and words of ours, or another key;
        EvidenceError if what is on disk is not what was signed; RetryLater if the disk failed.
        """
        data = [_checked(entry) for entry in entries]
        if self.verifier is not None and self.verifier != signer.verifier:
            raise UsageError("this log was begun with another key", hint="KLARERA_KEYS of the first run")
        if self.checkpoint and self.root() != self.checkpoint.root:
            raise EvidenceError("log/tile", "the tiles are not those of the checkpoint", hint="klarera verify")
        if not data and self.checkpoint:
            return self.checkpoint
        if self.verifier is None:
            files.write_atomic(self.folder / "verifier", f"{signer.verifier}\n".encode())
        hashes = [merkle.leaf_hash(entry) for entry in data]
        expected = self._grown_root(hashes)
        for path, content in (
            *tiles.bundles(self.size, self._bundle(self.size // WIDTH) if self.size % WIDTH else [], data),
            *tiles.grow(self.size, hashes, self._tail),
        ):
            files.write_atomic(self.folder / path, content)
        checkpoint = Checkpoint(signer.verifier.name, self.size + len(data), expected)
        written = Log(self.folder, signer.verifier, checkpoint)
        # A root over bytes that are not on disk can never be repaired: read back first, then sign.
        if written.root() != expected or [written.entry(i) for i in range(self.size, written.size)] != data:
            raise EvidenceError("log/tile", "the disk does not give back what was written")
        files.write_atomic(self.folder / "checkpoint", checkpoint.note(signer.verifier, signer.sign))
        self.verifier, self.checkpoint, self._tiles = signer.verifier, checkpoint, {}
        return checkpoint

    def _grown_root(self, hashes: Sequence[bytes]) -> bytes:
        """The root after appending `hashes`: the complete subtrees of the old tree, then the new leaves."""
        stack: list[tuple[int, bytes]] = []
        start = 0
        for power in reversed(range(self.size.bit_length())):
            if self.size >> power & 1:
                stack.append((power, self._mth(start, start + (1 << power))))
                start += 1 << power
        for leaf in hashes:
            power, node = 0, leaf
            while stack and stack[-1][0] == power:
                power, node = power + 1, merkle.node_hash(stack.pop()[1], node)
            stack.append((power, node))
        return _fold([node for _, node in stack])

    def _mth(self, start: int, end: int) -> bytes:
        width, level = end - start, 0
        while width > WIDTH**level:
            level += 1
        if width == WIDTH**level:
            return self._hash(level, start // width)
        middle = start + merkle.split(width)
        return merkle.node_hash(self._mth(start, middle), self._mth(middle, end))

    def _hash(self, level: int, index: int) -> bytes:
        return self._tile(level, index // WIDTH)[index % WIDTH]

    def _tail(self, level: int) -> list[bytes]:
        count = self.size // WIDTH**level
        return self._tile(level, count // WIDTH) if count % WIDTH else []

    def _tile(self, level: int, index: int) -> list[bytes]:
        width = min(WIDTH, self.size // WIDTH**level - index * WIDTH)
        return self._cached(tile_path(level, index, width), width, tiles.split_tile)

    def _bundle(self, index: int) -> list[bytes]:
        width = min(WIDTH, self.size - index * WIDTH)
        return self._cached(self._bundle_path(index), width, lambda data: tiles.unpack(data) or [])

    def _bundle_path(self, index: int) -> str:
        return tile_path("entries", index, min(WIDTH, self.size - index * WIDTH))

    def _cached(self, path: str, width: int, decode: Decoder) -> list[bytes]:
        if path not in self._tiles:
            data = _read_if_there(self.folder / path)
            if data is None:
                raise EvidenceError(f"log/{path}", "is missing")
            row = decode(data)
            if len(row) != width:
                raise EvidenceError(f"log/{path}", f"holds {len(row)} items, not {width}")
            if len(self._tiles) >= 64:
                self._tiles.clear()
            self._tiles[path] = row
        return self._tiles[path]


def read_verifier(data: bytes) -> Verifier:
    """The public key in `log/verifier`. Raises EvidenceError."""
    try:
        text = data.decode()
        verifier = Verifier.parse(text.removesuffix("\n"))
    except (UnicodeDecodeError, UsageError):
        verifier = None
    if verifier is None or data != f"{verifier}\n".encode():
        raise EvidenceError("log/verifier", "is not a public key of a log")
    return verifier


def _checked(entry: Mapping[str, object]) -> bytes:
    data = plain_entry(entry)
    if len(data) > tiles.MAX_ENTRY:
        raise UsageError(f"log entry of {len(data)} bytes: at most {tiles.MAX_ENTRY}")
    return data


def _fold(peaks: Sequence[bytes]) -> bytes:
    """The root over the roots of the complete subtrees, largest first."""
    if not peaks:
        return merkle.EMPTY_ROOT
    node = peaks[-1]
    for peak in reversed(peaks[:-1]):
        node = merkle.node_hash(peak, node)
    return node


def _read_if_there(path: Path) -> bytes | None:
    try:
        return files.read_file(path)
    except FileNotFoundError:
        return None
