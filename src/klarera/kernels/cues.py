"""Cue patterns over the words around a trigger: text and compiled tables in, spans out.

For each hit of a trigger the sentence around it (and a little before, for pronouns) is cut into words;
words and phrases get classes from the lexicon, and names, ages and relations from their form; each
pattern is then matched outwards from its anchor, to the right and to the left. The phrases of the data
files are cut and folded by the same code, so the two cannot disagree.

Tables (find/cues.py builds them): `lex_key` open-addressing phrase hashes, salted by language; `lex_bits`
[class >> 6, slot] the classes; `lex_more` 1 where a longer phrase begins so. `pat` rows: kind, about, stance,
language, left lo, left hi, right lo, right hi, flags of the anchor, bit in kernels/cue_near.py (-1: none). `el` rows:
class, flags, maximum. The patterns anchored at class c are anchored[anchor_off[c]:anchor_off[c + 1]]; `anchor_slot`
[slot] 1 where a phrase is in some class with patterns. `nouns` is 1 for languages that write nouns with a capital.
"""
# ruff: noqa: SIM109  (what these ask for does not compile into a plain loop)

from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import i4, i8, inlined, kernel, ro, rw, u1, u8
from klarera.kernels.blocks import lowest
from klarera.kernels.cue_graph import (
    ADV,
    MAX_EDGES,
    NEG,
    STOP,
    any_edge,
    has,
    lexicon_edges,
    name_edges,
    relation_edges,
)  # fmt: skip
from klarera.kernels.cue_near import near
from klarera.kernels.cue_stance import QUOTED, repeats_from, someone_before, stance_of
from klarera.kernels.cue_words import DOT, GAP_BREAK, GAP_HARD, REACH, SHUT, bounds, cut

__all__ = ["match"]

# Elements that are no word, and flags of elements.
AT_START, AT_END, FREE = -1, -2, -3
OPT, REP, MAY_BREAK, MUST_BREAK, OPEN, CLOSE, NOT, DOTTED, WIDE = 1, 2, 4, 8, 16, 32, 64, 128, 256

# `about` while matching: model.About, then a pronoun to resolve, then "nothing here after all".
UNCLEAR, AUTHOR, OTHER, GENERAL, THEY, NONE = 0, 1, 2, 3, 4, 9

MAX_TOKENS, MAX_FOUND, STACK, BUDGET = 1500, 256, 512, 1500
_ONE, _NO_PATTERN, _EVERY_PATTERN = np.uint64(1), np.uint64(0), np.uint64(2**64 - 1)


@inlined
def push(
    stack: Any, top: Any, k: Any, p: Any, rep: Any, skip: Any, neg: Any, opened: Any, closed: Any, passed: Any
) -> Any:
    """Put one state on the stack; returns the new height."""
    stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = k, p, rep, skip
    stack[top, 4], stack[top, 5], stack[top, 6], stack[top, 7] = neg, opened, closed, passed
    return top + 1


