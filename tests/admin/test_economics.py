"""Classes of a log added up, and the priority rule of a real centre where its log is at hand."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from asterisk_router.admin.economics import as_plain, economics_of, row_of
from asterisk_router.admin.staffing_csv import Columns
from asterisk_router.errors import RouterError

COLUMNS = Columns("start", "talk", waited="wait", outcome="end", caller_class="class", value="brings")
JANUARY = Path(__file__).parents[3] / "shared" / "data" / "anonymous-bank-january-1999.tsv"
LOG = """start;talk;wait;end;class;brings
2026-11-23 10:00:10;180;150;ANSWERED;new;10,50
2026-11-23 10:00:20;180;200;ANSWERED;new;
2026-11-23 10:00:30;180;70;ANSWERED;vip;100
2026-11-23 10:00:40;0;20;ABANDON;;40
2026-11-23 10:00:50;180;10;ANSWERED;vip;a lot
"""


def test_each_class_has_its_row() -> None:
    report = economics_of(io.StringIO(LOG), COLUMNS, agent_hour=20, wrap_up_s=60)
    unnamed, new, vip = as_plain(report)["classes"]
    assert (vip["class"], vip["value_served"], vip["cost"], vip["jumps"]) == ("vip", 100, 1.33, 1)
    assert (vip["gained_s"], vip["paid_for_a_jump_s"], vip["net_s"]) == (120, 120.0, 120)
    assert (new["calls"], new["overtaken"], new["paid_s"], new["net_s"]) == (2, 2, 120, -120)
    assert (new["value_per_call"], new["cost_per_call"], new["mean_wait_s"]) == (5.25, 1.33, 175.0)
    assert (unnamed["class"], unnamed["lost"], unnamed["value_lost"], unnamed["cost"]) == ("-", 1, 40, 0)
    assert [line.reason for line in report.first_rejections] == ["no amount: 'a lot'"] and report.rejected == 1
    assert row_of(report.classes[1], 0.0)["cost_per_call"] == 0


@pytest.mark.parametrize("written", ["inf", "nan", "1.000,50"])
def test_an_amount_that_is_none_is_a_bad_line(written: str) -> None:
    report = economics_of(io.StringIO(LOG.replace("10,50", written)), COLUMNS)
    assert report.rejected == 2 and report.first_rejections[0].line == 2


def test_a_file_of_no_call_is_refused() -> None:
    with pytest.raises(RouterError, match="1 lines are none"):
        economics_of(io.StringIO("start,talk,wait,end,class,brings\nx,1,1,y,z,1\n"), COLUMNS)


@pytest.mark.skipif(not JANUARY.exists(), reason="the log of the bank is not beside the repository")
def test_priority_customers_of_a_bank_were_paid_for_by_the_others() -> None:
    columns = Columns(
        "vru_exit", "ser_time", "date", "q_time", "outcome", ("AGENT",), ("PHANTOM",), caller_class="priority",
        only=(("type", ("PS", "NW", "NE", "TT", "PE")),),
    )  # fmt: skip
    with open(JANUARY, encoding="utf-8", newline="") as file:
        unnamed, regular, priority = economics_of(file, columns).classes
    assert priority.gained_s > 1.5 * priority.paid_s
    assert regular.gained_s < regular.paid_s and unnamed.gained_s < unnamed.paid_s
    gained, paid = (sum(getattr(one, name) for one in (unnamed, regular, priority)) for name in ("gained_s", "paid_s"))
    assert gained == pytest.approx(paid)
