"""klarera.toml: what is right becomes one value; what is not is refused with its place and the form it should have."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from klarera.errors import UsageError
from klarera.model import Decision, Kind, Measure, Purpose
from klarera.project import load, parse
from klarera.rulebook import rulebook

FACTS = {f.name: f for f in rulebook().facts}
SECRET = "Kaja-Lind-4711"
"""Stands in the values of every bad file; no message may repeat it."""

GOOD = """
[project]
name = "posts"
purpose = "train-recommender"
operator = "A. Operator"
legal_basis = "legitimate-interest"
lia_done = true
notice_date = 2026-03-02

[model]
name = "m"
weights_public = true

[[source]]
name = "agora"
paths = ["a*.jsonl", "b.jsonl"]
obtained = "first-party-platform"
notice_weeks = 8

[[source]]
name = "tresor"
notice_date = 2026-06-01T10:00:00Z
ages_checked = false

[readings]
base = "strict"
adopted_by = "R. Reader, officer"
adopted_on = 2026-11-20
search = "every-record"

[judged.attribution_ruled_out]
value = true
by = "L. Lawyer"
on = 2026-10-01
why = "both limbs were tested"

[policy]
redact = ["PERSON"]
drop = ["SECRET", "IBAN"]
pseudonyms = true
hold = [{ kind = "EMAIL", count = 3 }]
deny = "deny.csv"
allow = "allow.csv"
held_days = 30
source.tresor.hold = ["HEALTH", { kind = "PERSON", score = 80 }]
source.tresor.drop = ["PHONE"]

