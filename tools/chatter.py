"""Ordinary posts: sentences of one topic, and what people add to them (answers, links, tags, slips)."""

from __future__ import annotations

from random import Random

from banks import Bank
from invented import Maker

__all__ = ["join", "post", "sentences"]

TOPICS_ALONE = ("short", "meme", "reply", "question")
EMOJI = ("😂", "🙃", "❤️", "🔥", "👀", "🎉", "😭", "🤷", "✨", "🙏", "😅", "🌧️", "🫠", "👏")
ENDS = (".", "!", "!!", "...", "", "", " :)", "?!")
ENGLISH_BITS = ("not gonna lie, ", "plot twist: ", "btw ", "breaking news: ")
FOREIGN_BITS = ("c'est la vie, ", "na ja, ", "mamma mia, ", "ojalá, ")


def sentences(random: Random, bank: Bank, make: Maker, n: int, skip: tuple[str, ...] = ()) -> list[str]:
    """n filled sentences of one topic that is not in `skip`."""
    topic = random.choice([t for t in bank.topics if t not in TOPICS_ALONE + skip])
    chosen = random.sample(bank.topics[topic], min(n, len(bank.topics[topic])))
    return [bank.fill(sentence, random.choice, make) for sentence in chosen]


def join(parts: list[str]) -> str:
    """Sentences one after the other; one that ends without a mark gets a full stop before the next."""
    ended = [p if p[-1] in ".!?…)" or i == len(parts) - 1 else f"{p}." for i, p in enumerate(parts)]
    return " ".join(ended)


def post(
    random: Random, bank: Bank, make: Maker, handles: list[str], skip: tuple[str, ...] = ()
) -> tuple[str, list[str]]:
    """An ordinary post of a topic not in `skip`, and what it holds that identifies somebody."""
    if random.random() < 0.3:
        topic = random.choice([t for t in TOPICS_ALONE if t not in skip])
        if topic == "meme":  # passed on as it is, by many
            return random.choice(bank.topics[topic]), []
        text = bank.fill(random.choice(bank.topics[topic]), random.choice, make)
    else:
        n = random.choices((1, 2, 3, 5), (50, 30, 14, 6))[0]
        text = join(sentences(random, bank, make, n, skip))
        topic = ""
    text = _slip(random, _voice(random, bank, text))
    return _adorn(random, bank, make, text, handles if topic == "reply" or random.random() < 0.2 else [])


def _voice(random: Random, bank: Bank, text: str) -> str:
    """What makes one sentence two people's: a filler, a loan, an ending, capitals."""
    if random.random() < 0.12:
        text = f"{random.choice(bank.slots['word'])}, {text}"
    if random.random() < 0.05:
        text = random.choice(FOREIGN_BITS if bank.language == "en" else ENGLISH_BITS) + text
    if text[-1].isalnum():
        text += random.choice(ENDS)
    if random.random() < 0.03:
        return text.upper()
    return text[0].upper() + text[1:] if random.random() < 0.35 else text


def _slip(random: Random, text: str) -> str:
    """In one post of fourteen two neighbouring letters of a long word change places."""
    words = text.split(" ")
    long = [i for i, w in enumerate(words) if len(w) > 5 and w.isalpha()]
    if long and random.random() < 0.07:
        i = random.choice(long)
        at = random.randint(1, len(words[i]) - 3)
        w = words[i]
        words[i] = w[:at] + w[at + 1] + w[at] + w[at + 2 :]
    return " ".join(words)


def _adorn(random: Random, bank: Bank, make: Maker, text: str, handles: list[str]) -> tuple[str, list[str]]:
    """With answer marks, links, tags and emoji."""
    seen = []
    if handles:
        to = random.sample(handles, min(len(handles), random.choice((1, 1, 1, 2))))
        text = " ".join(f"@{h}" for h in dict.fromkeys(to)) + f" {text}"
        seen.append("HANDLE/other")
    if random.random() < 0.08:
        text += f" {make('url')}"
    elif handles and random.random() < 0.05:
        text += f" https://social.example/@{random.choice(handles)}"
        seen.append("PROFILE_URL/other")
    if random.random() < 0.2:
        tags = random.sample(bank.slots["tag"], random.choice((1, 1, 2, 3)))
        text += "".join(f" #{tag}" for tag in tags)
    if random.random() < 0.18:
        text += " " + random.choice(EMOJI) * random.choice((1, 1, 1, 3))
    return text, seen
