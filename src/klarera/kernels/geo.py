"""The loop for pairs of decimal degrees, and what it shares with degrees that have minutes."""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202  (types stand in the signatures of the kernels)
from __future__ import annotations

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1
from klarera.kernels.numbers import is_digit, is_letter, is_word_at
from klarera.kernels.tokens import nearest_cue

__all__ = [
    "CUE", "LONGITUDE", "MAP", "NORTH", "find_pairs", "past_blanks", "past_degree", "past_letter", "past_separator",
]  # fmt: skip

CUE, LONGITUDE, NORTH, MAP = 1, 2, 3, 4
"""Tags: coordinates follow; the longitude follows; the letter or word of the latitude's hemisphere; a word of
map links that means other things as well, so blanks alone do not part the numbers behind it."""
REACH, BETWEEN = 30, 20
"""Bytes a cue may stand before a pair, and bytes in which the longitude's label must begin."""
LEAST, MOST = 4, 16
"""Decimals of a degree: four tell a house, more than sixteen no device writes."""


@device
def decimal_end(buf, i, hi, most):
    """End of the decimal degrees (0 to `most`) that begin at i, or -1."""
    j, whole = i, 0
    while j < hi and j - i < 4 and is_digit(buf[j]):
        whole = whole * 10 + int(buf[j]) - 48
        j += 1
    if j == i or j - i > 3 or whole > most or j >= hi or buf[j] != 46:
        return -1
    dot, exact = j, True
    j += 1
    while j < hi and is_digit(buf[j]):
        exact &= buf[j] == 48
        j += 1
    if j - dot - 1 < LEAST or j - dot - 1 > MOST or (whole == most and not exact):
        return -1
    return j


@device
def below_two(buf, i):
    """The number at i is 0.x or 1.x: at sea, where both numbers of a pair are."""
    return buf[i + 1] == 46 and buf[i] < 50


@device
def sign_start(buf, i, lo):
    """Where the sign of the number at i begins: "+", "-" or U+2212; i without one."""
    if i - 1 >= lo and (buf[i - 1] == 43 or buf[i - 1] == 45):
        return i - 1
    if i - 3 >= lo and buf[i - 3] == 0xE2 and buf[i - 2] == 0x88 and buf[i - 1] == 0x92:
        return i - 3
    return i


@device
def past_sign(buf, i, hi):
    """Behind a sign at i."""
    if i < hi and (buf[i] == 43 or buf[i] == 45):
        return i + 1
    if i + 2 < hi and buf[i] == 0xE2 and buf[i + 1] == 0x88 and buf[i + 2] == 0x92:
        return i + 3
    return i


@device
def past_blanks(buf, i, hi):
    """Behind at most three blanks, no-break ones too."""
    j = i
    while j < hi and j - i < 4:
        if buf[j] == 32 or buf[j] == 9:
            j += 1
        elif j + 1 < hi and buf[j] == 0xC2 and buf[j + 1] == 0xA0:
            j += 2
        else:
            break
    return j


@device
def past_degree(buf, i, hi):
    """Behind a degree sign (U+00B0, or U+00BA typed for it) at i."""
    if i + 1 < hi and buf[i] == 0xC2 and (buf[i + 1] == 0xB0 or buf[i + 1] == 0xBA):
        return i + 2
    return i


@device
def past_letter(buf, i, lo, hi, east):
    """Behind the letter of a hemisphere at i (N, S; E, O, W with `east`), if it stands alone; else i."""
    if i >= hi or is_word_at(buf, i + 1, lo, hi):
        return i
    c = buf[i]
    if east:
        return i + 1 if c == 69 or c == 79 or c == 87 else i
    return i + 1 if c == 78 or c == 83 else i


@device
def past_separator(buf, i, hi):
    """(place, kind) behind what parts two numbers: 0 nothing, 1 blanks, 2 a slash or semicolon, 3 a comma."""
    j = past_blanks(buf, i, hi)
    kind = 1 if j > i else 0
    if j < hi and buf[j] == 44:
        return past_blanks(buf, j + 1, hi), 3
    if j + 2 < hi and buf[j] == 37 and buf[j + 1] == 50 and (buf[j + 2] == 67 or buf[j + 2] == 99):  # %2C
        j += 3
        return (j + 1, 3) if j < hi and buf[j] == 43 else (j, 3)
    if j < hi and (buf[j] == 47 or buf[j] == 59):
        return past_blanks(buf, j + 1, hi), 2
    return j, kind


