"""The loop for coordinates in degrees, minutes and seconds."""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202  (types stand in the signatures of the kernels)
from __future__ import annotations

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1
from klarera.kernels.geo import past_blanks, past_degree, past_letter, past_separator
from klarera.kernels.numbers import is_digit, is_letter, is_word_at

__all__ = ["find_degrees"]


@device
def past_prime(buf, i, hi, seconds):
    """Behind the sign of minutes, or of seconds, at i: ' ′ ’ or " ″ ” '' ′′; i without one."""
    if i >= hi:
        return i
    three = i + 2 < hi and buf[i] == 0xE2 and buf[i + 1] == 0x80
    if seconds:
        if buf[i] == 34:
            return i + 1
        if three and (buf[i + 2] == 0xB3 or buf[i + 2] == 0x9D):
            return i + 3
        once = past_prime_once(buf, i, hi)
        twice = past_prime_once(buf, once, hi)
        return twice if once > i and twice > once else i
    return past_prime_once(buf, i, hi)


@device
def past_prime_once(buf, i, hi):
    """Behind one of ' ′ ’ at i."""
    if i < hi and buf[i] == 39:
        return i + 1
    if i + 2 < hi and buf[i] == 0xE2 and buf[i + 1] == 0x80 and (buf[i + 2] == 0xB2 or buf[i + 2] == 0x99):
        return i + 3
    return i


@device
def sixty_end(buf, i, hi):
    """(end, has decimals) of a number below 60 that begins at i; end = i without one."""
    j, v = i, 0
    while j < hi and j - i < 3 and is_digit(buf[j]):
        v = v * 10 + int(buf[j]) - 48
        j += 1
    if j == i or j - i > 2 or v > 59:
        return i, False
    if j + 1 < hi and (buf[j] == 46 or buf[j] == 44) and is_digit(buf[j + 1]):
        j += 1
        while j < hi and is_digit(buf[j]):
            j += 1
        return j, True
    return j, False


@device
def degrees_end(buf, i, hi, most):
    """End of degrees, minutes and perhaps seconds that begin at i; -1 if none or no finer than a minute."""
    j, v = i, 0
    while j < hi and j - i < 4 and is_digit(buf[j]):
        v = v * 10 + int(buf[j]) - 48
        j += 1
    k = past_degree(buf, j, hi)
    if j == i or j - i > 3 or v > most or k == j:
        return -1
    k = past_blanks(buf, k, hi)
    e, fine = sixty_end(buf, k, hi)
    if e == k:
        return -1
    j = past_prime(buf, e, hi, False)
    if fine:
        return j
    if j == e:
        return -1
    k = past_blanks(buf, j, hi)
    e, _ = sixty_end(buf, k, hi)
    return past_prime(buf, e, hi, True) if e > k else -1


@device
def degrees_start(buf, p, lo):
    """Where degrees that end before p begin: at the digits before the nearest degree sign; -1 without one."""
    q = p
    while q - 1 > lo and p - q < 28:
        q -= 1
        if buf[q - 1] == 0xC2 and (buf[q] == 0xB0 or buf[q] == 0xBA):
            s = q - 1
            while s > lo and q - s < 5 and is_digit(buf[s - 1]):
                s -= 1
            return s if s < q - 1 else -1
    return -1


@kernel(i8, ro(u1), ro(i8), ro(i4), ro(i8), ro(i8), rw(i4), rw(i8), rw(i8))
def find_degrees(buf, off, row, start, end, out_row, out_start, out_end):
    """Degrees, minutes and seconds around the letter of the latitude; returns how many.

    The letter stands behind the numbers (48°51'29.6"N 2°17'40.2"E) or before (N 48° 51.494' E 2° 17.670').
    """
    k = 0
    for t in range(len(row)):
        lo, hi = off[row[t]], off[row[t] + 1]
        if buf[start[t]] != 78 and buf[start[t]] != 83:
            continue
        s = degrees_start(buf, start[t], lo)
        behind = s >= 0 and past_blanks(buf, max(degrees_end(buf, s, hi, 90), 0), hi) == start[t]
        if behind:
            j, _ = past_separator(buf, end[t], hi)
        else:
            s = start[t]
            j = degrees_end(buf, past_blanks(buf, end[t], hi), hi, 90)
            if j < 0:
                continue
            j, _ = past_separator(buf, j, hi)
            letter = past_letter(buf, j, lo, hi, True)
            if letter == j and not (j < hi and buf[j] in (69, 79, 87) and is_digit(buf[min(j + 1, hi - 1)])):
                continue
            j = past_blanks(buf, j + 1, hi)
        e = degrees_end(buf, j, hi, 180)
        if e < 0:
            continue
        if behind:
            letter = past_blanks(buf, e, hi)
            e = letter
            while e < hi and is_letter(buf[e]):
                e += 1
            if e == letter or buf[letter] not in (69, 79, 87):
                continue
        if is_word_at(buf, s - 1, lo, hi) or is_word_at(buf, e, lo, hi):
            continue
        out_row[k], out_start[k], out_end[k] = row[t], s, e
        k += 1
    return k
