"""A country is its ISO 3166 code; whoever writes another word is told the right one."""

from __future__ import annotations

import pytest

from asterisk_router.errors import NumberingPlanError
from asterisk_router.numbering.country import country_code
from asterisk_router.numbering.number_table import number_table


@pytest.mark.parametrize(("written", "code"), [("SK", "SK"), (" gb ", "GB"), ("", ""), ("XK", "XK")])
def test_codes(written: str, code: str) -> None:
    assert country_code(number_table(), written) == code


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("UK", "GB (Britain (UK))"),
        ("Slovakia", "SK (Slovakia)"),
        ("Germny", "DE (Germany)"),
        ("SVK", "SK (Slovakia)"),
        ("421", "SK (Slovakia)"),
        ("+44", "GB (Britain (UK)) or GG (Guernsey)"),
        ("001", "US (United States)"),
        ("800", "ISO 3166"),
        ("XX", "ISO 3166"),
        ("\u0662", "ISO 3166"),
    ],
)
def test_another_word_is_refused_with_the_right_one(written: str, remedy: str) -> None:
    with pytest.raises(NumberingPlanError) as refused:
        country_code(number_table(), written)
    assert remedy in refused.value.remedy
