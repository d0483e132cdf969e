"""When callers call and how long agents have with them: what past calls say of the coming week.

What is assumed: the coming week is like the past ones, the later a week the more so; the day of the week and the time
of day say when callers call; a holiday, a day the log lacks and a day of twice the usual calls are none to learn from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import inf, sqrt
from typing import Final, NamedTuple

from .log_clock import LogClock
from .past_call import UNKNOWN, LoggedCall

QUARTERS: Final = 96
"""Quarter hours in a day; the 25th hour of a day in autumn is counted with the hour it repeats."""

QUARTER_S: Final = 900
"""Seconds in one of them."""

HALF_LIFE_DAYS: Final = 14.0
"""A day so much older than another counts half of it."""

UNUSUAL: Final = 2.0
"""A day of more than so many times the usual calls, or of less than that part, does not say when callers call."""

BURST: Final = 4.0
"""So many standard deviations of random calls above the usual, a quarter hour of one day counts as that and no more."""

OUTLIER: Final = 5
"""A call is worth at most this many times the mean handling time: a receiver left beside the telephone is no work."""

POOLED_CALLS: Final = 30
"""How many calls the handling time of the whole day is worth in that of an hour."""

STRAY: Final = 0.001
"""This share of calls at either end of the log makes no day of it: a slipped date is not when the log ends."""


class StaffedCall(NamedTuple):
    """What staffing has to know of a past call."""

    day: int
    """The day it came, by the clock on the wall, as `date.toordinal()` counts days."""
    second: int
    """Seconds since that day's midnight, by the clock on the wall."""
    handling_s: float
    """How long an agent had with it, wrap-up included; 0 when nobody had, or nobody wrote it down."""
    waited_s: float | None
    """How long the caller waited for an agent, whether one answered or not; None when the log does not say."""
    answered: bool
    """Whether an agent answered."""


class PastCalls(NamedTuple):
    """Past calls, as far as staffing needs them; its size grows with days, not with calls."""

    by_day: dict[int, list[int]]
    """Calls that asked for an agent by quarter hour, for each day that has any."""
    handling: list[Counter[int]]
    """For each hour of the day, how many calls took so many seconds."""
    answered: int
    """Calls that were answered."""
    abandoned: int
    """Calls whose caller gave up waiting."""
    at_once: int
    """Callers who hung up before they had waited: they asked for no agent and are in nothing else here."""
    waited_s: float
    """What all callers waited together."""

    @property
    def patience_s(self) -> float:
        """How long callers are willing to wait, in the mean: time waited by abandonments; infinite without either.

        The likeliest value where patience is spread like exponential times: whoever was answered would have waited on.
        """
        return self.waited_s / self.abandoned if self.abandoned and self.waited_s else inf


class ExpectedQuarter(NamedTuple):
    """A quarter hour of the coming week."""

    weekday: int
    """0 is Monday."""
    quarter: int
    """Quarter hour of the day, 0 to 95."""
    calls: float
    """Calls that are expected in it."""
    handling_s: float
    """Mean handling time."""


def staffed(call: LoggedCall, clock: LogClock, wrap_up_s: float = 0.0) -> StaffedCall:
    """A logged call as staffing sees it, on the clock on the wall, from the moment it asked for an agent."""
    day, second = clock.wall(call.at_s + call.menu_s)
    answered = call.answered or False
    handling_s = call.talk_s + wrap_up_s if answered and call.talk_s > 0 else 0.0
    return StaffedCall(day, second, handling_s, None if call.wait_s == UNKNOWN else call.wait_s, answered)