@inlined
def walk(
    el: Any,
    lo: Any,
    hi: Any,
    pos: Any,
    flags_before: Any,
    d: Any,
    gap: Any,
    form: Any,
    lex_bits: Any,
    edges: Any,
    head: Any,
    stack: Any,
) -> Any:
    """Match elements [lo, hi) outwards from word bound pos; d 0 rightwards, 1 leftwards.

    A break of the clause belongs to the element behind it, so leftwards the flags of the element passed last
    (at first those of the anchor) say whether one may be crossed.
    Returns (found, pos, negated, open, close): open and close are word bounds, -1 where not set.
    """
    top = push(stack, 0, lo, pos, 0, 0, 0, -1, -1, flags_before)
    for _ in range(BUDGET):
        if top == 0:
            break
        top -= 1
        k, p, rep, skip = stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3]
        neg, opened, closed, passed = stack[top, 4], stack[top, 5], stack[top, 6], stack[top, 7]
        if k == hi:
            return True, p, neg, opened, closed
        if top + 14 >= STACK:
            break
        c, flags = el[k, 0], el[k, 1]
        if c == AT_START or c == AT_END:
            if gap[p] >= GAP_BREAK:
                top = push(stack, top, k + 1, p, 0, 0, neg, opened, closed, passed)
            continue
        rule = flags if d == 0 else passed
        blocked = gap[p] == GAP_HARD or (gap[p] == GAP_BREAK and not rule & (MAY_BREAK | MUST_BREAK))
        if flags & NOT:
            if blocked or not any_edge(p, d, c, lex_bits, edges, head):
                top = push(stack, top, k + 1, p, 0, 0, neg, opened, closed, passed)
            continue
        if c == FREE or flags & OPT or rep > 0:
            top = push(stack, top, k + 1, p, 0, 0, neg, opened, closed, passed)
        if blocked or (rule & MUST_BREAK and gap[p] != GAP_BREAK and rep == 0):
            continue
        if c == FREE:
            stop = any_edge(p, d, STOP, lex_bits, edges, head) and not flags & WIDE
            if rep < el[k, 2] and not stop and not form[p - d] & SHUT:
                negates = 1 if any_edge(p, d, NEG, lex_bits, edges, head) else 0
                top = push(stack, top, k, p + 1 - 2 * d, rep + 1, 0, neg | negates, opened, closed, 0)
            continue
        e = head[p, d]
        while e >= 0 and top + 8 < STACK and skip < 3:
            negates = 1 if has(edges[e, 3], edges[e, 2], NEG, lex_bits) else 0
            if negates or has(edges[e, 3], edges[e, 2], ADV, lex_bits):
                top = push(
                    stack, top, k, edges[e, 1 - d], rep, skip + 1, neg | negates, opened, closed, passed & ~MUST_BREAK
                )
            e = edges[e, 4 + d]
        e = head[p, d]
        while e >= 0 and top + 3 < STACK:
            dotted = not flags & DOTTED or form[edges[e, 1] - 1] & DOT
            if dotted and has(edges[e, 3], edges[e, 2], c, lex_bits):
                o = edges[e, 0] if flags & OPEN else opened
                z = edges[e, 1] if flags & CLOSE else closed
                again = flags & REP and rep < 2
                top = push(
                    stack, top, k if again else k + 1, edges[e, 1 - d], rep + 1 if again else 0, 0, neg, o, z, flags
                )
            e = edges[e, 4 + d]
    return False, np.int64(pos), np.int64(0), np.int64(-1), np.int64(-1)


@inlined
def classes_of(edges: Any, e: Any, w: Any, lex_bits: Any) -> Any:
    """Classes 64 w to 64 w + 63 of an edge as bits, by lexicon and by form."""
    bits = np.uint64(edges[e, 3]) if w == 0 else np.uint64(0)
    return bits | lex_bits[w, edges[e, 2]] if edges[e, 2] >= 0 else bits


@inlined
def tried(
    buf: Any, lo: Any, before: Any, hi: Any, rule: Any, el: Any, e: Any, start: Any, end: Any, gap: Any, form: Any,
    n_tok: Any, lex_bits: Any, edges: Any, head: Any, stack: Any, told: Any, out: Any,
) -> Any:  # fmt: skip
    """Match one pattern whose anchor is edge e; 1 if it matches, with what it says written to `out`.

    `out`: kind, about, stance, first word, end word, weight. The weight lets AUTHOR and OTHER go before UNCLEAR,
    that before GENERAL, and of equals the pattern of more words. `told`: where a row begins, and from where on it
    repeats somebody; looked for once a row.
    """
    flags, first, last = rule[8], edges[e, 0], edges[e, 1]
    if flags & DOTTED and not form[last - 1] & DOT:
        return 0
    ok, right, n1, o1, z1 = walk(el, rule[6], rule[7], last, 0, 0, gap, form, lex_bits, edges, head, stack)
    if not ok:
        return 0
    ok, left, n2, o2, z2 = walk(el, rule[4], rule[5], first, flags, 1, gap, form, lex_bits, edges, head, stack)
    if not ok:
        return 0
    about, stance = rule[1], rule[2]
    if stance < 0:
        stance = stance_of(
            buf, before, hi, left, right, n1 | n2, start, end, gap, n_tok, lex_bits, edges, head
        )  # fmt: skip
    if about == THEY:
        about = OTHER if someone_before(left, form, edges, head, lex_bits) else UNCLEAR
    if about == AUTHOR and told[0] != lo:
        told[0], told[1] = lo, repeats_from(buf, lo, hi)
    if about == AUTHOR and start[left] >= told[1]:
        about, stance = OTHER, QUOTED
    elif about == AUTHOR and stance == QUOTED:
        about = UNCLEAR
    weight = 2000 if about == AUTHOR or about == OTHER else (1000 if about == UNCLEAR else 0)
    out[0], out[1], out[2] = rule[0], about, stance
    out[3] = first if flags & OPEN else max(o1, o2)
    out[4] = last if flags & CLOSE else max(z1, z2)
    out[5] = weight + right - left
    return 1


