"""Tokens: a ratio a language, measured on a seeded sample; what is not measured is not guessed at."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from klarera.cli.app import app
from klarera.cli.asking import open_clearance
from klarera.cli.summary import prices, ratios, summary
from klarera.errors import InputError, KlareraError, UsageError
from klarera.model import LANGUAGES
from klarera.papers.card import card
from klarera.papers.report import render
from klarera.pipeline import tokens
from klarera.pipeline.breakdown import DIMENSIONS, breakdown
from klarera.pipeline.clear import apply_decisions, decide_again
from klarera.pipeline.compare import compare
from klarera.read import Options
from klarera.rulebook import rulebook

from .conftest import Desk, posts, write_lines


@pytest.fixture
def tokenizer(tmp_path: Path) -> Path:
    """One token a sign that is no blank; asks for truncation and for signs around a text, which must not count."""
    signs = {chr(i): i - 32 for i in range(33, 127)}
    vocabulary = {"[UNK]": 0, **signs}
    cut = {"direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0}
    first, second = ({"Sequence": {"id": name, "type_id": at}} for at, name in enumerate("AB"))
    told: dict[str, Any] = {
        "version": "1.0", "truncation": cut,
        "padding": None, "added_tokens": [], "normalizer": None, "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": {
            "type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "!", "type_id": 0}}, first],
            "pair": [first, second],
            "special_tokens": {"!": {"id": "!", "ids": [1], "tokens": ["!"]}},
        },
        "decoder": None,
        "model": {
            "type": "BPE", "dropout": None, "unk_token": "[UNK]", "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "vocab": vocabulary, "merges": [],
        },
    }  # fmt: skip
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(told), "utf-8")
    return path


def signs(text: str) -> int:
    return len("".join(text.split()))


def rows() -> list[dict[str, Any]]:
    made = posts(60)
    for i in range(0, 60, 3):
        made[i] |= {"language": "de", "text": f"Donaudampfschifffahrt {i} wunderbar"}
    made[5]["text"] = "My sister has multiple sclerosis and needs help."
    return made


def clear(desk: Desk, tokenizer: Path | None, name: str = "out", **more: Any) -> Any:
    files = [write_lines(desk.folder / "a.jsonl", rows()[:25]), write_lines(desk.folder / "b.jsonl", rows()[25:])]
    job = desk.job()
    return desk.clear(files, name, job, tokenizer=tokenizer, **more).commit.payload


def test_ratios_are_those_of_the_whole_where_the_sample_is_the_whole(desk: Desk, tokenizer: Path) -> None:
    pytest.importorskip("tokenizers")
    payload = clear(desk, tokenizer)
    told = payload["tokenizer"]
    assert (told["file"], told["sha256"]) == ("tokenizer.json", hashlib.sha256(tokenizer.read_bytes()).hexdigest())
    assert (told["seed"], told["shards"], told["shards_of"]) == (0, 2, 2)
    for code in ("en", "de"):
        mine = [r["text"] for r in rows() if r["language"] == code]
        assert told["sample"][code]["records"] == len(mine)
        assert told["sample"][code]["tokens"] == sum(map(signs, mine)), "not truncated, nothing put around"
    assert set(told["sample"]) == {"en", "de"}
    assert sum(one["words"] for one in told["sample"].values()) == payload["sizes"]["words"]
    counted = payload["tokens"]
    assert counted["total"] == sum(signs(r["text"]) for r in rows())
    assert counted["words_without_ratio"] == 0
    assert sum(counted["decisions"].values()) == counted["total"]


def test_summary_report_and_card_say_tokens_with_ratio_sample_and_hash(desk: Desk, tokenizer: Path) -> None:
    pytest.importorskip("tokenizers")
    payload = clear(desk, tokenizer)
    lines = "\n".join(summary(payload))
    kept = payload["tokens"]["decisions"]["kept"] + payload["tokens"]["decisions"]["redacted"]
    assert f"Tokens kept about {kept:,} of {payload['tokens']['total']:,}" in lines
    en = payload["tokenizer"]["sample"]["en"]
    assert f"en {en['tokens'] / en['words']:.2f}" in ratios(payload["tokenizer"])
    assert payload["tokenizer"]["sha256"][:16] in lines
    assert "60 records of 2 of 2 shards, seed 0" in lines
    html = render(payload, rulebook()).decode("utf-8")
    assert "Tokens a word, as measured on the sample" in html
    assert payload["tokenizer"]["sha256"] in html
    assert f"About {kept:,} tokens are kept" in card(payload)


def test_without_a_tokenizer_everything_says_words(desk: Desk) -> None:
    payload = clear(desk, None)
    assert "tokenizer" not in payload
    assert "tokens" not in payload
    assert not any("Tokens" in line for line in summary(payload))
    assert "Tokens" not in render(payload, rulebook()).decode("utf-8")
    opened = open_clearance(desk.out(), desk.job())
    listed = [p.to_dict() for p in compare(desk.out(), opened.case, opened.settled, opened.stored)]
    assert {p["tokens"] for p in listed} == {None}
    assert "tokens" not in next(iter(prices(listed)))


def test_prices_are_told_in_tokens_and_add_up(desk: Desk, tokenizer: Path) -> None:
    pytest.importorskip("tokenizers")
    told = clear(desk, tokenizer)["tokenizer"]
    opened = open_clearance(desk.out(), desk.job())
    groups = breakdown(desk.out(), opened.case.names, opened.settled, opened.stored, DIMENSIONS)
    for by in (("language",), ("source", "language"), ("source",)):
        listed = compare(desk.out(), opened.case, opened.settled, opened.stored, by=by, tokenizer=told)
        moving = [p for p in listed if p.words]
        assert moving
        for p in listed:
            assert p.tokens is not None
            assert sum(cell["tokens"] for cell in p.by) == p.tokens
        whole = next(p for p in moving if len(p.by) >= 1)
        assert whole.tokens
        assert (whole.tokens > 0) is (whole.words > 0)
    assert set(groups.by) == {"source", "language"}
    text = list(prices([p.to_dict() for p in listed]))
    assert "tokens" in text[0]


def test_the_ratio_stays_with_the_clearance_and_a_change_needs_no_tokenizer(desk: Desk, tokenizer: Path) -> None:
    pytest.importorskip("tokenizers")
    first = clear(desk, tokenizer)
    tokenizer.unlink()
    decided: Any = decide_again(desk.out(), desk.job("strict")).commit.payload
    assert decided["tokenizer"] == first["tokenizer"]
    assert decided["tokens"]["total"] == first["tokens"]["total"]
    assert decided["tokens"]["decisions"] != first["tokens"]["decisions"]
    assert apply_decisions(desk.out(), desk.job("strict")).commit.payload["tokenizer"] == first["tokenizer"]


def test_apply_measures_where_clear_did_not(desk: Desk, tokenizer: Path) -> None:
    pytest.importorskip("tokenizers")
    with_it = clear(desk, tokenizer, "with")
    clear(desk, None, "without")
    later: Any = apply_decisions(desk.out("without"), desk.job(), tokenizer=tokenizer).commit.payload
    assert later["tokenizer"] == with_it["tokenizer"]
    for path in desk.folder.glob("*.jsonl"):
        path.unlink()
    with pytest.raises(InputError, match="is gone, and tokens are measured on the input"):
        apply_decisions(desk.out("without"), desk.job(), tokenizer=tokenizer)


def test_the_sample_is_the_same_for_any_workers_and_bounded(
    desk: Desk, tokenizer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tokenizers")
    monkeypatch.setattr(tokens, "EACH", 7)
    monkeypatch.setattr(tokens, "SHARDS", 3)
    small = Options(shard_bytes=1_500)
    one, two = (clear(desk, tokenizer, name, options=small)["tokenizer"] for name in ("one", "two"))
    assert one == two
    assert one["shards"] == 3 < one["shards_of"]
    assert all(s["records"] <= 7 for s in one["sample"].values())
    rids = []
    for path in (desk.out("one") / "work" / "facts").glob("*.parquet"):
        table = pq.read_table(path, columns=["rid", "language"])
        rids += [r for r, code in zip(*(table.column(c).to_pylist() for c in ("rid", "language")), strict=True)
                 if LANGUAGES[code] == "en"]  # fmt: skip
    assert len(rids) > 7


def test_a_language_that_is_not_in_the_sample_has_no_ratio(
    desk: Desk, tokenizer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tokenizers")
    monkeypatch.setattr(tokens, "SHARDS", 1)
    first = [{**r, "language": "en"} for r in posts(20)]
    second = [{**r, "language": "fi", "id": f"q{i}"} for i, r in enumerate(posts(20))]
    files = [write_lines(desk.folder / "a.jsonl", first), write_lines(desk.folder / "b.jsonl", second)]
    payload: Any = desk.clear(files, tokenizer=tokenizer).commit.payload
    (code,) = payload["tokenizer"]["sample"]
    bare = sum(len(r["text"].split()) for r in (second if code == "en" else first))
    assert payload["tokens"]["words_without_ratio"] == pytest.approx(bare, rel=0.2)
    assert any("in languages the sample does not hold" in line for line in summary(payload))


def test_in_cells_rounds_the_same_way_for_won_and_lost(desk: Desk) -> None:
    clear(desk, None)
    opened = open_clearance(desk.out(), desk.job())
    groups = breakdown(desk.out(), opened.case.names, opened.settled, opened.stored, ("language",))
    told = {"sample": {"en": {"records": 1, "words": 3, "tokens": 4}, "de": {"records": 1, "words": 2, "tokens": 3}}}
    words = np.array([5, 7][: len(groups.cells)], np.int64)
    gained, bare = tokens.in_cells(groups, words, told)
    lost, _ = tokens.in_cells(groups, -words, told)
    assert (gained == -lost).all()
    assert bare == 0
    assert dict(zip(groups.cells, gained.tolist(), strict=True)) == {("de",): 8, ("en",): 9}


def test_a_missing_package_or_file_is_told_before_any_work(
    desk: Desk, tokenizer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases: list[tuple[Path, type[KlareraError], str]] = []
    if "tokenizers" in sys.modules or _installed():
        (desk.folder / "bad.json").write_text('{"secret": "Zzyzxmark"}', "utf-8")
        cases += [(desk.folder / "none.json", InputError, "no such tokenizer file"),
                  (desk.folder / "bad.json", InputError, "is no tokenizer.json")]  # fmt: skip
    for path, kind, says in cases:
        with pytest.raises(kind) as refused:
            clear(desk, path)
        assert says in str(refused.value)
        assert "Zzyzxmark" not in str(refused.value)
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(UsageError, match="tokenizers is not installed") as missing:
        clear(desk, tokenizer)
    assert "klarera[tokens]" in str(missing.value)
    assert not desk.out().exists()


def _installed() -> bool:
    try:
        import tokenizers  # noqa: F401
    except ImportError:
        return False
    return True


def test_preview_and_compare_on_the_command_line(desk: Desk, tokenizer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tokenizers")
    monkeypatch.setenv("KLARERA_KEYS", str(desk.folder / "keys"))
    path = write_lines(desk.folder / "a.jsonl", rows())

    def run(*words: object) -> str:
        result = CliRunner().invoke(app, [str(w) for w in words])
        assert result.exit_code == 0, result.exception
        return result.stdout

    assert "Tokens kept about" in run("preview", path, "--tokenizer", tokenizer)
    out = desk.folder / "told"
    assert "Tokens kept about" in run("clear", path, "-o", out, "--tokenizer", tokenizer, "--quiet")
    shown = run("compare", out, "--by", "language")
    assert "tokens" in shown.splitlines()[0]
    assert "tokens a word" in shown
    listed = json.loads(run("compare", out, "--json"))
    assert all(isinstance(p["tokens"], int) for p in listed)


def test_a_corpus_without_a_record_has_no_ratio(desk: Desk, tokenizer: Path) -> None:
    pytest.importorskip("tokenizers")
    payload: Any = desk.clear(
        [write_lines(desk.folder / "a.jsonl", ['{"text": 3}', "{broken"])], tokenizer=tokenizer
    ).commit.payload
    assert payload["tokenizer"]["sample"] == {}
    assert payload["tokens"]["total"] == 0
    assert any("measured on 0 records" in line for line in summary(payload))
