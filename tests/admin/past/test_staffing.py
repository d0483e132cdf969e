"""A plan from a log, and the real log of a bank where it is at hand."""

from __future__ import annotations

import json
from math import inf
from pathlib import Path

import pytest

from asterisk_router.admin.past.staffing import ASSUMED, as_plain, clock_of, plan_staffing, rows_of
from asterisk_router.errors import RouterError
from asterisk_router.replay.erlang import Goal
from tests.admin.past_logs import JANUARY, january, mondays, opened


def test_a_log_becomes_a_plan(tmp_path: Path) -> None:
    plan = plan_staffing(opened(tmp_path, mondays(4) + "not a call\n"), Goal())
    assert (plan.first_day, plan.last_day) == ("2026-11-02", "2026-11-23")
    assert (plan.answered, plan.abandoned, plan.dirty, plan.error) == (720, 80, 1, pytest.approx((0, 0)))
    assert plan.patience_s == pytest.approx((720 * 10 + 80 * 30) / 80)
    busy = [need for need in plan.needs if need.expected.calls]
    assert [clock_of(need.expected.quarter) for need in busy] == ["10:00", "10:15", "10:30", "10:45"]
    assert all(need.expected.weekday == 0 and need.agents_c == 14 and need.agents_a < 14 for need in busy)
    assert plan.agent_hours[0] == 14


def test_a_patience_that_is_given_stands_before_the_measured_one(tmp_path: Path) -> None:
    plan = plan_staffing(opened(tmp_path, mondays(4)), Goal(), patience_s=1e9)
    assert plan.patience_s == 1e9 and plan.agent_hours[1] == plan.agent_hours[0]


def test_plain_rows_have_no_infinity(tmp_path: Path) -> None:
    plan = plan_staffing(opened(tmp_path, mondays(4).replace("ABANDON", "ANSWERED")), Goal(share=0.5))
    assert plan.patience_s == inf
    plain = json.loads(json.dumps(as_plain(plan), allow_nan=False))
    assert plain["patience_s"] is None and plain["goal"]["mean_wait_s"] is None
    assert plain["assumed"] == list(ASSUMED) and len(plain["needs"]) == 672
    rows = list(rows_of(plan.needs))
    assert rows[40] == plain["needs"][40] and rows[40]["from"] == "10:00" and rows[40]["weekday"] == "mon"
    assert rows[40]["agents_a"] == rows[40]["agents_c"]


def test_a_log_of_no_call_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RouterError, match="line 2: not one call in the log: 1 lines cannot be read"):
        plan_staffing(opened(tmp_path, "start,talk,wait,end\nx,1,1,y\n"), Goal())
    with pytest.raises(RouterError, match="left out: 1 a virtual call"):
        plan_staffing(opened(tmp_path, "start,talk,wait,end\n2026-11-23 10:00:00,1,1,GHOST\n"), Goal())


@pytest.mark.skipif(not JANUARY.exists(), reason="the log of the bank is not beside the repository")
def test_the_log_of_a_bank_runs_through() -> None:
    plan = plan_staffing(january(), Goal())
    assert (plan.skipped, plan.dirty) == ({"a virtual call": 240}, 2)
    assert plan.answered + plan.abandoned + plan.at_once == 31_599 - 240 - 2
    assert (plan.first_day, plan.last_day) == ("1999-01-01", "1999-01-31")
    assert 300 < plan.patience_s < 450
    assert plan.error is not None and plan.error[0] < 0.4
    closed = [need for need in plan.needs if need.expected.weekday == 5 and need.expected.quarter < 70]
    assert not any(need.agents_c for need in closed)  # Saturday before the evening
    workday = [need.agents_c for need in plan.needs if need.expected.weekday == 6 and 36 <= need.expected.quarter < 64]
    assert min(workday) >= 5 and max(workday) <= 13  # the centre had about eight agents for these calls, and five more
