"""Bare claims within their bounds: incidents by the hour, and a share of those who wait."""

from __future__ import annotations

import tempfile
from collections.abc import Set
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.callers.caller import Caller
from asterisk_router.callers.trust import E1, E2
from asterisk_router.numbering.number import Number
from asterisk_router.policy.guard.claims import (
    ARRIVING_S,
    HOUR_S,
    LINE_TOO_OFTEN,
    LINE_UNKNOWN,
    NUMBER_TOO_OFTEN,
    SHARE_FULL,
    Claims,
)
from asterisk_router.policy.policy import Policy
from asterisk_router.queues.events import CallerListed, LineListed, QueueListed
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.wire.incoming_call import IncomingCall
from tests.policy.trusted_house import AT_S, decided, house_of

INCIDENT = "+12025550199"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """Two incidents an hour from a number, five on a line, half of those who wait."""
    bounds = "incidents_per_number = 2\nincidents_per_line = 5\nclaimed_share = 50"
    return house_of(tmp_path_factory.mktemp("house"), bounds)


def queue_of(*waiting: str, at_s: float = AT_S) -> LiveLine:
    """Those calls wait in sales."""
    line = LiveLine("berlin")
    callers = tuple(CallerListed(uniqueid, f"PJSIP/{uniqueid}", n, 0, 0) for n, uniqueid in enumerate(waiting, 1))
    line.apply(LineListed((QueueListed("sales", (), callers),)), at_s)
    line.heard(at_s)
    return line


def incident(house: Policy, claims: Claims, at_s: float, number: str = "", trust: int = E1, uniqueid: str = "") -> str:
    """Why the incident is not put before everyone; empty when it is."""
    call = IncomingCall(called_number=INCIDENT, uniqueid=uniqueid)
    whose = Number("e164", number) if number else Number("withheld", "")
    decision = house.decide(call, whose, Caller.UNKNOWN, at_s, trust, False, LiveLine.UNKNOWN, claims)
    assert (decision.branch, decision.queue) == ("incident", "incident"), "whoever is answered there, is answered there"
    assert decision.head_start_s == (0 if "withheld" in decision.reason else 4 * 3600)
    return decision.reason.partition("; withheld incident (")[2].removesuffix(")").partition(": ")[2]


def test_a_number_has_so_many_incidents_an_hour(house: Policy) -> None:
    claims, number = Claims(), "+12025550101"
    assert [incident(house, claims, AT_S + n, number) for n in range(3)] == ["", "", NUMBER_TOO_OFTEN]
    assert incident(house, claims, AT_S + 3, "+12025550102") == "", "another number has its own"
    assert incident(house, claims, AT_S + HOUR_S - 1, number) == NUMBER_TOO_OFTEN
    assert incident(house, claims, AT_S + HOUR_S, number) == "", "the first is an hour ago"
    assert claims.refused == {NUMBER_TOO_OFTEN: 2}


def test_a_line_has_so_many_an_hour_from_whoever_withholds_the_number_too(house: Policy) -> None:
    claims = Claims()
    said = [incident(house, claims, AT_S + n) for n in range(3)]
    said += [incident(house, claims, AT_S + n, f"+1202555010{n}") for n in range(3, 7)]
    assert said == [""] * 5 + [LINE_TOO_OFTEN] * 2
    assert incident(house, claims, AT_S + 9, "+12025550109", trust=E2) == "", "a number that is vouched for is no claim"


def test_a_call_that_asks_again_is_one_claim(house: Policy) -> None:
    claims, number = Claims(), "+12025550101"
    assert [incident(house, claims, AT_S + n, number, uniqueid="a.1") for n in range(5)] == [""] * 5
    assert incident(house, claims, AT_S + 6, number, uniqueid="a.2") == ""
    assert incident(house, claims, AT_S + 7, number, uniqueid="a.3") == NUMBER_TOO_OFTEN


def test_what_was_granted_is_no_leave_to_claim_something_else(house: Policy) -> None:
    claims, full = Claims(), queue_of("c.1")
    assert lifted(house, claims, full, "c.1") == Asked("", 480)
    assert incident(house, claims, AT_S, uniqueid="c.2") == ""
    assert lifted(house, claims, full, "c.2").why == SHARE_FULL


def test_a_clock_set_back_holds_nobody_up(house: Policy) -> None:
    claims, number = Claims(), "+12025550101"
    for n in range(2):
        incident(house, claims, AT_S + n, number)
    assert incident(house, claims, AT_S - 2 * HOUR_S, number) == ""


def test_no_bound_is_none(tmp_path: Path) -> None:
    policy = house_of(tmp_path, "incidents_per_number = 0\nincidents_per_line = 0")
    claims = Claims()
    assert not any(incident(policy, claims, AT_S, "+12025550101") for _ in range(100))
    assert len(claims) == 0


def test_workers_together_keep_the_bounds_but_for_what_is_rounded_up(house: Policy, tmp_path: Path) -> None:
    workers = [Claims(among=2), Claims(among=2)]
    granted = [incident(house, workers[n % 2], AT_S + n, "+12025550101") for n in range(6)].count("")
    assert granted == 2, "two an hour from a number"
    granted += [incident(house, workers[n % 2], AT_S + n) for n in range(12)].count("")
    assert granted == 6, "five an hour on a line, three of each"
    no_bound = house_of(tmp_path, "incidents_per_number = 0\nincidents_per_line = 0")
    assert not any(incident(no_bound, workers[0], AT_S, "+12025550103") for _ in range(20))


