"""How long something is waited for by a process that may itself be kept from running.

A limit by the clock alone holds our own stalls against who asks: after one that is longer than the limit the clock has
run out and the question has come, both at once, and `asyncio.wait_for` goes by the clock. So what counts here is how
often we have looked: a stall, however long, is one glance, and after it whoever was stalled with us, as by the machine,
has the rest of the time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from math import ceil
from typing import Any, TypeVar

from ...ending import ended

Result = TypeVar("Result")

GLANCE_S = 0.25
"""How often it is looked, at least."""

LEAST_GLANCES = 8
"""Into how many a short patience is divided."""


async def in_time(work: Coroutine[Any, Any, Result], patience_s: float) -> Result:
    """What `work` returns; raises asyncio.TimeoutError where it has not for so long of our time, and ends it.

    What is done all the same when it is told to end is done, and told.
    """
    task = asyncio.ensure_future(work)
    glance_s = min(GLANCE_S, patience_s / LEAST_GLANCES)
    try:
        for _ in range(ceil(patience_s / glance_s)):
            await asyncio.wait({task}, timeout=glance_s)
            if task.done():
                return task.result()
    finally:
        if not task.done():
            await ended(task)
    if task.cancelled():
        raise asyncio.TimeoutError
    return task.result()
