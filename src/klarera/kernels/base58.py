"""Base58Check: a version byte, a payload and four bytes of double SHA-256, in an alphabet of 58 signs.

Source: Bitcoin developer reference (Base58Check encoding); XRP Ledger, Base58 Encodings (its own alphabet).
"""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202  (types stand in the signatures of the kernels)
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1
from klarera.kernels.digest import sha256_rows
from klarera.kernels.numbers import is_word_at

__all__ = ["BITCOIN", "RIPPLE", "Checked", "checked", "next_token", "signs", "stands_free"]

LONGEST, MOST_BYTES = 52, 40
"""Signs and bytes of the longest value: a private key for import."""


def signs(alphabet: str) -> npt.NDArray[np.uint8]:
    """Value of each byte in an alphabet; 255 outside."""
    table = np.full(256, 255, np.uint8)
    table[list(alphabet.encode())] = np.arange(len(alphabet))
    return table


BITCOIN = signs("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
RIPPLE = signs("rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz")


@device
def next_token(buf, i, end):
    """(start, end) of the next run of letters and digits in buf[i:end]; start = end if there is none."""
    while i < end and (buf[i] == 45 or buf[i] == 95):
        i += 1
    j = i
    while j < end and buf[j] != 45 and buf[j] != 95:
        j += 1
    return i, j


@device
def stands_free(buf, a, b, lo, hi):
    """No letter or digit is glued to buf[a:b]; a low line may be."""
    left = is_word_at(buf, a - 1, lo, hi) and buf[a - 1] != 95
    return not left and not (is_word_at(buf, b, lo, hi) and buf[b] != 95)


@device
def decoded(buf, a, b, value_of, out):
    """Bytes that buf[a:b] writes, right-aligned in `out`; how many, or 0 if it is no value of this alphabet."""
    size = len(out)
    first, zeros = size, 0
    leading = True
    for p in range(a, b):
        carry = np.int64(value_of[buf[p]])
        if carry == 255:
            return 0
        leading = leading and carry == 0
        zeros += leading
        k = size - 1
        while carry or k >= first:
            if k < 0:
                return 0
            if k < first:
                out[k], first = 0, k
            carry += np.int64(out[k]) * 58
            out[k] = carry & 255
            carry >>= 8
            k -= 1
    if zeros > first:
        return 0
    for k in range(first - zeros, first):
        out[k] = 0
    return size - first + zeros


@kernel(
    i8,
    ro(u1),
    ro(i8),
    ro(i4),
    ro(i8),
    ro(i8),
    ro(u1),
    i8,
    ro(i8),
    rw(i4),
    rw(i8),
    rw(i8),
    rw(u1, 2),
    rw(i8),
    allocates=True,
)
def payloads(buf, off, row, start, end, value_of, lead, sizes, out_row, out_start, out_end, payload, length):
    """Values whose version byte and size are wanted, not yet checked; returns how many.

    value_of: value of each byte, 255 outside the alphabet; lead: first sign, 0 for any;
    sizes: by version byte, bit n set where n bytes (without checksum) are wanted.
    """
    raw = np.zeros(MOST_BYTES, np.uint8)
    k = 0
    for t in range(len(row)):
        lo, hi = off[row[t]], off[row[t] + 1]
        b = start[t]
        while b < end[t] and k < len(out_row):
            a, b = next_token(buf, b, end[t])
            if b - a < 25 or b - a > LONGEST or (lead and buf[a] != lead):
                continue
            if not stands_free(buf, a, b, lo, hi):
                continue
            n = decoded(buf, a, b, value_of, raw)
            if n < 21:
                continue
            if not sizes[raw[MOST_BYTES - n]] >> (n - 4) & 1:
                continue
            for p in range(n):
                payload[k, p] = raw[MOST_BYTES - n + p]
            out_row[k], out_start[k], out_end[k], length[k] = row[t], a, b, n
            k += 1
    return k


class Checked(NamedTuple):
    """Places of values whose checksum is right."""

    row: npt.NDArray[np.int32]
    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]


def checked(
    buf: npt.NDArray[np.uint8],
    off: npt.NDArray[np.int64],
    row: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
    value_of: npt.NDArray[np.uint8],
    lead: str,
    sizes: npt.NDArray[np.int64],
) -> Checked:
    """Values with a right checksum in the runs of letters and digits; arguments as in `payloads`."""
    room = int(((end - start) // 25).sum()) + 1
    out = Checked(np.empty(room, np.int32), np.empty(room, np.int64), np.empty(room, np.int64))
    payload, length = np.empty((room, MOST_BYTES), np.uint8), np.empty(room, np.int64)
    k = payloads(buf, off, row, start, end, value_of, ord(lead) if lead else 0, sizes, *out, payload, length)
    payload, length = payload[:k], length[:k]
    body = np.arange(MOST_BYTES) < (length - 4)[:, None]
    once = sha256_rows(payload[body], np.concatenate(([0], np.cumsum(length - 4))).astype(np.int64))
    twice = sha256_rows(once.reshape(-1), np.arange(0, 32 * k + 1, 32, dtype=np.int64))
    given = np.take_along_axis(payload, (length - 4)[:, None] + np.arange(4), axis=1)
    right = (given == twice[:, :4]).all(axis=1)
    return Checked(*(np.ascontiguousarray(column[:k][right]) for column in out))
