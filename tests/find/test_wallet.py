"""Wallet addresses: made anew from invented hashes, vectors of the specifications, wrong checksums."""

from __future__ import annotations

import hashlib
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.batch import Records
from klarera.find.number_tables import rows
from klarera.find.scan import Scanner
from klarera.find.wallet import DETECTOR
from klarera.kernels.keccak import keccak256
from klarera.model import Kind, Strength

SCANNER = Scanner([DETECTOR], key=bytes(32))
BITCOIN = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def found(text: str) -> list[str]:
    findings = SCANNER.find(Records.of({"text": [text]})).findings
    assert set(findings.kind.tolist()) <= {Kind.WALLET}
    raw = text.encode()
    return [raw[a:b].decode() for a, b in zip(findings.start, findings.end, strict=True)]


def base58check(payload: bytes, alphabet: str) -> str:
    raw = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return alphabet[0] * (len(raw) - len(raw.lstrip(b"\0"))) + text


BASE58 = [(coin, form, int(value)) for coin, form, value in rows("wallet.tsv") if form != "witness"]


@pytest.mark.parametrize(("coin", "form", "version"), BASE58)
def test_every_version_byte(coin: str, form: str, version: int) -> None:
    rng = random.Random(f"{coin}{version}")
    alphabet = BITCOIN if form == "base58" else RIPPLE
    for zeros in (0, 0, 0, 1, 3, 20):
        address = base58check(bytes([version]) + bytes(zeros) + rng.randbytes(20 - zeros), alphabet)
        if not any(c.isdigit() for c in address):
            continue
        assert found(f"send to {address}, thanks") == [address]
        assert found(f"send to {coin}-{address} or {coin}_{address}") == [address, address]
        place = rng.randrange(2, len(address))
        wrong = rng.choice([c for c in alphabet if c != address[place]])
        assert found(f"send to {address[:place]}{wrong}{address[place + 1 :]}") == []
        assert found(f"send to x{address} {address}x") == []


def test_other_versions_are_no_wallets() -> None:
    wanted = {version for _, form, version in BASE58 if form == "base58"}
    for version in set(range(256)) - wanted:
        assert found(f"to {base58check(bytes([version]) + bytes(range(20)), BITCOIN)}") == []


# BIP-173 and BIP-350, test vectors.
VALID_WITNESS = [
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
    "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
]
INVALID_WITNESS = [
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8F3t4",
    "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
    "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
    "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
    "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",
    "bc1gmk9yu",
]


@pytest.mark.parametrize("address", VALID_WITNESS)
def test_witness_addresses_of_the_specification(address: str) -> None:
    assert found(f"pay {address}.") == [address]


@pytest.mark.parametrize("address", INVALID_WITNESS)
def test_witness_addresses_the_specification_refuses(address: str) -> None:
    assert found(f"pay {address}.") == []


def witness(prefix: str, version: int, program: bytes) -> str:
    """A witness address, made as BIP-350 says."""
    bits = "".join(f"{byte:08b}" for byte in program)
    bits += "0" * (-len(bits) % 5)
    data = [version] + [int(bits[i : i + 5], 2) for i in range(0, len(bits), 5)]

    def polymod(values: list[int]) -> int:
        state = 1
        for value in values:
            top, state = state >> 25, (state & 0x1FFFFFF) << 5 ^ value
            for i, g in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
                state ^= g if top >> i & 1 else 0
        return state

    head = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    rest = polymod(head + data + [0] * 6) ^ (0x2BC830A3 if version else 1)
    return prefix + "1" + "".join(BECH32[d] for d in data + [rest >> 5 * (5 - i) & 31 for i in range(6)])


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.sampled_from(["bc", "ltc"]), st.integers(0, 16), st.binary(min_size=2, max_size=40), st.integers(0, 99))
def test_witness_addresses(prefix: str, version: int, program: bytes, place: int) -> None:
    if version == 0:
        program = (program * 16)[:32]
    address = witness(prefix, version, program)
    assert found(f"to {address} now") == ([address] if len(address) >= 16 else [])
    place = len(prefix) + 1 + place % (len(address) - len(prefix) - 1)
    wrong = "q" if address[place] != "q" else "p"
    assert found(f"to {address[:place]}{wrong}{address[place + 1 :]} now") == []


def keccak(message: bytes) -> bytes:
    digest = np.empty(32, np.uint8)
    keccak256(np.frombuffer(message + b"\0", np.uint8), len(message), digest)
    return digest.tobytes()


def test_keccak_256() -> None:
    assert keccak(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"


# EIP-55, test vectors.
CASED = [
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]


@pytest.mark.parametrize("address", CASED)
def test_ethereum(address: str) -> None:
    def strength(text: str) -> list[int]:
        return [int(how) for how in SCANNER.find(Records.of({"text": [text]})).findings.strength]

    assert strength(address) == [Strength.CHECKSUM]
    assert strength(address.lower()) == strength("0x" + address[2:].upper()) == [Strength.FORM]
    assert found(address[:4] + address[4:].swapcase()) == []
    assert found(address[:-1]) == found(address + "0") == found("0x" + "0" * 40) == []


def monero(version: int, body: bytes) -> str:
    raw = bytes([version]) + body
    raw += keccak(raw)[:4]
    blocks = []
    for i in range(0, len(raw), 8):
        number, text = int.from_bytes(raw[i : i + 8], "big"), ""
        for _ in range(11 if len(raw[i : i + 8]) == 8 else 7):
            number, digit = divmod(number, 58)
            text = BITCOIN[digit] + text
        blocks.append(text)
    return "".join(blocks)


@pytest.mark.parametrize(("version", "size"), [(18, 64), (42, 64), (19, 72)])
def test_monero(version: int, size: int) -> None:
    address = monero(version, random.Random(version).randbytes(size))
    assert found(f"tip: {address}.") == [address]
    assert found(f"tip: {address[:-1]}{'2' if address[-1] != '2' else '3'}.") == []
    assert found(monero(version, random.Random(1).randbytes(size - 8))) == []


NOT_FOUND = {
    "git hash": "e83c5163316f89bfbde7d9ab23ca2e25604af290",
    "UUID": "550e8400-e29b-41d4-a716-446655440000",
    "hash of 64": "0x" + "ab12" * 16,
    "Base64": "MTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3BxcnN0",
    "video id": "https://videos.example/watch?v=1dQw4w9WgXcQaaaaBBBBccccDDDDe",
    "order number": "1234567890ABCDEFGHJKLMNPQRSTUVWX",
}


@pytest.mark.parametrize("text", [pytest.param(v, id=k) for k, v in NOT_FOUND.items()])
def test_not_found(text: str) -> None:
    assert found(text) == []


def test_case_is_part_of_the_key_only_where_it_means_something() -> None:
    first = base58check(bytes(21), BITCOIN)
    text = f"{CASED[0]} {CASED[0].lower()} {VALID_WITNESS[0]} {VALID_WITNESS[0].lower()} {first}"
    key = SCANNER.find(Records.of({"text": [text]})).findings.key
    assert (key[0] == key[1]).all()
    assert (key[2] == key[3]).all()
    assert len(key) == 5
