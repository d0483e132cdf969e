"""The agents of a week: enough for each quarter hour, by both formulas."""

from __future__ import annotations

from math import inf

import pytest

from asterisk_router.replay.arrivals import ExpectedQuarter
from asterisk_router.replay.erlang import Goal, Load, service
from asterisk_router.replay.staffing import agent_hours, needs

WEEK = [ExpectedQuarter(0, 36, 50.0, 180.0), ExpectedQuarter(0, 37, 0.0, 180.0), ExpectedQuarter(0, 38, 5.0, 240.0)]


def test_each_quarter_hour_has_the_agents_its_promise_takes() -> None:
    full, empty, calm = needs(WEEK, Goal(20, 0.8), 120.0)
    assert (full.erlangs, full.agents_c, empty.agents_c) == (pytest.approx(10), 14, 0)  # as CRAN's ErlangC has it
    assert 0 < full.agents_a < full.agents_c and 0 < calm.agents_a <= calm.agents_c
    for need in (full, empty, calm):
        load = Load(need.expected.calls / 900, need.expected.handling_s)
        assert need.service == service(need.agents_a, load, 20, 120.0)
        assert need.service.in_time >= 0.8


def test_without_a_patience_both_are_erlang_c() -> None:
    assert all(need.agents_a == need.agents_c and not need.service.abandons for need in needs(WEEK, Goal(), inf))


def test_agent_hours_are_quarters() -> None:
    week = needs(WEEK, Goal(), 120.0)
    assert agent_hours(iter(week)) == (
        sum(need.agents_c for need in week) / 4,
        sum(need.agents_a for need in week) / 4,
    )
