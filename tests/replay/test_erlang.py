"""The formulas against published figures, against exact fractions, against a played queue, and against themselves."""

from __future__ import annotations

from fractions import Fraction
from heapq import heapreplace
from math import exp, factorial, inf, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.errors import RouterError
from asterisk_router.replay.erlang import Goal, Load, agents_needed, erlang_b, erlang_c, service

# published figures


def test_erlang_b_as_published() -> None:
    # erlang.com, manual of the Erlang B calculator, "How much traffic?": 15 lines, 1 % blocked, 8.108 erlangs
    assert round(erlang_b(15, 8.108), 4) == 0.01 < erlang_b(15, 8.109)
    # tables of Erlang's loss formula (as in ITU-D's Teletraffic Engineering Handbook): traffic at 1 % for n lines
    for lines, erlangs in ((1, 0.0101), (2, 0.1526), (5, 1.361), (10, 4.461), (20, 12.03), (50, 37.90), (100, 84.06)):
        assert erlang_b(lines, erlangs) == pytest.approx(0.01, rel=1e-2)


def test_erlang_c_as_published() -> None:
    # CRAN, package ErlangC 0.1.0, its README: 100 calls in half an hour, 180 s each, 14 agents, 20 s
    fares = service(14, Load(100 / 1800, 180), 20)
    assert round(fares.waits, 7) == 0.1741319 == round(erlang_c(14, 10), 7)
    assert round(fares.in_time, 5) == 0.88835
    assert fares.mean_wait_s == pytest.approx(7.83593701177724, abs=1e-11)
    assert round(fares.occupancy, 7) == 0.7142857


def test_erlang_a_as_published() -> None:
    # Garnett, Mandelbaum, Reiman, Designing a Call Center with Impatient Customers (2002): 50 agents, 48 calls a
    # minute, 1 minute each; without abandonment, and with a patience of 2 minutes
    load = Load(48 / 60, 60)
    assert round(service(50, load, 0).mean_wait_s, 1) == 20.8
    fares = service(50, load, 0, 120)
    assert (round(fares.abandons, 3), round(fares.mean_wait_s, 1), round(fares.occupancy, 2)) == (0.031, 3.7, 0.93)


def test_erlang_a_as_others_find_it() -> None:
    # github.com/rodrigo-arenas/pyworkforce, its ErlangA (not on PyPI as of 0.5.1), queuing/tests/test_abandonment.py:
    # 100 calls in half an hour, 3 minutes each, patience 5 minutes, 14 agents, 20 s
    fares = service(14, Load(100 / 1800, 180), 20, 300)
    assert (round(fares.waits, 5), round(fares.abandons, 6)) == (0.14526, 0.013984)
    assert (round(fares.in_time, 6), round(fares.occupancy, 6)) == (0.916792, 0.704297)
    assert round(fares.mean_wait_s / 60, 6) == 0.069919
    # github.com/FelixKleineBoesing/queuingSystem, its tests of Erlang A, with room for more callers than ever wait: a
    # call each 10 s, 4 minutes each; patience 30 s with 25 agents, 5 minutes with 28
    assert service(25, Load(1 / 10, 240), 20, 30).abandons == pytest.approx(0.09759081562546817, abs=1e-12)
    fares = service(28, Load(1 / 10, 240), 20, 300)
    assert fares.mean_wait_s == pytest.approx(6.833261838358366, abs=1e-12)
    assert fares.mean_wait_s / 10 + fares.occupancy * 28 == pytest.approx(24.136665236767172, abs=1e-9)  # callers there


# the same from other formulas


def exact_b(agents: int, erlangs: Fraction) -> Fraction:
    """Erlang's own sum (1917), in fractions."""
    return erlangs**agents / factorial(agents) / sum(erlangs**busy / factorial(busy) for busy in range(agents + 1))


def exact_c(agents: int, erlangs: Fraction) -> Fraction:
    last = erlangs**agents / factorial(agents) * agents / (agents - erlangs)
    return last / (sum(erlangs**busy / factorial(busy) for busy in range(agents)) + last)


@pytest.mark.parametrize("agents", [1, 2, 7, 30, 150])
@pytest.mark.parametrize("busy", [Fraction(1, 10), Fraction(7, 10), Fraction(97, 100), Fraction(3, 2)])
def test_erlang_b_and_c_are_exact(agents: int, busy: Fraction) -> None:
    erlangs = agents * busy
    assert erlang_b(agents, float(erlangs)) == pytest.approx(float(exact_b(agents, erlangs)), rel=1e-12)
    expected = float(exact_c(agents, erlangs)) if busy < 1 else 1.0
    assert erlang_c(agents, float(erlangs)) == pytest.approx(expected, rel=1e-12)


def states(agents: int, load: Load, patience_s: float, most: int) -> list[Fraction]:
    """Shares of time in which so many callers are there, talking and waiting, from the balance of each state."""
    calls, ends, gives_up = Fraction(load.calls_per_s), 1 / Fraction(load.handling_s), 1 / Fraction(patience_s)
    weights = [Fraction(1)]
    for there in range(1, most):
        weights.append(weights[-1] * calls / (min(there, agents) * ends + max(there - agents, 0) * gives_up))
    whole = sum(weights)
    return [weight / whole for weight in weights]


