"""Links to profiles, grown around a host of the table or around "/@"."""

from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1
from klarera.kernels.addresses import fold_into, is_name_char, name_end
from klarera.kernels.utf8 import BYTE_CLASS, FOLD_BYTE

__all__ = ["grow_links", "link_form"]

URL = 512
"""Bytes of a link on either side of its host."""


@device
def starts_with(buf: Any, j: Any, hi: Any, blob: Any, a: Any, b: Any) -> Any:
    """Tell whether buf[j:], in small letters, starts with blob[a:b]."""
    if hi - j < b - a:
        return False
    for k in range(b - a):  # noqa: SIM110 (numba compiles no generator)
        if FOLD_BYTE[buf[j + k]] != blob[a + k]:
            return False
    return True


@device
def host_start(buf: Any, j: Any, lo: Any) -> Any:
    """Where the host name that holds byte j - 1 begins."""
    a = j
    while a > lo and j - a < URL and (BYTE_CLASS[buf[a - 1]] & 3 or buf[a - 1] == 45 or buf[a - 1] == 46):
        a -= 1
    return a


@device
def scheme_start(buf: Any, a: Any, lo: Any) -> Any:
    """Where a scheme before the host at `a` begins ("https://"), or `a`."""
    if a - lo < 4 or buf[a - 1] != 47 or buf[a - 2] != 47 or buf[a - 3] != 58:
        return a
    s = a - 3
    while s > lo and a - s < 12 and BYTE_CLASS[buf[s - 1]] == 1:
        s -= 1
    return s if s < a - 3 else a


@device
def link_end(buf: Any, j: Any, hi: Any) -> Any:
    """Where the link that goes on at j ends, without the marks of the sentence around it."""
    b = j
    while b < hi and b - j < URL and buf[b] > 32 and buf[b] < 0x7F and buf[b] not in (34, 60, 62, 92, 94, 96, 123, 125):
        b += 1
    while b > j and buf[b - 1] in (33, 39, 41, 42, 44, 46, 58, 59, 63, 93, 95, 126):
        b -= 1
    return b


@device
def plain_name_end(buf: Any, j: Any, hi: Any, digits: Any) -> Any:
    """Where the name at j ends: as a handle, or, for a number, with the digits."""
    if not digits:
        if j < hi and buf[j] == 45:
            return j
        return name_end(buf, j, hi)
    b = j
    while b < hi and b - j < 32 and BYTE_CLASS[buf[b]] == 2:
        b += 1
    return b


@kernel(
    i8, ro(u1), ro(i8), ro(i4), ro(i8), ro(i8), ro(u1), ro(i8), ro(i8), ro(u1), ro(i8), ro(u1), ro(i8), ro(u1),
    ro(u1), ro(i8), ro(i8), rw(i8, 2),
)  # fmt: skip
def grow_links(
    buf: Any,
    off: Any,
    row: Any,
    start: Any,
    host_of: Any,
    host: Any,
    host_off: Any,
    rule_at: Any,
    path: Any,
    path_off: Any,
    canonical: Any,
    canonical_off: Any,
    digits: Any,
    reserved: Any,
    reserved_off: Any,
    word_at: Any,
    out: Any,
) -> int:
    """Grow a link at each candidate; out: start, end, site start, site end, start and end of the name, rule.

    A candidate is the first byte of a host of the table, or an "@" for the last host, which is any host.
    """
    n = 0
    for i in range(len(start)):
        lo, hi, h = off[row[i]], off[row[i] + 1], host_of[i]
        out[i, 5] = -1
        if h == len(host_off) - 2:
            site_end = start[i] - 1
            site = host_start(buf, site_end, lo)
            begin = scheme_start(buf, site, lo)
            if begin == site or site_end - site < 4 or buf[site_end] != 47:
                continue
        else:
            site_end = start[i] + host_off[h + 1] - host_off[h]
            if not starts_with(buf, start[i], hi, host, host_off[h], host_off[h + 1]):
                continue
            site = host_start(buf, start[i], lo)
            # "notx.com" and "mail@x.com" are other hosts, "de.x.com" is the same.
            if site < start[i] and buf[start[i] - 1] != 46:
                continue
            begin = scheme_start(buf, site, lo)
            if begin == site and site > lo and buf[site - 1] in (47, 64):
                continue
        for r in range(rule_at[h], rule_at[h + 1]):
            if not starts_with(buf, site_end, hi, path, path_off[r], path_off[r + 1]):
                continue
            name = site_end + path_off[r + 1] - path_off[r]
            stop = plain_name_end(buf, name, hi, digits[r])
            if stop == name or is_reserved(buf, name, hi, reserved, reserved_off, word_at[r], word_at[r + 1]):
                continue
            out[i, 0], out[i, 1], out[i, 2], out[i, 3] = begin, max(stop, link_end(buf, stop, hi)), site, name
            out[i, 4], out[i, 5] = stop, r
            n += 1
            break
    return n


@device
def is_reserved(buf: Any, name: Any, hi: Any, reserved: Any, off: Any, first: Any, last: Any) -> Any:
    """Tell whether the part of the path at `name` is one of the platform's own words."""
    for k in range(first, last):
        after = name + off[k + 1] - off[k]
        if not starts_with(buf, name, hi, reserved, off[k], off[k + 1]):
            continue
        if after == hi or not (is_name_char(np.int64(buf[after])) or buf[after] == 45 or buf[after] >= 0x80):
            # "p" is reserved, "p.anna" is a name.
            if after + 1 < hi and buf[after] == 46 and BYTE_CLASS[buf[after + 1]] & 3:
                continue
            return True
    return False


@kernel(i8, ro(u1), ro(i8, 2), ro(u1), ro(i8), i8, rw(u1), rw(i8))
def link_form(buf: Any, links: Any, canonical: Any, canonical_off: Any, any_host: Any, out: Any, out_off: Any) -> int:
    """Canonical forms; links as grow_links gives them. Under the rule `any_host` the site goes first."""
    n = 0
    out_off[0] = 0
    for i in range(len(links)):
        r = links[i, 5]
        if r == any_host:
            # Up to the "/" before "@": the rule's own form then brings the "@".
            n = fold_into(buf, links[i, 2], links[i, 3] - 1, out, n)
        for k in range(canonical_off[r], canonical_off[r + 1]):
            out[n] = canonical[k]
            n += 1
        n = fold_into(buf, links[i, 3], links[i, 4], out, n)
        out_off[i + 1] = n
    return n
