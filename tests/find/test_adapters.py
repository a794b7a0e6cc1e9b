"""Adapters over invented models: offsets, labels, scores, laziness, and errors that say what to do next."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from klarera.batch import Records
from klarera.errors import UsageError
from klarera.find.adapters import callable_adapter, presidio_adapter, spacy_adapter
from klarera.find.scan import Scanner
from klarera.model import About, Kind, Strength

TEXTS = ["Zoë Ölund rang", None, "🙂 met Ida Quist"]


def find_names(texts: list[str]) -> list[list[tuple[int, int, str, float]]]:
    """A model that knows two names."""
    names = ("Zoë Ölund", "Ida Quist")
    return [[(t.index(n), t.index(n) + len(n), "PER", 0.75) for n in names if n in t] for t in texts]


class FakePipeline:
    """What klarera uses of a spaCy pipeline, over find_names."""

    def pipe(self, texts: list[str], batch_size: int) -> Any:
        assert batch_size > 0
        for spans in find_names(texts):
            yield SimpleNamespace(ents=[SimpleNamespace(start_char=s, end_char=e, label_=n) for s, e, n, _ in spans])


class FakeRecognizer:
    """What klarera uses of a Presidio recogniser, over find_names."""

    supported_entities = ("PERSON",)

    def analyze(self, text: str, entities: Any, nlp_artifacts: Any) -> Any:
        assert entities == self.supported_entities
        return [SimpleNamespace(start=s, end=e, entity_type="PERSON", score=p) for s, e, _, p in find_names([text])[0]]


def cut(texts: list[str | None], spans: Any) -> list[str]:
    buf = "".join(t or "" for t in texts).encode()
    return [buf[a:b].decode() for a, b in zip(spans.start, spans.end, strict=True)]


ADAPTERS = {
    "callable": callable_adapter(find_names, labels={"PER": Kind.PERSON}),
    "spacy": spacy_adapter(FakePipeline()),
    "presidio": presidio_adapter(FakeRecognizer()),
}


@pytest.mark.parametrize("name", ADAPTERS)
def test_spans_are_bytes_in_the_buffer(name: str) -> None:
    spans = ADAPTERS[name](pa.array(TEXTS, pa.large_string()))
    assert spans.row.tolist() == [0, 2]
    assert cut(TEXTS, spans) == ["Zoë Ölund", "Ida Quist"]
    assert set(spans.kind.tolist()) == {int(Kind.PERSON)}
    assert set(spans.strength.tolist()) == {int(Strength.MODEL)}
    assert set(spans.about.tolist()) == {int(About.UNCLEAR)}
    assert spans.score.tolist() == ([255, 255] if name == "spacy" else [75, 75])


def test_a_sliced_column_gives_the_same_spans() -> None:
    whole = pa.array(["xx Ida Quist", *TEXTS], pa.large_string())
    spans = ADAPTERS["callable"](whole.slice(1))
    assert spans.row.tolist() == [0, 2]
    assert cut(["xx Ida Quist", *TEXTS], spans) == ["Zoë Ölund", "Ida Quist"]


def test_the_scanner_takes_an_adapter() -> None:
    scanner = Scanner([], key=bytes(32), adapters=[ADAPTERS["spacy"]])
    findings = scanner.find(Records.of({"text": TEXTS})).findings
    assert findings.start.tolist() == [0, TEXTS[2].encode().index(b"Ida")]  # type: ignore[union-attr]
    assert scanner.cards()[0]["kinds"] == ["PERSON"]


def test_bytes_are_taken_as_they_are() -> None:
    model = callable_adapter(lambda ts: [[(0, 4, "P")] for _ in ts], labels={"P": Kind.PERSON}, unit="bytes")
    assert cut(["Zoë rang"], model(pa.array(["Zoë rang"], pa.large_string()))) == ["Zoë"]


def test_labels_that_are_not_mapped_are_no_finding() -> None:
    model = callable_adapter(lambda ts: [[(0, 1, "ORG")] for _ in ts], labels={"P": Kind.PERSON})
    assert len(model(pa.array(["a"], pa.large_string())).row) == 0


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([], "0 answers for 1 texts"),
        ([[(0, 99, "P")]], "outside its text"),
        ([[(-1, 2, "P")]], "outside its text"),
        ([[(2, 2, "P")]], "outside its text"),
        ([[(0, 1, "P", 7.0)]], "score"),
        ([[(0, 1, "P", float("nan"))]], "score"),
    ],
)
def test_a_model_that_answers_nonsense_is_named(answers: Any, says: str) -> None:
    model = callable_adapter(lambda _: answers, labels={"P": Kind.PERSON})
    with pytest.raises(UsageError, match=says):
        model(pa.array(["secret"], pa.large_string()))


def test_bytes_within_a_code_point_are_refused() -> None:
    model = callable_adapter(lambda _: [[(0, 3, "P")]], labels={"P": Kind.PERSON}, unit="bytes")
    with pytest.raises(UsageError, match="cuts a code point"):
        model(pa.array(["Zoë"], pa.large_string()))


def test_nothing_is_imported_before_the_first_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    model = spacy_adapter("xx_invented")
    with pytest.raises(UsageError, match="pip install") as error:
        model(pa.array(["a"], pa.large_string()))
    assert error.value.exit_code == 2


def test_a_model_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> None:
        raise OSError(name)

    monkeypatch.setitem(sys.modules, "spacy", SimpleNamespace(load=load))
    with pytest.raises(UsageError, match="no spaCy model 'xx_invented'"):
        spacy_adapter("xx_invented")(pa.array(["a"], pa.large_string()))


@pytest.mark.parametrize("place", ["no_such_package.recognizers:Some", "json:NoSuchClass"])
def test_a_recogniser_that_is_not_there_is_named(place: str) -> None:
    with pytest.raises(UsageError):
        presidio_adapter(place)(pa.array(["a"], pa.large_string()))


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(UsageError, match="code points"):
        callable_adapter(find_names, labels={}, unit="characters")
