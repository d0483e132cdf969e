"""The forecast of a week on logs whose rule is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import inf
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.replay.arrivals import QUARTERS, StaffedCall, forecast, gather, weekly_error, weighted_median

MONDAY = date(2026, 9, 7).toordinal()
WEEK = 7


def day_of_calls(day: int, per_quarter: dict[int, int], handling_s: float = 180) -> Iterator[StaffedCall]:
    for quarter, calls in per_quarter.items():
        for call in range(calls):
            yield StaffedCall(day, quarter * 900 + call % 900, handling_s, 0.0, True)


USUAL = dict.fromkeys(range(32, 72), 10)  # 8 to 18 h, 400 calls


def weeks_of_calls(weeks: int) -> list[StaffedCall]:
    """Mondays to Fridays alike."""
    days = [MONDAY + WEEK * week + weekday for week in range(weeks) for weekday in range(5)]
    return [call for day in days for call in day_of_calls(day, USUAL)]


def calls_on(weekday: int, calls: list[StaffedCall]) -> list[float]:
    return [expected.calls for expected in forecast(gather(calls))[weekday * QUARTERS :][:QUARTERS]]


def test_weeks_alike_go_on_alike_and_days_off_stay_off() -> None:
    expected = forecast(gather(weeks_of_calls(4)))
    assert len(expected) == 7 * QUARTERS
    for weekday, quarter, calls, handling_s in expected:
        assert calls == pytest.approx(USUAL.get(quarter, 0) if weekday < 5 else 0)
        assert handling_s == pytest.approx(180)
    assert weekly_error(gather(weeks_of_calls(4))) == pytest.approx((0, 0))


def test_a_holiday_and_a_day_the_log_lacks_change_nothing() -> None:
    calls = weeks_of_calls(5)
    holiday, lacking = MONDAY + 2 * WEEK, MONDAY + 3 * WEEK + 1
    calls = [call for call in calls if call.day != lacking and (call.day != holiday or call.second < 9 * 3600)]
    assert calls_on(0, calls) == pytest.approx([USUAL.get(quarter, 0) for quarter in range(QUARTERS)])
    assert calls_on(1, calls) == pytest.approx([USUAL.get(quarter, 0) for quarter in range(QUARTERS)])


def test_a_burst_of_one_day_is_no_habit() -> None:
    burst = list(day_of_calls(MONDAY + 3 * WEEK, {60: 150}))
    calm, with_burst = calls_on(0, weeks_of_calls(4)), calls_on(0, weeks_of_calls(4) + burst)
    assert with_burst[60] < 2.5 * calm[60]  # a mean would have 65 calls there
    assert sum(with_burst) < 1.2 * sum(calm)


def test_later_weeks_count_more() -> None:
    rising = [
        call for week in range(6) for call in day_of_calls(MONDAY + WEEK * week, {40: 100 + 20 * week})
    ]  # 100 ... 200  # fmt: skip
    assert 150 < calls_on(0, rising)[40] < 200
    assert calls_on(0, rising)[40] > calls_on(0, [call._replace(day=2 * MONDAY - call.day) for call in rising])[40]


def test_only_the_weeks_asked_for_count() -> None:
    old = list(day_of_calls(MONDAY - 20 * WEEK + 6, {10: 40}))  # a Sunday of long ago
    expected = forecast(gather(old + weeks_of_calls(3)), weeks=2)
    assert sum(quarter.calls for quarter in expected) == pytest.approx(2000)


def test_a_slipped_date_is_not_the_end_of_the_log() -> None:
    slipped = StaffedCall(date(2062, 1, 1).toordinal(), 0, 100, 0, True)
    assert calls_on(0, [*weeks_of_calls(4), slipped]) == pytest.approx(calls_on(0, weeks_of_calls(4)))


def test_handling_time_is_by_hour_and_a_forgotten_receiver_is_no_work() -> None:
    calls = [call for week in range(4) for call in day_of_calls(MONDAY + week * WEEK, {36: 200}, 100)]
    calls += [call for week in range(4) for call in day_of_calls(MONDAY + week * WEEK, {60: 200}, 300)]
    by_hour = {quarter.quarter // 4: quarter.handling_s for quarter in forecast(gather(calls))}
    assert 100 < by_hour[9] < 105 and 295 < by_hour[15] < 300
    assert by_hour[3] == pytest.approx(200)
    forgotten = StaffedCall(MONDAY, 9 * 3600, 80_000, 0, True)
    assert forecast(gather([*calls, forgotten]))[36].handling_s < by_hour[9] * 1.02


def test_an_answered_call_of_unknown_length_counts_as_a_call_alone() -> None:
    calls = [*day_of_calls(MONDAY, {40: 50}, 200), *day_of_calls(MONDAY, {40: 50}, 0)]
    quarter = forecast(gather(calls))[40]
    assert (quarter.calls, quarter.handling_s) == (pytest.approx(100), pytest.approx(200))


def test_patience_is_time_waited_by_abandonments() -> None:
    random = Random(3)
    calls = []
    for _ in range(20_000):
        patience_s, wait_s = random.expovariate(1 / 120), random.expovariate(1 / 60)
        calls.append(StaffedCall(MONDAY, 40_000, 100, min(patience_s, wait_s), wait_s <= patience_s))
    past = gather(calls)
    assert past.patience_s == pytest.approx(120, rel=0.04)
    assert past.answered + past.abandoned == 20_000


def test_who_hung_up_before_waiting_asked_for_nobody() -> None:
    past = gather([*weeks_of_calls(1), StaffedCall(MONDAY, 0, 0, 0.0, False), StaffedCall(MONDAY, 0, 0, None, False)])
    assert (past.answered, past.abandoned, past.at_once, past.patience_s) == (2000, 1, 1, inf)


def test_nothing_comes_of_nothing() -> None:
    assert forecast(gather([])) == [] and weekly_error(gather([])) is None
    assert weekly_error(gather(weeks_of_calls(2))) is None


def test_a_last_week_unlike_the_others_is_an_error() -> None:
    doubled = [call for call in weeks_of_calls(4) for _ in range(1 + (call.day >= MONDAY + 3 * WEEK))]
    assert weekly_error(gather(doubled)) == pytest.approx((0.5, 0.5))


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0.01, 10)), min_size=1, max_size=12))
def test_a_weighted_median_has_half_of_the_weight_on_either_side(pairs: list[tuple[float, float]]) -> None:
    values, weights = zip(*pairs, strict=True)
    middle = weighted_median(values, weights)
    assert min(values) <= middle <= max(values)
    below, above = (sum(w for v, w in pairs if v < middle), sum(w for v, w in pairs if v > middle))
    largest = max(weights)
    assert below <= sum(weights) / 2 + largest / 2 + 1e-6 and above <= sum(weights) / 2 + largest / 2 + 1e-6
