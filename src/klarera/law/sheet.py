"""Plain-words sheets for lawyers: one Markdown file an article, committed and compared as a diff in words.

A sheet says of each rule what the norm says, when it counts, under which condition and exceptions, how
binding its text is, how its content was checked, who reviewed it and what is left out; of each Question it
depends on, every position with its sources, ranks, scopes and both sides. The same book gives the same bytes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from klarera.law.book import Rulebook
from klarera.law.expression import Adopted, Const, Expression, Fact, walk
from klarera.law.rule import (
    Citation,
    ConditionSpec,
    Confidence,
    Ground,
    Position,
    Question,
    Redaction,
    Rule,
    Source,
    Status,
)
from klarera.law.words import in_words
from klarera.model import Decision

__all__ = ["article", "sheets"]

_CHECKED = {
    Confidence.OFFICIAL: "the official text was read",
    Confidence.TRANSCRIPTION: "a third party's transcription of the official text was read",
    Confidence.SECONDARY: "secondary sources were read",
    Confidence.SINGLE: "one secondary source was read: a lead, never the only ground to keep",
    Confidence.MEMORY: "from memory: never the only ground to keep",
    Confidence.ANALYSIS: "our own reasoning from the norms named",
}


def sheets(book: Rulebook) -> dict[str, str]:
    """File name → Markdown: one an article, and `index.md`, `questions.md`, `outcomes.md`, `facts.md`."""
    articles: dict[str, list[Rule]] = defaultdict(list)
    for rule in book.rules:
        articles[article(rule.id)].append(rule)
    files = {f"{name}.md": _lines(_article(book, name, rules)) for name, rules in articles.items()}
    files["questions.md"] = _lines(_questions(book))
    files["outcomes.md"] = _lines(_outcomes(book))
    files["facts.md"] = _lines(_facts(book.facts, "Facts"))
    files["index.md"] = _lines(_index(book, sorted(articles)))
    return dict(sorted(files.items()))


def article(rule_id: str) -> str:
    """The sheet a rule stands in: its act and the first number or word after it.

    >>> article("gdpr.21-1"), article("dsm.4-3.a@2021"), article("house")
    ('gdpr-21', 'dsm-4', 'house')
    """
    return "-".join(re.split(r"[.\-@/()*]", rule_id)[:2])


def _lines(lines: Iterator[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def _index(book: Rulebook, articles: list[str]) -> Iterator[str]:
    drafts = sum(rule.status is Status.DRAFT for rule in book.rules)
    yield from ("# The rulebook in words", "")
    yield f"Version {book.version}, SHA-256 `{book.hash}`. Made from the rules: change those, not this."
    yield from ("", f"{len(book.rules)} rules, of which {drafts} nobody has reviewed yet.", "")
    yield from ("| sheet | |", "| --- | --- |")
    yield from (f"| [{name}]({name}.md) | rules |" for name in articles)
    yield from ("| [questions](questions.md) | contested points |",)
    yield from ("| [outcomes](outcomes.md) | what drops or redacts a record; conditions |",)
    yield from ("| [facts](facts.md) | every question the rules ask |", "")
    yield from _legend()
    yield from ("", "## Days to watch", "")
    yield from (f"- {entry.date}: {entry.act}. {entry.what}" for entry in book.watch)


def _legend() -> Iterator[str]:
    yield from ("## How a source was checked", "")
    yield from (f"- **{mark.value}**: {says}" for mark, says in _CHECKED.items())


def _article(book: Rulebook, name: str, rules: list[Rule]) -> Iterator[str]:
    yield from (f"# {name}", "")
    for rule in rules:
        yield from _rule(rule)
    nodes = [node for rule in rules for node in walk(rule.when)]
    asked = sorted({node.question for node in nodes if isinstance(node, Adopted)})
    for question in asked:
        yield from _question(book.question(question))
    named = {fact.name: fact for node in nodes if isinstance(fact := getattr(node, "fact", node), Fact)}
    yield from _facts(tuple(named[key] for key in sorted(named)), "What it asks", "##")
    yield from _legend()


def _rule(rule: Rule) -> Iterator[str]:
    yield from (f"## {rule.id}", "", rule.says, "", f"**{_name(rule.conclusion)}** if:", "")
    yield from in_words(rule.when)
    if rule.unless:
        yield from ("", "unless:", "", *(f"- {_name(exception)}" for exception in rule.unless))
    yield from ("", f"- norm: {_cite(rule.cite)}", f"- in force: {_span(rule.in_force)}")
    if rule.applies:
        yield f"- applies: {_span(rule.applies)}"
    if rule.law:
        yield f"- only a proposal, switched on by the name `{rule.law}`"
    if rule.replaces:
        yield f"- then in the place of: {', '.join(rule.replaces)}"
    yield f"- binding level: {rule.level.value}"
    yield f"- checked: {rule.confidence.value}, {_CHECKED[rule.confidence]}"
    yield f"- encoded on {rule.known}; {_review(rule)}"
    if rule.not_encoded:
        yield f"- not encoded: {rule.not_encoded}"
    yield ""


def _review(rule: Rule) -> str:
    return f"reviewed by {rule.reviewed_by}" if rule.status is Status.REVIEWED else "not reviewed"


def _name(conclusion: str) -> str:
    return conclusion.replace("_", " ")


def _cite(cite: Citation) -> str:
    return f"{cite} (`{cite.uri}`)" if cite.uri else str(cite)


def _span(span: tuple[date, date | None]) -> str:
    start, end = span
    return f"from {start}" + (f" until the day before {end}" if end else "")


def _questions(book: Rulebook) -> Iterator[str]:
    yield from ("# Contested points", "", "Positions run from the strictest to the mildest.", "")
    for question in book.questions:
        yield from _question(question)
        users = sorted({article(r.id) for r in book.rules if question.id in _asked(r.when)})
        yield f"Used in: {', '.join(f'[{name}]({name}.md)' for name in users) or 'no rule'}"
        yield ""
    yield from _legend()


def _asked(node: Expression) -> set[str]:
    return {one.question for one in walk(node) if isinstance(one, Adopted)}


def _question(question: Question) -> Iterator[str]:
    yield from (f"## Question {question.id}", "", question.asks, "")
    yield f"Article: {question.article}. Concerns: {question.scope.value}."
    if question.sensitive:
        yield "Touches minors, special categories, offences or objections: one interim ruling is not enough."
    if question.not_encoded:
        yield f"Not encoded: {question.not_encoded}"
    yield ""
    for number, position in enumerate(question.positions, 1):
        yield from _position(number, position)


def _position(number: int, position: Position) -> Iterator[str]:
    yield from (f"### {number}. {position.id}", "", position.says, "")
    yield from (f"- who builds: {position.builder}", f"- the people: {position.people}")
    for source in position.sources or ():
        yield from _source(source)
    if not position.sources:
        yield "- no source of its own"
    yield ""


def _source(source: Source) -> Iterator[str]:
    rank = source.rank.name.lower().replace("_", " ")
    final = "" if source.final else ", not final"
    proposal = f", only with the proposal `{source.law}`" if source.law else ""
    yield (
        f"- {source.name}: {_cite(source.cite)}; rank {source.rank.value} ({rank}{final}); "
        f"{_span(source.period)}; checked: {source.confidence.value}{proposal}"
    )
    if source.scope != Const(True):
        yield from ("  speaks where:", *in_words(source.scope, 1))


def _outcomes(book: Rulebook) -> Iterator[str]:
    yield from ("# What decides a record", "")
    yield from (_ground(ground) for ground in book.grounds)
    yield from ("", "# What is taken out", "")
    yield from (_redaction(row) for row in book.redactions)
    yield from ("", "# What must be settled about the project, a source or the run", "")
    for condition in book.conditions:
        yield from _condition(condition)


def _ground(ground: Ground) -> str:
    action = "drop" if ground.action is Decision.DROP else "redact"
    return f"- {action} if **{_name(ground.conclusion)}** (`{ground.code}`): {ground.says}"


def _redaction(row: Redaction) -> str:
    kinds = ", ".join(kind.name for kind in row.kinds)
    whom = ", ".join(about.name.lower() for about in row.about)
    where = "the found bytes" if row.extent == "span" else "the sentence around it"
    return f"- **{_name(row.conclusion)}**: {kinds} about {whom}: {where}. {row.says} ({_cite(row.cite)})"


def _condition(condition: ConditionSpec) -> Iterator[str]:
    yield from (f"## {condition.id}", "", condition.says, "")
    wanted = "yes" if condition.wants else "no"
    yield f"- asks: {condition.fact.ask} (closes with: {wanted})"
    if condition.when != Const(True):
        yield from ("- matters where:", *in_words(condition.when, 1))
    strength = "blocks release" if condition.blocking else "noted"
    before = "before training" if condition.before == "training" else "for as long as the data are used"
    yield f"- {strength}; {before}; closed by {condition.addressee}: {condition.closes}"
    yield f"- norm: {_cite(condition.cite)}; {_span(condition.in_force)}"
    yield f"- checked: {condition.confidence.value}, {_CHECKED[condition.confidence]}"
    yield ""


def _facts(facts: tuple[Fact, ...], title: str, level: str = "#") -> Iterator[str]:
    yield from (f"{level} {title}", "", "| fact | question | of | answered by |", "| --- | --- | --- | --- |")
    for fact in facts:
        by = "a named person only" if fact.judgement else fact.supplier or "not said"
        grade = f", at least {fact.grade.value}"
        cells = (f"`{fact.name}`", f"{fact.ask} {fact.help}".rstrip(), fact.scope.value, by + grade)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""
