"""Cue patterns over the words around a trigger: text and compiled tables in, spans out.

For each hit of a trigger the sentence around it (and a little before, for pronouns) is cut into words;
words and phrases get classes from the lexicon, and names, ages and relations from their form; each
pattern is then matched outwards from its anchor, to the right and to the left. The phrases of the data
files are cut and folded by the same code, so the two cannot disagree.

Tables (find/cues.py builds them): `lex_key` open-addressing phrase hashes, salted by language; `lex_bits`
[slot, class >> 6] the classes; `lex_more` 1 where a longer phrase begins so. `pat` rows: kind, about, stance,
language, left lo, left hi, right lo, right hi, flags of the anchor. `el` rows: class, flags, maximum. The
patterns anchored at class c are anchored[anchor_off[c]:anchor_off[c + 1]].
"""

from __future__ import annotations

import numpy as np

from klarera.kernels import device, i4, i8, kernel, ro, rw, u1, u8
from klarera.kernels.cue_words import (
    ALLCAPS, APOSTROPHE, AT, CAPITAL, DIGITS, DOT, GAP_BREAK, GAP_HARD, GAP_MARK, GLUED, HYPHEN, OPAQUE,
    PLAIN_NUMBER, SPACE, bounds, chained, cut,
)  # fmt: skip

__all__ = ["FIXED_CLASSES", "match"]

# Classes with a fixed number. The first eight come from the form of a word (and from the data files).
NAME, FULLNAME, HANDLE, REL, CAP, AGE, ADULT, NUM = range(8)
NEG, ADV, WISH, STOP, NOTNAME, FIRST, PARTICLE, POSS, KINADJ, KIN, AND = range(8, 19)
FIXED_CLASSES = (
    "name", "fullname", "handle", "other", "cap", "age", "adult", "num",
    "neg", "adv", "wish", "stop", "notname", "firstname", "particle", "poss", "kinadj", "kin", "and",
)  # fmt: skip

# Elements that are no word, and flags of elements.
AT_START, AT_END, FREE = -1, -2, -3
OPT, REP, MAY_BREAK, MUST_BREAK, OPEN, CLOSE, NOT, DOTTED, WIDE = 1, 2, 4, 8, 16, 32, 64, 128, 256

# `about` while matching: model.About, then a pronoun to resolve, then "nothing here after all".
UNCLEAR, AUTHOR, OTHER, GENERAL, THEY, NONE = 0, 1, 2, 3, 4, 9
STATED, NEGATED, QUOTED, ASKED, WISHED = range(5)

MAX_TOKENS, MAX_EDGES, MAX_FOUND, STACK, BUDGET, PHRASE = 420, 2400, 256, 512, 1500, 7
_ONE = np.uint64(1)


@device
def slot_of(h, lex_key):
    """Slot of a phrase hash in the lexicon, or -1."""
    mask = np.uint64(len(lex_key) - 1)
    s = (h ^ (h >> np.uint64(31))) & mask
    while lex_key[s] != 0:
        if lex_key[s] == h:
            return np.int64(s)
        s = (s + _ONE) & mask
    return np.int64(-1)


@device
def has(form_bits, slot, c, lex_bits):
    """Whether an edge is of class c, by form or by lexicon."""
    if c < 8 and (form_bits >> c) & 1:
        return True
    return slot >= 0 and (lex_bits[slot, c >> 6] >> np.uint64(c & 63)) & _ONE != 0


@device
def add_edge(a, b, slot, bits, edges, head, n):
    """Put an edge over words [a, b) into the graph; returns the new number of edges."""
    if n >= MAX_EDGES:
        return n
    edges[n, 0], edges[n, 1], edges[n, 2], edges[n, 3] = a, b, slot, bits
    edges[n, 4], edges[n, 5] = head[a, 0], head[b, 1]
    head[a, 0], head[b, 1] = n, n
    return n + 1


