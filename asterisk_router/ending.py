"""Tasks that go on until they are told to end, and how they are told so that they do."""

from __future__ import annotations

import asyncio
from typing import Any

AGAIN_S = 1.0
"""How long a task may take to end until it is told again: half a second is what closing a WebSocket may take."""


async def ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and return when they have ended; however they did is not told.

    Up to Python 3.11 `asyncio.wait_for` loses a cancel that comes in the same turn as its result
    (github.com/python/cpython/issues/86296): the task goes on, and whoever told it once would wait for ever.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_S)
