"""Addresses of records in the one form by which they are compared."""

from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import i8, kernel, ro, rw, u1
from klarera.kernels.utf8 import BYTE_CLASS, FOLD_BYTE

__all__ = ["url_messages"]

COLON, SLASH, DOT, HASH, ASK = 58, 47, 46, 35, 63


@kernel(i8, ro(u1), ro(i8), rw(u1), rw(i8))
def url_messages(buf: Any, off: Any, out: Any, out_off: Any) -> int:
    """What is hashed for each address: two zero bytes (no kind of finding), then its form.

    The form leaves out the scheme, "www.", the fragment, blanks around and slashes at the end; the host is in
    small letters, path and query stand as they are. An empty address gives an empty message. out needs the
    bytes of buf and two a row; out_off int64, one entry more than there are rows. Returns the bytes written.
    """
    n = 0
    out_off[0] = 0
    for i in range(len(off) - 1):
        j, hi = off[i], off[i + 1]
        while j < hi and buf[j] <= 32:
            j += 1
        while hi > j and buf[hi - 1] <= 32:
            hi -= 1
        k = j
        while k < hi and (BYTE_CLASS[buf[k]] & 3 or buf[k] == 43 or buf[k] == 45 or buf[k] == DOT):
            k += 1
        if k > j and k + 2 < hi and buf[k] == COLON and buf[k + 1] == SLASH and buf[k + 2] == SLASH:
            j = k + 3
        if hi - j > 4 and buf[j + 3] == DOT:
            www = FOLD_BYTE[buf[j]] == 119 and FOLD_BYTE[buf[j + 1]] == 119 and FOLD_BYTE[buf[j + 2]] == 119
            j += 4 if www else 0
        for k in range(j, hi):
            if buf[k] == HASH:
                hi = k
                break
        while hi > j and buf[hi - 1] == SLASH:
            hi -= 1
        if hi > j:
            out[n], out[n + 1] = 0, 0
            n += 2
            k = j
            while k < hi and buf[k] != SLASH and buf[k] != ASK:
                out[n] = FOLD_BYTE[buf[k]]
                n += 1
                k += 1
            first, to = np.uint64(k), np.uint64(n)
            for m in range(np.uint64(hi - k)):
                out[to + m] = buf[first + m]
            n += hi - k
        out_off[i + 1] = n
    return n
