"""The day's own clock: twelve hours in a few seconds, the same for the demo and for the daemon it asks."""

from __future__ import annotations

import asyncio
import time

from ...settings import Clock
from .day_of_calls import DAY_S, FROM_S

LEAST_S = 6.0
"""How long the day takes at least, in real seconds: what happens is to be seen."""

CALL_S = 0.015
"""Real seconds for each of many calls; histories are noted after the answer, and whoever calls again must have one."""

PAUSE_S = 0.003
"""Real pause between two calls, even if the day is running late."""

LEAD_S = 3.5
"""Real seconds from the first question of all to the opening of the day: a daemon hears of a tagged range by then."""


class DayClock:
    """Runs with the daemon's clock, which starts at the first question the daemon is asked."""

    def __init__(self, calls: int) -> None:
        speed = round(DAY_S / max(LEAST_S, calls * CALL_S))
        self.clock = Clock(FROM_S - LEAD_S * speed, speed)
        """What the daemon is told to go by."""
        self._began_s = 0.0

    @property
    def takes_s(self) -> float:
        """How long the day takes, in real seconds."""
        return DAY_S / self.clock.speed

    def start(self) -> None:
        """The daemon has been asked for the first time, just now."""
        self._began_s = time.monotonic()

    def now_s(self) -> float:
        """What both clocks show, in seconds since 1970 UTC."""
        return self.clock.at(time.monotonic() - self._began_s)

    async def reach(self, at_s: float) -> None:
        """Return when the clocks show that moment, or after a short pause if it has passed."""
        await asyncio.sleep(max(PAUSE_S, (at_s - self.now_s()) / self.clock.speed))
