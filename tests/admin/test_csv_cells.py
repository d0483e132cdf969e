"""What callers sent is text in a spreadsheet."""

from __future__ import annotations

import pytest

from asterisk_router.admin.csv_cells import cell


@pytest.mark.parametrize("formula", ["=1+1", "@SUM(A1)", "+1+1", "-1+cmd", "=", "+", "-", "+421 2 5550"])
def test_a_formula_is_text(formula: str) -> None:
    assert cell(formula) == f"'{formula}"


@pytest.mark.parametrize("value", ["+421255501001", "+4212555****", -5, -0.25, "", "Anna", "a=b", 3])
def test_numbers_and_names_are_as_they_are(value: object) -> None:
    assert cell(value) == str(value)


def test_nothing_commands_a_terminal_or_turns_the_writing_round() -> None:
    assert cell("\t=1\r\x1b[2J\u202eAnna") == "\ufffd=1\ufffd\ufffd[2J\ufffdAnna"
