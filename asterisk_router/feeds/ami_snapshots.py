"""Asks one PBX what is in its queues, and tells it as one event when the last row is there.

QueueStatus is the snapshot; QueueSummary, asked in the same breath, says how many callers Asterisk itself counts.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import Any

from ..errors import AmiError, ForgedBlockError
from ..queues.events import Event
from ..wire.ami_actions import Action, list_of
from ..wire.ami_listing import SUMMARY_ROWS, Listing

LOG = logging.getLogger(__name__)

LISTING_S = 5.0
"""How long a PBX may take to answer with a whole snapshot; then it is asked again."""

DOUBT_FIRST_S, DOUBT_MAX_S = 0.2, 30.0
"""Pause before a snapshot is asked for out of doubt, doubled up to the second while doubts go on: a caller whose
number breaks every list must not make the PBX list for ever."""

CALM_S = 60.0
"""So long without a doubt makes the next pause short again."""


class Snapshots:
    """The snapshots of one connection to `pbx`; rows of any but its own questions are refused."""

    def __init__(
        self, pbx: object, send: Callable[[Action], asyncio.Future[Any]], tell: Callable[[Event], None]
    ) -> None:
        self.quiet = False
        """Whether no event came since the last whole list; whoever hears one makes it False."""
        self._pbx, self._send, self._tell = pbx, send, tell
        self._loop = asyncio.get_running_loop()
        self._asked: dict[str, tuple[Listing, asyncio.TimerHandle]] = {}
        self._again: set[str] = set()
        self._counted: tuple[str, Listing] = ("", Listing())
        self._doubts = 0
        self._doubt_timer: asyncio.TimerHandle | None = None
        self._pause_s = DOUBT_FIRST_S
        self._doubted_s = 0.0

    def ask(self, queue: str = "") -> None:
        """Ask what is in every queue, or in one. While that is being answered, it is asked once more afterwards."""
        if any(listing.queue == queue for listing, _ in self._asked.values()):
            self._again.add(queue)
            return
        try:
            action = list_of(queue)
        except AmiError as unsayable:
            LOG.warning("%s cannot be asked for a queue: %s", self._pbx, unsayable)
            return
        key = secrets.token_hex(12)
        self._asked[key] = (Listing(queue), self._loop.call_later(LISTING_S, self._late, key))
        self._send({**action, "ActionID": key}).add_done_callback(lambda answer: self._answered(key, answer))
        if not queue:
            summary = secrets.token_hex(12)
            self._counted = (summary, self._asked[key][0])
            self._send({"Action": "QueueSummary", "ActionID": summary})

    def row(self, kind: str, fields: dict[str, str]) -> None:
        """Take one row of an answer; a row that is torn, or of a list nobody asked for, is a doubt."""
        key = fields.get("ActionID", "")
        try:
            if kind in SUMMARY_ROWS:
                self._count(key, kind, fields)
            elif key in self._asked:
                self._take(key, kind, fields)
            else:
                raise ForgedBlockError(f"{kind} that nobody asked for")
        except ForgedBlockError as forged:
            self.doubt(str(forged))

    def doubt(self, why: str) -> None:
        """Something is not to be believed, or not whole: ask for everything soon. `why` holds nothing callers wrote."""
        self._doubts += 1
        if self._doubt_timer is None:
            calm = self._loop.time() - self._doubted_s > CALM_S
            self._pause_s = DOUBT_FIRST_S if calm else min(self._pause_s * 2, DOUBT_MAX_S)
            self._doubt_timer = self._loop.call_later(self._pause_s, self._ask_in_doubt, why)

    def close(self) -> None:
        """Ask no more."""
        if self._doubt_timer is not None:
            self._doubt_timer.cancel()
        for _, timer in self._asked.values():
            timer.cancel()
        self._asked.clear()

    def _ask_in_doubt(self, why: str) -> None:
        LOG.warning("%s is asked for all its queues anew, %d in doubt: %s", self._pbx, self._doubts, why)
        self._doubts, self._doubt_timer, self._doubted_s = 0, None, self._loop.time()
        self.ask()

    def _take(self, key: str, kind: str, fields: dict[str, str]) -> None:
        listing, timer = self._asked[key]
        listing.take(kind, fields)
        if not listing.complete:
            return
        timer.cancel()
        del self._asked[key]
        self.quiet = True
        if listing.listed is not None:
            self._tell(listing.listed)
        else:
            self.ask()  # the queue is gone, and only the whole list says so
        if listing.damaged:
            self.doubt(listing.damaged)
        if listing.queue in self._again:
            self._again.discard(listing.queue)
            self.ask(listing.queue)

    def _count(self, key: str, kind: str, fields: dict[str, str]) -> None:
        summary, listing = self._counted
        if key == summary and self.quiet and listing.complete and not listing.damaged:
            listing.compare(kind, fields)
            if listing.damaged:
                self.doubt(listing.damaged)

    def _answered(self, key: str, answer: asyncio.Future[Any]) -> None:
        """Take the response: refused means that app_queue is not there, or not yet."""
        if key in self._asked and not answer.cancelled() and not answer.result().success:
            self._drop(key)
            self.doubt("it refuses to list them, so its queues are not loaded yet")

    def _late(self, key: str) -> None:
        if key in self._asked:
            self._drop(key)
            self.doubt("a snapshot did not come to its end")

    def _drop(self, key: str) -> None:
        listing, timer = self._asked.pop(key)
        timer.cancel()
        self._again.discard(listing.queue)
