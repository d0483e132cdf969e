"""Corrections of a queue's order: they lead to the wanted one, and no fewer acts would."""

from __future__ import annotations

from itertools import combinations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from asterisk_router.queues.acts import ChangePriority
from asterisk_router.queues.events import CallerListed, QueueListed
from asterisk_router.queues.live_queue import LiveQueue
from asterisk_router.queues.reordering import corrections


def queue_of(held: list[int]) -> LiveQueue:
    """Callers u0, u1... in this order with these priorities."""
    queue = LiveQueue("sales")
    waiting = tuple(CallerListed(f"u{n}", f"PJSIP/u{n}", n + 1, priority=one) for n, one in enumerate(held))
    queue.list(QueueListed("sales", (), waiting), 0.0, anew=True)
    return queue


def carried_out(held: list[int], acts: list[tuple[str, int]]) -> list[str]:
    """What app_queue makes of them (change_priority_caller_on_queue): before the first of lower priority."""
    order = [(f"PJSIP/u{n}", one) for n, one in enumerate(held)]
    for channel, priority in acts:
        order = [other for other in order if other[0] != channel]
        place = next((n for n, other in enumerate(order) if priority > other[1]), len(order))
        order.insert(place, (channel, priority))
    return [channel for channel, _ in order]


def target(wanted: list[int]) -> list[str]:
    return [f"PJSIP/u{n}" for n in sorted(range(len(wanted)), key=lambda n: -wanted[n])]


def by_uniqueid(wanted: list[int]) -> dict[str, int]:
    return {f"u{n}": priority for n, priority in enumerate(wanted)}


def test_a_queue_in_order_is_left_alone() -> None:
    assert corrections(queue_of([9, 5, 5, 1]), {"u0": 9, "u3": 4}) == []
    assert corrections(queue_of([]), {}) == []


def test_one_caller_moved_forward_is_one_act_with_the_priority_wanted() -> None:
    assert corrections(queue_of([40, 30, 20, 10]), {"u3": 35}) == [ChangePriority("sales", "PJSIP/u3", 35)]


def test_one_caller_moved_back_is_one_act() -> None:
    assert corrections(queue_of([40, 30, 20, 10]), {"u0": 15}) == [ChangePriority("sales", "PJSIP/u0", 15)]


def test_a_caller_who_came_in_past_the_dialplan_moves_alone() -> None:
    assert corrections(queue_of([0, -500, -600, -700]), {"u0": -650}) == [ChangePriority("sales", "PJSIP/u0", -650)]


def test_who_has_the_right_priority_is_not_moved_though_it_would_take_fewer_acts() -> None:
    acts = corrections(queue_of([50, 10, 9]), {"u1": 100, "u2": 99})
    assert acts == [ChangePriority("sales", "PJSIP/u1", 100), ChangePriority("sales", "PJSIP/u2", 99)]


def test_who_stands_right_is_not_moved_though_the_priority_is_another() -> None:
    assert corrections(queue_of([40, 30, 20]), {"u0": 400, "u2": 35}) == [ChangePriority("sales", "PJSIP/u2", 35)]


def test_nothing_is_tried_while_a_priority_is_unknown() -> None:
    queue = queue_of([5, 4])
    queue.waiting[0].priority = None
    assert corrections(queue, {"u1": 9}) == []


priorities = st.integers(0, 6)


@settings(max_examples=250, deadline=None)
@given(st.lists(st.tuples(priorities, priorities), max_size=7))
def test_the_order_becomes_the_wanted_one_and_fewer_acts_could_not_make_it(drawn: list[tuple[int, int]]) -> None:
    drawn.sort(key=lambda pair: -pair[0])
    held, wanted = [pair[0] for pair in drawn], [pair[1] for pair in drawn]
    acts = [(act.channel, act.priority) for act in corrections(queue_of(held), by_uniqueid(wanted))]
    assert carried_out(held, acts) == target(wanted)
    assert len({channel for channel, _ in acts}) == len(acts)
    assume(len(held) <= 5)
    wrong = [n for n in range(len(held)) if held[n] != wanted[n]]
    assert {channel for channel, _ in acts} <= {f"PJSIP/u{n}" for n in wrong}
    for fewer in range(len(acts)):
        assert not any(_could(held, wanted, moved) for moved in combinations(wrong, fewer))


def _could(held: list[int], wanted: list[int], moved: tuple[int, ...]) -> bool:
    """Whether moving only these, to any priority in any order, makes the wanted order."""
    if not moved:
        return carried_out(held, []) == target(wanted)
    return any(
        _reaches(held, wanted, [(f"PJSIP/u{one}", priority)], tuple(other for other in moved if other != one))
        for one in moved
        for priority in range(-1, 9)
    )


def _reaches(held: list[int], wanted: list[int], acts: list[tuple[str, int]], left: tuple[int, ...]) -> bool:
    if not left:
        return carried_out(held, acts) == target(wanted)
    return any(
        _reaches(held, wanted, [*acts, (f"PJSIP/u{one}", priority)], tuple(other for other in left if other != one))
        for one in left
        for priority in range(-1, 9)
    )


@given(st.lists(st.tuples(priorities, priorities), max_size=12))
def test_a_list_somebody_has_muddled_is_put_right_too(drawn: list[tuple[int, int]]) -> None:
    held, wanted = [pair[0] for pair in drawn], [pair[1] for pair in drawn]
    acts = [(act.channel, act.priority) for act in corrections(queue_of(held), by_uniqueid(wanted))]
    assert carried_out(held, acts) == target(wanted)
