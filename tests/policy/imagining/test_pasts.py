"""Pasts a caller could have, the least different first."""

from __future__ import annotations

from itertools import islice

from asterisk_router.callers.caller import HISTORY_RECENT, History, PastCall
from asterisk_router.policy.imagining.pasts import DAY_S, pasts

NOW_S = 1_772_442_000
CALLS = (PastCall(NOW_S - 5 * DAY_S, "missed"), PastCall(NOW_S - 3600, "answered"))
HISTORY = History(40, 7, NOW_S - 3600, "anna", CALLS)


def test_the_past_itself_comes_first_then_one_call_more_or_less() -> None:
    first = list(islice(pasts(HISTORY, NOW_S, [7 * DAY_S], []), 6))
    assert first[0] == HISTORY
    assert {past.calls - HISTORY.calls for past in first[1:]} <= {-1, 0, 1}


def test_every_past_holds_together() -> None:
    for past in pasts(HISTORY, NOW_S + 0.5, [3600, 7 * DAY_S], [0, 2]):
        moments = [call.at_s for call in past.recent]
        assert moments == sorted(moments) and len(moments) <= HISTORY_RECENT and past.calls >= len(moments)
        assert not moments or moments[-1] == past.last_at_s < NOW_S and past.last_agent == "anna"


def test_spans_and_days_asked_about_are_crossed() -> None:
    ages = {NOW_S - past.last_at_s for past in pasts(History(), NOW_S, [3600], [2]) if past.recent}
    assert any(age < 3600 for age in ages) and any(age > 3600 for age in ages)
    assert any(2 * DAY_S <= age < 3 * DAY_S for age in ages)
