"""The spine: what is asked of whom, and in which order."""

from __future__ import annotations

import pytest

from asterisk_router.call_path import CallPath
from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.callers.memory_book import MemoryBook
from asterisk_router.callers.number_ranges import NumberRanges, TaggedRange
from asterisk_router.policy.decision import Decision
from asterisk_router.policy.load import load
from asterisk_router.queues.events import LineListed, MemberListed, QueueListed
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.queues.live_lines import LiveLines
from asterisk_router.wire.incoming_call import IncomingCall

AT_S = 1_763_892_000.0
MONDAY_S = AT_S + 86400
CALL = IncomingCall(caller_number="+42125550100", called_number="+42120550000")


class WatchedBook(MemoryBook):
    """A book in memory that remembers what it was asked, and can fail."""

    def __init__(self, away: bool = False) -> None:
        super().__init__()
        self.away = away
        self.asked: list[str] = []

    def find(self, key, found) -> None:
        self.asked.append(key)
        found(Caller.UNKNOWN, True) if self.away else super().find(key, found)


@pytest.fixture(scope="module")
def policy():
    return load("shop")


def routed(path: CallPath, call: IncomingCall) -> Decision:
    decided: list[Decision] = []
    path.route(call, AT_S, decided.append, pytest.fail)
    assert len(decided) == 1
    return decided[0]


def test_a_caller_is_found_once_and_decided(policy) -> None:
    book = WatchedBook()
    decision = routed(CallPath(policy, book, book.ranges), CALL)
    assert (decision.number, decision.degraded) == ("+42125550100", False)
    assert book.asked == ["+42125550100"]


@pytest.mark.parametrize(
    "call", [CALL._replace(caller_number="anonymous"), CALL._replace(caller_number="", tainted="forged")]
)
def test_nobody_is_looked_up_without_a_number_to_believe(policy, call: IncomingCall) -> None:
    book = WatchedBook()
    decision = routed(CallPath(policy, book, book.ranges), call)
    assert book.asked == []
    assert (decision.number, decision.trust) == ("", 0)


def test_a_store_that_is_away_makes_the_decision_degraded(policy) -> None:
    book = WatchedBook(away=True)
    assert routed(CallPath(policy, book, book.ranges), CALL).degraded


def test_the_tags_of_a_range_count_as_the_callers_own(policy) -> None:
    ranges = NumberRanges([TaggedRange("+42125550100", "+42125550199", Tag("inspector"))])
    book = WatchedBook()
    with_tag, without = routed(CallPath(policy, book, ranges), CALL), routed(CallPath(policy, book, book.ranges), CALL)
    assert with_tag.caller_class == "inspector"
    assert without.caller_class != "inspector"


def test_at_the_deadline_the_number_and_the_line_still_count(policy) -> None:
    book = WatchedBook()
    decision = CallPath(policy, book, book.ranges).decide_without_store(CALL, AT_S)
    assert (decision.number, decision.degraded) == ("+42125550100", True)
    assert book.asked == []


def test_a_call_meets_the_line_of_its_own_pbx(policy) -> None:
    book = WatchedBook()
    lines = []
    for pbx, status in (("berlin", 1), ("vienna", 2)):
        lines.append(LiveLine(pbx))
        agent = MemberListed("PJSIP/anna", status=status)
        lines[-1].apply(LineListed((QueueListed("sales", (agent,)),)), MONDAY_S)
        lines[-1].heard(MONDAY_S)
    path = CallPath(policy, book, book.ranges, LiveLines(lines))
    number = policy.numbering.normalise(CALL.caller_number)
    branches = [
        path.decide(CALL._replace(uniqueid=f"{pbx}-1700000000.1"), number, Caller.UNKNOWN, MONDAY_S).branch
        for pbx in ("berlin", "vienna", "paris")
    ]
    assert branches == ["sales", "sales-info", "sales"], "one free, nobody free, and a PBX nobody listens to"


def test_a_fault_after_the_look_up_is_told_not_raised_into_the_store(policy, monkeypatch) -> None:
    book = WatchedBook()
    path = CallPath(policy, book, book.ranges)
    monkeypatch.setattr(path, "decide", lambda *_: 1 / 0)
    faults: list[Exception] = []
    path.route(CALL, AT_S, pytest.fail, faults.append)
    assert [type(fault) for fault in faults] == [ZeroDivisionError]
