"""Keeps the live line of one PBX true: what the feed hears goes in, and what is in doubt is asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from time import time
from typing import Protocol

from ..queues.events import AgentCompleted, Event, LineListed
from ..queues.line_check import differing
from ..queues.live_line import LiveLine

LOG = logging.getLogger(__name__)

TICK_S = 1.0
"""How often the line is told that time passed: waits are whole seconds."""

DOUBT_S = 0.1
"""A queue that is in doubt is asked for no more often than this."""

RECONCILE_S = 10.0
"""How often everything is asked for, whether in doubt or not."""


class Lists(Protocol):
    """Asks the PBX for its state, which then comes as an event."""

    async def list_queue(self, queue: str) -> object:
        """Ask for one queue; never raises."""

    async def relist(self) -> object:
        """Ask for all queues; never raises."""


class Served(Protocol):
    """Who wants to know who spoke with whom."""

    def apply(self, event: Event, at_s: float) -> None:
        """Take in what happened in the queues."""


class LineKeeper:
    """Hears one PBX and keeps its line; calls only read the line and never wait for anything here."""

    def __init__(self, line: LiveLine, served: Served, *, clock: Callable[[], float] = time) -> None:
        self.line = line
        """The state decisions are made with."""
        self.mended = 0
        """Reconciliations that found the PBX other than the line had it."""
        self.why = "not connected yet"
        """Why the line is not heard, for people; empty while it is."""
        self._served = served
        self._clock = clock
        self._doubt = asyncio.Event()
        self._asked_s: dict[str, float] = {}

    def happened(self, event: Event, at_s: float) -> None:
        """Take in what the feed heard."""
        if type(event) is LineListed:
            self._listed(event, at_s)
        self.line.apply(event, at_s)
        if type(event) is AgentCompleted:
            event = event._replace(uniqueid=self.line.caller_of(event))
        self._served.apply(event, at_s)
        if self.line.doubtful:
            self._doubt.set()

    def heard(self, at_s: float) -> None:
        """The PBX answered a ping sent at `at_s`: all that happened there until then has come."""
        self.line.heard(at_s)

    def lost(self, why: str) -> None:
        """The PBX is gone: what is asked of its queues is unknown from now on."""
        self.line.lost()
        if why != self.why:
            LOG.warning("the queues of %s are unknown: %s", self.line.pbx, why)
        self.why = why

    def _listed(self, event: LineListed, at_s: float) -> None:
        if self.why:
            self.why = ""
            LOG.info("the queues of %s are known: %d of them", self.line.pbx, len(event.queues))
        elif self.line.known(at_s) and (others := differing(self.line.queues, event)):
            self.mended += 1
            LOG.info("%s: the snapshot differs in %s and is taken over", self.line.pbx, ", ".join(others))

    async def keep(self, feed: Lists) -> None:
        """Tell the line that time passes, ask for what is in doubt, and every 10 s for everything; until cancelled."""
        now_s = asyncio.get_running_loop().time
        tick_s, reconcile_s = now_s(), now_s() + RECONCILE_S
        while True:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._doubt.wait(), DOUBT_S if self.line.doubtful else TICK_S / 4)
            self._doubt.clear()
            at_s = self._clock()
            if not self.line.known(at_s):
                reconcile_s = now_s() + RECONCILE_S  # the feed asks for everything itself when it has logged in
                continue
            if now_s() >= tick_s:
                tick_s = now_s() + TICK_S
                self.line.tick(at_s)
            if now_s() >= reconcile_s:
                reconcile_s = now_s() + RECONCILE_S
                await feed.relist()
            for queue in self._due(now_s()):
                await feed.list_queue(queue)

    def _due(self, now_s: float) -> list[str]:
        """Queues in doubt that were not asked for just now."""
        due = [queue for queue in self.line.doubtful if self._asked_s.get(queue, 0.0) + DOUBT_S <= now_s]
        if len(self._asked_s) > 1000:
            self._asked_s.clear()
        self._asked_s.update(dict.fromkeys(due, now_s))
        return due
