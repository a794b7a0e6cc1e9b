"""Invented values of every kind a post may hold: right in form and checksum, made for tests only.

E-mail addresses and links lie under reserved names (RFC 2606), network addresses in the documentation
ranges (RFC 5737, RFC 3849), card numbers are the published test numbers. Telephone numbers come from the
ranges regulators keep for fiction where there is one (de: BNetzA, fr: ARCEP, en: Ofcom, sv: PTS), else
they are counting patterns. Account and personal numbers are drawn at random and given the check digits
of their scheme, so that a detector accepts them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from random import Random

import personal

__all__ = ["KINDS", "Maker", "ascii_fold", "iban"]

DOMAINS = ("example.org", "example.com", "example.net", "post.example", "mail.example", "haus.example")
SITES = ("blog.example", "news.example", "photos.example", "wiki.example", "shop.example", "example.org")
SLUGS = ("a-slow-winter", "2024/05/market-day", "how-to-fix-it", "river", "notes-17", "p/8841", "kitchen/soup",
         "maps?zoom=12", "archive/issue-9", "watch?id=k7Qm2")  # fmt: skip
CARDS = ("4111 1111 1111 1111", "5555 5555 5555 4444", "4012888888881881", "3782 822463 10005",
         "5105-1051-0510-5100", "4000 0566 5566 5556", "6011 1111 1111 1117")  # fmt: skip
PHONES = {
    "en": ("+44 20 7946 0###", "020 7946 0###"),
    "de": ("+49 30 23125 ###", "030 23125###", "+49 171 39200##", "040 66969 ###"),
    "fr": ("+33 1 99 00 ## ##", "01 99 00 ## ##"),
    "es": ("+34 600 12 34 ##", "612 34 56 ##"),
    "it": ("+39 320 12345##", "+39 333 1234 5##"),
    "nl": ("+31 6 123456##", "06-123456##"),
    "pl": ("+48 500 123 4##", "600 123 4##"),
    "pt": ("+351 912 345 6##", "912 345 6##"),
    "sv": ("+46 8 465 004 ##", "070-174 06 ##"),
    "fi": ("+358 40 123 45##", "040 123 45##"),
    "cs": ("+420 601 123 4##", "777 123 4##"),
    "ro": ("+40 721 123 4##", "0721 123 4##"),
}
BBAN = {
    "en": ("IE", "AAAA##############"), "de": ("DE", "##################"), "fr": ("FR", "#" * 23),
    "es": ("ES", "#" * 20), "it": ("IT", "A" + "#" * 22), "nl": ("NL", "AAAA##########"), "pl": ("PL", "#" * 24),
    "pt": ("PT", "#" * 21), "sv": ("SE", "#" * 20), "fi": ("FI", "#" * 14), "cs": ("CZ", "#" * 20),
    "ro": ("RO", "AAAA################"),
}  # fmt: skip
"""Country and layout of the account number (# digit, A letter). Source: SWIFT IBAN registry, structures."""

PRICES = {"en": "€{}.{}", "sv": "{} kr", "pl": "{},{} zł", "cs": "{} Kč", "ro": "{} lei"}
DATES = {"en": "{d} {name} {y}", "sv": "{y}-{m:02}-{d:02}", "nl": "{d}-{m}-{y}", "fr": "{d:02}/{m:02}/{y}",
         "es": "{d:02}/{m:02}/{y}", "it": "{d:02}/{m:02}/{y}", "pt": "{d:02}/{m:02}/{y}"}  # fmt: skip
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
PLAIN = str.maketrans({"ł": "l", "ø": "o", "ß": "ss", "œ": "oe", "æ": "ae", "đ": "d"})


def ascii_fold(name: str) -> str:
    """A name in small ASCII letters, for addresses and handles; what has no such letter is left out."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(PLAIN))
    return "".join(c for c in plain if c.isascii() and (c.isalnum() or c in "._-"))


def iban(random: Random, language: str) -> str:
    """An account number of the language's country with right check digits (ISO 13616, mod 97)."""
    country, layout = BBAN[language]
    bban = _digits(random, layout.replace("A", "@"))
    while "@" in bban:
        bban = bban.replace("@", random.choice("BCDFGHKLMNPRSTVZ"), 1)
    number = "".join(str(int(c, 36)) for c in bban + country + "00")
    compact = f"{country}{98 - int(number) % 97:02}{bban}"
    return " ".join(compact[i : i + 4] for i in range(0, len(compact), 4)) if random.random() < 0.7 else compact


def _digits(random: Random, layout: str) -> str:
    return "".join(random.choice("0123456789") if c == "#" else c for c in layout)


class Maker:
    """Makes values for one language from one seeded source of randomness."""

    def __init__(self, random: Random, language: str, first: list[str], last: list[str]) -> None:
        self.random, self.language, self.first, self.last = random, language, first, last
        self._makers: dict[str, Callable[[], str]] = {
            "email": self.email, "phone": self.phone, "iban": lambda: iban(random, language),
            "card": lambda: random.choice(CARDS), "ip": self.ip, "nid": lambda: personal.number(random, language),
            "birthdate": lambda: self.date(1945, 2004), "date": lambda: self.date(2023, 2026), "geo": self.geo,
            "secret": self.secret, "person": self.person, "url": self.url, "isbn": self.isbn, "price": self.price,
            "version": self.version, "time": lambda: f"{random.randint(8, 20)}:{random.choice(('00', '15', '30'))}",
            "n": lambda: str(random.randint(2, 9)), "digits4": lambda: _digits(random, "####"),
            "digits6": lambda: _digits(random, "######"), "digits8": lambda: _digits(random, "########"),
        }  # fmt: skip

    def __call__(self, slot: str) -> str:
        """A value for the slot; KeyError for a slot nobody makes."""
        return self._makers[slot]()

    def person(self) -> str:
        """First and family name out of the bank's invented ones."""
        return f"{self.random.choice(self.first)} {self.random.choice(self.last)}"

    def email(self) -> str:
        """An address at a reserved domain."""
        first, last = ascii_fold(self.random.choice(self.first)), ascii_fold(self.random.choice(self.last))
        local = self.random.choice(
            (f"{first}.{last}", f"{first[0]}{last}", f"{last}{self.random.randint(2, 99)}", first)
        )
        return f"{local}@{self.random.choice(DOMAINS)}"

    def phone(self) -> str:
        """A number of the language's country."""
        return _digits(self.random, self.random.choice(PHONES[self.language]))

    def ip(self) -> str:
        """A documentation address; one in five is IPv6."""
        if self.random.random() < 0.2:
            return f"2001:db8:{self.random.randint(1, 65535):x}::{self.random.randint(1, 65535):x}"
        block = self.random.choice(("192.0.2", "198.51.100", "203.0.113"))
        return f"{block}.{self.random.randint(1, 254)}"

    def date(self, first: int, last: int) -> str:
        """A day as the language writes it."""
        day, month, year = self.random.randint(1, 28), self.random.randint(1, 12), self.random.randint(first, last)
        return DATES.get(self.language, "{d:02}.{m:02}.{y}").format(d=day, m=month, y=year, name=MONTHS[month - 1])

    def geo(self) -> str:
        """Coordinates somewhere in Europe, five decimals."""
        return f"{self.random.uniform(37, 65):.5f}, {self.random.uniform(-8, 27):.5f}"

    def secret(self) -> str:
        """An assignment of a token that was never issued."""
        word = "".join(self.random.choice("abcdefghkmnpqrstuvwxyzABCDEFGHKLMNP23456789") for _ in range(32))
        return self.random.choice(("api_key=", "password=", "client_secret=", "access_token=")) + word

    def url(self) -> str:
        """A link under a reserved name."""
        return f"https://{self.random.choice(SITES)}/{self.random.choice(SLUGS)}"

    def isbn(self) -> str:
        """ISBN-13 with its check digit."""
        body = "978" + _digits(self.random, "#########")
        check = -sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(body)) % 10
        return f"{body[:3]}-{body[3]}-{body[4:8]}-{body[8:]}-{check}"

    def price(self) -> str:
        """An amount in the currency of the language's country."""
        whole, cents = self.random.choice((2, 3, 4, 7, 12, 19, 49, 120, 340)), self.random.choice(("49", "50", "90"))
        return PRICES.get(self.language, "{},{} €").format(whole, cents)

    def version(self) -> str:
        """A version of three or four numbers: it must not pass for an address."""
        parts = [self.random.randint(1, 19), self.random.randint(0, 12), self.random.randint(0, 30)]
        return ("v" if self.random.random() < 0.4 else "") + ".".join(map(str, parts))


KINDS = {
    "email": "EMAIL", "phone": "PHONE", "iban": "IBAN", "card": "CARD", "ip": "IP", "nid": "NATIONAL_ID",
    "birthdate": "BIRTH_DATE", "geo": "GEO", "secret": "SECRET", "person": "PERSON",
}  # fmt: skip
"""Slot → kind of finding its value is."""
