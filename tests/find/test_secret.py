"""Secrets: every format of the table with drawn signs, cues in three languages, what only looks like one.

No token stands in this file as it would be written: each is drawn or put together when the test runs.
"""

from __future__ import annotations

import base64
import random

import pytest

from klarera.batch import Records
from klarera.find.email import DETECTOR as EMAIL
from klarera.find.number_tables import rows
from klarera.find.scan import Scanner
from klarera.find.secret import DETECTOR
from klarera.kernels.secret import SIGNS
from klarera.model import About, Kind, Strength

from .test_wallet import BITCOIN, base58check

SCANNER = Scanner([DETECTOR], key=bytes(32))


def found(text: str) -> list[str]:
    findings = SCANNER.find(Records.of({"text": [text]})).findings
    assert set(findings.kind.tolist()) <= {Kind.SECRET}
    assert set(findings.about.tolist()) <= {About.UNCLEAR}
    raw = text.encode()
    return [raw[a:b].decode() for a, b in zip(findings.start, findings.end, strict=True)]


def drawn(signs: str, size: int, seed: str) -> str:
    rng = random.Random(seed)
    chars = SIGNS[signs].decode().replace(".", "")
    token = "".join(rng.choices(chars, k=size - 2)) + "7a"
    return token.upper() if signs == "upper" else token


FORMATS = [pytest.param(*row, id=row[1]) for row in rows("secret.tsv")]


@pytest.mark.parametrize(("issuer", "prefix", "signs", "least", "most"), FORMATS)
def test_every_format(issuer: str, prefix: str, signs: str, least: str, most: str) -> None:
    for size in {int(least), int(most)}:
        rest = drawn(signs, size, prefix)
        if prefix == "SG.":
            rest = f"{rest[:22]}.{rest[23:]}"
        token = prefix + rest
        assert found(f"use {token}, please") == [token]
        assert found(f"URL?k={token}&x") == [token]
        assert found(f"x{token}") == []
    short = prefix + drawn(signs, int(least) - 1, prefix)
    assert [t for t in found(f"use {short}.") if t.startswith(prefix)] == []
    assert found(f"use {prefix}{'x' * int(least)}1") == []


