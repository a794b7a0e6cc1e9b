"""The telephone-number loop: which groups of a digit cluster are one number, and on what evidence.

A window of groups counts when it is written internationally, in the North American 3-3-4 form, with a
trunk prefix in the groups of some numbering plan, as a number of the record's country, or beside a cue.
"""

# mypy: disable-error-code="no-any-return"
# ruff: noqa: SIM110  (a generator inside all() does not compile into a plain loop)
from __future__ import annotations

from typing import Any

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1, u2
from klarera.kernels.checksums import luhn
from klarera.kernels.numbers import (
    REACH,
    broken,
    cue_before,
    digit_groups,
    ends_free,
    is_digit,
    is_letter,
    is_word_at,
    next_groups,
    starts_free,
)
from klarera.kernels.phone_plans import (
    MAX_DIGITS,
    PLANS,
    calling_code,
    code_size,
    fits,
    international,
    plan_of,
    trunk_size,
)
from klarera.kernels.phone_shape import looks_otherwise, priced

__all__ = ["AFTER", "NOT_PHONE", "NOUN", "SHORTEST", "VERB", "find_phones"]

NOUN, VERB, AFTER, NOT_PHONE = 1, 2, 4, 8
"""Cue tags, bits: names a number; announces one; may stand right behind; names another kind of number."""
MAX_GROUPS = 24
SHORTEST = 7
"""Digits of the shortest number."""
AFTER_REACH = 3
"""Bytes between a number and a cue behind it, at most."""


@device
def gather(buf: Any, first: Any, last: Any, i: int, j: int, v: Any) -> int:
    """Digits of groups i..j into v, without a bracketed (0) behind the first; their count, at most 20."""
    n = 0
    for g in range(i, j + 1):
        a = first[g]
        if g > i and last[g] - a == 1 and buf[a] == 48 and buf[a - 1] == 40 and buf[a + 1] == 41:
            continue
        for p in range(a, last[g]):
            if n < 20:
                v[n] = buf[p] - 48
                n += 1
    return n


@device
def after_plus(buf: Any, first: Any, last: Any, i: int, n: int, plans: Any, v: Any, skip: int, strict: bool) -> int:
    """Last group of the international number that begins at group i, or -1; the longest one that a plan
    knows, else the longest of a possible length."""
    for known in (True, False):
        if not known and strict:
            break
        for j in range(min(n, i + 9) - 1, i - 1, -1):
            if j + 1 < n and buf[last[j]] in (45, 46, 43):
                continue
            if international(plans, v, skip, gather(buf, first, last, i, j, v), known):
                return j
    return -1


@device
def north_american(buf: Any, first: Any, last: Any, i: int, n: int) -> int:
    """Last group of a 3-3-4 number at group i, after an optional 1, or -1."""
    g = i
    if last[i] - first[i] == 1 and buf[first[i]] == 49 and i + 3 < n:
        g = i + 1
    if g + 2 >= n or last[g] - first[g] != 3 or last[g + 1] - first[g + 1] != 3 or last[g + 2] - first[g + 2] != 4:
        return -1
    if buf[first[g]] < 50:
        return -1
    bracket = buf[first[g] - 1] == 40 and buf[last[g]] == 41
    sep = buf[last[g + 1]]
    if first[g + 2] - last[g + 1] != 1 or not (sep in (45, 46) or (bracket and sep == 32)):
        return -1
    if not bracket and (first[g + 1] - last[g] != 1 or (buf[last[g]] != sep and buf[last[g]] not in (32, 47))):
        return -1
    return g + 2


@device
def with_trunk(buf: Any, first: Any, last: Any, i: int, n: int, plans: Any, v: Any) -> int:
    """Last group of a number with leading 0 in the groups of some plan, or -1.

    Two groups prove less: they need a bracket or stroke behind the area code, or ten digits. Four prove
    more: any plan that knows the digits will do.
    """
    if buf[first[i]] != 48 or last[i] - first[i] < 2 or buf[first[i] + 1] == 48:
        return -1
    for j in range(min(n, i + 6) - 1, i, -1):
        count = gather(buf, first, last, i, j, v)
        if count < 9 or count > 12 or (j + 1 < n and buf[last[j]] != 32):
            continue
        if j == i + 1 and count < 10 and buf[last[i]] not in (41, 47):
            continue
        if j == i + 2 and last[i] - first[i] == 3 and last[i + 1] - first[i + 1] == 2 and count == 9:
            continue  # 3-2-4 is how a US social security number is written
        for p in range(len(plans.code)):
            if (plans.trunk[p] >= 0 or plans.code[p] == 39) and fits(plans, p, first, last, i, j, v, count, j < i + 3):
                return j
    return -1


