"""What callers would wait: what is asked, and what is refused."""

from __future__ import annotations

from math import inf
from pathlib import Path

import pytest

from asterisk_router.admin.past.simulations import (
    SHOWN,
    ClassAsked,
    asked,
    by_class,
    calls_by_class,
    changes,
    estimates,
    simulated,
)
from asterisk_router.errors import RouterError
from asterisk_router.policy.load import load
from asterisk_router.policy.policy import Policy

HOUSE = """
[policy]
name = "house"
[classes]
vip = { branch = "sales", queue = "sales", head_start = "90s", promised_wait = "10s" }
default = { branch = "sales", queue = "sales" }
support = { branch = "sales", queue = "support" }
[[classify]]
name = "everybody"
class = "default"
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """A policy of two classes in one queue, and one in another."""
    return written(tmp_path_factory.mktemp("policy"), HOUSE)


def written(folder: Path, text: str) -> Policy:
    (folder / "house.toml").write_text(text)
    return load(str(folder / "house.toml"))


ASKED = [ClassAsked("vip", 40, 180, 200), ClassAsked("default", 120, 180, 200)]


def test_a_head_start_is_the_policys(house: Policy) -> None:
    shown = estimates(house, ASKED, simulated(house, ASKED, 8, 1, 4))
    assert [each[:3] for each in shown] == [("vip", 90, 10), ("default", 0, 20)]
    vip, others = (each.figures for each in shown)
    assert list(vip) == list(SHOWN)
    assert vip["mean_wait_s"].high < others["mean_wait_s"].low
    assert vip["abandonment"].high < others["abandonment"].low


def test_another_policy_meets_the_same_calls(house: Policy, tmp_path: Path) -> None:
    without = written(tmp_path, HOUSE.replace('head_start = "90s", ', ""))
    before, after = (simulated(policy, ASKED, 8, 1, 4) for policy in (house, without))
    assert all(each.figures["mean_wait_s"] == (0, 0) for each in changes(house, ASKED, before, before))
    vip, others = (each.figures for each in changes(without, ASKED, before, after))
    assert others["mean_wait_s"].high < 0 < vip["mean_wait_s"].low
    alone = estimates(house, ASKED, before)[0].figures["mean_wait_s"].half_width
    assert vip["share_that_waits"].half_width < alone


@pytest.mark.parametrize(
    ("callers", "agents", "said"),
    [
        ([ClassAsked("vip", 40, 180), ClassAsked("default", 120, 180)], 8, "8 agents cannot answer .*--agents 9"),
        ([ClassAsked("vipp", 40, 180)], 8, "no class 'vipp' .*'vip'"),
        ([ClassAsked("vip", 40, 180), ClassAsked("support", 40, 180)], 8, "several queues: sales, support"),
        ([ClassAsked("vip", 0.1, 180), ClassAsked("default", 120, 180)], 8, "less than one is of vip"),
    ],
)
def test_what_cannot_be_simulated_is_refused(house: Policy, callers: list[ClassAsked], agents: int, said: str) -> None:
    with pytest.raises(RouterError) as refused:
        simulated(house, callers, agents, 1, 2)
    assert refused.match(said)


def test_a_command_line_describes_the_callers() -> None:
    callers = asked(["vip=20", "default=100"], ["3m", "vip=5m"], ["vip=2m"])
    assert callers == [("vip", 20, 300, 120), ("default", 100, 180, inf)]


def test_spans_are_of_all_classes_or_of_one() -> None:
    assert by_class("--handling", ["3m", "vip=90s"], ["vip", "default"]) == [90, 180]
    assert by_class("--patience", ["vip=90s"], ["vip", "default"], inf) == [90, inf]


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        (["vip=3"], "'3' is no duration"),
        (["0s"], "'0s' is no duration"),
        (["vlp=3m"], "no --calls of a class 'vlp'.*'vip'"),
        (["vip=3m"], "says nothing of default"),
    ],
)
def test_a_span_that_says_nothing_is_refused(spans: list[str], said: str) -> None:
    with pytest.raises(RouterError) as refused:
        by_class("--handling", spans, ["vip", "default"])
    assert refused.match(said)


@pytest.mark.parametrize(
    "calls", [["vip"], ["vip=0"], ["vip=-1"], ["vip=many"], ["=3"], ["vip=nan"], ["vip=1", "vip=2"]]
)
def test_calls_that_say_nothing_are_refused(calls: list[str]) -> None:
    assert calls_by_class(["vip=20", "default=1.5"]) == {"vip": 20, "default": 1.5}
    with pytest.raises(RouterError, match="cannot be used"):
        calls_by_class(calls)
