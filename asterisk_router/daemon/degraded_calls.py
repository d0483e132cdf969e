"""Says how many calls were decided without their caller, and why: once a minute in the log, always in the notice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

LOG = logging.getLogger(__name__)

SAY_S = 60.0
"""How often the log is told, while there is something to tell."""


class Asked(Protocol):
    """The caller book, as far as it can say what became of look-ups."""

    @property
    def degraded(self) -> Mapping[str, int]:
        """Why look-ups were answered as degraded -> how many of them, since the start."""

    @property
    def store_fault(self) -> str:
        """Why calls meet no caller at the moment; empty while they do."""


class DegradedCalls:
    """The tally of a daemon."""

    def __init__(self, book: Asked, calls: Callable[[], int], late: Callable[[], int]) -> None:
        """`calls` counts the calls that were degraded, `late` those decided at their own deadline."""
        self._book = book
        self._calls = calls
        self._late = late
        self._said = 0
        self._said_why: dict[str, int] = {}

    def why(self) -> dict[str, int]:
        """How often since the start what failed; a call that met its deadline before a late store has both."""
        late = self._late()
        return {**self._book.degraded, **({"deadline of the call": late} if late else {})}

    def as_plain(self) -> dict[str, Any]:
        """What people are told."""
        return {"degraded": self._calls(), "degraded_why": self.why(), "store_fault": self._book.store_fault}

    async def keep(self) -> None:
        """Tell the log once a minute, until cancelled."""
        while True:
            await asyncio.sleep(SAY_S)
            self.say()

    def say(self) -> None:
        """Tell the log what came since it was last told; nothing when nothing came."""
        calls, why = self._calls(), self.why()
        since = {kind: count - self._said_why.get(kind, 0) for kind, count in why.items()}
        if calls > self._said:
            by_kind = ", ".join(f"{kind}: {count}" for kind, count in since.items() if count)
            LOG.warning("calls decided without their caller in the last minute: %d (%s)", calls - self._said, by_kind)
        self._said, self._said_why = calls, why
