"""What an opponent, the owner of the keys included, may do to a clearance of three commits.

Each takes the folder, the signing keys and a seeded source of chance, and changes the folder. `FORGED` are
signed again with the true key: only a checkpoint kept elsewhere shows them. `BROKEN` are not, and show by
themselves.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from small_clearance import FIRST, SECOND, change, units

from klarera.evidence import commits, files, tiles
from klarera.evidence.canonical import canonical, parse
from klarera.evidence.checkpoint import Checkpoint
from klarera.evidence.commits import Commit, commit_path
from klarera.evidence.keys import Keys
from klarera.evidence.lock import Lock
from klarera.evidence.log import Log
from klarera.evidence.merkle import leaf_hash, root

Attack = Callable[[Path, Keys, random.Random], None]
OTHER = Keys("posts", bytes(32), bytes(range(32)))


def entries_of(out: Path) -> list[bytes]:
    return list(Log.open(out / "log").entries())


def lay_log(out: Path, keys: Keys, entries: Sequence[bytes]) -> None:
    """A whole log over any entries, signed."""
    shutil.rmtree(out / "log")
    hashes = [leaf_hash(entry) for entry in entries]
    for path, data in (*tiles.bundles(0, [], entries), *tiles.grow(0, hashes, lambda _: [])):
        files.write_atomic(out / "log" / path, data)
    point = Checkpoint(keys.verifier.name, len(entries), root(hashes))
    files.write_atomic(out / "log" / "checkpoint", point.note(keys.verifier, keys.sign))
    files.write_atomic(out / "log" / "verifier", f"{keys.verifier}\n".encode())


def begin_again(out: Path, keys: Keys, count: int, rng: random.Random) -> None:
    """Another history of `count` commits, told by the real writers over the same files."""
    for path in ("commits", "log"):
        shutil.rmtree(out / path)
    (out / "clearance.json").unlink()
    with Lock(out) as lock:
        change(lock, keys, FIRST, payload=units(rng.randint(4, 99)))
        for _ in range(count - 1):
            change(lock, keys, SECOND, "apply", units(rng.randint(4, 99)))


def drop_last_commit(out: Path, keys: Keys, rng: random.Random) -> None:
    (out / commit_path(2)).unlink()
    (out / "clearance.json").write_bytes((out / commit_path(1)).read_bytes())
    lay_log(out, keys, entries_of(out)[:-1])


def new_history(out: Path, keys: Keys, rng: random.Random) -> None:
    begin_again(out, keys, 3, rng)


def longer_history(out: Path, keys: Keys, rng: random.Random) -> None:
    begin_again(out, keys, 4 + rng.randint(0, 2), rng)


def shorter_history(out: Path, keys: Keys, rng: random.Random) -> None:
    begin_again(out, keys, 2, rng)


def fork_after_first(out: Path, keys: Keys, rng: random.Random) -> None:
    """The first commit is kept, the others are told differently."""
    first = commits.chain(out)[0]
    for number in (1, 2):
        (out / commit_path(number)).unlink()
    (out / "clearance.json").write_bytes(first.data)
    (out / "report.html").write_bytes(FIRST["report.html"])
    lay_log(out, keys, entries_of(out)[:2])
    with Lock(out) as lock:
        for _ in range(rng.randint(1, 3)):
            change(lock, keys, SECOND, "decide", units(rng.randint(4, 99)))


def slip_in_event(out: Path, keys: Keys, rng: random.Random) -> None:
    """An event leaf is put between old entries."""
    entries = entries_of(out)
    place = rng.randrange(len(entries))
    event = b'{"leaf":"event","number":%d}' % rng.randrange(10**6)
    lay_log(out, keys, [*entries[:place], event, *entries[place:]])


def other_key(out: Path, keys: Keys, rng: random.Random) -> None:
    lay_log(out, OTHER, entries_of(out))


FORGED: dict[str, Attack] = {
    attack.__name__: attack
    for attack in (
        drop_last_commit,
        new_history,
        longer_history,
        shorter_history,
        fork_after_first,
        slip_in_event,
        other_key,
    )
}


def flip(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(bytes(data))


def flip_a_bit(out: Path, keys: Keys, rng: random.Random) -> None:
    flip(rng.choice([path for path in sorted(out.rglob("*")) if path.is_file() and path.stat().st_size]), rng)


def remove_a_file(out: Path, keys: Keys, rng: random.Random) -> None:
    partial = [p for p in out.rglob("*") if p.parent.name == "000.p" and p.name != "5"]  # may be deleted by anyone
    lock = out / "work/lock"
    rng.choice([p for p in sorted(out.rglob("*")) if p.is_file() and p != lock and p not in partial]).unlink()


def cut_a_file(out: Path, keys: Keys, rng: random.Random) -> None:
    path = rng.choice([p for p in sorted(out.rglob("*")) if p.is_file() and p.stat().st_size])
    path.write_bytes(path.read_bytes()[: rng.randrange(path.stat().st_size)])


def lengthen_a_file(out: Path, keys: Keys, rng: random.Random) -> None:
    path = rng.choice([p for p in sorted(out.rglob("*")) if p.is_file()])
    path.write_bytes(path.read_bytes() + rng.randbytes(rng.randint(1, 40)))


def swap_two_files(out: Path, keys: Keys, rng: random.Random) -> None:
    one, two = rng.sample([p for p in sorted(out.rglob("*")) if p.is_file() and p.name != "clearance.json"], 2)
    if one.read_bytes() == two.read_bytes():
        one.unlink()
    else:
        kept = one.read_bytes()
        one.write_bytes(two.read_bytes())
        two.write_bytes(kept)


def slip_in_a_file(out: Path, keys: Keys, rng: random.Random) -> None:
    outside = ["cleared/part-9.parquet", "work/x", "x", "commits/x", "commits/00000000000000000004.json", "log/x"]
    tile = ["log/tile/0/001", "log/tile/0/000.p/3", "log/tile/0/000.p/05", "log/tile/entries/000.p/6"]
    place = rng.choice(outside + tile)
    (out / place).write_bytes(rng.randbytes(rng.choice([0, 5, 32, 160])))


def slip_in_a_link(out: Path, keys: Keys, rng: random.Random) -> None:
    path = out / rng.choice(["cleared/part-0.parquet", "report.html", "cleared", "log/checkpoint"])
    path.rename(out.parent / "elsewhere")
    path.symlink_to(out.parent / "elsewhere")


def remove_last_entry(out: Path, keys: Keys, rng: random.Random) -> None:
    """The last entry goes from tiles and bundle; the signature is the old one's, or the size is edited."""
    note = (out / "log/checkpoint").read_bytes()
    point = Checkpoint(keys.verifier.name, 4, Log.open(out / "log").root(4))
    lay_log(out, keys, entries_of(out)[:-1])
    way = rng.randrange(3)
    tail = note.partition(b"\n\n")[2]
    (out / "log/checkpoint").write_bytes([note, note.replace(b"\n5\n", b"\n4\n"), point.text + b"\n" + tail][way])