def part(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_web_token() -> None:
    signed = part('{"alg":"HS256","typ":"JWT"}') + "." + part('{"sub":"1234567890"}')
    token = signed + "." + drawn("url", 43, "signature")
    assert found(f"Cookie: {token}; x") == [token]
    assert found(signed) == []
    assert found(part('{"alg":"HS256","typ":"JWT"}')) == []


def test_bot_token() -> None:
    token = "123456789" + ":AA" + drawn("url", 33, "bot")
    assert found(f"bot {token} ok") == [token]
    assert found(token.replace(":AA", ":BB")) == []


def block(kind: str, end: bool = True) -> str:
    line = "-" * 5
    body = "\n".join(drawn("alnum", 64, f"{kind}{i}") for i in range(3)) + "=="
    return f"{line}BEGIN {kind}{line}\n{body}" + (f"\n{line}END {kind}{line}" if end else "")


@pytest.mark.parametrize(
    "kind",
    ["PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK"],
)
def test_key_block(kind: str) -> None:
    whole, cut = block(kind), block(kind, end=False)
    assert found(f"see\n{whole}\nand {whole}.") == [whole, whole]
    assert found(f"see {cut} and so on") == [cut]


def test_other_blocks_are_public() -> None:
    assert found(block("CERTIFICATE") + block("PUBLIC KEY")) == []
    assert found("BEGIN the private key chapter") == []


@pytest.mark.parametrize("tail", [b"", b"\x01"])
def test_import_key_by_its_checksum(tail: bytes) -> None:
    key = base58check(b"\x80" + random.Random(5).randbytes(32) + tail, BITCOIN)
    findings = SCANNER.find(Records.of({"text": [f"import {key} now"]})).findings
    assert found(f"import {key} now") == [key]
    assert findings.strength.tolist() == [Strength.CHECKSUM]
    assert found(f"import {key[:-1]}{'1' if key[-1] != '1' else '2'} now") == []


FOUND = {
    "URL": ("postgres://anna:s3cr3t!@db.example:5432/x", ["anna:s3cr3t!"]),
    "URL without name": ("redis://:hunter2@host", [":hunter2"]),
    "English": ("Password: hunter22, ok", ["hunter22"]),
    "English, said": ("my password is tr0ub4dor.", ["tr0ub4dor"]),
    "German": ("Passwort: geheim99.", ["geheim99"]),
    "German, said": ("das Kennwort lautet Gr\u00fc\u00dfe77", ["Gr\u00fc\u00dfe77"]),
    "French": ("mot de passe : Soleil2024!", ["Soleil2024!"]),
    "variable": ("DB_PASSWORD=corr3ct-horse", ["corr3ct-horse"]),
    "JSON": ('{"password": "s!lence", "user": "x"}', ["s!lence"]),
    "query": ("/login?pwd=abc123&user=x", ["abc123"]),
    "markup": ("**Password:** `blue42sky`", ["blue42sky"]),
    "digits": ("password: 481516", ["481516"]),
    "signs": ("pwd = P@$$word", ["P@$$word"]),
    "weak cue": ("user x pass: abcd1234", ["abcd1234"]),
    "key": ('api_key = "a8f5f167f44f4964e6c998de"', ["a8f5f167f44f4964e6c998de"]),
    "bearer": ("Authorization: Bearer abcDEF123456ghiJKL", ["abcDEF123456ghiJKL"]),
}

NOT_FOUND = {
    "a word": "password: required; Passwort: vergessen? mot de passe : oublié",
    "prose": "password is required. The password is changed every 90 days. Password must hold 8 characters",
    "prose with a mark": "Password: required!",
    "short": "password: ab1 pwd=x9",
    "stars": "password: ******** password: xxxxxxxx1x",
    "fillers": "password: <your-passw0rd> password={{pass1}} password=${DB_PASS1} pwd=$DB_PASS1 password=%s12345",
    "code": "password=os.environ['PW1'] password: process.env.PW1 pwd = get_pass1(x)",
    "name of a hash": "password: sha256 password: SHA-512 password: base64",
    "another name": "password_hash: abc123x password2: 8",
    "no sign between": "password hunter22 token a8f5f167f44f4964e6c998de",
    "URL behind": "password: https://a1.example/reset",
    "URL fillers": "https://user:password@host https://u:${PW}@host https://u:<pw1>@host ftp://u:xxxx@host",
    "URL without": "https://a.example:8080/@x https://anna@host.example https://a.example/x:y@z",
    "key cue": "token: tokenizer.encode_plus22(x) token: abc secret: the-long-and-winding-road",
    "weak cue, digits": "pass: 250000",
    "git hash": "e83c5163316f89bfbde7d9ab23ca2e25604af290",
    "UUID": "550e8400-e29b-41d4-a716-446655440000",
    "ISBN, order, colour, time": "978-3-16-148410-0 A-2024-0001-XYZ9 #a1b2c3 12:34:56 v1.2.3-rc.1",
    "prefix in a word": "sk-learn-contributors-2024 hf_transfer_is_fast_2024 npm_config_registry_2",
}


@pytest.mark.parametrize(("text", "secrets"), [pytest.param(*v, id=k) for k, v in FOUND.items()])
def test_found(text: str, secrets: list[str]) -> None:
    assert found(text) == secrets


@pytest.mark.parametrize("text", [pytest.param(v, id=k) for k, v in NOT_FOUND.items()])
def test_not_found(text: str) -> None:
    assert found(text) == []


def test_case_belongs_to_the_key() -> None:
    findings = SCANNER.find(Records.of({"text": ["pwd=Abc123 pwd=abc123 pwd=Abc123"]})).findings
    assert (findings.key[0] == findings.key[2]).all()
    assert (findings.key[0] != findings.key[1]).any()


def test_an_address_behind_the_cue_stays_an_address() -> None:
    both = Scanner([DETECTOR, EMAIL], key=bytes(32))
    findings = both.find(Records.of({"text": ["password: anna99@post.example"]})).findings
    assert findings.kind.tolist() == [Kind.EMAIL]


def test_the_batch_does_not_matter() -> None:
    texts = [text for text, _ in FOUND.values()] + list(NOT_FOUND.values()) + [block("PRIVATE KEY", end=False)] * 2
    whole = SCANNER.find(Records.of({"text": texts})).findings
    apart = [SCANNER.find(Records.of({"text": [text]})).findings for text in texts]
    assert whole.row.tolist() == [i for i, one in enumerate(apart) for _ in range(len(one))]
    assert whole.end.tolist() == [int(b) for one in apart for b in one.end]
