"""What callers of each class would wait: the calls of a queue played through its agents.

A day is its calls (when each arrives, its class, head start, how long an agent talks, how patient the caller is) and
its shifts (how many agents from when on). It is played as Asterisk queues callers under our dialplan: the most seconds
of waiting and head start together go first. What is assumed, and must be told beside the figures:

- agents are alike, are rung without delay and answer at once; they finish the call in which their shift ends;
- a caller hangs up when patience ends, whatever is announced, and does not call again;
- how long an agent talks has nothing to do with the wait.

Chances come from a seed, each replication and purpose with a stream of its own: two policies played on the same seed
meet the same calls, so their difference is far surer than either figure (`differences`).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from math import inf
from typing import Final, NamedTuple

from .._native import kernel
from .intervals import CONFIDENCE, Interval, interval

STREAMS: Final = 4
"""Streams of chances for each replication: arrivals, classes, service, patience."""


class Arrivals(NamedTuple):
    """The calls of a day in order of arrival, one entry a call in each array; of C doubles, classes of C ints."""

    at_s: array[float]
    """When the caller enters the queue, in seconds from any moment before the first."""
    class_of: array[int]
    """The class, counted from 0."""
    head_start_s: array[float]
    """Seconds counted as if they had been waited; `inf` goes before everybody whose head start is finite."""
    service_s: array[float]
    """How long the call takes an agent: talking and wrap-up."""
    patience_s: array[float]
    """How long the caller waits before hanging up; `inf`: for ever."""


class Shifts(NamedTuple):
    """How many agents there are; before the first change there are none."""

    changes_s: array[float]
    """When the number changes, on the clock of the arrivals; doubles, in order."""
    agents: array[int]
    """How many there are from then on; C ints."""

    @classmethod
    def always(cls, agents: int) -> Shifts:
        """The same number all the time."""
        return cls(array("d", [0.0]), array("i", [agents]))


class ClassFigures(NamedTuple):
    """What became of one class's calls in one day."""

    offered: float
    """Calls."""
    served: float
    """Calls answered."""
    hung_up: float
    """Calls whose caller hung up."""
    left: float
    """Callers of endless patience who wait when the last agent has gone; in no mean."""
    in_time: float
    """Calls answered within the promised wait."""
    had_to_wait: float
    """Calls that found no agent free."""
    served_wait_s: float
    """Seconds that those answered waited, in all."""
    hung_up_wait_s: float
    """Seconds that those who hung up waited, in all."""

    @property
    def mean_wait_s(self) -> float | None:
        """Mean wait of everybody, answered or not; None of nobody."""
        return _ratio(self.served_wait_s + self.hung_up_wait_s, self.served + self.hung_up)

    @property
    def mean_wait_of_waiters_s(self) -> float | None:
        """Mean wait of those who found no agent free."""
        return _ratio(self.served_wait_s + self.hung_up_wait_s, self.had_to_wait)

    @property
    def mean_wait_of_served_s(self) -> float | None:
        """Mean wait of those answered."""
        return _ratio(self.served_wait_s, self.served)

    @property
    def abandonment(self) -> float | None:
        """Share of callers who hung up."""
        return _ratio(self.hung_up, self.offered)

    @property
    def abandonment_of_waiters(self) -> float | None:
        """Share of those who found no agent free who hung up."""
        return _ratio(self.hung_up, self.had_to_wait)

    @property
    def service_level(self) -> float | None:
        """Share of all calls that were answered within the promised wait; who hangs up counts against it."""
        return _ratio(self.in_time, self.offered)

    @property
    def share_that_waits(self) -> float | None:
        """Share of calls that found no agent free."""
        return _ratio(self.had_to_wait, self.offered)

    def __add__(self, other: object) -> ClassFigures:
        """Both together, as of two days or two classes."""
        if not isinstance(other, ClassFigures):
            return NotImplemented
        return ClassFigures(*map(sum, zip(self, other, strict=True)))


FIGURES: Final = (
    "mean_wait_s", "mean_wait_of_waiters_s", "mean_wait_of_served_s", "abandonment", "abandonment_of_waiters",
    "service_level", "share_that_waits",
)  # fmt: skip
"""The ratios of ClassFigures of which there are estimates."""


