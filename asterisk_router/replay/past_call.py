"""One call of the past, as a log tells it: what a column map makes of a line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..callers.caller import CallOutcome

UNKNOWN = -1
"""Stands for a number of seconds that the log does not tell."""


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


def in_time_order(records: Iterable[LoggedCall]) -> list[LoggedCall]:
    """The calls behind some records, in the order in which they rang.

    Records of one call of one caller become one: as of the first, answered when any was, with the longest wait.
    Asterisk writes one record for each agent that a queue rang, and each of them when it ends.
    """
    calls: list[LoggedCall] = []
    places: dict[tuple[str, str, str], int] = {}
    for record in sorted(records, key=_rang_at):
        place = len(calls)
        if record.call_id:
            place = places.setdefault((record.call_id, record.caller, record.trunk), place)
        if place == len(calls):
            calls.append(record)
        else:
            calls[place] = _joined(calls[place], record)
    return calls


def _joined(first: LoggedCall, later: LoggedCall) -> LoggedCall:
    outcome = max(first.outcome, later.outcome, key=("unknown", "missed", "answered").index)
    return first._replace(outcome=outcome, wait_s=max(first.wait_s, later.wait_s))


def _rang_at(call: LoggedCall) -> int:
    return call.at_s
