"""Whom a person means: one number, a prefix, a range."""

from __future__ import annotations

import pytest

from asterisk_router.admin.callers.targets import Target, number_key, parse_target
from asterisk_router.errors import RouterError
from asterisk_router.numbering.plan import NumberingPlan

SLOVAK = NumberingPlan("SK", internal=("_1XX",))


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("02/5550 0100", Target("+421255500100")),
        ("101", Target("101")),
        ("+4212555*", Target("+4212555", is_prefix=True)),
        ("+421 2 555 *", Target("+4212555", is_prefix=True)),
        ("+421255500100-+421255500149", Target("+421255500100", "+421255500149")),
        ("02/5550 0100..02/5550 0149", Target("+421255500100", "+421255500149")),
        ("100-149", Target("100", "149")),
    ],
)
def test_a_target_is_read_as_people_write_it(written: str, target: Target) -> None:
    assert parse_target(SLOVAK, written) == target


def test_dashes_inside_a_number_make_no_range() -> None:
    assert parse_target(NumberingPlan("US"), "202-555-0100") == Target("+12025550100")
    assert parse_target(NumberingPlan("US"), "202-5550100") == Target("+12025550100")


@pytest.mark.parametrize(
    "written", ["anonymous", "", "12ab", "*", "sales*", "+421255500149-+421255500100", "100-+421255500100"]
)
def test_what_is_no_target_is_refused_with_a_reason(written: str) -> None:
    with pytest.raises(RouterError) as refused:
        parse_target(SLOVAK, written)
    assert refused.value.problem


def test_a_number_without_its_country_says_what_to_do() -> None:
    with pytest.raises(RouterError, match="--country"):
        number_key(NumberingPlan(), "02/5550 0100")


@pytest.mark.parametrize(
    ("target", "held", "not_held"),
    [
        (Target("+421255500100"), "+421255500100", "+421255500101"),
        (Target("+4212555", is_prefix=True), "+421255500101", "+421355500101"),
        (Target("+421255500100", "+421255500149"), "+421255500149", "+421255500150"),
        (Target("100", "149"), "120", "1200"),
    ],
)
def test_a_target_knows_its_numbers(target: Target, held: str, not_held: str) -> None:
    assert target.holds(held)
    assert not target.holds(not_held)


def test_a_target_is_shown_as_it_is_written() -> None:
    for written in ("+421255500100", "+4212555*", "+421255500100-+421255500149"):
        assert str(parse_target(SLOVAK, written)) == written
