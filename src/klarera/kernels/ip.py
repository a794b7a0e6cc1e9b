"""The loops for IP addresses: dotted quads in clusters of digits, RFC 4291 forms in groups joined by colons."""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202  (types stand in the signatures of the kernels)
from __future__ import annotations

import numpy as np

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1
from klarera.kernels.numbers import is_digit, is_letter, is_word_at, value
from klarera.kernels.tokens import nearest_cue

__all__ = ["ADDRESS", "CANON", "OTHER", "find_v4", "find_v6"]

ADDRESS, OTHER = 1, 2
"""Tags of cues: an address follows; a version, section or telephone number follows."""
CANON = 32
"""Bytes of the longest canonical form: 32 hex digits, or a dotted quad."""
REACH, NEAR = 30, 10
"""Bytes a cue may stand before a number that looks like a version, and before one that looks like an address."""
ZONE = 15


@device
def octet_end(buf, i, hi):
    """End of the number 0-255 without leading zero that begins at i, or -1."""
    j, v = i, 0
    while j < hi and j - i < 4 and is_digit(buf[j]):
        v = v * 10 + int(buf[j]) - 48
        j += 1
    if j == i or j - i > 3 or v > 255 or (j - i > 1 and buf[i] == 48):
        return -1
    return j


@device
def quad_end(buf, i, hi, octets):
    """End of the dotted quad that begins at i, or -1; its numbers go into `octets`."""
    j = i
    for k in range(4):
        if k:
            if j >= hi or buf[j] != 46:
                return -1
            j += 1
        end = octet_end(buf, j, hi)
        if end < 0:
            return -1
        v = 0
        for p in range(j, end):
            v = v * 10 + int(buf[p]) - 48
        octets[k] = v
        j = end
    return j


@device
def is_alone_left(buf, i, lo, hi):
    """Nothing before byte i makes the quad a part of a name, a path, a requirement or a longer number."""
    if i == lo:
        return True
    c = buf[i - 1]
    if is_word_at(buf, i - 1, lo, hi):
        return False
    before = int(buf[i - 2]) if i - 2 >= lo else 32
    if c == 46:  # only a range "a..b"
        return before == 46
    if c == 45 and is_digit(before):  # a range: a quad before the hyphen
        p = i - 1
        while p > lo and is_digit(buf[p - 1]):
            p -= 1
        return p > lo and buf[p - 1] == 46
    if c == 45 or c == 47:  # pkg-1.2.3.4, Chrome/1.2.3.4; the Java form "/1.2.3.4" and "//" are free
        return not is_word_at(buf, i - 2, lo, hi)
    if c == 94 or c == 126 or c == 35 or (c == 0xA7 and before == 0xC2):  # ^ ~ # §
        return False
    j = i - 1 if c == 32 else i
    sign = buf[j - 2] if j - 2 >= lo else np.uint8(32)
    return not (j - 1 >= lo and buf[j - 1] == 61 and sign in (33, 60, 61, 62, 126))  # != <= == >= ~=


@device(allocates=True)
def is_alone_right(buf, j, hi, octets):
    """Nothing from byte j on makes the quad a part of a longer number, a version or a file name."""
    if is_word_at(buf, j, j, hi):
        return False
    if j + 1 >= hi:
        return True
    c = buf[j]
    if c == 46 or c == 43:  # 1.2.3.4.5, 1.2.3.4.dll, 1.2.3.4+build
        return not is_word_at(buf, j + 1, j, hi)
    if c == 45 and is_word_at(buf, j + 1, j, hi):  # 1.2.3.4-beta; ranges 192.0.2.1-192.0.2.9, 192.0.2.1-9
        other = np.empty(4, np.int64)
        if quad_end(buf, j + 1, hi, other) > 0:
            return True
        end = octet_end(buf, j + 1, hi)
        return end > 0 and not is_word_at(buf, end, j, hi) and octets[0] >= 10
    return True


@device
def looks_like_version(octets):
    """A small first number (but 10) and fewer than two of three digits: a version or section as easily."""
    large = 0
    for k in range(1, 4):
        large += octets[k] >= 100
    return octets[0] < 20 and octets[0] != 10 and large < 2


