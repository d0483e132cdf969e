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
from functools import partial
from time import time
from typing import TYPE_CHECKING, Any, Protocol

from .._native import kernel
from ..errors import SettingsError
from ..numbering.number import masked
from ..wire.answer import answer, no_decision

if TYPE_CHECKING:
    from ..call_path import CallPath
    from ..policy.decision import Decision
    from ..wire.incoming_call import IncomingCall

LOG = logging.getLogger(__name__)

TICK_S = 0.005
"""How often the calls at hand are looked over for their deadlines, while there are any: no call is later than this."""

ASKING_S = 0.2
"""How long Asterisk may take to say its piece: after it the dialplan's 300 ms are as good as over."""

CLOSING_S = 1.0
"""How long Asterisk may take to carry out the answer and close; then we close."""


class InForce(Protocol):
    """Who holds the path of the policy in force; asked anew for every call."""

    path: CallPath
    """The path that routes the next call."""


class Register(Protocol):
    """Who keeps every call; told when nobody waits any more, and never raises."""

    def decided(self, call: IncomingCall, decision: Decision | None, at_s: float) -> None:
        """A call that rang at `at_s` has its answer; None when it got the default by a fault of ours."""

    def ended(self, call: IncomingCall, at_s: float) -> None:
        """The dialplan reports a call that ended by `at_s`."""


class Unregistered:
    """In place of a register, where nobody keeps calls."""

    def decided(self, call: IncomingCall, decision: Decision | None, at_s: float) -> None:
        """Keep nothing."""

    def ended(self, call: IncomingCall, at_s: float) -> None:
        """Keep nothing."""


class FastAgiDoor:
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
        self.answered = 0
        """Calls that got a decision."""
        self.late = 0
        """Calls decided at the deadline, without their caller."""
        self.tainted = 0
        """Calls whose bytes were not to be believed."""
        self.failed = 0
        """Calls that met a fault of ours and got the `failure` line."""
        self.ended = 0
        """Reports of calls that ended; none of them is a call to answer."""
        self.tainted_ends = 0
        """Reports whose bytes were not to be believed, and which were dropped."""
        self._register: Register = Unregistered() if register is None else register
        self._in_force = in_force
        self._clock = clock
        self._networks = [_network(text) for text in allow]
        self._admitted: dict[str, bool] = {}
        self._waiting: dict[int, tuple[IncomingCall, float]] = {}
        self._answering = -1  # the ticket whose answer is being sent
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._beat_s = 0.0
        patience = tuple(round(seconds / TICK_S) for seconds in (ASKING_S, deadline_s, CLOSING_S))
        make = pump or kernel("agi_pump").Pump
        self.pump = make(self._asked, self._overdue, self.admits, most_calls, patience)
        """Moves the bytes, and counts what never became a call."""

    def open(self, listeners: Iterable[socket.socket]) -> None:
        """Answer on `listeners` from now on, inside the running event loop."""
        self._loop = asyncio.get_running_loop()
        for listener in listeners:
            self.pump.listen(listener)
        self._loop.add_reader(self.pump.fileno(), self._turn)

    async def close(self, patience_s: float = CLOSING_S) -> None:
        """Take no more calls, finish those at hand within `patience_s`, drop the rest."""
        if self._loop is None:
            return  # never opened, or closed already
        self.pump.deafen()
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
                LOG.warning("%s may not ask and is turned away (--allow %s lets it in)", address, address)
        return self._admitted[address]

    def _turn(self) -> None:
        self.pump.turn()
        if self._timer is None and self.pump.busy():
            assert self._loop is not None
            now_s = self._loop.time()
            # on the beat, so that delays do not add up; after a stall from now on, for it does not count
            self._beat_s = self._beat_s + TICK_S if self._beat_s + TICK_S > now_s else now_s + TICK_S
            self._timer = self._loop.call_at(self._beat_s, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.pump.tick()
        self._turn()

    def _asked(self, ticket: int, call: IncomingCall) -> None:
        at_s = self._clock()
        if call.ended:
            self._reported(ticket, call, at_s)
            return
        self._waiting[ticket] = call, at_s
        if call.tainted:
            self.tainted += 1
            LOG.warning("a call is not believed (%s) and gets the default branch", call.tainted)
        decided, failed = partial(self._decided, ticket), partial(self._failed, ticket)
        try:
            self._in_force.path.route(call, at_s, decided, failed)
        except Exception as fault:  # whatever is wrong with us, the call goes on
            self._failed(ticket, fault)

    def _reported(self, ticket: int, call: IncomingCall, at_s: float) -> None:
        """A call that ended: whoever reports it waits for nothing, so the end of the answer is all of it."""
        self.pump.answer(ticket, b"")
        if call.tainted:
            self.tainted_ends += 1
            LOG.warning("the report of an end is not believed (%s)", call.tainted)
            return
        self.ended += 1
        try:
            self._register.ended(call, at_s)
        except Exception as fault:
            LOG.error("the end of call %s is not registered: %r", call.uniqueid, fault, exc_info=fault)

    def _decided(self, ticket: int, decision: Decision) -> None:
        if ticket not in self._waiting:
            return  # the deadline came first
        try:
            said = answer(decision)
        except Exception as fault:
            self._failed(ticket, fault)
            return
        call, at_s = self._waiting.pop(ticket)
        self._answering = ticket
        if self.pump.answer(ticket, said):
            self.answered += 1
        if self._answering == ticket:  # else the same call turned out tainted, and was decided as such
            self._answering = -1
            self._registered(call, decision, at_s)

    def _overdue(self, ticket: int) -> None:
        waiting = self._waiting.get(ticket)
        if waiting is None:
            return
        self.late += 1
        try:
            self._decided(ticket, self._in_force.path.decide_without_store(*waiting))
        except Exception as fault:
            self._failed(ticket, fault)

    def _failed(self, ticket: int, fault: Exception) -> None:
        waiting = self._waiting.pop(ticket, None)
        if waiting is None:
            return
        call, at_s = waiting
        self.failed += 1
        LOG.error("a call from %s goes to the default: %r", masked(call.caller_number), fault, exc_info=fault)
        self.pump.answer(ticket, no_decision())
        self._registered(call, None, at_s)

    def _registered(self, call: IncomingCall, decision: Decision | None, at_s: float) -> None:
        try:
            self._register.decided(call, decision, at_s)
        except Exception as fault:  # the caller has their answer
            LOG.error("call %s is not registered: %r", call.uniqueid, fault, exc_info=fault)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as fault:
        raise SettingsError(f"{text!r} is no network: {fault}", remedy="for example --allow 192.0.2.0/24") from None
