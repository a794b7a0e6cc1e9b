"""JSON Lines: one JSON object a line; plain, gzip or zstd.

A unit is a line that is not blank; `unit` counts all lines of the shard from 0, `place` is the line's byte
offset in the decoded stream. Lines end at a line feed (a carriage return before it is white space). Each
line stands for itself: one that cannot be read costs its neighbours nothing.

What a line may not be: over `max_record` bytes, not UTF-8, not JSON, not an object, nested deeper than 64,
with half of a surrogate pair in a mapped value, or with a mapped key twice (readers disagree which one
counts, so what was looked at might not be what is trained on). The escape for NUL is a character like others.
Casts: see units.py. Carried values are text: strings as they are, all else as its JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from klarera.batch import Unreadable
from klarera.errors import InputError
from klarera.kernels import lines
from klarera.read import Options, Piece, Reader, Shard
from klarera.read.keys import Keys, Sample, find
from klarera.read.stream import Block, Broken, Window, blocks, cut, open_shard
from klarera.read.units import nothing, piece

__all__ = ["READER"]

SAMPLE_OBJECTS = 1_000
SAMPLE_LINES = 10_000
SAMPLE_BYTES = 1 << 20
SEARCH_BYTES = 64 << 20
"""How far the first object is looked for."""
MANY_LINES = 1 << 18

BOMS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"), (b"\x00\x00\xfe\xff", "UTF-32"))
UTF8_BOM = b"\xef\xbb\xbf"

PLAIN_JSON = re.compile(r"\.json(\.(gz|zst|zstd))?$")

I8 = npt.NDArray[np.int64]
U1 = npt.NDArray[np.uint8]


def plan(path: Path, first: int, options: Options) -> list[Shard]:
    """Byte ranges of a plain file; one shard of a compressed one."""
    return cut("jsonl", path, first, options)


def columns(path: Path, options: Options) -> tuple[dict[str, str], list[str]]:
    """The mapping in use and the columns nobody mapped, by the first lines."""
    return sample_file(path, options).summary(options, path.name)


def read(shard: Shard, options: Options, digest: Callable[[bytes], None]) -> Iterator[Piece]:
    """The shard's lines as pieces."""
    path = Path(shard.path)
    keys = sample_file(path, options).keys(options, path.name)
    source, place, file = open_shard(shard, options, digest)
    with file:
        for block in blocks(source, place, options.max_record):
            if isinstance(block, Broken):
                yield nothing(keys.layout.schema, Unreadable(block.line, block.place, block.reason))
            else:
                for part in parts(block):
                    yield from pieces(part, keys, options.max_record)


def sniff(path: Path) -> int:
    """1 for the endings of JSON Lines; for .json, which says less, if the first line is an object."""
    if PLAIN_JSON.search(path.name.lower()) is None:
        return 1
    size = path.stat().st_size
    source, _, file = open_shard(Shard(0, "jsonl", str(path), 0, size, size), Options(), lambda _: None)
    sample = Sample()
    with file:
        start = Window(source, 0)
        start.fill()
        sample.note(line_at(np.frombuffer(start.room, np.uint8, start.held), 0).removeprefix(UTF8_BOM))
    return sample.objects


def sample_file(path: Path, options: Options) -> Sample:
    """The keys of the file's first objects: every shard of it finds the same."""
    state = path.stat()
    return _sample(path, state.st_size, state.st_mtime_ns, options.max_record, options.max_decoded)


