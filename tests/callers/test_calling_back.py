"""Who is called back first, leases, attempts and their end."""

from __future__ import annotations

from asterisk_router.callers.call_back import CallBack, Miss
from asterisk_router.callers.calling_back import (
    AGENT_AWAY_PAUSE_S,
    dialled,
    in_order,
    is_due,
    is_over,
    next_to_dial,
    released,
    standing_s,
    taken,
    tried,
    undone,
    waits_since_s,
)
from asterisk_router.callers.registered_call import EndedCall
from tests.callers.test_call_back import TERMS

NOW_S = 1_790_000_000.0
DIALLER = "berlin/1"


def entry(number: int, waited_s: float = 60, asked: bool = False, **known: object) -> CallBack:
    """An entry of somebody who called `waited_s` ago."""
    person = f"+4212555001{number:02d}"
    miss = Miss(f"call-{number}", person, NOW_S - waited_s, NOW_S - waited_s, asked)
    made = CallBack(person, (person,), misses=(miss,), missed=1, expires_at_s=NOW_S + 86_400)
    return CallBack(*made._replace(**known))


def test_class_goes_before_value_and_value_before_age() -> None:
    vip = entry(1, waited_s=10, head_start_s=600)
    rich = entry(2, waited_s=10, value=5000)
    old, young = entry(3, waited_s=900, value=10), entry(4, waited_s=20, value=10)
    assert in_order([young, old, rich, vip], NOW_S) == [vip, rich, old, young]


def test_who_asked_has_waited_all_the_time_and_who_was_missed_stands_as_if_they_rang_now() -> None:
    asked, missed = entry(1, waited_s=900, asked=True), entry(2, waited_s=900, head_start_s=600)
    assert (standing_s(asked, NOW_S), standing_s(missed, NOW_S)) == (900, 600)
    assert (waits_since_s(asked, NOW_S), waits_since_s(missed, NOW_S)) == (NOW_S - 900, NOW_S)
    assert in_order([missed, asked], NOW_S) == [asked, missed]
    assert in_order([missed, asked], NOW_S - 600) == [missed, asked]


def test_nobody_is_called_who_is_in_hand_or_was_just_tried_or_has_waited_too_long() -> None:
    assert is_due(entry(1), NOW_S)
    assert not is_due(entry(1, owner="anna", owned_until_s=NOW_S + 1), NOW_S)
    assert is_due(entry(1, owner="anna", owned_until_s=NOW_S), NOW_S), "a lease that ran out is free again"
    assert not is_due(entry(1, next_attempt_at_s=NOW_S + 1), NOW_S)
    assert not is_due(entry(1, expires_at_s=NOW_S), NOW_S)
    assert not is_due(CallBack.CLOSED, NOW_S)


def test_the_first_in_order_with_an_agent_free_is_dialled() -> None:
    vip, other = entry(1, head_start_s=600, queue="sales"), entry(2, queue="support")
    assert next_to_dial([other, vip], NOW_S, TERMS, lambda it: True) == vip
    assert next_to_dial([other, vip], NOW_S, TERMS, lambda it: it.queue == "support") == other
    assert next_to_dial([other, vip], NOW_S, TERMS, lambda it: False) is CallBack.CLOSED
    assert next_to_dial([vip._replace(attempts=3)], NOW_S, TERMS, lambda it: True) is CallBack.CLOSED


def test_one_owner_at_a_time() -> None:
    held = taken(entry(1), "anna", NOW_S, 900)
    assert (held.owner, held.owned_until_s) == ("anna", NOW_S + 900)
    assert taken(held, "eva", NOW_S + 899, 900) == held
    assert taken(held, "anna", NOW_S + 60, 900).owned_until_s == NOW_S + 960
    assert taken(held, "eva", NOW_S + 900, 900).owner == "eva"
    assert released(held, "eva") == held
    assert released(held, "anna").owner == ""
    assert taken(CallBack.CLOSED, "anna", NOW_S, 900) is CallBack.CLOSED


