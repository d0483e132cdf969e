"""Promised and real waits, by hour and class."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from asterisk_router.admin.waits import Waits, by_hour_and_class, hour_of
from asterisk_router.callers.registered_call import BeganCall, EndedCall, Gap

HOUR_S = 1_795_413_600


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine is where its clock says what the tests mean."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def ended(at_s: int, waited_s: float, caller_class: str = "vip", **other: object) -> EndedCall:
    call = EndedCall("u", "", at_s, at_s + 200.0, "", "", outcome="answered", waits_since_s=at_s + 1.0)
    return call._replace(caller_class=caller_class, waited_s=waited_s, **{"promised_wait_s": 20, **other})


def test_each_hour_and_class_has_a_row() -> None:
    calls = [
        ended(HOUR_S + 3600, 7.0),
        ended(HOUR_S + 3599, 20.0),
        ended(HOUR_S, 21.0),
        ended(HOUR_S, 100.0, outcome="missed"),
        ended(HOUR_S, 5.0, "family", promised_wait_s=0),
    ]
    assert by_hour_and_class(calls, HOUR_S) == [
        Waits(HOUR_S, "family", 1, 1, 0, 0, 5.0, 5.0),
        Waits(HOUR_S, "vip", 3, 2, 20, 1, 47.0, 100.0),
        Waits(HOUR_S + 3600, "vip", 1, 1, 20, 1, 7.0, 7.0),
    ]


def test_only_who_waited_for_a_person_counts() -> None:
    informed = ended(HOUR_S, 0.0, outcome="missed", waits_since_s=0.0)
    earlier, outward = ended(HOUR_S - 1, 9.0), ended(HOUR_S, 9.0, direction="out")
    others = [BeganCall("u", "", HOUR_S, "", ""), Gap(1, HOUR_S, HOUR_S)]
    assert by_hour_and_class([informed, earlier, outward, *others], HOUR_S) == []


def test_an_hour_is_one_of_the_clock_on_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    assert HOUR_S % 3600 == 0 and hour_of(HOUR_S + 1800.5) == HOUR_S
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    assert hour_of(HOUR_S + 1800.5) == HOUR_S + 1800
