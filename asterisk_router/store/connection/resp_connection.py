"""A lasting connection to Redis: opened again in the background whenever it is lost."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from ...ending import ended
from ...errors import StoreError, StoreUnavailableError
from .redis_address import Place
from .resp_wire import Command, Reply, RespWire, Told, answers, pack, pack_set_new, settle

LOG = logging.getLogger(__name__)

CALL_BUDGET_S = 0.020
"""How long a call waits for the store."""

ACT_BUDGET_S = 5.0
"""How long an act of a person, an import or a note off the call path waits for the store."""

GREETING_S = 2.0
"""How long a server may take to accept us."""

RETRY_FIRST_S, RETRY_MAX_S = 0.05, 0.5
"""Pause before connecting again, doubled up to the second after every failure, half to one and a half times that.

So long at most callers stay unknown when the server is well again; an attempt takes 0.5 ms of processor time.
"""

STEADY_S = 5.0
"""A connection, or an attempt at one, that lasted this long makes the next pause short again."""


class Address(Protocol):
    """Where a server is, and who we are to it; `str()` of it is fit for a log."""

    @property
    def password(self) -> str:
        """The password that no log may hold; empty for none."""

    @property
    def greeting(self) -> list[tuple[str | int, ...]]:
        """The commands said first on every connection."""

    def unfit(self, replies: Sequence[Reply]) -> str:
        """Why a server that greeted us so is not the one; empty when it is."""

    async def connect(self, protocol: Callable[[], asyncio.Protocol]) -> Place:
        """Open one connection, and say to which server; raises OSError, StoreUnavailableError."""

    async def left(self, place: Place) -> None:
        """Return when another server is to be used in its place."""


class StoreConnection(Protocol):
    """What the book needs of a connection, real or in the process."""

    persistent: bool
    """Whether what is written outlives this process."""

    @property
    def why(self) -> str:
        """Why nobody is served over it now; empty while they are."""

    def get(self, key: bytes, told: Told) -> None:
        """Read the string under `key` and tell `told` its bytes, None or a StoreError, exactly once."""

    def send(self, commands: Sequence[Command]) -> asyncio.Future[list[Reply]]:
        """Send commands together; the replies in order, a refused one as a StoreError among them.

        The future raises StoreUnavailableError when they did not all come.
        """

    def set_new(self, keys: Sequence[bytes], records: Sequence[bytes]) -> asyncio.Future[list[Reply]]:
        """Store each record under its key where there is nothing yet; replies as of `SET NX`, None: there was."""

    async def open(self, wait_s: float) -> None:
        """Connect; returns after the first attempt, or after `wait_s`, and goes on trying by itself."""

    async def close(self) -> None:
        """Disconnect for good."""


class RespConnection:
    """A connection to one server by our own protocol, the same budget for everybody who waits on it."""

    persistent = True
    """Whether what is written outlives this process: the server sees to it."""

    def __init__(self, address: Address, budget_s: float) -> None:
        self.address = address
        """Where the server is."""
        self.budget_s = budget_s
        """How long anybody waits for a reply."""
        self._wire: RespWire | None = None  # what whoever asks is served over
        self._standing: RespWire | None = None  # the same, or what is not to be asked over now
        self._fault: StoreError = StoreUnavailableError("not connected yet", where=str(address))
        self._keeper: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()

    @property
    def connected(self) -> bool:
        """Whether the server has greeted us and the connection stands."""
        return self._standing is not None and not self._standing.gone.is_set()

    @property
    def why(self) -> str:
        """Why nobody is served over it now; empty while they are."""
        return "" if self._wire is not None else str(self._fault)

    def get(self, key: bytes, told: Told) -> None:
        """Read the string under `key` and tell `told` within the budget; at once when not connected."""
        wire = self._wire
        if wire is None:
            told(self._fault)
        else:
            wire.get(key, told)

    def send(self, commands: Sequence[Command]) -> asyncio.Future[list[Reply]]:
        """Send commands together and return the future of their replies."""
        return self._send(pack(commands), len(commands))

    def set_new(self, keys: Sequence[bytes], records: Sequence[bytes]) -> asyncio.Future[list[Reply]]:
        """Store each record under its key where there is nothing yet; replies as of `SET NX`, None: there was."""
        return self._send(pack_set_new(keys, records), len(keys))

    def _send(self, packed: bytes, count: int) -> asyncio.Future[list[Reply]]:
        answered: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()
        if not count:
            answered.set_result([])
        elif self._wire is None:
            answered.set_exception(StoreUnavailableError(self._fault.problem, where=self._fault.where))
        else:
            self._wire.send(packed, count, settle(answered))
        return answered

    async def open(self, wait_s: float) -> None:
        """Connect; returns after the first attempt or `wait_s`, and keeps the connection up from then on."""
        self._keeper = asyncio.create_task(self._keep())
        with suppress(asyncio.TimeoutError, TimeoutError):  # it goes on in the background
            await asyncio.wait_for(self._tried.wait(), wait_s)

    async def close(self) -> None:
        """Disconnect for good; whoever still waits is told."""
        self._fault = StoreUnavailableError("the store is closed", where=str(self.address))
        if self._keeper is not None:
            await ended(self._keeper)
        if self._standing is not None:
            self._standing.abort(self._fault)
            await self._standing.gone.wait()

    async def _keep(self) -> None:
        """Connect whenever there is no connection; pauses grow and differ, so that daemons do not come in step."""
        pause_s = RETRY_FIRST_S
        loop = asyncio.get_running_loop()
        while True:
            began_s = loop.time()
            try:
                wire, place = await self._connect()
                LOG.info("connected to %s", self.address)
                self._standing = wire
                self._stands(wire)
                await self._used(wire, place)
                fault: StoreError = StoreUnavailableError(wire.fault.problem, where=str(self.address))
            except StoreError as refused:
                fault = refused
            if str(fault) != str(self._fault):
                LOG.warning("the store is away: %s", fault)
            self._lost(fault)
            self._tried.set()
            pause_s = RETRY_FIRST_S if loop.time() - began_s > STEADY_S else min(pause_s * 2, RETRY_MAX_S)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.5))

    def _stands(self, wire: RespWire) -> None:
        """The server has greeted us over `wire`: whoever asks is served over it."""
        self._wire, self._fault = wire, wire.fault
        self._tried.set()

    def _lost(self, fault: StoreError) -> None:
        """There is no connection: whoever asks is told `fault`."""
        self._wire, self._standing, self._fault = None, None, fault

    async def _used(self, wire: RespWire, place: Place) -> None:
        """Return when the connection is lost, or given up because another server is to be used."""
        gone, left = asyncio.ensure_future(wire.gone.wait()), asyncio.ensure_future(self.address.left(place))
        try:
            await asyncio.wait({gone, left}, return_when=asyncio.FIRST_COMPLETED)
            if not wire.gone.is_set():
                wire.abort(StoreUnavailableError("another server is the master now"))
                await gone
        finally:
            gone.cancel()
            left.cancel()

    async def _connect(self) -> tuple[RespWire, Place]:
        wire = RespWire(GREETING_S)
        try:
            place = await asyncio.wait_for(self.address.connect(lambda: wire), GREETING_S)
            asked_s = asyncio.get_running_loop().time()
            replies = await asyncio.wait_for(answers(wire, self.address.greeting), GREETING_S)
            wire.greeted_s = asyncio.get_running_loop().time() - asked_s
        except (asyncio.TimeoutError, TimeoutError):
            wire.abort(self._fault)
            raise StoreUnavailableError("Redis does not answer", where=str(self.address)) from None
        except (OSError, ValueError, OverflowError) as fault:  # what is no name or port, also as a Sentinel names it
            reason = getattr(fault, "strerror", None) or str(fault)
            raise StoreUnavailableError(f"cannot connect to Redis: {reason}", where=str(self.address)) from None
        except StoreError as lost:
            raise StoreUnavailableError(lost.problem, where=str(self.address)) from None
        except asyncio.CancelledError:
            wire.abort(self._fault)
            raise
        for reply in replies:
            if isinstance(reply, StoreError):
                refused = StoreUnavailableError(f"Redis refused us: {self._censored(reply)}", where=str(self.address))
                wire.abort(refused)
                raise refused
        if unfit := self.address.unfit(replies):
            refused = StoreUnavailableError(unfit, where=str(self.address))
            wire.abort(refused)
            raise refused
        wire.budget_s = self.budget_s
        return wire, place

    def _censored(self, refusal: StoreError) -> str:
        """What the server said, without the password that some servers repeat when they do not know AUTH."""
        password = self.address.password
        return refusal.problem.replace(password, "***") if password else refusal.problem
