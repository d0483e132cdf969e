"""The connection of calls: a lasting one behind a breaker, so that a slow store costs the first few calls only."""

from __future__ import annotations

import asyncio
import logging
import random

from ...errors import StoreError, StoreUnavailableError
from .breaker import LATE_MIN, Breaker
from .resp_connection import Address, RespConnection
from .resp_wire import LateReplyError, Reply, RespWire

GREETED_S = 0.1
"""A server that greets us so soon may be asked by calls; the breaker notices if that was wrong."""

LOG = logging.getLogger(__name__)


class SlowStoreError(StoreUnavailableError):
    """The store answered late so often that calls do not ask it for now."""


class CallConnection(RespConnection):
    """A connection that calls look up over: probed by itself, never by a call, and joined again after a good probe."""

    def __init__(self, address: Address, budget_s: float, probe: bytes) -> None:
        """`probe` is a key under which nothing lies; it is read to learn whether the store answers in time."""
        super().__init__(address, budget_s)
        self.breaker = Breaker(lambda pause_s: pause_s * random.uniform(0.5, 1.5))
        """Whether calls ask at all."""
        self._probe_key = probe
        self._timer: asyncio.TimerHandle | None = None

    async def close(self) -> None:
        """Disconnect for good, and probe no more."""
        self._rest()
        await super().close()

    def _stands(self, wire: RespWire) -> None:
        """The greeting was the first probe, with time for a machine that is busy with a start; else another at once."""
        wire.on_late = self._late
        self.breaker.probe()
        if wire.greeted_s <= GREETED_S:
            self._probed(wire, in_time=True)
        else:
            wire.get(self._probe_key, lambda reply: self._probed_by(wire, reply))

    def _lost(self, fault: StoreError) -> None:
        super()._lost(fault)
        self.breaker.lost()
        self._rest()

    def _late(self, wire: RespWire) -> None:
        if self.breaker.late(asyncio.get_running_loop().time(), wire.told - wire.late):
            LOG.warning("the store is too slow: %d look-ups had no answer in time, calls do not ask it now", LATE_MIN)
            self._close_to_calls(wire)

    def _probe(self, wire: RespWire) -> None:
        self._timer = None
        if self.breaker.probe():
            wire.get(self._probe_key, lambda reply: self._probed_by(wire, reply))

    def _probed_by(self, wire: RespWire, reply: Reply) -> None:
        if not isinstance(reply, StoreUnavailableError) or isinstance(reply, LateReplyError):
            self._probed(wire, not isinstance(reply, LateReplyError))  # else the connection is lost

    def _probed(self, wire: RespWire, in_time: bool) -> None:
        """A refusal that came in time is an answer, too: whoever asks is told at once."""
        again = isinstance(self._fault, SlowStoreError)
        self.breaker.probed(asyncio.get_running_loop().time(), in_time)
        self._tried.set()
        if not in_time:
            self._close_to_calls(wire)
            return
        self._wire, self._fault = wire, wire.fault
        if again:
            LOG.info("the store answers in time again")

    def _close_to_calls(self, wire: RespWire) -> None:
        self._wire = None
        self._fault = SlowStoreError("Redis answers too late", where=str(self.address))
        self._timer = asyncio.get_running_loop().call_later(self.breaker.pause_s(), self._probe, wire)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