def served_within(shares: list[float], agents: int, load: Load, patience_s: float, within_s: float) -> float:
    """Share answered in time, by following who waits from place to place (uniformisation)."""
    ends, gives_up = agents / load.handling_s, 1 / patience_s
    waiting = shares[agents:]  # who comes and finds j waiting has j before them
    jumps_per_s = ends + (len(waiting) + 1) * gives_up
    served, answered = 0.0, sum(shares[:agents])
    chance = exp(-jumps_per_s * within_s)
    for jump in range(1, int(jumps_per_s * within_s * 3) + 60):
        moved = [place * 1.0 for place in waiting]
        served += waiting[0] * ends / jumps_per_s
        for place in range(len(waiting)):
            up = waiting[place + 1] * (ends + (place + 1) * gives_up) if place + 1 < len(waiting) else 0.0
            moved[place] += (up - waiting[place] * (ends + (place + 1) * gives_up)) / jumps_per_s
        waiting = moved
        chance *= jumps_per_s * within_s / jump
        answered += chance * served
    return answered


@pytest.mark.parametrize(
    ("agents", "load", "patience_s", "within_s"),
    [
        (3, Load(0.02, 120), 60, 20),
        (10, Load(0.05, 180), 300, 10),
        (10, Load(0.08, 180), 120, 60),  # more than the agents can do
        (1, Load(0.01, 200), 30, 45),
        (40, Load(0.2, 180), 20, 5),
    ],
)
def test_erlang_a_is_exact(agents: int, load: Load, patience_s: float, within_s: float) -> None:
    shares = states(agents, load, patience_s, agents + 120)
    waiting = sum(share * (there - agents) for there, share in enumerate(shares) if there > agents)
    fares = service(agents, load, within_s, patience_s)
    assert fares.waits == pytest.approx(float(sum(shares[agents:])), rel=1e-11)
    assert fares.mean_wait_s == pytest.approx(float(waiting) / load.calls_per_s, rel=1e-11)
    assert fares.abandons == pytest.approx(float(waiting) / patience_s / load.calls_per_s, rel=1e-11)
    busy = sum(share * min(there, agents) for there, share in enumerate(shares)) / agents
    assert fares.occupancy == pytest.approx(float(busy), rel=1e-11)
    leaves = [float(agents / load.handling_s + ahead / patience_s) for ahead in range(121)]
    patient = sum(float(shares[agents + ahead]) * sum(1 / rate for rate in leaves[: ahead + 1]) for ahead in range(120))
    assert fares.patient_wait_s == pytest.approx(patient, rel=1e-9)
    in_time = served_within([float(share) for share in shares], agents, load, patience_s, within_s)
    assert fares.in_time == pytest.approx(in_time, rel=1e-8)


def test_a_queue_that_is_played_fares_so() -> None:
    load, patience_s, agents, calls = Load(0.06, 150), 90.0, 9, 200_000
    random = Random(7)
    free_at, now, in_time, gave_up, waited = [0.0] * agents, 0.0, 0, 0, 0.0
    for _ in range(calls):
        now += random.expovariate(load.calls_per_s)
        wait = max(free_at[0] - now, 0.0)
        patience = random.expovariate(1 / patience_s)
        waited += min(wait, patience)
        if patience < wait:
            gave_up += 1
        else:
            in_time += wait <= 20
            heapreplace(free_at, now + wait + random.expovariate(1 / load.handling_s))
    fares = service(agents, load, 20, patience_s)
    # two standard errors: calls near each other fare alike, so that 200,000 of them are worth some 5,000
    assert in_time / calls == pytest.approx(fares.in_time, abs=0.014)
    assert gave_up / calls == pytest.approx(fares.abandons, abs=0.007)
    assert waited / calls == pytest.approx(fares.mean_wait_s, rel=0.05)


# what has to hold whatever the figures

LOADS = st.builds(Load, st.floats(1e-4, 2.0), st.floats(5.0, 900.0))
PATIENCE = st.one_of(st.just(inf), st.floats(1.0, 3600.0))


@given(LOADS, PATIENCE, st.integers(1, 200), st.floats(0, 300))
def test_one_more_agent_never_makes_it_worse(load: Load, patience_s: float, agents: int, within_s: float) -> None:
    here, more = (service(crew, load, within_s, patience_s) for crew in (agents, agents + 1))
    assert more.waits <= here.waits * (1 + 1e-9) and more.in_time >= here.in_time - 1e-9
    assert more.mean_wait_s <= here.mean_wait_s * (1 + 1e-9) and more.abandons <= here.abandons * (1 + 1e-9)
    for share in (*here[:2], *more[:2], here.abandons, here.occupancy):
        assert 0 <= share <= 1


