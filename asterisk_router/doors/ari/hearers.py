"""Who hears which events; one that fails is logged and keeps nobody else from hearing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any

from ...ending import ended

LOG = logging.getLogger(__name__)

EVERY = "*"
"""In place of a kind of event: all of them."""


class Hearers:
    """Handlers by kind of event; plain functions are called at once, coroutines run in tasks of their own."""

    def __init__(self) -> None:
        self._by_kind: dict[str, tuple[Callable[..., Any], ...]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, kind: str, handler: Callable[..., Any]) -> Callable[[], None]:
        """Have `handler` told from now on; the result ends that when called, and may be called twice."""
        self._by_kind[kind] = (*self._by_kind.get(kind, ()), handler)

        def forget() -> None:
            kept = list(self._by_kind.get(kind, ()))
            if handler in kept:
                kept.remove(handler)
            self._by_kind[kind] = tuple(kept)

        return forget

    def tell(self, kind: str, *said: Any) -> None:
        """Tell those of this kind, then those of every kind, in the order they were added."""
        for handler in (*self._by_kind.get(kind, ()), *self._by_kind.get(EVERY, ())):
            self.call(handler, *said)

    def call(self, handler: Callable[..., Any], *said: Any) -> None:
        """Call one handler; what it raises is logged."""
        try:
            result = handler(*said)
        except Exception:
            LOG.exception("a handler of ARI events failed: %s", named(handler))
            return
        if isawaitable(result):
            task = asyncio.ensure_future(_awaited(handler, result))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End the coroutines that still run, but the one that closes."""
        await ended(*(task for task in self._tasks if task is not asyncio.current_task()))


def named(handler: Callable[..., Any]) -> str:
    """A handler as people know it."""
    return getattr(handler, "__qualname__", None) or repr(handler)


async def _awaited(handler: Callable[..., Any], result: Awaitable[Any]) -> None:
    try:
        await result
    except Exception:
        LOG.exception("a handler of ARI events failed: %s", named(handler))
