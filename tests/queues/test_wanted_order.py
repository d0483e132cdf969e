"""Which priority is the right one, and when a queue is in order."""

from __future__ import annotations

from collections.abc import Callable

from asterisk_router.queues.ageing import priority_of
from asterisk_router.queues.wanted_order import in_order, wanted_priorities
from tests.queues.lines import NOW_S, caller, line, queue


def nothing(uniqueid: str) -> int:
    return 0


def wanted(*waiting: object, head_start_s: Callable[[str], int] = nothing, **promoted: int) -> dict[str, int]:
    kept = line(queue("sales", (), waiting)).queues["sales"]  # type: ignore[arg-type]
    return wanted_priorities(kept, promoted, head_start_s, NOW_S)


def test_who_has_the_priority_of_our_dialplan_keeps_it() -> None:
    known = caller("c1", head_start_s=600, waited_s=30)
    waited_since_yesterday = caller("c2", waited_s=86_400)
    kept = {"c1": known.priority, "c2": waited_since_yesterday.priority}
    assert wanted(known, waited_since_yesterday, head_start_s=lambda _: 7) == kept


def test_who_came_in_by_another_way_gets_what_our_dialplan_would_have_computed() -> None:
    found = wanted(caller("c1", waited_s=40, priority=0), caller("c2", waited_s=10, priority=20), head_start_s=len)
    assert found == {"c1": priority_of(2, NOW_S - 40), "c2": priority_of(2, NOW_S - 10)}


def test_what_a_person_gave_goes_before() -> None:
    assert wanted(caller("c1"), caller("c2", priority=0), c1=5, c2=6) == {"c1": 5, "c2": 6}


def test_whose_priority_is_unknown_has_no_right_one() -> None:
    unknown = caller("c1")._replace(priority=None)
    assert wanted(unknown, c1=5) == {}


def test_order_is_by_priority_and_equal_ones_stand_as_they_came() -> None:
    made = line(queue("sales", (), (caller("c1", 60), caller("c2"), caller("c3")))).queues["sales"].waiting
    assert in_order(made) and in_order([])
    assert not in_order(made[::-1])
    made[1].priority = None
    assert in_order(made)
