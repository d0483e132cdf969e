"""Both twins read every number alike, and hand over the same ones."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_router._native import plain_number as plain
from asterisk_router.numbering.asterisk_pattern import automaton
from asterisk_router.numbering.number import Number
from asterisk_router.numbering.number_table import EMERGENCY, INTERNAL, SHORT, number_table
from tests.numbering.written_numbers import HOMES, any_digits, damaged, written

compiled = pytest.importorskip("asterisk_router._native._number", reason="no compiler on this machine")

OWN = automaton([(EMERGENCY, ["1155"]), (INTERNAL, ["_1XX", "_[2-4]XXX"]), (SHORT, ["_18XX", "_9."])])
PRESENTED = frozenset(["", "allowed"])


def walk_of(twin, country: str, own=OWN, table=None):
    return twin.NumberWalk(table or number_table(), country, own, PRESENTED, frozenset(["ruled"]))


@pytest.fixture(params=[plain, compiled], ids=["plain", "compiled"])
def twin(request):
    return request.param


@pytest.fixture
def walk(twin):
    return walk_of(twin, "SK")


@pytest.mark.parametrize(
    ("text", "kind", "key", "country"),
    [
        ("+421255501000", "e164", "+421255501000", "SK"),
        ("00421255501000", "e164", "+421255501000", "SK"),
        ("0255501000", "e164", "+421255501000", "SK"),
        ("255501000", "e164", "+421255501000", "SK"),
        ("421255501000", "e164", "+421255501000", "SK"),
        (" (02) 5550-10.00/", "e164", "+421255501000", "SK"),
        ("+421\xa02\xa05550\xa01000", "e164", "+421255501000", "SK"),
        ("+42125550100", "e164", "+42125550100", "SK"),
        ("+12025550100", "e164", "+12025550100", "US"),
        ("+442079460123", "e164", "+442079460123", "GB"),
        ("+44 (0)20 7946 0123", "e164", "+442079460123", "GB"),
        ("112", "emergency", "112", ""),
        ("1155", "emergency", "1155", ""),
        ("101", "internal", "101", ""),
        ("4999", "internal", "4999", ""),
        ("1812", "short", "1812", ""),
        ("9123456", "short", "9123456", ""),
    ],
)
def test_ordinary_numbers_are_read(walk, text: str, kind: str, key: str, country: str) -> None:
    number = walk.number(text, "", "")
    assert number == Number(kind, key, country, text)
    assert type(number) is Number
    assert type(number.key) is str and number.raw is text


@pytest.mark.parametrize(
    "text",
    [
        *("", "+", "12", "+12", "+1911", "++421255501000", "421+255501000", "+0255501000", "+999255501000"),
        *("02 5550 1000 x5", "+421255501000;ext=5", "tel:+421255501000", "٠٢٥٥٥٠١٠٠٠", "0２55501000", "\u20ac"),
        *(
            "025550100",
            "+15555550100",
            "1" * 25,
            "+421255501000" + " " * 67,
            "anonymous",
            "0255501000\0",
            "0255501000\t",
        ),
    ],
)
def test_what_is_not_certain_is_handed_over(walk, text: str) -> None:
    assert walk.number(text, "", "") is None


def test_a_number_that_is_not_shown_or_comes_by_a_trunk_with_a_rule_is_handed_over(walk) -> None:
    assert walk.number("0255501000", "allowed", "other").key == "+421255501000"
    assert walk.number("0255501000", "prohib", "") is None
    assert walk.number("0255501000", "", "ruled") is None


def test_without_a_country_only_numbers_in_full_are_read(twin) -> None:
    walk = walk_of(twin, "")
    assert walk.number("+421255501000").key == "+421255501000"
    assert walk.number("101").kind == "internal"
    assert walk.number("0255501000") is None
    assert walk.number("00421255501000") is None


def test_only_calling_codes_that_are_believed_are_read(twin) -> None:
    table = number_table()._replace(believed=bytearray(1000))
    walk = walk_of(twin, "SK", table=table)
    assert walk.number("+421255501000") is None
    assert walk.number("0255501000") is None
    table.believed[421] = 1
    assert walk.number("+421255501000").key == "+421255501000"
    assert walk.number("0255501000").key == "+421255501000"
    assert walk.number("+12025550100") is None


def test_a_walk_keeps_what_it_walks_on_alive(twin) -> None:
    walks = [walk_of(twin, "SK", automaton([(INTERNAL, [f"_{first}XX"])])) for first in range(2, 10)]
    assert [walk.number(f"{first}55").kind for first, walk in enumerate(walks, start=2)] == ["internal"] * 8


def test_only_text_is_read(twin) -> None:
    for wrong in (None, b"0255501000", 255501000):
        with pytest.raises(TypeError):
            walk_of(twin, "SK").read(wrong, "")


def test_twins_agree_on_numbers_of_all_regions() -> None:
    random = Random(1)
    walks = {home: [walk_of(each, home, automaton([])) for each in (plain, compiled)] for home in ["", *HOMES]}
    for _ in range(1_500):
        number = written(random)
        for text, home in ((number.text, number.home), (damaged(number, random).text, number.home)):
            first, second = (walk.number(text) for walk in walks[home])
            assert first == second, (text, home)
        text, home, _ = any_digits(random)
        first, second = (walk.number(text) for walk in walks[home])
        assert first == second, (text, home)


@settings(deadline=None)
@given(
    st.text() | st.text("+0123456789 -./()\xa0", max_size=30),
    st.sampled_from(["SK", "US", "AR", "BR", "IT", "JE", ""]),
)
def test_twins_agree_on_any_text(text: str, country: str) -> None:
    first, second = (walk_of(each, country).read(text, text) for each in (plain, compiled))
    assert first == second
