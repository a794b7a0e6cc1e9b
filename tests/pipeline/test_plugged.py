"""Detectors and readers of others: named in klarera.toml, tried before any work, loaded in each worker."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from klarera.cli.asking import open_clearance
from klarera.errors import InputError, KlareraError, UsageError
from klarera.evidence.commits import head
from klarera.evidence.verify import verify
from klarera.pipeline.clear import Outcome, apply_decisions, decide_again
from klarera.pipeline.recompute import recompute
from klarera.project import Project, parse
from klarera.register.snapshot import Snapshot
from klarera.rulebook import rulebook

from .conftest import STATED, Desk, cleared_bytes, posts, texts, write_lines

MARK = "Zzyzxmark"
"""Stands in texts; no message may repeat it."""

FIND = f"""
def find(texts):
    return [[(t.index("{MARK}"), t.index("{MARK}") + {len(MARK)}, "PER", 0.8)] if "{MARK}" in t else [] for t in texts]
"""
CALLABLE: dict[str, Any] = {
    "name": "names", "adapter": "callable", "call": "names.py:find", "labels": {"PER": "PERSON"}, "languages": ["en"],
}  # fmt: skip


def project(*detectors: dict[str, Any], readers: tuple[str, ...] = ()) -> Project:
    told = {**STATED, "detector": list(detectors), "reader": [{"entry": r} for r in readers]}
    return parse(told, {f.name: f for f in rulebook().facts})


def rows(count: int = 12) -> list[dict[str, Any]]:
    made = posts(count)
    made[2]["text"] = f"Zoë and {MARK} went home."
    made[4] |= {"text": f"{MARK} ist da.", "language": "de"}
    return made


def clear(desk: Desk, told: Project, name: str = "out", **more: Any) -> Outcome:
    job = replace(desk.job(project=told, **more), folder=desk.folder)
    files = [write_lines(desk.folder / "a.jsonl", rows()), write_lines(desk.folder / "b.jsonl", posts(4))]
    return desk.clear(files, name, job)


def payload(outcome: Outcome) -> Any:
    return outcome.commit.payload


@pytest.fixture
def names(desk: Desk) -> Path:
    path = desk.folder / "names.py"
    path.write_text(FIND, "utf-8")
    return path


def test_what_it_finds_is_taken_out_where_it_looks_and_nowhere_else(desk: Desk, names: Path) -> None:
    told = payload(clear(desk, project(CALLABLE)))
    assert "Zoë and [PERSON] went home." in texts(desk.out())
    assert f"{MARK} ist da." in texts(desk.out()), "it was not shown a German text"
    assert told["not_looked_for"].get("PERSON", {}).get("en") is None
    (card,) = [c for c in told["detectors"] if c["name"] == "names"]
    assert (card["kinds"], card["languages"], card["licence"]) == (["PERSON"], ["en"], "not stated")
    assert str(desk.folder) not in json.dumps(told), "no path of a machine stands in a commit"
    assert told["detectors"][-1] is card
    report = verify(desk.out(), extra=(recompute,))
    assert report.holds, report.problems


def test_workers_load_it_anew_and_give_the_same_bytes(desk: Desk, names: Path) -> None:
    clear(desk, project(CALLABLE), "one")
    clear(desk, project(CALLABLE), "two", workers=2)
    assert cleared_bytes(desk.out("one")) == cleared_bytes(desk.out("two"))
    assert "Zoë and [PERSON] went home." in texts(desk.out("two"))


def test_its_coverage_supplies_not_there_and_not_looked_for(desk: Desk, names: Path) -> None:
    without = payload(clear(desk, project(), "without"))["not_looked_for"]["ID_DOCUMENT"]
    everywhere = {**CALLABLE, "labels": {"PER": "ID_DOCUMENT"}, "languages": ["any"]}
    assert sum(without.values()) == 16
    assert "ID_DOCUMENT" not in payload(clear(desk, project(everywhere), "with"))["not_looked_for"]
    english = {**everywhere, "languages": ["en"]}
    assert payload(clear(desk, project(english), "part"))["not_looked_for"]["ID_DOCUMENT"] == {"de": 1}


def test_switched_off_it_is_not_even_loaded(desk: Desk) -> None:
    job = replace(desk.job(project=project(CALLABLE)), folder=desk.folder)
    outcome = desk.clear([write_lines(desk.folder / "a.jsonl", rows())], job=job, without=["names"])
    assert payload(outcome)["without"] == ["names"]
    assert "names" not in [d["name"] for d in payload(outcome)["detectors"]]


def test_later_changes_need_no_model(desk: Desk, names: Path) -> None:
    first = payload(clear(desk, project(CALLABLE)))
    names.unlink()
    register = Snapshot((("objection", "handle", "author3", ""),), "00" * 32)
    job = replace(desk.job("strict", project=project(CALLABLE), register=register), folder=desk.folder)
    decided = payload(decide_again(desk.out(), job))
    assert decided["detectors"] == first["detectors"]
    assert decided["not_looked_for"] == first["not_looked_for"]
    assert payload(apply_decisions(desk.out(), job))["pending"] is False
    assert "names" in [card["name"] for card in open_clearance(desk.out(), job).settings.cards]


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "no file": ({"call": "gone.py:find"}, "", "no file gone.py"),
    "no function": ({"call": "names.py:look"}, FIND, "has no 'look'"),
    "no module": ({"call": "klarera_no_such_module:find"}, "", "klarera_no_such_module is not installed"),
    "no callable": ({"call": "names.py:find"}, "find = 3", "cannot be called"),
    "module fails": ({}, f"raise RuntimeError('{MARK}')", "its module fails with RuntimeError"),
    "syntax": ({}, "def find(:", "its module fails with SyntaxError"),
    "call fails": ({}, f"def find(texts): raise RuntimeError('{MARK}')", "failed with RuntimeError"),
    "too few answers": ({}, "def find(texts): return []", "0 answers for 2 texts"),
    "no spans": ({}, "def find(texts): return [[7] for _ in texts]", "something else than"),
    "outside": ({}, "def find(texts): return [[(0, 9999, 'PER')] for _ in texts]", "outside its text"),
    "a name that is taken": ({"name": "email"}, FIND, "the name of one of ours"),
    "no model": ({"adapter": "spacy", "model": "models/en", "labels": {}}, "", "no model in the folder en"),
    "no recogniser": (
        {"adapter": "presidio", "recognizer": "klarera_no_such_module:X", "labels": {}}, "",
        "'klarera_no_such_module' is not installed",
    ),
    "no entry point": ({"adapter": "entry-point", "entry": "nobody"}, "", "no installed package has this entry point"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_missing_or_fails_stops_before_any_work(desk: Desk, case: str) -> None:
    change, source, says = BAD[case]
    if source:
        (desk.folder / "names.py").write_text(source, "utf-8")
    detector = {k: v for k, v in {**CALLABLE, **change}.items() if k != "call" or "adapter" not in change}
    with pytest.raises(UsageError) as refused:
        clear(desk, project(detector))
    assert says in str(refused.value)
    assert MARK not in str(refused.value)
    assert refused.value.__cause__ is None or MARK not in str(refused.value.__cause__)
    assert not desk.out().exists()


def test_one_that_fails_on_a_record_stops_the_run_and_mended_code_is_another_run(desk: Desk) -> None:
    path = desk.folder / "names.py"
    path.write_text(FIND + f"\ndef careful(texts):\n    assert not any('{MARK}' in t for t in texts), texts\n"
                    "    return find(texts)\n", "utf-8")  # fmt: skip
    told = project({**CALLABLE, "call": "names.py:careful"})
    with pytest.raises(UsageError, match="detector names failed with AssertionError") as refused:
        clear(desk, told)
    assert MARK not in str(refused.value)
    assert head(desk.out()) is None
    path.write_text(FIND + "\ndef careful(texts):\n    return find(texts)\n", "utf-8")
    with pytest.raises(UsageError, match="unfinished run with other inputs or settings"):
        clear(desk, told)  # other code is another run: its hash stands in it
    clear(desk, told, "new")
    assert "Zoë and [PERSON] went home." in texts(desk.out("new"))


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a key that is none": ({"cal": "x"}, "has no key 'cal' (try: call)"),
    "a key of another adapter": ({"model": "x"}, "has no key 'model'"),
    "no name": ({"name": ""}, "has no name"),
    "an adapter that is none": ({"adapter": "magic"}, "adapter is not one of the known"),
    "no languages": ({"languages": []}, "in which languages it looks"),
    "a language that is none": ({"languages": ["en", "xx"]}, "a code klarera does not know"),
    "no labels": ({"labels": {}}, "what its labels mean"),
    "a kind that is none": ({"labels": {"PER": "PERSNO"}}, "names a kind that does not exist"),
    "a unit that is none": ({"unit": "words"}, "unit is not one of the known"),
    "an about that is none": ({"about": "me"}, "about is not one of the known"),
    "a version that is none": ({"version": True}, "version is not a whole number"),
    "a licence that is none": ({"licence": 3}, "licence is not a text"),
    "no place": ({"call": ""}, "has no call"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_table_written_wrong_is_refused_with_its_place(case: str) -> None:
    change, says = REFUSED[case]
    with pytest.raises(UsageError) as refused:
        project({**CALLABLE, **change})
    assert says in str(refused.value)
    assert "[[detector]] 1" in str(refused.value)


def test_lists_and_twins_are_refused() -> None:
    for raw, says in (
        ({"detector": CALLABLE}, "[[detector]], not [detector]"),
        ({"detector": [3]}, "is not a table"),
        ({"detector": [CALLABLE, CALLABLE]}, "two detectors have the same name"),
        ({"reader": {"entry": "x"}}, "[[reader]], not [reader]"),
        ({"reader": [{"entry": ""}]}, "has no entry"),
        ({"reader": [{"entry": "x"}, {"entry": "x"}]}, "two readers have the same name"),
    ):
        with pytest.raises(UsageError) as refused:
            parse({"project": {"name": "x"}, **raw}, {})
        assert says in str(refused.value)


# -- installed packages, made up in a folder of the search path -------------------------------------------------

PACKAGE = f"""
import json
from pathlib import Path
from klarera.find.adapters import ModelAdapter, callable_adapter
from klarera.model import Kind

