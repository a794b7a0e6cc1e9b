"""Write examples/public-posts: invented posts of invented people, the same bytes at every run.

    python tools/make_example.py [FOLDER]

posts-a.jsonl and posts-b.jsonl are an own platform's ("agora"), early and late posts of the same authors;
posts-c.jsonl is scraped from a forum ("tresor"), which tells less about its posts and holds lines that
are broken. register.csv names people who have spoken; truth.tsv says what was planted in which post.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import banks
import chatter
from banks import SLOT, Bank
from invented import KINDS, Maker, ascii_fold

SEED = 20_261_122
AUTHORS = {"en": 72, "de": 48, "fr": 36} | dict.fromkeys(banks.LANGUAGES[3:], 16)
POSTS = 2_520
FORUM_SHARE = 3
"""Every third author writes in the forum."""
ROUNDS = {"en": 3, "de": 2, "fr": 2}
"""How often each plant sentence of a language is used, with other values each time; else once."""
CHAIN = {"en": 6, "de": 4, "fr": 2}
"""Authors who pass the chain post on."""
YOUNG_HANDLE, YOUNG_POSTS = "pixel_otter", 40
GROWN_UP = ("work", "home", "news", "food", "move", "garden", "question", "reply")
"""Topics the child does not write about."""
FIRST_DAY, LAST_DAY = datetime(2023, 1, 9, 6, tzinfo=UTC), datetime(2026, 10, 18, 22, tzinfo=UTC)
TURN = datetime(2025, 1, 1, tzinfo=UTC)
"""Posts of the platform before it are in posts-a, later ones in posts-b."""
LICENCES = ("CC-BY-4.0", "CC0-1.0", "CC-BY-NC-4.0", "all rights reserved")
ANIMALS = ("otter", "heron", "magpie", "badger", "newt", "lynx", "wren", "marten", "stork", "hare", "moth", "pike")
THINGS = ("pixel", "moss", "copper", "lantern", "paper", "velvet", "gravel", "ember", "cobalt", "willow", "salt", "tin")


@dataclass(frozen=True)
class Author:
    """Who writes: on which platform, in which language; birth_year None if the platform does not know."""

    handle: str
    name: str
    source: str
    language: str
    birth_year: int | None


@dataclass
class Post:
    """A post and what was planted in it, as KIND/about or near/why."""

    author: Author
    published: datetime
    text: str
    planted: list[str]
    id: str = ""
    values: dict[str, str] = field(default_factory=dict)
    """What filled the slots of the plant sentence."""


def people(random: Random, bank_of: dict[str, Bank]) -> list[Author]:
    """300 authors; the account of the child is the first."""
    found = [Author(YOUNG_HANDLE, "Pixel Otter", "agora", "en", None)]
    taken = {YOUNG_HANDLE}
    for language, number in AUTHORS.items():
        slots = bank_of[language].slots
        for place in range(number - (language == "en")):
            first, last = random.choice(slots["first"]), random.choice(slots["last"])
            handle = _handle(random, first, last, taken)
            name = random.choice((f"{first} {last}", f"{first} {last}", first, f"{first} {last[0]}.", handle))
            forum = place % FORUM_SHARE == 0
            year = None if forum else random.randint(1950, 2003)
            found.append(Author(handle, name, "tresor" if forum else "agora", language, year))
    return found


def _handle(random: Random, first: str, last: str, taken: set[str]) -> str:
    while True:
        a, b = ascii_fold(first), ascii_fold(last)
        thing, animal = random.choice(THINGS), random.choice(ANIMALS)
        handle = random.choice(
            (f"{a}_{animal}", f"{thing}{animal}", f"{a}.{b[:4]}", f"{thing}_{a}", f"{a}{random.randint(11, 99)}",
             f"{b}_{thing}")
        )  # fmt: skip
        if handle not in taken:
            taken.add(handle)
            return handle


def timeline(random: Random, authors: list[Author]) -> list[Post]:
    """Empty posts, some authors writing much and most little, in order of time."""
    weights = [random.paretovariate(1.3) for _ in authors]
    shares = random.choices(authors[1:], [min(w, 12) for w in weights[1:]], k=POSTS - len(authors) - YOUNG_POSTS + 1)
    span = (LAST_DAY - FIRST_DAY).total_seconds()
    found = []
    for author in [*authors[1:], *shares, *[authors[0]] * YOUNG_POSTS]:
        moment = FIRST_DAY + timedelta(seconds=int(random.random() * span))
        found.append(Post(author, moment, "", []))
    return sorted(found, key=lambda post: (post.published, post.author.handle))


def plant(random: Random, posts: list[Post], bank: Bank, make: Maker) -> None:
    """Put each plant sentence and near miss of the language into posts of different people's timelines."""
    free = [p for p in posts if p.author.language == bank.language and p.author.handle != YOUNG_HANDLE]
    random.shuffle(free)
    rounds = ROUNDS.get(bank.language, 1)
    wanted = [
        (sentence, title)
        for title, sentences in bank.plants.items()
        for sentence in sentences
        for _ in range(1 if title.startswith("OBJECTION") else rounds)
        if title not in ("MINOR/author", "CHAIN_OBJECTION/author")
    ]
    wanted += [(s, f"near/{why}") for why, sentences in bank.near.items() for s in sentences for _ in range(rounds)]
    for sentence, title in wanted:
        post = free.pop()
        post.planted = labels(sentence, title)
        core = bank.fill(sentence, random.choice, noted(make, post.values))
        around = (
            [] if title.startswith("OBJECTION") else chatter.sentences(random, bank, make, random.choice((0, 0, 1, 2)))
        )
        spot = random.randint(0, len(around))
        post.text = chatter.join([*around[:spot], core, *around[spot:]])
    spread_chain(free, bank)