def test_an_attempt_counts_from_its_beginning_so_that_a_dialler_that_dies_has_tried() -> None:
    ringing = dialled(entry(1), DIALLER, NOW_S, 3600, TERMS)
    assert (ringing.attempts, ringing.owner, ringing.next_attempt_at_s) == (1, DIALLER, NOW_S + TERMS.pause_s)
    assert dialled(ringing, "hamburg/1", NOW_S + 1, 3600, TERMS) == ringing
    assert is_due(ringing, NOW_S + 3600)


def in_vain(uniqueid: str, at_s: float, **known: object) -> EndedCall:
    """A call of the house that nobody took up."""
    ended = EndedCall(uniqueid, uniqueid, at_s - 20, at_s, "+421255500101", "", "out", "missed")
    return EndedCall(*ended._replace(**known))


def test_a_call_in_vain_frees_it_for_later_and_told_twice_counts_once() -> None:
    ringing = dialled(entry(1), DIALLER, NOW_S, 3600, TERMS)
    first = in_vain("out-1", NOW_S + 30, call_back_id=ringing.person)
    after = tried(ringing, first, TERMS)
    assert (after.attempts, after.owner, after.next_attempt_at_s) == (1, "", NOW_S + 30 + TERMS.pause_s)
    assert tried(after, first, TERMS) == after
    second = in_vain("out-2", NOW_S + 90)
    by_hand = tried(taken(after, "anna", NOW_S + 60, 900), second, TERMS)
    assert (by_hand.attempts, by_hand.owner) == (2, "")
    assert tried(by_hand, second, TERMS) == by_hand


def test_attempts_are_bounded() -> None:
    last = entry(1, attempts=TERMS.attempts - 1)
    unreported = dialled(last, DIALLER, NOW_S, 60, TERMS)
    assert tried(unreported, in_vain("out", NOW_S, call_back_id=last.person), TERMS) is CallBack.CLOSED
    assert tried(last, in_vain("out", NOW_S), TERMS) is CallBack.CLOSED
    assert not is_over(unreported, NOW_S + 59, TERMS)
    assert is_over(unreported, NOW_S + 60, TERMS)
    assert is_over(entry(1, expires_at_s=NOW_S), NOW_S, TERMS)


def test_a_call_in_vain_of_an_earlier_matter_does_not_count() -> None:
    assert tried(entry(1, waited_s=60), in_vain("out", NOW_S - 61), TERMS) == entry(1, waited_s=60)


def test_an_attempt_in_which_no_agent_was_reached_does_not_count() -> None:
    ringing = dialled(entry(1), DIALLER, NOW_S, 3600, TERMS)
    nobody = in_vain("out", NOW_S + 30, call_back_id=ringing.person, how="nobody-there")
    back = tried(ringing, nobody, TERMS)
    assert (back.attempts, back.owner, back.next_attempt_at_s) == (0, "", NOW_S + 30 + AGENT_AWAY_PAUSE_S)
    assert tried(back, nobody, TERMS) == back


def test_an_attempt_that_found_no_way_out_of_the_house_does_not_count_and_is_made_again_after_the_pause() -> None:
    ringing = dialled(entry(1), DIALLER, NOW_S, 3600, TERMS)
    back = tried(ringing, in_vain("out", NOW_S + 5, call_back_id=ringing.person, how="no-way-out"), TERMS)
    assert (back.attempts, back.owner, back.next_attempt_at_s) == (0, "", NOW_S + 5 + TERMS.pause_s)


def test_an_attempt_can_be_taken_back_by_who_made_it_alone() -> None:
    ringing = dialled(entry(1), DIALLER, NOW_S, 3600, TERMS)
    back = undone(ringing, DIALLER, NOW_S + 30, 900)
    assert (back.attempts, back.owner, back.next_attempt_at_s) == (0, "", NOW_S + 930)
    assert undone(back, DIALLER, NOW_S + 31, 900) == back
    assert undone(ringing, "hamburg/1", NOW_S, 900) == ringing
