"""Patterns become tables that accept the very same strings of digits."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_router.errors import NumberingPlanError
from asterisk_router.numbering.digit_automaton import DigitPatterns, NodePool, walkable
from asterisk_router.numbering.number_table import number_table

ATOMS = st.sampled_from(["0", "1", "7", "\\d", "[2-5]", "[0139]", "[1-38]"])
TIMES = st.sampled_from(["", "", "?", "{2}", "{0,2}", "{1,3}"])
PATTERNS = st.recursive(
    st.builds("{}{}".format, ATOMS, TIMES),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map("".join)
        | st.builds("(?:{}){}".format, st.lists(inner, min_size=1, max_size=3).map("|".join), TIMES)
        | st.builds("({}){}".format, inner, TIMES)
    ),
    max_leaves=8,
)


def accepts(pattern: str, longest: int = 20):
    patterns, pool = DigitPatterns(), NodePool()
    start, end = patterns.add(pattern)
    first = walkable(pool, patterns, [start], lambda states, _: int(end in states), longest)
    table = number_table()._replace(labels=pool.labels(), steps=pool.steps())
    return lambda digits: bool(table.label(first, digits))


@settings(deadline=None)
@given(PATTERNS, st.data())
def test_a_table_accepts_what_the_pattern_matches(pattern: str, data: st.DataObject) -> None:
    accepted = accepts(pattern, longest=60)
    matching = st.from_regex(pattern, fullmatch=True, alphabet="0123456789")
    digits = data.draw(st.text("0123456789", max_size=8) | matching)
    assert accepted(digits) is (re.fullmatch(pattern, digits) is not None and len(digits) <= 60)


def test_nothing_longer_than_asked_for_is_accepted() -> None:
    assert accepts("1{3,9}", longest=5)("11111")
    assert not accepts("1{3,9}", longest=5)("111111")


def test_an_end_is_told_from_no_end() -> None:
    assert accepts("12$")("12")
    assert accepts("12$")("123")
    assert not accepts("12$")("1234")


def test_equal_tails_are_one() -> None:
    pool = NodePool()
    for pattern in ("1234", "9234"):
        patterns = DigitPatterns()
        start, end = patterns.add(pattern)
        walkable(pool, patterns, [start], lambda states, _, end=end: int(end in states), 20)
    assert len(pool.labels()) == 1 + 5 + 1, "the dead node, five for the first, one for the second"


@pytest.mark.parametrize("pattern", ["(12", "1a", "[1-", "12)"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises((NumberingPlanError, ValueError)):
        DigitPatterns().add(pattern)


def test_more_nodes_than_fit_are_refused() -> None:
    pool = NodePool()
    for label in range(256):
        for child in range(257):
            pool.node(label, [child] * 10)
    with pytest.raises(NumberingPlanError):
        pool.steps()
