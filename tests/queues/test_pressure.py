"""Pressure goes up at once and comes down late."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.queues.pressure import WORDS, PressureGauge


def test_a_threshold_reached_is_a_level_reached() -> None:
    assert PressureGauge(30, 120).read(29.9) == "calm"
    assert PressureGauge(30, 120).read(30) == "busy"
    assert PressureGauge(30, 120).read(120) == "overloaded"


def test_a_level_is_left_below_half_of_its_threshold() -> None:
    gauge = PressureGauge(30, 120)
    assert [gauge.read(wait_s) for wait_s in (120, 60, 59, 15, 14.9)] == [
        "overloaded", "overloaded", "busy", "busy", "calm",
    ]  # fmt: skip


def test_it_falls_through_several_levels_at_once() -> None:
    gauge = PressureGauge(30, 120)
    assert (gauge.read(500), gauge.read(0)) == ("overloaded", "calm")


def test_an_unknown_wait_is_unknown_pressure_and_is_forgotten() -> None:
    gauge = PressureGauge(30, 120)
    assert [gauge.read(wait_s) for wait_s in (40, None, 20)] == ["busy", None, "calm"]


def test_thresholds_may_fall_together() -> None:
    gauge = PressureGauge(60, 60)
    assert [gauge.read(wait_s) for wait_s in (59, 60, 30, 29)] == ["calm", "overloaded", "overloaded", "calm"]


@given(st.lists(st.floats(0, 200), max_size=50))
def test_it_never_says_less_than_a_new_gauge_and_never_changes_for_the_same_wait(waits_s: list[float]) -> None:
    gauge = PressureGauge(30, 120)
    for wait_s in waits_s:
        word = gauge.read(wait_s)
        assert word is not None and word == gauge.read(wait_s)
        fresh = PressureGauge(30, 120).read(wait_s)
        assert fresh is not None and WORDS.index(word) >= WORDS.index(fresh)
