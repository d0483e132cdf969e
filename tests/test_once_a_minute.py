"""A warning that may come thousands of times, in the log."""

from __future__ import annotations

import logging

import pytest

from asterisk_router.once_a_minute import SAY_S, OnceAMinute


def test_the_first_is_said_and_the_next_a_minute_later_with_the_number_of_those_between(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now_s = 0.0
    seldom = OnceAMinute(logging.getLogger("here"), clock=lambda: now_s)
    for now_s in (0.0, 1.0, SAY_S - 1, SAY_S, SAY_S + 1):
        seldom.warning("line %d is none", round(now_s))
    now_s = 3 * SAY_S
    seldom.error("line %d is none", 7, times=5)
    now_s = 5 * SAY_S
    seldom.warning("100 %")
    assert caplog.messages == [
        "line 0 is none",
        "line 60 is none; and 2 more like it",
        "line 7 is none; and 5 more like it",
        "100 %",
    ]
    assert [record.levelno for record in caplog.records] == [30, 30, 40, 30]
