"""The digest of a caller's calls: adding, ending, merging, and the counts a policy asks for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from asterisk_router.callers.caller import HISTORY_RECENT, History, PastCall
from asterisk_router.callers.history import (
    add_call,
    answered_since,
    calls_since,
    merge,
    missed_since,
    missed_since_answer,
    set_outcome,
)

DAY_S = 86_400


def called(*calls: tuple[int, str]) -> History:
    """A history of calls at these times with these outcomes."""
    history = History()
    for at_s, outcome in calls:
        history = add_call(history, at_s, "+12025550150", outcome)  # type: ignore[arg-type]
    return history


def test_a_first_call_is_first_and_last() -> None:
    history = add_call(History(), 1000, "+12025550150")
    assert history == History(1, 1000, 1000, "", (PastCall(1000, "unknown", "+12025550150"),))


@given(some.lists(some.integers(1, 1 << 32), min_size=1, max_size=40))
def test_calls_in_any_order_end_up_in_order(times: list[int]) -> None:
    history = History()
    for at_s in times:
        history = add_call(history, at_s, "201")
    assert history.calls == len(times)
    assert (history.first_at_s, history.last_at_s) == (min(times), max(times))
    kept = [call.at_s for call in history.recent]
    assert kept == sorted(kept)
    assert len(kept) == min(len(times), HISTORY_RECENT)
    assert kept[-1] == max(times)


@given(some.lists(some.integers(1, 1000), max_size=HISTORY_RECENT), some.integers(0, 1001))
def test_calls_since_counts_the_window_with_its_edge(times: list[int], since_s: int) -> None:
    history = called(*((at_s, "unknown") for at_s in times))
    assert calls_since(history, since_s) == len([at_s for at_s in times if at_s >= since_s])


def test_outcomes_are_counted_apart() -> None:
    history = called((DAY_S, "missed"), (2 * DAY_S, "answered"), (3 * DAY_S, "missed"), (4 * DAY_S, "unknown"))
    assert (calls_since(history, 0), calls_since(history, 2 * DAY_S)) == (4, 3)
    assert (answered_since(history, 0), answered_since(history, 2 * DAY_S + 1)) == (1, 0)
    assert (missed_since(history, 0), missed_since(history, 2 * DAY_S), missed_since(history, 4 * DAY_S)) == (2, 1, 0)


def test_missed_since_the_last_answer() -> None:
    assert missed_since_answer(History()) == 0
    assert missed_since_answer(called((1, "missed"), (2, "missed"))) == 2
    assert missed_since_answer(called((1, "missed"), (2, "answered"))) == 0
    assert missed_since_answer(called((1, "answered"), (2, "missed"), (3, "unknown"), (4, "missed"))) == 2


def test_the_end_of_a_call_is_filled_in() -> None:
    history = set_outcome(called((1, "unknown"), (2, "unknown")), 2, "answered", "anna")
    assert [call.outcome for call in history.recent] == ["unknown", "answered"]
    assert history.last_agent == "anna"
    assert set_outcome(history, 1, "missed").last_agent == "anna"
    assert set_outcome(history, 7, "missed") == history


def test_two_histories_of_one_person_merge() -> None:
    one = called((1, "answered"), (4, "missed"))._replace(last_agent="anna")
    other = called((2, "missed"), (5, "answered"))._replace(last_agent="boris")
    merged = merge(one, other)
    assert [call.at_s for call in merged.recent] == [1, 2, 4, 5]
    assert (merged.calls, merged.first_at_s, merged.last_at_s, merged.last_agent) == (4, 1, 5, "boris")
    assert merge(one, History()) == one
    assert merge(History(), one) == one
