"""Agents for the coming week from a log of past calls: read, forecast, plan."""

from __future__ import annotations

from datetime import date
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from ...replay.arrivals import forecast, gather, staffed, weekly_error
from ...replay.staffing import agent_hours, needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...replay.erlang import Goal
    from ...replay.row_reader import Dirty
    from ...replay.staffing import Need
    from .log_reader import PastLog

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""As they stand over columns."""

ASSUMED = (
    "The coming week is like those in the log, later ones more so: a day of two weeks before counts half; holidays, "
    "days the log lacks and bursts of a single day are left out.",
    "Calls come at random and one by one within a quarter hour, handling times and patience are spread like "
    "exponential ones, callers are answered in their order, every agent can take every call.",
    "Each quarter hour is taken by itself; who gives up and calls again counts as two callers.",
    "An agent is one who takes calls in that quarter hour: breaks, training and illness come on top.",
)
"""What stands under every plan; what is meant by each is in docs/staffing.md."""


class StaffingPlan(NamedTuple):
    """What the log says, and what the coming week takes."""

    first_day: str
    """First day of the log that has calls, `2026-11-02`."""
    last_day: str
    """The last one."""
    answered: int
    """Calls that were answered."""
    abandoned: int
    """Calls whose caller gave up waiting."""
    at_once: int
    """Callers who hung up before they waited: counted nowhere else."""
    skipped: dict[str, int]
    """Lines and calls that are left out, by why."""
    dirty: int
    """Lines that cannot be read."""
    first_dirty: list[Dirty]
    """The first of them."""
    patience_s: float
    """Mean patience: measured, or as given; infinite where nobody gave up."""
    goal: Goal
    """What callers are promised."""
    error: tuple[float, float] | None
    """How far the last week was from its forecast, by day and by quarter hour; None for a log of less than three."""
    needs: list[Need]
    """The week, Monday first, quarter hour by quarter hour."""

    @property
    def agent_hours(self) -> tuple[float, float]:
        """Hours of work the week takes, by Erlang C and by Erlang A."""
        return agent_hours(self.needs)


def plan_staffing(
    log: PastLog, goal: Goal, *, patience_s: float = 0.0, wrap_up_s: float = 0.0, weeks: int = 8
) -> StaffingPlan:
    """Read a log of calls and plan the coming week; with a `patience_s` that is taken instead of the measured one.

    Raises ColumnMapError for a log that does not tell how long agents talked, RouterError for one without a call and
    for a promise nobody can keep.
    """
    log.needs("talk_s", for_what="staffing")
    past = gather(staffed(call, log.clock, wrap_up_s) for call in log)
    if not past.by_day:
        raise log.no_call()
    patience_s = patience_s or past.patience_s
    week = needs(forecast(past, weeks), goal, patience_s)
    first_day, last_day = (date.fromordinal(day).isoformat() for day in (min(past.by_day), max(past.by_day)))
    return StaffingPlan(
        first_day, last_day, past.answered, past.abandoned, past.at_once, dict(log.skipped), log.dirty,
        log.first_dirty, patience_s, goal, weekly_error(past, weeks), week,
    )  # fmt: skip


def rows_of(week: list[Need]) -> Iterator[dict[str, Any]]:
    """The week as plain rows, for CSV and JSON; waits in seconds, shares of 1, None for what has no end."""
    for need in week:
        weekday, quarter, calls, handling_s = need.expected
        fares = need.service
        yield {
            "weekday": WEEKDAYS[weekday].lower(),
            "from": clock_of(quarter),
            "calls": round(calls, 2),
            "handling_s": round(handling_s, 1),
            "erlangs": round(need.erlangs, 3),
            "agents_c": need.agents_c,
            "agents_a": need.agents_a,
            "in_time": round(fares.in_time, 4),
            "mean_wait_s": _finite(fares.mean_wait_s),
            "patient_wait_s": _finite(fares.patient_wait_s),
            "abandons": round(fares.abandons, 4),
            "occupancy": round(fares.occupancy, 4),
        }


def as_plain(plan: StaffingPlan) -> dict[str, Any]:
    """The whole plan, for JSON."""
    plain = plan._asdict()
    plain["first_dirty"] = [line._asdict() for line in plan.first_dirty]
    plain["patience_s"] = _finite(plan.patience_s)
    plain["goal"] = {name: value if isfinite(value) else None for name, value in plan.goal._asdict().items()}
    plain["error"] = plan.error and {"by_day": round(plan.error[0], 4), "by_quarter": round(plan.error[1], 4)}
    plain["agent_hours"] = dict(zip(("erlang_c", "erlang_a"), plan.agent_hours, strict=True))
    plain["assumed"] = list(ASSUMED)
    plain["needs"] = list(rows_of(plan.needs))
    return plain


def clock_of(quarter: int) -> str:
    """When a quarter hour begins: `08:15`.

    >>> clock_of(33)
    '08:15'
    """
    return f"{quarter // 4:02}:{quarter % 4 * 15:02}"


def _finite(seconds: float) -> float | None:
    return round(seconds, 2) if seconds < inf else None
