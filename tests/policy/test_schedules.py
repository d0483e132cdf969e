"""Weekly hours, in their own time zone, past midnight, on holidays and over the change of the clocks."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest

from asterisk_router.policy.schedules import Schedule, date_of, hours_of


def schedule(*hours: str, closed: tuple[str, ...] = (), timezone: str = "Europe/Bratislava") -> Schedule:
    spans = [span for text in hours for span in hours_of(text) or []]
    return Schedule("office", timezone, spans, frozenset(closed))


def is_open(of: Schedule, local: str) -> bool:
    return of.is_open(datetime.datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(of.timezone)).timestamp())


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-03-02 07:59:59", False),  # Monday
        ("2026-03-02 08:00:00", True),
        ("2026-03-06 17:59:59", True),  # Friday
        ("2026-03-06 18:00:00", False),
        ("2026-03-07 10:00:00", True),  # Saturday
        ("2026-03-08 10:00:00", False),  # Sunday
        ("2026-12-24 10:00:00", False),  # a Thursday, closed every year
        ("2026-04-03 10:00:00", False),  # Good Friday of that year
        ("2027-04-02 10:00:00", True),  # the day of a year later
        ("2026-03-30 08:00:00", True),  # the Monday after the clocks went forward
    ],
)
def test_office_hours(local: str, expected: bool) -> None:
    office = schedule("mon-fri 08:00-18:00", "sat 09:00-12:00", closed=("12-24", "2026-04-03"))
    assert is_open(office, local) is expected


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-03-06 23:00", True),  # Friday night
        ("2026-03-07 01:59", True),
        ("2026-03-07 02:00", False),
        ("2026-03-08 23:00", True),  # Sunday night runs into Monday
        ("2026-03-09 01:59", True),
        ("2026-03-09 02:00", False),
    ],
)
def test_hours_past_midnight(local: str, expected: bool) -> None:
    assert is_open(schedule("fri 22:00-02:00", "sun 22:00-02:00"), local) is expected


def test_days_may_run_over_the_end_of_the_week() -> None:
    shop = schedule("sat-mon 10:00-12:00")
    assert [is_open(shop, f"2026-03-0{day} 11:00") for day in range(2, 9)] == [True, *[False] * 4, True, True]


def test_always_is_always_but_for_closed_days() -> None:
    assert is_open(schedule("always"), "2026-03-08 03:00")
    assert not is_open(schedule("always", closed=("03-08",)), "2026-03-08 03:00")


@pytest.mark.parametrize(
    "text",
    ["mon", "mon 8-18", "mon 08:00", "mo-fr 08:00-18:00", "mon 08:00-25:00", "mon 08:00-08:00", "", "mon 24:30-08:00"],
)
def test_what_are_no_hours(text: str) -> None:
    assert hours_of(text) is None


@pytest.mark.parametrize("text", ["2026-02-29", "13-01", "1-1", "24.12.", "2026-12-24 ", ""])
def test_what_is_no_date(text: str) -> None:
    assert date_of(text) is None
    assert date_of("02-29") == "02-29"
