"""The order of Asterisk's queues follows the ranks, and what becomes of that where Asterisk cannot."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_router.daemon.duties import reorder
from asterisk_router.daemon.duties.reorder import AGAIN_S, CANNOT, Reorder
from asterisk_router.queues.acts import ChangePriority
from asterisk_router.queues.ageing import priority_of
from tests.daemon.duties.driven_pbx import NOW_S, DrivenPbx


@pytest.fixture
def pbx() -> DrivenPbx:
    return DrivenPbx("sales", "another")


@pytest.fixture
def duty(pbx: DrivenPbx) -> Reorder:
    """Orders `sales`, the one queue the policy knows; every call was decided with a head start of a minute."""
    return Reorder(pbx.line, pbx, pbx, ours=lambda: ["sales", "gone"], head_start_s=lambda uniqueid: 60)


def test_who_came_in_by_another_way_gets_rank_and_place(pbx: DrivenPbx, duty: Reorder) -> None:
    pbx.comes("sales", "early", 120)
    pbx.comes("sales", "intruder", priority=0)
    assert pbx.order("sales") == ["intruder", "early"]
    asyncio.run(duty.turn(NOW_S))
    assert pbx.order("sales") == pbx.queues["sales"].order == ["early", "intruder"]
    assert pbx.acted == [ChangePriority("sales", "PJSIP/intruder", priority_of(60, NOW_S))]
    assert duty.moved == 1
    asyncio.run(duty.turn(NOW_S + 1))
    assert len(pbx.acted) == 1, "and that is all"


def test_queues_that_are_none_of_ours_stay_as_they_are(pbx: DrivenPbx, duty: Reorder) -> None:
    pbx.comes("another", "one", 120)
    pbx.comes("another", "two", priority=10)
    asyncio.run(duty.turn(NOW_S))
    assert pbx.acted == []


def test_a_queue_with_an_untold_priority_is_asked_for_once_a_second(pbx: DrivenPbx, duty: Reorder) -> None:
    for uniqueid in ("one", "two"):
        pbx.join("sales", uniqueid, priority_of(0, NOW_S), told=False)
    pbx.tell()
    asyncio.run(duty.turn(NOW_S))
    assert pbx.asked == 1
    assert [caller.priority for caller in pbx.line.queues["sales"].waiting] == [priority_of(0, NOW_S)] * 2


def test_a_promoted_caller_has_the_place_and_keeps_it(pbx: DrivenPbx, duty: Reorder) -> None:
    for uniqueid, head_start_s in (("one", 900), ("two", 600), ("three", 0)):
        pbx.comes("sales", uniqueid, head_start_s)
    done = asyncio.run(duty.promote("sales", "three", 700))
    assert done == (True, "place 2 of sales")
    assert pbx.order("sales") == ["one", "three", "two"]
    pbx.change_priority("sales", "PJSIP/three", 0)  # somebody meddles
    asyncio.run(pbx.list_queue("sales"))
    asyncio.run(duty.turn(NOW_S))
    assert pbx.order("sales") == ["one", "three", "two"]
    assert not asyncio.run(duty.promote("sales", "nobody", 700)).ok
    assert not asyncio.run(duty.promote("nowhere", "one", 700)).ok


def test_where_the_place_does_not_follow_the_number_is_put_back_and_nothing_more_tried(
    pbx: DrivenPbx, duty: Reorder
) -> None:
    pbx.moves = False
    pbx.comes("sales", "one", 120)
    pbx.comes("sales", "two", 0)
    done = asyncio.run(duty.promote("sales", "two", 700))
    assert done == (False, CANNOT)
    assert [priority for priority, _ in pbx.queues["sales"].callers.values()] == [
        priority_of(120, NOW_S),
        priority_of(0, NOW_S),
    ]
    pbx.comes("sales", "intruder", priority=0)
    acted = len(pbx.acted)
    asyncio.run(duty.turn(NOW_S))
    assert asyncio.run(duty.promote("sales", "two", 700)) == (False, CANNOT)
    assert len(pbx.acted) == acted and not duty.can_move


def test_a_refused_act_is_not_tried_again_at_once(pbx: DrivenPbx, duty: Reorder) -> None:
    pbx.refuses = "Permission denied"
    pbx.comes("sales", "one", 120)
    pbx.comes("sales", "two", priority=0)
    for at_s in (NOW_S, NOW_S + 1, NOW_S + AGAIN_S - 1):
        asyncio.run(duty.turn(at_s))
    assert len(pbx.acted) == 1
    pbx.refuses = ""
    asyncio.run(duty.turn(NOW_S + AGAIN_S))
    assert pbx.order("sales") == ["one", "two"] and duty.can_move


def test_an_act_without_effect_is_told(pbx: DrivenPbx, duty: Reorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reorder, "SEEN_S", 0.05)
    pbx.deaf = True
    pbx.comes("sales", "one", 120)
    pbx.comes("sales", "two", 0)
    done = asyncio.run(duty.promote("sales", "two", 700))
    assert not done.ok and "no change is seen" in done.said
    assert duty.can_move, "nothing is known of what this Asterisk can"
