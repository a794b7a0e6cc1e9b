"""Keccak-256 with the padding of its first submission (10*1 behind a 1 bit), as Ethereum and Monero use it.

Source: G. Bertoni et al., The Keccak reference, version 3.0 (2011), rate 1088, capacity 512. Not SHA3-256 of
FIPS 202, which pads with 0x06.
"""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202  (types stand in the signatures of the kernels)
from __future__ import annotations

import numpy as np

from klarera.kernels import device

__all__ = ["keccak256"]

RATE = 136


def _round_constants() -> list[int]:
    """Bits of the linear feedback register x^8 + x^6 + x^5 + x^4 + 1, seven a round."""
    register, constants = 1, []
    for _ in range(24):
        constant = 0
        for j in range(7):
            if register & 1:
                constant |= 1 << ((1 << j) - 1)
            register = register << 1 ^ (0x171 if register >> 7 else 0)
        constants.append(constant)
    return constants


def _walk() -> tuple[list[int], list[int]]:
    """The lanes in the order of the pi step from (1, 0), and by how many bits the rho step turns each."""
    x, y, lanes, turns = 1, 0, [], []
    for t in range(24):
        lanes.append(x + 5 * y)
        turns.append((t + 1) * (t + 2) // 2 % 64)
        x, y = y, (2 * x + 3 * y) % 5
    return lanes, turns


ROUND = np.array(_round_constants(), np.uint64)
LANE = np.array(_walk()[0], np.int64)
TURN = np.array(_walk()[1], np.uint64)
_64 = np.uint64(64)


@device
def permute(a, c):
    """Keccak-f[1600] on the 25 lanes of `a`; `c` is room for five."""
    one, rest = np.uint64(1), np.uint64(63)
    for r in range(24):
        for x in range(5):
            c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20]
        for x in range(5):
            right = c[(x + 1) % 5]
            d = c[(x + 4) % 5] ^ (right << one | right >> rest)
            for y in range(0, 25, 5):
                a[y + x] ^= d
        held = a[1]
        for t in range(24):
            # (x, y) goes to (y, 2x + 3y); the walk starts at lane 1, so each lane is read before it is written.
            to = LANE[(t + 1) % 24]
            moved = held << TURN[t] | held >> (_64 - TURN[t])
            held = a[to]
            a[to] = moved
        for y in range(0, 25, 5):
            for x in range(5):
                c[x] = a[y + x]
            for x in range(5):
                a[y + x] = c[x] ^ (~c[(x + 1) % 5] & c[(x + 2) % 5])
        a[0] ^= ROUND[r]


@device(allocates=True)
def keccak256(message, length, digest):
    """Write the 32 bytes of the digest of message[:length]; the message is shorter than one block."""
    a, c = np.zeros(25, np.uint64), np.zeros(5, np.uint64)
    for i in range(length):
        a[i // 8] ^= np.uint64(message[i]) << np.uint64(8 * (i % 8))
    a[length // 8] ^= np.uint64(1) << np.uint64(8 * (length % 8))
    a[(RATE - 1) // 8] ^= np.uint64(128) << np.uint64(56)
    permute(a, c)
    for i in range(32):
        digest[i] = a[i // 8] >> np.uint64(8 * (i % 8)) & np.uint64(255)
