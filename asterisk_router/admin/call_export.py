"""Every decision for other programs: one row each, joined with how the call ended."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TextIO

from ..callers.registered_call import BeganCall, EndedCall, Gap, Registered
from ..numbering.number import masked

if TYPE_CHECKING:
    from .ports import Calls

SLACK_S = 600
"""How far the clock of Redis, by which records lie, may be behind that of a daemon."""

COLUMNS = (
    "uniqueid", "linkedid", "began", "number", "line", "choice", "caller_class", "branch", "queue", "head_start_s",
    "promised_wait_s", "rule", "reason", "policy_version", "trust", "degraded", "latency_ms", "facts", "ended",
    "outcome", "how", "agent", "waited_s", "talked_s",
)  # fmt: skip
"""What a row has, in the order of the columns; `uniqueid` and `linkedid` are those of the CDR and of queue_log."""


class DecisionRows:
    """Makes rows of records in the order of the registry; keeps no more than the calls that are open."""

    def __init__(self, since_s: float, until_s: float, full: bool) -> None:
        """Of calls that began at `since_s` or later and before `until_s`; with whole numbers when `full`."""
        self.decisions = 0
        """Rows made so far."""
        self.missing = 0
        """Records that are known to be missing in that time."""
        self.gaps = 0
        """In how many places; a gap may not know how many records it had."""
        self._since_s = since_s
        self._until_s = until_s
        self._full = full
        self._open: dict[str, list[BeganCall]] = {}

    async def read(self, calls: Calls) -> AsyncIterator[dict[str, Any]]:
        """Every row the registry has; raises StoreUnavailableError."""
        position, further = "", f"{max(0, int(self._since_s) - SLACK_S) * 1000}-0"
        while position != further:
            position = further
            records, further = await calls.after(position)
            for row in self.of(records):
                yield row
        for row in self.rest():
            yield row

    def of(self, records: Iterable[Registered]) -> Iterator[dict[str, Any]]:
        """The rows of calls that ended among `records`; of a call decided anew in a menu each decision is one."""
        for record in records:
            if isinstance(record, Gap):
                if record.to_s >= self._since_s and record.from_s < self._until_s:
                    self.gaps += 1
                    self.missing += record.records
            elif isinstance(record, EndedCall):
                began = self._open.pop(record.uniqueid, None)
                if record.direction == "in":
                    yield from self._rows(began or [_lost_beginning(record)], record)
            else:
                self._open.setdefault(record.uniqueid, []).append(record)

    def rest(self) -> Iterator[dict[str, Any]]:
        """The rows of calls that have not ended, or whose end nobody reported."""
        for began in self._open.values():
            yield from self._rows(began, None)
        self._open.clear()

    def _rows(self, decisions: list[BeganCall], ended: EndedCall | None) -> Iterator[dict[str, Any]]:
        for began in decisions:
            if not self._since_s <= began.at_s < self._until_s:
                continue
            self.decisions += 1
            plain = {**began._asdict(), "began": _moment(began.at_s), **_end_of(ended)}
            if plain["number"] and not self._full:
                plain["number"] = masked(plain["number"])
            yield {name: plain[name] for name in COLUMNS}


async def write_all(calls: Calls, file: TextIO) -> None:
    """Write every decision with its whole number, one JSON document a line, to be read by the shipped map `audit`."""
    async for row in DecisionRows(0, float("inf"), full=True).read(calls):
        file.write(json.dumps(row) + "\n")


def _end_of(ended: EndedCall | None) -> dict[str, Any]:
    if ended is None:
        return dict.fromkeys(("ended", "outcome", "how", "agent", "waited_s", "talked_s"), "")
    plain = ended._asdict()
    end = {name: plain[name] for name in ("outcome", "how", "agent", "waited_s", "talked_s")}
    return {"ended": _moment(ended.ended_at_s), **end}


def _lost_beginning(ended: EndedCall) -> BeganCall:
    """The decision of a call of which only the end is registered, as far as the end tells it."""
    return BeganCall(
        ended.uniqueid, ended.linkedid, ended.began_at_s, ended.number, ended.line, ended.caller_class, ended.branch,
        ended.queue, ended.head_start_s, ended.promised_wait_s,
    )  # fmt: skip


def _moment(at_s: float) -> str:
    """A moment in UTC to the millisecond, as ISO 8601 has it: `2026-11-23T08:30:00.250+00:00`."""
    return datetime.fromtimestamp(at_s, timezone.utc).isoformat(timespec="milliseconds")
