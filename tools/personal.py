"""Invented personal numbers of twelve states, with the check digits of their schemes.

Dates of birth are drawn between 1955 and 1999; serials at random. Each scheme is named by the language
the example uses for the state (en: Ireland).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

__all__ = ["number"]

DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"
FISCAL_MONTH = "ABCDEHLMPRST"
FISCAL_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
"""Values of A-Z on odd places of the codice fiscale; digits take those of A-J."""


def number(random: Random, language: str) -> str:
    """A personal number of the language's state.

    >>> len(number(Random(1), "pl"))
    11
    """
    year, month, day = random.randint(1955, 1999), random.randint(1, 12), random.randint(1, 28)
    return SCHEMES[language](random, year, month, day)


def _draw(random: Random, n: int) -> list[int]:
    return [random.randint(0, 9) for _ in range(n)]


def _join(digits: list[int], *more: object) -> str:
    return "".join(map(str, [*digits, *more]))


def _weighted(digits: Sequence[str | int], weights: tuple[int, ...]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=True))


def _pps(random: Random, *_: int) -> str:
    digits = _draw(random, 7)
    return _join(digits, "WABCDEFGHIJKLMNOPQRSTUV"[_weighted(digits, (8, 7, 6, 5, 4, 3, 2)) % 23])


def _steuer_id(random: Random, *_: int) -> str:
    """One digit twice, one never, the others once; check digit by ISO 7064 mod 11, 10."""
    digits = random.sample(range(10), 10)
    digits[random.randint(5, 9)] = digits[random.randint(1, 4)]
    if digits[0] == 0:
        digits[0], digits[1] = digits[1], digits[0]
    product = 10
    for digit in digits:
        product = 2 * ((digit + product) % 10 or 10) % 11
    return _join(digits, (11 - product) % 10)


def _nir(random: Random, year: int, month: int, _: int) -> str:
    body = f"{random.randint(1, 2)}{year % 100:02}{month:02}{random.randint(21, 89):02}{random.randint(1, 899):03}" \
           f"{random.randint(1, 899):03}"  # fmt: skip
    return f"{body}{97 - int(body) % 97:02}"


def _dni(random: Random, *_: int) -> str:
    digits = random.randint(10_000_000, 99_999_999)
    return f"{digits}{DNI[digits % 23]}"


def _codice_fiscale(random: Random, year: int, month: int, day: int) -> str:
    letters = "".join(random.choice("BCDFGLMNPRSTVZ") for _ in range(6))
    town = f"{random.choice('ABCDEFGHL')}{random.randint(101, 799)}"
    body = f"{letters}{year % 100:02}{FISCAL_MONTH[month - 1]}{day:02}{town}"
    total = 0
    for place, c in enumerate(body, 1):
        value = int(c) if c.isdigit() else ord(c) - 65
        total += FISCAL_ODD[value] if place % 2 else value
    return body + chr(65 + total % 26)


def _bsn(random: Random, *_: int) -> str:
    while True:
        digits = [random.randint(1, 9), *_draw(random, 7)]
        check = _weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
        if check < 10:
            return _join(digits, check)


def _pesel(random: Random, year: int, month: int, day: int) -> str:
    body = f"{year % 100:02}{month:02}{day:02}" + _join(_draw(random, 4))
    return f"{body}{-_weighted(body, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10}"


def _nif(random: Random, *_: int) -> str:
    digits = [random.choice((1, 2)), *_draw(random, 7)]
    check = 11 - _weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return _join(digits, check if check < 10 else 0)


def _personnummer(random: Random, year: int, month: int, day: int) -> str:
    body = f"{year % 100:02}{month:02}{day:02}" + _join(_draw(random, 3))
    total = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(body))
    return f"{body[:6]}-{body[6:]}{-total % 10}"


def _hetu(random: Random, year: int, month: int, day: int) -> str:
    body = f"{day:02}{month:02}{year % 100:02}"
    serial = f"{random.randint(2, 899):03}"
    return f"{body}-{serial}{HETU[int(body + serial) % 31]}"


def _rodne_cislo(random: Random, year: int, month: int, day: int) -> str:
    body = f"{year % 100:02}{month + random.choice((0, 50)):02}{day:02}"
    while True:
        serial = random.randint(0, 999)
        check = int(f"{body}{serial:03}") % 11
        if check < 10:
            return f"{body}/{serial:03}{check}"


def _cnp(random: Random, year: int, month: int, day: int) -> str:
    body = (
        f"{random.randint(1, 2)}{year % 100:02}{month:02}{day:02}{random.randint(1, 46):02}{random.randint(1, 999):03}"
    )
    check = _weighted(body, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return f"{body}{check if check < 10 else 1}"


SCHEMES: dict[str, Callable[[Random, int, int, int], str]] = {
    "en": _pps, "de": _steuer_id, "fr": _nir, "es": _dni, "it": _codice_fiscale, "nl": _bsn, "pl": _pesel,
    "pt": _nif, "sv": _personnummer, "fi": _hetu, "cs": _rodne_cislo, "ro": _cnp,
}  # fmt: skip
