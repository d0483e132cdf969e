"""Other moments at which a call could ring, nearest first: those at which something a policy asks may change."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator

from ..facts.readers import House
from ..schedules import zone

MOST_DAYS = 7
"""How many days before and after are looked through; holidays and closed days within a year besides."""

_DAY_MINUTES = 1440


def moments(at_s: float, house: House, minutes: Iterable[int]) -> Iterator[float]:
    """Seconds since 1970 UTC, nearest first: edges of schedules, the minutes before them, and `minutes` of the day."""
    edges: dict[str, set[int]] = {house.timezone: {0, _DAY_MINUTES // 2, *(each % _DAY_MINUTES for each in minutes)}}
    for schedule in house.schedules.values():
        spans = {edge % _DAY_MINUTES for start, end in schedule.hours for edge in (start - 1, start, end - 1, end)}
        edges.setdefault(schedule.timezone, set()).update(spans)
    found: set[float] = set()
    for timezone, marks in edges.items():
        today = datetime.datetime.fromtimestamp(at_s, zone(timezone)).date()
        for day in _days(today, house):
            midnight = datetime.datetime.combine(day, datetime.time(), zone(timezone))
            found.update((midnight + datetime.timedelta(minutes=mark)).timestamp() for mark in marks)
    yield from sorted(found, key=lambda moment_s: (abs(moment_s - at_s), moment_s))


def _days(today: datetime.date, house: House) -> set[datetime.date]:
    days = {today + datetime.timedelta(days=ahead) for ahead in range(-MOST_DAYS, MOST_DAYS + 1)}
    listed = {date for dates in house.holidays.values() for date in dates}
    listed.update(date for schedule in house.schedules.values() for date in schedule.closed)
    for date in listed:
        years = [int(date[:-6])] if len(date) > 5 else [today.year, today.year + 1]
        for year in years:
            month, day = int(date[-5:-3]), int(date[-2:])
            if (month, day) != (2, 29) or year % 4 == 0:
                days.add(datetime.date(year, month, day))
    return {day for day in days if abs((day - today).days) <= 366}