@device
def lexicon_edges(word, gap, form, value, n_tok, salt, lex_key, lex_more, edges, head):
    """One edge a word, and one for each phrase of the lexicon that begins there."""
    n = 0
    for i in range(n_tok):
        bits = 0
        if form[i] & AT:
            bits = 1 << HANDLE
        elif form[i] & DIGITS:
            bits = 1 << NUM
            if form[i] & PLAIN_NUMBER:
                bits |= (1 << AGE) if 1 <= value[i] <= 17 else ((1 << ADULT) if 18 <= value[i] <= 110 else 0)
        h = chained(salt, word[i])
        slot = slot_of(h, lex_key) if not form[i] & OPAQUE else np.int64(-1)
        n = add_edge(i, i + 1, slot, bits, edges, head, n)
        j = i + 1
        while slot >= 0 and lex_more[slot] & 1 and j < n_tok and gap[j] < GAP_BREAK and not form[j] & OPAQUE:
            h = chained(h, word[j])
            slot = slot_of(h, lex_key)
            j += 1
            if slot >= 0 and lex_more[slot] & 2:
                n = add_edge(i, j, slot, 0, edges, head, n)
    return n


@device
def any_edge(p, d, c, lex_bits, edges, head):
    """Whether an edge of class c begins (d 0) or ends (d 1) at word bound p."""
    e = head[p, d]
    while e >= 0:
        if has(edges[e, 3], edges[e, 2], c, lex_bits):
            return True
        e = edges[e, 4 + d]
    return False


@device
def first_of(edges, head, pos, c, lex_bits):
    """End of the longest edge of class c that begins at pos, or -1."""
    best = np.int64(-1)
    e = head[pos, 0]
    while e >= 0:
        if has(edges[e, 3], edges[e, 2], c, lex_bits):
            best = max(best, edges[e, 1])
        e = edges[e, 4]
    return best


@device
def name_edges(gap, form, start, end, n_tok, lex_bits, edges, head, n):
    """Edges over capitalised names: a known first name, or capitals where capitals mean something."""
    words = 0
    caps = 0
    for i in range(n_tok):
        if not form[i] & (OPAQUE | DIGITS) and gap[i] != APOSTROPHE:
            words += 1
            caps += 1 if form[i] & (CAPITAL | ALLCAPS) else 0
    titled = words >= 3 and caps * 3 > words * 2
    i = 0
    while i < n_tok:
        shaped = form[i] & CAPITAL and not form[i] & ALLCAPS
        if not shaped or any_edge(i, 0, NOTNAME, lex_bits, edges, head) or any_edge(i, 0, KIN, lex_bits, edges, head):
            i += 1
            continue
        known = any_edge(i, 0, FIRST, lex_bits, edges, head)
        j, parts, k = i + 1, 1, i + 1
        while k < n_tok and k - i < 7 and parts < 5:
            glue = gap[k] == SPACE or gap[k] == HYPHEN or gap[k] == APOSTROPHE
            if not glue:
                break
            if form[k] & CAPITAL and not form[k] & ALLCAPS and not any_edge(k, 0, NOTNAME, lex_bits, edges, head):
                k += 1
                j = k
                parts += 1
            elif any_edge(k, 0, PARTICLE, lex_bits, edges, head) and not form[k] & DIGITS:
                k += 1
            else:
                break
        if parts > 1 or end[i] - start[i] > 1:  # a lone letter is no name
            bits = 1 << CAP
            alone = parts == 1 and gap[i] >= GAP_BREAK
            if known or not (titled or alone):
                bits |= (1 << NAME) | (1 << REL) | ((1 << FULLNAME) if parts > 1 else 0)
            n = add_edge(i, j, -1, bits, edges, head, n)
        i = j
    return n


@device
def relation_edges(gap, form, n_tok, lex_bits, edges, head, n):
    """Edges over other people by relation: "my best friend's mum", "mein Nachbar Ole", or a handle."""
    for i in range(n_tok):
        if form[i] & AT:
            n = add_edge(i, i + 1, -1, 1 << REL, edges, head, n)
            continue
        p = first_of(edges, head, i, POSS, lex_bits)
        steps = 0
        while p >= 0 and p < n_tok and steps < 3 and gap[p] < GAP_MARK:
            q = first_of(edges, head, p, KIN, lex_bits)
            if q < 0:
                p = first_of(edges, head, p, KINADJ, lex_bits)
                steps += 1
                continue
            n = add_edge(i, q, -1, 1 << REL, edges, head, n)
            if q < n_tok and gap[q] == SPACE:
                r = first_of(edges, head, q, NAME, lex_bits)
                if r < 0:
                    r = first_of(edges, head, q, FULLNAME, lex_bits)
                if r >= 0:
                    n = add_edge(i, r, -1, 1 << REL, edges, head, n)
            # "'s" joins a further relation
            p = q + 1 if q + 1 < n_tok and gap[q] == APOSTROPHE and form[q] == 0 else n_tok
            steps += 1
    return n


