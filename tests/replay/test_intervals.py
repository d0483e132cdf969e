"""How sure a figure is: Student's t, and intervals that hold the truth as often as they say."""

from __future__ import annotations

from array import array
from math import inf, tan
from statistics import NormalDist

import pytest

from asterisk_router._native import kernel
from asterisk_router.replay.intervals import Interval, interval, interval_of_one, student_t, within


@pytest.mark.parametrize(
    ("freedom", "confidence", "published"),
    [
        (1, 0.95, 12.706),
        (2, 0.95, 4.303),
        (3, 0.99, 5.841),
        (4, 0.90, 2.132),
        (9, 0.95, 2.262),
        (10, 0.99, 3.169),
        (29, 0.95, 2.045),
        (30, 0.999, 3.646),
        (120, 0.95, 1.980),
    ],
)
def test_is_the_t_of_the_tables(freedom: int, confidence: float, published: float) -> None:
    assert student_t(freedom, confidence) == pytest.approx(published, abs=0.0005)


def test_ends_where_the_formulas_are_known() -> None:
    for confidence in (0.5, 0.9, 0.999):
        assert student_t(1, confidence) == pytest.approx(tan(confidence * 3.141592653589793 / 2))
        normal = NormalDist().inv_cdf((1 + confidence) / 2)
        assert student_t(20_001, confidence) == pytest.approx(normal, rel=1e-3)
    assert within(0.0, 7) == 0.0 and within(1e9, 8) == pytest.approx(1.0)


@pytest.mark.parametrize(("freedom", "confidence"), [(0, 0.95), (5, 0.0), (5, 1.0)])
def test_refuses_what_has_no_t(freedom: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="no Student t"):
        student_t(freedom, confidence)


def test_the_interval_of_three_replications() -> None:
    found = interval([1.0, 2.0, 3.0])
    assert found == pytest.approx((2.0, 4.30265 / 3**0.5), rel=1e-5)
    assert (found.low, found.high) == (found.mean - found.half_width, found.mean + found.half_width)
    assert found.holds(0.0) and not found.holds(5.0)


def test_one_replication_says_nothing_of_its_error() -> None:
    assert interval([4.0]) == Interval(4.0, inf)
    with pytest.raises(ValueError, match="no replication"):
        interval([])


def test_holds_the_truth_as_often_as_it_says() -> None:
    """1,000 intervals of 8 means of 30 exponential values each, and of a ninth; 4 standard errors of the share."""
    draws, held, next_held = kernel("queue_day").Draws(3, 0), 0, 0
    one, zeros, values = array("d", [10.0]), array("i", [0]) * 270, array("d", [0.0]) * 270
    for _ in range(1000):
        draws.exponential(one, zeros, values)
        *means, ninth = (sum(values[at : at + 30]) / 30 for at in range(0, 270, 30))
        held += interval(means).holds(10.0)
        next_held += interval_of_one(means).holds(ninth)
    allowed = 4 * (0.95 * 0.05 / 1000) ** 0.5
    assert held / 1000 == pytest.approx(0.95, abs=allowed)
    assert next_held / 1000 == pytest.approx(0.95, abs=allowed)
