"""A daemon hears whom people forgot, and forgets them: what it would still register, its journal, its comparisons."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from ..errors import StoreError

LOG = logging.getLogger(__name__)

ROUND_S = 1.0
"""How often it is looked whether anybody was forgotten: one round trip."""

DISK_S = 10.0
"""How long the journal may take to write down what was taken before."""


class Marks(Protocol):
    """Who was forgotten, as `store/forgotten` keeps it; these raise StoreError."""

    async def check_key(self) -> None:
        """Raise StoreError unless the key of pseudonyms is that of the others."""

    async def read(self) -> Mapping[str, float]:
        """Pseudonym -> until when its calls are not to be registered; from then on `covers` knows."""

    async def say_clean(self, daemon: str, until_s: float) -> None:
        """This daemon lives and has forgotten everybody up to that mark."""

    async def leave(self, daemon: str) -> None:
        """This daemon ends."""


class Registry(Protocol):
    """The registry, as far as its journal goes."""

    async def on_disk(self, patience_s: float) -> bool:
        """Wait until everything taken so far is on the disk; whether it is."""


class Forgetting:
    """The work of one daemon, beside the calls."""

    def __init__(self, marks: Marks, registry: Registry, scrub: Callable[[], int], forget: Callable[[], None]) -> None:
        self._marks = marks
        self._registry = registry
        self._scrub = scrub  # erases from the journals of the state directory; blocks, raises OSError
        self._forget = forget  # drops what is kept of single calls in memory
        self._name = f"{socket.gethostname()}-{os.getpid()}"
        self._clean: Mapping[str, float] = {}
        self._said = ""

    async def keep(self) -> None:
        """Look again and again, until cancelled; a store or a disk that is away is waited for, and said once."""
        try:
            while True:
                try:
                    await self.look()
                    self._said = ""
                except (StoreError, OSError) as fault:
                    if str(fault) != self._said:
                        LOG.warning("who was forgotten is not known, or not erased here yet: %s", fault)
                    self._said = str(fault)
                await asyncio.sleep(ROUND_S)
        finally:
            # whoever forgets waits some seconds at most for a daemon that is gone
            with suppress(StoreError, asyncio.TimeoutError, TimeoutError):
                await asyncio.wait_for(self._marks.leave(self._name), ROUND_S)

    async def look(self) -> None:
        """Look once; raises StoreError, OSError."""
        await self._marks.check_key()
        marks = dict(await self._marks.read())
        # from `read` on nothing of theirs is taken; what was taken before is on the disk now, and goes from there
        if marks != self._clean and await self._registry.on_disk(DISK_S):
            await asyncio.to_thread(self._scrub)
            self._forget()
            self._clean = marks
        await self._marks.say_clean(self._name, max(self._clean.values(), default=0.0))
