"""Final vectors: local facts joined with author, register, dates and answers of named persons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarera.facts import SOURCE
from klarera.facts.columns import NO_DAY
from klarera.facts.final import Joined, Judgement, final_vectors
from klarera.facts.rollup import AuthorFlag
from klarera.facts.signatures import pack, unpack
from klarera.model import State

F, T, M, N, C = State.FALSE, State.TRUE, State.MISSING, State.NOT_LOOKED, State.CONFLICT
U8 = npt.NDArray[np.uint64]


def joined(n: int = 1, **more: Any) -> Joined:
    plain: dict[str, Any] = {
        "flags": np.zeros(n, np.uint16), "day": np.full(n, NO_DAY, np.int32), "notice": [None],
        "source": np.zeros(n, np.int32), "third": np.zeros(n, np.bool_), "register": False,
    }  # fmt: skip
    return Joined(**{**plain, **more})


def final(
    local: dict[str, State], fact: str, *, flags: int = 0, register: bool = False, third: bool = False, **more: Any
) -> State:
    vectors = pack({k: np.array([v], np.uint8) for k, v in local.items()}, np.zeros(1, np.uint64))
    made, number = final_vectors(
        vectors, np.zeros(1, np.int32),
        joined(flags=np.array([flags], np.uint16), register=register, third=np.array([third]), **more),
    )  # fmt: skip
    return State(int(unpack(made, fact)[number[0]]))


MINOR, UNCLEAR, ADULT = AuthorFlag.MINOR, AuthorFlag.MINOR_UNCLEAR, AuthorFlag.ADULT
NOBODY = {"author_minor": F, "author_adult": M}
GROWN = {"author_minor": F, "author_adult": T}
AGES: list[tuple[str, dict[str, State], int, State, State]] = [
    ("nothing said", NOBODY, 0, F, M),
    ("a child elsewhere", NOBODY, MINOR, T, F),
    ("grown up elsewhere", NOBODY, ADULT, F, T),
    ("both elsewhere", NOBODY, MINOR | ADULT, C, C),
    ("a child elsewhere, grown up by column", GROWN, MINOR, C, C),
    ("unclear elsewhere", NOBODY, UNCLEAR, M, M),
    ("unclear where nobody could look", {"author_minor": N, "author_adult": N}, UNCLEAR, M, N),
    ("a child and unclear: the child beats", NOBODY, MINOR | UNCLEAR, T, F),
    ("unclear, grown up by column", GROWN, UNCLEAR, M, T),
    ("columns disagree, texts silent", {"author_minor": C, "author_adult": C}, 0, C, C),
    ("nobody could look, a child elsewhere", {"author_minor": N, "author_adult": N}, MINOR, T, F),
]  # fmt: skip


@pytest.mark.parametrize(("local", "flags", "minor", "adult"), [a[1:] for a in AGES], ids=[a[0] for a in AGES])
def test_age_of_the_author(local: dict[str, State], flags: int, minor: State, adult: State) -> None:
    assert final(local, "author_minor", flags=flags) == minor
    assert final(local, "author_adult", flags=flags) == adult


OBJECTED, OBJ_UNCLEAR, CHAIN = AuthorFlag.OBJECTED, AuthorFlag.OBJECTED_UNCLEAR, AuthorFlag.CHAIN_OBJECTED
WILL: list[tuple[str, str, dict[str, State], int, bool, State]] = [
    ("silent", "author_objected", {"objection_text": F}, 0, False, F),
    ("nobody looked", "author_objected", {"objection_text": N}, 0, False, N),
    ("in another post", "author_objected", {"objection_text": F}, OBJECTED, False, T),
    ("in another post, nobody looked here", "author_objected", {"objection_text": N}, OBJECTED, False, T),
    ("quoted in another post", "author_objected", {"objection_text": F}, OBJ_UNCLEAR, False, M),
    ("quoted and stated", "author_objected", {"objection_text": F}, OBJ_UNCLEAR | OBJECTED, False, T),
    ("in the register", "author_objected", {"objection_text": F}, AuthorFlag.REGISTER_OBJECTED, True, T),
    ("chain", "author_chain_objected", {"objection_chain": F}, CHAIN, False, T),
    ("no chain", "author_chain_objected", {"objection_chain": F}, OBJECTED, False, F),
    ("no register: erasure", "author_erased", {}, 0, False, N),
    ("register: no erasure", "author_erased", {}, 0, True, F),
    ("register: erasure", "author_erased", {}, AuthorFlag.REGISTER_ERASED, True, T),
    ("no register: rights", "author_reserved_rights", {}, 0, False, N),
    ("register: rights", "author_reserved_rights", {}, AuthorFlag.REGISTER_RESERVED, True, T),
    ("no register: consent is not shown", "author_consented", {}, 0, False, F),
    ("register: consent", "author_consented", {}, AuthorFlag.REGISTER_CONSENTED, True, T),
    ("register: objected under a name", "author_objected", {"objection_text": F},
     AuthorFlag.REGISTER_OBJECTED_UNCLEAR, True, M),
    ("under a name, and in another post", "author_objected", {"objection_text": F},
     AuthorFlag.REGISTER_OBJECTED_UNCLEAR | OBJECTED, True, T),
    ("register: erasure under a name", "author_erased", {}, AuthorFlag.REGISTER_ERASED_UNCLEAR, True, M),
    ("under a name and a handle", "author_erased", {},
     AuthorFlag.REGISTER_ERASED_UNCLEAR | AuthorFlag.REGISTER_ERASED, True, T),
    ("register: rights under a name", "author_reserved_rights", {}, AuthorFlag.REGISTER_RESERVED_UNCLEAR, True, M),
    ("nobody answered yet", "objection_decided", {}, 1023, True, M),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fact", "local", "flags", "register", "wanted"), [w[1:] for w in WILL], ids=[w[0] for w in WILL]
)
def test_will_of_the_author(fact: str, local: dict[str, State], flags: int, register: bool, wanted: State) -> None:
    assert final(local, fact, flags=flags, register=register) == wanted


@pytest.mark.parametrize(
    ("register", "hit", "wanted"), [(False, False, N), (False, True, N), (True, False, F), (True, True, T)]
)
def test_third_persons_are_known_only_with_a_register(register: bool, hit: bool, wanted: State) -> None:
    assert final({}, "third_objected", register=register, third=hit) == wanted


@pytest.mark.parametrize(
    ("register", "hit", "missed", "wanted"),
    [(False, False, False, N), (False, True, False, N), (True, False, False, F), (True, True, False, T),
     (True, False, True, N), (True, True, True, T)],
)  # fmt: skip
def test_a_name_nobody_looked_for_is_not_absent(register: bool, hit: bool, missed: bool, wanted: State) -> None:
    named = np.array([hit])
    assert final({}, "third_named", register=register, named=named, missed=missed) == wanted
    assert final({}, "third_meant", register=register, named=named, missed=missed) == M
    assert final({}, "third_objected", register=register, named=named, missed=missed) == (F if register else N)
    assert final({}, "published_before_notice", register=register, named=named) == M


def test_a_notice_counts_for_the_records_of_its_source() -> None:
    told = (date(2026, 3, 2) - date(1970, 1, 1)).days
    day = np.array([told - 1, told, NO_DAY, told - 1, told + 5], np.int32)
    source = np.array([0, 0, 0, 1, 0], np.int32)
    vectors, number = final_vectors(
        pack({}, np.zeros(1, np.uint64)), np.zeros(5, np.int32),
        joined(5, day=day, source=source, notice=[date(2026, 3, 2), None]),
    )  # fmt: skip
    assert unpack(vectors, "published_before_notice")[number].tolist() == [T, F, M, M, F]
    assert vectors[number][:, SOURCE].tolist() == source.tolist()


def rows(n: int, *which: int) -> npt.NDArray[np.bool_]:
    mask = np.zeros(n, np.bool_)
    mask[list(which)] = True
    return mask


def judge(answers: Sequence[Judgement], n: int) -> tuple[U8, npt.NDArray[np.int32]]:
    return final_vectors(pack({}, np.zeros(1, np.uint64)), np.zeros(n, np.int32), joined(n, judgements=answers))


def test_an_answer_stands_for_its_records_and_the_later_one_stands() -> None:
    answers = [
        Judgement("art9_other", True, rows(4, 0, 1, 2)),
        Judgement("art9_other", False, rows(4, 1)),
        Judgement("author_minor", False, rows(4, 2, 3)),
    ]
    made, number = judge(answers, 4)
    assert unpack(made, "art9_other")[number].tolist() == [T, F, T, M]
    assert unpack(made, "author_minor")[number].tolist() == [M, M, F, F]
    turned, again = judge([answers[1], answers[0], answers[2]], 4)
    assert unpack(turned, "art9_other")[again].tolist() == [T, T, T, M]


def test_an_answer_settles_a_conflict() -> None:
    local = pack({"author_minor": np.array([F], np.uint8)}, np.zeros(1, np.uint64))
    made, _ = final_vectors(
        local, np.zeros(1, np.int32),
        joined(flags=np.array([MINOR | ADULT], np.uint16), judgements=[Judgement("author_minor", False, rows(1, 0))]),
    )  # fmt: skip
    assert [State(int(unpack(made, n)[0])) for n in ("author_minor", "author_adult")] == [F, C]


FACTS = ("art9_other", "art10_other", "author_minor", "objection_decided", "minor_other")


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(FACTS), st.booleans(), st.integers(0, 255)), max_size=150))
def test_any_number_of_answers_as_one_after_another(listed: list[tuple[str, bool, int]]) -> None:
    n = 8
    answers = [Judgement(f, v, np.array([bits >> i & 1 for i in range(n)], np.bool_)) for f, v, bits in listed]
    made, number = judge(answers, n)
    for row in range(n):
        wanted = dict.fromkeys(FACTS, int(M))
        wanted["objection_decided"] = int(M)
        for fact, value, bits in listed:
            if bits >> row & 1:
                wanted[fact] = int(value)
        assert {f: int(unpack(made, f)[number[row]]) for f in FACTS} == wanted


def test_records_alike_share_one_vector_and_no_records_give_none() -> None:
    made, number = judge([], 1000)
    assert (len(made), set(number.tolist())) == (1, {0})
    nothing, none = final_vectors(pack({}, np.zeros(0, np.uint64)), np.empty(0, np.int32), joined(0))
    assert (len(nothing), len(none)) == (0, 0)
