#!/usr/bin/env python3
"""Check a clearance without klarera: python klarera_verify.py OUT [--key PUB] [--checkpoint FILE] [--json]

One file, Python 3.11 and `cryptography`; it shares no code with the package, so that one mistake is not
made twice. PUB is the public key of the log (name+id+base64, or a file that holds it) as its owner handed
it out; FILE is a checkpoint of the same log kept elsewhere. Exit code 0: holds, or consistent; 4: does not
hold; 2: wrong use.

Checked: the commits, their leaves in the log, entries, tiles and root, the signature, the kept checkpoint,
every file by size and SHA-256, the sums of units. Not checked: whether decisions follow from their facts.
Formats: RFC 6962 section 2.1; C2SP tlog-tiles, tlog-checkpoint, signed-note; RFC 8785.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TEMPORARY = re.compile(r"(.*/)?\.[^/]+\.\d+-\d+\.tmp")
PATH = re.compile(r"(?!(commits|log)/)(?!\.{1,2}(/|\Z))[\w.=-]+(/(?!\.{1,2}(/|\Z))[\w.=-]+)*", re.ASCII)
HASH, KEY_NAME, SIZE = (
    re.compile("[0-9a-f]{64}"),
    re.compile(r"[^\s+\x00-\x1f\x7f]+"),
    re.compile("0|[1-9][0-9]*"),
)
KINDS = {"clear", "decide", "judge", "apply", "erase", "release"}
FIELDS = {"format", "kind", "manifest", "number", "parent", "payload"}
UNITS = {"units", "kept", "redacted", "held", "dropped", "unreadable"}
NOT_SHOWN = [
    "that the input was complete: only what was handed over was read",
    "what the detectors miss",
    "whether the reading of the law is right",
]
ALONE = "that all of it was not made anew and signed again: only a checkpoint kept elsewhere shows that"
Key = tuple[str, bytes, bytes]


class Wrong(Exception):
    """Bytes that are not what they should be."""


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def canonical(value: Any) -> str:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= 1 << 53):
        raise Wrong("holds a number that is no count")
    return json.dumps(value, ensure_ascii=False)


def parse(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
        if isinstance(value, dict) and canonical(value).encode() == data:
            return value
    except (ValueError, RecursionError):
        pass
    raise Wrong("is not canonical JSON")


def leaf_hashes(entries: list[bytes]) -> list[bytes]:
    return [sha(b"\x00" + entry) for entry in entries]


def mth(row: list[bytes]) -> bytes:
    """The root over leaf hashes, RFC 6962 section 2.1."""
    if len(row) < 2:
        return row[0] if row else sha(b"")
    k = 1 << (len(row) - 1).bit_length() - 1
    return sha(b"\x01" + mth(row[:k]) + mth(row[k:]))


def tile(level: int | str, index: int, width: int) -> str:
    digits = str(index).zfill(-(-len(str(index)) // 3) * 3)
    parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    name = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
    return f"log/tile/{level}/{name}" + (f".p/{width}" if width < 256 else "")


def pack(entries: list[bytes]) -> bytes:
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unpack(bundle: bytes) -> list[bytes]:
    found = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        found.append(bundle[2 : 2 + length])
        if len(bundle) < 2 + length:
            return []
        bundle = bundle[2 + length :]
    return found


def all_tiles(entries: list[bytes]) -> dict[str, bytes]:
    """Every bundle and tile of a log with these entries."""
    parts = [entries[i : i + 256] for i in range(0, len(entries), 256)]
    found = {tile("entries", n, len(part)): pack(part) for n, part in enumerate(parts)}
    level, row = 0, leaf_hashes(entries)
    while row:
        parts = [row[i : i + 256] for i in range(0, len(row), 256)]
        found |= {tile(level, n, len(part)): b"".join(part) for n, part in enumerate(parts)}
        level, row = level + 1, [mth(part) for part in parts if len(part) == 256]
    return found


def unbase64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Wrong("is not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Wrong("is not base64 in its one form")
    return data


def read_key(text: str) -> Key:
    """(name, key id, public key) of name+id+base64."""
    name, key_id, encoded = [*text.split("+", 2), "", ""][:3]
    key = unbase64(encoded)
    right = sha(name.encode() + b"\n" + key)[:4]
    if len(key) != 33 or key[0] != 1 or right.hex() != key_id or not KEY_NAME.fullmatch(name):
        raise Wrong("is not a public key of a log")
    return name, right, key[1:]


def read_note(note: bytes) -> tuple[str, int, bytes, list[tuple[str, bytes]], bytes]:
    """(origin, size, root, signatures, signed text) of a checkpoint, whoever signed it."""
    head, _, tail = note.partition(b"\n\n")
    try:
        lines, signed = head.decode().split("\n"), tail.decode().split("\n")
    except UnicodeDecodeError:
        lines, signed = [], [""]
    form = len(note) <= 65_536 and signed.pop() == "" and signed and len(lines) == 3
    if not form or not KEY_NAME.fullmatch(lines[0]) or not SIZE.fullmatch(lines[1]) or len(lines[1]) > 19:
        raise Wrong("is not a checkpoint")
    signatures, root = [], unbase64(lines[2])
    for line in signed:
        dash, name, encoded = [*line.split(" ", 2), "", ""][:3]
        signatures.append((name, unbase64(encoded)))
        if dash != "—" or not KEY_NAME.fullmatch(name) or len(root) != 32:
            raise Wrong("is not a checkpoint")
    return lines[0], int(lines[1]), root, signatures, head + b"\n"


def read_signed(note: bytes, key: Key) -> tuple[int, bytes]:
    """(size, root) of a checkpoint signed by `key`."""
    origin, size, root, signatures, text = read_note(note)
    signature = next((data for name, data in signatures if (name, data[:4]) == key[:2]), None)
    if origin != key[0] or signature is None:
        raise Wrong("is not signed by this key")
    try:
        Ed25519PublicKey.from_public_bytes(key[2]).verify(signature[4:], text)
    except (InvalidSignature, ValueError):
        raise Wrong("the signature is not of this text") from None
    return size, root


def commit_name(number: int) -> str:
    return f"commits/{number:020}.json"


def is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def is_mark(path: str, mark: Any) -> bool:
    kept = PATH.fullmatch(path) and not TEMPORARY.fullmatch(path) and path not in ("clearance.json", "work/lock")
    form = isinstance(mark, dict) and mark.keys() == {"sha256", "size"} and is_count(mark["size"])
    return bool(kept and form and HASH.fullmatch(str(mark["sha256"])))


def read_commit(data: bytes, number: int, parent: str | None) -> dict[str, Any]:
    commit = parse(data)
    form = commit.keys() == FIELDS and commit["format"] == 1 and str(commit["kind"]) in KINDS
    form = form and is_count(commit["format"]) and is_count(commit["number"])
    if not form or not isinstance(commit["manifest"], dict) or not isinstance(commit["payload"], dict):
        raise Wrong("is not a commit")
    if not all(is_mark(path, mark) for path, mark in commit["manifest"].items()):
        raise Wrong("names a file in a form that is not ours")
    if commit["number"] != number or commit["parent"] != parent:
        raise Wrong("does not follow from the commit before it")
    return commit


def adds_up(units: Any) -> bool:
    form = isinstance(units, dict) and units.keys() == UNITS and all(map(is_count, units.values()))
    return bool(form and 2 * units["units"] == sum(units.values()))


def walk(folder: str) -> Iterator[os.DirEntry[str]]:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from walk(entry.path)
        else:
            yield entry


class Check:
    """One reading of OUT; `problems` holds (place, problem) in the order found."""

    def __init__(self, out: Path, key: Key | None, kept: bytes | None) -> None:
        self.problems: list[tuple[str, str]] = []
        self.marks: dict[str, tuple[str, int]] = {}
        self.proofs: dict[str, bytes] = {}
        self.read_files(out)
        commits, entries = self.commits(), self.log()
        if commits is not None:
            self.leaves(commits, entries)
            self.files(commits)
            for commit in commits:
                self.sums(commit_name(commit["number"]), commit["kind"], commit["payload"])
        self.signature(key, kept, leaf_hashes(entries))

    def wrong(self, place: str, problem: object) -> None:
        self.problems.append((place, str(problem)))

    def read_files(self, out: Path) -> None:
        for entry in sorted(walk(str(out)), key=lambda entry: entry.path):
            path = Path(entry.path).relative_to(out).as_posix()
            if not entry.is_file(follow_symlinks=False):
                self.wrong(path, "is a link or special file")
                continue
            with open(entry.path, "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            self.marks[path] = digest, entry.stat(follow_symlinks=False).st_size
            if path.startswith(("commits/", "log/")) or path == "clearance.json":
                self.proofs[path] = Path(entry.path).read_bytes()
        if self.marks.get("work/lock", ("", 0))[1]:
            self.wrong("work/lock", "is not empty")

    def commits(self) -> list[dict[str, Any]] | None:
        """All commits; None if one cannot be read."""
        found: list[dict[str, Any]] = []
        names = [commit_name(number) for number in range(len(self.proofs))]
        names = names[: next((n for n, name in enumerate(names) if name not in self.proofs), None)]
        for path in self.proofs.keys() - set(names):
            if path.startswith("commits/") and not TEMPORARY.fullmatch(path):
                self.wrong(path, "is no commit, or one before it is missing")
        if not names or self.proofs.get("clearance.json") != self.proofs[names[-1]]:
            self.wrong("clearance.json", "is not the newest commit")
        parent = None
        for number, name in enumerate(names):
            try:
                found.append(read_commit(self.proofs[name], number, parent))
            except Wrong as error:
                self.wrong(name, error)
            parent = self.marks[name][0]
        return found if names and len(found) == len(names) else None

    def log(self) -> list[bytes]:
        """The entries under the checkpoint; none if they are not whole."""
        try:
            _, size, root, _, _ = read_note(self.proofs.get("log/checkpoint", b""))
        except Wrong as error:
            self.wrong("log/checkpoint", error)
            return []
        entries: list[bytes] = []
        while len(entries) < size:
            width = min(256, size - len(entries))
            path = tile("entries", len(entries) // 256, width)
            bundle = unpack(self.proofs.get(path, b""))
            if len(bundle) != width:
                self.wrong(path, f"does not hold the entries from {len(entries)} on")
                return []
            entries += bundle
        if mth(leaf_hashes(entries)) != root:
            self.wrong("log/checkpoint", "has another root than the entries")
        wanted = all_tiles(entries)
        whole = {path.partition(".p/")[0]: data for path, data in wanted.items()}
        for path in (self.proofs.keys() | wanted.keys()) - {"log/checkpoint", "log/verifier"}:
            stem, _, width_text = path.partition(".p/")
            right, width = wanted.get(path), int(width_text) if SIZE.fullmatch(width_text) else 0
            if right is None and 0 < width < 256:  # a partial tile of an earlier checkpoint begins the later one
                rows, data = "/entries/" in path, whole.get(stem, b"")
                right = pack(unpack(data)[:width]) if rows else data[: 32 * width]
                right = None if right == data else right
            if path.startswith("log/") and not TEMPORARY.fullmatch(path) and self.proofs.get(path) != right:
                self.wrong(path, "is not a tile of these entries")
        return entries

    def leaves(self, commits: list[dict[str, Any]], entries: list[bytes]) -> None:
        expected: list[tuple[str, dict[str, Any]]] = []
        before: dict[str, Any] = {}
        for commit in commits:
            number, files = commit["number"], commit["manifest"]
            name = commit_name(number)
            for path in sorted(path for path in files if path.startswith("cleared/")):
                if files[path] != before.get(path):
                    expected.append((name, {"commit": number, "leaf": "part", "path": path, **files[path]}))
            own = {
                "bytes": sum(mark["size"] for mark in files.values()),
                "files": len(files),
                "leaf": "commit",
            }
            own |= {field: commit[field] for field in ("kind", "number", "parent")}
            expected.append((name, own | {"sha256": self.marks[name][0]}))
            before = files
        rest = iter(expected)
        for row, entry in enumerate(entries):
            try:
                leaf = parse(entry)
            except Wrong as error:
                return self.wrong(f"log entry {row}", error)
            if leaf.get("leaf") != "event":
                name, wanted = next(rest, ("log", {}))
                if leaf != wanted:
                    return self.wrong(name, f"is not what log entry {row} says")
        for name in dict.fromkeys(name for name, _ in rest):
            self.wrong(name, "has no leaf in the log")
        return None

    def signature(self, key: Key | None, kept: bytes | None, hashes: list[bytes]) -> None:
        try:
            text, end, rest = self.proofs.get("log/verifier", b"").decode().partition("\n")
            beside = read_key(text)
            if rest or not end or key not in (None, beside):
                raise Wrong("is not the key given")
        except (Wrong, UnicodeDecodeError):
            return self.wrong("log/verifier", "is not the public key of this log")
        try:
            read_signed(self.proofs.get("log/checkpoint", b""), beside)
            if kept is not None:
                size, root = read_signed(kept, beside)
                if size > len(hashes) or mth(hashes[:size]) != root:
                    raise Wrong(f"does not extend the checkpoint given, of {size} entries: cut, rolled back or forked")
        except Wrong as error:
            self.wrong("log/checkpoint", error)
        return None

    def files(self, commits: list[dict[str, Any]]) -> None:
        last: dict[str, tuple[dict[str, Any], str | None]] = {}  # mark, and the kind of commit that dropped it
        for commit in commits:
            now, kind = commit["manifest"], commit["kind"]
            last = {path: (mark, by or kind) for path, (mark, by) in last.items()}
            last |= {path: (mark, None) for path, mark in now.items()}
        for path, (mark, by) in last.items():
            found = self.marks.get(path)
            if found is None and by is None:
                self.wrong(path, "is missing")
            elif found is not None and found != (mark["sha256"], mark["size"]):
                self.wrong(path, "is not the file that was committed")
            elif found is not None and by == "erase":
                self.wrong(path, "was erased by a later commit and is still here")
        for path in self.marks.keys() - last.keys() - self.proofs.keys() - {"work/lock"}:
            if not TEMPORARY.fullmatch(path):
                self.wrong(path, "no commit names this file")

    def sums(self, place: str, kind: str, payload: dict[str, Any]) -> None:
        if "counts" not in payload and kind != "clear":
            return None
        counts = payload.get("counts")
        total: Any
        shards, total = (counts.get("shards"), counts.get("total")) if isinstance(counts, dict) else (0, 0)
        if not isinstance(shards, dict) or not all(map(adds_up, [total, *shards.values()])):
            return self.wrong(place, "units do not add up")
        if any(sum(shard[word] for shard in shards.values()) != total[word] for word in UNITS):
            self.wrong(place, "the shards are not the total")
        return None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check a clearance without klarera.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--key", help="public key of the log, or a file that holds it")
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint of the same log kept elsewhere")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    try:
        text = Path(given.key).read_text().strip() if given.key and Path(given.key).is_file() else given.key
        key = read_key(text) if text is not None else None
        kept = given.checkpoint.read_bytes() if given.checkpoint else None
    except (Wrong, OSError, UnicodeDecodeError) as error:
        parser.error(f"--key or --checkpoint: {error}")
    if not given.out.is_dir():
        parser.error(f"{given.out}: no such folder")
    problems = Check(given.out, key, kept).problems
    vouched = "consistent, vouched for by nobody" if key is None and kept is None else "holds"
    verdict = "does not hold" if problems else vouched
    not_shown = NOT_SHOWN + ([ALONE] if kept is None else [])
    if given.json:
        found = [{"place": place, "problem": problem} for place, problem in problems]
        print(json.dumps({"verdict": verdict, "problems": found, "not_shown": not_shown}, indent=1))
    else:
        print(*(f"{place}: {problem}" for place, problem in problems), verdict, sep="\n")
        print("not shown:", *(f"- {line}" for line in not_shown), sep="\n")
    return 4 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
