"""The breaker as a machine: whatever comes in whatever order, calls ask only after a probe that came in time."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from asterisk_router.store.connection.breaker import (
    LATE_MIN,
    PAUSE_FIRST_S,
    PAUSE_MAX_S,
    SPREAD_S,
    STEADY_S,
    WINDOW_S,
    Breaker,
)


def closed(at_s: float = 0.0) -> Breaker:
    breaker = Breaker(lambda pause_s: pause_s)
    assert breaker.probe()
    breaker.probed(at_s, in_time=True)
    return breaker


def test_it_begins_open_and_a_good_probe_closes_it() -> None:
    breaker = Breaker(lambda pause_s: pause_s)
    assert breaker.state == "open"
    assert breaker.probe() and breaker.state == "half-open"
    assert not breaker.probe(), "one probe at a time"
    breaker.probed(1.0, in_time=True)
    assert breaker.state == "closed" and not breaker.probe()


def test_so_many_late_answers_in_the_window_open_it() -> None:
    breaker = closed()
    late = [breaker.late(10 + n * SPREAD_S, in_time=7) for n in range(LATE_MIN)]
    assert late == [False] * (LATE_MIN - 1) + [True]
    assert (breaker.state, breaker.opened) == ("open", 1)
    assert not breaker.late(11.0, in_time=7), "whoever asked before it opened changes nothing"


def test_one_pause_of_the_machine_does_not_however_many_it_makes_late() -> None:
    breaker = closed()
    assert not any(breaker.late(10.0 + SPREAD_S * n / 101, in_time=0) for n in range(100))
    assert breaker.late(10.0 + 2 * SPREAD_S, in_time=0)


def test_late_answers_far_apart_do_not() -> None:
    breaker = closed()
    assert not any(breaker.late(n * (WINDOW_S / (LATE_MIN - 2)), in_time=0) for n in range(100))


def test_nor_do_a_few_among_many_in_time() -> None:
    breaker = closed()
    assert not any(breaker.late(n / 1000, in_time=n * 2) for n in range(100))


def test_pauses_grow_to_the_longest_and_shorten_only_after_a_steady_time() -> None:
    breaker = closed()

    def trip(at_s: float) -> float:
        while not breaker.late(at_s, in_time=0):
            at_s += SPREAD_S / 2
        return breaker.pause_s()

    def mend(at_s: float) -> None:
        assert breaker.probe()
        breaker.probed(at_s, in_time=True)

    pauses = []
    for turn in range(6):
        pauses.append(trip(100 + turn))
        mend(100 + turn)
    assert pauses == sorted(pauses) and pauses[0] == PAUSE_FIRST_S and pauses[-1] == PAUSE_MAX_S
    assert trip(200 + STEADY_S) == PAUSE_FIRST_S


@pytest.mark.parametrize("in_time", [True, False])
def test_a_probe_that_is_answered_after_the_connection_was_lost_says_nothing(in_time: bool) -> None:
    breaker = closed()
    breaker.lost()
    assert breaker.probe()
    breaker.lost()
    breaker.probed(2.0, in_time)
    assert breaker.state == "open"


class AnyOrder(RuleBasedStateMachine):
    """Calls, probes and losses in any order; what is believed of each state is kept beside the breaker."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker(lambda pause_s: pause_s * 1.5)
        self.now_s = 1000.0
        self.in_time = 0
        self.late_at: list[float] = []  # since it was closed
        self.good_probe = False  # the last word on this connection was a probe in time
        self.pauses: list[float] = []

    @rule(s=st.floats(0.0, 0.3) | st.floats(0.0, 3.0))
    def time_passes(self, s: float) -> None:
        self.now_s += s

    @precondition(lambda self: self.breaker.state == "closed")
    @rule(count=st.integers(1, 50))
    def answered(self, count: int) -> None:
        self.in_time += count

    @rule(count=st.integers(1, 8))
    def answered_late(self, count: int) -> None:
        for _ in range(count):
            was = self.breaker.state
            opened = self.breaker.late(self.now_s, self.in_time)
            assert not opened or was == "closed"
            if was == "closed":
                self.late_at.append(self.now_s)
            if opened:
                recent = [at_s for at_s in self.late_at if self.now_s - at_s <= WINDOW_S]
                assert len(recent) >= LATE_MIN and self.now_s - recent[0] >= SPREAD_S
                self.good_probe, self.late_at = False, []
                self.pauses.append(self.breaker.pause_s())
            elif was == "closed":
                assert self.breaker.state == "closed"

    @rule()
    def a_probe_is_due(self) -> None:
        was = self.breaker.state
        assert self.breaker.probe() == (was == "open")

    @precondition(lambda self: self.breaker.state == "half-open")
    @rule(in_time=st.booleans())
    def the_probe_comes(self, in_time: bool) -> None:
        self.breaker.probed(self.now_s, in_time)
        self.good_probe, self.late_at = in_time, []
        if not in_time:
            self.pauses.append(self.breaker.pause_s())

    @rule()
    def the_connection_is_lost(self) -> None:
        self.breaker.lost()
        self.good_probe, self.late_at = False, []

    @invariant()
    def calls_ask_only_after_a_good_probe(self) -> None:
        assert (self.breaker.state == "closed") == self.good_probe

    @invariant()
    def no_pause_is_longer_than_the_longest(self) -> None:
        assert all(PAUSE_FIRST_S <= pause_s <= PAUSE_MAX_S * 1.5 for pause_s in self.pauses)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(stateful_step_count=40)