def gather(calls: Iterable[StaffedCall]) -> PastCalls:
    """Count past calls, in whatever order they come."""
    by_day: dict[int, list[int]] = {}
    handling: list[Counter[int]] = [Counter() for _ in range(24)]
    answered = abandoned = at_once = 0
    waited_s = 0.0
    for day, second, handling_s, waits_s, is_answered in calls:
        if is_answered:
            answered += 1
        elif waits_s == 0:
            at_once += 1
            continue
        else:
            abandoned += 1
        if day not in by_day:
            by_day[day] = [0] * QUARTERS
        by_day[day][second // QUARTER_S] += 1
        waited_s += waits_s or 0.0
        if handling_s > 0:
            handling[second // 3600][round(handling_s)] += 1
    return PastCalls(by_day, handling, answered, abandoned, at_once, waited_s)


def forecast(past: PastCalls, weeks: int = 8) -> list[ExpectedQuarter]:
    """The coming week, Monday first, from the last `weeks` of the log; empty when there was no call."""
    if not past.by_day:
        return []
    first, last = _ends(past)
    days = range(max(first, last - 7 * weeks + 1), last + 1)
    handling_s = _handling_by_hour(past.handling)
    expected = []
    for weekday in range(7):
        alike = [day for day in days if (day - 1) % 7 == weekday]
        counts = [past.by_day.get(day, [0] * QUARTERS) for day in alike]
        calls = _usual_day(counts, [_weight(last - day) for day in alike])
        expected += [ExpectedQuarter(weekday, at, calls[at], handling_s[at // 4]) for at in range(QUARTERS)]
    return expected


def weekly_error(past: PastCalls, weeks: int = 8) -> tuple[float, float] | None:
    """How far the last week of the log was from its forecast by the weeks before: by day, and by quarter hour.

    Each is the sum of what was missed, upwards or downwards, by the calls that came; None for a log of less than three
    weeks. Days without a call are left out: the log lacks them, or nobody could have known.
    """
    if not past.by_day:
        return None
    first, last = _ends(past)
    if last - first < 20:
        return None
    before = past._replace(by_day={day: counts for day, counts in past.by_day.items() if day <= last - 7})
    expected = [quarter.calls for quarter in forecast(before, weeks)]
    by_day = by_quarter = came = 0.0
    for day in range(last - 6, last + 1):
        counts = past.by_day.get(day)
        if counts:
            foretold = expected[(day - 1) % 7 * QUARTERS :][:QUARTERS]
            came += sum(counts)
            by_day += abs(sum(counts) - sum(foretold))
            by_quarter += sum(abs(there - here) for there, here in zip(counts, foretold, strict=True))
    return by_day / came, by_quarter / came


def weighted_median(values: Sequence[float], weights: Sequence[float]) -> float:
    """The value with half of the weight on either side, between two values where it falls between them.

    >>> weighted_median([1, 2, 30], [1, 1, 1]), weighted_median([1, 2], [1, 1])
    (2, 1.5)
    """
    ranked = sorted(zip(values, weights, strict=True))
    half, before, value, at = sum(weights) / 2, 0.0, ranked[0][0], -inf
    for next_value, weight in ranked:
        middle = before + weight / 2
        if middle >= half:
            return value + (next_value - value) * (half - at) / (middle - at) if at > -inf else next_value
        before, value, at = before + weight, next_value, middle
    return value


def _ends(past: PastCalls) -> tuple[int, int]:
    """The first and the last day of the log, without the few calls whose date has slipped."""
    days = sorted(past.by_day)
    stray = STRAY * sum(map(sum, past.by_day.values()))
    return _past_stray(past, days, stray), _past_stray(past, days[::-1], stray)


def _past_stray(past: PastCalls, days: list[int], stray: float) -> int:
    seen = 0
    for day in days:
        seen += sum(past.by_day[day])
        if seen > stray:
            break
    return day


def _weight(age_days: int) -> float:
    return float(0.5 ** (age_days / HALF_LIFE_DAYS))


def _usual_day(days: list[list[int]], weights: list[float]) -> list[float]:
    """Calls by quarter hour of a usual one among some days of the same weekday.

    How many calls: the median of the days that have any, unless most have none: then the house is closed. When: as on
    the days that had about so many.
    """
    nothing = [0.0] * QUARTERS
    totals = [sum(counts) for counts in days]
    if not days or not weighted_median(totals, weights):
        return nothing
    kept = [place for place, total in enumerate(totals) if total]
    calls = weighted_median([totals[place] for place in kept], [weights[place] for place in kept])
    usual = [place for place in kept if calls / UNUSUAL <= totals[place] <= calls * UNUSUAL] or kept
    of_usual = [weights[place] for place in usual]
    shape = [_usual_quarter([days[place][at] for place in usual], of_usual) for at in range(QUARTERS)]
    scale = calls / sum(shape)
    return [scale * part for part in shape]


def _usual_quarter(counts: list[int], weights: list[float]) -> float:
    """The mean of a quarter hour over some days, without the burst of one: calls after an outage, a campaign."""
    middle = weighted_median(counts, weights)
    most = middle + BURST * sqrt(middle + 1)
    return sum(weight * min(count, most) for count, weight in zip(counts, weights, strict=True)) / sum(weights)


def _handling_by_hour(by_hour: list[Counter[int]]) -> list[float]:
    """Mean handling time for each hour of the day; an hour of few calls has more of the whole day's."""
    whole: Counter[int] = Counter()
    for taken in by_hour:
        whole.update(taken)
    longest_s = OUTLIER * _mean_s(whole, inf)
    day_s = _mean_s(whole, longest_s)
    pooled = []
    for taken in by_hour:
        calls = taken.total()
        pooled.append((calls * _mean_s(taken, longest_s) + POOLED_CALLS * day_s) / (calls + POOLED_CALLS))
    return pooled


def _mean_s(taken: Counter[int], longest_s: float) -> float:
    calls = taken.total()
    return sum(min(seconds, longest_s) * count for seconds, count in taken.items()) / calls if calls else 0.0
