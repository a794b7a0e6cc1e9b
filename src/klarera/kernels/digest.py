"""SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104) over many short messages at once.

Sixteen messages are hashed side by side, one in each lane, so that the compiler turns the rounds into
vector instructions; the messages are ordered by their number of blocks so that lanes end together.

>>> import hashlib
>>> buf, off = np.frombuffer(b"abcde", np.uint8), np.array([0, 3, 3, 5])
>>> sha256_rows(buf, off)[0].tobytes() == hashlib.sha256(b"abc").digest()
True
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from klarera.kernels import device, i8, kernel, ro, rw, u1, u4

__all__ = ["hmac_rows", "sha256_rows"]

LANES = 16

_PRIMES = [p for p in range(2, 312) if all(p % q for q in range(2, int(p**0.5) + 1))]


def _root_bits(prime: int, root: int) -> int:
    """First 32 bits of the fraction of a square or cube root, in whole numbers."""
    scaled, low, high = prime << 32 * root, 0, prime << 32
    while high - low > 1:
        mid = (low + high) // 2
        low, high = (mid, high) if mid**root <= scaled else (low, mid)
    return low & 0xFFFFFFFF


K = np.array([_root_bits(p, 3) for p in _PRIMES], np.uint32)
START = np.array([_root_bits(p, 2) for p in _PRIMES[:8]], np.uint32)

R2, R3, R6, R7, R10, R11, R13, R14 = (np.uint32(n) for n in (2, 3, 6, 7, 10, 11, 13, 14))
R15, R17, R18, R19, R21, R22, R25, R26, R30 = (np.uint32(n) for n in (15, 17, 18, 19, 21, 22, 25, 26, 30))


@device
def compress(state: Any, w: Any) -> Any:
    """One block in every lane. state uint32[8, LANES], w uint32[64, LANES] with the first 16 rows set."""
    for t in range(16, 64):
        for lane in range(16):
            x, y = w[t - 15, lane], w[t - 2, lane]
            s0 = (x >> R7 | x << R25) ^ (x >> R18 | x << R14) ^ x >> R3
            s1 = (y >> R17 | y << R15) ^ (y >> R19 | y << R13) ^ y >> R10
            w[t, lane] = w[t - 16, lane] + s0 + w[t - 7, lane] + s1
    v = state.copy()
    for t in range(64):
        k = K[t]
        # The eight working words rotate by index instead of being moved.
        ia, ib, ic, id_ = (64 - t) & 7, (65 - t) & 7, (66 - t) & 7, (67 - t) & 7
        ie, if_, ig, ih = (68 - t) & 7, (69 - t) & 7, (70 - t) & 7, (71 - t) & 7
        for lane in range(16):
            e, a = v[ie, lane], v[ia, lane]
            s1 = (e >> R6 | e << R26) ^ (e >> R11 | e << R21) ^ (e >> R25 | e << R7)
            ch = (e & v[if_, lane]) ^ (~e & v[ig, lane])
            t1 = v[ih, lane] + s1 + ch + k + w[t, lane]
            s0 = (a >> R2 | a << R30) ^ (a >> R13 | a << R19) ^ (a >> R22 | a << R10)
            b, c = v[ib, lane], v[ic, lane]
            v[id_, lane] += t1
            v[ih, lane] = t1 + s0 + ((a & b) ^ (a & c) ^ (b & c))
    for i in range(8):
        for lane in range(16):
            state[i, lane] += v[i, lane]


@device
def load(buf: Any, start: Any, length: Any, before: Any, block: Any, w: Any, lane: Any) -> Any:
    """Set the first 16 words of a lane to one padded block of a message; `before` bytes came before it."""
    bits = np.uint64(before + length) * np.uint64(8)
    last = (length + 8) // 64 == block
    for t in range(16):
        at = block * 64 + t * 4
        if at + 4 <= length:
            p = start + at
            word = np.uint32(buf[p]) << 24 | np.uint32(buf[p + 1]) << 16 | np.uint32(buf[p + 2]) << 8
            word |= np.uint32(buf[p + 3])
        else:
            word = np.uint32(0)
            for k in range(4):
                byte = np.uint32(0)
                if at + k < length:
                    byte = np.uint32(buf[start + at + k])
                elif at + k == length:
                    byte = np.uint32(128)
                word = word << 8 | byte
        w[t, lane] = word
    if last:
        w[14, lane], w[15, lane] = np.uint32(bits >> np.uint64(32)), np.uint32(bits & np.uint64(0xFFFFFFFF))


@kernel(i8, ro(u1), ro(i8), ro(i8), ro(u4), i8, rw(u4, 2))
def _digests(buf: Any, off: Any, order: Any, init: Any, before: Any, out: Any) -> int:
    """Digest of every row, as eight words; `init` is the state after `before` bytes."""
    n = len(order)
    w, state = np.zeros((64, 16), np.uint32), np.zeros((8, 16), np.uint32)
    for first in range(0, n, 16):
        lanes = min(16, n - first)
        blocks = 0
        for lane in range(lanes):
            row = order[first + lane]
            blocks = max(blocks, (off[row + 1] - off[row] + 8) // 64 + 1)
        for i in range(8):
            state[i, :] = init[i]
        for block in range(blocks):
            for lane in range(lanes):
                row = order[first + lane]
                length = off[row + 1] - off[row]
                if block <= (length + 8) // 64:
                    load(buf, off[row], length, before, block, w, lane)
            compress(state, w)
            for lane in range(lanes):
                row = order[first + lane]
                if block == (off[row + 1] - off[row] + 8) // 64:
                    for i in range(8):
                        out[row, i] = state[i, lane]
    return n


def _rows(
    buf: npt.NDArray[np.uint8], off: npt.NDArray[np.int64], init: npt.NDArray[np.uint32], before: int
) -> npt.NDArray[np.uint8]:
    blocks = (np.diff(off) + 8) >> 6
    order = np.argsort(blocks, kind="stable").astype(np.int64)
    out = np.empty((len(off) - 1, 8), np.uint32)
    _digests(buf, off, order, init, before, out)
    return out.byteswap().view(np.uint8)


def sha256_rows(buf: npt.NDArray[np.uint8], off: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """SHA-256 of every row buf[off[i]:off[i + 1]]; uint8[n, 32]."""
    return _rows(buf, off, START, 0)


def hmac_rows(key32: bytes, buf: npt.NDArray[np.uint8], off: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """The first 16 bytes of HMAC-SHA-256 under a key of at most 64 bytes, for every row; uint8[n, 16].

    >>> hmac_rows(bytes(32), np.frombuffer(b"ab", np.uint8), np.array([0, 1, 2])).shape
    (2, 16)
    """
    if len(key32) > 64:
        raise ValueError("a key of more than 64 bytes would have to be hashed first")
    block = np.zeros(64, np.uint8)
    block[: len(key32)] = np.frombuffer(key32, np.uint8)
    inner, outer = (_state_after(block ^ np.uint8(pad)) for pad in (0x36, 0x5C))
    first = _rows(buf, off, inner, 64)
    n = len(first)
    last = _rows(first.reshape(-1), np.arange(0, 32 * n + 1, 32, dtype=np.int64), outer, 64)
    return np.ascontiguousarray(last[:, :16])


@kernel(i8, ro(u1), rw(u4))
def _absorb(block: Any, state: Any) -> int:
    """Take one block of 64 bytes, without padding, into the state."""
    w, v = np.zeros((64, 16), np.uint32), np.zeros((8, 16), np.uint32)
    for t in range(16):
        for k in range(4):
            w[t, 0] = w[t, 0] << 8 | np.uint32(block[4 * t + k])
    v[:, 0] = state
    compress(v, w)
    state[:] = v[:, 0]
    return 64


def _state_after(block: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    state = START.copy()
    _absorb(block, state)
    return state