@device
def past_label(buf, i, hi, cue_start, cue_end, cue_tag):
    """Where a number begins behind a label of the longitude that begins soon after i; i if there is none."""
    left, right = 0, len(cue_start)
    while left < right:
        middle = (left + right) // 2
        if cue_start[middle] < i:
            left = middle + 1
        else:
            right = middle
    best = i
    while left < len(cue_start) and cue_start[left] <= i + BETWEEN and cue_start[left] < hi:
        if cue_tag[left] == LONGITUDE:
            between = True
            for p in range(i, cue_start[left]):
                between &= not is_digit(buf[p]) and buf[p] != 46
            if between:
                best = max(best, cue_end[left])
        left += 1
    if best == i:
        return i
    j = best
    while j < hi and j - best < 6 and buf[j] in (32, 34, 39, 40, 58, 61, 62, 92):  # blank " ' ( : = > \
        j += 1
    return j


@device
def is_listed(buf, s, e, lo, hi):
    """The pair buf[s:e] is a part of a longer list of decimals."""
    p = s
    while p > lo and s - p < 3 and buf[p - 1] == 32:
        p -= 1
    if p - 1 > lo and buf[p - 1] in (44, 59) and is_digit(buf[p - 2]):
        return True
    j, kind = past_separator(buf, e, hi)
    j = past_sign(buf, j, hi)
    return kind > 0 and decimal_end(buf, j, hi, 999) > 0


@device
def pair_end(buf, i, s, lo, hi, cue_start, cue_end, cue_tag):
    """End of the pair whose first number is buf[s:] with its digits from i, or -1."""
    j = decimal_end(buf, i, hi, 180)
    if j < 0:
        return -1
    first_small = decimal_end(buf, i, hi, 90) > 0
    link = s > lo and (buf[s - 1] == 64 or (s - 3 >= lo and buf[s - 1] == 100 and buf[s - 2] == 51))  # @, !3d
    if s > lo and not link and (is_word_at(buf, s - 1, lo, hi) or buf[s - 1] == 46 or (s < i and buf[s - 1] == 45)):
        return -1
    tag, gap = nearest_cue(buf, s, lo, REACH, cue_start, cue_end, cue_tag)
    cued = link or tag == CUE or (tag == NORTH and gap <= 2)
    j = past_degree(buf, j, hi)
    k = past_letter(buf, past_blanks(buf, j, hi), lo, hi, False)
    lettered = k > past_blanks(buf, j, hi)
    if lettered:
        j = k
    b, parted = past_separator(buf, j, hi)
    if j + 3 < hi and buf[j] == 33 and buf[j + 1] == 52 and buf[j + 2] == 100:  # !4d
        b, parted = j + 3, 3
    label = past_label(buf, j, hi, cue_start, cue_end, cue_tag)
    if label > j:
        b, parted, cued = label, 3, True
    b = past_blanks(buf, past_letter(buf, b, lo, hi, True), hi)
    digits = past_sign(buf, b, hi)
    if parted == 0 and not (digits > b and s < i):
        return -1
    if parted == 0:  # +48.8577+002.2950/
        parted = 3
    cued = cued or (tag == MAP and parted > 1)
    e = decimal_end(buf, digits, hi, 180)
    if e < 0:
        return -1
    small = decimal_end(buf, digits, hi, 90) > 0
    end = past_degree(buf, e, hi)
    k = past_letter(buf, past_blanks(buf, end, hi), lo, hi, True)
    if lettered and k > past_blanks(buf, end, hi):
        end, cued = k, True
    elif is_word_at(buf, end, lo, hi) and not (link and is_letter(buf[end])):
        return -1
    if end + 1 < hi and buf[end] == 46 and is_digit(buf[end + 1]):
        return -1
    at_sea = below_two(buf, i) and below_two(buf, digits)
    if cued:
        return end if (first_small or small) and (parted > 1 or not at_sea) else -1
    if parted != 3 or not first_small or at_sea:
        return -1
    return -1 if is_listed(buf, s, end, lo, hi) else end


@kernel(i8, ro(u1), ro(i8), ro(i4), ro(i8), ro(i8), ro(i8), ro(i8), ro(i8), rw(i4), rw(i8), rw(i8))
def find_pairs(buf, off, row, start, end, cue_start, cue_end, cue_tag, out_row, out_start, out_end):
    """Pairs of decimal degrees that begin in a cluster; returns how many."""
    k, floor = 0, 0
    for t in range(len(row)):
        lo, hi = off[row[t]], off[row[t] + 1]
        i = max(start[t], floor)
        while i < end[t] and k < len(out_row):
            if not is_digit(buf[i]):
                i += 1
                continue
            s = sign_start(buf, i, max(lo, floor))
            e = pair_end(buf, i, s, lo, hi, cue_start, cue_end, cue_tag)
            if e > 0:
                out_row[k], out_start[k], out_end[k] = row[t], s, e
                k += 1
                floor = i = e
                continue
            while i < end[t] and is_digit(buf[i]):
                i += 1
    return k