{FIND}

def make():
    return callable_adapter(find, labels={{"PER": Kind.PERSON}}, languages=("en",), version=7)

READY = make()

def fails():
    raise RuntimeError("{MARK}")

NOTHING = 3

from dataclasses import replace
from klarera.read import Shard
from klarera.read.jsonl import READER as LINES

def plan(path, first, options):
    return [Shard(first, "lines", str(path), s.start, s.stop, s.size) for s in LINES.plan(path, first, options)]

READER = replace(LINES, name="lines", version=4, suffixes=(".lines",), plan=plan)

def broken(shard, options, digest):
    yield from LINES.read(shard, options, digest)
    raise RuntimeError("{MARK}")

BROKEN = replace(READER, read=broken)
TWIN = replace(READER, name="csv")
"""
ENTRIES = """[klarera.detectors]
make = acme_plugs:make
ready = acme_plugs:READY
fails = acme_plugs:fails
nothing = acme_plugs:NOTHING
[klarera.readers]
lines = acme_plugs:READER
broken = acme_plugs:BROKEN
twin = acme_plugs:TWIN
nothing = acme_plugs:NOTHING
"""


@pytest.fixture
def installed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    site = desk.folder / "site"
    (site / "acme_plugs-1.2.dist-info").mkdir(parents=True)
    (site / "acme_plugs.py").write_text(PACKAGE, "utf-8")
    (site / "acme_plugs-1.2.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: acme-plugs\nVersion: 1.2\n"
    )
    (site / "acme_plugs-1.2.dist-info" / "entry_points.txt").write_text(ENTRIES)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, "acme_plugs", raising=False)
    from klarera.read import catalog, entry_points

    entry_points.plugged.cache_clear()
    catalog._with.cache_clear()


def entry(name: str, **more: Any) -> dict[str, Any]:
    return {"name": "acme", "adapter": "entry-point", "entry": name, **more}


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["make", "ready"])
def test_an_entry_point_runs_where_it_is_named(desk: Desk, name: str) -> None:
    told = payload(clear(desk, project(entry(name)), workers=2))
    assert "Zoë and [PERSON] went home." in texts(desk.out())
    (card,) = [c for c in told["detectors"] if c["name"] == "acme"]
    assert (card["version"], card["languages"]) == (7, ["en"])
    assert card["source"] == f"acme-plugs 1.2, entry point {name}"


@pytest.mark.usefixtures("installed")
def test_what_is_installed_but_not_named_does_not_run(desk: Desk) -> None:
    told = payload(clear(desk, project()))
    assert f"Zoë and {MARK} went home." in texts(desk.out())
    assert "acme_plugs" not in sys.modules
    assert told["readers"] == []


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(("name", "says"), [("fails", "fails with RuntimeError"), ("nothing", "fails with TypeError")])
def test_an_entry_point_that_gives_nothing_is_named(desk: Desk, name: str, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        clear(desk, project(entry(name)))
    assert says in str(refused.value)
    assert MARK not in str(refused.value)


def lines_file(desk: Desk) -> list[Path]:
    return [
        write_lines(desk.folder / f"{n}.lines", [{**r, "id": f"{n}{i}"} for i, r in enumerate(rows())]) for n in "ab"
    ]


def clear_lines(desk: Desk, told: Project, workers: int = 1) -> Outcome:
    return desk.clear(lines_file(desk), job=replace(desk.job(project=told, workers=workers), folder=desk.folder))


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_reader_reads_where_it_is_named_and_stands_in_the_commit(desk: Desk, workers: int) -> None:
    with pytest.raises(InputError, match="no reader knows this file"):
        clear_lines(desk, project())
    told = payload(clear_lines(desk, project(readers=("lines",)), workers))
    assert told["counts"]["total"]["units"] == 24
    assert told["readers"] == [{"name": "lines", "version": 4, "entry": "lines", "source": "acme-plugs 1.2"}]
    assert {i["reader"] for i in told["inputs"]} == {"lines"}
    assert payload(decide_again(desk.out(), desk.job("strict", project=project())))["readers"] == told["readers"]
    assert apply_decisions(desk.out(), desk.job(project=project())).gone == 0


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("name", "says", "kind"),
    [
        ("nobody", "no installed package has this entry point", UsageError),
        ("nothing", "gives no Reader", UsageError),
        ("twin", "two readers have the name csv", UsageError),
        ("broken", "reader lines failed with RuntimeError", InputError),
    ],
)
def test_a_reader_that_is_missing_or_fails_is_named(desk: Desk, name: str, says: str, kind: type[KlareraError]) -> None:
    with pytest.raises(kind) as refused:
        clear_lines(desk, project(readers=(name,)))
    assert says in str(refused.value)
    assert MARK not in str(refused.value)
    assert head(desk.out()) is None


# -- spaCy and Presidio, as far as klarera uses them ------------------------------------------------------------

SPACY = f"""
from types import SimpleNamespace
def load(path):
    def pipe(texts, batch_size):
        for t in texts:
            at = t.find("{MARK}")
            found = [SimpleNamespace(start_char=at, end_char=at + {len(MARK)}, label_="PER")] if at >= 0 else []
            yield SimpleNamespace(ents=found)
    return SimpleNamespace(pipe=pipe, pipe_labels={{"ner": ["PER", "LOC"]}})
