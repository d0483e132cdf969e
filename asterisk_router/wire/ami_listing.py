"""A snapshot of the queues, put together from the rows that answer QueueStatus and QueueSummary.

The rows carry the ActionID of the question, which no caller can guess, so whoever feeds them here leaves out every
row with another one. A row that a caller's number tore apart is lost; the number of rows Asterisk says it wrote tells.
"""

from __future__ import annotations

from ..errors import ForgedBlockError
from ..queues.events import CallerListed, LineListed, MemberListed, QueueListed
from .ami_events import Fields, member_of, text_of, whole

STATUS_ROWS = ("QueueParams", "QueueMember", "QueueEntry", "QueueStatusComplete")
"""What answers QueueStatus."""

SUMMARY_ROWS = ("QueueSummary", "QueueSummaryComplete")
"""What answers QueueSummary."""


class Listing:
    """One snapshot on its way: of the whole line, or of one queue."""

    def __init__(self, queue: str = "") -> None:
        self.queue = queue
        """The one queue asked for; empty for all."""
        self.listed: LineListed | QueueListed | None = None
        """The snapshot, once its last row was taken; still None then when there is no such queue."""
        self.complete = False
        """Whether QueueStatus is answered to the end."""
        self.damaged = ""
        """Why the snapshot should be asked for again: rows are missing, or Asterisk counts otherwise; or nothing."""
        self._rows = 0
        self._heads: dict[str, Fields] = {}
        self._members: dict[str, list[MemberListed]] = {}
        self._waiting: dict[str, list[CallerListed]] = {}
        self._callers: dict[str, int] = {}

    def take(self, kind: str, fields: Fields) -> None:
        """Take one row, of the kinds of `STATUS_ROWS`; raises ForgedBlockError for one that is torn."""
        try:
            if kind == "QueueMember":
                self._members[fields["Queue"]].append(member_of(fields, "Location", "Name"))
            elif kind == "QueueEntry":
                self._waiting[fields["Queue"]].append(_caller(fields))
            elif kind == "QueueParams":
                self._heads[fields["Queue"]] = fields
                self._members[fields["Queue"]], self._waiting[fields["Queue"]] = [], []
            else:
                self._end(whole(fields["ListItems"]))
        except KeyError as missing:
            raise ForgedBlockError(f"{kind} without {missing.args[0]}") from None
        except ValueError:
            raise ForgedBlockError(f"{kind} with no number where one must stand") from None
        self._rows += 1

    def compare(self, kind: str, fields: Fields) -> None:
        """Hold one row of `SUMMARY_ROWS`, which came after the list with no event between, against the list.

        What Asterisk counts otherwise than it listed becomes `damaged`. Raises ForgedBlockError for a torn row.
        """
        if kind != "QueueSummary":
            return
        try:
            queue, callers = fields["Queue"], whole(fields["Callers"])
        except (KeyError, ValueError):
            raise ForgedBlockError(f"{kind} that is not whole") from None
        if len(self._waiting.get(queue, ())) != callers:
            self.damaged = self.damaged or "more or fewer callers are counted than listed"

    def _end(self, rows: int) -> None:
        self.complete = True
        if rows != self._rows:
            self.damaged = f"of {rows} rows of a snapshot {self._rows} came"
        queues = tuple(self._queue(name, head) for name, head in self._heads.items())
        if not self.queue:
            self.listed = LineListed(queues)
        elif queues:
            self.listed = queues[0]

    def _queue(self, name: str, head: Fields) -> QueueListed:
        waiting = sorted(self._waiting[name], key=lambda caller: caller.position)
        return QueueListed(
            name,
            tuple(self._members[name]),
            tuple(waiting),
            head.get("Strategy", ""),
            *(whole(head.get(key, "0")) for key in ("Weight", "Holdtime", "TalkTime", "Completed", "Abandoned")),
        )


def _caller(f: Fields) -> CallerListed:
    position, waited, priority = whole(f["Position"]), whole(f["Wait"]), whole(f["Priority"])
    number, name = text_of(f["CallerIDNum"]), text_of(f["CallerIDName"])
    return CallerListed(f["Uniqueid"], f["Channel"], position, waited, priority, number, name)