@device
def put_quad(octets, canon):
    """Write the dotted quad; returns its length."""
    n = 0
    for k in range(4):
        v = octets[k]
        if k:
            canon[n] = 46
            n += 1
        if v > 99:
            canon[n] = 48 + v // 100
            n += 1
        if v > 9:
            canon[n] = 48 + v // 10 % 10
            n += 1
        canon[n] = 48 + v % 10
        n += 1
    return n


@kernel(
    i8, ro(u1), ro(i8), ro(i4), ro(i8), ro(i8), ro(i8), ro(i8), ro(i8), rw(i4), rw(i8), rw(i8), rw(u1, 2), rw(i8),
    allocates=True,
)  # fmt: skip
def find_v4(
    buf, off, row, start, end, cue_start, cue_end, cue_tag, out_row, out_start, out_end, canon, length
):  # fmt: skip
    """Dotted quads in the clusters that stand for an address; returns how many."""
    octets = np.empty(4, np.int64)
    k = 0
    for t in range(len(row)):
        lo, hi = off[row[t]], off[row[t] + 1]
        i = start[t]
        while i < end[t] and k < len(out_row):
            if not is_digit(buf[i]):
                i += 1
                continue
            stop = quad_end(buf, i, end[t], octets)
            # 0.x is no host; 255.x is a mask or the broadcast.
            if (
                stop > 0
                and 0 < octets[0] < 255
                and is_alone_left(buf, i, lo, hi)
                and is_alone_right(buf, stop, hi, octets)
            ):
                tag, gap = nearest_cue(buf, i, lo, REACH, cue_start, cue_end, cue_tag)
                if tag == ADDRESS or (not looks_like_version(octets) and (tag != OTHER or gap > NEAR)):
                    out_row[k], out_start[k], out_end[k] = row[t], i, stop
                    length[k] = put_quad(octets, canon[k])
                    k += 1
                    i = stop
            while i < end[t] and is_digit(buf[i]):
                i += 1
    return k


@device
def hex_end(buf, i, hi):
    """End of the hex digits that begin at i, five at most."""
    j = i
    while j < hi and j - i < 5 and 0 <= value(buf[j]) < 16:
        j += 1
    return j


@device(allocates=True)
def v6_end(buf, i, hi, groups, seen):
    """End of the RFC 4291 address that begins at i, or -1.

    groups becomes its eight numbers; seen: groups written, hex digits of the widest, letters, digits, quad.
    """
    octets = np.empty(4, np.int64)
    seen[:] = 0
    n, gap, j = 0, -1, i
    if j + 1 < hi and buf[j] == 58 and buf[j + 1] == 58:
        gap, j = 0, j + 2
    while n <= 8:
        e = hex_end(buf, j, hi)
        if e == j:
            break
        if e + 1 < hi and buf[e] == 46 and is_digit(buf[e + 1]):
            e = quad_end(buf, j, hi, octets)
            if e < 0 or n > 6:
                return -1
            groups[n], groups[n + 1] = octets[0] * 256 + octets[1], octets[2] * 256 + octets[3]
            n, j, seen[4] = n + 2, e, 1
            break
        if e - j > 4 or n == 8:
            return -1
        v = 0
        for p in range(j, e):
            v = v * 16 + value(buf[p])
            seen[2 if is_letter(buf[p]) else 3] += 1
        seen[1] = max(seen[1], e - j)
        groups[n] = v
        n, j = n + 1, e
        if j + 1 >= hi or buf[j] != 58:
            break
        if buf[j + 1] == 58:
            if gap >= 0:
                return -1
            gap, j = n, j + 2
        elif hex_end(buf, j + 1, hi) > j + 1:
            j += 1
        else:
            break
    if gap < 0:
        seen[0] = n
        return j if n == 8 else -1
    if n > 7 or n == 0:
        return -1
    for k in range(n - gap):
        groups[7 - k] = groups[n - 1 - k]
    for k in range(gap, 8 - n + gap):
        groups[k] = 0
    seen[0] = n
    return j


