"""Run in the environment of presidio-analyzer: gold file in, spans out as JSON.

    python presidio_spans.py GOLD.json

Every predefined English recogniser that needs no model, at Presidio's own default threshold. Output: one
list a text of [entity type, start, end] in code points.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import spacy
import tldextract.tldextract  # type: ignore[import-not-found]
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine


class BlankEngine(SpacyNlpEngine):  # type: ignore[misc]
    """Tokens only: no model, hence no entities of one."""

    def load(self) -> None:
        """Make the tokeniser."""
        self.nlp = {"en": spacy.blank("en")}


def main() -> None:
    """Analyse every text of the file."""
    # The package's own copy of the public suffix list: no network.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
    texts = [record["full_text"] for record in json.loads(Path(sys.argv[1]).read_text("utf-8"))]
    engine = BlankEngine(models=[{"lang_code": "en", "model_name": "blank"}])
    engine.load()
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    registry.recognizers = [r for r in registry.recognizers if "Spacy" not in type(r).__name__]
    analyzer = AnalyzerEngine(nlp_engine=engine, registry=registry)
    found = [[(r.entity_type, r.start, r.end) for r in analyzer.analyze(t, language="en")] for t in texts]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
