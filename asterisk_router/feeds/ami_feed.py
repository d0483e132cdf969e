"""Follows the queues of one PBX over its manager interface, through whatever happens to PBX and connection.

A call never waits here. While the PBX is away, silent or lies, whoever listens is told that it is `lost` or given a
new snapshot, facts about its queues are unknown, and the policy says what unknown means.
"""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections.abc import Callable
from time import time

from ..ending import ended
from ..errors import AmiError
from ..queues.acts import Act, Done
from ..settings import AmiServer
from ..wire.ami_actions import action_of
from .ami_link import AmiLink, Hear, LoginRefusedError

LOG = logging.getLogger(__name__)

RETRY_FIRST_S, RETRY_MAX_S = 0.1, 2.0
"""Pause before connecting again, doubled up to the second after every failure, each with a random part."""

REFUSED_S = 30.0
"""Pause after a refused login: a PBX that counts refusals bans a host that knocks too often."""

STEADY_S = 5.0
"""A connection that lasted this long makes the next pause short again."""


class AmiFeed:
    """The feed of one PBX; any number of them live side by side in one event loop."""

    def __init__(self, server: AmiServer, hear: Hear, *, clock: Callable[[], float] = time) -> None:
        self.server = server
        """The PBX."""
        self._hear, self._clock = hear, clock
        self._link: AmiLink | None = None
        self._why = "no connection was made yet"
        self._told = ""
        self._keeper: asyncio.Task[None] | None = None
        # made once, for it reads every authority this system knows; whose certificate is not known gets no secret
        self._tls = ssl.create_default_context() if server.tls else None

    @property
    def connected(self) -> bool:
        """Whether the PBX has let us in and the connection stands."""
        return self._link is not None and not self._link.gone.is_set()

    def open(self) -> None:
        """Connect, now and whenever the connection is lost, inside the running event loop; waits for nothing."""
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Disconnect for good; nothing is told any more."""
        if self._keeper is not None:
            await ended(self._keeper)
        self._keeper, self._why = None, "closed"

    async def act(self, act: Act) -> Done:
        """Carry one act out; never raises: a PBX that is away or refuses is told in `Done`, within 5 s."""
        try:
            action = action_of(act)
        except AmiError as unsayable:
            return Done(False, str(unsayable))
        if self._link is None:
            return Done(False, f"not connected: {self._why}")
        return await self._link.ask(action)

    async def relist(self) -> None:
        """Ask what is in every queue; it comes as LineListed. Nothing while not connected: a login asks by itself."""
        if self._link is not None:
            self._link.snapshots.ask()

    async def list_queue(self, queue: str) -> None:
        """Ask what is in one queue; it comes as QueueListed, or as LineListed when there is no such queue."""
        if self._link is not None:
            self._link.snapshots.ask(queue)

    async def _keep(self) -> None:
        """Connect whenever there is no connection; pauses grow and differ, so that daemons do not come in step."""
        pause_s = RETRY_FIRST_S
        loop = asyncio.get_running_loop()
        while True:
            began_s = loop.time()
            refused = False
            try:
                self._why = await self._follow()
            except LoginRefusedError as fault:
                self._why, refused = str(fault), True
            except AmiError as fault:
                self._why = str(fault)
            except Exception as fault:  # ours: the next connection may do better
                LOG.exception("a fault of ours on the way to %s", self.server)
                self._why = f"a fault of ours: {type(fault).__name__}"
            self._tell_lost()
            pause_s = RETRY_FIRST_S if loop.time() - began_s > STEADY_S else min(pause_s * 2, RETRY_MAX_S)
            await asyncio.sleep((REFUSED_S if refused else pause_s) * random.uniform(0.5, 1.5))

    async def _follow(self) -> str:
        """One connection from beginning to end; why it ended. Raises AmiError when it came to none."""
        link = AmiLink(self.server, self._hear, self._clock, self._tls)
        try:
            await link.open()
            LOG.info("connected to %s, manager interface %s", self.server, link.version)
            self._link, self._told = link, ""
            await link.gone.wait()
            return link.why
        finally:
            self._link = None
            link.close()

    def _tell_lost(self) -> None:
        """Tell whoever listens, unless this is what they were told last."""
        if self._why != self._told:
            self._told = self._why
            try:
                self._hear.lost(self._why)
            except Exception:  # whoever listens must not keep us from connecting again
                LOG.exception("a fault of whoever listens to %s", self.server)
