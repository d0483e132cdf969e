# ruff: noqa: E501 - one broken policy a line is easier to read than four lines of each
"""A live line somebody imagined, for the tests of a policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.errors import PolicyError
from tests.policy.written_policy import AT_S, assert_refused, imagined, policy_of

TEST = '[[test]]\nname = "x"\nat = "2026-03-02 10:00"\nexpect = { class = "caller" }\n'


def test_it_answers_what_was_written_and_knows_nothing_else(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, "")
    line = imagined(policy, sales__free=0, sales__waiting=7, sales__longest_wait="2m", anna__free=True)
    assert line.free("400", AT_S) == 0, "by its name in Asterisk"
    assert (line.waiting("400", AT_S), line.longest_wait_s("400", AT_S)) == (7, 120)
    assert line.expected_wait_s("400", AT_S) is None
    assert (line.agent_free("PJSIP/anna", AT_S), line.agent_free("PJSIP/boris", AT_S)) == (True, None)
    assert line.free("care", AT_S) is None


@pytest.mark.parametrize("word", ["calm", "busy", "overloaded"])
def test_pressure_is_wanted_by_its_word(tmp_path: Path, word: str) -> None:
    policy = policy_of(tmp_path, "")
    assert policy.pressures(imagined(policy, sales__pressure=word), AT_S) == {"sales": word, "care": None}


def test_keys_may_be_quoted_or_dotted(tmp_path: Path) -> None:
    rules = '[[treat]]\nwhen = "queue(\'sales\').free == 0"\nbranch = "callback"\n'
    for load in ("{ 'sales.free' = 0 }", "{ sales.free = 0 }", "{ sales = { free = 0 } }"):
        policy_of(tmp_path, rules + TEST.replace('class = "caller"', 'branch = "callback"') + f"load = {load}\n")


def test_what_is_told_can_be_expected(tmp_path: Path) -> None:
    text = '[[treat]]\nname = "tell"\ntell_wait = true\nagent = "own"\nagent_wait = "20s"\n'
    test = TEST.replace("}", ', expected_wait = "95s", agent_wait = "20s", call_back = true }')
    load = 'load = { "sales.expected_wait" = "95s" }\nnumber = "+421255501001"\nown_agent = "anna"\n'
    policy_of(tmp_path, text + test + load)
    with pytest.raises(PolicyError, match="expected_wait is 1m35s, not 1m36s"):
        policy_of(tmp_path, text + test.replace("95s", "96s") + load)


@pytest.mark.parametrize(
    ("load", "problem", "remedy"),
    [
        ("¦5", "load must be a table", "'sales.free'"),
        ('{ "sales" = ¦5 }', "'sales' does not say what of it", "'sales.free'"),
        ('{ "sals.free" = ¦5 }', "'sals' is no queue and no agent", "'sales'"),
        ('{ "sales.fre" = ¦5 }', "a queue has no 'fre'", "'free'"),
        ('{ sales.free = "¦many" }', "sales.free: must be a whole number", "without quotes"),
        ('{ "sales.longest_wait" = ¦5 }', "must be a duration", '"5s"'),
        ('{ "sales.pressure" = "¦bussy" }', "'bussy' is no pressure", "'busy'"),
        ('{ "sales.pressure" = "¦busy", "sales.expected_wait" = "10s" }', "with an expected wait of 10s it is calm", ""),
        ('{ "anna.free" = ¦1 }', "must be true or false", ""),
        ('{ "anna.waiting" = ¦1 }', "'anna' is no queue", ""),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, load: str, problem: str, remedy: str) -> None:
    assert_refused(tmp_path, f"{TEST}load = {load}\n", problem, remedy)
