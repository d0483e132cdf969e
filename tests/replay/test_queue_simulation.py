"""The simulation of a queue: small days by hand, and long ones against the formulas."""

from __future__ import annotations

from array import array
from math import inf

import pytest

from asterisk_router._native.plain_queue_day import HUNG_UP, LEFT, SERVED, TALLIED
from asterisk_router.replay.queue_simulation import (
    FIGURES,
    Arrivals,
    ClassFigures,
    RandomClass,
    Shifts,
    differences,
    estimate,
    play_day,
    random_calls,
    replicated,
)

from .textbook import Expected, cobham, erlang_a, erlang_c

REPLICATIONS = 24
CALLS = 20_000
"""Of each replication; the first 1,000 only fill the queue."""

SURE = 0.999
"""Confidence of the intervals that must hold the formulas: a right simulation misses one in a thousand seeds."""


def day(*calls: tuple[float, int, float, float, float]) -> Arrivals:
    at_s, class_of, head_start_s, service_s, patience_s = zip(*calls, strict=True)
    doubles = [array("d", column) for column in (at_s, head_start_s, service_s, patience_s)]
    return Arrivals(doubles[0], array("i", class_of), *doubles[1:])


def test_a_head_start_is_waiting_done_in_advance() -> None:
    calls = day((0, 0, 0, 100, inf), (10, 0, 0, 100, inf), (50, 1, 90, 100, inf), (120, 1, 90, 100, inf))
    played = play_day(calls, Shifts.always(1), [20.0, 60.0])
    assert list(played.waited_s) == [0, 190, 50, 180]  # at 100: 90 against 50 + 90; at 200: 190 against 80 + 90
    assert list(played.fates) == [SERVED] * 4


def test_a_shift_that_ends_interrupts_nobody() -> None:
    shifts = Shifts(array("d", [0, 50, 1000]), array("i", [2, 1, 0]))
    calls = day(
        (0, 0, 0, 100, inf), (0, 0, 0, 300, inf), (60, 0, 0, 50, inf), (70, 0, 0, 10, 100), (1100, 0, 0, 9, inf)
    )
    played = play_day(calls, shifts, [20.0])
    assert list(played.waited_s) == [0, 0, 240, 100, inf]
    assert list(played.fates) == [SERVED, SERVED, SERVED, HUNG_UP, LEFT]
    assert played.classes[0] == (5, 3, 1, 1, 2, 2, 240, 100)


def test_figures_of_a_class() -> None:
    figures = ClassFigures(10, 6, 3, 1, 5, 4, 30.0, 60.0)
    assert figures._fields == TALLIED
    assert [getattr(figures, name) for name in FIGURES] == [10.0, 22.5, 5.0, 0.3, 0.75, 0.5, 0.4]
    assert all(getattr(ClassFigures(*[0] * 8), name) is None for name in FIGURES)
    assert figures + figures == ClassFigures(20, 12, 6, 2, 10, 8, 60.0, 120.0)


def long_run(classes: list[RandomClass], agents: int) -> list[tuple[ClassFigures, ...]]:
    per_s = sum(each.calls_per_hour for each in classes) / 3600
    promised_s = [20.0] * len(classes)
    return replicated(
        lambda number: random_calls(classes, CALLS, 1, number), Shifts.always(agents), promised_s, REPLICATIONS,
        counted_from_s=1000 / per_s,
    )  # fmt: skip


def agrees(days: list[ClassFigures], expected: Expected) -> None:
    """Each figure's interval holds the formula's and is narrow enough to say something."""
    for figure, truth in (
        ("share_that_waits", expected.waits),
        ("mean_wait_s", expected.mean_wait_s),
        ("abandonment", expected.abandoned),
    ):
        found = estimate(days, figure, SURE)
        assert found.holds(truth), f"{figure}: {found}, by the formula {truth}"
        assert found.half_width <= 0.1 * truth


def test_agrees_with_erlang_c() -> None:
    days = [classes[0] for classes in long_run([RandomClass(112, 180)], 8)]
    agrees(days, erlang_c(112, 180, 8))
    assert not estimate(days, "mean_wait_s", SURE).holds(erlang_c(112, 180, 9).mean_wait_s)


def test_agrees_with_erlang_a() -> None:
    days = [classes[0] for classes in long_run([RandomClass(200, 180, patience_s=120)], 9)]
    agrees(days, erlang_a(200, 180, 9, 120))
    assert not estimate(days, "abandonment", SURE).holds(erlang_a(200, 180, 9, 150).abandoned)


def test_agrees_with_priority_where_the_head_start_never_ends() -> None:
    days = long_run([RandomClass(50, 180, inf), RandomClass(62, 180)], 8)
    first, second = ([classes[place] for classes in days] for place in (0, 1))
    for own, expected in zip((first, second), cobham((50, 62), 180, 8), strict=True):
        agrees(own, expected)
        assert not estimate(own, "mean_wait_s", SURE).holds(erlang_c(112, 180, 8).mean_wait_s)


def test_a_head_start_moves_waiting_and_makes_none() -> None:
    """Kleinrock's conservation law: with one service time and no hang-ups the mean over all classes stays."""
    with_it = long_run([RandomClass(50, 180, 90), RandomClass(62, 180)], 8)
    without = long_run([RandomClass(50, 180), RandomClass(62, 180)], 8)
    gained, lost = (
        differences([one[place] for one in without], [one[place] for one in with_it], "mean_wait_s") for place in (0, 1)
    )
    assert gained.high < 0 < lost.low
    everybody = differences(
        [one + other for one, other in without], [one + other for one, other in with_it], "mean_wait_s", SURE
    )
    assert everybody.holds(0) and everybody.half_width < 0.5 < abs(gained.mean)  # seconds


def test_the_same_seed_gives_the_same_calls_and_another_one_others() -> None:
    classes = [RandomClass(50, 180, 90, 60), RandomClass(62, 180)]
    assert random_calls(classes, 50, 1, 2) == random_calls(classes, 50, 1, 2)
    different = [random_calls(classes, 50, seed, number).at_s[0] for seed in (1, 2) for number in (0, 1)]
    assert len(set(different)) == 4
    other_policy = [classes[0]._replace(head_start_s=0.0, service_s=90), classes[1]]
    one, other = (random_calls(each, 50, 1, 2) for each in (classes, other_policy))
    assert (one.at_s, one.class_of, one.patience_s) == (other.at_s, other.class_of, other.patience_s)


def test_replications_without_such_a_call_say_nothing_of_it() -> None:
    nobody, somebody = ClassFigures(*[0] * 8), ClassFigures(2, 1, 1, 0, 1, 1, 0.0, 30.0)
    assert estimate([nobody, somebody, somebody], "mean_wait_s") == (15.0, 0.0)
    assert differences([nobody, somebody, somebody], [somebody] * 3, "abandonment") == (0.0, 0.0)
    with pytest.raises(ValueError, match="no replication"):
        estimate([nobody], "mean_wait_s")
