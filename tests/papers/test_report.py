"""The report of a real clearance: order, numbers, escaping, determinism, and nothing fetched or run."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from klarera.errors import UsageError
from klarera.find.email import DETECTOR as EMAIL
from klarera.model import Kind
from klarera.papers.report import ROWS, render
from klarera.papers.words import CONFIDENCE, KINDS, RANKS
from klarera.pipeline.compare import Price
from klarera.rulebook import rulebook

from ..test_words import FORBIDDEN
from .conftest import IMAGE, SCRIPT
from .page import Page, as_number

Payload = dict[str, Any]


def page_of(payload: Mapping[str, Any]) -> Page:
    return Page(render(payload, rulebook()).decode("utf-8"))


def with_prices(payload: Payload) -> list[dict[str, Any]]:
    """A price for every position of three Questions, each figure different; the first is in force."""
    made = []
    for number, question in enumerate(rulebook().questions[:3]):
        for at, p in enumerate(question.positions):
            base = 1000 * (number + 1) + 10 * at if at else 0
            price = Price(question.id, question.asks, question.article, p.id, p.says, p.builder, p.people, (), not at,
                          base * (-1) ** at, base + 1 if at else 0, base + 2 if at else 0, base + 3 if at else 0,
                          base + 4 if at else 0, -base, ())  # fmt: skip
            made.append(price.to_dict())
    payload["prices"] = made
    return made


# -- structure ---------------------------------------------------------------------------------------------------

SECTIONS = [
    "What is open", "What was not looked for", "Numbers", "Price of each doubt", "Reading of the law", "Detectors",
    "What was stated", "Inputs", "What this does not show",
]  # fmt: skip


def test_sections_stand_in_the_order_in_which_one_has_to_know_them(payload: Payload) -> None:
    page = page_of(payload)
    assert [text for level, text in page.headings if level == "h1"] == [SCRIPT]
    assert [text for level, text in page.headings if level == "h2"] == SECTIONS


def test_without_prices_their_section_is_left_out(payload: Payload) -> None:
    del payload["prices"]
    page = page_of(payload)
    assert [text for level, text in page.headings if level == "h2"] == [
        s for s in SECTIONS if not s.startswith("Price")
    ]
    assert "#prices" not in page.attributes("href")
    assert "klarera compare" in page.text


def test_subheadings_of_the_first_sections(payload: Payload) -> None:
    headings = page_of(payload).headings
    start = headings.index(("h2", "Numbers"))
    first = [re.sub(r" [\d,]+, counting each source", "", text) for level, text in headings[:start] if level == "h3"]
    assert first == ["Blocks release", "Noted", "Expected residue"]
    numbers = [text for _, text in headings[start + 1 : headings.index(("h2", "Price of each doubt"))]]
    assert numbers == ["What became of each unit of input", "Why", "Taken out of kept records", "People", "By source",
                       "By language"]  # fmt: skip


def test_every_question_is_asked_once(payload: Payload) -> None:
    asked = [text for level, text in page_of(payload).headings if level == "h3"]
    assert all(asked.count(q.asks) == 1 for q in rulebook().questions)


def test_tables_have_captions_and_scopes(payload: Payload) -> None:
    page = page_of(payload)
    assert len(page.tables) == [tag for tag, _ in page.tags].count("table")
    for name, table in page.tables.items():
        assert table.caption.strip(), name
        assert table.scopes, name
        assert None not in table.scopes, name


def test_ids_are_unique_and_references_lead_somewhere(payload: Payload) -> None:
    with_prices(payload)
    page = page_of(payload)
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))
    named = [name for value in page.attributes("aria-labelledby") for name in value.split()]
    assert {*named, *(href.removeprefix("#") for href in page.attributes("href"))} <= set(ids)
    assert page.tags[0] == ("html", {"lang": "en"})


# -- nothing fetched, nothing run --------------------------------------------------------------------------------


def test_the_page_fetches_and_runs_nothing(payload: Payload) -> None:
    page = page_of(payload)
    tags = {tag for tag, _ in page.tags}
    assert not tags & {
        "script",
        "img",
        "link",
        "iframe",
        "object",
        "embed",
        "form",
        "base",
        "use",
        "image",
        "foreignobject",
    }
    assert all(href.startswith("#") for href in page.attributes("href"))
    assert not page.attributes("src")
    assert not page.attributes("style")
    assert not [name for _, given in page.tags for name in given if name.startswith("on")]
    assert not re.search(r"url\(|@import|expression\(", page.style)


def test_the_content_policy_allows_this_style_sheet_and_nothing_else(payload: Payload) -> None:
    page = page_of(payload)
    (policy,) = [g["content"] for _, g in page.tags if g.get("http-equiv") == "Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_names_of_users_are_text(payload: Payload) -> None:
    html = render(payload, rulebook()).decode("utf-8")
    assert "<script" not in html
    assert "<img" not in html
    page = Page(html)
    assert page.headings[0] == ("h1", SCRIPT)
    assert page.tables["source-c"].row(IMAGE)
    assert "unheard<b>" in page.text
    assert page.tables["inputs-c"].row("posts&.jsonl")


@pytest.mark.parametrize(
    "place",
    [
        lambda p, x: p["reading"].update(adopted_by=x, adopted_on="2026-11-22"),
        lambda p, x: p["conditions"][0].update(open=False, accepted={"by": x, "on": "2026-11-22", "why": x}),
        lambda p, x: p.update(judged=[{"fact": x, "value": True, "by": x, "on": "2026-11-22", "why": x, "scope": x}]),
        lambda p, x: p.update(without=[x], unmapped=[x], laws=[]),
        lambda p, x: p["detectors"][0].update(name=x, finds=x, misses=x, source=x, languages=[x]),
        lambda p, x: p["unreadable"].update({x: 1}),
        lambda p, x: p["languages"].update({x: 1}),
        lambda p, x: p["edits"].update({x: 1}),
        lambda p, x: p["reasons"].append({"decision": "dropped", "code": x, "records": 1}),
        lambda p, x: p["stated"]["project"].update({x: x, "list": [x]}),
        lambda p, x: p["project"].update(description=x),
        lambda p, x: p["mapping"].update({x: x}),
    ],
    ids=["adopted", "accepted", "judged", "columns", "detector", "unreadable", "language", "kind", "reason", "stated",
         "description", "mapping"],
)  # fmt: skip
def test_whatever_stands_in_the_payload_is_text(payload: Payload, place: Callable[[Payload, str], None]) -> None:
    place(payload, "</td>'\"<svg/onload=x>")
    html = render(payload, rulebook()).decode("utf-8")
    assert "<svg/onload" not in html
    assert "<svg/onload=x>" in Page(html).text


def test_half_a_surrogate_pair_does_not_stop_the_report(payload: Payload) -> None:
    payload["project"]["name"] = "a\ud800b"
    assert b"a&#55296;b" in render(payload, rulebook())


# -- same payload, same bytes ------------------------------------------------------------------------------------


def reversed_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(list(value))}
    return [reversed_keys(v) for v in value] if isinstance(value, list) else value


def test_same_payload_same_bytes_whatever_the_order_of_its_keys(payload: Payload) -> None:
    with_prices(payload)
    first = render(payload, rulebook())
    assert render(payload, rulebook()) == first
    assert render(reversed_keys(payload), rulebook()) == first


def test_the_commit_gives_the_report_that_was_written_before_it(outcome: tuple[Payload, bytes]) -> None:
    payload, written = outcome
    assert render(payload, rulebook()) == written


def test_the_payload_is_left_as_it_was(payload: Payload, cleared: Payload) -> None:
    render(payload, rulebook())
    assert payload == cleared


def test_another_rulebook_is_refused(payload: Payload) -> None:
    book = rulebook()
    with pytest.raises(UsageError, match="the rulebook the clearance names"):
        render(payload, replace(book, version=book.version + timedelta(1)))


def test_a_key_that_is_missing_is_an_error_and_not_a_blank(payload: Payload) -> None:
    del payload["people"]
    with pytest.raises(Exception, match="people"):
        render(payload, rulebook())


# -- words ---------------------------------------------------------------------------------------------------------


def test_no_forbidden_word(payload: Payload) -> None:
    with_prices(payload)
    text = page_of(payload).text
    assert FORBIDDEN.findall(text) == []


def test_every_code_has_words() -> None:
    assert set(KINDS) == {kind.name for kind in Kind}
    book = rulebook()
    sources = [s for q in book.questions for p in q.positions for s in p.sources]
    assert {s.confidence.value for s in sources} | {c.confidence.value for c in book.conditions} <= set(CONFIDENCE)
    assert {s.rank.name for s in sources} <= set(RANKS)


@pytest.mark.parametrize("status", ["screened", "conditional", "cleared"])
def test_the_status_comes_with_purpose_reading_rulebook_and_day(payload: Payload, status: str) -> None:
    payload["status"] = status
    text = page_of(payload).text
    head = text[: text.index("What is open")]
    assert re.search(rf"{status}\s+for {payload['purpose']}", head)
    assert "not adopted by anybody" in head
    assert payload["rulebook"]["sha256"][:12] in head
    assert payload["day"] in head


def test_what_stands_in_the_way_is_said_first(payload: Payload) -> None:
    payload |= {"laws": ["p837-com"], "pending": True, "gone": 1234,
                "outdated": [{"act": "An act", "what": "moves", "day": "2027-01-01"}]}  # fmt: skip
    text = page_of(payload).text
    head = text[: text.index("What is open")]
    for part in ("Not law:", "p837-com", "klarera apply", "An act, 2027-01-01", "1,234 records"):
        assert part in head


# -- conditions ----------------------------------------------------------------------------------------------------


def test_every_open_condition_is_named_with_who_what_article_and_records(payload: Payload) -> None:
    for number, c in enumerate(payload["conditions"]):
        c["records"] = 70_000 + number
    text = page_of(payload).text
    part = text[text.index("Blocks release") : text.index("Conditions that are met")]
    still = [c for c in payload["conditions"] if c["open"]]
    assert len(still) > 5
    for c in still:
        for said in (c["says"], c["article"], c["addressee"], c["closes"], f"{c['records']:,} records rest on it"):
            assert said in part, c["id"]


def test_blocking_conditions_stand_before_noted_ones_and_accepted_before_both(payload: Payload) -> None:
    block = next(c for c in payload["conditions"] if c["open"] and c["blocking"])
    noted = next(c for c in payload["conditions"] if c["open"] and not c["blocking"])
    taken = next(c for c in payload["conditions"] if c["open"] and c["blocking"] and c["says"] != block["says"])
    taken |= {"open": False, "accepted": {"by": "R. Reader", "on": "2026-11-20", "why": "told the board"}}
    page = page_of(payload)
    said = ("R. Reader, 2026-11-20", "told the board", "Blocks release", block["says"], noted["says"])
    at = [page.text.index(x) for x in said]
    assert at == sorted(at)
    counted = sum(c["open"] and c["blocking"] for c in payload["conditions"])
    assert ("h3", f"Blocks release {counted}, counting each source") in page.headings


def test_met_conditions_are_listed_and_not_among_the_open(payload: Payload) -> None:
    met = [c for c in payload["conditions"] if not c["open"]]
    assert met
    rows = page_of(payload).tables["met-c"].rows[1:]
    assert {r[0] for r in rows} == {c["id"].removesuffix(f":{c['source']}") if c["source"] else c["id"] for c in met}


# -- what was not looked for ---------------------------------------------------------------------------------------


def test_the_matrix_says_for_each_kind_and_language_who_looked(payload: Payload) -> None:
    table = page_of(payload).tables["matrix-c"]
    head = table.rows[0]
    codes = sorted(payload["languages"], key=lambda code: (-payload["languages"][code], code))
    assert head[2:-2] == [f"{code}{payload['languages'][code]:,}" for code in codes]
    rows = {r[0].split()[-1]: r for r in table.rows[1:] if len(r) > 1}
    assert set(rows) == {kind.name for kind in Kind}
    for kind, row in rows.items():
        missed = payload["not_looked_for"].get(kind, {})
        assert row[2:-2] == ["–" if code in missed else "✓" for code in codes], kind
        assert as_number(row[-2]) == sum(missed.values())
        told = [r for r in payload["residue"] if r["kind"] == kind and r["state"] == "measured"]
        assert row[-1] == (
            ", ".join(f"{r['language']} {r['recall_low']}–{r['recall_high']}" for r in told) or "not measured"
        )
        looked = [f"{d['name']} v{d['version']}" for d in payload["detectors"] if kind in d["kinds"]]
        assert row[1] == (", ".join(looked) or "nothing")


def test_the_residue_is_told_where_recall_was_measured_and_named_as_unmeasured_elsewhere(payload: Payload) -> None:
    table = page_of(payload).tables["residue-c"]
    measured = [r for r in payload["residue"] if r["state"] == "measured"]
    assert {r["kind"] for r in measured} >= {"EMAIL", "HEALTH"}
    rows = [(r[0].split()[-1], r[1], as_number(r[3])) for r in table.rows[1:]]
    assert rows == [(r["kind"], r["language"], r["found"]) for r in measured]
    email = next(r for r in table.rows if r[0].endswith("EMAIL"))
    told = next(r for r in measured if r["kind"] == "EMAIL")
    assert email[-1] == f"{told['least']}–{told['most']}"
    assert email[2] == f"email v{EMAIL.version}"
    assert "presidio-research" in email[5]
    html = render(payload, rulebook()).decode("utf-8")
    assert "account names (de, en, fi)" in html
    assert "an estimate here and no promise" in html


def test_a_payload_of_the_first_version_says_not_measured(payload: Payload) -> None:
    del payload["residue"]
    page = page_of(payload)
    assert "residue-c" not in page.tables
    assert {row[-1] for row in page.tables["matrix-c"].rows[1:] if len(row) > 1} == {"not measured"}


def test_a_cell_names_only_detectors_that_cover_its_language(payload: Payload) -> None:
    kind, codes = "EMAIL", sorted(payload["languages"])
    own = [d for d in payload["detectors"] if kind not in d["kinds"]]
    for number, code in enumerate(codes[:2]):
        own.append(
            {**payload["detectors"][0], "name": f"only{number}", "version": 7, "kinds": [kind], "languages": [code]}
        )
    payload["detectors"] = own
    payload["not_looked_for"][kind] = {code: payload["languages"][code] for code in codes[2:]}
    html = render(payload, rulebook()).decode("utf-8")
    assert f'title="{codes[0]}: looked for by only0 v7"' in html
    assert f'title="{codes[1]}: looked for by only1 v7"' in html
    assert f'title="{codes[2]}: not looked for"' in html


# -- numbers -------------------------------------------------------------------------------------------------------


def test_ends_of_the_units(payload: Payload) -> None:
    table, total = page_of(payload).tables["ends-c"], payload["counts"]["total"]
    for end in ("kept", "redacted", "held", "dropped"):
        row, by = table.row(end), payload["decisions"][end]
        assert [as_number(row[i]) for i in (2, 4, 5)] == [total[end], by["words"], by["bytes"]]
    assert as_number(table.row("unreadable")[2]) == total["unreadable"] == 1
    last = table.row("units in")
    assert [as_number(last[i]) for i in (2, 4, 5)] == [
        total["units"],
        payload["sizes"]["words"],
        payload["sizes"]["bytes"],
    ]


def test_reasons_with_words_articles_and_counts(payload: Payload) -> None:
    payload["reasons"] += [{"decision": "dropped", "code": "house-person", "records": 77_001}]
    page, book = page_of(payload), rulebook()
    decisions = {r["decision"] for r in payload["reasons"]}
    assert len(decisions) > 1
    for decision in decisions:
        rows = page.tables[f"why-{decision}"].rows[1:]
        own = [r for r in payload["reasons"] if r["decision"] == decision]
        assert [(r[0].split()[-1], as_number(r[2])) for r in rows] == [(r["code"], r["records"]) for r in own]
        for row, reason in zip(rows, own, strict=True):
            ground = next((g for g in book.grounds if g.code == reason["code"]), None)
            assert (ground.says if ground else "Rule of the house") in row[0]
            cites = {str(r.cite) for r in book.rules if ground and r.conclusion == ground.conclusion}
            assert set(filter(None, row[1].split("; "))) <= cites
            assert bool(row[1]) == bool(ground)


def test_small_tables_hold_what_the_payload_holds(payload: Payload) -> None:
    payload["unreadable"] = {"not JSON": 3, "too large": 12_345}
    tables = page_of(payload).tables
    assert [(r[0], as_number(r[1])) for r in tables["unreadable-c"].rows[1:]] == [
        ("too large", 12_345),
        ("not JSON", 3),
    ]
    assert {r[0].split()[-1]: as_number(r[1]) for r in tables["edits-c"].rows[1:]} == payload["edits"]
    assert sorted(as_number(r[1]) for r in tables["people-c"].rows[1:]) == sorted(payload["people"].values())
    for name in ("source", "language"):
        by = {r[0]: [as_number(x) for x in r[1:5]] for r in tables[f"{name}-c"].rows[1:]}
        given = payload[f"by_{name}"].items()
        assert by == {key: [v[d] for d in ("kept", "redacted", "held", "dropped")] for key, v in given}


def test_without_decisions_by_language_the_languages_stand_alone(payload: Payload) -> None:
    del payload["by_language"]
    rows = page_of(payload).tables["language-c"].rows[1:]
    assert {r[0]: as_number(r[1]) for r in rows} == payload["languages"]


def test_records_whose_language_nobody_could_tell_are_named_so(payload: Payload) -> None:
    payload["by_language"] = {"en": {"kept": 1001, "redacted": 2, "held": 3, "dropped": 4},
                              "unknown": {"kept": 0, "redacted": 0, "held": 0, "dropped": 0}}  # fmt: skip
    rows = page_of(payload).tables["language-c"].rows[1:]
    assert [r[:5] for r in rows] == [["en", "1,001", "2", "3", "4"], ["none told", "0", "0", "0", "0"]]


def test_the_flow_says_every_end(payload: Payload) -> None:
    total = payload["counts"]["total"]
    said = "; ".join(f"{e} {total[e]:,}" for e in ("kept", "redacted", "held", "dropped", "unreadable"))
    assert said in page_of(payload).text


def test_an_empty_clearance_has_a_report(payload: Payload) -> None:
    none = dict.fromkeys(("kept", "redacted", "held", "dropped"), 0)
    payload |= {
        "counts": {"total": {**none, "units": 0, "unreadable": 0}, "shards": {}},
        "sizes": dict.fromkeys(payload["sizes"], 0),
        "decisions": {d: {"records": 0, "words": 0, "bytes": 0} for d in none}, "reasons": [], "by_source": {},
        "edits": {}, "languages": {}, "by_language": {},
        "not_looked_for": {}, "unreadable": {}, "inputs": [], "prices": [],
    }  # fmt: skip
    text = page_of(payload).text
    for said in ("No record was redacted", "Nothing was taken out", "No other position would change"):
        assert said in text


def test_inputs_by_hash(payload: Payload) -> None:
    (given,) = payload["inputs"]
    (row,) = page_of(payload).tables["inputs-c"].rows[1:]
    assert [as_number(x) for x in row[3:7]] == [given["start"], given["stop"], given["size"], given["lines"]]
    assert row[-1] == given["sha256"]


def test_a_long_list_of_inputs_says_how_many_are_left_out(payload: Payload) -> None:
    payload["inputs"] = payload["inputs"] * (ROWS + 1300)
    page = page_of(payload)
    assert len(page.tables["inputs-c"].rows) == ROWS + 1
    assert "1,300 more pieces" in page.text


def test_many_sources_stay_readable(payload: Payload) -> None:
    one = next(c for c in payload["conditions"] if c["open"] and c["source"])
    names = [f"source{n:04}" for n in range(ROWS + 5)]
    payload["conditions"] = [{**one, "id": f"{one['id'].split(':')[0]}:{s}", "source": s} for s in names]
    payload["by_source"] = {s: {"kept": 2, "redacted": 0, "held": 0, "dropped": 1} for s in names}
    page = page_of(payload)
    assert "and 5 more sources" in page.text
    assert len(page.tables["source-c"].rows) == ROWS + 1
    assert f"{ROWS - 2} more sources {3 * (ROWS - 2):,}" in page.text


# -- price of a doubt, readings ------------------------------------------------------------------------------------


def test_the_prices_of_the_clearance_itself_are_shown(payload: Payload) -> None:
    moving = [p for p in payload["prices"] if p["records"] or p["held"]]
    assert moving
    shown = [[r[0].split()[0], *map(as_number, r[2:])] for r in page_of(payload).tables["prices-c"].rows if len(r) == 8]
    for p in moving:
        names = ("position", "records", "words", "held", "authors", "third_persons", "minors")
        assert [p[name] for name in names] in shown


def test_prices_stand_beside_the_people(payload: Payload) -> None:
    made = with_prices(payload)
    rows = [r for r in page_of(payload).tables["prices-c"].rows[1:] if len(r) > 1]
    shown = [[as_number(x) for x in r[2:]] for r in rows]
    assert shown == [[p[n] for n in ("records", "words", "held", "authors", "third_persons", "minors")] for p in made]
    for row, price in zip(rows, made, strict=True):
        assert row[0].startswith(price["position"])
        assert price["says"] in row[0]
        assert ("in force" in row[0]) == price["adopted"]


def test_positions_that_change_nothing_are_counted_and_named(payload: Payload) -> None:
    made = with_prices(payload)
    for price in made[1:]:
        price |= dict.fromkeys(("records", "words", "held", "authors", "third_persons", "minors"), 0)
    page = page_of(payload)
    silent = [p for p in made if not p["adopted"]]
    assert f"Positions that change nothing here: {len(silent)}" in page.text
    assert all(f"{p['question']} = {p['position']}" in page.text for p in silent)
    assert "prices-c" not in page.tables


def test_what_strict_would_have_spared(payload: Payload) -> None:
    assert "strict would have left out" not in page_of({**payload, "strict": None}).text
    payload["strict"] = {"records": 2121, "words": 38620, "authors": 282, "third_persons": 414, "minors": 91}
    text = page_of(payload).text
    part = text[text.index("The reading strict would have left out") :][:300]
    assert re.findall(r"[\d,]+\d|\d", part.split("spared")[0]) == ["2,121", "38,620", "282", "414", "91"]


def test_every_position_shows_both_sides_and_its_sources(payload: Payload) -> None:
    text = page_of(payload).text
    for question in rulebook().questions:
        for position in question.positions:
            for said in (position.says, position.builder, position.people, *(s.name for s in position.sources)):
                assert said in text, (question.id, position.id)


def test_the_adopted_position_is_marked_with_its_reason(payload: Payload) -> None:
    question = rulebook().questions[0]
    first, last = question.positions[0].id, question.positions[-1].id
    payload["reading"]["questions"][question.id] = {
        "a": {"position": first, "because": "BECAUSE-A", "source": "", "stricter": True},
        "b": {"position": last, "because": "BECAUSE-B", "source": "", "stricter": False},
        "c": {"position": None, "because": "BECAUSE-C", "source": "", "stricter": False},
    }
    text = page_of(payload).text
    start = text.index(question.asks)
    part = re.sub(r"\s+", " ", text[start : text.index(rulebook().questions[1].asks)])
    assert f"{first} for a: BECAUSE-A the stricter one is taken" in part
    assert f"{last} for b: BECAUSE-B" in part
    assert "No position is taken. for c: BECAUSE-C" in part
    assert f"{first} adopted" in part
    assert f"{last} adopted" in part


def test_readings_tried_are_listed_oldest_first(payload: Payload) -> None:
    payload["readings_tried"] = [
        {"reading": "strict", "on": "2026-01-02", "laws": []},
        {"reading": {"base": "supported", "search": "reasonable"}, "on": "2026-02-03", "laws": ["p837-com"]},
    ]
    rows = page_of(payload).tables["tried-c"].rows[1:]
    assert [r[1:] for r in rows] == [["2026-01-02", "none"], ["2026-02-03", "p837-com"]]
    assert rows[1][0].split() == ["own:", "base", "=", "supported", "search", "=", "reasonable"]


def test_detectors_with_what_they_find_and_miss(payload: Payload) -> None:
    rows = page_of(payload).tables["detectors-c"].rows[1:]
    for row, d in zip(rows, payload["detectors"], strict=True):
        assert row[0] == f"{d['name']} v{d['version']}"
        assert row[2:] == [", ".join(d["languages"]), d["finds"], d["misses"], d["source"]]


# -- contrast ------------------------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


PAIRS = [("ink", "card"), ("ink", "page"), ("ink", "tint"), ("quiet", "card"), ("quiet", "page"), ("quiet", "tint"),
         ("warn", "card"), ("warn", "warn-tint"), ("ink", "warn-tint"), ("go", "go-tint"), ("accent", "card"),
         ("accent", "page"), ("card", "screened"), ("card", "conditional"), ("card", "cleared")]  # fmt: skip


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_has_contrast_of_at_least_4_5(payload: Payload, scheme: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", page_of(payload).style, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[scheme]))
    for text, ground in PAIRS:
        dark, light = sorted((luminance(colours[text]), luminance(colours[ground])))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)
