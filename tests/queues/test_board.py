"""The live line as plain data."""

from __future__ import annotations

import json

from asterisk_router.queues.ageing import priority_of
from asterisk_router.queues.board import board
from asterisk_router.queues.events import (
    AgentCompleted,
    AgentConnected,
    AgentRung,
    CallerJoined,
    CallerListed,
    LineListed,
    MemberListed,
    QueueListed,
)
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.queues.live_queue import QueueFacts

NOW = 1_800_000_000.0
ANNA = MemberListed("PJSIP/anna", "Anna", status=1, penalty=2, calls_taken=7)
BORIS = MemberListed("PJSIP/boris", "Boris", status=1, paused=True, paused_reason="lunch", membership="static")


def shown_line() -> LiveLine:
    line = LiveLine("berlin")
    line.set_queue_facts({"sales": QueueFacts(wrap_up_s=20, handling_s=100)})
    line.apply(LineListed((QueueListed("sales", (BORIS, ANNA), strategy="leastrecent", completed=3),)), NOW)
    priority = priority_of(600, NOW)
    line.apply(CallerJoined("sales", "u1", "u1", "PJSIP/t-1", 1, 1, priority, "+12025550100", "Ann"), NOW)
    line.apply(AgentRung("sales", "u1", ANNA.interface), NOW + 1)
    line.heard(NOW + 30)
    return line


def test_a_queue_with_its_agents_and_callers() -> None:
    shown = board(shown_line(), NOW + 10)
    assert (shown["pbx"], shown["at_s"], shown["known"], shown["good_until_s"]) == ("berlin", NOW + 10, True, NOW + 35)
    (queue,) = shown["queues"]
    assert queue["queue"] == "sales" and queue["strategy"] == "leastrecent" and queue["completed"] == 3
    assert (queue["free"], queue["talking"], queue["waiting"], queue["longest_wait_s"]) == (0, 0, 1, 10)
    anna, boris = queue["members"]
    assert anna == {
        "interface": "PJSIP/anna", "name": "Anna", "state": "ringing", "since_s": NOW + 1, "talks_with": "",
        "paused_reason": "", "membership": "dynamic", "penalty": 2, "calls_taken": 7,
    }  # fmt: skip
    assert (boris["state"], boris["since_s"], boris["paused_reason"]) == ("paused", NOW, "lunch")
    assert queue["callers"] == [
        {
            "position": 1, "uniqueid": "u1", "channel": "PJSIP/t-1", "number": "+1202555****", "name": "Ann",
            "waited_s": 10, "priority": priority_of(600, NOW), "head_start_s": 600, "rank_s": 610,
            "expected_wait_s": 0, "rings": ["PJSIP/anna"],
        }
    ]  # fmt: skip
    assert json.loads(json.dumps(shown)) == shown


def test_a_wrap_up_that_ends_without_an_event_is_dated_by_its_end() -> None:
    line = shown_line()
    line.apply(AgentConnected("sales", "u1", "u1", ANNA.interface, "Anna", 2, 0), NOW + 2)
    line.apply(AgentCompleted("sales", "u1", ANNA.interface, "Anna", 2, 3, "agent"), NOW + 5)
    during, after = (board(line, at_s)["queues"][0]["members"][0] for at_s in (NOW + 6, NOW + 30))
    assert (during["state"], during["since_s"]) == ("wrap-up", NOW + 5)
    assert (after["state"], after["since_s"]) == ("free", NOW + 25)


def test_a_line_that_is_not_known_shows_its_age_and_nothing_else() -> None:
    shown = board(shown_line(), NOW + 36)
    assert not shown["known"] and shown["queues"] == []
    assert board(LiveLine.UNKNOWN, NOW)["queues"] == []


def test_callers_whose_priority_is_unknown_have_no_rank() -> None:
    line = LiveLine("berlin")
    line.apply(LineListed((QueueListed("sales", (ANNA,), (CallerListed("u1", "PJSIP/t-1", 1),)),)), NOW)
    line.heard(NOW)
    line.queues["sales"].waiting[0].priority = None
    (caller,) = board(line, NOW)["queues"][0]["callers"]
    assert (caller["rank_s"], caller["head_start_s"], caller["expected_wait_s"]) == (None, None, None)
    assert caller["number"] == "a withheld number"


def test_who_stands_behind_a_caller_who_is_rung_is_next() -> None:
    line = shown_line()
    for place, uniqueid in enumerate(("u2", "u3"), 2):
        line.apply(CallerJoined("sales", uniqueid, "", uniqueid, place, place, priority_of(0, NOW)), NOW + 2)
    waits_s = [caller["expected_wait_s"] for caller in board(line, NOW + 10)["queues"][0]["callers"]]
    assert waits_s == [0, 100, 200]


def test_a_name_that_is_the_number_once_more_is_masked_as_well() -> None:
    line = LiveLine("berlin")
    callers = (
        CallerListed("u1", "PJSIP/t-1", 1, number="0255500100", name="+421255500100"),
        CallerListed("u2", "PJSIP/t-2", 2, number="0255500101", name="Ann 2000"),
    )
    line.apply(LineListed((QueueListed("sales", (ANNA,), callers),)), NOW)
    line.heard(NOW)
    assert [caller["name"] for caller in board(line, NOW)["queues"][0]["callers"]] == ["+42125550****", "Ann 2000"]
