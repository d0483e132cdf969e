"""The wait that was promised beside the wait that happened, by hour and class."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from ..callers.registered_call import EndedCall

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..callers.registered_call import Registered


class Waits(NamedTuple):
    """Those of one class who rang within one hour and waited for a person."""

    hour_s: int
    """When the hour began, in seconds since 1970 UTC; an hour of the machine's zone."""
    caller_class: str
    """Class by the policy."""
    calls: int
    """How many there were."""
    answered: int
    """How many of them spoke with a person."""
    promised_wait_s: int
    """The wait the policy promised the class last; 0 for none."""
    in_time: int
    """How many spoke with a person within the wait that was promised to them; of those promised none, nobody."""
    mean_wait_s: float
    """How long they waited in the mean, answered or not."""
    longest_wait_s: float
    """How long whoever waited longest did."""


def by_hour_and_class(records: Iterable[Registered], since_s: float) -> list[Waits]:
    """What became of calls that rang at `since_s` or later and have ended, in the order of hours and classes.

    Whoever never waited for a person, neither before a desk nor in a queue, does not count; calls of the house
    neither.
    """
    found: dict[tuple[int, str], list[EndedCall]] = {}
    for record in records:
        if isinstance(record, EndedCall) and _counts(record, since_s):
            found.setdefault((hour_of(record.began_at_s), record.caller_class), []).append(record)
    return [_waits(hour_s, name, found[hour_s, name]) for hour_s, name in sorted(found)]


def hour_of(at_s: float) -> int:
    """When the hour began in which that moment lies, by the clock on the wall."""
    moment = datetime.fromtimestamp(at_s)
    return int(at_s) - moment.minute * 60 - moment.second


def _counts(call: EndedCall, since_s: float) -> bool:
    waited = call.waits_since_s > 0 or call.outcome == "answered"
    return waited and call.direction == "in" and call.began_at_s >= since_s


def _waits(hour_s: int, caller_class: str, calls: list[EndedCall]) -> Waits:
    answered = [call for call in calls if call.outcome == "answered"]
    return Waits(
        hour_s,
        caller_class,
        len(calls),
        len(answered),
        max(calls, key=lambda call: call.began_at_s).promised_wait_s,
        sum(call.waited_s <= call.promised_wait_s for call in answered if call.promised_wait_s),
        round(sum(call.waited_s for call in calls) / len(calls), 1),
        max(call.waited_s for call in calls),
    )
