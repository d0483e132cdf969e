"""Agents by shift: weekly hours and how many are there, laid out over the days of a log."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from ..policy.schedules import zone
from .queue_simulation import Shifts


class WeeklyShift(NamedTuple):
    """Agents who are there at the same hours of every week."""

    hours: tuple[tuple[int, int], ...]
    """When, in minutes of the week from Monday midnight, on the clock on the wall."""
    agents: int
    """How many."""


def laid_out(shifts: Iterable[WeeklyShift], timezone: str, since_s: float, until_s: float) -> Shifts:
    """The agents from one moment to another, both in seconds since 1970; shifts at the same time add up."""
    place = zone(timezone)
    began = datetime.fromtimestamp(since_s, place)
    monday = datetime(began.year, began.month, began.day) - timedelta(days=began.weekday() + 7)
    steps: dict[float, int] = {}
    kept = list(shifts)
    while monday.replace(tzinfo=place).timestamp() < until_s:
        for hours, agents in kept:
            for span in hours:
                for minute, change in zip(span, (agents, -agents), strict=True):
                    at_s = (monday + timedelta(minutes=minute)).replace(tzinfo=place).timestamp()
                    steps[at_s] = steps.get(at_s, 0) + change
        monday += timedelta(days=7)
    changes_s, counts, now = array("d"), array("i"), 0
    for at_s in sorted(steps):
        now += steps[at_s]
        changes_s.append(at_s)
        counts.append(now)
    return Shifts(changes_s, counts)
