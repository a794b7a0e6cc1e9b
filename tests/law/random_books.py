"""Random rulebooks for properties: conclusions in layers, with exceptions to exceptions, no circle."""

from __future__ import annotations

from hypothesis import strategies as st

from klarera.law import Reading, Rulebook
from klarera.law.expression import Adopted, All, Any, Conclusion, Const, Expression, Fact, Not, Unproven
from klarera.model import Rank

from .books import AGE, LAND, A, B, C, book, question, rule, source

D = Fact("d", "Is d so?")
BOOLS = (A, B, C, D)
FACTS = (*BOOLS, AGE, LAND)
QUESTION = question("q", ("hard", (source("x", Rank.INDUSTRY),)), ("soft", (source("y", Rank.AUTHORITY),)))
LAYERS = ("top", "middle", "bottom")
READINGS = tuple(Reading("r", {"q": p}, {}) for p in ("hard", "soft", None))


def expressions(layer: int, *, unproven: bool, plain: bool) -> st.SearchStrategy[Expression]:
    """Expressions that refer to deeper layers only; `plain` has neither numbers, words nor readings."""
    leaves: list[st.SearchStrategy[Expression]] = [st.sampled_from(BOOLS)]
    if not plain:
        leaves += [
            st.sampled_from([AGE < 16, AGE >= 16.5, AGE > 1e25, AGE.one_of(12, 16), LAND.one_of("DE", "SE")]),
            st.sampled_from([Adopted("q", "hard"), Adopted("q", "soft")]),
            st.booleans().map(Const),
        ]
    if unproven:
        leaves.append(st.sampled_from([Unproven(fact, "Act Art. 2") for fact in BOOLS]))
    if layer + 1 < len(LAYERS):
        leaves.append(st.sampled_from(LAYERS[layer + 1 :]).map(Conclusion))
    return st.recursive(
        st.one_of(leaves),
        lambda inner: st.one_of(
            inner.map(Not),
            st.lists(inner, min_size=1, max_size=3).map(lambda args: All(tuple(args))),
            st.lists(inner, min_size=1, max_size=3).map(lambda args: Any(tuple(args))),
        ),
        max_leaves=6,
    )


@st.composite
def rulebooks(draw: st.DrawFn, *, unproven: bool = True, plain: bool = False) -> Rulebook:
    """A book that concludes "top", at most six facts wide."""
    rules = []
    for layer, name in enumerate(LAYERS):
        for number in range(draw(st.integers(1, 2))):
            deeper = LAYERS[layer + 1 :]
            when = draw(expressions(layer, unproven=unproven, plain=plain))
            unless = draw(st.lists(st.sampled_from(deeper), unique=True, max_size=1)) if deeper else []
            rules.append(rule(f"act.{layer}-{number}", name, when, *unless))
    return book(*rules, facts=FACTS, questions=(QUESTION,))