[register]
file = "register.csv"
"""


def read(text: str) -> object:
    return parse(tomllib.loads(text), FACTS)


def test_a_good_file_becomes_one_value() -> None:
    project = parse(tomllib.loads(GOOD), FACTS)
    assert (project.name, project.purpose) == ("posts", Purpose.TRAIN_RECOMMENDER)
    assert project.facts == {
        "purpose": "train-recommender",
        "legal_basis": "legitimate-interest",
        "lia_done": True,
        "notice_date": date(2026, 3, 2),
    }
    assert [s.name for s in project.sources] == ["agora", "tresor"]
    agora, tresor = project.sources
    assert (agora.paths, agora.notice_date) == (("a*.jsonl", "b.jsonl"), date(2026, 3, 2))
    assert agora.facts == {"obtained": "first-party-platform", "notice_weeks": 8}
    assert (tresor.notice_date, tresor.facts["ages_checked"]) == (date(2026, 6, 1), False)
    assert (project.base_reading, project.readings) == ("strict", {"search": "every-record"})
    assert (project.adopted_by, project.adopted_on) == ("R. Reader, officer", date(2026, 11, 20))
    (judged,) = project.judged
    assert (judged.fact, judged.value, judged.by, judged.on) == (
        "attribution_ruled_out",
        True,
        "L. Lawyer",
        date(2026, 10, 1),
    )
    policy = project.policy
    assert (policy.pseudonyms, project.register) == (True, "register.csv")
    assert policy.kinds("drop", "agora") == {Kind.SECRET, Kind.IBAN}
    assert policy.kinds("drop", "tresor") == {Kind.SECRET, Kind.IBAN, Kind.PHONE}
    assert not policy.kinds("hold", "agora")
    assert policy.kinds("hold", "tresor") == {Kind.HEALTH}
    assert policy.measures("agora") == (
        Measure(Decision.REDACT, Kind.PERSON), Measure(Decision.HOLD, Kind.EMAIL, count=3),
        Measure(Decision.DROP, Kind.IBAN), Measure(Decision.DROP, Kind.SECRET),
    )  # fmt: skip
    assert Measure(Decision.HOLD, Kind.PERSON, score=80) in policy.measures("tresor")
    assert (policy.deny, policy.allow, policy.held_days) == ("deny.csv", "allow.csv", 30)
    assert project.source("nobody described this").facts == {}


def test_nothing_said_is_nothing_known() -> None:
    project = parse({}, FACTS)
    assert (project.facts, project.sources, project.base_reading, project.adopted_by) == ({}, (), "supported", "")


REFUSALS: list[tuple[str, str, str, str]] = [
    ("unknown table", f'[projekt]\nname = "{SECRET}"', "the file has no key 'projekt'", "project"),
    ("unknown key of the project", f'[project]\noperater = "{SECRET}"', "[project] has no key 'operater'", "operator"),
    ("unknown key far from all", f'[project]\nzzz = "{SECRET}"', "[project] has no key 'zzz'", "klarera rules list"),
    ("a mistyped fact", "[project]\nlia_doen = true", "[project] has no key 'lia_doen'", "lia_done"),
    ("a fact of a source in the project", "[project]\nages_checked = true", "[project] has no key 'ages_checked'", ""),
    ("a fact of the run", "[project]\nregister_given = true", "[project] has no key 'register_given'", ""),
    ("a fact of records", "[[source]]\nname = 'a'\nart9_other = false", "[[source]] 1 has no key 'art9_other'", ""),
    ("unknown key of the model", "[model]\nparametres = 3", "[model] has no key 'parametres'", "parameters"),
    ("unknown key of a source", "[[source]]\nname = 'a'\npath = 'x'", "[[source]] 1 has no key 'path'", "paths"),
    ("yes in quotes", f'[project]\nlia_done = "{SECRET}"', "[project] lia_done is not yes or no", "true or false"),
    ("yes as a number", "[project]\nlia_done = 1", "[project] lia_done is not yes or no", "true or false"),
    (
        "a number in quotes",
        f"[[source]]\nname = 'a'\nnotice_weeks = '{SECRET}'",
        "[[source]] 1 notice_weeks is not a number",
        "a number",
    ),
    (
        "a number that is yes",
        "[[source]]\nname = 'a'\nnotice_weeks = true",
        "[[source]] 1 notice_weeks is not a number",
        "",
    ),
    (
        "a word that is none",
        f'[project]\nlegal_basis = "{SECRET}"',
        "[project] legal_basis is not a word",
        "legitimate-interest",
    ),
    ("a purpose that is none", f'[project]\npurpose = "{SECRET}"', "[project] purpose", "train-model"),
    (
        "a day in quotes",
        f"[project]\nnotice_date = '{SECRET}'\n[[source]]\nname='a'",
        "[project] notice_date is not a date",
        "2026-01-31",
    ),
    (
        "a day of a source in quotes",
        f"[[source]]\nname='a'\nnotice_date = '{SECRET}'",
        "[[source]] 1 notice_date is not a date",
        "2026-01-31",
    ),
    ("a source without a name", f"[[source]]\nobtained = '{SECRET}'", "[[source]] 1 has no name", 'name = "forum"'),
    ("the second source without a name", "[[source]]\nname='a'\n[[source]]\nname = 3", "[[source]] 2 has no name", ""),
    ("one source as a table", f"[source]\nname = '{SECRET}'", "written as [[source]], not [source]", ""),
    (
        "two sources of one name",
        f"[[source]]\nname='{SECRET}'\n[[source]]\nname='{SECRET}'",
        "two sources",
        "one table a name",
    ),
    (
        "a domain that is no text",
        "[[source]]\nname='a'\ndomain = ['x.example', 5]",
        "[[source]] 1 domain is neither a text nor a list of texts",
        "domain =",
    ),
    (
        "paths as a text",
        f"[[source]]\nname='a'\npaths = '{SECRET}'",
        "[[source]] 1 paths is not a list of texts",
        "paths =",
    ),
    ("a table that is none", f"project = '{SECRET}'", "[project] is not a table", ""),
    ("a reading that is no text", "[readings]\nbase = 3", "[readings] base is not a text", ""),
    ("a position that is no text", "[readings]\nsearch = true", "[readings] search is not a text", ""),
    ("adopted on a text", f"[readings]\nadopted_on = '{SECRET}'", "without quotes", "2026-01-31"),
    ("a register that is no text", "[register]\nfile = 3", "[register] file is not a text", ""),
    ("an unknown key of the register", f"[register]\npath = '{SECRET}'", "[register] has no key 'path'", "file"),
    (
        "judged: no such fact",
        f"[judged.atribution_ruled_out]\nvalue=true\nby='{SECRET}'\non=2026-01-01\nwhy='{SECRET}'",
        "[judged.atribution_ruled_out] is no fact of the rulebook",
        "attribution_ruled_out",
    ),
    (
        "judged by nobody",
        f"[judged.attribution_ruled_out]\nvalue=true\non=2026-01-01\nwhy='{SECRET}'",
        "needs value, by, on and why",
        'by = "..."',
    ),
    (
        "judged with an empty name",
        "[judged.attribution_ruled_out]\nvalue=true\nby=' '\non=2026-01-01\nwhy='x'",
        "needs value, by, on and why",
        "",
    ),
    (
        "judged on no day",
        f"[judged.attribution_ruled_out]\nvalue=true\nby='{SECRET}'\non='x'\nwhy='x'",
        "needs value, by, on and why",
        "",
    ),
    (
        "judged neither yes nor no",
        f"[judged.attribution_ruled_out]\nvalue='{SECRET}'\nby='x'\non=2026-01-01\nwhy='x'",
        "needs value, by, on and why",
        "",
    ),
    (
        "judged with more than that",
        "[judged.attribution_ruled_out]\nvalue=true\nby='x'\non=2026-01-01\nwhy='x'\nwho='y'",
        "[judged.attribution_ruled_out] has no key 'who'",
        "why",
    ),
    (
        "judged: a fact of single records",
        "[judged.art9_other]\nvalue=false\nby='x'\non=2026-01-01\nwhy='x'",
        "[judged.art9_other] is answered for single records",
        "klarera review",
    ),
    (
        "judged: what the run itself computes",
        "[judged.minors_looked_for]\nvalue=true\nby='x'\non=2026-01-01\nwhy='x'",
        "[judged.minors_looked_for] is computed by the run",
        "",
    ),
    ("policy: no such action", "[policy]\nkeep = ['EMAIL']", "[policy] has no key 'keep'", ""),
    (
        "policy: no such kind",
        f"[policy]\ndrop = ['{SECRET}']",
        "[policy] drop lists a kind that does not exist",
        "EMAIL",
    ),
    ("policy: kinds as a text", "[policy]\ndrop = 'EMAIL'", "[policy] drop lists a kind that does not exist", "EMAIL"),
    (
        "policy of a source: no such kind",
        f"[policy.source.agora]\nhold = ['{SECRET}']",
        "[policy.source.agora] hold lists a kind",
        "",
    ),
    (
        "policy of a source: no such action",
        "[policy.source.agora]\nkeep = []",
        "[policy.source.agora] has no key 'keep'",
        "",
    ),
    (
        "policy of a source that is no table",
        f"[policy]\nsource.agora = '{SECRET}'",
        "[policy.source.agora] is not a table",
        "",
    ),
    (
        "pseudonyms in quotes",
        f"[policy]\npseudonyms = '{SECRET}'",
        "[policy] pseudonyms is not yes or no",
        "true or false",
    ),
]


NO_SUCH = [
    ("[policy]\ndrop = [{ kind = 'EMAIL', cuont = 3 }]", "[policy] drop has no key 'cuont' (try: count)"),
    ("[policy]\ndrop = [{ kind = 'EMIAL' }]", "[policy] drop lists a kind that does not exist"),
    ("[policy]\ndrop = [{ kind = 'EMAIL', score = 101 }]", "[policy] drop EMAIL: score is not a whole number"),
    ("[policy]\ndrop = [{ kind = 'EMAIL', score = 0.8 }]", "[policy] drop EMAIL: score is not a whole number"),
    ("[policy]\ndrop = [{ kind = 'EMAIL', count = 0 }]", "[policy] drop EMAIL: count is not a whole number"),
    ("[policy]\ndrop = [{ count = 2 }]", "[policy] drop lists a kind that does not exist"),
    ("[policy]\ndrop = [[]]", "[policy] drop lists a kind that does not exist"),
    ("[policy]\nheld_days = -1", "[policy] held_days is not a number of days (try: 90)"),
    ("[policy]\nheld_days = true", "[policy] held_days is not a number of days"),
    ("[policy]\ndeny = ['a']", "[policy] deny is not a text"),
    ("[policy.source.agroa]\ndrop = ['EMAIL']\n[[source]]\nname = 'agora'",
     "[policy.source.agroa] names no [[source]] (try: agora)"),
    ("[policy.source.agora]\ndeny = 'deny.csv'\n[[source]]\nname = 'agora'", "[policy.source.agora] has no key 'deny'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), NO_SUCH)
def test_a_policy_that_names_what_is_not_there_is_refused_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(text)
    assert str(raised.value).startswith(f"klarera.toml: {problem}")


@pytest.mark.parametrize(("text", "problem", "hint"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_what_is_wrong_is_refused_with_place_and_form_and_without_the_value(text: str, problem: str, hint: str) -> None:
    with pytest.raises(UsageError, match=re.escape(problem)) as refused:
        read(text)
    assert str(refused.value).startswith("klarera.toml: ")
    assert hint in refused.value.hint
    assert SECRET not in str(refused.value)


def test_a_judgement_needs_a_name_and_a_day() -> None:
    judgements = [f for f in FACTS.values() if f.judgement and f.scope.value in ("project", "source", "model")]
    for fact in judgements:
        where = "[[source]]\nname='a'" if fact.scope.value == "source" else f"[{fact.scope.value}]"
        with pytest.raises(UsageError, match="is a judgement: it needs a name and a day"):
            read(f"{where}\n{fact.name} = true")


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.toml: no such project file \(try: klarera init\)"):
        load(tmp_path / "gone.toml", FACTS)
    for data in (f'[project]\noperator = "{SECRET}'.encode(), b"\xff\xfe[project]", f"{SECRET}\n".encode()):
        (tmp_path / "bad.toml").write_bytes(data)
        with pytest.raises(UsageError, match=r"bad\.toml: not TOML") as refused:
            load(tmp_path / "bad.toml", FACTS)
        assert SECRET not in str(refused.value)
