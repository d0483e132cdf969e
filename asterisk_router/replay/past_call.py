"""One call of the past, as a log tells it: what a column map makes of a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import NamedTuple

from ..callers.caller import CallOutcome

UNKNOWN = -1
"""Stands for a number of seconds that the log does not tell."""


TOGETHER_S = 6 * 3600
"""Records of one call are told within so long."""


class LoggedCall(NamedTuple):
    """A call that rang once, with what became of it and what was decided then, as far as the log says."""

    line: int
    """Where it stands in the log, counted from 1."""
    at_s: int
    """When it rang, in seconds since 1970 UTC."""
    caller: str
    """Raw caller ID, or the name of a person where the map says so; empty when withheld."""
    called: str = ""
    """Raw number called (DID)."""
    outcome: CallOutcome = "unknown"
    """How it ended."""
    wait_s: int = UNKNOWN
    """Seconds in the queue; UNKNOWN when the log does not say."""
    trunk: str = ""
    """The trunk it came in by."""
    choice: str = ""
    """What the caller chose in a menu."""
    language: str = ""
    """Language of the caller on record."""
    tags: tuple[str, ...] = ()
    """What the log says the caller is."""
    value: int = 0
    """Revenue with the caller, in whole units of the house currency."""
    call_id: str = ""
    """Common to all records of one call; empty where each record is a call."""
    caller_class: str = ""
    """The class it was given then; empty when the log does not say."""
    branch: str = ""
    """The branch it took then; empty when the log does not say."""
    head_start_s: int = UNKNOWN
    """The head start it was given then; UNKNOWN when the log does not say."""
    menu_s: int = 0
    """Seconds from the ring until the caller asked for an agent: greeting, menu."""
    talk_s: int = UNKNOWN
    """Seconds with an agent; UNKNOWN when the log does not say."""
    queue: str = ""
    """The queue it waited in then; empty when the log does not say."""
    agent: str = ""
    """Who answered; empty when nobody did, or the log does not say."""
    brings: float = 0.0
    """What the call brings when it is answered, in money of any kind."""
    trust: int = UNKNOWN
    """Trust in the number then, 0 (E0) to 4 (E4); UNKNOWN when the log does not say."""
    refused: str = ""
    """The privilege claimed by a bare number and refused then: `head_start` or `incident`; empty for none."""

    @property
    def answered(self) -> bool | None:
        """Whether an agent answered: by the outcome, else by a conversation; None when nobody can tell."""
        if self.outcome != "unknown":
            return self.outcome == "answered"
        return None if self.talk_s == UNKNOWN else self.talk_s > 0


def in_time_order(records: Iterable[LoggedCall]) -> list[LoggedCall]:
    """The calls behind some records, in the order in which they rang.

    Records of one call of one caller become one: as of the first, answered when any was, with the longest wait; of
    one decided anew after a choice in a menu, with that choice and what was decided then. Asterisk writes one record
    for each agent that a queue rang, and each of them when it ends.
    """
    calls: list[LoggedCall] = []
    first_of: dict[str, int] = {}
    places: dict[tuple[str, str, str], int] = {}
    in_order = sorted(records, key=itemgetter(0))  # by line, as they nearly are already
    in_order.sort(key=itemgetter(1))  # by at_s; among equals the order of lines stays
    for record in in_order:
        place = len(calls)
        if record.call_id:
            place = first_of.setdefault(record.call_id, place)
            if place < len(calls) and not _is_of(record, calls[place]):
                place = places.setdefault((record.call_id, record.caller, record.trunk), len(calls))
        if place == len(calls):
            calls.append(record)
        else:
            calls[place] = _joined(calls[place], record)
    return calls


def _is_of(record: LoggedCall, call: LoggedCall) -> bool:
    """Whether a record with the identifier of a call is one of that call: two PBXs may give the same one."""
    return record.caller == call.caller and record.trunk == call.trunk


def by_queue(records: Iterable[LoggedCall]) -> Iterator[LoggedCall]:
    """The calls behind some records as queues have them: moved from one to another it is a call of each.

    Keeps no more than the calls of TOGETHER_S, so of any log; they come in the order in which they were first told.
    """
    kept: dict[tuple[str, str, str, str], LoggedCall] = {}
    latest_s = 0
    for record in records:
        if not record.call_id:
            yield record
            continue
        key = (record.call_id, record.caller, record.trunk, record.queue)
        kept[key] = _joined(kept[key], record) if key in kept else record
        latest_s = max(latest_s, record.at_s)
        while (first := next(iter(kept))) != key and kept[first].at_s < latest_s - TOGETHER_S:
            yield kept.pop(first)
    yield from kept.values()


def _joined(one: LoggedCall, other: LoggedCall) -> LoggedCall:
    first, later = (one, other) if one.at_s <= other.at_s else (other, one)
    outcome = max(first.outcome, later.outcome, key=("unknown", "missed", "answered").index)
    joined = first._replace(
        outcome=outcome,
        wait_s=max(first.wait_s, later.wait_s),
        talk_s=max(first.talk_s, later.talk_s),
        queue=first.queue or later.queue,
        agent=(later.agent if later.answered else first.agent) or first.agent,
        brings=max(first.brings, later.brings),
    )
    if not later.choice or later.choice == first.choice:
        return joined
    return joined._replace(
        choice=later.choice, caller_class=later.caller_class, branch=later.branch, head_start_s=later.head_start_s,
        queue=later.queue, refused=later.refused,
    )  # fmt: skip
