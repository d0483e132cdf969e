"""One look at the queues of a PBX over its manager interface: log in, read one snapshot, leave."""

from __future__ import annotations

import asyncio
import ssl
from time import time
from typing import Any

from ..errors import AmiError
from ..queues.events import Event, LineListed
from ..settings import AmiServer
from .ami_link import AmiLink

GLANCE_S = 6.0
"""How long a PBX that let us in may take to tell what is in its queues."""


async def glance(server: AmiServer) -> LineListed:
    """What is in every queue of `server` now; raises AmiError when it is away, refuses us or does not say."""
    listed: asyncio.Future[LineListed] = asyncio.get_running_loop().create_future()
    link = AmiLink(server, _Listener(listed), time, ssl.create_default_context() if server.tls else None)
    gone: asyncio.Future[bool] = asyncio.ensure_future(link.gone.wait())
    try:
        await link.open()
        first: set[asyncio.Future[Any]] = {listed, gone}
        await asyncio.wait(first, timeout=GLANCE_S, return_when=asyncio.FIRST_COMPLETED)
        if not listed.done():
            remedy = "is app_queue loaded, and does the user of manager.conf have  read = agent ?"
            raise AmiError(link.why or "does not list its queues", where=str(server), remedy=remedy)
        return listed.result()
    finally:
        gone.cancel()
        link.close()


class _Listener:
    """Waits for the first snapshot."""

    def __init__(self, listed: asyncio.Future[LineListed]) -> None:
        self._listed = listed

    def happened(self, event: Event, at_s: float) -> None:
        """Take the snapshot; what happens before and after it is nothing to us."""
        if isinstance(event, LineListed) and not self._listed.done():
            self._listed.set_result(event)

    def heard(self, at_s: float) -> None:
        """A sign of life says nothing about queues."""

    def lost(self, why: str) -> None:
        """Told by the link itself."""
