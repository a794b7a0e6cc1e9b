"""IP addresses, version 4 and 6.

Four numbers with dots may as well be a version, a section or a telephone number. So a quad counts

    41.173.96.26      where its first number is 20 or more (or 10), or two numbers have three digits
    IP 1.2.3.4        beside a cue for addresses, whatever its numbers
    never             straight behind a cue for versions, sections or telephones; glued to a name, a longer
                      number or a file ending; after a comparison ("== 1.2.3.4"); with a leading zero

and groups joined by colons count where RFC 4291 lets them and they read as an address: not a slice
`x[1::2]`, a scope `ad::be`, a time, a ratio, a fingerprint; beside a cue the structure is enough.

Source: RFC 791 (dotted quad as in RFC 6943 3.1.1, strict), RFC 4291 2.2, RFC 4007 11; find/ip_cues.tsv.
Input: clusters of digits, colon groups, cue words.
Finds: both versions, private, loopback and documentation ranges too; the span is the address without port
    and prefix, with the zone of a link-local address.
Misses: 1.1.1.1 and the like without a cue, host names that hold an address (ip-10-0-0-1), other bases;
    0.0.0.0/8, 255.0.0.0/8 and :: are nobody's address and left out.
Raises: nothing.

Canonical form: the dotted quad (of a mapped address too), or 32 hex digits.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from klarera.find import I4, I8, U1, Detector, Scan, Spans, Term, Triggers, View
from klarera.find.number_tables import cue_arrays, packed_canon, rows
from klarera.kernels.ip import ADDRESS, CANON, OTHER, find_v4, find_v6
from klarera.model import Kind

__all__ = ["DETECTOR", "find"]

_TAGS = {"address": ADDRESS, "other": OTHER}
TERMS = tuple(Term(p, "", str(_TAGS[use])) for use, phrases in rows("ip_cues.tsv") for p in phrases.split("; "))


def _spans(
    kernel: Callable[..., int], view: View, places: Triggers, room: int, cues: tuple[I8, I8, I8]
) -> tuple[I4, I8, I8, U1, I8]:
    row, start, end = np.empty(room, np.int32), np.empty(room, np.int64), np.empty(room, np.int64)
    canon, length = np.zeros((room, CANON), np.uint8), np.empty(room, np.int64)
    k = kernel(view.buf, view.off, places.row, places.start, places.end, *cues, row, start, end, canon, length)
    return row[:k], start[:k], end[:k], canon[:k], length[:k]


def find(view: View, scan: Scan) -> Spans:
    """IP addresses of the batch."""
    cues = cue_arrays(scan, DETECTOR.name, TERMS)
    four = _spans(find_v4, view, scan.cluster, int((scan.cluster.count // 4).sum()), cues)
    six = _spans(find_v6, view, scan.colon, len(scan.colon.row), cues)
    packed, packed_off = packed_canon(np.concatenate((four[3], six[3])), np.concatenate((four[4], six[4])))
    row = np.concatenate((four[0], six[0]))
    start, end = np.concatenate((four[1], six[1])), np.concatenate((four[2], six[2]))
    return Spans.of(row, start, end, Kind.IP)._replace(canon=packed, canon_off=packed_off)


DETECTOR = Detector(
    name="ip",
    version=1,
    kinds=(Kind.IP,),
    find=find,
    source="RFC 791, RFC 4291, RFC 4007; find/ip_cues.tsv",
    finds="IPv4 and IPv6 addresses in text notation, without port and prefix",
    misses="small quads without a cue (they may be versions), addresses inside host names",
    terms=TERMS,
)