def remove_last_entry_and_sign(out: Path, keys: Keys, rng: random.Random) -> None:
    """As the owner would: but the commit is still there."""
    lay_log(out, keys, entries_of(out)[: rng.randint(0, 4)])


def reorder_entries(out: Path, keys: Keys, rng: random.Random) -> None:
    entries = entries_of(out)
    one, two = rng.sample(range(5), 2)
    entries[one], entries[two] = entries[two], entries[one]
    lay_log(out, keys, entries)


def edit_an_entry(out: Path, keys: Keys, rng: random.Random) -> None:
    entries = entries_of(out)
    row = rng.randrange(5)
    entries[row] = rng.choice([b"{}", b"", b"[]", entries[row][:-1], entries[row].replace(b'"', b"'"), b"\xff"])
    lay_log(out, keys, entries)


def repeat_an_entry(out: Path, keys: Keys, rng: random.Random) -> None:
    entries = entries_of(out)
    lay_log(out, keys, [*entries, rng.choice(entries)])


def swap_two_rows(out: Path, keys: Keys, rng: random.Random) -> None:
    path = out / "cleared/part-0.parquet"
    data = path.read_bytes()
    place = next(i for i in range(len(data) - 1) if data[i] != data[i + 1])
    path.write_bytes(data[:place] + data[place + 1 : place + 2] + data[place : place + 1] + data[place + 2 :])


def wrong_descent(out: Path, keys: Keys, rng: random.Random) -> None:
    """The newest commit names another parent or number; its leaf is logged and signed to match."""
    parent = commits.chain(out)[1]
    old = parse((out / commit_path(2)).read_bytes(), "")
    changes: list[dict[str, object]] = [{"parent": "ab" * 32}, {"parent": None}, {"number": rng.choice([0, 1, 3])}]
    data = canonical({**old, **rng.choice(changes)})
    (out / commit_path(2)).write_bytes(data)
    (out / "clearance.json").write_bytes(data)
    leaf = next(commits.leaves(Commit.decode(data, ""), parent))
    lay_log(out, keys, [*entries_of(out)[:-1], canonical(leaf)])


BROKEN: dict[str, Attack] = {
    attack.__name__: attack
    for attack in (
        flip_a_bit,
        remove_a_file,
        cut_a_file,
        lengthen_a_file,
        swap_two_files,
        slip_in_a_file,
        slip_in_a_link,
        remove_last_entry,
        remove_last_entry_and_sign,
        reorder_entries,
        edit_an_entry,
        repeat_an_entry,
        swap_two_rows,
        wrong_descent,
    )
}