def noted(make: Maker, values: dict[str, str]) -> Callable[[str], str]:
    """`make` that also writes down what it made."""

    def one(slot: str) -> str:
        values[slot] = make(slot)
        return values[slot]

    return one


def labels(sentence: str, title: str) -> list[str]:
    """What a plant sentence holds: its title, and what its slots add."""
    found = [title]
    for slot in SLOT.findall(sentence):
        label = f"{KINDS[slot]}/{'other' if slot == 'person' else title.partition('/')[2]}" if slot in KINDS else ""
        if label and label not in found and not title.startswith("near/"):
            found.append("PERSON/author" if title == "PERSON/author" else label)
    return list(dict.fromkeys(found))


def spread_chain(free: list[Post], bank: Bank) -> None:
    """The same chain post by several authors."""
    told: set[str] = set()
    while len(told) < CHAIN.get(bank.language, 0):
        post = free.pop()
        if post.author.handle not in told:
            told.add(post.author.handle)
            post.text, post.planted = bank.plants["CHAIN_OBJECTION/author"][0], ["CHAIN_OBJECTION/author"]


def speak(random: Random, posts: list[Post], bank_of: dict[str, Bank], maker_of: dict[str, Maker]) -> None:
    """Fill the posts that nothing was planted in, and let people answer each other."""
    handles: dict[tuple[str, str], list[str]] = {}
    for post in posts:
        handles.setdefault((post.author.source, post.author.language), []).append(post.author.handle)
    young = [p for p in posts if p.author.handle == YOUNG_HANDLE and p.published < TURN]
    told = young[len(young) // 2]
    told.text = bank_of["en"].fill(bank_of["en"].plants["MINOR/author"][0], random.choice, maker_of["en"])
    told.planted = ["MINOR/author"]
    for post in posts:
        if not post.text:
            bank, make = bank_of[post.author.language], maker_of[post.author.language]
            others = [h for h in handles[post.author.source, bank.language] if h != post.author.handle]
            skip = GROWN_UP if post.author.handle == YOUNG_HANDLE else ()
            post.text, seen = chatter.post(random, bank, make, others, skip)
            post.planted += seen


def number(random: Random, posts: list[Post]) -> None:
    """Ids as the two platforms give them."""
    for at, post in enumerate(posts):
        if post.author.source == "agora":
            post.id = f"{int(post.published.timestamp()) << 16 | random.randint(0, 65535)}"
        else:
            post.id = f"t-{at + 100:05}"


def row(random: Random, post: Post) -> dict[str, object]:
    """The post as its platform tells it."""
    author, at = post.author, post.published.strftime("%Y-%m-%dT%H:%M:%SZ")
    found: dict[str, object] = {"id": post.id, "source": author.source, "text": post.text, "author": author.handle,
                                "author_name": author.name, "published_at": at}  # fmt: skip
    licence = random.choice(LICENCES) if random.random() < 0.02 else None
    if author.source == "tresor":
        found["url"] = f"https://tresor.example/@{author.handle}/{post.id}"
    else:
        found["url"] = f"https://social.example/@{author.handle}/{post.id}"
        found["visibility"] = random.choices(("public", "login", "private"), (95, 4, 1))[0]
        found["language"] = author.language
        if author.birth_year is not None:
            found["author_birth_year"] = author.birth_year
    return found | ({"licence": licence} if licence else {})


def broken(lines: list[bytes]) -> list[bytes]:
    """The forum's lines with five that cannot be read and one without text among them."""
    start = b'{"id": "t-9000%d", "source": "tresor", "author": "cobaltmoth", "published_at": "2024-06-01T10:00:00Z", '
    bad = [
        start % 1 + b'"text": "the scraper stopped in the middle of this li',
        start % 2 + b'"text": "caf\xe9 au lait, in Latin-1"}',
        start % 3 + b'"text": 404}',
        start % 4 + rb'"text": "half of an emoji \ud83d"}',
        start % 5 + b'"text": "one", "text": "two"}',
        start % 6 + b'"text": null, "url": "https://tresor.example/@cobaltmoth/t-90006"}',
    ]
    step = len(lines) // (len(bad) + 1)
    for place, line in enumerate(bad, 1):
        lines.insert(place * step, line)
    return lines


def register(random: Random, posts: list[Post]) -> Iterator[tuple[str, str, str, str, str]]:
    """People who have spoken: authors by handle, third persons by the address others posted."""
    busy = Counter(p.author for p in posts if p.author.handle != YOUNG_HANDLE)
    silenced = {p.author for p in posts if any("OBJECTION" in what for what in p.planted)}
    known = sorted((a for a, n in busy.items() if n >= 5 and a not in silenced), key=lambda a: a.handle)
    authors = random.sample([a for a in known if a.source == "agora"], 9)
    authors += random.sample([a for a in known if a.source == "tresor"], 3)
    open_hearted = next(p.author for p in posts if "HEALTH/author" in p.planted and p.author not in authors
                        and p.author not in silenced and p.author.source == "agora")  # fmt: skip
    kinds = ["objection"] * 6 + ["erasure", "erasure", "reservation", "objection", "objection", "erasure"]
    for day, (author, kind) in enumerate(zip([*authors, open_hearted], [*kinds, "consent"], strict=True), 3):
        yield kind, "handle", f"@{author.handle}", author.source, f"2026-{1 + day % 9:02}-{day:02}"
    third = [p for p in posts if p.planted[:1] == ["EMAIL/other"]]
    for day, post in enumerate(random.sample(third, 4), 11):
        yield "objection" if day % 2 else "erasure", "email", post.values["email"], "", f"2026-05-{day}"
    called = next(p for p in posts if p.planted[:1] == ["PHONE/other"])
    yield "objection", "phone", called.values["phone"], "", "2026-06-02"
    yield "reservation", "url", "https://blog.example/", "", "2026-06-20"


def main(folder: Path) -> None:
    """Make everything and write it."""
    random = Random(SEED)  # noqa: S311 - repeatable test data
    bank_of = {language: banks.load(language) for language in banks.LANGUAGES}
    maker_of = {k: Maker(random, k, b.slots["first"], b.slots["last"]) for k, b in bank_of.items()}
    posts = timeline(random, people(random, bank_of))
    for language, bank in bank_of.items():
        plant(random, posts, bank, maker_of[language])
    speak(random, posts, bank_of, maker_of)
    number(random, posts)
    parts: dict[str, list[bytes]] = {"posts-a.jsonl": [], "posts-b.jsonl": [], "posts-c.jsonl": []}
    for post in posts:
        part = "c" if post.author.source == "tresor" else "a" if post.published < TURN else "b"
        parts[f"posts-{part}.jsonl"].append(json.dumps(row(random, post), ensure_ascii=False).encode())
    parts["posts-c.jsonl"] = broken(parts["posts-c.jsonl"])
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in parts.items():
        (folder / name).write_bytes(b"\n".join(lines) + b"\n")
    rows = [(post.id, what) for post in posts for what in post.planted]
    (folder / "truth.tsv").write_text("id\twhat\n" + "".join(f"{i}\t{what}\n" for i, what in rows), "utf-8")
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("kind", "identifier_kind", "identifier", "source", "received_at"))
    writer.writerows(register(random, posts))
    (folder / "register.csv").write_text(table.getvalue(), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "examples" / "public-posts")
