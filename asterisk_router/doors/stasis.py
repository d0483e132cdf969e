"""The Stasis door: the dialplan hands the call over in `Stasis()` or `StasisBroadcast()`, and gets it back decided.

A call is in our hands for as long as it takes to decide it, and no longer: no menu, no bridge. What the caller hears
when we are slow, frozen or gone is up to the dialplan: no daemon there, the call goes on at once; one that says
nothing, and its guard ends the wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from time import time
from typing import TYPE_CHECKING, Any

from ..errors import AriError
from ..wire import ari_answer, ari_events
from ..wire.ari_rest import Request, Response
from .application import Ari
from .door import TICK_S, Door
from .sayings import GONE, Sayings

if TYPE_CHECKING:
    from ..policy.decision import Decision
    from ..wire.incoming_call import IncomingCall
    from .door import InForce, Register

LOG = logging.getLogger(__name__)

CLOSING_S = 1.0
"""How long calls at hand may take when the door closes."""

READ_S = 1.0
"""How long an answer is left for the dialplan to read once Asterisk has it; it does so in its next steps."""


MOST_INSIDE = 20_000
"""Calls inside of which a door knows: more than any PBX has, so that events without their end cost no memory."""


class StasisDoor(Door[dict[str, str]]):
    """Answers one application of one PBX."""

    def __init__(
        self,
        client: Ari,
        in_force: InForce,
        register: Register | None = None,
        *,
        deadline_s: float,
        most_calls: int,
        clock: Callable[[], float] = time,
        read_s: float = READ_S,
        sweep_after_s: float = 0.0,
    ) -> None:
        """Calls found inside at a connect are left to whoever had the application before for `sweep_after_s`."""
        super().__init__(in_force, register, clock)
        self.hung_up = 0
        """Calls that were gone, or that the guard had taken away, before their answer."""
        self.undelivered = 0
        """Answers that found no connection, or were refused."""
        self.swept = 0
        """Calls found inside after a connection was lost."""
        self.duplicates = 0
        """Events that told of a call a second time."""
        self.crowded_out = 0
        """Calls sent on at once, or left to others, because too many were at hand."""
        self.outbid = 0
        """Calls another application claimed first."""
        self._client = client
        self._sayings = Sayings(client, read_s)
        self._deadline_s = deadline_s
        self._most_calls = most_calls
        self._sweep_after_s = sweep_after_s
        self._tickets = 0
        self._channels: dict[int, str] = {}  # ticket -> channel of the calls at hand
        self._inside: dict[str, tuple[int, str]] = {}  # channel -> ticket, and when it came in by Asterisk's clock
        self._left: set[str] = set()  # channels that were inside when a connection was lost
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def connected(self) -> bool:
        """Whether the PBX hands its calls to us now."""
        return self._client.connected

    def open(self) -> None:
        """Answer from now on, as soon as the PBX is there; inside the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._sayings.open()
        hears = (self._entered, self._ended, self._offered)
        for kind, handler in zip(ari_events.EVENTS, hears, strict=True):
            self._client.on_event(kind, handler)
        self._client.on_connect = self._connected
        self._client.on_lost = self._lost
        self._client.on_taken_over = self._finish
        self._client.start()

    async def close(self, patience_s: float = CLOSING_S) -> None:
        """Finish the calls at hand within `patience_s` and disconnect: new calls then go on by themselves."""
        if self._loop is None:
            return  # never opened, or closed already
        await self._finish(patience_s)
        await self._client.close()
        LOG.info("stopping: %d calls answered over %s", self.answered, self._client.app)
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._sayings.close()
        self._loop = None

    async def _finish(self, patience_s: float = CLOSING_S) -> None:
        """Answer the calls at hand, and take away what the dialplan has read."""
        for _ in range(round(patience_s / TICK_S)):
            if self._waiting or self._sayings.unanswered:
                await asyncio.sleep(TICK_S)
        await self._sayings.finish(patience_s)

    def _entered(self, event: dict[str, Any]) -> None:
        """A call came in; told of twice, it is one call."""
        channel, at = ari_events.channel_of(event), str(event.get("timestamp"))
        if not channel:
            return
        if self._inside.get(channel, (0, None))[1] == at:
            self.duplicates += 1
            return
        self._enter(channel, at, ari_events.incoming_call_of(event))

    def _enter(self, channel: str, at: str, call: IncomingCall) -> None:
        if len(self._waiting) >= self._most_calls:
            self.crowded_out += 1
            self._send(channel, {})
            return
        assert self._loop is not None
        self._tickets += 1
        ticket = self._tickets
        self._inside[channel] = ticket, at
        if len(self._inside) > MOST_INSIDE:
            self._inside.pop(next(iter(self._inside)))  # the oldest, answered long ago
        self._channels[ticket] = channel
        self._asked(ticket, call)
        if ticket in self._waiting:
            self._timers[ticket] = self._loop.call_later(self._deadline_s, self._overdue, ticket)

    def _ended(self, event: dict[str, Any]) -> None:
        """A call left: it was sent on, hung up, or the guard took it."""
        self._inside.pop(ari_events.channel_of(event), None)

    def _offered(self, event: dict[str, Any]) -> None:
        """A call anybody may claim: claimed, it comes in by StasisStart, and to nobody else."""
        channel = ari_events.channel_of(event)
        if not channel:
            return
        if len(self._waiting) >= self._most_calls:
            self.crowded_out += 1
            return
        if not self._sayings.say([ari_answer.claim(channel, self._client.app)], self._claimed):
            self.undelivered += 1

    def _claimed(self, responses: list[Response]) -> None:
        response = responses[0]
        if response.status in GONE:
            self.outbid += 1
        elif not response.ok:
            LOG.error("a call cannot be claimed: %d %s", response.status, response.reason)

    def _worded(self, decision: Decision | None) -> dict[str, str]:
        return {} if decision is None else ari_answer.variables(decision)

    def _tell(self, ticket: int, said: dict[str, str]) -> bool:
        timer = self._timers.pop(ticket, None)
        if timer is not None:
            timer.cancel()
        channel = self._channels.pop(ticket)
        if self._inside.get(channel, (0, ""))[0] == ticket:
            return self._send(channel, said)
        self.hung_up += 1
        return False

    def _send(self, channel: str, said: dict[str, str]) -> bool:
        if self._sayings.answer(channel, said, partial(self._answered, channel)):
            return True
        self.undelivered += 1
        return False

    def _answered(self, channel: str, response: Response) -> None:
        """What Asterisk said to an answer: a call it does not send on is out of our hands all the same."""
        if response.ok:
            return
        self._inside.pop(channel, None)
        if response.status in GONE:
            self.hung_up += 1
        else:
            self.undelivered += 1
            LOG.error("call %s gets no answer, Asterisk said %d %s", channel, response.status, response.reason)

    async def _connected(self) -> None:
        """Look for the calls that are inside since before: nothing tells of them any more."""
        if self._sweep_after_s:
            await asyncio.sleep(self._sweep_after_s)
        left, self._left = self._left, set()
        try:
            (response,) = await self._client.send([Request("GET", "/channels")])
            channels = response.json() if response.ok else None
        except AriError as fault:
            LOG.warning("calls left inside %s are not looked for: %s", self._client.server, fault)
            self._left |= left
            return
        inside, claimed = ari_events.calls_inside(channels, self._client.app), ari_events.calls_claimed(channels, left)
        for channel, call in {**inside, **claimed}.items():
            if channel not in self._inside:
                self.swept += 1
                self._enter(channel, "", call)
        LOG.info("calls of %s are answered", self._client.server)

    def _lost(self, why: str) -> None:
        """Whoever is inside stays there, unseen: the guard lets them go, or we find them when we are back."""
        inside = set(self._inside)
        self._left = inside if len(self._left) > MOST_INSIDE else self._left | inside
        self._inside.clear()
        LOG.warning("calls of %s go to their default branch: %s", self._client.server, why)