@lru_cache(maxsize=64)
def _sample(path: Path, size: int, changed: int, max_record: int, max_decoded: int) -> Sample:
    """Kept for the other shards of the file, as long as it does not change."""
    source, place, file = open_shard(
        Shard(0, "jsonl", str(path), 0, size, size), Options(max_decoded=max_decoded), lambda _: None
    )
    sample, looked, seen = Sample(), 0, 0
    with file:
        for block in blocks(source, place, max_record):
            if isinstance(block, Broken):
                continue
            if block.place == 0:
                refuse_other_encodings(block.data[:4].tobytes(), path.name)
            at = 0
            while at < len(block.data):
                if sample.objects >= SAMPLE_OBJECTS or (
                    sample.objects and (looked >= SAMPLE_BYTES or seen >= SAMPLE_LINES)
                ):
                    return sample
                line = line_at(block.data, at)
                at, looked = at + len(line) + 1, looked + len(line) + 1
                sample.note(line.removeprefix(UTF8_BOM))
                seen += 1
            if looked >= SEARCH_BYTES and not sample.objects:
                raise InputError(path.name, f"no JSON object in the first {SEARCH_BYTES >> 20} MiB")
    return sample


def line_at(data: U1, at: int) -> bytes:
    """The line that starts at `at`, without its line end."""
    size = 4096
    while True:
        part = data[at : at + size].tobytes()
        found = part.find(b"\n")
        if found >= 0 or at + size >= len(data):
            return part[:found] if found >= 0 else part
        size *= 8


def refuse_other_encodings(start: bytes, name: str) -> None:
    """InputError for a file that says by its first bytes that it is UTF-16 or UTF-32."""
    for mark, encoding in BOMS:
        if start.startswith(mark):
            raise InputError(name, f"is {encoding}, not UTF-8", hint="iconv -t UTF-8")


def parts(block: Block) -> Iterator[Block]:
    """The block, halved until no part has more than MANY_LINES lines: their places take memory, too."""
    count = int(np.count_nonzero(block.data == 10))
    middle = block.data[len(block.data) // 2 :]
    cut_at = len(block.data) // 2 + int(np.argmax(middle == 10)) + 1
    if count <= MANY_LINES or cut_at >= len(block.data):
        yield block
        return
    first = Block(block.data[:cut_at], block.place, block.line)
    passed = int(np.count_nonzero(first.data == 10))
    yield from parts(first)
    yield from parts(Block(block.data[cut_at:], block.place + cut_at, block.line + passed))


def pieces(block: Block, keys: Keys, max_record: int) -> Iterator[Piece]:
    """The lines of one block, at most MAX_BATCH_ROWS a piece."""
    begin, end, status = line_bounds(block, max_record)
    for first in range(0, len(end), keys.rows):
        some = slice(first, first + keys.rows)
        if not np.any(end[some] > begin[some]):
            yield nothing(keys.layout.schema, span=len(end[some]))
            continue
        found = find(block.data, begin[some], end[some], status[some], keys)
        n = len(found.status)
        unit = np.arange(block.line + first, block.line + first + n)
        yield piece(found, keys.layout, unit, block.place + begin[some], n)


def line_bounds(block: Block, max_record: int) -> tuple[I8, I8, U1]:
    """First byte, end (without the line feed) and status of each line: OK, TOO_LARGE or NOT_UTF8."""
    end = np.flatnonzero(block.data == 10)
    if not len(end) or end[-1] + 1 < len(block.data):
        end = np.append(end, len(block.data))
    begin = np.empty_like(end)
    begin[0], begin[1:] = 0, end[:-1] + 1
    status = np.zeros(len(end), np.uint8)
    status[end - begin > max_record] = lines.TOO_LARGE
    if not is_utf8(block.data):
        lines.not_utf8(block.data, begin, end, status)
    if block.place == 0 and block.data[:3].tobytes() == UTF8_BOM:
        begin[0] = 3
    return begin, end, status


def is_utf8(data: U1) -> bool:
    """Whether the whole block is well formed UTF-8."""
    one = np.array([0, len(data)], np.int64)
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, pa.py_buffer(one), pa.py_buffer(data)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


READER = Reader(
    name="jsonl",
    version=1,
    suffixes=tuple(
        ending + packed for ending in (".jsonl", ".ndjson", ".json") for packed in (".gz", ".zst", ".zstd", "")
    ),
    plan=plan,
    read=read,
    columns=columns,
    sniff=sniff,
)
