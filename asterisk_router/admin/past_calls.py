"""A call of the registry decided again: what is known of it from then, and what has to be taken from now."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ..call_path import CallPath
from ..callers.caller import Caller
from ..callers.history import before
from ..callers.number_ranges import NumberRanges
from ..callers.registered_call import BeganCall, EndedCall
from ..errors import RouterError
from .routing import RoutedCall, route_without_call

if TYPE_CHECKING:
    from ..wire.incoming_call import IncomingCall
    from .ports import Calls

LAST = "last"
"""Stands for the unique ID of the latest call that came in."""

LATEST = 200
"""Records among which the latest call is looked for; calls of the house stand among them."""

EARLY_S = 3600
"""How long before its own time a call is looked for in the stream: clocks differ."""

_EPOCH = re.compile(r"(?:\A|-)(\d{9,10})\.\d+\Z")
"""Asterisk's unique IDs: `SYSTEM-1700000000.12`, seconds since 1970 UTC and a number."""

FROM_THEN = "number, trust in it, line, moment, choice in a menu, whether the store failed"
"""What the registry keeps of a call and what it was decided by."""

FROM_NOW = "the policy, and the caller's record without calls from then on and tags set since"
"""What is taken as it is now, for nobody kept it as it was."""

NOT_KEPT = "trunk, language of the channel, load of the line"
"""What is imagined as for `route`: see its options."""


class FoundCall(NamedTuple):
    """A call that came in, as the registry has it."""

    began: BeganCall
    """As it was decided last; made of its end where the beginning was lost."""
    ended: EndedCall | None
    """How it ended; None while it goes on, or where nobody reported it."""

    def is_same(self, routed: RoutedCall) -> bool:
        """Whether it would be decided now as it was then: class, branch, queue and head start."""
        then, now = self.began, routed.decision
        return (then.caller_class, then.branch, then.queue, then.head_start_s) == (
            now.caller_class, now.branch, now.queue, now.head_start_s,
        )  # fmt: skip


async def find(calls: Calls, asked: str) -> FoundCall:
    """The call of a unique ID, or the latest one that came in; raises RouterError when there is none of these."""
    uniqueid = await _latest(calls) if asked == LAST else asked
    hint = _EPOCH.search(uniqueid)
    found = await _look(calls, uniqueid, f"{(int(hint[1]) - EARLY_S) * 1000}-0") if hint else None
    found = found or await _look(calls, uniqueid, "0")
    if found is None:
        remedy = "asterisk-router calls tail --json lists them; about the latest million records are kept"
        raise RouterError(f"no call {uniqueid!r} in the registry", remedy=remedy)
    if found.ended is not None and found.ended.direction == "out":
        raise RouterError(f"{uniqueid!r} is a call of the house: no policy decided it", remedy="name one that came in")
    return found


async def decide_again(path: CallPath, found: FoundCall, call: IncomingCall) -> tuple[CallPath, RoutedCall]:
    """Decide `call`, made of the one found, at its moment; and the path that decided it, without later range tags."""
    began = found.began
    ranges = NumberRanges(each for each in path.ranges.entries if each.tag.created_at_s <= began.at_s)
    path = CallPath(path.policy, path.book, ranges, path.lines)
    routed = await route_without_call(path, call, began.at_s, lambda caller: as_then(caller, began.at_s))
    if began.degraded and not routed.degraded:
        decision = path.decide(call, routed.number, Caller.UNKNOWN, began.at_s, True)
        routed = routed._replace(decision=decision, caller=Caller.UNKNOWN, degraded=True)
    return path, routed


def as_then(caller: Caller, at_s: float) -> Caller:
    """A caller as far as it is known what they were when a call rang: without it, later calls and later tags.

    Value, orders, open matters and account manager have no date and stay. Whoever has nothing but later calls on
    record had never been seen.
    """
    tags = tuple(tag for tag in caller.tags if tag.created_at_s <= at_s)
    then = caller._replace(tags=tags, history=before(caller.history, at_s))
    return Caller.UNKNOWN if then == Caller(numbers=caller.numbers) else then


async def _latest(calls: Calls) -> str:
    records, _ = await calls.newest(LATEST)
    for record in reversed(records):
        if isinstance(record, BeganCall) or isinstance(record, EndedCall) and record.direction == "in":
            return record.uniqueid
    raise RouterError("no call has come in", remedy="asterisk-router calls tail shows what the registry holds")


async def _look(calls: Calls, uniqueid: str, position: str) -> FoundCall | None:
    """The call among the records after a position; reading ends with its end."""
    began: BeganCall | None = None
    while True:
        records, further = await calls.after(position)
        for record in records:
            if isinstance(record, BeganCall) and record.uniqueid == uniqueid:
                began = record
            elif isinstance(record, EndedCall) and record.uniqueid == uniqueid:
                return FoundCall(began or _beginning(record), record)
        if further == position:
            return None if began is None else FoundCall(began, None)
        position = further


def _beginning(ended: EndedCall) -> BeganCall:
    return BeganCall(
        ended.uniqueid,
        ended.linkedid,
        ended.began_at_s,
        ended.number,
        ended.line,
        ended.caller_class,
        ended.branch,
        ended.queue,
        ended.head_start_s,
        ended.promised_wait_s,
    )
