"""The one form of a number, and how it is shown where people read logs."""

from __future__ import annotations

from asterisk_router.numbering.number import masked


def test_a_number_in_the_log_is_masked() -> None:
    assert masked("+42125550100") == "+4212555****"
    assert masked("") == "a withheld number"
    assert masked("100") == "****"