@device
def of_country(buf: Any, first: Any, last: Any, i: int, n: int, plans: Any, p: int, v: Any) -> int:
    """Last group of a number of plan p: with its trunk prefix, or in its groups; or -1."""
    for j in range(min(n, i + 6) - 1, i - 1, -1):
        count = gather(buf, first, last, i, j, v)
        if count < 7 or count > 13 or (j + 1 < n and buf[last[j]] != 32):
            continue
        marked = trunk_size(plans, p, v, count) > 0 or (plans.code[p] == 39 and v[0] == 0)
        if (marked or j > i) and fits(plans, p, first, last, i, j, v, count, not marked):
            return j
    return -1


@device
def beside_cue(buf: Any, first: Any, last: Any, i: int, n: int, v: Any, least: int) -> int:
    """Last group of a number next to a cue: the longest run of groups with `least` to 15 digits that keeps
    to one way of writing, or -1."""
    best = -1
    for j in range(i, min(n, i + 8)):
        if j > i + 1 and buf[last[j - 1]] == 32 and buf[last[j - 2]] in (45, 46):
            break
        count = gather(buf, first, last, i, j, v)
        if count > MAX_DIGITS:
            break
        free = j + 1 == n or buf[last[j]] in (32, 47)
        if count >= least and free and not (count >= 13 and j == i and luhn(v, 0, count)):
            best = j
    if best == i and last[i] - first[i] > 13:
        return -1
    return best


@device
def first_cue(pos: int, cue_start: Any) -> int:
    """Number of the first cue that begins at `pos` or later."""
    left, right = 0, len(cue_start)
    while left < right:
        middle = (left + right) // 2
        if cue_start[middle] < pos:
            left = middle + 1
        else:
            right = middle
    return left


@device
def cue_ahead(start: int, stop: int, cue_start: Any, cue_tag: Any) -> bool:
    """A cue that may stand behind a number begins where a number in [start, stop] could end."""
    at = first_cue(start, cue_start)
    while at < len(cue_start) and cue_start[at] <= stop + AFTER_REACH:
        if cue_tag[at] & AFTER:
            return True
        at += 1
    return False


@device
def cue_behind(buf: Any, pos: int, hi: int, cue_start: Any, cue_tag: Any) -> bool:
    """A cue that may stand behind a number begins at most AFTER_REACH bytes after `pos`."""
    left = first_cue(pos, cue_start)
    while left < len(cue_start) and cue_start[left] <= min(pos + AFTER_REACH, hi - 1):
        if cue_tag[left] & AFTER and not broken(buf, pos, cue_start[left]):
            for q in range(pos, cue_start[left]):
                if buf[q] == 44 or buf[q] == 10:  # , or a new line: the cue of the next number
                    return False
            return True
        left += 1
    return False


@device
def closes(buf: Any, i: int, lo: int, hi: int) -> bool:
    """A number may end before byte i; an extension (x123) may follow."""
    if i < hi and buf[i] in (120, 88) and i + 1 < hi and is_digit(buf[i + 1]):
        return True
    return ends_free(buf, i, lo, hi)


@device
def bracket_closes(buf: Any, start: int, end: int) -> bool:
    """A bracket that was opened before `start` is closed before `end`."""
    for p in range(start, end):
        if buf[p] == 41:
            return True
    return False


@device
def keep_canon(v: Any, at: int, n: int, code: int, canon: Any) -> int:
    """Digits into canon: the calling code (0: none) and v[at:n]; returns their count."""
    k = 0
    size = code_size(code) if code else 0
    for s in range(size):
        canon[k] = 48 + code // 10 ** (size - 1 - s) % 10
        k += 1
    for i in range(at, n):
        canon[k] = 48 + v[i]
        k += 1
    return k


