"""When and how often people are called back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy.written_policy import AT_S, assert_refused, policy_of

NIGHT_S = AT_S + 12 * 3600


def test_without_a_word_people_call_back_whenever_they_like(tmp_path: Path) -> None:
    rules = policy_of(tmp_path, "").call_back_rules
    assert (rules.attempts, rules.pause_s, rules.expire_s, rules.dial) == (3, 900, 3 * 86400, False)
    assert rules.is_open(AT_S) and rules.is_open(NIGHT_S)


def test_calling_hours_are_those_of_the_schedule(tmp_path: Path) -> None:
    text = '[call_backs]\nopen = "office"\nattempts = 5\npause = "1h"\nexpire = "2d"\ndial = true\n'
    rules = policy_of(tmp_path, text).call_back_rules
    assert (rules.attempts, rules.pause_s, rules.expire_s, rules.dial) == (5, 3600, 2 * 86400, True)
    assert rules.is_open(AT_S) and not rules.is_open(NIGHT_S)


@pytest.mark.parametrize(
    ("marked", "problem", "remedy"),
    [
        ('[call_backs]\nopen = "¦ofice"\n', "'ofice' is not defined in [schedules]", "'office'"),
        ("[call_backs]\ndial = ¦true\n", "calling hours are not said", "open ="),
        ("[call_backs]\nattempts = ¦0\n", "none would ever be made", "at least 1"),
        ('[call_backs]\npause = "2h"\nexpire = "¦1h"\n', "no room for a pause", "longer expire"),
        ("[call_backs]\n¦atempts = 1\n", "unknown key", "'attempts'"),
    ],
)
def test_what_is_refused(tmp_path: Path, marked: str, problem: str, remedy: str) -> None:
    assert_refused(tmp_path, marked, problem, remedy)
