"""What calls were worth and cost, by class, from a log of past calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ...replay.arrivals import staffed
from ...replay.decided_calls import decided_calls
from ...replay.economics import ValuedCall, by_class

if TYPE_CHECKING:
    from ...policy.policy import Policy
    from ...replay.economics import ClassEconomics
    from ...replay.row_reader import Dirty
    from .log_reader import PastLog


class EconomicsReport(NamedTuple):
    """The classes, and what became of the lines."""

    classes: list[ClassEconomics]
    """Each class, by name."""
    agent_hour: float
    """What an hour of an agent costs; 0 when nobody says."""
    skipped: dict[str, int]
    """Lines and calls that are left out, by why."""
    dirty: int
    """Lines that cannot be read."""
    first_dirty: list[Dirty]
    """The first of them."""


def economics_of(
    log: PastLog, *, agent_hour: float = 0.0, wrap_up_s: float = 0.0, policy: Policy | None = None
) -> EconomicsReport:
    """Read a log of calls and add up its classes: those it tells, or those that a policy gives its callers.

    Raises ColumnMapError for a log that does not tell what is asked, RouterError for one without a call.
    """
    log.needs("talk_s", for_what="economics")
    if policy is None:
        log.needs("caller_class", for_what="economics without --policy")
        classes = by_class(
            ValuedCall(staffed(call, log.clock, wrap_up_s), call.caller_class or "-", call.brings) for call in log
        )
    else:
        classes = by_class(
            ValuedCall(staffed(call, log.clock, wrap_up_s), sides[0].caller_class or "-", call.brings)
            for call, sides in decided_calls(log, [policy], log.persons)
        )
    if not classes:
        raise log.no_call()
    return EconomicsReport(classes, agent_hour, dict(log.skipped), log.dirty, log.first_dirty)


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
        "skipped": report.skipped,
        "dirty": report.dirty,
        "first_dirty": [line._asdict() for line in report.first_dirty],
    }
