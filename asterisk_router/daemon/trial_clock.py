"""A clock that is not the real one, so that a whole day of schedules can be tried in seconds."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from ..settings import Clock


class TrialClock:
    """Shows its start when it is first asked, which is at the first call, and runs from then on."""

    def __init__(self, clock: Clock, steady: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._steady = steady
        self._began_s: float | None = None

    def __call__(self) -> float:
        """Seconds since 1970 UTC, by this clock."""
        now_s = self._steady()
        if self._began_s is None:
            self._began_s = now_s
        return self._clock.at(now_s - self._began_s)
