"""Check algorithms of the personal numbers that carry a date of birth, one function a scheme.

Each takes the number's values without separators (0-9 digits, 10-35 letters) and answers whether its check
digits, its date and its fixed parts agree. Sources stand in find/national_id.tsv, one a row.
"""

# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import device
from klarera.kernels.checksums import decimal, is_date, luhn, two_digit_date, verhoeff, weighted

__all__ = [
    "at_svnr",
    "baltic",
    "be_rrn",
    "bg_egn",
    "cz_rc",
    "de_pension",
    "dk_date",
    "fi_hetu",
    "fr_nir",
    "gr_amka",
    "hu_personal",
    "is_kt",
    "it_cf",
    "lu_matricule",
    "lv_pk",
    "no_fnr",
    "pl_pesel",
    "ro_cnp",
    "se_pnr",
    "si_emso",
]

_AT = np.array([3, 7, 9, 0, 5, 8, 4, 2, 1, 6], np.int64)
_BG = np.array([2, 4, 8, 5, 10, 9, 7, 3, 6], np.int64)
_BALTIC_1 = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 1], np.int64)
_BALTIC_2 = np.array([3, 4, 5, 6, 7, 8, 9, 1, 2, 3], np.int64)
_DE_PENSION = np.array([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1], np.int64)
_EMSO = np.array([7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2], np.int64)
_IS = np.array([3, 2, 7, 6, 5, 4, 3, 2], np.int64)
_IT_ODD = np.array(
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14,
     16, 10, 22, 25, 24, 23], np.int64,
)  # fmt: skip
_LV = np.array([10, 5, 8, 4, 2, 1, 6, 3, 7, 9], np.int64)
_NO_1 = np.array([3, 7, 6, 1, 8, 9, 4, 5, 2, 1], np.int64)
_NO_2 = np.array([5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1], np.int64)
_PL = np.array([1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1], np.int64)
_RO = np.array([2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9], np.int64)
_FI_LETTER = np.array([*range(10), *(c - 55 for c in b"ABCDEFHJKLMNPRSTUVWXY")], np.int64)
_OMOCODE = np.array([c - 55 for c in b"LMNPQRSTUV"], np.int64)
_IT_MONTH = np.array([c - 55 for c in b"ABCDEHLMPRST"], np.int64)


@device
def at_svnr(v: Any) -> bool:
    """Running number not from 0, fourth digit checks the rest; months 13-15 where the birthday is unknown."""
    day, month = decimal(v, 4, 2), decimal(v, 6, 2)
    return (
        v[0] > 0 and weighted(v, 0, _AT) % 11 == v[3]
        and (two_digit_date(v[8] * 10 + v[9], month, day) or (13 <= month <= 15 and 1 <= day <= 31))
    )  # fmt: skip


@device
def be_rrn(v: Any) -> bool:
    """97 less nine digits mod 97, a 2 before them from 2000 on; bis numbers add 20 or 40 to the month."""
    nine, check = decimal(v, 0, 9), decimal(v, 9, 2)
    year, month, day = decimal(v, 0, 2), decimal(v, 2, 2) % 20, decimal(v, 4, 2)
    if decimal(v, 2, 2) > 52:
        return False
    old = 97 - nine % 97 == check
    new = 97 - (2_000_000_000 + nine) % 97 == check
    # Month or day 00: the birthday is not known.
    if month == 0 or day == 0:
        return (old or new) and month <= 12 and day <= 31
    return (old and is_date(1900 + year, month, day)) or (new and is_date(2000 + year, month, day))


@device
def bg_egn(v: Any) -> bool:
    """Month plus 20 before 1900, plus 40 from 2000 on."""
    year, month = decimal(v, 0, 2), decimal(v, 2, 2)
    century = 1900
    if month > 40:
        century, month = 2000, month - 40
    elif month > 20:
        century, month = 1800, month - 20
    return weighted(v, 0, _BG) % 11 % 10 == v[9] and is_date(century + year, month, decimal(v, 4, 2))


@device
def cz_rc(v: Any, n: int) -> bool:
    """Women: month plus 50; from 2004 on plus 20 as well. Nine digits, without check digit, until 1953."""
    year, month = decimal(v, 0, 2), decimal(v, 2, 2) % 50
    if n == 9:
        return year <= 53 and is_date(1900 + year, month, decimal(v, 4, 2))
    year += 2000 if year < 54 else 1900
    if month > 20:
        if year < 2004:
            return False
        month -= 20
    check = decimal(v, 0, 9) % 11
    if check == 10:
        # Until 1985 a remainder of ten was written as 0.
        return v[9] == 0 and is_date(year, month, decimal(v, 4, 2))
    return check == v[9] and is_date(year, month, decimal(v, 4, 2))


