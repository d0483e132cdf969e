"""What the log and people are told of calls that went without their caller."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from asterisk_router.daemon.degraded_calls import DegradedCalls


def test_the_log_hears_what_came_since_it_was_last_told_and_nothing_when_nothing_came(
    caplog: pytest.LogCaptureFixture,
) -> None:
    book = SimpleNamespace(degraded={}, store_fault="")
    calls, late = [0], [0]
    tally = DegradedCalls(book, lambda: calls[0], lambda: late[0])
    tally.say()
    assert caplog.messages == []
    book.degraded = {"answer late": 5, "store too slow, not asked": 7}
    calls[0] = 12
    tally.say()
    assert caplog.messages == [
        "calls decided without their caller in the last minute: 12 (answer late: 5, store too slow, not asked: 7)"
    ]
    tally.say()
    late[0], calls[0] = 2, 14
    tally.say()
    assert caplog.messages[1:] == ["calls decided without their caller in the last minute: 2 (deadline of the call: 2)"]


def test_people_are_told_all_of_it() -> None:
    book = SimpleNamespace(degraded={"store away": 2}, store_fault="cannot connect to Redis")
    assert DegradedCalls(book, lambda: 3, lambda: 1).as_plain() == {
        "degraded": 3,
        "degraded_why": {"store away": 2, "deadline of the call": 1},
        "store_fault": "cannot connect to Redis",
    }