def test_each_worker_lifts_its_part_of_the_share_and_its_first(house: Policy) -> None:
    workers, strangers = [Claims(among=2), Claims(among=2)], [f"s.{n}" for n in range(20)]
    lifted_by = [0, 0]
    for n in range(30):
        lifted_by[n % 2] += not lifted(house, workers[n % 2], queue_of(*strangers), f"c.{n}").why
    assert lifted_by == [7, 7], "a fourth of the twenty and of them, rounded up; one worker alone would lift twenty"
    assert [lifted(house, worker, queue_of(), "d.1").why for worker in (Claims(among=9), Claims(among=9))] == ["", ""]


class Asked(NamedTuple):
    """What one call got."""

    why: str
    head_start_s: int


def lifted(house: Policy, claims: Claims, live: LiveLine, uniqueid: str, at_s: float = AT_S, trust: int = E1) -> Asked:
    decision = decided(house, trust, "vip", live=live, claims=claims, at_s=at_s, uniqueid=uniqueid)
    why = decision.reason.partition("; withheld head_start (")[2].partition(")")[0].partition(": ")[2]
    return Asked(why, decision.head_start_s)


def test_at_most_the_share_of_those_who_wait_is_lifted(house: Policy) -> None:
    claims, strangers = Claims(), [f"s.{n}" for n in range(3)]
    assert lifted(house, claims, queue_of(*strangers), "c.1") == Asked("", 480)
    # c.1 on the way, with c.2 two of five; with c.3 three of six; c.4 would make four of seven
    assert lifted(house, claims, queue_of("c.1", *strangers), "c.2") == Asked("", 480)
    assert lifted(house, claims, queue_of("c.2", "c.1", *strangers), "c.3") == Asked("", 480)
    full = queue_of("c.3", "c.2", "c.1", *strangers)
    assert lifted(house, claims, full, "c.4") == Asked(SHARE_FULL, 60), "what a stranger gets, no less"
    assert lifted(house, claims, full, "c.4", trust=E2) == Asked("", 480), "whoever is vouched for is no claim"
    later = queue_of("c.3", *strangers, at_s=AT_S + ARRIVING_S)
    assert lifted(house, claims, later, "c.4", AT_S + ARRIVING_S) == Asked("", 480), "two of them were answered"


def test_the_first_is_always_lifted_and_those_on_the_way_count(house: Policy) -> None:
    claims, empty = Claims(), queue_of()
    assert lifted(house, claims, empty, "c.1") == Asked("", 480)
    assert lifted(house, claims, empty, "c.2").why == SHARE_FULL, "the greeting of the first is still playing"
    later = queue_of(at_s=AT_S + ARRIVING_S)
    assert lifted(house, claims, later, "c.2", AT_S + ARRIVING_S) == Asked("", 480)


def test_an_unknown_line_lifts_nobody(house: Policy) -> None:
    claims = Claims()
    assert lifted(house, claims, LiveLine.UNKNOWN, "c.1") == Asked(LINE_UNKNOWN, 60)
    stale = queue_of("s.1")
    assert lifted(house, claims, stale, "c.1", AT_S + 60).why == LINE_UNKNOWN


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 30), st.sets(st.integers(0, 60))),
        max_size=60,
    ),
    st.sampled_from([0, 25, 50, 99]),
)
def test_whoever_comes_and_goes_the_share_holds(calls: list[tuple[bool, int, set[int]]], share: int) -> None:
    """Each caller claims or not, some time passes, and some of those who wait are answered."""
    with tempfile.TemporaryDirectory() as folder:
        house = house_of(Path(folder), f"claimed_share = {share}")
    claims, at_s = Claims(), AT_S
    waiting: set[str] = set()
    granted: dict[str, float] = {}
    for n, (claiming, passed_s, answered) in enumerate(calls):
        at_s += passed_s
        waiting -= {f"c.{each}" for each in answered}
        if (
            claiming
            and lifted(house, claims, queue_of(*sorted(waiting), at_s=at_s), f"c.{n}", at_s).head_start_s == 480
        ):
            granted[f"c.{n}"] = at_s
            on_the_way = [each for each, since_s in granted.items() if each not in waiting and at_s - since_s < 60]
            lifted_now = len(on_the_way) + len(granted.keys() & waiting)
            assert lifted_now <= max(1, share * (len(waiting) + len(on_the_way)) // 100)
        waiting.add(f"c.{n}")


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=300))
def test_memory_is_bounded(calls: list[tuple[int, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        house = house_of(Path(folder), "claimed_share = 99")
    claims, strangers = Claims(limit=8), queue_of(*(f"s.{n}" for n in range(50)))
    for n, (number, urgent) in enumerate(calls):
        if urgent:
            incident(house, claims, AT_S, f"+1202555{number:04d}", uniqueid=f"i.{n}")
        else:
            lifted(house, claims, strangers, f"c.{n}")
        assert len(claims) <= 3 * 8


def among(line: LiveLine, uniqueids: Set[str]) -> int:
    return line.waiting_among("sales", uniqueids, AT_S)


def test_a_line_says_who_of_some_calls_waits() -> None:
    line = queue_of("a.1", "a.2")
    assert (among(line, {"a.1", "b.1"}), among(line, {"a.1", "a.2"}), among(line, set())) == (1, 2, 0)
    assert line.waiting_among("sales", {"a.1"}, AT_S + 60) == 0, "unknown"
    assert line.waiting_among("nowhere", {"a.1"}, AT_S) == 0