@device
def dk_date(v: Any) -> bool:
    """The seventh digit tells the century."""
    year = decimal(v, 4, 2)
    if v[6] < 4 or (v[6] in (4, 9) and year >= 37):
        year += 1900
    elif v[6] in (4, 9) or year < 58:
        year += 2000
    else:
        year += 1800
    return is_date(year, decimal(v, 2, 2), decimal(v, 0, 2))


@device
def baltic(v: Any) -> bool:
    """Estonia and Lithuania: the first digit tells century and sex."""
    check = weighted(v, 0, _BALTIC_1) % 11
    if check == 10:
        check = weighted(v, 0, _BALTIC_2) % 11 % 10
    year = 1700 + (v[0] + 1) // 2 * 100 + decimal(v, 1, 2)
    return 1 <= v[0] <= 8 and check == v[10] and is_date(year, decimal(v, 3, 2), decimal(v, 5, 2))


@device
def fi_hetu(v: Any, n: int) -> bool:
    """Values: ddmmyy, then the century letter if it is one, individual number (from 900: artificial), check
    letter mod 31."""
    tail = n - 4
    number = decimal(v, 0, 6) * 1000 + decimal(v, tail, 3)
    return (
        2 <= decimal(v, tail, 3) < 900 and _FI_LETTER[number % 31] == v[n - 1]
        and two_digit_date(decimal(v, 4, 2), decimal(v, 2, 2), decimal(v, 0, 2))
        and (n == 10 or v[6] in (10, 11, 12, 13, 14, 15, 30, 31, 32, 33, 34))
    )  # fmt: skip


@device
def fr_nir(v: Any) -> bool:
    """97 less thirteen digits mod 97; Corsica's 2A counts as 19, 2B as 18."""
    month = decimal(v, 3, 2)
    number = decimal(v, 0, 5)
    if v[6] > 9:
        if v[5] != 2 or v[6] > 11:
            return False
        number = number * 100 + (19 if v[6] == 10 else 18)
    else:
        number = number * 100 + decimal(v, 5, 2)
    number = number * 1_000_000 + decimal(v, 7, 6)
    known = 1 <= month <= 12 or 20 <= month <= 42 or 50 <= month <= 99
    return v[0] in (1, 2, 3, 4, 7, 8) and known and 97 - number % 97 == decimal(v, 13, 2)


@device
def de_pension(v: Any) -> bool:
    """Area, ddmmyy, initial, serial, check: cross sums of weighted digits, the letter as two digits."""
    total = 0
    at = 0
    for i in range(11):
        for part in range(2 if v[i] > 9 else 1):
            digit = v[i]
            if digit > 9:
                digit = (v[i] - 9) // 10 if part == 0 else (v[i] - 9) % 10
            product = digit * _DE_PENSION[at]
            total += product // 10 + product % 10
            at += 1
    return (
        decimal(v, 0, 2) >= 2 and two_digit_date(decimal(v, 6, 2), decimal(v, 4, 2), decimal(v, 2, 2))
        and total % 10 == v[11]
    )  # fmt: skip


@device
def gr_amka(v: Any) -> bool:
    """ddmmyy and Luhn."""
    return luhn(v, 0, 11) and two_digit_date(decimal(v, 4, 2), decimal(v, 2, 2), decimal(v, 0, 2))


@device
def hu_personal(v: Any) -> bool:
    """Weights rise to ten for those born until 1996 and fall from ten for those born later."""
    year, month, day = decimal(v, 1, 2), decimal(v, 3, 2), decimal(v, 5, 2)
    rising = falling = 0
    for i in range(10):
        rising += v[i] * (i + 1)
        falling += v[i] * (10 - i)
    if v[0] in (1, 2, 5, 6) and is_date(1900 + year, month, day):
        return (rising if year < 97 else falling) % 11 == v[10]
    return v[0] in (3, 4) and is_date(2000 + year, month, day) and falling % 11 == v[10]


@device
def it_digit(value: int) -> int:
    """A digit of the tax code, also where a letter stands for it to tell namesakes apart; -1 for others."""
    if value < 10:
        return value
    for digit in range(10):
        if _OMOCODE[digit] == value:
            return digit
    return -1


@device
def it_cf(v: Any) -> bool:
    """Date of birth (women: day plus 40) and the check letter over odd and even places."""
    total = 0
    for i in range(15):
        if i % 2 == 0:
            total += _IT_ODD[v[i]]
        else:
            total += v[i] if v[i] < 10 else v[i] - 10
    if total % 26 + 10 != v[15]:
        return False
    for i in (6, 7, 9, 10, 12, 13, 14):
        if it_digit(v[i]) < 0:
            return False
    day = it_digit(v[9]) * 10 + it_digit(v[10])
    month = 0
    for m in range(12):
        if _IT_MONTH[m] == v[8]:
            month = m + 1
    return two_digit_date(it_digit(v[6]) * 10 + it_digit(v[7]), month, day - 40 if day > 40 else day)


