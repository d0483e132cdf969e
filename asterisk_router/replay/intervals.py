"""How sure a simulated figure is: the mean of independent replications, give or take Student's t.

Replications have seeds of their own, so their means are independent and, by the number of calls in each, close to
normal; the interval of the mean is then exact but for that (Law, "Simulation Modeling and Analysis", on independent
replications).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import atan2, cos, inf, pi, sin, sqrt
from statistics import fmean, stdev
from typing import Final, NamedTuple

CONFIDENCE: Final = 0.95
"""How often an interval holds the true value, where nobody asks for another."""


class Interval(NamedTuple):
    """A figure and how far the true one of the model may be from it."""

    mean: float
    """The estimate, in the unit of the figures."""
    half_width: float
    """The true value is within `mean` +- this, as often as the confidence says; `inf` of one replication alone."""

    @property
    def low(self) -> float:
        """Its lower end."""
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        """Its upper end."""
        return self.mean + self.half_width

    def holds(self, value: float) -> bool:
        """Whether the value lies inside."""
        return self.low <= value <= self.high


def interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """The mean of independent replications with its interval; raises ValueError where there is none of them."""
    if not values:
        raise ValueError("no replication gave this figure")
    if len(values) == 1:
        return Interval(values[0], inf)
    return Interval(fmean(values), student_t(len(values) - 1, confidence) * stdev(values) / sqrt(len(values)))


def interval_of_one(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Where one more replication would fall: what a single real day or month is held against.

    Its half width does not shrink with the number of replications, for the real one has luck of its own.
    """
    mean = interval(values, confidence)
    return Interval(mean.mean, mean.half_width * sqrt(1 + len(values)))


@lru_cache(maxsize=64)
def student_t(freedom: int, confidence: float) -> float:
    """The t that Student's distribution of `freedom` degrees exceeds, on either side, as rarely as 1 - confidence.

    By halving, from the exact sum `within`; raises ValueError for fewer than 1 degree or a confidence outside (0, 1).
    """
    if freedom < 1 or not 0 < confidence < 1:
        raise ValueError(f"no Student t of {freedom} degrees of freedom at confidence {confidence}")
    low, high = 0.0, 1.0
    while within(high, freedom) < confidence:
        high *= 2
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if within(middle, freedom) < confidence else (low, middle)
    return high


def within(t: float, freedom: int) -> float:
    """The probability that Student's t lies between -t and t: Abramowitz and Stegun, 26.7.3 (odd) and 26.7.4 (even)."""
    angle = atan2(t, sqrt(freedom))
    odd = freedom % 2
    factor = cos(angle) if odd else 1.0
    total = factor if freedom > 1 else 0.0
    for step in range(2 + odd, freedom - 1, 2):
        factor *= (step - 1) / step * cos(angle) ** 2
        total += factor
    return 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total
