"""Carries out what people ask, and answers with what happened."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from ...errors import RouterError
from ...queues.acts import Done, LineActs, WithdrawCaller
from ...queues.live_line import LiveLine
from ...queues.pre_emption import CALL_BACK
from ...queues.requests import PromoteCaller, PullReserve, ReleaseReserve, Request, WithdrawWaiting

LOG = logging.getLogger(__name__)


class Wishes(Protocol):
    """Where people leave what they ask."""

    async def take(self, pbx: str) -> list[Request]:
        """What nobody took yet, oldest first; raises StoreUnavailableError."""

    async def tell(self, request_id: str, done: Done) -> None:
        """Answer a request; raises StoreUnavailableError."""


class Promotes(Protocol):
    """Moves one waiting caller."""

    async def promote(self, name: str, uniqueid: str, head_start_s: int) -> Done:
        """Give them another head start."""


class Pulls(Protocol):
    """Moves reserve agents."""

    async def pull(self, agent: str, queue: str, ask: bool, author: str) -> Done:
        """Put one into a queue."""

    async def release(self, agent: str, queue: str) -> Done:
        """Take one off it again."""


class CarryOut:
    """What people ask to be done on one PBX."""

    def __init__(self, line: LiveLine, acts: LineActs, wishes: Wishes, order: Promotes, reserves: Pulls) -> None:
        self._line = line
        self._acts = acts
        self._wishes = wishes
        self._order = order
        self._reserves = reserves

    async def turn(self, at_s: float) -> None:
        """Take what is asked, do it all at once and answer; a store that is away asks nothing."""
        try:
            requests = await self._wishes.take(self._line.pbx)
            await asyncio.gather(*map(self._answer, requests))
        except RouterError as fault:
            LOG.warning("%s: what people ask is not heard or not answered: %s", self._line.pbx, fault)

    async def _answer(self, request: Request) -> None:
        done = await self._carry_out(request)
        LOG.info("%s: %s asks %s: %s", self._line.pbx, request.author or "somebody", request.wish, done.said or done.ok)
        await self._wishes.tell(request.id, done)

    async def _carry_out(self, request: Request) -> Done:
        wish = request.wish
        if isinstance(wish, PromoteCaller):
            return await self._order.promote(wish.queue, wish.uniqueid, wish.head_start_s)
        if isinstance(wish, WithdrawWaiting):
            return await self._withdraw(wish)
        if isinstance(wish, PullReserve):
            return await self._reserves.pull(wish.agent, wish.queue, wish.ask, request.author)
        assert isinstance(wish, ReleaseReserve)
        return await self._reserves.release(wish.agent, wish.queue)

    async def _withdraw(self, wish: WithdrawWaiting) -> Done:
        queue = self._line.queues.get(wish.queue)
        callers = queue.waiting if queue else []
        caller = next((caller for caller in callers if caller.uniqueid == wish.uniqueid), None)
        if caller is None:
            return Done(False, f"nobody of that ID waits in {wish.queue}")
        done = await self._acts.act(WithdrawCaller(wish.queue, caller.channel, CALL_BACK))
        when = " unless the agent who is rung takes the call" if caller.rings else ""
        return done._replace(said=f"offered a call-back{when}") if done.ok else done