@device
def lu_matricule(v: Any) -> bool:
    """yyyymmdd and a serial; twelfth digit by Luhn, thirteenth by Verhoeff, both over the first eleven."""
    return (
        1850 <= decimal(v, 0, 4) <= 2099 and is_date(decimal(v, 0, 4), decimal(v, 4, 2), decimal(v, 6, 2))
        and luhn(v, 0, 12) and verhoeff(v, 0, 11, v[12])
    )  # fmt: skip


@device
def lv_pk(v: Any) -> bool:
    """ddmmyy, century digit; since July 2017 numbers from 32 on carry no date."""
    if (1 + weighted(v, 0, _LV)) % 11 % 10 != v[10]:
        return False
    if decimal(v, 0, 2) >= 32:
        return decimal(v, 0, 2) < 40
    return v[6] <= 2 and is_date(1800 + 100 * v[6] + decimal(v, 4, 2), decimal(v, 2, 2), decimal(v, 0, 2))


@device
def no_fnr(v: Any) -> bool:
    """Two check digits; D-numbers add 40 to the day, help numbers 40 to the month; the individual number
    tells the century."""
    day, month, year, individual = decimal(v, 0, 2), decimal(v, 2, 2), decimal(v, 4, 2), decimal(v, 6, 3)
    day, month = (day - 40 if day > 40 else day), (month - 40 if month > 40 else month)
    if individual < 500 or (individual >= 900 and year >= 40):
        year += 1900
    elif individual < 750 and year >= 54:
        year += 1800
    elif year < 40:
        year += 2000
    else:
        return False
    return weighted(v, 0, _NO_1) % 11 == 0 and weighted(v, 0, _NO_2) % 11 == 0 and is_date(year, month, day)


@device
def is_kt(v: Any) -> bool:
    """ddmmyy, serial, check digit, century (9 or 0); the day of organisations is 40 higher."""
    return (
        v[9] in (0, 9) and (weighted(v, 0, _IS) + v[8]) % 11 == 0
        and is_date((1900 if v[9] == 9 else 2000) + decimal(v, 4, 2), decimal(v, 2, 2), decimal(v, 0, 2))
    )  # fmt: skip


@device
def pl_pesel(v: Any) -> bool:
    """Months: plus 80 in the 1800s, plus 20 in the 2000s, plus 40 and 60 after that."""
    era, month = decimal(v, 2, 2) // 20, decimal(v, 2, 2) % 20
    year = (1800 if era == 4 else 1900 + era * 100) + decimal(v, 0, 2)
    return weighted(v, 0, _PL) % 10 == 0 and is_date(year, month, decimal(v, 4, 2))


@device
def ro_cnp(v: Any) -> bool:
    """First digit: sex and century, 7-9 for residents; county of birth; remainder ten is written 1."""
    year = decimal(v, 1, 2)
    county = decimal(v, 7, 2)
    if v[0] in (1, 2):
        dated = is_date(1900 + year, decimal(v, 3, 2), decimal(v, 5, 2))
    elif v[0] in (3, 4):
        dated = is_date(1800 + year, decimal(v, 3, 2), decimal(v, 5, 2))
    elif v[0] in (5, 6):
        dated = is_date(2000 + year, decimal(v, 3, 2), decimal(v, 5, 2))
    else:
        dated = v[0] > 0 and two_digit_date(year, decimal(v, 3, 2), decimal(v, 5, 2))
    check = weighted(v, 0, _RO) % 11
    known = 1 <= county <= 48 or county in (51, 52, 70, 80, 81, 82, 83)
    return dated and known and v[12] == (1 if check == 10 else check)


@device
def si_emso(v: Any) -> bool:
    """ddmm and three digits of the year; the scheme of all successor states of Yugoslavia."""
    year = decimal(v, 4, 3)
    year += 2000 if year < 800 else 1000
    return (-weighted(v, 0, _EMSO)) % 11 == v[12] and is_date(year, decimal(v, 2, 2), decimal(v, 0, 2))


@device
def se_pnr(v: Any, n: int) -> bool:
    """Luhn over ten digits; coordination numbers add 60 to the day."""
    at = n - 10
    day = decimal(v, at + 4, 2)
    day = day - 60 if day > 60 else day
    if n == 12:
        century = decimal(v, 0, 2)
        dated = 18 <= century <= 20 and is_date(decimal(v, 0, 4), decimal(v, 4, 2), day)
    else:
        dated = two_digit_date(decimal(v, 0, 2), decimal(v, 2, 2), day)
    return dated and luhn(v, at, n)
