"""The digest of a caller's calls: adding, ending, merging, and the counts a policy asks for."""

from __future__ import annotations

import random
from functools import reduce

from hypothesis import given
from hypothesis import strategies as some

from asterisk_router.callers.caller import HISTORY_RECENT, History, PastCall
from asterisk_router.callers.history import (
    add_call,
    answered_since,
    before,
    calls_since,
    merge,
    missed_since,
    missed_since_answer,
    note,
)
from asterisk_router.callers.registered_call import BeganCall, EndedCall

DAY_S = 86_400
LINE = "+12025550150"


def called(*calls: tuple[int, str]) -> History:
    """A history of calls at these times with these outcomes."""
    history = History()
    for at_s, outcome in calls:
        history = add_call(history, at_s, "+12025550150", outcome)  # type: ignore[arg-type]
    return history


def test_a_first_call_is_first_and_last() -> None:
    history = add_call(History(), 1000, "+12025550150")
    assert history == History(1, 1000, 1000, "", (PastCall(1000, "unknown", "+12025550150"),))


@given(some.lists(some.integers(1, 1 << 32), min_size=1, max_size=40, unique=True))
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


@given(some.lists(some.integers(1, 1000), max_size=HISTORY_RECENT, unique=True), some.integers(0, 1001))
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


def began(at_s: float, line: str = LINE) -> BeganCall:
    return BeganCall(f"{at_s}", "", at_s, "+12025550100", line)


def ended(at_s: float, outcome: str = "missed", agent: str = "", line: str = LINE, direction: str = "in") -> EndedCall:
    call = EndedCall(f"{at_s}", "", at_s, at_s + 30, "+12025550100", line)
    return call._replace(outcome=outcome, agent=agent, direction=direction)


def outcomes(history: History) -> list[tuple[int, str]]:
    return [(call.at_s, call.outcome) for call in history.recent]


def test_the_end_of_a_call_is_filled_in() -> None:
    history = note(note(History(), began(1.7)), began(5.2))
    history = note(history, ended(5.2, "answered", "anna"))
    assert outcomes(history) == [(1, "unknown"), (5, "answered")]
    assert (history.calls, history.last_agent) == (2, "anna")
    history = note(history, ended(1.7))
    assert outcomes(history) == [(1, "missed"), (5, "answered")]
    assert note(history, ended(1.7, "answered", "boris")).last_agent == "anna", "who spoke last, not who was told last"


def test_the_end_of_a_call_whose_beginning_was_lost_adds_it() -> None:
    history = note(History(), ended(7.0, "missed"))
    assert (history.calls, outcomes(history)) == (1, [(7, "missed")])


def test_an_end_finds_its_call_when_the_clocks_differ_a_little() -> None:
    history = note(note(History(), began(100)), began(103))
    assert outcomes(note(history, ended(102.0, "answered"))) == [(100, "unknown"), (103, "answered")]
    assert outcomes(note(history, ended(101.0, "answered", line="another"))) == [
        (100, "unknown"),
        (101, "answered"),
        (103, "unknown"),
    ]


def test_an_end_without_its_beginning_takes_no_other_call_that_has_one() -> None:
    history = note(note(History(), began(100)), ended(100, "answered"))
    twice = note(note(history, ended(101)), ended(101))
    assert outcomes(twice) == [(100, "answered"), (101, "missed")]


def test_a_call_given_up_as_unknown_keeps_the_end_that_another_told() -> None:
    history = note(note(History(), began(1)), ended(1, "answered", "anna"))
    assert note(history, ended(1, "unknown")) == history
    assert outcomes(note(History(), ended(1, "unknown"))) == [(1, "unknown")]


def test_an_end_that_comes_after_the_digest_has_forgotten_its_call_is_not_counted_anew() -> None:
    history = History()
    for at_s in range(100, 100 + 10 * (HISTORY_RECENT + 1), 10):
        history = note(history, began(at_s))
    assert note(history, ended(100)) == history


def test_a_call_of_the_house_is_none_of_theirs_and_tells_who_spoke_with_them() -> None:
    history = note(note(History(), began(1)), ended(9, "answered", "anna", direction="out"))
    assert (outcomes(history), history.last_agent) == ([(1, "unknown")], "anna")


moments = some.integers(0, 60).map(lambda number: 86_400 * 20_000 - 90 + number * 3)


@given(some.lists(some.tuples(moments, some.booleans()), max_size=12), some.randoms())
def test_whatever_is_noted_twice_counts_once(told: list[tuple[int, bool]], chance: random.Random) -> None:
    """Around midnight UTC, in any order after a restart: each call once, and never without its end again."""
    calls = [began(at_s) if begins else ended(at_s) for at_s, begins in told]
    history = reduce(note, calls, History())
    assert history.calls == len({at_s for at_s, _ in told})
    again = [*calls, *calls]
    chance.shuffle(again)
    assert reduce(note, again, History()) == history
    assert {at_s for at_s, outcome in outcomes(history) if outcome == "missed"} == {
        at_s for at_s, begins in told if not begins
    }


def test_two_histories_of_one_person_merge() -> None:
    one = called((1, "answered"), (4, "missed"))._replace(last_agent="anna")
    other = called((2, "missed"), (5, "answered"))._replace(last_agent="boris")
    merged = merge(one, other)
    assert [call.at_s for call in merged.recent] == [1, 2, 4, 5]
    assert (merged.calls, merged.first_at_s, merged.last_at_s, merged.last_agent) == (4, 1, 5, "boris")
    assert merge(one, History()) == one
    assert merge(History(), one) == one


def test_what_was_before_a_call_is_known_as_far_as_the_latest_calls_reach() -> None:
    calls = tuple(PastCall(at_s, "missed") for at_s in (100, 200, 300))
    whole = History(20, 5, 300, "anna", calls)
    assert before(whole, 400.5) == whole
    assert before(whole, 300.9) == History(19, 5, 200, "anna", calls[:2]), "the call itself is not before it"
    assert before(whole, 50) == History(17, 5, 0, "anna", ()), "there were others, nobody knows when the last was"
    spoken = whole._replace(recent=(*calls[:2], PastCall(300, "answered")))
    assert before(spoken, 250).last_agent == "", "anna may have spoken with them only then"
    assert before(History(1, 300, 300, "anna", calls[2:]), 300) == History()
