"""How a matched text stands to what it says: quoted, asked, negated, wished, repeated, or of somebody named before."""
# ruff: noqa: SIM102, SIM110  (what these ask for does not compile into a plain loop)

from __future__ import annotations

from typing import Any

from klarera.kernels import inlined
from klarera.kernels.cue_graph import AND, REL, WISH, any_edge
from klarera.kernels.cue_words import AT, GAP_BREAK, GAP_HARD

STATED, NEGATED, QUOTED, ASKED, WISHED = range(5)


@inlined
def quoted(buf: Any, lo: Any, at: Any, hi: Any) -> Any:
    """Whether the byte `at` stands between double quotation marks of any kind."""
    marks = 0
    for p in range(lo, at):
        marks += is_quote(buf, p, hi)
    if marks % 2 == 0:
        return False
    for p in range(at, min(hi, at + 600)):
        if is_quote(buf, p, hi):
            return True
    return False


@inlined
def is_quote(buf: Any, p: Any, hi: Any) -> Any:
    """1 where a double quotation mark begins."""
    c = buf[p]
    if c == 34:
        return 1
    if c == 0xC2 and p + 1 < hi and (buf[p + 1] == 0xAB or buf[p + 1] == 0xBB):
        return 1
    if c == 0xE2 and p + 2 < hi and buf[p + 1] == 0x80 and 0x9C <= buf[p + 2] <= 0x9F:
        return 1
    return 0


@inlined
def stance_of(
    buf: Any,
    lo: Any,
    hi: Any,
    left: Any,
    right: Any,
    neg: Any,
    start: Any,
    end: Any,
    gap: Any,
    n_tok: Any,
    lex_bits: Any,
    edges: Any,
    head: Any,
) -> Any:
    """Stance of a match over words [left, right) by what stands around it."""
    if quoted(buf, lo, start[left], hi):
        return QUOTED
    t = right
    while t < n_tok and gap[t] < GAP_BREAK and not any_edge(t, 0, AND, lex_bits, edges, head):
        t += 1
    if gap[t] == GAP_HARD:
        p = end[t - 1]
        while p < hi and p < end[t - 1] + 4 and buf[p] != 63 and buf[p] != 46 and buf[p] != 33 and buf[p] != 10:
            p += 1
        if p < hi and buf[p] == 63:
            return ASKED
    if neg:
        return NEGATED
    t = left
    while t > 0 and gap[t] < GAP_BREAK:
        t -= 1
    while t < right:
        if any_edge(t, 0, WISH, lex_bits, edges, head):
            return WISHED
        t += 1
    return STATED


@inlined
def repeats_from(buf: Any, lo: Any, hi: Any) -> Any:
    """From which byte on the row repeats somebody ("RT @x", or "@x:" at its start): there "I" is not its author.

    hi + 1 if nowhere. One look at the row, however many statements it holds.
    """
    p = lo
    if p < hi and buf[p] == 64:
        while p < hi and buf[p] > 32 and buf[p] != 58:
            p += 1
        while p < hi and buf[p] == 32:
            p += 1
        if p + 1 < hi and buf[p] == 58 and buf[p + 1] == 32:
            return p + 2
    for p in range(lo, hi - 3):
        if buf[p] == 82 and buf[p + 1] == 84 and (buf[p + 2] == 64 or (buf[p + 2] == 32 and buf[p + 3] == 64)):
            if p == lo or buf[p - 1] <= 32 or buf[p - 1] == 34:
                return p + 4
    return hi + 1


@inlined
def someone_before(left: Any, form: Any, edges: Any, head: Any, lex_bits: Any) -> Any:
    """Whether a person (relation, name, handle that is not the one addressed) stands before word `left`."""
    lead = 0
    while lead < left and form[lead] & AT:
        lead += 1
    for t in range(lead, left):
        if any_edge(t, 0, REL, lex_bits, edges, head):
            return True
    return False
