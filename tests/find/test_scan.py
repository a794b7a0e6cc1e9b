"""The fused pass and the scanner: triggers, batches, overlaps, sentences, keys."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera import find as room
from klarera.batch import Findings, Records
from klarera.errors import UsageError
from klarera.find import Detector, Scan, Spans, Triggers, View, listed
from klarera.find import scan as scan_module
from klarera.find.email import DETECTOR as EMAIL
from klarera.find.handle import DETECTOR as HANDLE
from klarera.find.profile_url import DETECTOR as PROFILE_URL
from klarera.find.scan import Scanner, catalogue, scan_view, view_of
from klarera.find.words import Table
from klarera.kernels.scan import Output
from klarera.model import IDENTIFIERS, KIND_NAMES, About, Kind

KEY = bytes(range(32))


def records(texts: Sequence[str | None]) -> Records:
    return Records.of({"id": [str(i) for i in range(len(texts))], "text": list(texts)})


def see(*texts: str) -> tuple[View, Scan, npt.NDArray[np.uint8]]:
    view = view_of(records(list(texts)))
    scan, look = scan_view(view, np.zeros(len(texts), np.uint8), Table.build({}))
    return view, scan, look


def cut(view: View, trigger: Triggers) -> list[tuple[int, str, int]]:
    return [
        (int(r), view.buf[a:b].tobytes().decode(), int(n))
        for r, a, b, n in zip(trigger.row, trigger.start, trigger.end, trigger.count, strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tel +49 (0) 151 234-567", [("+49 (0) 151 234-567", 12)]),
        ("(030) 123 456", [("(030) 123 456", 9)]),
        ("12 34, 567", [("12 34", 4)]),
        ("1 2 3", []),
        ("1234  5678", [("1234", 4), ("5678", 4)]),
        ("DE89 3704 0044", [("89 3704 0044", 10)]),
        ("2024-05-01T12:30", [("2024-05-01", 8)]),
        ("a1b2c3d4", []),
        ("1234-", [("1234", 4)]),
        ("١٢٣٤", []),
    ],
)
def test_clusters(text: str, expected: list[tuple[str, int]]) -> None:
    view, scan, _ = see(text)
    assert [(t, n) for _, t, n in cut(view, scan.cluster)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from fe80::1:2.", [("fe80::1:2", 3)]),
        ("mac 00:1A:2b:3C:4d:5e, ok", [("00:1A:2b:3C:4d:5e", 5)]),
        ("is: ::1 or 2001:db8::", [("::1", 2), ("2001:db8::", 3)]),
        ("at 12:30 or 12:30:45", [("12:30:45", 2)]),
        ("address:fe80::1", [("fe80::1", 2)]),
        (":::", []),
        ("see: http://a.example", []),
    ],
)
def test_colon_groups(text: str, expected: list[tuple[str, int]]) -> None:
    view, scan, _ = see(text)
    assert [(t, n) for _, t, n in cut(view, scan.colon)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("key sk-abcdefgh12345678", ["sk-abcdefgh12345678"]),
        ("abc_1-def_2-ghi_3", ["abc_1-def_2-ghi_3"]),
        ("1234567890123456", []),
        ("abcdefghijklmnopqrst", []),
        ("abcdefghij12345", []),
        ("ä0123456789abcdef", ["0123456789abcdef"]),
    ],
)
def test_runs(text: str, expected: list[str]) -> None:
    view, scan, _ = see(text)
    assert [t for _, t, _ in cut(view, scan.run)] == expected


SIGNS = [*"ab7Z09 ./-()+:@_[]é😀\n", "://", "12", "fe", "4567", "abcdefgh1234"]
SOUP = st.lists(st.sampled_from(SIGNS), max_size=30).map("".join)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(SOUP, min_size=1, max_size=4))
def test_triggers_equal_regular_expressions(texts: list[str]) -> None:
    view, scan, _ = see(*texts)
    assert cut(view, scan.at) == [(i, "@", 0) for i, t in enumerate(texts) for _ in re.finditer("@", t)]
    assert [(r, t) for r, t, _ in cut(view, scan.scheme)] == [
        (i, "://") for i, t in enumerate(texts) for _ in re.finditer("://", t)
    ]
    sep = r"(?:[ ./\-()+]|[ ./\-()+][()]|[()][ ./\-()+])"
    cluster = re.compile(rf"[0-9]+(?:{sep}[0-9]+)*")
    expected = [
        (i, n) for i, t in enumerate(texts) for m in cluster.finditer(t) if (n := sum(c.isdigit() for c in m[0])) >= 4
    ]
    assert [(r, n) for r, _, n in cut(view, scan.cluster)] == expected
    run = re.compile(r"[A-Za-z0-9_-]{16,}")
    assert [(r, t) for r, t, _ in cut(view, scan.run)] == [
        (i, m[0]) for i, t in enumerate(texts) for m in run.finditer(t)
        if re.search("[0-9]", m[0]) and re.search("[A-Za-z]", m[0])
    ]  # fmt: skip


def test_words_are_counted_and_rows_are_not_crossed() -> None:
    view, scan, _ = see("one two 12", "34 three", "", "[PHONE] four")
    assert scan.n_words.tolist() == [3, 2, 0, 1]
    assert cut(view, scan.cluster) == []


def test_more_output_than_expected_is_never_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["@" * 5000, "1234, " * 3000, "a@b " * 10]
    full = see(*texts)[1]
    monkeypatch.setattr(
        scan_module, "Output", type("Tiny", (), {"of": staticmethod(lambda a, b: Output.of(a // 99 + 1, b // 999 + 1))})
    )
    tight = see(*texts)[1]
    assert len(full.at.row) == 5010
    for a, b in zip(full[:6], tight[:6], strict=True):
        one: Any = a
        other: Any = b
        assert all(np.array_equal(x, y) for x, y in zip(one, other, strict=True))


def scanner(**options: object) -> Scanner:
    return Scanner((EMAIL, HANDLE, PROFILE_URL), key=KEY, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def whole() -> Scanner:
    return Scanner(catalogue(), key=KEY, register_terms=["anna muster"])


def same(a: Findings, b: Findings) -> bool:
    return bool(a.to_arrow().equals(b.to_arrow()))


PIECES = st.sampled_from(
    ["anna@example.org", "@anna", "x.com/anna", "+49 151 23456789", "DE89 3704 0044 0532 0130 00", "I am 14",
     "Anna Muster", "ａ＠ｂ．ｏｒｇ", "bob [at] example dot org", "4111 1111 1111 1111", "192.0.2.1", "fe80::1",
     "I have diabetes.", "Ich bin katholisch!", "[EMAIL]", "\n", "— ", "born 01.02.1980", "аnna@example.org"]
)  # fmt: skip
TEXTS = st.lists(st.lists(PIECES | SOUP, max_size=5).map(" ".join), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TEXTS, st.data())
def test_the_batch_cut_changes_nothing(whole: Scanner, texts: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(texts)))
    together = whole.find(records(texts)).findings
    parts = [whole.find(records(part)).findings for part in (texts[:at], texts[at:]) if part]
    if len(parts) == 2:
        columns = {**parts[1].__dict__, "row": parts[1].row + np.int32(at)}
        parts[1] = Findings(**columns)
    assert same(together, Findings.concat(parts))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TEXTS)
def test_findings_are_whole_code_points_in_order_with_their_sentence(whole: Scanner, texts: list[str]) -> None:
    f = whole.find(records(texts)).findings
    for i in range(len(f)):
        raw = texts[f.row[i]].encode()
        for a, b in ((f.start[i], f.end[i]), (f.ctx_start[i], f.ctx_end[i])):
            assert raw[a:b].decode()
        assert 0 <= f.ctx_start[i] <= f.start[i] < f.end[i] <= f.ctx_end[i] <= len(raw)
    order = np.lexsort((f.kind, f.end, f.start, f.row))
    assert (order == np.arange(len(f))).all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TEXTS)
def test_cleared_text_gives_no_identifiers(texts: list[str]) -> None:
    link = scanner()
    f = link.find(records(texts)).findings
    cleared = []
    for i, text in enumerate(texts):
        raw, out, last = text.encode(), b"", 0
        for k in np.flatnonzero(f.row == i):
            if f.start[k] >= last:
                out += raw[last : f.start[k]] + f"[{KIND_NAMES[f.kind[k]]} a1b2]".encode()
            last = max(last, int(f.end[k]))
        cleared.append((out + raw[last:]).decode())
    assert len(link.find(records(cleared)).findings) == 0


def test_placeholders_hide_nothing_else() -> None:
    found = scanner().find(
        records(["[EMAIL anna@example.org]", "[MAIL] @anna", "[PHONE 015112345678]", "[PHONE 3f9k] @anna"])
    )
    assert [KIND_NAMES[k] for k in found.findings.kind] == ["EMAIL", "HANDLE", "HANDLE"]
    # What was "015112345678@anna" held no name, so neither does what it became.
    assert len(scanner().find(records(["[PHONE 3f9k]@anna"])).findings) == 0
    view, scan, _ = see("[PHONE 015112345678] [PHONE 1234] [PHONE_1234]")
    assert [t for _, t, _ in cut(view, scan.cluster)] == ["015112345678", "1234"]


def test_no_text_no_findings(whole: Scanner) -> None:
    assert len(whole.find(records([None, "", " "])).findings) == 0
    empty = whole.find(
        records(["x"]).__class__(
            pa.RecordBatch.from_pylist([], records(["x"]).batch.schema), np.empty(0, np.int64), np.empty(0, np.int64)
        )
    )
    assert len(empty.language) == 0


def test_a_slice_of_a_batch_gives_the_same(whole: Scanner) -> None:
    texts: list[str | None] = ["@first", "mail anna@example.org", "see x.com/anna"]
    full = records(texts)
    part = Records(full.batch.slice(1, 2), full.unit[1:], full.place[1:])
    assert same(whole.find(part).findings, whole.find(records(texts[1:])).findings)


def test_keys_are_the_keyed_hash_of_kind_and_canonical_form() -> None:
    found = scanner().find(
        records(["Anna@Example.ORG", "anna [at] example (dot) org", "ａｎｎａ＠ｅｘａｍｐｌｅ．ｏｒｇ", "@Anna"])
    )
    expected = hmac.digest(KEY, bytes([Kind.EMAIL, 0]) + b"anna@example.org", "sha256")[:16]
    assert [k.tobytes() == expected for k in found.findings.key] == [True, True, True, False]
    assert found.findings.key[3].tobytes() == hmac.digest(KEY, bytes([Kind.HANDLE, 0]) + b"anna", "sha256")[:16]


def spans_at(kind: Kind, strength: int, *places: tuple[int, int]) -> Detector:
    def find(view: View, scan: Scan) -> Spans:
        k = len(places) if len(view.off) == 2 else 0
        start = np.array([a for a, _ in places[:k]], np.int64)
        end = np.array([b for _, b in places[:k]], np.int64)
        return Spans.of(np.zeros(k, np.int32), start, end, kind, strength=strength)

    return Detector(f"{kind.name}{strength}", 1, (kind,), find, "test", "", "")


@pytest.mark.parametrize(
    ("detectors", "kept"),
    [
        ([(Kind.PHONE, 1, (0, 9)), (Kind.IBAN, 0, (3, 20))], [("IBAN", 3, 20)]),
        ([(Kind.NATIONAL_ID, 1, (0, 12)), (Kind.PHONE, 1, (0, 14))], [("NATIONAL_ID", 0, 12)]),
        ([(Kind.NATIONAL_ID, 1, (0, 16)), (Kind.CARD, 0, (0, 16))], [("CARD", 0, 16)]),
        ([(Kind.IBAN, 1, (0, 16)), (Kind.NATIONAL_ID, 0, (0, 11))], [("NATIONAL_ID", 0, 11)]),
        ([(Kind.PHONE, 1, (0, 9)), (Kind.PHONE, 2, (0, 12))], [("PHONE", 0, 12)]),
        ([(Kind.EMAIL, 1, (0, 20)), (Kind.CARD, 0, (0, 16))], [("EMAIL", 0, 20)]),
        ([(Kind.PROFILE_URL, 1, (0, 20)), (Kind.HANDLE, 1, (10, 20))], [("PROFILE_URL", 0, 20)]),
        ([(Kind.PHONE, 1, (0, 9)), (Kind.CARD, 0, (9, 25))], [("PHONE", 0, 9), ("CARD", 9, 25)]),
        ([(Kind.PERSON, 2, (0, 9)), (Kind.EMAIL, 1, (0, 12))], [("PERSON", 0, 9), ("EMAIL", 0, 12)]),
        ([(Kind.HEALTH, 2, (0, 9)), (Kind.HEALTH, 1, (0, 9))], [("HEALTH", 0, 9)]),
        ([(Kind.PHONE, 1, (0, 9)), (Kind.IP, 1, (8, 17)), (Kind.CARD, 0, (16, 30))],
         [("PHONE", 0, 9), ("CARD", 16, 30)]),
    ],
)  # fmt: skip
def test_overlaps(detectors: list[tuple[Kind, int, tuple[int, int]]], kept: list[tuple[str, int, int]]) -> None:
    made = [spans_at(kind, strength, place) for kind, strength, place in detectors]
    f = Scanner(made, key=KEY).find(records(["x" * 40])).findings
    assert [(KIND_NAMES[k], a, b) for k, a, b in zip(f.kind, f.start, f.end, strict=True)] == kept


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One. Two @anna three! Four", "Two @anna three!"),
        ("Hi Dr. Ann, z.B. ask @anna, bzw. me. No", "Hi Dr. Ann, z.B. ask @anna, bzw. me."),
        ("line one\n  by @anna  \nline", "by @anna"),
        ("\n\n@anna\n\n", "@anna"),
        ("He said: “@anna came.” Then", "He said: “@anna came.”"),
        ("Wait… what? @anna?! ok", "@anna?!"),
        ("v1.2 of @anna costs 3.50 now. Bye", "v1.2 of @anna costs 3.50 now."),
        ("no end @anna", "no end @anna"),
        ("日本語。@anna です。次", "@anna です。"),
    ],
)
def test_sentence_around_a_finding(text: str, sentence: str) -> None:
    f = scanner().find(records([text])).findings
    assert text.encode()[f.ctx_start[0] : f.ctx_end[0]].decode() == sentence


def test_register_terms_are_found_in_both_views() -> None:
    found = scanner(register_terms=["Anna Muster", "Søren"]).find(
        records(["x", "ANNA MUSTER, soren SØREN", "Ａnna Muster"])
    )
    r = found.register
    assert list(zip(r.row.tolist(), r.start.tolist(), r.end.tolist(), r.term.tolist(), strict=True)) == [
        (1, 0, 11, 0), (1, 19, 25, 1), (2, 0, 13, 0),
    ]  # fmt: skip


def test_a_listed_name_is_a_finding_of_its_own_with_the_key_of_the_name() -> None:
    made = Scanner(catalogue(), key=KEY, register_terms=["anna-lena muster", "søren ågren", "søren"])
    texts = [
        "Thanks to Mrs. Anna-Lena Muster!",
        "with ANNA LENA MUSTER",
        "SØREN ÅGREN",
        "Ａnna-Lena Muster",
        "Annalena",
    ]
    found = made.find(Records.of({"text": texts, "language": ["en"] * 5})).findings
    number = len(made.detectors)
    assert (made.names[number], made.cards()[number]["name"]) == ("register", "register")
    mine = found.detector == number
    assert set(zip(found.row[mine].tolist(), found.start[mine].tolist(), found.end[mine].tolist(), strict=True)) == {
        (0, 15, 31), (1, 5, 21), (2, 0, 6), (2, 0, 13), (3, 0, 18),
    }  # fmt: skip
    assert (found.kind[mine] == Kind.PERSON).all()
    assert (found.about[mine] == About.UNCLEAR).all()
    keys = {
        row: {k.tobytes() for k in found.key[(found.row == row) & (found.end - found.start > 6)]} for row in range(4)
    }
    assert keys[0] == keys[1] == keys[3], "also that of the detector of names in row 0"
    assert len(keys[0]) == len(keys[2]) == 1
    assert keys[0] == {listed.name_keys(KEY, ["Anna-Lena Muster"])[0].tobytes()}
    plain = Scanner(catalogue(), key=KEY)
    assert len(plain.cards()) == number


def test_a_span_outside_its_record_is_refused_without_its_text() -> None:
    with pytest.raises(UsageError, match="PHONE1 gave a span outside its record") as caught:
        Scanner([spans_at(Kind.PHONE, 1, (0, 99))], key=KEY).find(records(["secret words"]))
    assert "secret" not in str(caught.value)


def test_an_adapter_is_numbered_behind_the_detectors() -> None:
    class Names:
        """Finds the first word of every text."""

        name = "names"

        def __call__(self, texts: pa.Array, language: npt.NDArray[np.uint8]) -> Spans:
            assert len(language) == len(texts)
            row = np.arange(len(texts), dtype=np.int32)
            start = np.array([0, 6], np.int64)
            return Spans.of(row, start, start + 3, Kind.PERSON, strength=3)

        def card(self) -> dict[str, object]:
            return {"name": self.name}

    made = scanner(adapters=[Names()])
    f = made.find(records(["Ann is", "Bob is"])).findings
    assert f.detector.tolist() == [3, 3]
    assert made.cards()[3]["name"] == "names"
    assert (f.key != 0).any(axis=1).all()


def test_the_catalogue_is_the_room() -> None:
    detectors = catalogue()
    assert [d.name for d in detectors] == sorted(d.name for d in detectors)
    assert {"email", "handle", "profile_url"} <= {d.name for d in detectors}
    kinds = {kind for d in detectors for kind in d.kinds}
    assert {Kind.EMAIL, Kind.HANDLE, Kind.PROFILE_URL} <= kinds <= set(Kind)
    assert all(d.finds and d.misses and d.source for d in detectors)
    assert IDENTIFIERS


def test_a_module_without_detector_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(scan_module, "INFRASTRUCTURE", scan_module.INFRASTRUCTURE - {"words"})
    with pytest.raises(UsageError, match=r"find/words\.py declares no DETECTOR"):
        catalogue()
    assert room.__name__ == "klarera.find"


def test_two_detectors_of_one_name_are_refused() -> None:
    with pytest.raises(UsageError, match="same name"):
        Scanner((EMAIL, EMAIL), key=KEY)


@pytest.mark.parametrize(
    "unit",
    ["@", "a@", "1 ", "1.", ":", "a:", "abc1-", "x.com/a", "https://", "anna@example.", "&#", "%4", "[EMAIL", "a ",
     "\u0301", "\u200b", "е", "i am ", "i am 13. ", "i have cancer.", "her: i'm 13. ",
     "http://a:b", "facebook.com/", "@a.", "(at) ",
     "a [at] b (dot) ", "1\ufe0f\u20e3"],
)  # fmt: skip
def test_time_grows_with_the_text_only(whole: Scanner, unit: str) -> None:
    def seconds(size: int) -> float:
        batch = records([unit * (size // len(unit.encode()))])
        best = np.inf
        for _ in range(3):
            begin = time.process_time()
            whole.find(batch)
            best = min(best, time.process_time() - begin)
        return float(best)

    small, large = seconds(30_000), seconds(240_000)
    # Eight times the text: a loop inside a loop would take sixty-four times as long.
    assert large < 24 * small + 0.05
