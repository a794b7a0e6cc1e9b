"""The checks of `verify`, in its order: pure functions from a Bundle to what does not hold.

A check whose ground is missing stays silent: the check before it has named the file. Each comment gives
the attack or accident that the check is for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from klarera.errors import EvidenceError
from klarera.evidence import files, merkle, tiles
from klarera.evidence.bundle import Bundle
from klarera.evidence.canonical import parse
from klarera.evidence.checkpoint import Verifier, read_checkpoint
from klarera.evidence.commits import Commit, commit_path, leaves
from klarera.evidence.files import Mark
from klarera.evidence.lock import LOCK

OUTCOMES = ("kept", "redacted", "held", "dropped", "unreadable")

Found = tuple[str, str, int | None]
"""(place, problem, row)"""


def layout(bundle: Bundle) -> Iterator[Found]:
    """A link could lead out of OUT; a commit behind a gap would be skipped."""
    for path in bundle.odd:
        yield path, "is a link or special file", None
    for path in ("clearance.json", commit_path(0), "log/checkpoint", "log/verifier"):
        if path not in bundle.marks:
            yield path, "is missing", None
    if bundle.marks.get(LOCK, Mark("", 0)).size:
        yield LOCK, "is not empty", None
    known = {commit_path(number) for number in range(len(bundle.commits))}
    for path in bundle.marks:
        if path.startswith("commits/") and path not in known and not _is_temporary(path):
            yield path, "is no commit, or one before it is missing", None


def commits(bundle: Bundle) -> Iterator[Found]:
    """An edited commit breaks the chain at the next one, the newest at its leaf."""
    before: str | None = None
    for number, commit in enumerate(bundle.commits):
        place = commit_path(number)
        if isinstance(commit, EvidenceError):
            yield place, "is not a commit in canonical form", None
        else:
            if commit.number != number:
                yield place, f"says it is number {commit.number}", None
            if commit.parent != before:
                yield place, "names another parent than the commit before it", None
        before = bundle.marks[place].sha256
    newest = commit_path(len(bundle.commits) - 1)
    if "clearance.json" in bundle.proofs and bundle.proofs["clearance.json"] != bundle.proofs.get(newest):
        yield "clearance.json", "is not the newest commit", None


def commit_leaves(bundle: Bundle) -> Iterator[Found]:
    """A commit swapped, removed or added after the log was signed; a run killed before it logged."""
    expected: list[tuple[str, dict[str, object]]] = []
    before: Commit | None = None
    for commit in bundle.commits:
        if isinstance(commit, EvidenceError):
            return
        expected += [(commit.name, leaf) for leaf in leaves(commit, before)]
        before = commit
    rest = iter(expected)
    for row, entry in enumerate(bundle.entries):
        place = f"log/{_bundle_path(row, len(bundle.entries))}"
        try:
            leaf = parse(entry, place)
        except EvidenceError:
            yield place, "an entry is not canonical JSON", row
            return
        if leaf.get("leaf") == "event":
            continue
        owner, wanted = next(rest, (place, None))
        if leaf != wanted:
            gone = "the log has a leaf of a commit that is not here"
            yield owner, "is not what was logged" if wanted else gone, row
            return
    for name in dict.fromkeys(owner for owner, _ in rest):
        yield name, "has no leaf in the log (an interrupted run is completed by the next one)", None


def log_tiles(bundle: Bundle) -> Iterator[Found]:
    """An entry edited, removed, swapped, or added without a checkpoint."""
    claimed = bundle.checkpoint
    if claimed is None:
        if "log/checkpoint" in bundle.proofs:
            yield "log/checkpoint", "is not a checkpoint", None
        return
    if (there := len(bundle.entries)) < claimed.size:
        yield f"log/{_bundle_path(there, claimed.size)}", f"does not hold the entries from {there} on", None
        return
    wanted = dict(tiles.grow(0, bundle.hashes, lambda _: []))
    wanted |= dict(tiles.bundles(0, [], bundle.entries))
    if merkle.root(bundle.hashes) != claimed.root:
        found = list(_wrong_entries(bundle))
        yield from found
        if not found:
            yield "log/checkpoint", "has another root than entries and tiles", None
        return
    for path, content in wanted.items():
        if bundle.proofs.get(f"log/{path}") != content:
            yield f"log/{path}", "is not the tile of these entries", None
    yield from _other_tiles(bundle, wanted)


def _wrong_entries(bundle: Bundle) -> Iterator[Found]:
    """Rows whose hash is not the one in their tile. Which of the two is right, the root cannot tell."""
    size = len(bundle.entries)
    for row, leaf in enumerate(bundle.hashes):
        index = row // tiles.WIDTH
        path = f"log/{tiles.tile_path(0, index, min(tiles.WIDTH, size - index * tiles.WIDTH))}"
        start = row % tiles.WIDTH * 32
        if bundle.proofs.get(path, b"")[start : start + 32] != leaf:
            yield f"log/{_bundle_path(row, size)}", "is not the entry that was logged", row


def _other_tiles(bundle: Bundle, wanted: Mapping[str, bytes]) -> Iterator[Found]:
    """Partial tiles of earlier checkpoints must begin the later ones; nothing else belongs to a log."""
    whole = {path.partition(".p/")[0]: content for path, content in wanted.items()}
    for path, content in bundle.proofs.items():
        name = path.removeprefix("log/")
        ours = name in wanted or name in ("checkpoint", "verifier") or _is_temporary(path)
        if ours or not path.startswith("log/"):
            continue
        stem, _, width = name.partition(".p/")
        later = whole.get(stem, b"")
        if not later or not width:
            yield path, "lies beyond the checkpoint, or is no tile", None
        elif not (len(content) < len(later) and later.startswith(content) and _count(stem, content) == width):
            yield path, "does not begin the tile that followed it", None


def _count(stem: str, content: bytes) -> str:
    """Items in a partial tile, as its name must say it."""
    if stem.startswith("tile/entries/"):
        return str(len(tiles.unpack(content) or []))
    return str(len(content) / 32).removesuffix(".0")


def signature(bundle: Bundle, key: Verifier | None) -> Iterator[Found]:
    """A log made by someone else."""
    beside = bundle.verifier
    if beside is None and "log/verifier" in bundle.proofs:
        yield "log/verifier", "is not a public key of a log", None
    if key is not None and beside is not None and key != beside:
        yield "log/verifier", "is not the key given", None
    verifier = key or beside
    if verifier is not None and bundle.checkpoint is not None:
        try:
            read_checkpoint(bundle.proofs["log/checkpoint"], verifier)
        except EvidenceError as error:
            yield "log/checkpoint", str(error).removeprefix("checkpoint: "), None


def older_checkpoint(bundle: Bundle, key: Verifier | None, note: bytes) -> Iterator[Found]:
    """History cut, rolled back or forked, and signed again: only a copy kept elsewhere shows that."""
    verifier = key or bundle.verifier
    if verifier is None:
        return
    try:
        kept = read_checkpoint(note, verifier)
    except EvidenceError as error:
        yield "checkpoint given", str(error).removeprefix("checkpoint: "), None
        return
    if kept.size > len(bundle.hashes):
        yield "log/checkpoint", f"the log once had {kept.size} entries: it was cut or rolled back", None
    elif merkle.root(bundle.hashes[: kept.size]) != kept.root:
        problem = f"the first {kept.size} entries are not those signed before: history forked"
        yield "log/checkpoint", problem, None


def manifest(bundle: Bundle) -> Iterator[Found]:
    """Any file changed, removed or slipped in."""
    if bundle.head is None:
        return
    for path, mark in bundle.head.manifest.items():
        if path not in bundle.marks:
            yield path, "is missing", None
        elif bundle.marks[path] != mark:
            yield path, "is not the file that was committed", None
    earlier = _earlier(bundle)
    for path, found in bundle.marks.items():
        if path in bundle.head.manifest or path in bundle.proofs or path == LOCK or _is_temporary(path):
            continue
        if path not in earlier:
            yield path, "no commit names this file", None
        elif earlier[path][0] != found:
            yield path, "is not the file that was committed", None
        elif earlier[path][1] == "erase":
            yield path, "was erased by a later commit and is still here", None


def sums(bundle: Bundle) -> Iterator[Found]:
    """A unit of input that vanished."""
    for commit in bundle.commits:
        if not isinstance(commit, Commit):
            continue
        if "counts" not in commit.payload:
            if commit.kind == "clear":
                yield commit.name, "has no counts", None
            continue
        counts = commit.payload["counts"]
        shards = counts.get("shards") if isinstance(counts, dict) else None
        if not isinstance(shards, dict) or not isinstance(counts, dict):
            yield commit.name, "has counts without shards", None
            continue
        for name, units in [*shards.items(), ("total", counts.get("total"))]:
            if not _adds_up(units):
                yield commit.name, f"units of {name} do not add up", None
        if all(map(_adds_up, [*shards.values(), counts.get("total")])):
            for word in ("units", *OUTCOMES):
                if sum(units[word] for units in shards.values()) != counts["total"][word]:
                    yield commit.name, f"{word} of the shards are not {word} of the total", None


def _adds_up(units: object) -> bool:
    if not isinstance(units, dict) or set(units) != {"units", *OUTCOMES}:
        return False
    if not all(type(count) is int and count >= 0 for count in units.values()):
        return False
    return bool(units["units"] == sum(units[word] for word in OUTCOMES))


def notes(bundle: Bundle) -> Iterator[str]:
    """What is worth knowing and no problem."""
    left = sum(map(_is_temporary, bundle.marks))
    if left:
        yield f"{left} temporary files of an interrupted run"
    kept = bundle.head.manifest if bundle.head else {}
    old = sum(path in bundle.marks for path in _earlier(bundle) if path not in kept)
    if old:
        yield f"{old} files of earlier commits are still here"


def _earlier(bundle: Bundle) -> dict[str, tuple[Mark, str]]:
    """Files of past states: last mark, and the kind of the commit that dropped it."""
    found: dict[str, tuple[Mark, str]] = {}
    read = [commit for commit in bundle.commits if isinstance(commit, Commit)]
    for commit, following in pairwise(read):
        for path in commit.manifest.keys() - following.manifest.keys():
            found[path] = commit.manifest[path], following.kind
    return found


def _bundle_path(row: int, size: int) -> str:
    index = row // tiles.WIDTH
    return tiles.tile_path("entries", index, min(tiles.WIDTH, size - index * tiles.WIDTH))


def _is_temporary(path: str) -> bool:
    return files.is_temporary(path.rpartition("/")[2])
