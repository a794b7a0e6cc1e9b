"""Bytes → blocks of whole lines, within bounded memory, whatever the bytes are.

Rules kept here:
- a block holds at most BLOCK bytes, or one longer line alone (up to `max_record`);
- a line over `max_record` is passed over without being held and reported with its place;
- a stream that breaks off (truncated, corrupt, over a limit) gives what decoded before the break, then
  one report;
- every raw byte goes to `digest` once, in order, also behind a break.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from klarera.batch import MAX_BATCH_BYTES
from klarera.errors import UsageError
from klarera.read import Options, Shard

__all__ = ["BLOCK", "MAX_RATIO", "Block", "Broken", "StreamBroken", "blocks", "codec", "cut", "open_shard"]

BLOCK = MAX_BATCH_BYTES
STEP = 1 << 20
HEAD = 1 << 20
LONGEST_RECORD = 1 << 30
"""Offsets within a block are 32 bits wide."""

MAX_RATIO = 200
"""A compressed stream may grow to this many times its size: text grows 3 to 10 times, bombs 1,000."""
RATIO_FLOOR = 64 << 20
"""Decoded bytes below which the ratio is not looked at: a small log of equal lines is no bomb."""

U1 = npt.NDArray[np.uint8]
Digest = Callable[[bytes], None]


class Readable(Protocol):
    """What blocks() needs of a source: up to n bytes, empty at the end; StreamBroken where it breaks."""

    def read(self, n: int) -> bytes:
        """Up to n bytes; empty at the end."""


class StreamBroken(Exception):
    """The stream cannot be read on; `reason` is fit for an Unreadable."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Block(NamedTuple):
    """Whole lines. `data` is a view that holds until the next block is asked for.

    place  offset of data[0] in the decoded stream
    line   number of its first line in the shard, from 0
    """

    data: U1
    place: int
    line: int


class Broken(NamedTuple):
    """What could not be had: one line passed over, or the rest of the stream (`last`)."""

    reason: str
    place: int
    line: int
    last: bool


def codec(path: str | Path) -> str:
    """Name of the compression a file's ending says: gzip, zstd or none ("").

    >>> codec("posts.jsonl.gz"), codec("posts.jsonl")
    ('gzip', '')
    """
    ending = str(path).lower()
    return "gzip" if ending.endswith(".gz") else "zstd" if ending.endswith((".zst", ".zstd")) else ""


def cut(reader: str, path: Path, first: int, options: Options) -> list[Shard]:
    """Shards of a file of lines: every `shard_bytes` if plain, one if compressed or empty.

    A shard's lines are those that start in [start, stop), so no byte is read to plan.
    """
    if options.max_record > LONGEST_RECORD:
        raise UsageError("max_record is over 1 GiB", hint=f"max_record={LONGEST_RECORD}")
    size = path.stat().st_size
    step = max(1, options.shard_bytes) if not codec(path) else max(1, size)
    starts = range(0, max(1, size), step)
    return [Shard(first + k, reader, str(path), start, min(size, start + step), size) for k, start in enumerate(starts)]


def open_shard(shard: Shard, options: Options, digest: Digest) -> tuple[Readable, int, BinaryIO]:
    """The decoded bytes of a shard, the place of the first, and the file to close."""
    file = open(shard.path, "rb")  # noqa: SIM115  (closed by the caller)
    if codec(shard.path):
        return Decoded(file, codec(shard.path), options, digest), 0, file
    stretch = Stretch(file, shard.start, shard.stop, digest)
    return stretch, stretch.place, file


class Stretch:
    """The lines of a plain file that start in [start, stop)."""

    def __init__(self, file: BinaryIO, start: int, stop: int, digest: Digest) -> None:
        self.file, self.stop, self.digest = file, stop, digest
        self.place = self._line_start(start)
        self.at = self.place
        self.done = start > 0 and self.place >= stop

    def _line_start(self, start: int) -> int:
        """Place of the first line that starts at or behind `start`."""
        if start == 0:
            return 0
        self.file.seek(start - 1)
        place = start - 1
        while chunk := self.file.read(STEP):
            found = chunk.find(b"\n")
            if found >= 0:
                place += found + 1
                self.file.seek(place)
                return place
            place += len(chunk)
        return place

    def read(self, n: int) -> bytes:
        """Up to n bytes, to the end of the last line that starts before `stop`."""
        if self.done:
            return b""
        if self.at < self.stop:
            data = self.file.read(min(n, self.stop - self.at))
            self.done = not data or (self.at + len(data) == self.stop and data.endswith(b"\n"))
        else:
            data = self.file.read(min(n, STEP))
            found = data.find(b"\n")
            self.done = found >= 0 or not data
            data = data[: found + 1] if found >= 0 else data
        self.at += len(data)
        self.digest(data)
        return data


class Tap:
    """A file that shows every byte read from it to `digest` and counts them."""

    def __init__(self, file: BinaryIO, digest: Digest) -> None:
        self.file, self.digest, self.count, self.closed = file, digest, 0, False

    def read(self, n: int = -1) -> bytes:
        """Up to n bytes."""
        data = self.file.read(n)
        self.digest(data)
        self.count += len(data)
        return data

    def readable(self) -> bool:
        """True: Arrow asks."""
        return True

    def close(self) -> None:
        """Arrow calls this; the file is closed by whoever opened it."""
        self.closed = True


