"""Models as detectors: spaCy, a Presidio recogniser, or any callable on a batch of texts.

An adapter is optional and stands outside the fused pass; `Scanner(..., adapters=[...])` takes it. What a model
says is strength MODEL with its score. A model sees texts only: no author, no id. Nothing is imported before
the first batch; what is missing then is a UsageError that says what to install. Whatever else a model raises is
told by its type alone: its words might hold a text.

>>> import pyarrow as pa
>>> shout = callable_adapter(lambda texts: [[(0, 3, "PER", 0.9)] for _ in texts], labels={"PER": Kind.PERSON})
>>> spans = shout(pa.array(["Zoë rang"], pa.large_string()))
>>> int(spans.start[0]), int(spans.end[0]), int(spans.score[0])
(0, 4, 90)
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from klarera.batch import text_buffers
from klarera.errors import KlareraError, UsageError
from klarera.find import Coverage, Spans
from klarera.model import About, Kind, Strength

__all__ = ["PRESIDIO_LABELS", "SPACY_LABELS", "ModelAdapter", "callable_adapter", "presidio_adapter", "spacy_adapter"]

Found = Sequence[Any]
"""One span of a model: start, end, label and perhaps a score from 0 to 1."""

NO_SCORE = 255

SPACY_LABELS: Mapping[str, Kind] = {"PERSON": Kind.PERSON, "PER": Kind.PERSON}
"""Labels of the usual spaCy models that are kinds of ours; places and organisations are none."""

PRESIDIO_LABELS: Mapping[str, Kind] = {
    "PERSON": Kind.PERSON,
    "EMAIL_ADDRESS": Kind.EMAIL,
    "PHONE_NUMBER": Kind.PHONE,
    "IBAN_CODE": Kind.IBAN,
    "CREDIT_CARD": Kind.CARD,
    "IP_ADDRESS": Kind.IP,
    "MAC_ADDRESS": Kind.MAC,
    "CRYPTO": Kind.WALLET,
}
"""Entity names of Presidio's predefined recognisers that are kinds of ours."""


