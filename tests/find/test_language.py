"""Language by function words: on invented sentences of every language, and never at a guess."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from klarera.batch import Records
from klarera.find.language import code_of, given, languages
from klarera.find.scan import Scanner
from klarera.model import LANGUAGES

SENTENCES = [line.split("\t") for line in (Path(__file__).parent / "sentences.tsv").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner([], key=bytes(32))


def spoken(scanner: Scanner, texts: list[str], said: list[str | None] | None = None) -> list[str]:
    columns: dict[str, list[object]] = {"id": list(texts), "text": list(texts)}
    if said is not None:
        columns["language"] = list(said)
    return [LANGUAGES[k] for k in scanner.find(Records.of(columns)).language]


def test_every_language_has_its_words_and_sentences() -> None:
    tested = Counter(code for code, _ in SENTENCES)
    assert set(tested) == set(LANGUAGES) - {""}
    assert min(tested.values()) >= 5
    words = (np.count_nonzero(languages().weight[1 : len(languages().words) + 1], axis=0))[1 : len(LANGUAGES)]
    assert words.min() >= 60


def test_short_sentences_are_rarely_wrong_and_mostly_known(scanner: Scanner) -> None:
    found = spoken(scanner, [text for _, text in SENTENCES])
    wrong = [(code, got, text) for (code, text), got in zip(SENTENCES, found, strict=True) if got not in (code, "")]
    right = sum(code == got for (code, _), got in zip(SENTENCES, found, strict=True))
    assert len(wrong) <= len(SENTENCES) * 0.02, wrong
    assert right >= len(SENTENCES) * 0.85


def test_five_sentences_together_are_known(scanner: Scanner) -> None:
    texts: dict[str, list[str]] = {}
    for code, text in SENTENCES:
        texts.setdefault(code, []).append(text)
    assert spoken(scanner, [" ".join(t) for t in texts.values()]) == list(texts)


@pytest.mark.parametrize(
    "text",
    [
        "", "12345", "ok", "Berlin Hamburg", "😀😀😀", "Я не знаю, что это такое и почему он здесь.",
        "Bu çok güzel bir şey, ama neden böyle?", "https://example.org/a", "lorem ipsum dolor",
    ],
)  # fmt: skip
def test_what_is_no_language_of_ours_stays_unknown(scanner: Scanner, text: str) -> None:
    assert spoken(scanner, [text]) == [""]


def test_a_given_language_wins(scanner: Scanner) -> None:
    english = "I don't know why the train is late again and what we should do."
    said = ["de-AT", None, "und", "ZH", "nb_NO", "EN"]
    assert spoken(scanner, [english] * 6, said) == ["de", "en", "en", "", "no", "en"]


def test_codes() -> None:
    assert code_of(" Und ") is None
    assert code_of("") is None
    assert LANGUAGES[code_of("deu") or 0] == "de"
    language, said = given(pa.array(["fr", None, "tlh"], pa.large_string()))
    assert language.tolist() == [LANGUAGES.index("fr"), 0, 0]
    assert said.tolist() == [1, 0, 1]