class Decoded:
    """A compressed file, decoded under the limits of `max_decoded` and MAX_RATIO."""

    def __init__(self, file: BinaryIO, name: str, options: Options, digest: Digest) -> None:
        self.tap, self.limit, self.count = Tap(file, digest), options.max_decoded, 0
        self.inner: Readable = Gzip(self.tap) if name == "gzip" else Zstd(self.tap)

    def read(self, n: int) -> bytes:
        """Up to n decoded bytes."""
        try:
            data = self.inner.read(n)
            self.count += len(data)
            if self.count > self.limit:
                raise StreamBroken(f"decodes to more than {self.limit} bytes")
            if self.count > RATIO_FLOOR and self.count > MAX_RATIO * self.tap.count:
                raise StreamBroken(f"decodes to more than {MAX_RATIO} times its size")
        except StreamBroken:
            self._finish()
            raise
        if not data:
            self._finish()
        return data

    def _finish(self) -> None:
        """Show the raw bytes behind the end to the digest."""
        while self.tap.read(STEP):
            pass


class Gzip:
    """gzip with any number of members; zero bytes behind the last are padding (as in the gzip tool)."""

    def __init__(self, tap: Tap) -> None:
        self.tap, self.raw, self.any = tap, b"", False
        self.member: zlib._Decompress | None = None

    def read(self, n: int) -> bytes:
        """Up to n decoded bytes."""
        while True:
            self.raw = self.raw or self.tap.read(STEP)
            if self.member is None:
                self.raw = self.raw.lstrip(b"\0") if self.any else self.raw
                if not self.raw:
                    if more := self.tap.read(STEP):
                        self.raw = more
                        continue
                    return b""
                self.member, self.any = zlib.decompressobj(31), True
            elif not self.raw:
                raise StreamBroken("truncated stream")
            try:
                data = self.member.decompress(self.raw, n)
            except zlib.error:
                raise StreamBroken("corrupt stream") from None
            self.raw = self.member.unconsumed_tail
            if self.member.eof:
                self.raw, self.member = self.member.unused_data, None
            if data:
                return data


class Zstd:
    """zstd frames by Arrow's codec."""

    def __init__(self, tap: Tap) -> None:
        self.stream = pa.CompressedInputStream(pa.PythonFile(tap, mode="r"), "zstd")

    def read(self, n: int) -> bytes:
        """Up to n decoded bytes."""
        try:
            return bytes(self.stream.read(n))
        except OSError as error:
            cut_off = "truncated" in str(error).lower()
            raise StreamBroken("truncated stream" if cut_off else "corrupt stream") from None


def blocks(source: Readable, place: int, max_record: int) -> Iterator[Block | Broken]:
    """Blocks of whole lines from a source whose first byte lies at `place`.

    The last line needs no line end. Cuts depend on the bytes alone, not on how the source hands them out.
    """
    window = Window(source, place)
    while window.fill():
        size = window.lines_size()
        if size:
            yield Block(np.frombuffer(window.room, np.uint8, size), window.place, window.line)
            window.drop(size)
        elif window.limit <= max_record:
            window.limit = min(2 * window.limit, max_record + 1)
        else:
            yield Broken("too large", window.place, window.line, False)
            window.skip_line()
    if window.fault:
        yield Broken(window.fault, window.place, window.line, True)


class Window:
    """The stretch of a stream held in memory: room[:held], whose first byte lies at `place`."""

    def __init__(self, source: Readable, place: int) -> None:
        self.source, self.place = source, place
        self.room, self.held, self.limit = bytearray(BLOCK), 0, BLOCK
        self.line, self.ended, self.fault = 0, False, ""

    def fill(self) -> bool:
        """Read until `limit` bytes are held or the stream ends; False once nothing whole is left."""
        if len(self.room) < self.limit:
            self.room = self.room.ljust(self.limit, b"\0")
        while self.held < self.limit and (data := self._read(min(STEP, self.limit - self.held))):
            self.room[self.held : self.held + len(data)] = data
            self.held += len(data)
        # Behind a break the last line is not whole, and not given.
        return self.held > 0 and not (self.fault and self.lines_size() == 0)

    def _read(self, n: int) -> bytes:
        """Bytes of the source; empty for ever after its end or break."""
        if self.ended:
            return b""
        try:
            data = self.source.read(n)
        except StreamBroken as broken:
            data, self.fault = b"", broken.reason
        self.ended = not data
        return data

    def lines_size(self) -> int:
        """Size of the whole lines to hand out next: up to BLOCK, else the one line that is longer, else 0."""
        size = self.room.rfind(b"\n", 0, min(self.held, BLOCK)) + 1 or self.room.find(b"\n", 0, self.held) + 1
        return size or (self.held if self.ended and not self.fault else 0)

    def drop(self, size: int) -> None:
        """Let go of the first `size` bytes."""
        self.line += int(np.count_nonzero(np.frombuffer(self.room, np.uint8, size) == 10))
        rest = self.held - size
        self.room[:rest] = self.room[size : self.held]
        self.place, self.held, self.limit = self.place + size, rest, BLOCK

    def skip_line(self) -> None:
        """Pass over the rest of the line that fills the window."""
        self.place, self.held, self.limit, self.line = self.place + self.held, 0, BLOCK, self.line + 1
        while data := self._read(STEP):
            size = data.find(b"\n") + 1
            self.place += size or len(data)
            if size:
                self.held = len(data) - size
                self.room[: self.held] = data[size:]
                return
