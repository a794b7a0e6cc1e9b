"""Handles grown from "@"."""

from __future__ import annotations

from typing import Any

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1
from klarera.kernels.addresses import domain_end, is_name_char, name_end, one_of, packed_word, word_keys
from klarera.kernels.utf8 import BYTE_CLASS, char_before

__all__ = ["grow_handles"]

_CODE = word_keys("charset import media override param property return returns supports test throws")
"""Names that stand behind "@" at the start of a line in program code and style sheets."""

_UNITS = word_keys(
    "am pm th st nd rd ers er hrs hr min sec ms km cm mm kg mg ml cl ft in lb lbs oz px pt dpi ppi fps hz khz mhz ghz "
    "kb mb gb tb kw mw kwh mph kmh kph rpm usd eur gbp uhr std oz kt kts bpm psi db ma ah mah em rem vh vw fr ppm "
    "yd yds mi yr yrs"
)
"""What stands behind a number at an "@" that is no name: "@5pm", "@60fps", "@72dpi"."""


@device
def looks_like_code(buf: Any, at: Any, end: Any, lo: Any, hi: Any) -> Any:
    """Tell whether "@name" is a decorator, an at-rule or a package scope."""
    if end < hi and buf[end] == 47 and at > lo and buf[at - 1] in (34, 39, 96):
        return True
    j = at
    while j > lo and at - j < 64 and buf[j - 1] in (9, 32, 42):
        j -= 1
    if j > lo and buf[j - 1] != 10:
        return False
    return (end < hi and buf[end] == 40) or one_of(_CODE, packed_word(buf, at + 1, end))


@device
def measures(buf: Any, start: Any, end: Any) -> Any:
    """Tell whether a name is a number with a unit behind it, or with a lone letter, or holds no letter at all.

    Capitals are a unit only where it is written so ("5PM", "@5SOS" is a name).
    """
    j, letters = start, 0
    while j < end and BYTE_CLASS[buf[j]] == 2:
        j += 1
    digits = j - start
    for k in range(j, end):
        letters += BYTE_CLASS[buf[k]] == 1 or buf[k] >= 0x80
    return letters == 0 or (digits > 0 and (letters < 2 or (end - j <= 3 and one_of(_UNITS, packed_word(buf, j, end)))))


@device
def repeats(buf: Any, at: Any, lo: Any) -> Any:
    """Tell whether "RT" stands as a word of its own right before "@": people write "RT@name" in one."""
    if at - 2 < lo or buf[at - 2] | 32 != 114 or buf[at - 1] | 32 != 116:
        return False
    if at - 2 == lo:
        return True
    point, _ = char_before(buf, at - 2, lo)
    return not is_name_char(point)


@kernel(i8, ro(u1), ro(i8), ro(i4), ro(i8), rw(i8))
def grow_handles(buf: Any, off: Any, row: Any, at: Any, out: Any) -> int:
    """End of the handle at each "@", or 0. Returns how many there are."""
    n = 0
    for i in range(len(at)):
        lo, hi, p = off[row[i]], off[row[i] + 1], at[i]
        out[i] = 0
        if p > lo:
            point, _ = char_before(buf, p, lo)
            if is_name_char(point) and not repeats(buf, p, lo):
                continue
        end = name_end(buf, p + 1, hi)
        if end - p < 3 or measures(buf, p + 1, end) or looks_like_code(buf, p, end, lo, hi):
            continue
        if end + 1 < hi and buf[end] == 64:
            end = max(end, domain_end(buf, end + 1, hi)) if domain_end(buf, end + 1, hi) > end + 1 else end
        out[i] = end
        n += 1
    return n