@device
def is_likely(buf, i, j, lo, hi, seen, groups):
    """Tell whether the address reads as one without a cue: not a slice `x[1::2]`, a scope `ad::be`, a ratio."""
    if i > lo and buf[i - 1] == 91 and i - 2 >= lo:
        if buf[i - 2] == 47:
            return True
        if is_word_at(buf, i - 2, lo, hi) or buf[i - 2] in (41, 93):
            return False
    if seen[4]:
        return True
    if seen[1] < 3 or seen[3] == 0:
        return False
    if buf[i] == 58:
        return seen[0] >= 2 and seen[2] > 0
    # Addresses in use begin with four digits (2000::/3, fc00::/7, fe80::/10, ff00::/8) or with 64:ff9b.
    return (groups[0] >= 0x1000 or groups[0] == 0x64 or seen[0] == 8) and (seen[2] > 0 or seen[0] >= 3)


@device
def zone_end(buf, j, hi):
    """End of the zone of a link-local address ("%eth0", "%11") that begins at j, or j."""
    if j + 1 >= hi or buf[j] != 37:
        return j
    e, letters = j + 1, is_letter(buf[j + 1])
    while e < hi and e - j <= ZONE and (is_digit(buf[e]) or (letters and is_letter(buf[e]))):
        e += 1
    if e == j + 1 or is_word_at(buf, e, j, hi) or (not letters and e - j > 4):
        return j
    return e


@device(allocates=True)
def put_groups(groups, canon):
    """Write 32 hex digits, or the dotted quad of a mapped address; returns the length."""
    mapped = groups[5] == 0xFFFF
    for k in range(5):
        mapped &= groups[k] == 0
    if mapped:
        octets = np.empty(4, np.int64)
        octets[0], octets[1] = groups[6] >> 8, groups[6] & 255
        octets[2], octets[3] = groups[7] >> 8, groups[7] & 255
        return put_quad(octets, canon)
    for k in range(32):
        v = groups[k // 4] >> (12 - 4 * (k % 4)) & 15
        canon[k] = 48 + v if v < 10 else 87 + v
    return 32


@kernel(
    i8, ro(u1), ro(i8), ro(i4), ro(i8), ro(i8), ro(i8), ro(i8), ro(i8), rw(i4), rw(i8), rw(i8), rw(u1, 2), rw(i8),
    allocates=True,
)  # fmt: skip
def find_v6(
    buf, off, row, start, end, cue_start, cue_end, cue_tag, out_row, out_start, out_end, canon, length
):  # fmt: skip
    """IPv6 addresses in the groups joined by colons; returns how many."""
    groups, seen = np.empty(10, np.int64), np.empty(5, np.int64)
    k = 0
    for t in range(len(row)):
        lo, hi = off[row[t]], off[row[t] + 1]
        i = start[t]
        for attempt in range(2):
            if attempt or is_word_at(buf, i - 1, lo, hi):
                # "IPv6:", "source:", "add:" before the address: the label's end looks like a first group.
                while i < end[t] and is_letter(buf[i]) and attempt:
                    i += 1
                while i < end[t] and buf[i] != 58 and not attempt:
                    i += 1
                if i == start[t] or i + 1 >= end[t] or buf[i] != 58 or buf[i + 1] == 58:
                    break
                i += 1
            stop = v6_end(buf, i, hi, groups, seen)
            if stop < 0 or stop < end[t]:
                continue
            if is_word_at(buf, stop, lo, hi) or (i > lo and buf[i - 1] == 46):
                break
            if stop + 1 < hi and (buf[stop] == 58 or buf[stop] == 46) and is_word_at(buf, stop + 1, lo, hi):
                break
            tag, _ = nearest_cue(buf, i, lo, REACH, cue_start, cue_end, cue_tag)
            if tag != ADDRESS and not is_likely(buf, i, stop, lo, hi, seen, groups):
                break
            out_row[k], out_start[k], out_end[k] = row[t], i, stop
            if groups[0] & 0xFFC0 == 0xFE80:
                out_end[k] = zone_end(buf, stop, hi)
            length[k] = put_groups(groups, canon[k])
            k += 1
            break
    return k
