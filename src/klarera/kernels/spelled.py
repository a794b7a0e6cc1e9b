"""E-mail addresses written in words: "name [at] domain (dot) org", "name at domain dot org"."""

from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1
from klarera.kernels.addresses import (
    DOMAIN,
    fold_into,
    is_name_char,
    local_start,
    one_of,
    packed_word,
    top_label_ok,
    word_keys,
)
from klarera.kernels.placeholders import at_placeholder
from klarera.kernels.utf8 import char_at

__all__ = ["grow_spelled", "spelled_form"]

# Without brackets a sentence may read the same ("the dot org"), so only these ends are believed there.
_TOPS = word_keys(
    "at be bg ch com cy cz de dk edu ee es eu fi fr gr hr hu ie info io is it lt lu lv me mt net nl no online org pl "
    "pt ro se si sk ua uk example"
)
_NO_HOSTS = word_keys("a an das dem den der die du el home il la le les lo my our that the this un une work your")
"""Words behind which a spelled address without brackets is ordinary speech ("me at the dot org party")."""


@device
def opens(c: Any) -> Any:
    """Opening brackets."""
    return c == 40 or c == 91 or c == 123 or c == 60


@device
def shuts(c: Any) -> Any:
    """Closing brackets."""
    return c == 41 or c == 93 or c == 125 or c == 62


@device
def before_word(buf: Any, j: Any, lo: Any) -> Any:
    """Step left from a spelled sign over blanks and one bracket: (place, bracket seen, blanks seen)."""
    a, bracket, blanks = j, False, 0
    while a > lo and a > j - 6 and (buf[a - 1] == 32 or (opens(buf[a - 1]) and not bracket)):
        if buf[a - 1] == 32:
            blanks += 1
        else:
            bracket = True
        a -= 1
    return a, bracket, blanks


@device
def after_word(buf: Any, j: Any, hi: Any) -> Any:
    """Step right from a spelled sign over blanks and one bracket: (place, bracket seen, blanks seen)."""
    b, bracket, blanks = j, False, 0
    while b < hi and b < j + 6 and (buf[b] == 32 or (shuts(buf[b]) and not bracket)):
        if buf[b] == 32:
            blanks += 1
        else:
            bracket = True
        b += 1
    return b, bracket, blanks


@device
def label_end(buf: Any, j: Any, hi: Any) -> Any:
    """End of one label of a domain."""
    while j < hi:
        point, size = char_at(buf, j, hi)
        if point != 45 and (point == 95 or not is_name_char(point)):
            break
        j += size
    return j


@device
def dot_after(buf: Any, j: Any, lo: Any, hi: Any, dot_start: Any, dot_end: Any) -> Any:
    """Where the next label begins if a dot, plain or spelled, stands at j; else j. Also: was it spelled?"""
    if j < hi and buf[j] == 46:
        return j + 1, False
    a, bracket = j, False
    while a < hi and a < j + 6 and (buf[a] == 32 or (opens(buf[a]) and not bracket)):
        bracket |= opens(buf[a])
        a += 1
    if a == j or a >= hi:
        return j, False
    if bracket and buf[a] == 46:
        b, shut, _ = after_word(buf, a + 1, hi)
        return (b, False) if shut else (j, False)
    k = np.searchsorted(dot_start, a)
    if k == len(dot_start) or dot_start[k] != a:
        return j, False
    b, shut, _ = after_word(buf, dot_end[k], hi)
    return (b, True) if shut == bracket and b > dot_end[k] else (j, False)


@kernel(i8, ro(u1), ro(i8), ro(i4), ro(i8), ro(i8), ro(i8), ro(i8), rw(i8, 2))
def grow_spelled(buf: Any, off: Any, row: Any, start: Any, end: Any, dot_start: Any, dot_end: Any, out: Any) -> int:
    """Grow an address around each spelled or bracketed "at"; out: start, end, end of the local part, start
    of the domain, 1 or 0 for none. Returns how many there are."""
    n = 0
    for i in range(len(start)):
        lo, hi = off[row[i]], off[row[i] + 1]
        out[i, 4] = 0
        a, opened, left = before_word(buf, start[i], lo)
        b, shut, right = after_word(buf, end[i], hi)
        if opened != shut or not (opened or (left and right and buf[start[i]] != 64)):
            continue
        begin = local_start(buf, a, lo)
        speech = not opened and one_of(_NO_HOSTS, packed_word(buf, b, label_end(buf, b, hi)))
        if begin == a or speech:
            continue
        label, labels, spelled = b, 0, False
        last = b
        while last - b < DOMAIN:
            stop = label_end(buf, label, hi)
            if stop == label or (stop < hi and buf[stop] == 91 and at_placeholder(buf, stop, hi)):
                break
            labels += 1
            if labels > 1:
                top = packed_word(buf, label, stop)
                if top_label_ok(buf, label, stop) and (opened or (spelled and one_of(_TOPS, top))):
                    last = stop
            label, word = dot_after(buf, stop, lo, hi, dot_start, dot_end)
            spelled |= word
            if label == stop:
                break
        if last == b:
            continue
        out[i, 0], out[i, 1], out[i, 2], out[i, 3], out[i, 4] = begin, last, a, b, 1
        n += 1
    return n


@kernel(i8, ro(u1), ro(i8), ro(i8), ro(i8), ro(i8), ro(i8), ro(i8), rw(u1), rw(i8))
def spelled_form(
    buf: Any, start: Any, end: Any, local_end: Any, domain: Any, dot_start: Any, dot_end: Any, out: Any, out_off: Any
) -> int:
    """Canonical form "local@domain"; never longer than the span."""
    n = 0
    out_off[0] = 0
    for i in range(len(start)):
        n = fold_into(buf, start[i], local_end[i], out, n)
        out[n] = 64
        n += 1
        label = domain[i]
        while label < end[i]:
            stop = min(label_end(buf, label, end[i]), end[i])
            if label > domain[i]:
                out[n] = 46
                n += 1
            n = fold_into(buf, label, stop, out, n)
            label, _ = dot_after(buf, stop, start[i], end[i], dot_start, dot_end)
            if label == stop:
                break
        out_off[i + 1] = n
    return n
