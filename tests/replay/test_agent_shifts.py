"""Shifts are laid out on the clock on the wall, also where clocks are put forward."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from zoneinfo import ZoneInfo

from asterisk_router.policy.schedules import hours_of
from asterisk_router.replay.agent_shifts import WeeklyShift, laid_out
from asterisk_router.replay.queue_simulation import Shifts

ZONE = "Europe/Bratislava"


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp()


def shift(hours: str, agents: int) -> WeeklyShift:
    return WeeklyShift(tuple(hours_of(hours) or ()), agents)


def there(shifts: Shifts, moment: str) -> int:
    place = bisect_right(shifts.changes_s, at(moment))
    return shifts.agents[place - 1] if place else 0


def test_shifts_add_up_and_nobody_is_there_between_them() -> None:
    found = laid_out(
        [shift("mon-fri 08:00-16:00", 5), shift("mon 10:00-14:00", 2), shift("fri 22:00-06:00", 1)], ZONE,
        at("2026-03-23T09:00:00"), at("2026-04-01T12:00:00"),
    )  # fmt: skip
    moments = {
        "2026-03-23T07:59:59": 0, "2026-03-23T08:00:00": 5, "2026-03-23T10:00:00": 7, "2026-03-23T14:00:00": 5,
        "2026-03-24T12:00:00": 5, "2026-03-27T23:00:00": 1, "2026-03-28T05:59:00": 1, "2026-03-28T12:00:00": 0,
        "2026-03-30T07:59:00": 0, "2026-03-30T08:00:00": 5, "2026-03-30T16:00:00": 0,
    }  # fmt: skip
    assert {moment: there(found, moment) for moment in moments} == moments


def test_a_shift_before_the_first_call_and_over_the_end_of_a_week_is_there() -> None:
    found = laid_out([shift("sun 22:00-06:00", 3)], ZONE, at("2026-03-23T02:00:00"), at("2026-03-23T03:00:00"))
    assert (there(found, "2026-03-23T02:00:00"), there(found, "2026-03-23T06:00:00")) == (3, 0)
    always = laid_out([shift("always", 2)], ZONE, at("2026-03-23T02:00:00"), at("2026-04-23T03:00:00"))
    assert {there(always, f"2026-{day}T00:00:00") for day in ("03-23", "03-30", "04-06", "04-23")} == {2}
