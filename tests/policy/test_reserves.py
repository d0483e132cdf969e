# ruff: noqa: E501 - one broken policy a line is easier to read than four lines of each
"""Agents who help out: pulled in and let go by rules that ask the line and the clock only."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.queues.live_line import LiveLine
from tests.policy.live_lines import FREE, IN_USE, line_of
from tests.policy.written_policy import AT_S, assert_refused, imagined, policy_of

NIGHT_S = AT_S + 12 * 3600


def reserve(more: str) -> str:
    return f'[[reserve]]\nname = "second-row"\nqueue = "sales"\nagents = ["anna", "boris"]\n{more}'


def test_a_reserve_names_agents_and_a_queue(tmp_path: Path) -> None:
    (second,) = policy_of(tmp_path, reserve("ask = true\n")).reserves
    assert (second.name, second.queue, second.ask) == ("second-row", "sales", True)
    assert [agent.desk for agent in second.agents] == ["PJSIP/anna", "PJSIP/boris"]
    assert second.where.startswith("policy.toml:")


def test_without_a_rule_people_pull_and_release(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, reserve(""))
    assert policy.reserves[0].wanted(imagined(policy, sales__free=0), AT_S) is None


def test_without_until_it_is_let_go_when_the_reason_is_gone(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, reserve("when = \"queue('sales').waiting > 5\"\n"))
    (second,) = policy.reserves
    assert second.wanted(imagined(policy, sales__waiting=6), AT_S) is True
    assert second.wanted(imagined(policy, sales__waiting=5), AT_S) is False
    assert second.wanted(imagined(policy), AT_S) is None
    assert second.wanted(LiveLine.UNKNOWN, AT_S) is None


def test_between_when_and_until_it_stays_as_it_is(tmp_path: Path) -> None:
    rules = "when = \"pressure('sales') == overloaded\"\nuntil = \"pressure('sales') == calm or not open('office')\"\n"
    policy = policy_of(tmp_path, reserve(rules))
    (second,) = policy.reserves
    wanted = {
        word: second.wanted(imagined(policy, sales__pressure=word), AT_S) for word in ("calm", "busy", "overloaded")
    }
    assert wanted == {"calm": False, "busy": None, "overloaded": True}
    assert second.wanted(imagined(policy, sales__pressure="busy"), NIGHT_S) is False
    assert second.wanted(imagined(policy, sales__pressure="overloaded"), NIGHT_S) is True, "what pulls goes first"
    assert second.wanted(LiveLine.UNKNOWN, NIGHT_S) is False, "the clock is known when the line is not"


def test_until_alone_lets_go_whom_people_pulled_in(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, reserve("until = \"not open('office')\"\n"))
    assert policy.reserves[0].wanted(LiveLine.UNKNOWN, AT_S) is None
    assert policy.reserves[0].wanted(LiveLine.UNKNOWN, NIGHT_S) is False


def test_it_follows_a_real_line_and_stays_when_that_is_lost(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, reserve("when = \"queue('sales').free == 0 and queue('sales').waiting > 1\"\n"))
    (second,) = policy.reserves
    line = line_of({"clara": IN_USE}, waiting=3)
    assert second.wanted(line, AT_S) is True
    assert second.wanted(line_of({"clara": FREE}), AT_S) is False
    assert second.wanted(line, AT_S + 6) is None
    line.lost()
    assert second.wanted(line, AT_S) is None


@pytest.mark.parametrize(
    ("marked", "problem", "remedy"),
    [
        ('[[¦reserve]]\nname = "x"\nqueue = "sales"\n', "'agents' is missing", ""),
        ('[[reserve]]\nname = "x"\nqueue = "¦sale"\nagents = ["anna"]\n', "'sale' is not defined in [queues]", "'sales'"),
        ('[[reserve]]\nname = "x"\nqueue = "sales"\nagents = ["anna", "¦bors"]\n', "'bors' is not defined", "'boris'"),
        ('[[reserve]]\nname = "x"\nqueue = "sales"\nagents = ¦[]\n', "nobody is named", '["anna"]'),
        (reserve('when = "¦value > 5"\n'), "value asks about a call", "live line"),
        (reserve('when = "¦line.kind == \'x\'"\n'), "asks about a call", "live line"),
        (reserve('when = "¦in_class(\'caller\')"\n'), "asks about a call", "live line"),
        (reserve('when = "¦agent(own).free"\n'), "agent(own).free asks about a caller", "live line"),
        (reserve('until = "¦under_bar(\'sales\')"\n'), "asks about a caller", "live line"),
        (reserve('until = "queue(¦\'sals\').free > 1"\n'), "unknown queue 'sals'", "'sales'"),
        (reserve("") + reserve("").replace('"second', '"¦second'), "two [[reserve]] are named", "policy.toml:"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, marked: str, problem: str, remedy: str) -> None:
    assert_refused(tmp_path, marked, problem, remedy)
