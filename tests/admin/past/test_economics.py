"""Classes of a log added up, and the priority rule of a real centre where its log is at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.admin.past.economics import as_plain, economics_of, row_of
from asterisk_router.errors import RouterError
from asterisk_router.policy.load import load
from tests.admin.past_logs import JANUARY, january, opened
from tests.admin.past_logs import MAP as OF_CALLS

MAP = OF_CALLS.replace("[file]", '[file]\ndelimiter = ";"').replace(
    "[columns]", '[columns]\ncaller_class = "class"\nbrings = "brings"'
)
LOG = """start;talk;wait;end;class;brings
2026-11-23 10:00:10;180;150;ANSWERED;new;10,50
2026-11-23 10:00:20;180;200;ANSWERED;new;
2026-11-23 10:00:30;180;70;ANSWERED;vip;100
2026-11-23 10:00:40;0;20;ABANDON;;40
2026-11-23 10:00:50;180;10;ANSWERED;vip;a lot
"""


def test_each_class_has_its_row(tmp_path: Path) -> None:
    report = economics_of(opened(tmp_path, LOG, MAP), agent_hour=20, wrap_up_s=60)
    unnamed, new, vip = as_plain(report)["classes"]
    assert (vip["class"], vip["value_served"], vip["cost"], vip["jumps"]) == ("vip", 100, 1.33, 1)
    assert (vip["gained_s"], vip["paid_for_a_jump_s"], vip["net_s"]) == (120, 120.0, 120)
    assert (new["calls"], new["overtaken"], new["paid_s"], new["net_s"]) == (2, 2, 120, -120)
    assert (new["value_per_call"], new["cost_per_call"], new["mean_wait_s"]) == (5.25, 1.33, 175.0)
    assert (unnamed["class"], unnamed["lost"], unnamed["value_lost"], unnamed["cost"]) == ("-", 1, 40, 0)
    assert [line.reason for line in report.first_dirty] == ["no amount: 'a lot'"] and report.dirty == 1
    assert row_of(report.classes[1], 0.0)["cost_per_call"] == 0


@pytest.mark.parametrize("written", ["inf", "nan", "1.000,50"])
def test_an_amount_that_is_none_makes_a_line_dirty(tmp_path: Path, written: str) -> None:
    report = economics_of(opened(tmp_path, LOG.replace("10,50", written), MAP))
    assert report.dirty == 2 and report.first_dirty[0].line == 2


def test_a_log_of_no_call_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RouterError, match="1 lines cannot be read"):
        economics_of(opened(tmp_path, "start;talk;wait;end;class;brings\nx;1;1;y;z;1\n", MAP))


def test_a_log_that_tells_no_class_needs_a_policy(tmp_path: Path) -> None:
    log = opened(tmp_path, LOG, MAP.replace('caller_class = "class"\n', ""))
    with pytest.raises(RouterError, match="economics without --policy needs caller_class"):
        economics_of(log)
    (all_of_them,) = economics_of(log, policy=load("clinic")).classes
    assert (all_of_them.calls, all_of_them.answered) == (4, 3)


@pytest.mark.skipif(not JANUARY.exists(), reason="the log of the bank is not beside the repository")
def test_priority_customers_of_a_bank_were_paid_for_by_the_others() -> None:
    priority, regular = economics_of(january("regular")).classes
    assert priority.gained_s > 1.5 * priority.paid_s
    assert regular.gained_s < regular.paid_s
    gained, paid = (sum(getattr(one, name) for one in (regular, priority)) for name in ("gained_s", "paid_s"))
    assert gained == pytest.approx(paid)
