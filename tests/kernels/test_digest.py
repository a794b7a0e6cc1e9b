"""Batched digests equal the standard library's, at every length and in any mixture."""

from __future__ import annotations

import hashlib
import hmac

import numpy as np
import numpy.typing as npt
import pytest

from klarera.kernels.digest import hmac_rows, sha256_rows


def rows(lengths: npt.NDArray[np.int64], seed: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    off = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    return np.random.default_rng(seed).integers(0, 256, off[-1]).astype(np.uint8), off


@pytest.mark.parametrize("seed", [1, 2])
def test_digests_of_all_lengths_equal_hashlib(seed: int) -> None:
    lengths = np.concatenate((np.arange(301), np.random.default_rng(seed).integers(0, 301, 200)))
    buf, off = rows(np.random.default_rng(seed).permutation(lengths), seed)
    key = bytes(range(32))
    plain, keyed = sha256_rows(buf, off), hmac_rows(key, buf, off)
    for i in range(len(off) - 1):
        message = buf[off[i] : off[i + 1]].tobytes()
        assert plain[i].tobytes() == hashlib.sha256(message).digest()
        assert keyed[i].tobytes() == hmac.digest(key, message, "sha256")[:16]


@pytest.mark.parametrize("n", [0, 1, 15, 16, 17])
def test_any_number_of_rows(n: int) -> None:
    buf, off = rows(np.full(n, 20), 3)
    keyed = hmac_rows(b"k", buf, off)
    assert keyed.shape == (n, 16)
    assert keyed.tobytes() == b"".join(
        hmac.digest(b"k", buf[20 * i : 20 * i + 20].tobytes(), "sha256")[:16] for i in range(n)
    )


def test_rows_need_not_begin_at_zero() -> None:
    buf, off = rows(np.full(40, 7), 4)
    assert (hmac_rows(b"k", buf, off)[5:9] == hmac_rows(b"k", buf, off[5:10])).all()


def test_another_key_gives_other_keys_and_a_long_one_is_refused() -> None:
    buf, off = rows(np.full(4, 9), 5)
    assert (hmac_rows(b"a" * 32, buf, off) != hmac_rows(b"b" * 32, buf, off)).any(axis=1).all()
    with pytest.raises(ValueError, match="64 bytes"):
        hmac_rows(bytes(65), buf, off)
