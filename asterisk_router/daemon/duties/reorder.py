"""Keeps the real order of Asterisk's queues that of the ranks, where the number set at the entrance is not enough.

That is so for callers who came in past our dialplan (priority 0, before everybody) and for those whom a person gives
another head start. On an Asterisk that changes the number and leaves the place (before 18.20 and 20.5), the number is
put back and nothing more is tried: there the order is that of the entrance.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Protocol

from ...queues.acts import ChangePriority, Done, LineActs
from ...queues.ageing import priority_of
from ...queues.live_line import LiveLine
from ...queues.live_queue import LiveQueue
from ...queues.reordering import corrections
from ...queues.waiting import WaitingCaller
from ...queues.wanted_order import in_order, wanted_priorities

LOG = logging.getLogger(__name__)

SEEN_S = 2.0
"""How long a change may take to be seen in a listing."""

LOOK_S = 0.02
"""How often it is looked for."""

AGAIN_S = 60.0
"""When an act that Asterisk refused, or whose effect was not seen, is tried again in that queue."""

CANNOT = "this Asterisk cannot move a waiting caller: it needs 18.20, 20.5 or newer"


class Lists(Protocol):
    """Asks the PBX for one queue."""

    async def list_queue(self, queue: str) -> object:
        """Ask; the queue as it is comes as an event. Never raises."""


class Reorder:
    """The order of the queues of one PBX that the policy knows."""

    def __init__(
        self,
        line: LiveLine,
        acts: LineActs,
        lists: Lists,
        *,
        ours: Callable[[], Iterable[str]],
        head_start_s: Callable[[str], int],
    ) -> None:
        self.moved = 0
        """Changes that were seen to have effect."""
        self.can_move = True
        """Whether this Asterisk moves a caller when it changes a priority, as far as seen."""
        self._line = line
        self._acts = acts
        self._lists = lists
        self._ours = ours
        self._head_start_s = head_start_s
        self._promoted: dict[str, int] = {}
        self._not_before_s: dict[str, float] = {}
        self._one_at_a_time = asyncio.Lock()

    async def turn(self, at_s: float) -> None:
        """Bring every queue into order, and ask for queues with a caller whose priority Asterisk has not told."""
        if not self.can_move:
            return
        waiting = {caller.uniqueid for queue in self._line.queues.values() for caller in queue.waiting}
        self._promoted = {uniqueid: wanted for uniqueid, wanted in self._promoted.items() if uniqueid in waiting}
        for name in self._ours():
            queue = self._line.queues.get(name)
            if queue is None or len(queue.waiting) < 2 or at_s < self._not_before_s.get(name, 0.0):
                continue
            if any(caller.priority is None for caller in queue.waiting):
                self._not_before_s[name] = at_s + 1.0
                await self._lists.list_queue(name)
            acts = self._due(queue, at_s)
            if acts:
                async with self._one_at_a_time:
                    done = await self._change(acts)
                if not done.ok:
                    LOG.warning("%s: the order of %s is not corrected: %s", self._line.pbx, name, done.said)
                    self._not_before_s[name] = at_s + AGAIN_S

    def _due(self, queue: LiveQueue, at_s: float) -> list[ChangePriority]:
        """First right numbers for whoever has a wrong one; then, where numbers and places disagree, the places."""
        wanted = wanted_priorities(queue, self._promoted, self._head_start_s, at_s)
        wrong = [caller for caller in queue.waiting if wanted.get(caller.uniqueid, caller.priority) != caller.priority]
        acts = [ChangePriority(queue.name, caller.channel, wanted[caller.uniqueid]) for caller in wrong]
        return acts or corrections(queue, wanted)

    async def promote(self, name: str, uniqueid: str, head_start_s: int) -> Done:
        """Give a waiting caller another head start, counted from their entry into the queue; says their new place."""
        caller = self._caller(name, uniqueid)
        if caller is None:
            return Done(False, f"nobody of that ID waits in {name}")
        if not self.can_move:
            return Done(False, CANNOT)
        wanted = priority_of(head_start_s, caller.since_s)
        async with self._one_at_a_time:
            done = await self._change([ChangePriority(name, caller.channel, wanted)])
        if not done.ok:
            return done
        self._promoted[uniqueid] = wanted
        if (caller := self._caller(name, uniqueid)) is None:
            return Done(True, "the caller has just left the queue")
        return Done(True, f"place {self._line.queues[name].waiting.index(caller) + 1} of {name}")

    async def _change(self, acts: list[ChangePriority]) -> Done:
        """Change the priorities in one queue and see that the places followed, else put them back."""
        name = acts[0].queue
        before = {caller.channel: caller.priority for caller in self._line.queues[name].waiting}
        for act in acts:
            done = await self._acts.act(act)
            if not done.ok:
                return done
        if not await self._seen(name, {act.channel: act.priority for act in acts}):
            return Done(False, f"no change is seen in {name}")
        if in_order(self._line.queues[name].waiting):
            self.moved += len(acts)
            return Done(True)
        for act in acts:
            await self._acts.act(act._replace(priority=before.get(act.channel) or 0))
        await self._lists.list_queue(name)
        self.can_move = False
        LOG.warning("%s: %s; callers keep the places they had on entering", self._line.pbx, CANNOT)
        return Done(False, CANNOT)

    async def _seen(self, name: str, wanted: dict[str, int]) -> bool:
        """Ask for the queue and wait until the listing has the wanted priorities of those who still wait."""
        now_s = asyncio.get_running_loop().time
        until_s = now_s() + SEEN_S
        await self._lists.list_queue(name)
        while True:
            queue = self._line.queues.get(name)
            callers = queue.waiting if queue else []
            if all(wanted.get(caller.channel, caller.priority) == caller.priority for caller in callers):
                return True
            if now_s() >= until_s:
                return False
            await asyncio.sleep(LOOK_S)

    def _caller(self, name: str, uniqueid: str) -> WaitingCaller | None:
        queue = self._line.queues.get(name)
        return next((caller for caller in queue.waiting if caller.uniqueid == uniqueid), None) if queue else None