@given(LOADS, PATIENCE, st.integers(1, 100), st.floats(0, 300))
def test_more_time_never_answers_fewer(load: Load, patience_s: float, agents: int, within_s: float) -> None:
    first, second = (service(agents, load, span_s, patience_s).in_time for span_s in (within_s, within_s + 10))
    assert second >= first - 1e-9
    assert service(agents, load, 0, patience_s).in_time == pytest.approx(1 - service(agents, load, 0, patience_s).waits)


@pytest.mark.parametrize(("agents", "erlangs"), [(14, 10.0), (3, 2.9), (200, 180.0)])
def test_erlang_a_becomes_c_as_patience_grows_and_b_as_it_goes(agents: int, erlangs: float) -> None:
    load = Load(erlangs / 180, 180)
    endless, none = service(agents, load, 20), service(agents, load, 20, 0.0)
    assert none.abandons == none.waits == erlang_b(agents, erlangs)
    for value, limit in zip(service(agents, load, 20, 1e12), endless, strict=True):
        assert value == pytest.approx(limit, rel=1e-4, abs=1e-5)
    for value, limit in zip(service(agents, load, 20, 1e-6), none, strict=True):
        assert value == pytest.approx(limit, rel=1e-4, abs=1e-5)
    farther = [abs(service(agents, load, 20, span).in_time - endless.in_time) for span in (1e3, 1e4, 1e5, 1e6)]
    assert farther == sorted(farther, reverse=True)


@given(LOADS, PATIENCE, st.floats(0, 120), st.floats(0.01, 0.99))
def test_agents_needed_are_enough_and_one_less_is_not(
    load: Load, patience_s: float, within_s: float, share: float
) -> None:
    goal = Goal(within_s, share)
    agents = agents_needed(load, goal, patience_s)
    assert goal.met_by(service(agents, load, within_s, patience_s))
    assert not goal.met_by(service(agents - 1, load, within_s, patience_s))


@given(LOADS, PATIENCE, st.floats(0.5, 300), st.floats(0.001, 0.5))
def test_a_mean_wait_and_a_bound_for_abandonment_are_kept(
    load: Load, patience_s: float, mean_wait_s: float, abandons: float
) -> None:
    goal = Goal(share=0, mean_wait_s=mean_wait_s, abandons=abandons)
    agents = agents_needed(load, goal, patience_s)
    assert goal.met_by(service(agents, load, goal.within_s, patience_s))
    assert not goal.met_by(service(agents - 1, load, goal.within_s, patience_s))


def test_thousands_of_agents() -> None:
    load = Load(5000 / 180, 180)
    assert 5000 < agents_needed(load, Goal()) < 5050
    assert 4400 < agents_needed(load, Goal(), 300) < 5000
    drowned = service(4000, load, 20, 86400)  # a queue of tens of thousands, each with the patience of a day
    assert (round(drowned.waits, 9), drowned.occupancy) == (1.0, pytest.approx(1.0))
    assert drowned.abandons == pytest.approx(0.2, rel=1e-6)


@pytest.mark.parametrize(("agents", "within_s"), [(2, 20), (8, 3000), (9, 20)])
def test_a_queue_that_never_empties_is_as_its_sum_has_it(agents: int, within_s: float) -> None:
    load, patience_s = Load(10 / 180, 180), 2e5  # 11,111 calls within one patience
    ends, gives_up = agents / load.handling_s, 1 / patience_s
    logs, waits_s, leaves_per_s = [0.0], [1 / ends], ends
    for _ in range(20_000):
        leaves_per_s += gives_up
        logs.append(logs[-1] + log(load.calls_per_s / leaves_per_s))
        waits_s.append(waits_s[-1] + 1 / leaves_per_s)
    largest = max(logs)
    weights = [exp(one - largest) for one in logs]
    fares, whole = service(agents, load, within_s, patience_s), sum(weights)
    waiting = sum(place * weight for place, weight in enumerate(weights)) / whole
    assert fares.waits == 1.0
    assert fares.mean_wait_s == pytest.approx(waiting / load.calls_per_s, rel=1e-9)
    assert fares.patient_wait_s == pytest.approx(
        sum(wait_s * weight for wait_s, weight in zip(waits_s, weights, strict=True)) / whole, rel=1e-7
    )
    everybody = service(agents, load, 5e5, patience_s)  # in the end everybody was answered, or gave up
    assert everybody.in_time == pytest.approx(1 - everybody.abandons, rel=1e-6)
    assert 0 <= fares.in_time <= everybody.in_time


def test_without_calls_nobody_is_needed_and_nobody_waits() -> None:
    assert agents_needed(Load(0.0, 180), Goal()) == 0
    assert service(0, Load(0.0, 180), 20).in_time == 1
    assert service(0, Load(0.1, 180), 20, 60) == (1.0, 0.0, 60, inf, 1.0, 0.0)
    assert service(5, Load(0.1, 180), 20) == (1.0, 0.0, inf, inf, 0.0, 1.0)


@pytest.mark.parametrize("goal", [Goal(share=1.01), Goal(share=0, mean_wait_s=-1), Goal(abandons=-0.1)])
def test_a_promise_nobody_can_keep_is_refused(goal: Goal) -> None:
    with pytest.raises(RouterError, match="no number of agents"):
        agents_needed(Load(0.1, 180), goal)
