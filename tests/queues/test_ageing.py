"""Rank, and the bound of a wait, held against a simulation of app_queue's rule."""

from __future__ import annotations

from heapq import heappop, heappush

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_router.queues.ageing import (
    EPOCH_S,
    RECHECK_S,
    Stream,
    head_start_of,
    overtakers,
    overtaking_window_s,
    priority_of,
    rank_s,
    wait_bound_s,
)

NOW = 1_800_000_000

head_starts = st.integers(-3600, 36_000)
moments = st.floats(EPOCH_S, EPOCH_S + 2e9)


@given(head_starts, moments)
def test_the_head_start_is_read_back_from_the_priority(head_start_s: int, since_s: float) -> None:
    assert head_start_of(priority_of(head_start_s, since_s), since_s) == head_start_s


@given(head_starts, moments, st.integers(0, 100_000))
def test_rank_is_what_was_waited_and_the_head_start(head_start_s: int, since_s: float, waited_s: int) -> None:
    assert rank_s(priority_of(head_start_s, since_s), int(since_s) + waited_s) == waited_s + head_start_s


@given(head_starts, moments)
def test_a_priority_fits_asterisk_s_integer(head_start_s: int, since_s: float) -> None:
    assert -(2**31) <= priority_of(head_start_s, since_s) < 2**31


@given(head_starts, head_starts, st.floats(0, 36_000), st.floats(0, 1))
def test_nobody_overtakes_after_the_window(mine_s: int, other_s: int, later_s: float, fraction: float) -> None:
    goes_first = priority_of(other_s, NOW + fraction + later_s) > priority_of(mine_s, NOW + fraction)
    if goes_first:
        assert later_s < overtaking_window_s(mine_s, other_s)
    if later_s < overtaking_window_s(mine_s, other_s) - 1:
        assert goes_first


def test_callers_of_a_stream_count_while_they_can_overtake() -> None:
    vip, urgent = Stream(600, burst=2, rate_per_s=0.1), Stream(300, burst=0, rate_per_s=0.5)
    assert overtakers(0, [vip, urgent]) == 2 + 60 + 150
    assert overtakers(300, [vip, urgent]) == 2 + 30
    assert overtakers(600, [vip, urgent]) == 0


@pytest.mark.parametrize(("ahead", "later", "agents", "bound_s"), [(0, 0, 1, 61), (3, 2, 2, 183), (4, 4, 4, 183)])
def test_the_bound_counts_turns_of_the_crew(ahead: int, later: int, agents: int, bound_s: float) -> None:
    assert wait_bound_s(ahead, later, agents, longest_call_s=60) == bound_s


class Arrival:
    """One caller of the simulation."""

    def __init__(self, at_s: float, head_start_s: int, handling_s: float, order: int) -> None:
        self.at_s, self.head_start_s, self.handling_s = at_s, head_start_s, handling_s
        self.key = (-priority_of(head_start_s, at_s), order)
        self.ahead = 0
        self.served_s = 0.0


def serve(arrivals: list[Arrival], agents: int, idle_s: list[float]) -> None:
    """app_queue: whoever stands first when an agent looks is served; an agent may idle up to RECHECK_S before."""
    free = [(arrivals[0].at_s, number) for number in range(agents)]
    waiting: list[tuple[tuple[int, int], int]] = []
    coming = 0
    for turn in range(len(arrivals)):
        at_s, agent = heappop(free)
        if not waiting and coming < len(arrivals):
            at_s = max(at_s, arrivals[coming].at_s)
        at_s += idle_s[turn % len(idle_s)]
        while coming < len(arrivals) and arrivals[coming].at_s <= at_s:
            arrivals[coming].ahead = sum(key < arrivals[coming].key for key, _ in waiting)
            heappush(waiting, (arrivals[coming].key, coming))
            coming += 1
        caller = arrivals[heappop(waiting)[1]]
        caller.served_s = at_s
        heappush(free, (at_s + caller.handling_s, agent))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 40), st.sampled_from([-60, 0, 60, 300, 900]), st.floats(1, 120)), min_size=1, max_size=60
    ),
    st.integers(1, 4),
    st.lists(st.floats(0, RECHECK_S), min_size=1, max_size=5),
)
def test_no_wait_breaks_its_bound(drawn: list[tuple[float, int, float]], agents: int, idle_s: list[float]) -> None:
    arrivals, at_s = [], float(NOW)
    for order, (gap_s, head_start_s, handling_s) in enumerate(drawn):
        at_s += gap_s
        arrivals.append(Arrival(at_s, head_start_s, handling_s, order))
    serve(arrivals, agents, idle_s)
    longest_s = max(caller.handling_s for caller in arrivals)
    for order, caller in enumerate(arrivals):
        later = sum(
            other.at_s - caller.at_s < overtaking_window_s(caller.head_start_s, other.head_start_s)
            for other in arrivals[order + 1 :]
        )
        assert caller.served_s - caller.at_s <= wait_bound_s(caller.ahead, later, agents, longest_s) + 1e-6


def test_the_bound_is_no_idle_talk() -> None:
    """One agent, calls all alike, VIPs for ever: without the window a caller without head start would wait for ever."""
    calls = [Arrival(NOW, 0, 30, 0), *(Arrival(NOW + 29.0 * turn, 600, 30, turn + 1) for turn in range(200))]
    calls.sort(key=lambda call: call.at_s)
    serve(calls, 1, [0.0])
    plain = next(call for call in calls if not call.head_start_s)
    first_vip = next(call for call in calls if call.head_start_s)
    assert first_vip.served_s - first_vip.at_s <= 31
    later = overtakers(0, [Stream(600, 1, 1 / 29)])
    assert plain.served_s - plain.at_s <= wait_bound_s(0, later, 1, 30)
