"""Check algorithms of the personal numbers in find/national_id.tsv, by number of the scheme.

Those with a date of birth are in national_born.py.

Each takes the number's values without separators (0-9 digits, 10-35 letters) and answers whether its check
digits, its date of birth and its fixed parts agree. Sources stand in the table, one a row. What a register
alone could tell (whether the number was ever issued) is not asked.
"""

# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import device, i8, kernel, ro
from klarera.kernels.checksums import decimal, mod_11_10, weighted
from klarera.kernels.national_born import (
    at_svnr,
    baltic,
    be_rrn,
    bg_egn,
    cz_rc,
    de_pension,
    dk_date,
    fi_hetu,
    fr_nir,
    gr_amka,
    hu_personal,
    is_kt,
    it_cf,
    lu_matricule,
    lv_pk,
    no_fnr,
    pl_pesel,
    ro_cnp,
    se_pnr,
    si_emso,
)

__all__ = ["SCHEMES", "has_check_digit", "passes", "verdict"]

SCHEMES = (
    "at_svnr", "be_rrn", "bg_egn", "bg_lnch", "hr_oib", "cy_tic", "cz_rc", "dk_cpr", "dk_cpr_plain", "ik",
    "fi_hetu", "fr_nir", "fr_spi", "de_idnr", "de_rvnr", "gr_amka", "gr_afm", "hu_szemelyi", "hu_taj", "hu_ado",
    "ie_pps", "it_cf", "lv_pk", "lu_matricule", "mt_id", "nl_bsn", "pl_pesel", "pt_nif", "pt_cc", "ro_cnp",
    "si_emso", "es_dni", "es_nie", "se_pnr", "no_fnr", "is_kt",
)  # fmt: skip
"""Names of the schemes in find/national_id.tsv; a scheme's number is its place here."""

(
    AT_SVNR, BE_RRN, BG_EGN, BG_LNCH, HR_OIB, CY_TIC, CZ_RC, DK_CPR, DK_CPR_PLAIN, IK,
    FI_HETU, FR_NIR, FR_SPI, DE_IDNR, DE_RVNR, GR_AMKA, GR_AFM, HU_SZEMELYI, HU_TAJ, HU_ADO,
    IE_PPS, IT_CF, LV_PK, LU_MATRICULE, MT_ID, NL_BSN, PL_PESEL, PT_NIF, PT_CC, RO_CNP,
    SI_EMSO, ES_DNI, ES_NIE, SE_PNR, NO_FNR, IS_KT,
) = range(36)  # fmt: skip

_BG_FOREIGN = np.array([21, 19, 17, 13, 11, 9, 7, 3, 1], np.int64)
_CY = np.array([1, 0, 5, 7, 9, 13, 15, 17, 19, 21], np.int64)
_DK = np.array([4, 3, 2, 7, 6, 5, 4, 3, 2, 1], np.int64)
_HU_UP = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], np.int64)
_HU_TAJ = np.array([3, 7, 3, 7, 3, 7, 3, 7], np.int64)
_IE = np.array([8, 7, 6, 5, 4, 3, 2], np.int64)
_NL = np.array([9, 8, 7, 6, 5, 4, 3, 2, -1], np.int64)
_PT = np.array([9, 8, 7, 6, 5, 4, 3, 2, 1], np.int64)
_ES_LETTER = np.frombuffer(b"TRWAGMYFPDXBNJZSQVHLCKE", np.uint8).astype(np.int64) - 55


@device
def de_idnr(v: Any) -> bool:
    """Not from 0; of the first ten digits exactly one stands two or three times, at least one is missing."""
    several = 0
    for digit in range(10):
        times = 0
        for i in range(10):
            times += v[i] == digit
        if times > 3:
            return False
        several += times > 1
    return v[0] > 0 and several == 1 and mod_11_10(v, 0, 11)


@device
def gr_afm(v: Any) -> bool:
    """Eight digits times falling powers of two, mod 11, mod 10."""
    state = 0
    for i in range(8):
        state = state * 2 + v[i]
    return decimal(v, 0, 9) > 0 and state * 2 % 11 % 10 == v[8]


@device
def ie_pps(v: Any, n: int) -> bool:
    """Letter 23 is W; a second letter (A-I, or the old W, T, X) counts nine times, the old ones nothing."""
    total = weighted(v, 0, _IE)
    if n == 9:
        if 10 <= v[8] <= 18:
            total += 9 * (v[8] - 9)
        elif v[8] not in (29, 32, 33):
            return False
    letter = total % 23
    return v[7] == (32 if letter == 0 else letter + 9)


