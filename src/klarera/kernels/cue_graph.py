"""Words and phrases of one stretch of text as a graph: which classes each stretch of words has.

An edge over words [a, b) is of a class by the lexicon (its slot) or by its form (its bits): numbers, names,
handles, relations. Rows of `edges`: a, b, slot or -1, form bits, next edge that begins at a, next that ends at b;
`head[i]` holds the first edge that begins, and the first that ends, at word bound i.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from klarera.kernels import inlined
from klarera.kernels.cue_words import (
    ALLCAPS,
    APOSTROPHE,
    AT,
    CAPITAL,
    DIGITS,
    GAP_BREAK,
    GAP_MARK,
    HYPHEN,
    OPAQUE,
    PLAIN_NUMBER,
    SPACE,
    chained,
)  # fmt: skip

__all__ = ["FIXED_CLASSES"]

# Classes with a fixed number. The first eight come from the form of a word (and from the data files).
NAME, FULLNAME, HANDLE, REL, CAP, AGE, ADULT, NUM = range(8)
NEG, ADV, WISH, STOP, NOTNAME, FIRST, PARTICLE, POSS, KINADJ, KIN, AND = range(8, 19)
FIXED_CLASSES = (
    "name", "fullname", "handle", "other", "cap", "age", "adult", "num",
    "neg", "adv", "wish", "stop", "notname", "firstname", "particle", "poss", "kinadj", "kin", "and",
)  # fmt: skip

MAX_EDGES = 6000
_ONE = np.uint64(1)


@inlined
def slot_of(h: Any, lex_key: Any) -> Any:
    """Slot of a phrase hash in the lexicon, or -1."""
    mask = np.uint64(len(lex_key) - 1)
    s = (h ^ (h >> np.uint64(31))) & mask
    while lex_key[s] != 0:
        if lex_key[s] == h:
            return np.int64(s)
        s = (s + _ONE) & mask
    return np.int64(-1)


@inlined
def has(form_bits: Any, slot: Any, c: Any, lex_bits: Any) -> Any:
    """Whether an edge is of class c, by form or by lexicon."""
    if c < 8 and (form_bits >> c) & 1:
        return True
    return slot >= 0 and (lex_bits[c >> 6, slot] >> np.uint64(c & 63)) & _ONE != 0


@inlined
def add_edge(a: Any, b: Any, slot: Any, bits: Any, edges: Any, head: Any, n: Any) -> Any:
    """Put an edge over words [a, b) into the graph; returns the new number of edges."""
    if n >= MAX_EDGES:
        return n
    edges[n, 0], edges[n, 1], edges[n, 2], edges[n, 3] = a, b, slot, bits
    edges[n, 4], edges[n, 5] = head[a, 0], head[b, 1]
    head[a, 0], head[b, 1] = n, n
    return n + 1


@inlined
def lexicon_edges(
    word: Any,
    gap: Any,
    form: Any,
    value: Any,
    n_tok: Any,
    salt: Any,
    lex_key: Any,
    lex_more: Any,
    edges: Any,
    head: Any,
) -> Any:
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


@inlined
def any_edge(p: Any, d: Any, c: Any, lex_bits: Any, edges: Any, head: Any) -> Any:
    """Whether an edge of class c begins (d 0) or ends (d 1) at word bound p."""
    e = head[p, d]
    while e >= 0:
        if has(edges[e, 3], edges[e, 2], c, lex_bits):
            return True
        e = edges[e, 4 + d]
    return False


@inlined
def first_of(edges: Any, head: Any, pos: Any, c: Any, lex_bits: Any) -> Any:
    """End of the longest edge of class c that begins at pos, or -1."""
    best = np.int64(-1)
    e = head[pos, 0]
    while e >= 0:
        if has(edges[e, 3], edges[e, 2], c, lex_bits):
            best = max(best, edges[e, 1])
        e = edges[e, 4]
    return best


@inlined
def name_edges(
    gap: Any, form: Any, start: Any, end: Any, n_tok: Any, lex_bits: Any, edges: Any, head: Any, n: Any, nouns: Any
) -> Any:
    """Edges over capitalised names: a known first name, or capitals where capitals mean something.

    With `nouns` the language writes every noun with a capital: a word nobody knows as a name is no person then.
    """
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
                bits |= (1 << NAME) | ((1 << FULLNAME) if parts > 1 else 0)
                bits |= (1 << REL) if known or parts > 1 or not nouns else 0
            n = add_edge(i, j, -1, bits, edges, head, n)
        i = j
    return n


@inlined
def relation_edges(gap: Any, form: Any, n_tok: Any, lex_bits: Any, edges: Any, head: Any, n: Any) -> Any:
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
