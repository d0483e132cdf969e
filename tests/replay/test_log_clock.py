"""Moments of a log, read as the clock on the wall showed them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from asterisk_router.replay.log_clock import EPOCH, MOST_HOURS, LogClock

FORM = "%Y-%m-%d %H:%M:%S"


@pytest.mark.parametrize("zone", ["Europe/Bratislava", "Australia/Lord_Howe", "America/St_Johns", "UTC"])
@pytest.mark.parametrize("day", ["2006-04-01", "2006-10-28", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24"])
def test_every_half_hour_around_a_change_of_clocks_is_read_as_the_zone_has_it(zone: str, day: str) -> None:
    clock = LogClock(FORM, zone)
    for step in range(96):
        local = datetime.fromisoformat(day) + timedelta(minutes=30 * step, seconds=7)
        assert clock.at_s(local.strftime(FORM)) == int(local.replace(tzinfo=ZoneInfo(zone)).timestamp())


def test_the_hour_of_a_moment_is_that_of_the_wall() -> None:
    clock = LogClock(FORM, "Europe/Bratislava")
    assert clock.hour(clock.at_s("2026-07-01 09:59:59")) == 9
    for at_s in range(clock.at_s("2026-03-28 23:00:00"), clock.at_s("2026-03-29 05:00:00"), 450):
        assert clock.hour(at_s) == datetime.fromtimestamp(at_s, ZoneInfo("Europe/Bratislava")).hour


@pytest.mark.parametrize(
    "text",
    ["", "2026-01-01", "2026-01-01 9:61:00", "2026-01-01 09:00:6x", "2026-13-01 09:00:00", "2026-01-01 24:00:00"],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        LogClock(FORM, "UTC").at_s(text)


def test_other_formats_and_seconds_since_1970() -> None:
    assert LogClock("%d.%m.%Y %H:%M", "UTC").at_s("02.01.1970 00:01") == 86460
    assert LogClock(EPOCH, "UTC").at_s("1767247200.25") == 1767247200
    with pytest.raises(ValueError):
        LogClock(EPOCH, "UTC").at_s("soon")


def test_more_hours_than_are_remembered_are_read_all_the_same() -> None:
    clock = LogClock(FORM, "UTC")
    hours = [datetime(2020, 1, 1) + timedelta(hours=hour) for hour in range(MOST_HOURS + 2)]
    assert [clock.at_s(hour.strftime(FORM)) for hour in hours] == [1577836800 + 3600 * n for n in range(len(hours))]
