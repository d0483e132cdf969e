"""What an agent does, as one queue sees it."""

from __future__ import annotations

import pytest

from asterisk_router.queues.events import MemberListed
from asterisk_router.queues.members import LiveMember

NOW = 1_800_000_000.0
IDLE = MemberListed("PJSIP/anna", "Anna", status=1, ring_in_use=False)


def member(listed: MemberListed = IDLE) -> LiveMember:
    return LiveMember(listed, NOW)


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (0, "free"), (1, "free"), (2, "talking"), (3, "talking"), (4, "unreachable"), (5, "unreachable"),
        (6, "ringing"), (7, "ringing"), (8, "talking"),
    ],
)  # fmt: skip
def test_each_device_state_has_its_word(status: int, word: str) -> None:
    assert member(IDLE._replace(status=status)).state(0, NOW) == word
    assert member(IDLE._replace(status=status, ring_in_use=True)).state(0, NOW) == word


def test_who_is_paused_is_not_free_but_may_talk() -> None:
    assert member(IDLE._replace(paused=True)).state(0, NOW) == "paused"
    assert member(IDLE._replace(paused=True, status=2)).state(0, NOW) == "talking"
    assert member(IDLE._replace(paused=True, status=5)).state(0, NOW) == "unreachable"


@pytest.mark.parametrize(("own_s", "queue_s", "pause_s"), [(0, 0, 0), (0, 20, 20), (7, 20, 7), (7, 0, 7)])
def test_the_pause_after_a_call_is_the_members_own_or_the_queues(own_s: int, queue_s: int, pause_s: int) -> None:
    one = member(IDLE._replace(last_call_at_s=int(NOW), wrap_up_s=own_s))
    assert one.state(queue_s, NOW) == ("wrap-up" if pause_s else "free")
    assert one.state(queue_s, NOW + pause_s) == "free"
    assert one.state(queue_s, NOW + pause_s - 0.5) == ("wrap-up" if pause_s else "free")


def test_who_never_had_a_call_needs_no_pause() -> None:
    assert member().state(3_000_000_000, NOW) == "free"


def test_the_end_of_a_call_is_taken_by_our_clock_when_asterisk_s_is_another() -> None:
    one = member()
    one.replace(IDLE._replace(last_call_at_s=int(NOW) - 900), NOW)
    assert one.state(20, NOW + 19) == "wrap-up" and one.state(20, NOW + 21) == "free"
    one.replace(IDLE._replace(last_call_at_s=int(NOW) + 99), NOW + 100)
    assert one.last_call_s == NOW + 99


def test_a_telephone_that_is_idle_again_ends_what_a_lost_event_would_have() -> None:
    one = member()
    one.talks_with, one.talks_since_s = "u1", NOW
    one.replace(IDLE._replace(status=2, in_call=True), NOW)
    one.replace(IDLE, NOW)
    assert (one.talks_with, one.talks_since_s, one.state(0, NOW)) == ("", 0.0, "free")
    one.rung_for = "u2"
    one.replace(IDLE._replace(status=6), NOW)
    one.replace(IDLE, NOW)
    assert one.state(0, NOW) == "free"


def test_a_penalty_changed_while_the_telephone_begins_to_ring_does_not_silence_it() -> None:
    one = member()
    one.rung_for = "u2"
    one.replace(IDLE._replace(penalty=4), NOW)
    assert one.state(0, NOW) == "ringing"


@pytest.mark.parametrize(
    ("interface", "state_interface", "word"),
    [
        ("Local/anna@agents", "", "talking"),
        ("Local/anna@agents", "Local/anna@agents", "talking"),
        ("Local/anna@agents", "PJSIP/anna", "free"),
        ("PJSIP/anna", "", "free"),
    ],
)
def test_a_local_channel_looks_idle_in_the_middle_of_a_conversation(
    interface: str, state_interface: str, word: str
) -> None:
    listed = IDLE._replace(interface=interface, state_interface=state_interface, status=2)
    one = member(listed)
    one.talks_with, one.talks_since_s = "u1", NOW
    one.replace(listed._replace(status=1), NOW + 1)
    assert one.state(0, NOW + 1) == word


def test_what_a_snapshot_does_not_tell_stays() -> None:
    one = member()
    one.replace(IDLE._replace(ring_in_use=None, penalty=2), NOW)
    assert one.listed == IDLE._replace(penalty=2)


def test_the_moment_is_kept_while_the_word_is() -> None:
    one = member()
    one.see(0, NOW)
    one.see(0, NOW + 5)
    assert (one.word, one.since_s) == ("free", NOW)
    one.replace(IDLE._replace(paused=True), NOW + 9)
    one.see(0, NOW + 9)
    assert (one.word, one.since_s) == ("paused", NOW + 9)