class Played(NamedTuple):
    """A day after it."""

    waited_s: array[float]
    """By call: seconds waited, until the answer or the end of patience."""
    fates: array[int]
    """By call: `SERVED`, `HUNG_UP` or `LEFT` of the kernel; signed chars."""
    classes: tuple[ClassFigures, ...]
    """By class: the counted calls."""


class RandomClass(NamedTuple):
    """One class of an invented queue."""

    calls_per_hour: float
    """How often such callers call, at random moments."""
    service_s: float
    """Mean of the exponential time a call takes an agent."""
    head_start_s: float = 0.0
    """Seconds of head start."""
    patience_s: float = inf
    """Mean of the exponential patience; `inf`: nobody hangs up."""


def play_day(arrivals: Arrivals, shifts: Shifts, promised_s: Sequence[float], counted_from_s: float = 0.0) -> Played:
    """Play one day. `promised_s` has the promised wait of each class; calls before `counted_from_s` are not counted.

    Raises ValueError for calls out of order, and values that are none.
    """
    native = kernel("queue_day")
    calls = len(arrivals.at_s)
    waited_s, fates = doubles(calls), array("b", bytes(calls))
    width = len(ClassFigures._fields)
    tally = doubles(width * len(promised_s))
    native.play(*arrivals, *shifts, array("d", promised_s), counted_from_s, waited_s, fates, tally)
    classes = tuple(ClassFigures(*tally[at : at + width]) for at in range(0, len(tally), width))
    return Played(waited_s, fates, classes)


def doubles(count: int) -> array[float]:
    """So many zeros, to be filled."""
    return array("d", bytes(8 * count))


def random_calls(classes: Sequence[RandomClass], calls: int, seed: int, replication: int) -> Arrivals:
    """Calls of an invented queue that is the same at every hour: M/M/c, or M/M/c+M where patience ends."""
    native = kernel("queue_day")
    rates = [each.calls_per_hour for each in classes]
    at_s, class_of, service_s, patience_s = doubles(calls), array("i", bytes(4 * calls)), doubles(calls), doubles(calls)
    moments, kinds, talks, waits = (native.Draws(seed, replication * STREAMS + use) for use in range(STREAMS))
    moments.arrivals(3600 / sum(rates), at_s)
    if len(classes) > 1:
        kinds.classes(array("d", [*(part / sum(rates) for part in accumulate(rates))]), class_of)
    talks.exponential(array("d", [each.service_s for each in classes]), class_of, service_s)
    waits.exponential(array("d", [each.patience_s for each in classes]), class_of, patience_s)
    given = [each.head_start_s for each in classes]
    head_start_s = (
        array("d", [given[0]]) * calls if len(set(given)) == 1 else array("d", map(given.__getitem__, class_of))
    )
    return Arrivals(at_s, class_of, head_start_s, service_s, patience_s)


def replicated(
    draw: Callable[[int], Arrivals],
    shifts: Shifts,
    promised_s: Sequence[float],
    replications: int,
    counted_from_s: float = 0.0,
) -> list[tuple[ClassFigures, ...]]:
    """The figures of each replication by class; `draw` gives the calls of the one of that number."""
    return [play_day(draw(number), shifts, promised_s, counted_from_s).classes for number in range(replications)]


def estimate(days: Iterable[ClassFigures], figure: str, confidence: float = CONFIDENCE) -> Interval:
    """One of FIGURES from independent replications of a class; raises ValueError where none of them has such a call."""
    values = [getattr(day, figure) for day in days]
    return interval([value for value in values if value is not None], confidence)


def differences(
    before: Iterable[ClassFigures], after: Iterable[ClassFigures], figure: str, confidence: float = CONFIDENCE
) -> Interval:
    """By how much a figure changes, of replications that met the same calls, each compared with its own."""
    pairs = [(getattr(one, figure), getattr(other, figure)) for one, other in zip(before, after, strict=True)]
    return interval([other - one for one, other in pairs if one is not None and other is not None], confidence)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
