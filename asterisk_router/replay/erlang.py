"""How callers fare with so many agents, and how many agents a promise takes: Erlang B, C and A.

Calls come at random at a steady rate (Poisson), handling times and patience are spread like exponential ones, callers
are answered in their order. Erlang B: who finds nobody free is lost. Erlang C: everybody waits for ever. Erlang A (C.
Palm, 1946; written M/M/n+M): each gives up after a patience of their own; Erlang C is its limit as patience grows,
Erlang B as it goes to nothing. Everything here is a sum of positive terms, or an integral of a positive function, so
that nothing is lost by subtraction: thousands of agents are as exact as three.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, expm1, floor, inf, lgamma, log, sqrt
from typing import Final, NamedTuple

from ..errors import RouterError

NEGLIGIBLE: Final = 1e-17
"""A series ends where what is left of it is smaller than this share of its sum."""

LARGE: Final = 1e200
"""Terms are scaled down when they reach this."""

LONG: Final = 10_000
"""Calls within the time of one patience from which on a queue that never empties is not summed term by term."""

NEVER_EMPTY: Final = 200.0
"""From this square of the surplus of calls, in units of its own variance, on a queue is empty once in e**100 times."""

# Gauss and Legendre, five points: Abramowitz and Stegun 25.4.29
_INNER, _OUTER = sqrt(5 - 2 * sqrt(10 / 7)) / 3, sqrt(5 + 2 * sqrt(10 / 7)) / 3
_HEAVY, _LIGHT = (322 + 13 * sqrt(70)) / 900, (322 - 13 * sqrt(70)) / 900
_POINTS: Final = ((-_OUTER, _LIGHT), (-_INNER, _HEAVY), (0.0, 128 / 225), (_INNER, _HEAVY), (_OUTER, _LIGHT))


class Load(NamedTuple):
    """The calls of a stretch of time in which they come at a steady rate."""

    calls_per_s: float
    """Calls that come in a second."""
    handling_s: float
    """Time an agent has with a call, wrap-up included, in the mean."""

    @property
    def erlangs(self) -> float:
        """Agents who would be busy at once if nobody had to wait."""
        return self.calls_per_s * self.handling_s


class Service(NamedTuple):
    """How callers fare with a number of agents."""

    waits: float
    """Share of all callers who find nobody free."""
    in_time: float
    """Share of all callers, those who give up among them, who are answered within the span asked about."""
    mean_wait_s: float
    """Mean wait of all callers, answered at once, later or never; infinite where the queue grows without end."""
    patient_wait_s: float
    """Mean wait of a caller who never gives up: what a promise of a wait means. As `mean_wait_s` in Erlang C."""
    abandons: float
    """Share of all callers who give up."""
    occupancy: float
    """Share of their time that agents are busy."""


PERFECT: Final = Service(0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
"""Nobody waits: what callers have when nobody calls, and what no crew surpasses."""


class Goal(NamedTuple):
    """What callers are promised; every part of it has to hold."""

    within_s: float = 20.0
    """The span for `share`."""
    share: float = 0.8
    """Least share of all callers answered within `within_s`; 0 asks nothing."""
    mean_wait_s: float = inf
    """Longest mean wait of a caller who never gives up."""
    abandons: float = 1.0
    """Largest share of callers who give up."""

    def met_by(self, service: Service) -> bool:
        """Whether callers fare as they were promised."""
        return (
            service.in_time >= self.share
            and service.patient_wait_s <= self.mean_wait_s
            and service.abandons <= self.abandons
        )


def erlang_b(agents: int, erlangs: float) -> float:
    """Share of callers who find nobody free when nobody can wait.

    >>> round(erlang_b(15, 8.108), 4)
    0.01
    """
    lost = 1.0
    for crew in range(1, agents + 1):
        lost = erlangs * lost / (crew + erlangs * lost)
    return lost


def erlang_c(agents: int, erlangs: float) -> float:
    """Share of callers who find nobody free when everybody waits; 1 where the agents cannot cope.

    >>> round(erlang_c(14, 10), 4)
    0.1741
    """
    if agents <= erlangs:
        return 1.0
    lost = erlang_b(agents, erlangs)
    return lost / (1 - erlangs / agents * (1 - lost))


def service(agents: int, load: Load, within_s: float, patience_s: float = inf) -> Service:
    """How callers fare: by Erlang A, or by Erlang C when patience is infinite.

    >>> round(service(14, Load(100 / 1800, 180), 20).in_time, 4)
    0.8884
    """
    if not load.erlangs:
        return PERFECT
    if not agents:
        return Service(1.0, 0.0, patience_s, inf, float(patience_s < inf), 0.0)
    if patience_s == inf:
        return _endless_patience(agents, load, within_s)
    if patience_s <= 0:
        lost = erlang_b(agents, load.erlangs)
        return Service(lost, 1 - lost, 0.0, lost * load.handling_s / agents, lost, load.erlangs * (1 - lost) / agents)
    return _patience(agents, load, within_s, patience_s)


def agents_needed(load: Load, goal: Goal, patience_s: float = inf) -> int:
    """The fewest agents who keep the promise: one less would break it. By Erlang A, or C when patience is infinite.

    Raises RouterError for a promise nobody can keep: more than all callers in time, a mean wait below 0...
    """
    if not load.erlangs:
        return 0
    if not goal.met_by(PERFECT):
        raise RouterError("no number of agents keeps this promise", remedy="a share up to 100 %, a wait not below 0")

    def enough(agents: int) -> bool:
        return goal.met_by(service(agents, load, goal.within_s, patience_s))

    too_few, step = floor(load.erlangs) if patience_s == inf else 0, 1
    while not enough(too_few + step):
        too_few += step
        step *= 2
    plenty = too_few + step
    while plenty - too_few > 1:
        middle = (too_few + plenty) // 2
        if enough(middle):
            plenty = middle
        else:
            too_few = middle
    return plenty


def _endless_patience(agents: int, load: Load, within_s: float) -> Service:
    """Erlang C."""
    waits = erlang_c(agents, load.erlangs)
    spare_per_s = (agents - load.erlangs) / load.handling_s
    if spare_per_s <= 0:
        return Service(1.0, 0.0, inf, inf, 0.0, 1.0)
    mean_s = waits / spare_per_s
    in_time = 1 - waits * exp(-spare_per_s * within_s)
    return Service(waits, in_time, mean_s, mean_s, 0.0, load.erlangs / agents)


class _Queue(NamedTuple):
    """The states in which all agents are busy, weighed by the one in which nobody waits yet."""

    log_sum: float
    """Logarithm of the sum of the weights."""
    waiting: float
    """How many wait, in the mean over these states."""
    patient_wait_s: float
    """How long one who comes now and never gives up waits, in the mean over these states."""


def _queue(calls_per_s: float, answers_per_s: float, gives_up_per_s: float) -> _Queue:
    """Sum over j waiting of the product of `calls / (answers + i * gives_up)`, i = 1..j."""
    surplus = calls_per_s - answers_per_s
    if calls_per_s > LONG * gives_up_per_s and surplus > sqrt(NEVER_EMPTY * calls_per_s * gives_up_per_s):
        return _full_queue(calls_per_s, answers_per_s, gives_up_per_s)
    weight, scale = 1.0, 0.0
    wait_s = 1 / answers_per_s  # of one who finds j waiting: until j + 1 have left, by answer or by giving up
    total, callers, waits_s = 1.0, 0.0, wait_s
    waiting = 0
    while True:
        waiting += 1
        leaves_per_s = answers_per_s + waiting * gives_up_per_s
        weight *= calls_per_s / leaves_per_s
        wait_s += 1 / leaves_per_s
        total += weight
        callers += waiting * weight
        waits_s += wait_s * weight
        falls = calls_per_s / (leaves_per_s + gives_up_per_s)  # each term that follows is at most this times the last
        if falls < 1 and weight * waiting < NEGLIGIBLE * (1 - falls) ** 2 * total:
            return _Queue(log(total) + scale, callers / total, waits_s / total)
        if weight > LARGE:
            scale += log(weight)
            total, callers, waits_s = total / weight, callers / weight, waits_s / weight
            weight = 1.0


def _full_queue(calls_per_s: float, answers_per_s: float, gives_up_per_s: float) -> _Queue:
    """The same where more calls come than are answered and patience is long, so that somebody waits at every moment.

    As many give up as are not answered. The sum is an incomplete gamma function (Mandelbaum and Zeltyn) that lacks
    nothing of the whole; the wait is the mean of its density about the peak, to the second order.
    """
    answers, calls = answers_per_s / gives_up_per_s, calls_per_s / gives_up_per_s
    log_sum = log(answers) - answers * log(calls) + calls + lgamma(answers)
    return _Queue(log_sum, calls - answers, log(calls / answers) / gives_up_per_s + 0.5 / answers_per_s)


def _patience(agents: int, load: Load, within_s: float, patience_s: float) -> Service:
    """Erlang A: A. Mandelbaum and S. Zeltyn, The Palm/Erlang-A queue, with applications to call centers (2004)."""
    answers_per_s, gives_up_per_s = agents / load.handling_s, 1 / patience_s
    queue = _queue(load.calls_per_s, answers_per_s, gives_up_per_s)
    lost = erlang_b(agents, load.erlangs)
    # lost * sum / (1 - lost + lost * sum), without the overflow of the sum
    waits = lost / (lost + (1 - lost) * exp(-queue.log_sum))
    mean_wait_s = waits * queue.waiting / load.calls_per_s
    abandons = mean_wait_s / patience_s
    in_time = 1 - waits + waits * _answered_within(within_s, load.calls_per_s, answers_per_s, patience_s, queue.log_sum)
    busy = load.erlangs * (1 - abandons) / agents
    return Service(waits, min(in_time, 1.0), mean_wait_s, waits * queue.patient_wait_s, abandons, min(busy, 1.0))


def _answered_within(
    within_s: float, calls_per_s: float, answers_per_s: float, patience_s: float, log_sum: float
) -> float:
    """Share of those who have to wait who are answered within `within_s`.

    The wait of one who never gives up has the density answers * exp(calls * patience * (1 - exp(-t / patience)) -
    answers * t) / sum (F. Baccelli and G. Hebuterne, On queues with impatient customers, 1981); who is answered has
    had the patience for it as well. Integrated over pieces so short that the exponent changes by less than one in each.
    """
    if within_s <= 0:
        return 0.0

    falls_per_s = answers_per_s + 1 / patience_s

    def density(at_s: float) -> float:
        return exp(-calls_per_s * patience_s * expm1(-at_s / patience_s) - falls_per_s * at_s - log_sum)

    # e**-45 and less of it is left beyond
    within_s = min(within_s, (calls_per_s * patience_s + 45) / falls_per_s)
    slopes = (calls_per_s * exp(-at_s / patience_s) - falls_per_s for at_s in (0.0, within_s))
    pieces = 1 + floor(within_s * max(map(abs, slopes)))
    return answers_per_s * _integral(density, within_s, pieces)


def _integral(function: Callable[[float], float], to: float, pieces: int) -> float:
    """The integral from 0, by five points in each of the pieces."""
    half = to / pieces / 2
    return half * sum(
        weight * function((2 * piece + 1 + point) * half) for piece in range(pieces) for point, weight in _POINTS
    )