@device
def push(stack, top, k, p, rep, skip, neg, opened, closed, passed):
    """Put one state on the stack; returns the new height."""
    stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = k, p, rep, skip
    stack[top, 4], stack[top, 5], stack[top, 6], stack[top, 7] = neg, opened, closed, passed
    return top + 1


@device
def walk(el, lo, hi, pos, flags_before, d, gap, form, lex_bits, edges, head, stack):
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
            if rep < el[k, 2] and not stop:
                negates = 1 if any_edge(p, d, NEG, lex_bits, edges, head) else 0
                top = push(stack, top, k, p + 1 - 2 * d, rep + 1, 0, neg | negates, opened, closed, 0)
            continue
        e = head[p, d]
        while e >= 0 and top + 8 < STACK and skip < 3:
            negates = 1 if has(edges[e, 3], edges[e, 2], NEG, lex_bits) else 0
            if negates or has(edges[e, 3], edges[e, 2], ADV, lex_bits):
                top = push(stack, top, k, edges[e, 1 - d], rep, skip + 1, neg | negates, opened, closed, passed & ~MUST_BREAK)
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


@device
def quoted(buf, lo, at, hi):
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


@device
def is_quote(buf, p, hi):
    """1 where a double quotation mark begins."""
    c = buf[p]
    if c == 34:
        return 1
    if c == 0xC2 and p + 1 < hi and (buf[p + 1] == 0xAB or buf[p + 1] == 0xBB):
        return 1
    if c == 0xE2 and p + 2 < hi and buf[p + 1] == 0x80 and 0x9C <= buf[p + 2] <= 0x9F:
        return 1
    return 0


@device
def stance_of(buf, lo, hi, left, right, neg, start, end, gap, n_tok, lex_bits, edges, head):
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


@device
def repeated(buf, lo, at):
    """Whether the row repeats somebody up to `at` ("RT @x", or "@x:" at its start): then "I" is not its author."""
    for p in range(lo, at - 3):
        if buf[p] == 82 and buf[p + 1] == 84 and buf[p + 2] == 32 and buf[p + 3] == 64:
            if p == lo or buf[p - 1] <= 32 or buf[p - 1] == 34:
                return True
    p = lo
    if p < at and buf[p] == 64:
        while p < at and buf[p] > 32 and buf[p] != 58:
            p += 1
        while p < at and buf[p] == 32:
            p += 1
        return p + 1 < at and buf[p] == 58 and buf[p + 1] == 32
    return False


@device
def someone_before(left, start, lo, form, edges, head, lex_bits):
    """Whether a person (relation, name, handle that is not the one addressed) stands before word `left`."""
    lead = 0
    while lead < left and form[lead] & AT:
        lead += 1
    for t in range(lead, left):
        if any_edge(t, 0, REL, lex_bits, edges, head):
            return True
    return False


