"""Asterisk's extension patterns, read as Asterisk reads them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_router.errors import NumberingPlanError
from asterisk_router.numbering.asterisk_pattern import automaton, digit_pattern
from asterisk_router.numbering.number_table import EMERGENCY, INTERNAL, SHORT, number_table


def label(tables: tuple[bytes, bytes, int], digits: str) -> int:
    labels, steps, first = tables
    return number_table()._replace(labels=labels, steps=steps).label(first, digits)


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("112", ["112"], ["11", "1122", "113", ""]),
        ("_1XX", ["100", "199"], ["99", "200", "1000", "10"]),
        ("_[2-4]XXX", ["2000", "4999"], ["1999", "5000", "200"]),
        ("_[13-5]N", ["12", "39", "55"], ["10", "22", "61"]),
        ("_ZX", ["10", "99"], ["01", "1"]),
        ("_N.", ["21", "29999"], ["2", "11"]),
        ("_X.", ["00", "123456789012345"], ["1", ""]),
        ("_55!", ["55", "551234"], ["5", "56"]),
        ("_x-z-n", ["012", "999"], ["000", "01"]),
    ],
)
def test_patterns(pattern: str, matching: list[str], other: list[str]) -> None:
    tables = automaton([(INTERNAL, [pattern])])
    for digits in matching + other:
        assert bool(re.fullmatch(digit_pattern(pattern), digits)) is (digits in matching), digits
        assert label(tables, digits) == (INTERNAL if digits in matching else 0), digits


def test_stars_are_left_to_the_pattern_alone() -> None:
    assert re.fullmatch(digit_pattern("_*7X"), "*72")
    assert re.fullmatch(digit_pattern("*#06#"), "*#06#")
    assert automaton([(INTERNAL, ["_*7X"])])[2] == automaton([])[2]


def test_the_first_set_wins() -> None:
    tables = automaton([(EMERGENCY, ["112"]), (INTERNAL, ["_1XX"]), (SHORT, ["_1X", "_1XX"])])
    assert [label(tables, digits) for digits in ("112", "113", "12", "1")] == [EMERGENCY, INTERNAL, SHORT, 0]


@settings(deadline=None)
@given(st.lists(st.from_regex(r"_([XZN0-9]|\[[0-4]-[5-9]\]){1,6}[.!]?", fullmatch=True), max_size=4), st.data())
def test_the_automaton_is_the_pattern(patterns: list[str], data: st.DataObject) -> None:
    tables = automaton([(INTERNAL, patterns)])
    digits = data.draw(st.text("0123456789", max_size=9))
    matched = any(re.fullmatch(digit_pattern(pattern), digits) for pattern in patterns)
    assert label(tables, digits) == (INTERNAL if matched else 0)


@pytest.mark.parametrize(
    ("pattern", "remedy"),
    [
        ("1XX", "did you mean '_1XX'?"),
        ("", "X (0-9)"),
        ("_", "X (0-9)"),
        ("_1Y", "X (0-9)"),
        ("12a", "X (0-9)"),
        ("_[", "[13-5]"),
        ("_[]", "[13-5]"),
        ("_[a-c]", "[13-5]"),
        ("_[5-1]", "[13-5]"),
        ("_[1-]", "[13-5]"),
        ("_1.2", "let '.' be its end"),
        ("_1!!", "let '!' be its end"),
        ("_\u0661", "X (0-9)"),
    ],
)
def test_a_bad_pattern_is_refused_with_what_to_write(pattern: str, remedy: str) -> None:
    with pytest.raises(NumberingPlanError) as refused:
        digit_pattern(pattern)
    assert repr(pattern) in refused.value.problem
    assert remedy in refused.value.remedy
