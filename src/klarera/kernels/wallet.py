"""The loop for wallet addresses beyond Base58Check: Ethereum (EIP-55), segregated witness (BIP-173, BIP-350),
Monero (its own Base58 blocks and Keccak)."""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202  (types stand in the signatures of the kernels)
from __future__ import annotations

import numpy as np

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1
from klarera.kernels.base58 import BITCOIN, next_token, signs, stands_free
from klarera.kernels.keccak import keccak256
from klarera.kernels.numbers import is_digit, value
from klarera.kernels.utf8 import FOLD_BYTE

__all__ = ["CASED", "CHECKED", "PLAIN", "find_wallets"]

PLAIN, CHECKED, CASED = 1, 2, 3
"""What was found: form only; a right checksum; a right checksum, and the case belongs to the address."""
MONERO_BYTES = 77
_BECH32 = signs("qpzry9x8gf2tvdw0s3jn54khce6mua7l")
_GENERATOR = np.array([0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3], np.int64)


@device(allocates=True)
def ethereum(buf, a, b):
    """What "0x" and 40 hex digits at a are, or 0. Both cases together must be those of EIP-55."""
    if b - a != 42 or buf[a] != 48 or (buf[a + 1] != 120 and buf[a + 1] != 88):
        return 0
    small, capital, nonzero = False, False, False
    text, digest = np.empty(40, np.uint8), np.empty(32, np.uint8)
    for k in range(40):
        c = buf[a + 2 + k]
        v = value(c)
        if v < 0 or v > 15:
            return 0
        small |= c >= 97
        capital |= 65 <= c <= 70
        nonzero |= v > 0
        text[k] = FOLD_BYTE[c]
    if not nonzero:
        return 0
    if not (small and capital):
        return 1
    keccak256(text, 40, digest)
    for k in range(40):
        nibble = digest[k // 2] >> 4 if k % 2 == 0 else digest[k // 2] & 15
        if not is_digit(text[k]) and (nibble >= 8) != (buf[a + 2 + k] < 97):
            return 0
    return 2


@device
def polymod_step(state, v):
    """One step of the checksum of BIP-173."""
    top = state >> 25
    state = (state & 0x1FFFFFF) << 5 ^ v
    for i in range(5):
        if top >> i & 1:
            state ^= _GENERATOR[i]
    return state


@device
def witness(buf, a, b, prefix, first, last):
    """A segregated-witness address with the readable part prefix[first:last] is buf[a:b]: 2, else 0."""
    n = last - first
    if b - a < n + 12 or b - a > 90 or buf[a + n] != 49:
        return 0
    small, capital = False, False
    for p in range(a, b):
        small |= 97 <= buf[p] <= 122
        capital |= 65 <= buf[p] <= 90
    if small and capital:
        return 0
    state = np.int64(1)
    for k in range(n):
        if FOLD_BYTE[buf[a + k]] != prefix[first + k]:
            return 0
        state = polymod_step(state, np.int64(prefix[first + k]) >> 5)
    state = polymod_step(state, np.int64(0))
    for k in range(n):
        state = polymod_step(state, np.int64(prefix[first + k]) & 31)
    version, bits, rest = np.int64(-1), 0, np.int64(0)
    for p in range(a + n + 1, b):
        v = np.int64(_BECH32[FOLD_BYTE[buf[p]]])
        if v == 255:
            return 0
        state = polymod_step(state, v)
        if version < 0:
            version = v
        elif p < b - 6:
            bits, rest = bits + 5, (rest << 5 | v) & 0xFFF
    size, spare = bits // 8, bits % 8
    if version > 16 or size < 2 or size > 40 or spare > 4 or rest & ((1 << spare) - 1):
        return 0
    if version == 0:
        return 2 if state == 1 and (size == 20 or size == 32) else 0
    return 2 if state == 0x2BC830A3 else 0


@device(allocates=True)
def monero(buf, a, b):
    """A Monero address (95 signs, or 106 with a payment id) with a right checksum is buf[a:b]: 3, else 0."""
    if (b - a != 95 and b - a != 106) or (buf[a] != 52 and buf[a] != 56):
        return 0
    raw, digest = np.zeros(MONERO_BYTES, np.uint8), np.empty(32, np.uint8)
    n, p = 0, a
    while p < b:
        stop = min(p + 11, b)
        size = 8 if stop - p == 11 else 5
        v = np.uint64(0)
        for q in range(p, stop):
            d = np.uint64(BITCOIN[buf[q]])
            if d == np.uint64(255) or v > (np.uint64(0xFFFFFFFFFFFFFFFF) - d) // np.uint64(58):
                return 0
            v = v * np.uint64(58) + d
        if size == 5 and v >> np.uint64(40):
            return 0
        for k in range(size):
            raw[n + k] = v >> np.uint64(8 * (size - 1 - k)) & np.uint64(255)
        n, p = n + size, stop
    wanted = raw[0] == 19 if b - a == 106 else (raw[0] == 18 or raw[0] == 42)
    if not wanted:
        return 0
    keccak256(raw, n - 4, digest)
    for k in range(4):
        if digest[k] != raw[n - 4 + k]:
            return 0
    return 3


@kernel(i8, ro(u1), ro(i8), ro(i4), ro(i8), ro(i8), ro(u1), ro(i8), rw(i4), rw(i8), rw(i8), rw(u1), allocates=True)
def find_wallets(buf, off, row, start, end, prefix, prefix_off, out_row, out_start, out_end, what):
    """Addresses in the runs of letters and digits; what: PLAIN, CHECKED or CASED. Returns how many."""
    k = 0
    for t in range(len(row)):
        lo, hi = off[row[t]], off[row[t] + 1]
        b = start[t]
        while b < end[t] and k < len(out_row):
            a, b = next_token(buf, b, end[t])
            if b - a < 14:
                continue
            if not stands_free(buf, a, b, lo, hi):
                continue
            found = ethereum(buf, a, b)
            if found == 0:
                found = monero(buf, a, b)
            for i in range(len(prefix_off) - 1):
                if found == 0:
                    found = witness(buf, a, b, prefix, prefix_off[i], prefix_off[i + 1])
            if found:
                out_row[k], out_start[k], out_end[k], what[k] = row[t], a, b, found
                k += 1
    return k
