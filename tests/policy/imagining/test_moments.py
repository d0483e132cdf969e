"""Moments at which something may change, the nearest first."""

from __future__ import annotations

from datetime import datetime, timezone
from itertools import islice
from pathlib import Path

from asterisk_router.policy.imagining.moments import moments
from tests.policy.written_policy import AT_S, policy_of

FEASTS = """\
[holidays.feasts]
dates = ["2026-12-24", "02-29"]
[schedules.abroad]
open = ["mon-fri 09:30-17:00"]
timezone = "Asia/Kolkata"
holidays = "feasts"
"""


def written(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, timezone.utc).strftime("%m-%d %H:%M")


def test_edges_of_schedules_in_their_own_zones_and_the_minutes_asked_about(tmp_path: Path) -> None:
    house = policy_of(tmp_path, FEASTS).house
    nearest = [written(at_s) for at_s in islice(moments(AT_S, house, [600]), 5)]
    assert nearest == ["03-02 08:00", "03-02 10:00", "03-02 07:59", "03-02 11:29", "03-02 11:30"]
    assert list(moments(AT_S, house, [])) == sorted(moments(AT_S, house, []), key=lambda at_s: abs(at_s - AT_S))


def test_a_week_around_and_the_days_that_are_listed(tmp_path: Path) -> None:
    days = {written(at_s)[:5] for at_s in moments(AT_S, policy_of(tmp_path, FEASTS).house, [])}
    assert {"02-23", "03-09", "12-24"} <= days and "03-12" not in days
