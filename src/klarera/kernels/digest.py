"""SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104) over many short messages at once.

Sixteen messages are hashed side by side, one in each lane, so that the compiler turns the rounds into
vector instructions; the messages are ordered by their number of blocks so that lanes end together. Indices
are unsigned: a signed one is tested for counting from the end, which keeps a loop from becoming a vector one.

>>> import hashlib
>>> buf, off = np.frombuffer(b"abcde", np.uint8), np.array([0, 3, 3, 5])
>>> sha256_rows(buf, off)[0].tobytes() == hashlib.sha256(b"abc").digest()
True
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from klarera.kernels import i8, inlined, kernel, ro, rw, u1, u4

__all__ = ["hmac_rows", "sha256_rows"]

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

R2, R3, R6, R7, R8, R10, R11, R13 = (np.uint32(n) for n in (2, 3, 6, 7, 8, 10, 11, 13))
R16, R17, R18, R19, R22, R24, R25 = (np.uint32(n) for n in (16, 17, 18, 19, 22, 24, 25))
R32, R128 = np.uint32(32), np.uint32(128)
U1, U2, U3, U4, U5, U6, U7, U8, U15, U16 = (np.uint64(n) for n in (1, 2, 3, 4, 5, 6, 7, 8, 15, 16))
AFTER_DIGEST, DIGEST_BITS = np.uint32(0x80000000), np.uint32((64 + 32) * 8)


@inlined
def turned(x: Any, right: Any) -> Any:
    """The word rotated. Cut to 32 bits at once: numba widens sums and shifts to 64, half a vector's lanes."""
    return np.uint32(np.uint32(x >> right) | np.uint32(x << np.uint32(R32 - right)))


@inlined
def step(s: Any, word: Any, k: Any) -> Any:
    """One round; s holds the eight working words."""
    a, b, c, d, e, f, g, h = s
    chosen = np.uint32((e & f) ^ (~e & g))
    most = np.uint32((a & b) ^ (a & c) ^ (b & c))
    t1 = np.uint32(h + (turned(e, R6) ^ turned(e, R11) ^ turned(e, R25)) + chosen + k + word)
    t2 = np.uint32((turned(a, R2) ^ turned(a, R13) ^ turned(a, R22)) + most)
    return np.uint32(t1 + t2), a, b, c, np.uint32(d + t1), e, f, g


@inlined
def compress(state: Any, v: Any, w: Any) -> Any:
    """One block in every lane. state uint32[8, 16], v room of that shape, w uint32[64, 16] with the first 16
    rows set."""
    for t in range(np.uint64(16), np.uint64(64)):
        for lane in range(np.uint64(16)):
            x, y = w[t - U15, lane], w[t - U2, lane]
            s0 = np.uint32(turned(x, R7) ^ turned(x, R18) ^ np.uint32(x >> R3))
            s1 = np.uint32(turned(y, R17) ^ turned(y, R19) ^ np.uint32(y >> R10))
            w[t, lane] = np.uint32(w[t - U16, lane] + s0 + w[t - U7, lane] + s1)
    for i in range(np.uint64(8)):
        for lane in range(np.uint64(16)):
            v[i, lane] = state[i, lane]
    for block in range(np.uint64(8)):
        # Eight rounds at a time stay in registers.
        t = block * U8  # type: ignore[assignment]  # one integer to numba
        for lane in range(np.uint64(16)):
            s = v[0, lane], v[1, lane], v[2, lane], v[3, lane], v[4, lane], v[5, lane], v[6, lane], v[7, lane]
            s = step(s, w[t, lane], K[t])
            s = step(s, w[t + U1, lane], K[t + U1])
            s = step(s, w[t + U2, lane], K[t + U2])
            s = step(s, w[t + U3, lane], K[t + U3])
            s = step(s, w[t + U4, lane], K[t + U4])
            s = step(s, w[t + U5, lane], K[t + U5])
            s = step(s, w[t + U6, lane], K[t + U6])
            s = step(s, w[t + U7, lane], K[t + U7])
            v[0, lane], v[1, lane], v[2, lane], v[3, lane] = s[0], s[1], s[2], s[3]
            v[4, lane], v[5, lane], v[6, lane], v[7, lane] = s[4], s[5], s[6], s[7]
    for i in range(np.uint64(8)):
        for lane in range(np.uint64(16)):
            state[i, lane] += v[i, lane]