@inlined
def settle(found: Any, n: Any) -> Any:
    """Drop what an exception covers, then of overlapping findings of one kind the weaker; marks score -1."""
    for i in range(n):
        if found[i, 1] == NONE:
            for j in range(n):
                same = found[i, 0] == 0 or found[i, 0] == found[j, 0]
                if same and found[j, 1] != NONE and found[j, 3] < found[i, 4] and found[i, 3] < found[j, 4]:
                    found[j, 5] = -1
            found[i, 5] = -1
    for i in range(n):
        for j in range(n):
            if i == j or found[i, 5] < 0 or found[j, 5] < 0 or found[i, 0] != found[j, 0]:
                continue
            if found[j, 3] < found[i, 4] and found[i, 3] < found[j, 4]:
                # of equals, the author's: "my parents are Kurdish" is said of both
                lesser = (found[j, 5], -found[j, 1], -j) < (found[i, 5], -found[i, 1], -i)
                if lesser:
                    found[j, 5] = -1


@kernel(
    i8,
    ro(u1),
    ro(i8),
    ro(u1),
    ro(i4),
    ro(i8),
    ro(i8),
    ro(u1),
    ro(u8),
    ro(u8),
    ro(u8),
    ro(u8, 2),
    ro(u1),
    ro(i4, 2),
    ro(i4, 2),
    ro(i4),
    ro(i4),
    ro(u8),
    ro(u1),
    ro(u8),
    ro(u8, 2),
    ro(u8, 3),
    ro(u1),
    rw(i8, 2),
    scratch=(
        (i8, MAX_TOKENS),
        (i8, MAX_TOKENS),
        (i8, MAX_TOKENS),
        (i8, MAX_TOKENS),
        (u8, MAX_TOKENS),
        (i8, MAX_TOKENS + 1),
        (i8, (MAX_EDGES, 6)),
        (i8, (MAX_TOKENS + 1, 2)),
        (i8, (STACK, 8)),
        (i8, (MAX_FOUND, 6)),
        (i8, (256, 2)),
        (i8, 256),
        (i8, 2),
    ),
)
def match(
    buf: Any,
    off: Any,
    language: Any,
    hit_row: Any,
    hit_start: Any,
    hit_end: Any,
    hit_lang: Any,
    hit_bits: Any,
    salt: Any,
    lex_key: Any,
    lex_bits: Any,
    lex_more: Any,
    pat: Any,
    el: Any,
    anchor_off: Any,
    anchored: Any,
    anchor_mask: Any,
    anchor_slot: Any,
    near_key: Any,
    near_bits: Any,
    near_sign: Any,
    nouns: Any,
    out: Any,
    start: Any,
    end: Any,
    value: Any,
    form: Any,
    word: Any,
    gap: Any,
    edges: Any,
    head: Any,
    stack: Any,
    found: Any,
    done: Any,
    hopeful: Any,
    told: Any,
) -> Any:
    """Run the patterns around every hit; rows of `out`: row, start, end, kind, about, stance.

    Returns how many spans there are; if that exceeds len(out), the caller gives a larger `out`.
    """
    for at in range(len(salt)):
        done[at, 0], done[at, 1], hopeful[at] = -1, -1, 0
    told[0], told[1] = -1, -1
    seen = np.int64(-1)
    total, n_tok = 0, np.int64(0)
    cut_row, cut_from, cut_to = np.int64(-1), np.int64(-1), np.int64(-1)
    for h in range(len(hit_row)):
        row, lang = np.int64(hit_row[h]), hit_lang[h]
        if language[row] != 0 and language[row] != lang:
            continue
        if done[lang, 0] == row and hit_start[h] < done[lang, 1]:
            continue
        lo, hi = off[row], off[row + 1]
        long = hi - lo > REACH
        if long and row != seen:
            seen = row
            for at in range(len(salt)):
                hopeful[at] = 0
            k = h
            while k < len(hit_row) and hit_row[k] == row:
                at = hit_lang[k]
                if hopeful[at] == 0 and (language[row] == 0 or language[row] == at):
                    hopeful[at] = np.int64(near(
                        buf, lo, hi, hit_start[k], hit_end[k], hit_bits[k], salt[at], near_sign[at], near_key, near_bits
                    ) != _NO_PATTERN)  # fmt: skip
                k += 1
        if long and hopeful[lang] == 0:
            continue
        wanted = near(
            buf, lo, hi, hit_start[h], hit_end[h], hit_bits[h], salt[lang], near_sign[lang], near_key, near_bits
        )  # fmt: skip
        if wanted == _NO_PATTERN and not long:
            continue
        before, a, b = bounds(buf, lo, hi, hit_start[h], hit_end[h])
        done[lang, 0], done[lang, 1] = row, b
        # A window of a long sentence depends on its first trigger: it stays the same whichever trigger counts.
        k = h + 1
        while wanted == _NO_PATTERN and k < len(hit_row) and hit_row[k] == row and hit_start[k] < b:
            if hit_lang[k] == lang:
                wanted = near(
                    buf, lo, hi, hit_start[k], hit_end[k], hit_bits[k], salt[lang], near_sign[lang], near_key,
                    near_bits,
                )  # fmt: skip
            k += 1
        if wanted == _NO_PATTERN:
            continue
        if cut_row != row or cut_from != before or cut_to != b:  # the same sentence may come in each language
            n_tok = cut(buf, before, b, lo, hi, start, end, word, gap, form, value)
            cut_row, cut_from, cut_to = row, before, b
        for p in range(n_tok + 1):
            head[p, 0], head[p, 1] = -1, -1
        n_edge = lexicon_edges(word, gap, form, value, n_tok, salt[lang], lex_key, lex_more, edges, head)
        n_lex = n_edge
        n_edge = name_edges(gap, form, start, end, n_tok, lex_bits, edges, head, n_edge, nouns[lang])
        n_edge = relation_edges(gap, form, n_tok, lex_bits, edges, head, n_edge)
        n = 0
        for e in range(n_lex):
            if start[edges[e, 0]] < a:
                continue
            slot = edges[e, 2]
            if not (np.uint64(edges[e, 3]) & anchor_mask[0]) and (slot < 0 or not anchor_slot[slot]):
                continue
            possible, asked = _NO_PATTERN, False
            for w in range(len(anchor_mask)):
                classes = classes_of(edges, e, w, lex_bits) & anchor_mask[w]
                while classes != _NO_PATTERN:
                    c = w * 64 + lowest(classes)
                    classes &= classes - _ONE
                    for m in range(anchor_off[c], anchor_off[c + 1]):
                        rule = pat[anchored[m]]
                        if rule[3] != lang or n >= MAX_FOUND:
                            continue
                        if not asked:
                            possible, asked = near(
                                buf, lo, hi, start[edges[e, 0]], end[edges[e, 1] - 1], _EVERY_PATTERN, salt[lang],
                                near_sign[lang], near_key, near_bits,
                            ), True  # fmt: skip
                        if rule[9] < 0 or possible >> np.uint64(rule[9]) & _ONE:
                            n += tried(
                                buf, lo, before, hi, rule, el, e, start, end, gap, form, n_tok, lex_bits, edges, head,
                                stack, told, found[n],
                            )  # fmt: skip
        settle(found, n)
        for i in range(n):
            if found[i, 5] >= 0:
                if total < len(out):
                    out[total, 0] = row
                    out[total, 1], out[total, 2] = start[found[i, 3]], end[found[i, 4] - 1]
                    out[total, 3], out[total, 4], out[total, 5] = found[i, 0], found[i, 1], found[i, 2]
                total += 1
    return total
