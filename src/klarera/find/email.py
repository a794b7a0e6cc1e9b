"""E-mail addresses.

Source   RFC 5321 4.5.3.1 (lengths), RFC 6531 (internationalised local parts and domains); spelled-out forms
         from general knowledge
Finds    name@domain.tld with plus tags, with letters beyond ASCII on either side, with an address literal;
         "name [at] domain.org", "name (at) domain (dot) org", "name at domain dot org" and the like in ten
         languages
Misses   quoted local parts ("a b"@example.org), domains without a dot ("a@b"), "name at example.org" without
         brackets (it is ordinary English), other disguises than the second view knows
Not      "git@host:path" remotes (a service, nobody's address), passwords of URLs ("://name:word@host", for
         the secret detector), file names ("icon@2x.png"), versions ("pkg@1.2.3"), "@user@instance" (a handle)

The top-level domain is checked by shape, not against a list. Canonical form: small letters, "local@domain".
"""

from __future__ import annotations

import numpy as np

from klarera.find import I4, I8, U1, Detector, Scan, Spans, Term, View
from klarera.kernels.addresses import grow_emails, spans_form
from klarera.kernels.spelled import grow_spelled, spelled_form
from klarera.model import Kind

__all__ = ["DETECTOR"]

_AT = ("at", "ät", "arobase", "arroba", "chiocciola", "małpa", "apenstaartje", "zavináč", "snabel a", "miukumauku")
_DOT = ("dot", "punkt", "point", "punto", "ponto", "kropka", "punt", "tečka", "bodka", "prick", "piste")
_TERMS = tuple(Term(word, "", "at") for word in _AT) + tuple(Term(word, "", "dot") for word in _DOT)


def find(view: View, scan: Scan) -> Spans:
    """Addresses around "@" and around words that stand for it."""
    out = np.empty((len(scan.at.row), 3), np.int64)
    grow_emails(view.buf, view.off, scan.at.row, scan.at.start, out)
    hit = out[:, 2] == 1
    row, start, end = scan.at.row[hit], out[hit, 0], out[hit, 1]
    canon, canon_off = np.empty(int((end - start).sum()), np.uint8), np.zeros(len(row) + 1, np.int64)
    spans_form(view.buf, start.copy(), end.copy(), canon, canon_off)
    spelled = _spelled(view, scan)
    return Spans.of(
        np.concatenate((row, spelled[0])),
        np.concatenate((start, spelled[1])),
        np.concatenate((end, spelled[2])),
        Kind.EMAIL,
    )._replace(
        canon=np.concatenate((canon, spelled[3])),
        canon_off=np.concatenate((canon_off, canon_off[-1] + spelled[4][1:])),
    )


def _spelled(view: View, scan: Scan) -> tuple[I4, I8, I8, U1, I8]:
    """Row, start, end, canonical forms of the addresses written in words."""
    words = scan.own["email"]
    at, dot = words.term < len(_AT), words.term >= len(_AT)
    row = np.concatenate((words.row[at], scan.at.row))
    start = np.concatenate((words.start[at], scan.at.start))
    end = np.concatenate((words.end[at], scan.at.end))
    dot_start, dot_end = words.start[dot], words.end[dot]
    out = np.empty((len(row), 5), np.int64)
    grow_spelled(view.buf, view.off, row, start, end, dot_start, dot_end, out)
    hit = out[:, 4] == 1
    parts = np.ascontiguousarray(out[hit].T)
    canon, canon_off = np.empty(int((parts[1] - parts[0]).sum()), np.uint8), np.zeros(int(hit.sum()) + 1, np.int64)
    size = spelled_form(view.buf, *parts[:4], dot_start, dot_end, canon, canon_off)
    return row[hit], parts[0], parts[1], canon[:size], canon_off


DETECTOR = Detector(
    name="email",
    version=2,
    kinds=(Kind.EMAIL,),
    find=find,
    source="RFC 5321, RFC 6531; spelled-out forms from general knowledge",
    finds="addresses, internationalised ones too, and those written with [at] and (dot) in ten languages",
    misses="quoted local parts, domains without a dot, 'name at example.org' without brackets",
    terms=_TERMS,
)
