"""What one policy makes of the live lines: how hard each queue is pressed, and the value bar that holds now."""

from __future__ import annotations

from collections.abc import Mapping

from ..queues.pressure import PressureGauge
from .facts import PRESSURE_LEVELS
from .queue_rules import QueueRules
from .situation import LiveAnswers

MOST_LINES = 64
"""Live lines remembered before starting afresh; a daemon follows a few, tests and tools imagine many."""


class LiveView:
    """One line: a gauge with its memory for each queue, and what was read off it at the latest turn."""

    def __init__(self, live: LiveAnswers, queues: Mapping[str, QueueRules]) -> None:
        self._live = live
        self._queues = queues
        self._gauges = {name: PressureGauge(rule.busy_from_s, rule.overloaded_from_s) for name, rule in queues.items()}
        self._turn = -1
        self._pressures: dict[str, int | None] = {}
        self._bars: dict[str, int | None] = {}

    def pressure(self, queue: str, at_s: float) -> int | None:
        """The pressure of a queue as its rank in PRESSURE_LEVELS; None when unknown."""
        if not self._is_good(at_s):
            self._gauges[queue].read(None)  # what was before the line was lost says nothing about what is after
            return None
        if queue not in self._pressures:
            word = self._gauges[queue].read(self._wait_s(queue, at_s))
            self._pressures[queue] = None if word is None else PRESSURE_LEVELS.index(word)
        return self._pressures[queue]

    def least_value(self, queue: str, at_s: float) -> int | None:
        """The value bar of a queue now: the least value of a caller who is queued at once; None when unknown."""
        if not self._is_good(at_s):
            return None
        if queue not in self._bars:
            wait_s = self._wait_s(queue, at_s)
            self._bars[queue] = None if wait_s is None else self._queues[queue].least_value(wait_s)
        return self._bars[queue]

    def _is_good(self, at_s: float) -> bool:
        """Whether the line can be believed; what was read at an earlier turn is forgotten."""
        if self._turn != self._live.turn:
            self._turn = self._live.turn
            self._pressures.clear()
            self._bars.clear()
        return at_s <= self._live.good_until_s

    def _wait_s(self, queue: str, at_s: float) -> float | None:
        return self._live.expected_wait_s(self._queues[queue].asterisk, at_s)


class LiveViews:
    """The views of one policy, a line each; a reload starts with new ones."""

    def __init__(self, queues: Mapping[str, QueueRules]) -> None:
        self.queues = queues
        """Rules of every queue by the policy's name."""
        self._views: dict[LiveAnswers, LiveView] = {}

    def of(self, live: LiveAnswers) -> LiveView:
        """The view of one line."""
        view = self._views.get(live)
        if view is None:
            if len(self._views) >= MOST_LINES:
                self._views.clear()
            view = self._views[live] = LiveView(live, self.queues)
        return view