@device
def pt_card(v: Any) -> bool:
    """Luhn over digits and letters of the whole document number, letters counting 10-35."""
    total = 0
    for i in range(12):
        d = v[11 - i]
        if i % 2 == 1:
            d *= 2
            if d > 9:
                d -= 9
        total += d
    return total % 10 == 0


@device
def passes(scheme: int, v: Any, n: int) -> bool:
    """The number of `n` values agrees with the scheme of this number in find/national_id.tsv."""
    if scheme == AT_SVNR:
        return at_svnr(v)
    if scheme == BE_RRN:
        return be_rrn(v)
    if scheme == BG_EGN:
        return bg_egn(v)
    if scheme == BG_LNCH:
        return weighted(v, 0, _BG_FOREIGN) % 10 == v[9]
    if scheme == HR_OIB:
        return mod_11_10(v, 0, 11)
    if scheme == CY_TIC:
        total = v[1] + v[3] + v[5] + v[7]
        for i in range(0, 8, 2):
            total += _CY[v[i]]
        return v[0] in (0, 6) and total % 26 + 10 == v[8]
    if scheme == CZ_RC:
        return cz_rc(v, n)
    if scheme == DK_CPR:
        return dk_date(v) and weighted(v, 0, _DK) % 11 == 0
    if scheme == DK_CPR_PLAIN:
        return dk_date(v)
    if scheme == IK:
        return baltic(v)
    if scheme == FI_HETU:
        return fi_hetu(v, n)
    if scheme == FR_NIR:
        return fr_nir(v)
    if scheme == FR_SPI:
        return v[0] <= 3 and decimal(v, 0, 10) % 511 == decimal(v, 10, 3)
    if scheme == DE_IDNR:
        return de_idnr(v)
    if scheme == DE_RVNR:
        return de_pension(v)
    if scheme == GR_AMKA:
        return gr_amka(v)
    if scheme == GR_AFM:
        return gr_afm(v)
    if scheme == HU_SZEMELYI:
        return hu_personal(v)
    if scheme == HU_TAJ:
        return weighted(v, 0, _HU_TAJ) % 10 == v[8]
    if scheme == HU_ADO:
        return v[0] == 8 and weighted(v, 0, _HU_UP[:9]) % 11 == v[9]
    if scheme == IE_PPS:
        return ie_pps(v, n)
    if scheme == IT_CF:
        return it_cf(v)
    if scheme == LV_PK:
        return lv_pk(v)
    if scheme == LU_MATRICULE:
        return lu_matricule(v)
    if scheme == MT_ID:
        return v[n - 1] in (22, 16, 10, 25, 21, 17, 11, 35)  # M G A P L H B Z
    if scheme == NL_BSN:
        return decimal(v, 0, 9) > 9 and weighted(v, 0, _NL) % 11 == 0
    if scheme == PL_PESEL:
        return pl_pesel(v)
    if scheme == PT_NIF:
        check = weighted(v, 0, _PT[:8]) % 11
        return v[0] in (1, 2, 3, 4) and v[8] == (0 if check < 2 else 11 - check)
    if scheme == PT_CC:
        return pt_card(v)
    if scheme == RO_CNP:
        return ro_cnp(v)
    if scheme == SI_EMSO:
        return si_emso(v)
    if scheme == ES_DNI:
        return v[8] == _ES_LETTER[decimal(v, 0, 8) % 23]
    if scheme == ES_NIE:
        return 33 <= v[0] <= 35 and v[8] == _ES_LETTER[((v[0] - 33) * 10_000_000 + decimal(v, 1, 7)) % 23]
    if scheme == SE_PNR:
        return se_pnr(v, n)
    if scheme == NO_FNR:
        return no_fnr(v)
    if scheme == IS_KT:
        return is_kt(v)
    return False


@device
def has_check_digit(scheme: int, n: int) -> bool:
    """Malta's numbers, Czech and Slovak ones until 1953, and Danish ones outside modulus 11 have none."""
    return not (scheme in (MT_ID, DK_CPR_PLAIN) or (scheme == CZ_RC and n == 9))


@kernel(i8, i8, ro(i8), i8)
def verdict(scheme: int, v: Any, n: int) -> int:
    """1 if the number of `n` values agrees with the scheme, else 0: one number at a time, for checks."""
    return 1 if passes(scheme, v, n) else 0
