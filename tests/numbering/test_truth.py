"""What phonenumberslite says holds: `make agreement` on fewer numbers, and what the library is asked for."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from random import Random

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_router.numbering import truth
from asterisk_router.numbering.plan import NumberingPlan
from tests.numbering.agreement import agrees, differences, expected, made_up
from tests.numbering.written_numbers import HOMES, REGIONS, Written, rewritten, valid_number

PLANS = {home: NumberingPlan(home) for home in HOMES}


@pytest.fixture(autouse=True, scope="module")
def patterns_of_all_countries_stay_compiled():
    kept, re._MAXCACHE = re._MAXCACHE, 100_000
    yield
    re._MAXCACHE = kept


def test_numbers_of_all_regions_are_read_as_the_library_reads_them() -> None:
    counts: Counter[str] = Counter()
    assert not list(differences(made_up(6_000, seed=1), counts))
    assert counts["valid"] >= 6_000 * 0.99
    assert counts["read"] - counts["valid"] > 500, "wrong numbers must be among them"


def test_nearly_all_valid_numbers_are_read_without_the_library() -> None:
    counts: Counter[str] = Counter()
    list(differences(made_up(3_000, seed=2, wrong=False), counts))
    assert counts["valid, handed over"] < 0.01 * counts["valid"]


@pytest.mark.parametrize(("code", "region"), REGIONS)
def test_each_region(code: int, region: str) -> None:
    random = Random(code)
    numbers = [rewritten(code, region, valid_number(code, region, random), random) for _ in range(8)]
    if region != "001":
        local = phonenumbers.invalid_example_number(region)
        numbers.append(Written(f"0{local.national_number}", region, "invalid"))
    assert not list(differences(numbers, Counter()))


@settings(deadline=None)
@given(
    st.text("+0123456789 -./()\xa0", min_size=1, max_size=30) | st.text(max_size=30),
    st.sampled_from(["SK", "US", "AR", "BR", "IT", "JE", "MX", "KR", "RU", "CI", "DE"]),
)
def test_any_text(text: str, home: str) -> None:
    ours = PLANS[home].normalise(text)
    if ours.kind != "withheld":
        assert agrees(expected(Written(text, home, "any")), ours)
    else:
        assert not text.strip() or text.strip().casefold() in PLANS[home].withheld


@pytest.mark.parametrize(
    "text",
    [
        *("tel:+421-2-5550-1000", "+421255501000;ext=12", "+421255501000;isub=1", "255501000;phone-context=+421"),
        *("02 5550 1000 x12", "02 5550 1000#12", "٠٢٥٥٥٠١٠٠٠", "＋４２１２５５５０１０００", "1 202 JKL-0100"),
        *("+44 (0) 20 7946 0123", "+011 44 20 7946 0123", "++421255501000", "(+421) 2/5550 1000", "-+421255501000"),
    ],
)
@pytest.mark.parametrize("home", ["SK", "US", "AR", "IT", "RU", "FI"])
def test_unusual_ways_of_writing(text: str, home: str) -> None:
    assert agrees(expected(Written(text, home, "unusual")), PLANS[home].normalise(text))


def test_a_valid_number_is_believed_however_it_is_written() -> None:
    assert truth.read("02/5550 1000", "SK") == ("+421255501000", "SK", 421)
    assert truth.read("020 7946 0123", "GB") == ("+442079460123", "GB", 44)
    assert truth.read("2025550100", "US") == ("+12025550100", "US", 1)


def test_a_number_that_is_not_valid_is_believed_only_in_full() -> None:
    assert truth.read("+42125550100", "CZ") == ("+42125550100", "SK", 421)
    assert truth.read("0042125550100", "SK") == ("+42125550100", "SK", 421)
    assert truth.read("42125550100", "SK") is None
    assert truth.read("025550100", "SK") is None
    assert truth.read("+15555550100", "SK") == ("+15555550100", "", 1), "no country claims it"


@pytest.mark.parametrize(("digits", "believed"), [(6, False), (7, True), (15, True), (16, False)])
def test_a_number_in_full_has_the_length_of_a_public_one(digits: int, believed: bool) -> None:
    assert (truth.read("+421" + "1" * (digits - 3), "SK") is not None) is believed


def test_without_a_country_only_numbers_with_a_plus_are_read() -> None:
    assert truth.read("+421255501000", "") == ("+421255501000", "SK", 421)
    assert truth.read("00421255501000", "") is None


def test_what_is_remembered_is_bounded() -> None:
    assert truth.read.cache_info().maxsize == 4096
    truth.load()


def test_text_without_a_digit_is_no_number_and_does_not_load_the_library() -> None:
    program = (
        "import sys\n"
        "from asterisk_router.numbering.plan import NumberingPlan\n"
        "kinds = [NumberingPlan(country='SK').normalise(text).kind for text in ('s', '+', 'h')]\n"
        "print(kinds, 'phonenumbers' in sys.modules)\n"
    )
    said = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert said == "['malformed', 'malformed', 'malformed'] False\n"