@inlined
def load(buf: Any, start: Any, length: Any, before: Any, block: Any, w: Any, lane: Any) -> Any:
    """Set the first 16 words of a lane to one padded block of a message; `before` bytes came before it."""
    left = length - block * 64
    whole = np.uint64(min(max(left, 0) // 4, 16))
    p = np.uint64(start + block * 64)
    for t in range(whole):
        w[t, lane] = (
            np.uint32(buf[p]) << R24 | np.uint32(buf[p + U1]) << R16 | np.uint32(buf[p + U2]) << R8
            | np.uint32(buf[p + U3])
        )  # fmt: skip
        p += U4
    for t in range(whole, np.uint64(16)):
        w[t, lane] = 0
    if 0 <= left < 64:
        word, shift = np.uint32(0), R24
        for _ in range(left & 3):
            word |= np.uint32(buf[p]) << shift
            p += U1
            shift -= R8
        w[whole, lane] = word | R128 << shift
    if left + 8 < 64:
        bits = np.uint64(before + length) * U8
        w[14, lane], w[15, lane] = np.uint32(bits >> np.uint64(32)), np.uint32(bits & np.uint64(0xFFFFFFFF))


@kernel(i8, ro(u1), ro(i8), ro(i8), ro(u4), i8, ro(u4), rw(u4, 2), rw(u4, 3))
def _digests(buf: Any, off: Any, order: Any, init: Any, before: Any, outer: Any, out: Any, room: Any) -> int:
    """Digest of every row, as eight words; `init` is the state after `before` bytes. Where `outer` is given,
    the digest of that digest, beginning from the state `outer` after 64 bytes."""
    n = len(order)
    w, state, v, done = room[0], room[1, :8], room[1, 8:16], room[1, 16:24]
    for first in range(0, n, 16):
        lanes = min(16, n - first)
        blocks = 0
        for lane in range(lanes):
            row = order[first + lane]
            blocks = max(blocks, (off[row + 1] - off[row] + 8) // 64 + 1)
        for i in range(8):
            for lane in range(16):
                state[i, lane] = init[i]
        for block in range(blocks):
            for lane in range(lanes):
                row = order[first + lane]
                length = off[row + 1] - off[row]
                if block <= (length + 8) // 64:
                    load(buf, off[row], length, before, block, w, np.uint64(lane))
            compress(state, v, w)
            for lane in range(lanes):
                row = order[first + lane]
                if block == (off[row + 1] - off[row] + 8) // 64:
                    for i in range(8):
                        done[i, lane] = state[i, lane]
        if len(outer):
            for lane in range(16):
                for i in range(8):
                    w[i, lane], w[i + 8, lane] = done[i, lane], 0
                    state[i, lane] = outer[i]
                w[8, lane], w[15, lane] = AFTER_DIGEST, DIGEST_BITS
            compress(state, v, w)
            for lane in range(16):
                for i in range(8):
                    done[i, lane] = state[i, lane]
        for lane in range(lanes):
            row = order[first + lane]
            for i in range(8):
                out[row, i] = done[i, lane]
    return n


def _rows(
    buf: npt.NDArray[np.uint8],
    off: npt.NDArray[np.int64],
    init: npt.NDArray[np.uint32],
    before: int,
    outer: npt.NDArray[np.uint32],
) -> npt.NDArray[np.uint8]:
    blocks = (np.diff(off) + 8) >> 6
    # Small whole numbers are sorted by their digits; beyond their range the order only costs time.
    order = np.argsort(np.minimum(blocks, 0xFFFF).astype(np.uint16), kind="stable").astype(np.int64)
    out = np.empty((len(off) - 1, 8), np.uint32)
    _digests(buf, off, order, init, before, outer, out, np.zeros((2, 64, 16), np.uint32))
    return out.byteswap().view(np.uint8)


def sha256_rows(buf: npt.NDArray[np.uint8], off: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """SHA-256 of every row buf[off[i]:off[i + 1]]; uint8[n, 32]."""
    return _rows(buf, off, START, 0, START[:0])


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
    return np.ascontiguousarray(_rows(buf, off, inner, 64, outer)[:, :16])


@kernel(i8, ro(u1), rw(u4), allocates=True)
def _absorb(block: Any, state: Any) -> int:
    """Take one block of 64 bytes, without padding, into the state."""
    w = np.zeros((64, 16), np.uint32)
    before, room = np.zeros((8, 16), np.uint32), np.empty((8, 16), np.uint32)
    for t in range(16):
        for k in range(4):
            w[t, 0] = w[t, 0] << R8 | np.uint32(block[4 * t + k])
    before[:, 0] = state
    compress(before, room, w)
    state[:] = before[:, 0]
    return 64


def _state_after(block: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    state = START.copy()
    _absorb(block, state)
    return state