@device
def number_at(
    buf: Any, lo: int, hi: int, first: Any, last: Any, i: int, n: int, plans: Any, plan: int, cues: int, cue_start: Any,
    cue_tag: Any, v: Any, canon: Any, found: Any,
) -> bool:  # fmt: skip
    """The number that begins at group i. found: last group, length of canon, 1 if a cue alone proves it."""
    mark = first[i] - 1
    plus = mark >= lo and buf[mark] == 43 and not is_word_at(buf, mark - 1, lo, hi)
    found[2] = 0
    if plus:
        j = after_plus(buf, first, last, i, n, plans, v, 0, False)
        if j >= 0 and (j + 1 < n or closes(buf, last[j], lo, hi)):
            count = gather(buf, first, last, i, j, v)
            found[0], found[1] = (
                j,
                keep_canon(v, international(plans, v, 0, count, False), count, calling_code(plans, v, 0, count), canon),
            )
            return True
    if mark >= lo and buf[mark] in (45, 46, 47, 43, 58, 44) and mark > lo and is_digit(buf[mark - 1]):
        return False
    if not plus and last[i] - first[i] > 2 and buf[first[i]] == 48 and buf[first[i] + 1] == 48:
        j = after_plus(buf, first, last, i, n, plans, v, 2, False)
        if j == i:
            j = after_plus(buf, first, last, i, i + 1, plans, v, 2, True)
        if j >= 0 and (j + 1 < n or closes(buf, last[j], lo, hi)):
            count = gather(buf, first, last, i, j, v)
            found[0], found[1] = (
                j,
                keep_canon(
                    v, international(plans, v, 2, count, j == i), count, calling_code(plans, v, 2, count), canon
                ),
            )
            return True
    if cues & NOT_PHONE or priced(buf, first[i], lo, hi):
        return False
    j = north_american(buf, first, last, i, n)
    code = 1
    if j < 0:
        j = with_trunk(buf, first, last, i, n, plans, v)
        code = 0
    if j < 0 and plan >= 0:
        j = of_country(buf, first, last, i, n, plans, plan, v)
    if j < 0:
        if not cues & (NOUN | VERB) and not cue_ahead(last[i], last[min(n, i + 8) - 1], cue_start, cue_tag):
            return False
        least = 7 if cues & NOUN or n > i + 1 else 9
        j = beside_cue(buf, first, last, i, n, v, least)
        if j < 0 or not (cues & (NOUN | VERB) or cue_behind(buf, last[j], hi, cue_start, cue_tag)):
            return False
        found[2] = 1
    if looks_otherwise(buf, first, last, i, j, lo, hi) or not (j + 1 < n or closes(buf, last[j], lo, hi)):
        return False
    count = gather(buf, first, last, i, j, v)
    at = 0
    if code == 1:
        at = count - 10
    elif plan >= 0 and fits(plans, plan, first, last, i, j, v, count, False):
        at, code = trunk_size(plans, plan, v, count), plans.code[plan]
    found[0], found[1] = j, keep_canon(v, at, count, code, canon)
    return True


@kernel(
    i8,
    ro(u1),
    ro(i8),
    ro(u2),
    ro(i4),
    ro(i8),
    ro(i8),
    ro(i4),
    PLANS,
    ro(i8),
    ro(i8),
    ro(i8),
    rw(i4),
    rw(i8),
    rw(i8),
    rw(u1),
    rw(u1, 2),
    rw(i8),
    scratch=((i8, MAX_GROUPS), (i8, MAX_GROUPS), (i8, 20), (i8, 3)),
)
def find_phones(
    buf: Any, off: Any, country: Any, row: Any, start: Any, end: Any, count: Any, plans: Any, cue_start: Any,
    cue_end: Any, cue_tag: Any, out_row: Any, out_start: Any, out_end: Any, out_cued: Any, out_canon: Any,
    out_length: Any,
    first: Any, last: Any, v: Any, found: Any,
) -> int:  # fmt: skip
    """Telephone numbers in the clusters; returns how many. Cues ordered by start; tags are bits."""
    k = 0
    for t in range(len(row)):
        if count[t] < SHORTEST:
            continue
        lo, hi = off[row[t]], off[row[t] + 1]
        n = digit_groups(buf, start[t], end[t], first, last)
        plan = plan_of(plans, country[row[t]])
        behind = cue_ahead(first[0], end[t], cue_start, cue_tag)
        i = 0
        while i < n and k < len(out_row):
            more = next_groups(buf, end[t], first, last, i, n)
            if more:
                i, n = 1, more
            opens = first[i] - 1 if first[i] > lo and buf[first[i] - 1] in (40, 43) else first[i]
            if opens > lo and buf[opens] == 43 and buf[opens - 1] == 40:
                opens -= 1
            glued = i == 0 and not starts_free(buf, opens, lo, hi)
            tags = cue_before(buf, opens, lo, REACH, cue_start, cue_end, cue_tag)
            size = last[i] - first[i]
            # Without +, leading 0, 1 or three digits, cue or country nothing can come of it.
            marked = opens < first[i] or buf[first[i]] == 48 or size == 3 or size == 1
            hopeless = not (marked or behind or plan >= 0 or tags & (NOUN | VERB))
            if (
                glued
                or hopeless
                or not number_at(
                    buf, lo, hi, first, last, i, n, plans, plan, tags, cue_start, cue_tag, v, out_canon[k], found
                )
            ):
                # What follows a word's own digits (DE89 3704 ...) belongs to that word.
                if i == 0 and first[0] > lo and is_letter(buf[first[0] - 1]):
                    break
                i += 1
                continue
            j = found[0]
            begin = first[i]
            if (begin > lo and buf[begin - 1] == 43) or (
                begin > lo and buf[begin - 1] == 40 and bracket_closes(buf, begin, last[j])
            ):
                begin -= 1
            out_row[k], out_start[k], out_end[k] = row[t], begin, last[j]
            out_cued[k], out_length[k] = found[2], found[1]
            k += 1
            i = j + 1
    return k