@device
def settle(found, n):
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
    ro(u1), ro(i8), ro(u1),
    ro(i4), ro(i8), ro(i8), ro(u1),
    ro(u8), ro(u8), ro(u8, 2), ro(u1),
    ro(i4, 2), ro(i4, 2), ro(i4), ro(i4), ro(u8),
    rw(i8, 2),
)  # fmt: skip
def match(
    buf, off, language,
    hit_row, hit_start, hit_end, hit_lang,
    salt, lex_key, lex_bits, lex_more,
    pat, el, anchor_off, anchored, anchor_mask,
    out,
):  # fmt: skip
    """Run the patterns around every hit; rows of `out`: row, start, end, kind, about, stance.

    Returns how many spans there are; if that exceeds len(out), the caller gives a larger `out`.
    """
    start, end = np.empty(MAX_TOKENS, np.int64), np.empty(MAX_TOKENS, np.int64)
    value, form = np.empty(MAX_TOKENS, np.int64), np.empty(MAX_TOKENS, np.int64)
    word, gap = np.empty(MAX_TOKENS, np.uint64), np.empty(MAX_TOKENS + 1, np.int64)
    edges, head = np.empty((MAX_EDGES, 6), np.int64), np.empty((MAX_TOKENS + 1, 2), np.int64)
    stack, found = np.empty((STACK, 8), np.int64), np.empty((MAX_FOUND, 6), np.int64)
    done_row = np.full(len(salt), -1, np.int64)
    done_end = np.full(len(salt), -1, np.int64)
    total = 0
    for h in range(len(hit_row)):
        row, lang = hit_row[h], hit_lang[h]
        if language[row] != 0 and language[row] != lang:
            continue
        if done_row[lang] == row and hit_start[h] < done_end[lang]:
            continue
        lo, hi = off[row], off[row + 1]
        before, a, b = bounds(buf, lo, hi, hit_start[h], hit_end[h])
        done_row[lang], done_end[lang] = row, b
        n_tok = cut(buf, before, b, lo, hi, start, end, word, gap, form, value)
        if b - a > 0 and n_tok == MAX_TOKENS:  # a wall of one-letter words: the sentence alone
            n_tok = cut(buf, a, b, lo, hi, start, end, word, gap, form, value)
        head[: n_tok + 1] = -1
        n_edge = lexicon_edges(word, gap, form, value, n_tok, salt[lang], lex_key, lex_more, edges, head)
        n_lex = n_edge
        n_edge = name_edges(gap, form, start, end, n_tok, lex_bits, edges, head, n_edge)
        n_edge = relation_edges(gap, form, n_tok, lex_bits, edges, head, n_edge)
        n = 0
        for e in range(n_lex):
            slot, at = edges[e, 2], edges[e, 0]
            if slot < 0 or start[at] < a:
                continue
            for w in range(len(anchor_mask)):
                left_bits = lex_bits[slot, w] & anchor_mask[w]
                c = w * 64
                while left_bits != 0:
                    if left_bits & _ONE:
                        for m in range(anchor_off[c], anchor_off[c + 1]):
                            x = anchored[m]
                            dotted = not pat[x, 8] & DOTTED or form[edges[e, 1] - 1] & DOT
                            if pat[x, 3] != lang or n >= MAX_FOUND or not dotted:
                                continue
                            ok, right, n1, o1, z1 = walk(
                                el, pat[x, 6], pat[x, 7], edges[e, 1], 0, 0, gap, form, lex_bits, edges, head, stack
                            )
                            if not ok:
                                continue
                            ok, left, n2, o2, z2 = walk(
                                el, pat[x, 4], pat[x, 5], at, pat[x, 8], 1, gap, form, lex_bits, edges, head, stack
                            )
                            if not ok:
                                continue
                            opened = at if pat[x, 8] & OPEN else max(o1, o2)
                            closed = edges[e, 1] if pat[x, 8] & CLOSE else max(z1, z2)
                            about, stance = pat[x, 1], pat[x, 2]
                            if stance < 0:
                                stance = stance_of(
                                    buf, before, hi, left, right, n1 | n2, start, end, gap, n_tok, lex_bits,
                                    edges, head,
                                )  # fmt: skip
                            if about == THEY:
                                known = someone_before(left, start, lo, form, edges, head, lex_bits)
                                about = OTHER if known else UNCLEAR
                            if about == AUTHOR and repeated(buf, lo, start[left]):
                                about, stance = OTHER, QUOTED
                            elif about == AUTHOR and stance == QUOTED:
                                about = UNCLEAR
                            found[n, 0], found[n, 1], found[n, 2] = pat[x, 0], about, stance
                            found[n, 3], found[n, 4] = opened, closed
                            weight = 2000 if about == AUTHOR or about == OTHER else 0
                            found[n, 5] = weight + (1000 if about == UNCLEAR else 0) + right - left
                            n += 1
                    left_bits >>= _ONE
                    c += 1
        settle(found, n)
        for i in range(n):
            if found[i, 5] >= 0:
                if total < len(out):
                    out[total, 0] = row
                    out[total, 1], out[total, 2] = start[found[i, 3]], end[found[i, 4] - 1]
                    out[total, 3], out[total, 4], out[total, 5] = found[i, 0], found[i, 1], found[i, 2]
                total += 1
    return total
