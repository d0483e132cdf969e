"""Everything that keeps calls, as one thing the daemon opens with its door and closes after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from ..callers.registered_call import BeganCall
from ..ending import ended
from .call_register import FORGOTTEN_S, CallRegister
from .endless import endless

LOOK_S = 5.0
"""How often it is looked for calls whose end nobody reported."""


class KeepsCalls(Protocol):
    """The registry, as far as its life goes."""

    def open(self) -> None:
        """Begin to register."""

    async def close(self) -> None:
        """Register what is left, or leave it to the next start."""

    async def unfinished(self, since_s: float) -> list[BeganCall]:
        """Calls that an earlier daemon saw begin and not end."""


class KeptCalls:
    """The registry, what is told to it, and the work that goes on beside the calls."""

    def __init__(
        self,
        registry: KeepsCalls,
        register: CallRegister,
        works: Sequence[tuple[str, Callable[[], Awaitable[None]]]],
        *,
        clock: Callable[[], float],
        is_taking: Callable[[], bool] = lambda: True,
    ) -> None:
        self.registry = registry
        """Where every call is kept."""
        self.is_taking = is_taking
        """Whether a call that begins now is sure to be kept."""
        self.register = register
        """What the door tells of each."""
        self._works = works
        self._clock = clock
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Begin, inside the running event loop."""
        self.registry.open()
        loop = asyncio.get_running_loop()
        self._tasks.append(loop.create_task(self._resume()))
        for what, work in (("concluding calls", self._conclude), *self._works):
            self._tasks.append(loop.create_task(endless(work, what)))

    async def close(self) -> None:
        """End all work; what is not registered by then is in the journal."""
        await ended(*self._tasks)
        await self.registry.close()

    async def _resume(self) -> None:
        """Wait for the ends of calls that an earlier daemon saw begin."""
        for call in await self.registry.unfinished(self._clock() - FORGOTTEN_S):
            self.register.resume(call)

    async def _conclude(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            self.register.conclude_unreported()
