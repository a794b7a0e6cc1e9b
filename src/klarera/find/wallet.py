"""Addresses of cryptocurrency wallets.

Source: find/wallet.tsv; Base58Check (Bitcoin developer reference), BIP-173 and BIP-350, EIP-55, Monero's
    address format (Base58 in blocks, Keccak-256).
Input: long alphanumeric runs.
Finds: Bitcoin, Litecoin, Dogecoin, Dash, Tron, XRP addresses in Base58Check; Bitcoin and Litecoin witness
    addresses; Monero addresses; Ethereum's 0x and 40 hex digits: with letters of both cases only if they are
    those of EIP-55, in one case by form alone (strength FORM, for such a number may be another hash).
Misses: wrong checksums, test networks, CashAddr, Solana, Cardano and other chains, addresses broken over
    lines, Litecoin and Dogecoin addresses without any digit.
Raises: nothing.

Canonical form: the address itself; in small letters where its case means nothing.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from klarera.find import I8, U1, Detector, Scan, Spans, View
from klarera.find.number_tables import rows
from klarera.kernels.addresses import spans_form
from klarera.kernels.base58 import BITCOIN, RIPPLE, checked
from klarera.kernels.tokens import copy_spans
from klarera.kernels.wallet import CASED, PLAIN, find_wallets
from klarera.model import Kind, Strength

__all__ = ["DETECTOR", "find"]

HASH = 21
"""Bytes of a version and the hash behind it."""


class Formats(NamedTuple):
    """The table as arrays: wanted sizes by version byte in both alphabets, readable parts of witness addresses."""

    bitcoin: I8
    ripple: I8
    prefix: U1
    prefix_off: I8


@cache
def formats() -> Formats:
    """find/wallet.tsv, read once a process."""
    sizes = {"base58": np.zeros(256, np.int64), "ripple": np.zeros(256, np.int64)}
    prefixes = []
    for _, form, value in rows("wallet.tsv"):
        if form == "witness":
            prefixes.append(value.encode())
        else:
            sizes[form][int(value)] = 1 << HASH
    prefix_off = np.cumsum([0, *map(len, prefixes)]).astype(np.int64)
    return Formats(sizes["base58"], sizes["ripple"], np.frombuffer(b"".join(prefixes), np.uint8), prefix_off)


def find(view: View, scan: Scan) -> Spans:
    """Wallet addresses of the batch: CHECKSUM where one was verified, else FORM."""
    table = formats()
    places = (view.buf, view.off, scan.run.row, scan.run.start, scan.run.end)
    bitcoin = checked(*places, BITCOIN, "", table.bitcoin)
    ripple = checked(*places, RIPPLE, "r", table.ripple)
    room = int(((scan.run.end - scan.run.start) // 14).sum())
    row, start, end = np.empty(room, np.int32), np.empty(room, np.int64), np.empty(room, np.int64)
    what = np.empty(room, np.uint8)
    k = find_wallets(*places, table.prefix, table.prefix_off, row, start, end, what)
    n_cased = len(bitcoin.row) + len(ripple.row)
    row = np.concatenate((bitcoin.row, ripple.row, row[:k]))
    start = np.concatenate((bitcoin.start, ripple.start, start[:k]))
    end = np.concatenate((bitcoin.end, ripple.end, end[:k]))
    what = np.concatenate((np.full(n_cased, CASED, np.uint8), what[:k]))
    strength = np.where(what == PLAIN, np.uint8(Strength.FORM), np.uint8(Strength.CHECKSUM))
    size = int((end - start).sum())
    exact, small, canon_off = np.empty(size, np.uint8), np.empty(size, np.uint8), np.empty(len(row) + 1, np.int64)
    copy_spans(view.buf, start, end, exact, canon_off)
    spans_form(view.buf, start, end, small, canon_off)
    canon = np.where(np.repeat(what == CASED, end - start), exact, small)
    return Spans.of(row, start, end, Kind.WALLET)._replace(strength=strength, canon=canon, canon_off=canon_off)


DETECTOR = Detector(
    name="wallet",
    version=1,
    kinds=(Kind.WALLET,),
    find=find,
    source="find/wallet.tsv; Base58Check, BIP-173, BIP-350, EIP-55, Monero's address format",
    finds="addresses of eight chains with a right checksum; Ethereum addresses in one case by form",
    misses="other chains, test networks, wrong checksums, addresses broken over lines",
)