"""
PRESIDIO = f"""
from types import SimpleNamespace
class Names:
    supported_entities = ["PERSON"]
    def analyze(self, text, entities, nlp_artifacts):
        at = text.find("{MARK}")
        end = at + {len(MARK)}
        return [SimpleNamespace(start=at, end=end, entity_type="PERSON", score=0.6)] if at >= 0 else []
"""


@pytest.fixture
def libraries(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    site = desk.folder / "site"
    site.mkdir()
    (site / "spacy.py").write_text(SPACY, "utf-8")
    (site / "invented_recognizers.py").write_text(PRESIDIO, "utf-8")
    (desk.folder / "models" / "en").mkdir(parents=True)
    meta = {"lang": "en", "name": "invented", "version": "1.0", "license": "MIT"}
    (desk.folder / "models" / "en" / "meta.json").write_text(json.dumps(meta), "utf-8")
    monkeypatch.syspath_prepend(str(site))
    for name in ("spacy", "invented_recognizers"):
        monkeypatch.delitem(sys.modules, name, raising=False)


SPACY_EN: dict[str, Any] = {"name": "spacy-en", "adapter": "spacy", "model": "models/en", "languages": ["en"]}


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize(
    ("detector", "source"),
    [
        (SPACY_EN, "the spaCy pipeline en invented 1.0, licence MIT"),
        (
            {"name": "p", "adapter": "presidio", "recognizer": "invented_recognizers:Names", "languages": ["en"]},
            "the Presidio recogniser invented_recognizers:Names",
        ),
    ],
    ids=["spacy", "presidio"],
)
def test_models_are_loaded_from_their_place_in_workers_too(desk: Desk, detector: dict[str, Any], source: str) -> None:
    told = payload(clear(desk, project(detector), workers=2))
    assert "Zoë and [PERSON] went home." in texts(desk.out())
    assert told["detectors"][-1]["source"] == source
    assert told["detectors"][-1]["kinds"] == ["PERSON"], "not what other recognisers could find"
    assert told["not_looked_for"]["PLATE"] == told["languages"]


@pytest.mark.usefixtures("libraries")
def test_a_model_that_knows_none_of_the_labels_is_refused(desk: Desk) -> None:
    """Else it would answer "not there" for what it never looks for."""
    with pytest.raises(UsageError, match="does not give every label it is asked for"):
        clear(desk, project({**SPACY_EN, "labels": {"NORP": "RELIGION"}}))
