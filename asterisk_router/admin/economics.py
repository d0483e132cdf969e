"""What calls were worth and cost, by class, from a log of past calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import RouterError
from ..replay.economics import by_class
from .staffing_csv import StaffedCalls

if TYPE_CHECKING:
    from typing import TextIO

    from ..replay.economics import ClassEconomics
    from .staffing_csv import Columns, RejectedLine


class EconomicsReport(NamedTuple):
    """The classes, and what became of the lines."""

    classes: list[ClassEconomics]
    """Each class, by name."""
    agent_hour: float
    """What an hour of an agent costs; 0 when nobody says."""
    left_out: int
    """Calls the command line left out."""
    rejected: int
    """Lines that are no call."""
    first_rejections: list[RejectedLine]
    """The first of them."""


def economics_of(file: TextIO, columns: Columns, *, agent_hour: float = 0.0, wrap_up_s: float = 0.0) -> EconomicsReport:
    """Read a log of calls and add up its classes.

    Raises RouterError for a column the file has not, and for a file without one call that can be read.
    """
    log = StaffedCalls(file, columns, wrap_up_s)
    classes = by_class(log.valued())
    if not classes:
        raise RouterError(f"not one call in the file: {log.rejected} lines are none, {log.left_out} calls are left out")
    return EconomicsReport(classes, agent_hour, log.left_out, log.rejected, log.first_rejections)


def row_of(one: ClassEconomics, agent_hour: float) -> dict[str, Any]:
    """A class as a plain row: sums, and what they are for each call; cost is that of the time agents had with calls."""
    cost = one.handling_s / 3600 * agent_hour
    answered = max(one.answered, 1)
    return {
        "class": one.caller_class,
        "calls": one.calls,
        "answered": one.answered,
        "lost": one.calls - one.answered,
        "mean_wait_s": round(one.waited_s / one.calls, 1),
        "handling_s": round(one.handling_s / answered, 1),
        "value_served": round(one.value_served, 2),
        "value_lost": round(one.value_lost, 2),
        "value_per_call": round(one.value_served / answered, 2),
        "cost": round(cost, 2),
        "cost_per_call": round(cost / answered, 2),
        "jumps": one.jumps,
        "gained_s": round(one.gained_s),
        "paid_for_a_jump_s": round(one.gained_s / max(one.jumps, 1), 1),
        "overtaken": one.overtaken,
        "paid_s": round(one.paid_s),
        "net_s": round(one.gained_s - one.paid_s),
    }


def as_plain(report: EconomicsReport) -> dict[str, Any]:
    """The whole report, for JSON."""
    return {
        "classes": [row_of(one, report.agent_hour) for one in report.classes],
        "agent_hour": report.agent_hour,
        "left_out": report.left_out,
        "rejected": report.rejected,
        "first_rejections": [line._asdict() for line in report.first_rejections],
    }
