"""Which number is this: every kind, in the order in which they are asked for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_router.errors import NumberingPlanError
from asterisk_router.numbering.number import Number
from asterisk_router.numbering.number_table import number_table
from asterisk_router.numbering.plan import WITHHELD_WORDS, NumberingPlan, TrunkRule, is_presented

SHOP = NumberingPlan(
    "SK",
    internal=("_1XX", "_[2-4]XXX", "_*7X"),
    short=("_18XXX",),
    trunks={
        "bare": TrunkRule(prepend="+"),
        "brno": TrunkRule(country="CZ"),
        "nine": TrunkRule(strip_digits=1),
        "broken": TrunkRule(strip_prefix="+0", prepend="0"),
        "area": TrunkRule(strip_prefix="tel:", strip_digits=2, prepend="02"),
    },
)


def told(raw: str, presentation: str = "", trunk: str = "", plan: NumberingPlan = SHOP) -> tuple[str, str, str]:
    number = plan.normalise(raw, presentation, trunk)
    assert type(number) is Number
    assert number.raw == raw[:79]
    return number[:3]


@pytest.mark.parametrize(
    "raw",
    ["+421255501000", "00421255501000", "0255501000", "02/5550 1000", "(02) 5550-1000", "+421\xa02\xa05550.1000"]
    + ["421255501000", "tel:+421-2-5550-1000", "+421255501000;ext=7", " +421255501000\t", "٠٢٥٥٥٠١٠٠٠"],
)
def test_one_number_written_in_many_ways(raw: str) -> None:
    assert told(raw) == ("e164", "+421255501000", "SK")


@pytest.mark.parametrize(
    ("raw", "key", "country"),
    [
        ("+42125550100", "+42125550100", "SK"),
        ("0042125550100", "+42125550100", "SK"),
        ("+12025550100", "+12025550100", "US"),
        ("+442079460123", "+442079460123", "GB"),
        ("+15555550100", "+15555550100", ""),
    ],
)
def test_ranges_for_fiction_are_public_numbers_when_written_in_full(raw: str, key: str, country: str) -> None:
    assert told(raw) == ("e164", key, country)


@pytest.mark.parametrize(
    "raw", ["025550100", "420255501000", "12", "+1911", "+0255501000", "call me", "7" * 30, "+", "#"]
)
def test_what_is_no_number_is_malformed(raw: str) -> None:
    assert told(raw) == ("malformed", "", "")


def test_no_country_is_guessed() -> None:
    assert told("442079460123") == ("malformed", "", ""), "a bare foreign country code"
    assert told("442079460123", trunk="bare") == ("e164", "+442079460123", "GB")
    assert told("442079460123", trunk="other") == ("malformed", "", "")


def test_a_number_longer_than_asterisk_can_hand_over_is_not_read() -> None:
    assert told("+421255501000" + " " * 66) == ("e164", "+421255501000", "SK")
    assert told("tel:+421255501000" + ";" * 80) == ("malformed", "", "")
    assert told("9" * 1_000_000) == ("malformed", "", "")
    assert told("9" * 100, presentation="prohib") == ("withheld", "", "")


@pytest.mark.parametrize("raw", [*sorted(WITHHELD_WORDS), "Anonymous", "", "   ", " UNKNOWN "])
def test_words_for_a_number_that_is_not_shown(raw: str) -> None:
    assert told(raw) == ("withheld", "", "")


@pytest.mark.parametrize(
    ("presentation", "shown"),
    [
        *(("", True), ("allowed", True), ("allowed_not_screened", True), ("allowed_passed_screen", True)),
        *(("allowed_failed_screen", True), ("0", True), ("1", True), ("2", True), ("3", True), ("prohib", False)),
        *(("prohib_not_screened", False), ("prohib_passed_screen", False), ("prohib_failed_screen", False)),
        *(("unavailable", False), ("32", False), ("33", False), ("35", False), ("67", False), ("unknown", False)),
        *(("whatever", False), ("9" * 5000, False)),
    ],
)
def test_a_number_is_read_only_when_it_is_shown(presentation: str, shown: bool) -> None:
    expected = ("e164", "+421255501000", "SK") if shown else ("withheld", "", "")
    assert told("+421255501000", presentation) == expected
    assert told("112", presentation)[0] == ("emergency" if shown else "withheld")
    assert is_presented(presentation) is shown


def test_emergency_comes_before_internal_and_internal_before_short() -> None:
    assert told("112") == ("emergency", "112", "")
    assert told("118") == ("internal", "118", "")
    assert told("2345") == ("internal", "2345", "")
    assert told("*72") == ("internal", "*72", "")
    assert told("1181") == ("short", "1181", ""), "known of the country"
    assert told("18123") == ("short", "18123", ""), "of this plan"


def test_what_the_plan_says_of_itself_comes_before_public_numbers() -> None:
    number = "0255501000"
    assert told(number, plan=NumberingPlan("SK", internal=("_02555010XX",)))[0] == "internal"
    assert told(number, plan=NumberingPlan("SK", short=(number,)))[0] == "short"
    assert told(number, plan=NumberingPlan("SK", emergency=(number,), internal=(number,)))[0] == "emergency"
    assert told("+421255501000", plan=NumberingPlan("SK", internal=("_X.",)))[0] == "e164", "a + is never internal"


def test_rules_of_trunks() -> None:
    assert told("+421255501000", trunk="bare")[1] == "+421255501000"
    assert told("421255501000", trunk="bare")[1] == "+421255501000"
    assert told("9101", trunk="nine") == ("internal", "101", "")
    assert told("90255501000", trunk="nine")[1] == "+421255501000"
    assert told("+421255501000", trunk="nine")[1] == "+421255501000"
    assert told("+0255501000", trunk="broken")[1] == "+421255501000"
    assert told("tel:9955501000", trunk="area")[1] == "+421255501000"
    assert told("anonymous", trunk="bare") == ("withheld", "", "")
    assert told("", trunk="bare") == ("withheld", "", "")
    assert told("0255501000", trunk="brno") == ("malformed", "", ""), "no number of that trunk's country"
    assert told("020 7946 0123", trunk="x", plan=NumberingPlan("SK", trunks={"x": TrunkRule(country="gb")}))[2] == "GB"


def test_prefixes_of_the_plan_come_on_top_of_those_of_the_country() -> None:
    plan = NumberingPlan("SK", international_prefixes=("99", "9900"), trunk_prefix="8", internal=("_99",))
    assert told("99421255501000", plan=plan)[1] == "+421255501000"
    assert told("9900421255501000", plan=plan)[1] == "+421255501000"
    assert told("99 12025550100", plan=plan)[1] == "+12025550100"
    assert told("8 255501000", plan=plan)[1] == "+421255501000"
    assert told("00421255501000", plan=plan)[1] == "+421255501000"
    assert told("0255501000", plan=plan)[1] == "+421255501000"
    assert told("99", plan=plan) == ("internal", "99", "")
    assert told("112", plan=plan) == ("emergency", "112", "")


def test_without_a_country_only_numbers_in_full_are_read() -> None:
    plan = NumberingPlan()
    assert told("+421255501000", plan=plan) == ("e164", "+421255501000", "SK")
    assert told("0255501000", plan=plan) == ("malformed", "", "")
    assert told("112", plan=plan) == ("malformed", "", "")
    assert told("112", plan=NumberingPlan(emergency=("112",))) == ("emergency", "112", "")


def test_numbers_are_read_alike_while_a_calling_code_is_not_believed_yet() -> None:
    table = number_table()
    table.believed[421] = 0
    assert SHOP._walk("0255501000", "", "") is None
    assert told("0255501000") == ("e164", "+421255501000", "SK")
    assert table.believed[421] == 1, "the library, once asked, knew the same"
    assert SHOP._walk("0255501000", "", "") == SHOP.normalise("0255501000")


def test_plans_are_values() -> None:
    assert NumberingPlan("sk") == NumberingPlan("SK")
    assert NumberingPlan("SK") != NumberingPlan("CZ")
    assert "walk" not in repr(SHOP)
    with pytest.raises(AttributeError):
        SHOP.country = "CZ"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("wrong", "problem", "remedy"),
    [
        ({"country": "UK"}, "'UK'", "GB"),
        ({"country": "SK", "internal": ("1XX",)}, "'1XX'", "'_1XX'"),
        ({"country": "SK", "short": ("_1Y",)}, "'_1Y'", "X (0-9)"),
        ({"country": "SK", "international_prefixes": ("+",)}, "'+'", "digits"),
        ({"country": "SK", "trunk_prefix": "x"}, "'x'", "digits"),
        ({"country": "SK", "trunk_prefix": "123456789"}, "'123456789'", "8 digits"),
        ({"country": "SK", "trunks": {"t": TrunkRule(country="UK")}}, "trunk 't': 'UK'", "GB"),
        ({"country": "SK", "trunks": {"t": TrunkRule(strip_digits=-1)}}, "'t'", "0 or more"),
        ({"country": "SK", "trunks": {"t": TrunkRule(prepend="0+")}}, "'t'", "+"),
    ],
)
def test_a_bad_plan_is_refused_with_what_to_write(wrong: dict, problem: str, remedy: str) -> None:
    with pytest.raises(NumberingPlanError) as refused:
        NumberingPlan(**wrong)
    assert problem in refused.value.problem
    assert remedy in refused.value.remedy


ANY_NUMBER = st.text() | st.text("+0123456789 -./()*#;=x\xa0", max_size=90)


@settings(deadline=None)
@given(ANY_NUMBER, ANY_NUMBER | st.sampled_from(["", "allowed", "32"]), st.sampled_from(["", *SHOP.trunks, "other"]))
def test_anything_becomes_a_number_of_one_kind(raw: str, presentation: str, trunk: str) -> None:
    number = SHOP.normalise(raw, presentation, trunk)
    assert number.raw == raw[:79]
    assert bool(number.key) is (number.kind not in ("withheld", "malformed"))
    assert number.key.startswith("+") is (number.kind == "e164")
    assert not number.country or number.kind == "e164"
    assert number.key.isascii() and len(number.key) <= 24


@settings(deadline=None)
@given(ANY_NUMBER)
def test_a_canonical_number_is_read_as_itself(raw: str) -> None:
    number = SHOP.normalise(raw)
    if number.key:
        assert SHOP.normalise(number.key)[:3] == number[:3]
