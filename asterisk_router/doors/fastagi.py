"""The FastAGI door: Asterisk connects, says its piece, gets one answer.

No task and no future per call: the pump moves the bytes, the path decides, and both meet here as plain calls.
The same door serves the AGI script over a unix socket, for it speaks the same protocol.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Callable, Iterable
from time import monotonic, time
from typing import TYPE_CHECKING, Any

from .._native import kernel
from ..errors import SettingsError
from ..once_a_minute import OnceAMinute
from ..wire.answer import answer, no_decision
from .door import TICK_S, Door
from .shutter import Shutter

if TYPE_CHECKING:
    from ..policy.decision import Decision
    from ..wire.incoming_call import IncomingCall
    from .door import InForce, Register

LOG = logging.getLogger(__name__)

ASKING_S = 0.2
"""How long Asterisk may take to say its piece: after it the dialplan's 300 ms are as good as over."""

CLOSING_S = 1.0
"""How long Asterisk may take to carry out the answer and close; then we close."""


class FastAgiDoor(Door[bytes]):
    """Answers Asterisk on any number of listening sockets."""

    def __init__(
        self,
        in_force: InForce,
        register: Register | None = None,
        *,
        allow: Iterable[str],
        deadline_s: float,
        most_calls: int,
        clock: Callable[[], float] = time,
        pump: Callable[..., Any] | None = None,
    ) -> None:
        super().__init__(in_force, register, clock)
        self.ended = 0
        """Reports of calls that ended; none of them is a call to answer."""
        self.tainted_ends = 0
        """Reports whose bytes were not to be believed, and which were dropped."""
        self._seldom_ends, self._seldom_strangers = OnceAMinute(LOG), OnceAMinute(LOG)
        self._networks = [_network(text) for text in allow]
        self._admitted: dict[str, bool] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._beat_s = 0.0
        patience = tuple(round(seconds / TICK_S) for seconds in (ASKING_S, deadline_s, CLOSING_S))
        self.shutter = Shutter(most_calls, monotonic)
        """Has the kernel refuse calls while there are too many."""
        make = pump or kernel("agi_pump").Pump
        self.pump = make(self._asked, self._overdue, self.admits, self._crowded, most_calls, patience)
        """Moves the bytes, and counts what never became a call."""

    def open(self, listeners: Iterable[socket.socket], refusing: Iterable[socket.socket] = ()) -> None:
        """Answer on `listeners` from now on, inside the running event loop.

        At those of `refusing` the kernel refuses calls for us while there are more than can be served.
        """
        self._loop = asyncio.get_running_loop()
        self.shutter.may_shut(refusing)
        for listener in listeners:
            self.pump.listen(listener)
        self._loop.add_reader(self.pump.fileno(), self._turn)

    async def close(self, patience_s: float = CLOSING_S) -> None:
        """Take no more calls, finish those at hand within `patience_s`, drop the rest."""
        if self._loop is None:
            return  # never opened, or closed already
        self.pump.deafen()
        self.shutter.give_up()
        end_s = self._loop.time() + patience_s
        while self.pump.open() and self._loop.time() < end_s:
            await asyncio.sleep(TICK_S)
        self._loop.remove_reader(self.pump.fileno())
        if self._timer is not None:
            self._timer.cancel()
        self.pump.close()
        self._loop = None

    def admits(self, address: str) -> bool:
        """Whether a host may ask."""
        if address not in self._admitted:
            if len(self._admitted) > 1000:
                self._admitted.clear()
            host = ipaddress.ip_address(address.partition("%")[0])
            host = getattr(host, "ipv4_mapped", None) or host
            self._admitted[address] = any(host in network for network in self._networks)
            if not self._admitted[address]:
                self._seldom_strangers.warning(
                    "%s may not ask and is turned away (--allow %s lets it in)", address, address
                )
        return self._admitted[address]

    def _turn(self) -> None:
        self.pump.turn()
        if self.shutter.overloaded:
            self.shutter.look(self.pump)
        if self._timer is None and (self.pump.busy() or self.shutter.overloaded):
            assert self._loop is not None
            now_s = self._loop.time()
            # on the beat, so that delays do not add up; after a stall from now on, for it does not count
            self._beat_s = self._beat_s + TICK_S if self._beat_s + TICK_S > now_s else now_s + TICK_S
            self._timer = self._loop.call_at(self._beat_s, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.pump.tick()
        self._turn()
        self.shutter.say(self.pump)

    def _crowded(self, descriptor: int) -> bool:
        return self.shutter.crowded(self.pump, descriptor)

    def _asked(self, ticket: int, call: IncomingCall) -> None:
        if call.ended:
            self._reported(ticket, call)
        else:
            super()._asked(ticket, call)
        self.shutter.glance(self.pump)

    def _worded(self, decision: Decision | None) -> bytes:
        return no_decision() if decision is None else answer(decision)

    def _tell(self, ticket: int, said: bytes) -> bool:
        was_heard = bool(self.pump.answer(ticket, said))
        self.shutter.glance(self.pump)
        return was_heard

    def _reported(self, ticket: int, call: IncomingCall) -> None:
        """A call that ended: whoever reports it waits for nothing, so the end of the answer is all of it."""
        self.pump.answer(ticket, b"")
        if call.tainted:
            self.tainted_ends += 1
            self._seldom_ends.warning("the report of an end is not believed (%s)", call.tainted)
            return
        self.ended += 1
        try:
            self._register.ended(call, self._clock())
        except Exception as fault:
            LOG.error("the end of call %s is not registered: %r", call.uniqueid, fault, exc_info=fault)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as fault:
        raise SettingsError(f"{text!r} is no network: {fault}", remedy="for example --allow 192.0.2.0/24") from None
