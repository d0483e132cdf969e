"""What one policy makes of the live lines: how long one waits, how hard each queue is pressed, the bar that holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from ..queues.pressure import PressureGauge
from .facts.table import PRESSURE_LEVELS
from .queue_rules import QueueRules
from .situation import LiveAnswers

MOST_LINES: Final = 64
"""Live lines remembered before starting afresh; a daemon follows a few, tests and tools imagine many."""

ESTIMATE_HOLDS_S: Final = 1.0
"""How long an estimated wait is taken for what it was, unless somebody became free, or the last free agent is not.

An estimate costs more than a whole decision, and a lively line changes a hundred times a second; it is good to some
seconds at best. Who is free and how many wait is read anew at every change of the line.
"""

_NONE: Final = -1
"""No turn at all: nothing is remembered."""

_RANKS = {word: rank for rank, word in enumerate(PRESSURE_LEVELS)}


class _Estimate(NamedTuple):
    """An expected wait as it was estimated."""

    at_s: float
    """When."""
    anybody: bool
    """Whether anybody was free then."""
    wait_s: int | None
    """The wait; None when unknown."""


class LiveView:
    """One line: a gauge with its memory for each queue, and what was read off it at the latest turn."""

    def __init__(self, live: LiveAnswers, queues: Mapping[str, QueueRules]) -> None:
        self._live = live
        self._queues = queues
        self._gauges: dict[str, PressureGauge] = {}
        self._estimates: dict[tuple[str, int], _Estimate] = {}
        self._turn = _NONE
        self._losses = live.losses
        self._pressures: dict[str, int | None] = {}
        self._bars: dict[str, int | None] = {}

    def pressure(self, queue: str, at_s: float) -> int | None:
        """The pressure of a queue as its rank in PRESSURE_LEVELS; None when unknown."""
        if not self._is_good(at_s):
            return None
        if queue not in self._pressures:
            word = self._gauge(queue).read(self._estimate(queue, at_s, 0))
            self._pressures[queue] = None if word is None else _RANKS[word]
        return self._pressures[queue]

    def least_value(self, queue: str, at_s: float) -> int | None:
        """The value bar of a queue now: the least value of a caller who is queued at once; None when unknown."""
        if not self._is_good(at_s):
            return None
        if queue not in self._bars:
            wait_s = self._estimate(queue, at_s, 0)
            self._bars[queue] = None if wait_s is None else self._queues[queue].least_value(wait_s)
        return self._bars[queue]

    def expected_wait_s(self, queue: str, at_s: float, head_start_s: int = 0) -> int | None:
        """Seconds somebody who enters a queue with that head start will wait; None when unknown."""
        return self._estimate(queue, at_s, head_start_s) if self._is_good(at_s) else None

    def _is_good(self, at_s: float) -> bool:
        """Whether the line can be believed; forgets what was read at an earlier turn, and everything of a lost line."""
        live = self._live
        if at_s > live.good_until_s:
            if self._turn != _NONE:
                self._forget()
            return False
        if self._turn != live.turn:
            if self._losses != live.losses:  # lost and found again between two looks
                self._forget()
                self._losses = live.losses
            self._turn = live.turn
            self._pressures.clear()
            self._bars.clear()
        return True

    def _forget(self) -> None:
        """The line was lost: what was before says nothing about what is after."""
        self._turn = _NONE
        self._estimates.clear()
        self._gauges.clear()

    def _gauge(self, queue: str) -> PressureGauge:
        gauge = self._gauges.get(queue)
        if gauge is None:
            rules = self._queues[queue]
            gauge = self._gauges[queue] = PressureGauge(rules.busy_from_s, rules.overloaded_from_s)
        return gauge

    def _estimate(self, queue: str, at_s: float, head_start_s: int) -> int | None:
        """The expected wait, estimated now or up to ESTIMATE_HOLDS_S ago."""
        name = self._queues[queue].asterisk
        anybody = bool(self._live.free(name, at_s))
        kept = self._estimates.get((queue, head_start_s))
        if kept is not None and kept[1] is anybody and 0 <= at_s - kept[0] < ESTIMATE_HOLDS_S:
            return kept[2]
        wait_s = self._live.expected_wait_s(name, at_s, head_start_s)
        self._estimates[queue, head_start_s] = _Estimate(at_s, anybody, wait_s)
        return wait_s


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
