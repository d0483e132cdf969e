"""A plan from a log, and the real log of a bank where it is at hand."""

from __future__ import annotations

import io
import json
from math import inf
from pathlib import Path

import pytest

from asterisk_router.admin.staffing import ASSUMED, as_plain, clock_of, plan_staffing, rows_of
from asterisk_router.admin.staffing_csv import Columns
from asterisk_router.errors import RouterError
from asterisk_router.replay.erlang import Goal

COLUMNS = Columns("start", "talk", waited="wait", outcome="end")
JANUARY = Path(__file__).parents[3] / "shared" / "data" / "anonymous-bank-january-1999.tsv"
BANK = Columns("vru_exit", "ser_time", "date", "q_time", "outcome", ("AGENT",), ("PHANTOM",))


def log_of_weeks(weeks: int = 4) -> str:
    """Mondays, 10 to 11 h: 50 calls a quarter hour of 3 minutes; one in ten gives up after half a minute."""
    lines = ["start,talk,wait,end"]
    for week in range(weeks):
        for call in range(200):
            talked = "0,30,ABANDON" if call % 10 == 0 else "180,10,ANSWERED"
            lines.append(f"2026-11-{2 + 7 * week:02} 10:{call * 60 // 200:02}:00,{talked}")
    return "\n".join([*lines, "not a call", ""])


def test_a_log_becomes_a_plan() -> None:
    plan = plan_staffing(io.StringIO(log_of_weeks()), COLUMNS, Goal())
    assert (plan.first_day, plan.last_day) == ("2026-11-02", "2026-11-23")
    assert (plan.answered, plan.abandoned, plan.rejected, plan.error) == (720, 80, 1, pytest.approx((0, 0)))
    assert plan.patience_s == pytest.approx((720 * 10 + 80 * 30) / 80)
    busy = [need for need in plan.needs if need.expected.calls]
    assert [clock_of(need.expected.quarter) for need in busy] == ["10:00", "10:15", "10:30", "10:45"]
    assert all(need.expected.weekday == 0 and need.agents_c == 14 and need.agents_a < 14 for need in busy)
    assert plan.agent_hours[0] == 14


def test_a_patience_that_is_given_stands_before_the_measured_one() -> None:
    plan = plan_staffing(io.StringIO(log_of_weeks()), COLUMNS, Goal(), patience_s=1e9)
    assert plan.patience_s == 1e9 and plan.agent_hours[1] == plan.agent_hours[0]


def test_plain_rows_have_no_infinity() -> None:
    plan = plan_staffing(io.StringIO(log_of_weeks().replace("ABANDON", "ANSWERED")), COLUMNS, Goal(share=0.5))
    assert plan.patience_s == inf
    plain = json.loads(json.dumps(as_plain(plan), allow_nan=False))
    assert plain["patience_s"] is None and plain["goal"]["mean_wait_s"] is None
    assert plain["assumed"] == list(ASSUMED) and len(plain["needs"]) == 672
    rows = list(rows_of(plan.needs))
    assert rows[40] == plain["needs"][40] and rows[40]["from"] == "10:00" and rows[40]["weekday"] == "mon"
    assert rows[40]["agents_a"] == rows[40]["agents_c"]


def test_a_file_of_no_call_is_refused() -> None:
    with pytest.raises(RouterError, match="not one call in the file: 1 lines are none"):
        plan_staffing(io.StringIO("start,talk,wait,end\nx,1,1,y\n"), COLUMNS, Goal())
    with pytest.raises(RouterError, match="1 calls are left out"):
        text = "start,talk,wait,end\n2026-11-23 10:00,1,1,GHOST\n"
        plan_staffing(io.StringIO(text), COLUMNS._replace(ignored=("GHOST",)), Goal())


@pytest.mark.skipif(not JANUARY.exists(), reason="the log of the bank is not beside the repository")
def test_the_log_of_a_bank_runs_through() -> None:
    with open(JANUARY, encoding="utf-8", newline="") as file:
        plan = plan_staffing(file, BANK, Goal())
    counted = plan.answered + plan.abandoned + plan.at_once + plan.left_out
    assert (counted, plan.left_out, plan.rejected) == (31_599, 240, 0)
    assert (plan.first_day, plan.last_day) == ("1999-01-01", "1999-01-31")
    assert 300 < plan.patience_s < 450
    assert plan.error is not None and plan.error[0] < 0.4
    closed = [need for need in plan.needs if need.expected.weekday == 5 and need.expected.quarter < 70]
    assert not any(need.agents_c for need in closed)  # Saturday before the evening
    workday = [need.agents_c for need in plan.needs if need.expected.weekday == 6 and 36 <= need.expected.quarter < 64]
    assert min(workday) >= 5 and max(workday) <= 13  # the centre had about eight agents for these calls, and five more