@dataclass
class ModelAdapter:
    """A model wrapped as a detector.

    find       texts → for each text its spans; loads the model on its first call
    labels     label of the model → Kind; labels not named here are no finding
    languages  codes of the languages it looks in, () for any: other records are not shown to it
    code_points  whether the model counts code points (Python's way) or UTF-8 bytes
    about      whom its findings concern; a model of names does not know
    known      the labels the model can give, None if it does not say; loads the model
    """

    name: str
    find: Callable[[list[str]], Iterable[Iterable[Found]]]
    labels: Mapping[str, Kind]
    version: int = 1
    languages: tuple[str, ...] = ()
    source: str = "a model named by the project"
    code_points: bool = True
    about: About = About.UNCLEAR
    known: Callable[[], set[str]] | None = None

    def __call__(self, texts: pa.Array, language: npt.NDArray[np.uint8] | None = None) -> Spans:
        """Spans in these texts, absolute in their buffer.

        language  uint8[n], index into model.LANGUAGES; None shows the model every text

        Raises UsageError where the model fails, gives another number of answers than texts, or a span outside its
        text.
        """
        buf, off = text_buffers(texts)
        shown = np.arange(len(texts))
        if language is not None and self.languages:
            shown = np.flatnonzero(Coverage(self.languages).mask()[language])
            texts = texts.take(pa.array(shown))
        answers = self._asked([text or "" for text in texts.to_pylist()])
        if len(answers) != len(texts):
            raise UsageError(f"adapter {self.name} gave {len(answers)} answers for {len(texts)} texts")
        table = self._table(answers)
        table[:, 0] = shown[table[:, 0]]
        row, start, end = table[:, 0], table[:, 1], table[:, 2]
        start, end = self._absolute(buf, off, row, start, end)
        k = len(table)
        return Spans(
            row.astype(np.int32),
            start,
            end,
            table[:, 3].astype(np.uint8),
            about=np.full(k, int(self.about), np.uint8),
            stance=np.zeros(k, np.uint8),
            strength=np.full(k, int(Strength.MODEL), np.uint8),
            score=table[:, 4].astype(np.uint8),
        )

    def _asked(self, texts: list[str]) -> list[list[Found]]:
        try:
            return [list(answer) for answer in self.find(texts)] if texts else []
        except KlareraError:
            raise
        except Exception as error:  # noqa: BLE001 - somebody else's code, whatever it raises
            # Not chained: the cause's words may hold a text.
            raise UsageError(f"detector {self.name} failed with {type(error).__name__}") from None

    def _table(self, answers: list[list[Found]]) -> npt.NDArray[np.int64]:
        """int64[k, 5]: row, start, end, kind, score."""
        try:
            rows = [
                (row, int(found[0]), int(found[1]), int(self.labels[found[2]]), _score(found))
                for row, answer in enumerate(answers)
                for found in answer
                if found[2] in self.labels
            ]
        except (TypeError, ValueError, IndexError, KeyError):
            raise UsageError(f"detector {self.name} gave something else than (start, end, label[, score])") from None
        return np.array(rows, np.int64).reshape(-1, 5)

    def _absolute(
        self, buf: npt.NDArray[np.uint8], off: npt.NDArray[np.int64], row: npt.NDArray[np.int64],
        start: npt.NDArray[np.int64], end: npt.NDArray[np.int64],
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:  # fmt: skip
        base, last = off[row], off[row + 1]
        if self.code_points:
            # Where each code point begins, and the end of the text behind the last one.
            begins = np.append(np.flatnonzero((buf[: off[-1]] & 0xC0) != 0x80), off[-1])
            first = np.searchsorted(begins, base)
            length = np.searchsorted(begins, last) - first
        else:
            begins, first, length = np.arange(off[-1] + 1), base, last - base
        if ((start < 0) | (end > length) | (start >= end)).any():
            raise UsageError(
                f"adapter {self.name} gave a span outside its text",
                hint="unit='bytes' if the model counts bytes" if self.code_points else "unit='code points'",
            )
        start, end = begins[first + start], begins[first + end]
        if len(start) and ((_inside(buf, start)) | (_inside(buf, end))).any():
            raise UsageError(f"adapter {self.name} gave a span that cuts a code point", hint="unit='code points'")
        return start, end

    def card(self) -> dict[str, object]:
        """What stands in the commit and in detectors.json."""
        return {
            "name": self.name,
            "version": self.version,
            "kinds": sorted({kind.name for kind in self.labels.values()}),
            "languages": list(self.languages) or ["any"],
            "source": self.source,
            "finds": "what the model labels " + ", ".join(sorted(self.labels)),
            "misses": "what the model misses: measure it with an audit sample",
        }


def _inside(buf: npt.NDArray[np.uint8], at: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    padded = np.append(buf, np.uint8(0))
    inside: npt.NDArray[np.bool_] = (padded[np.minimum(at, len(buf))] & 0xC0) == 0x80
    return inside


def _score(found: Found) -> int:
    if len(found) < 4 or found[3] is None:
        return NO_SCORE
    score = float(found[3])
    if not math.isfinite(score) or not 0 <= score <= 1:
        raise UsageError("a model gave a score that is not between 0 and 1")
    return round(score * 100)


def callable_adapter(
    fn: Callable[[list[str]], Iterable[Iterable[Found]]],
    *,
    labels: Mapping[str, Kind],
    name: str = "callable",
    unit: str = "code points",
    languages: tuple[str, ...] = (),
    about: About = About.UNCLEAR,
    version: int = 1,
) -> ModelAdapter:
    """Wrap any callable: a list of texts → for each a list of (start, end, label[, score]), end exclusive."""
    if unit not in ("code points", "bytes"):
        raise UsageError(f"unknown unit of offsets '{unit}'", hint="one of 'code points', 'bytes'")
    return ModelAdapter(
        name, fn, dict(labels), version, languages, "a callable named by the project", unit == "code points", about
    )


def spacy_adapter(
    model: str | Any,
    *,
    labels: Mapping[str, Kind] = SPACY_LABELS,
    name: str = "spacy",
    languages: tuple[str, ...] = (),
    batch_size: int = 256,
) -> ModelAdapter:
    """Wrap a spaCy pipeline: its name, the path of its folder, or the loaded pipeline itself.

    Many spaCy models are not free for every use: their licence is yours to check.
    """
    loaded: list[Any] = [] if isinstance(model, str) else [model]

    def pipeline() -> Any:
        if not loaded:
            loaded.append(_load_spacy(model))
        return loaded[0]

    def known() -> set[str]:
        return {label for given in pipeline().pipe_labels.values() for label in given}

    def find(texts: list[str]) -> Iterable[list[Found]]:
        for document in pipeline().pipe(texts, batch_size=batch_size):
            yield [(e.start_char, e.end_char, e.label_) for e in document.ents]

    source = f"spaCy model {model}" if isinstance(model, str) else "a spaCy pipeline named by the project"
    return ModelAdapter(name, find, dict(labels), languages=languages, source=source, known=known)


def _load_spacy(model: str) -> Any:
    try:
        spacy = importlib.import_module("spacy")
    except ImportError as error:
        raise UsageError("spaCy is not installed", hint="pip install 'klarera[names]'") from error
    try:
        return spacy.load(model)
    except OSError as error:
        raise UsageError(f"no spaCy model '{model}'", hint="the folder of a saved pipeline") from error


def presidio_adapter(
    recognizer: str | Any,
    *,
    labels: Mapping[str, Kind] = PRESIDIO_LABELS,
    name: str = "presidio",
    languages: tuple[str, ...] = (),
) -> ModelAdapter:
    """Wrap one Presidio recogniser: the object, or where its class is ("package.module:Class").

    It is called without NLP artifacts: recognisers that need an NLP engine belong behind callable_adapter.
    """
    loaded: list[Any] = [] if isinstance(recognizer, str) else [recognizer]

    def own() -> Any:
        if not loaded:
            loaded.append(_load_class(recognizer)())
        return loaded[0]

    def find(texts: list[str]) -> Iterable[list[Found]]:
        for text in texts:
            results = own().analyze(text=text, entities=own().supported_entities, nlp_artifacts=None)
            yield [(r.start, r.end, r.entity_type, r.score) for r in results or ()]

    return ModelAdapter(
        name, find, dict(labels), languages=languages, source="a Presidio recogniser",
        known=lambda: set(own().supported_entities),
    )  # fmt: skip


def _load_class(place: str) -> Any:
    module, _, name = place.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise UsageError(f"'{module}' is not installed", hint="pip install presidio-analyzer") from error
    except (AttributeError, ValueError) as error:
        raise UsageError(f"'{place}' names no recogniser", hint="package.module:Class") from error
