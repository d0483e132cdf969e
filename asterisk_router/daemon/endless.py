"""Work that goes on for the life of the daemon, whatever faults of ours it meets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

LOG = logging.getLogger(__name__)

AGAIN_S = 1.0
"""How soon after a fault of ours the work is begun again."""


async def endless(work: Callable[[], Awaitable[None]], what: str) -> None:
    """Do `work` until cancelled; a fault is logged with `what` it is, and the work begun again.

    A fault in following a PBX must not end the daemon, which routes calls without knowing the queues.
    """
    while True:
        try:
            await work()
        except Exception:
            LOG.exception("a fault of ours in %s; it is begun again", what)
        await asyncio.sleep(AGAIN_S)
