"""The buckets said to be possible are those that the values a fact can have fall into."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.policy.facts.dimensions import Dimension
from asterisk_router.policy.facts.table import FACT_BY_NAME, FACTS, FactUse, Value
from asterisk_router.policy.lint.possible import possible
from asterisk_router.policy.rules.conditions import Atom

VALUES: dict[str, list[Value]] = {
    "hour": list(range(24)),
    "time": list(range(24 * 60)),
    "orders": [*range(200), None],
    "trust": list(range(5)),
    "pressure": [0, 1, 2, None],
    "value": [*range(-300, 300), None],
}


@pytest.mark.parametrize("name", VALUES)
@given(thresholds=st.sets(st.integers(-3, 100), min_size=1, max_size=4))
def test_numbers_and_levels(name: str, thresholds: set[int]) -> None:
    use = FactUse(FACT_BY_NAME[name], "sales" if name == "pressure" else "")
    dimension = Dimension(use, [Atom(use, "<", (each,), "") for each in thresholds])
    met = 0
    for value in VALUES[name]:
        met |= 1 << dimension.buckets_of[value]
    assert possible(dimension) == met


def test_words_of_a_closed_list_leave_no_other() -> None:
    use = FactUse(FACT_BY_NAME["weekday"])
    days = use.fact.words
    assert possible(Dimension(use, [Atom(use, "in", days, "")])) == 0b01111111
    assert possible(Dimension(use, [Atom(use, "in", days[:6], "")])) == 0b01111111
    assert possible(Dimension(use, [Atom(use, "==", days[:1], "")])) == 0b011
    use = FactUse(FACT_BY_NAME["attestation"])
    assert possible(Dimension(use, [Atom(use, "in", use.fact.words, "")])) == 0b011111, "a trunk writes what it likes"


def test_what_the_document_says_can_be_unknown_can_be() -> None:
    for fact in FACTS:
        if fact.source != "class" and not fact.many:
            use = FactUse(fact, "sales")
            operands: tuple[Value, ...] = ("SK",) if fact.type == "word" else (1,)
            dimension = Dimension(use, [Atom(use, "==", operands, "")])
            can_be = bool(possible(dimension) >> len(dimension.values) - 1 & 1)
            assert can_be == ("nknown" in fact.meaning), fact.name
