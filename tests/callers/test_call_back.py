"""The rules of a call-back: one entry a person, and the same news in any order leave the same entry, or none."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.callers.call_back import (
    MISSES_KEPT,
    CallBack,
    joined,
    news_of,
    numbers_of,
    owed,
    spoke_at_s,
    spoken,
    united,
)
from asterisk_router.callers.caller import Caller
from asterisk_router.callers.registered_call import EndedCall

ANNA = Caller(("+421255500100", "+421255500101"), "Anna Nova", value=900)
AT_S = 1_790_000_000.0


class Terms(NamedTuple):
    """Terms of a house."""

    attempts: int = 3
    pause_s: int = 600
    expire_s: int = 86_400


TERMS = Terms()


def call(uniqueid: str, at_s: float, number: str = ANNA.numbers[0], **known: object) -> EndedCall:
    """A call of 60 seconds that rang `at_s` after the beginning of the day."""
    ended = EndedCall(uniqueid, uniqueid, AT_S + at_s, AT_S + at_s + 60, number, "+421255509000", outcome="missed")
    return ended._replace(**known)


def after(*news: EndedCall) -> CallBack:
    """The entry that these ends of calls leave, as a store without markers would keep it."""
    entry = CallBack.CLOSED
    spoke_s = 0.0
    for ended in news:
        if news_of(ended) == "missed":
            entry = spoken(joined(entry, owed(ended, ANNA, TERMS)), spoke_s)
        elif news_of(ended) == "spoke":
            spoke_s = max(spoke_s, spoke_at_s(ended))
            entry = spoken(entry, spoke_s)
    return entry


def test_a_missed_call_makes_an_entry_of_its_person() -> None:
    entry = after(
        call("a", 0, ANNA.numbers[1], queue="sales", caller_class="vip", head_start_s=600, waits_since_s=AT_S + 20)
    )
    assert (entry.person, entry.numbers, entry.number) == (ANNA.numbers[0], ANNA.numbers, ANNA.numbers[1])
    assert (entry.name, entry.value, entry.queue, entry.caller_class) == ("Anna Nova", 900, "sales", "vip")
    assert (entry.reason, entry.missed, entry.opened_at_s, entry.waits_since_s) == ("missed", 1, AT_S, AT_S + 20)
    assert entry.expires_at_s == AT_S + TERMS.expire_s


def test_a_number_once_known_to_be_theirs_stays_in_the_entry() -> None:
    known, news = after(call("a", 0)), owed(call("b", 60), Caller.UNKNOWN, TERMS)
    assert news.numbers == ANNA.numbers[:1]
    assert joined(known, news).numbers == ANNA.numbers


def test_somebody_unknown_is_called_at_the_number_they_called_from() -> None:
    entry = owed(call("a", 0), Caller.UNKNOWN, TERMS)
    assert (entry.person, entry.numbers) == (ANNA.numbers[0], ANNA.numbers[:1])


def test_without_a_number_there_is_nobody_to_call() -> None:
    assert owed(call("a", 0, ""), Caller.UNKNOWN, TERMS) is CallBack.CLOSED
    assert numbers_of(call("a", 0, ""), Caller.UNKNOWN) == ()


def test_a_withheld_call_of_somebody_known_is_owed_at_their_chief_number() -> None:
    assert owed(call("a", 0, ""), ANNA, TERMS).number == ANNA.numbers[0]


def test_a_further_missed_call_joins_and_the_same_one_told_again_does_not() -> None:
    first, second = call("a", 0, queue="sales"), call("b", 300, ANNA.numbers[1], queue="support")
    entry = after(first, second, first, second)
    assert (entry.missed, entry.opened_at_s, entry.last_missed_at_s) == (2, AT_S, AT_S + 300)
    assert (entry.queue, entry.number) == ("support", ANNA.numbers[1])


def test_who_asked_keeps_the_place_they_had_when_they_asked() -> None:
    asked = call("b", 300, how="call-back-asked", waits_since_s=AT_S + 160)
    entry = after(call("a", 0), asked, call("c", 900))
    assert (entry.reason, entry.missed) == ("asked", 3)
    assert entry.waits_since_s == AT_S + 160


def test_a_caller_who_asked_is_owed_whatever_their_class_and_others_as_the_policy_says() -> None:
    assert news_of(call("a", 0, call_back=False)) == ""
    assert news_of(call("a", 0, call_back=False, how="call-back-asked")) == "missed"
    assert news_of(call("a", 0, direction="out")) == "tried"
    assert news_of(call("a", 0, outcome="unknown")) == ""


@pytest.mark.parametrize("direction", ["in", "out"])
def test_any_later_conversation_closes_it(direction: str) -> None:
    later = call("b", 200, ANNA.numbers[1], outcome="answered", direction=direction, talked_s=30.0)
    assert after(call("a", 0), later) is CallBack.CLOSED
    assert after(later, call("a", 0)) is CallBack.CLOSED


def test_a_conversation_that_began_before_the_missed_call_does_not_close_it() -> None:
    talking = call("b", 0, outcome="answered", ended_at_s=AT_S + 600, talked_s=590.0)
    for news in ((call("a", 100), talking), (talking, call("a", 100))):
        assert after(*news).missed == 1


def test_who_is_spoken_with_while_their_other_telephone_waits_is_owed_nothing() -> None:
    waited_long = call("b", 0, outcome="answered", ended_at_s=AT_S + 600, talked_s=300.0)
    assert after(call("a", 100), waited_long) is CallBack.CLOSED


def test_calls_missed_after_the_conversation_stay_owed_and_only_those() -> None:
    entry = after(call("a", 0), call("b", 50), call("d", 500), call("c", 200, outcome="answered"))
    assert (entry.missed, entry.opened_at_s) == (1, AT_S + 500)


def test_many_missed_calls_are_counted_and_the_first_is_remembered() -> None:
    entry = after(*(call(f"call-{n}", n * 10) for n in range(30)))
    assert (entry.missed, len(entry.misses), entry.opened_at_s) == (30, MISSES_KEPT, AT_S)
    assert entry.last_missed_at_s == AT_S + 290


def test_a_call_of_somebody_whose_pause_runs_may_be_called_back_at_once() -> None:
    tried = after(call("a", 0))._replace(next_attempt_at_s=AT_S + 3600, attempts=1)
    again = joined(tried, owed(call("b", 300), ANNA, TERMS))
    assert (again.next_attempt_at_s, again.attempts) == (0, 1)


def test_two_persons_who_are_one_have_one_entry_under_the_number_that_leads_now() -> None:
    home, mobile = Caller(("+421255500102",), "A. Nova"), Caller(("+421255500103",))
    entries = [owed(call("a", 0, home.numbers[0]), home, TERMS), owed(call("b", 9, mobile.numbers[0]), mobile, TERMS)]
    assert len(united(entries)) == 2
    whole = owed(call("c", 20, home.numbers[0]), Caller((*mobile.numbers, *home.numbers)), TERMS)
    for order in ([*entries, whole], [whole, *entries], [entries[0], whole, entries[1]]):
        (entry,) = united(order)
        assert (entry.person, entry.missed, entry.name) == (mobile.numbers[0], 3, "A. Nova")
        assert set(entry.numbers) == {*home.numbers, *mobile.numbers}


def test_whoever_has_one_of_two_joined_entries_has_both() -> None:
    held = after(call("a", 0))._replace(owner="anna", owned_until_s=AT_S + 900)
    other = owed(call("b", 9), ANNA, TERMS)
    assert joined(held, other).is_owned(AT_S + 10) and joined(other, held).is_owned(AT_S + 10)


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[list[EndedCall], list[EndedCall]]:
    """Some calls of one person in two orders, some told twice in the second."""
    news = []
    for number in range(draw(st.integers(1, MISSES_KEPT))):
        outcome = draw(st.sampled_from(["missed", "missed", "answered"]))
        known = {
            "outcome": outcome,
            "direction": draw(st.sampled_from(["in", "out"])) if outcome == "answered" else "in",
            "how": draw(st.sampled_from(["", "call-back-asked"])) if outcome == "missed" else "",
            "talked_s": float(draw(st.integers(0, 60))) if outcome == "answered" else 0.0,
            "waits_since_s": AT_S + draw(st.integers(-60, 60)),
            "queue": draw(st.sampled_from(["sales", "support"])),
        }
        number_called = draw(st.sampled_from(ANNA.numbers))
        news.append(call(f"call-{number}", draw(st.integers(0, 200)), number_called, **known))
    again = draw(st.permutations(news + draw(st.lists(st.sampled_from(news), max_size=4))))
    return news, again


@given(shuffled())
def test_the_same_news_in_any_order_leave_the_same_entry(news: tuple[list[EndedCall], list[EndedCall]]) -> None:
    assert after(*news[0]) == after(*news[1])


@given(shuffled())
def test_it_is_open_exactly_when_a_call_was_missed_after_the_last_conversation(
    news: tuple[list[EndedCall], list[EndedCall]],
) -> None:
    missed = [ended.began_at_s for ended in news[0] if ended.outcome == "missed"]
    spoke = [spoke_at_s(ended) for ended in news[0] if ended.outcome == "answered"]
    owed_for = [at_s for at_s in missed if at_s > max(spoke, default=0)]
    assert after(*news[1]).missed == len(owed_for)
