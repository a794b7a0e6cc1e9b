"""Sheets: everything a lawyer has to see, in words, the same bytes every time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from klarera.law import Rulebook
from klarera.law.expression import Fact, Unproven, walk
from klarera.law.rule import Status
from klarera.law.sheet import article, sheets

from .books import A, book, full, parts, rule


def test_one_sheet_an_article_beside_the_common_ones() -> None:
    assert list(sheets(full())) == [
        "act-1.md", "act-2.md", "act-3.md", "facts.md", "index.md", "outcomes.md", "prop-1.md", "questions.md",
    ]  # fmt: skip


def test_the_sheet_of_one_rule_word_for_word() -> None:
    made = book(replace(rule("act.7-1", "x", A & ~A), not_encoded="Letter (c)."), facts=(A,))
    text = sheets(made)["act-7.md"]
    assert text.split("## What it asks")[0] == (
        "# act-7\n\n## act.7-1\n\nIt says x.\n\n**x** if:\n\n- all of:\n  - Is a so?\n  - not: Is a so?\n\n"
        "- norm: Act Art. 1\n- in force: from 2018-05-25\n- binding level: law\n"
        "- checked: O, the official text was read\n- encoded on 2026-11-22; not reviewed\n"
        "- not encoded: Letter (c).\n\n"
    )


def everything(made: Rulebook) -> list[tuple[str, str]]:
    """(sheet, text that must stand in it) for every part of a book."""
    wanted = []
    for one in made.rules:
        sheet = f"{article(one.id)}.md"
        asks = [fact.ask for n in walk(one.when) if isinstance(fact := getattr(n, "fact", n), Fact)]
        wanted += [(sheet, text) for text in (one.id, one.says, str(one.cite), one.level.value, *asks)]
        wanted += [(sheet, str(one.in_force[0])), (sheet, f"checked: {one.confidence.value}")]
    for question in made.questions:
        wanted.append(("questions.md", question.asks))
        for p in question.positions:
            wanted += [("questions.md", text) for text in (p.says, p.builder, p.people)]
            wanted += [("questions.md", f"rank {s.rank.value}") for s in p.sources]
    wanted += [("outcomes.md", g.says) for g in made.grounds]
    wanted += [("outcomes.md", text) for c in made.conditions for text in (c.says, c.addressee, c.closes)]
    wanted += [("outcomes.md", row.says) for row in made.redactions]
    wanted += [("index.md", entry.what) for entry in made.watch]
    wanted += [("facts.md", fact.ask) for fact in made.facts]
    return wanted


def test_nothing_of_the_book_is_missing() -> None:
    files = sheets(full())
    for name, text in everything(full()):
        assert text in files[name], (name, text)


SAID = {
    "exceptions": ("act-1.md", "unless:\n\n- e"),
    "when it applies": ("act-1.md", "- applies: from 2025-08-02"),
    "the end": ("act-1.md", "- in force: from 2020-01-01 until the day before 2025-01-01"),
    "numbers": ("act-1.md", "How old? Less than 16"),
    "days": ("act-1.md", "Seen when? On or after 2025-08-02"),
    "lists": ("act-1.md", "Which land? One of: DE, FR"),
    "the question it depends on": ("act-1.md", "### 1. hard"),
    "burden of proof": ("act-2.md", "not established (Act Art. 2): Is c so?"),
    "a proposal": ("prop-1.md", "- only a proposal, switched on by the name `p1`"),
    "what a proposal replaces": ("prop-1.md", "- then in the place of: act.2"),
    "scope of a source": ("questions.md", "  speaks where:\n  - Is it the platform's own?"),
    "a proposed position": ("questions.md", "only with the proposal `p1`"),
    "sensitive": ("questions.md", "one interim ruling is not enough"),
    "users of a question": ("questions.md", "Used in: [act-1](act-1.md)"),
    "a ground": ("outcomes.md", "- drop if **x** (`x`): Because of x."),
    "a redaction": ("outcomes.md", "EMAIL, PHONE about other: the found bytes"),
    "a condition": ("outcomes.md", "blocks release; before training; closed by the operator: a notice"),
    "the hash": ("index.md", full().hash),
    "the legend": ("act-1.md", "- **S1**: one secondary source was read"),
}


@pytest.mark.parametrize(("name", "text"), SAID.values(), ids=SAID)
def test_the_sheets_say(name: str, text: str) -> None:
    assert text in sheets(full())[name]


def test_what_has_to_be_shown_reads_as_established() -> None:
    made = book(rule("act.1", "x", ~Unproven(A, "Act Art. 2")), facts=(A,))
    assert "\n- established (Act Art. 2): Is a so?\n" in sheets(made)["act-1.md"]


def test_a_review_is_named() -> None:
    made = full()
    reviewed = replace(made.rules[0], status=Status.REVIEWED, reviewed_by="A. Lawyer")
    text = sheets(parts(rules=(reviewed, *made.rules[1:])))
    assert "reviewed by A. Lawyer" in text["act-1.md"]
    assert "5 rules, of which 4 nobody has reviewed yet." in text["index.md"]


def test_any_change_of_a_rule_changes_its_sheet() -> None:
    made = full()
    changed = parts(rules=(replace(made.rules[0], unless=()), *made.rules[1:]))
    assert sheets(changed)["act-1.md"] != sheets(made)["act-1.md"]
    assert sheets(changed)["act-2.md"] == sheets(made)["act-2.md"]


def test_a_book_from_json_gives_the_same_sheets() -> None:
    assert sheets(Rulebook.from_json(full().to_json())) == sheets(full())


def test_a_bar_in_a_question_does_not_break_the_table() -> None:
    made = book(facts=(Fact("a", "This | that?"),))
    assert "This \\| that?" in sheets(made)["facts.md"]
