"""Room is made once for each first-class caller, and asked for anew only of those who still wait."""

from __future__ import annotations

import asyncio

from asterisk_router.daemon.duties.pre_emption import ONCE_S, PreEmption
from asterisk_router.policy.class_rules import ClassRules
from asterisk_router.queues.acts import WithdrawCaller
from tests.daemon.duties.driven_pbx import NOW_S, DrivenPbx

RULES = {"v": ClassRules(preempts=True), "f": ClassRules(yields="waiting")}


def duty_of(pbx: DrivenPbx) -> PreEmption:
    return PreEmption(pbx.line, pbx, claim=lambda uniqueid: RULES[uniqueid[0]], talking_too=lambda: False)


def test_each_first_class_caller_is_helped_once() -> None:
    pbx = DrivenPbx("sales")
    duty = duty_of(pbx)
    for uniqueid, head_start_s in (("f1", 900), ("f2", 800), ("v1", 0)):
        pbx.comes("sales", uniqueid, head_start_s)
    for at_s in (NOW_S, NOW_S + 1):
        asyncio.run(duty.turn(at_s))
    assert pbx.acted == [WithdrawCaller("sales", "PJSIP/f2", "call-back")]
    assert pbx.order("sales") == ["f1", "v1"] and duty.made == 1
    pbx.leave("sales", "v1")
    pbx.tell()
    asyncio.run(duty.turn(NOW_S + 2))
    pbx.comes("sales", "v1")
    asyncio.run(duty.turn(NOW_S + 3))
    assert pbx.order("sales") == ["v1"], "a caller who comes back counts anew"


def test_who_made_room_once_and_waits_on_is_not_asked_again_for_an_hour() -> None:
    pbx = DrivenPbx("sales")
    duty = duty_of(pbx)
    pbx.comes("sales", "f1", 900)
    pbx.comes("sales", "v1")
    asyncio.run(duty.turn(NOW_S))
    pbx.comes("sales", "f1", 900)  # declined the call-back
    pbx.comes("sales", "v2")
    asyncio.run(duty.turn(NOW_S + 1))
    assert pbx.order("sales") == ["f1", "v1", "v2"] and duty.made == 1
    pbx.tell(NOW_S + ONCE_S)
    asyncio.run(duty.turn(NOW_S + ONCE_S))
    assert pbx.order("sales") == ["v1", "v2"]


def test_where_one_has_just_gone_another_makes_room() -> None:
    pbx = DrivenPbx("sales")
    duty = duty_of(pbx)
    for uniqueid, head_start_s in (("f1", 900), ("f2", 800), ("v1", 0)):
        pbx.comes("sales", uniqueid, head_start_s)
    pbx.refuses = "No such caller"
    asyncio.run(duty.turn(NOW_S))
    pbx.refuses = ""
    for at_s in (NOW_S + 1, NOW_S + 2):
        asyncio.run(duty.turn(at_s))
    assert [act.channel for act in pbx.acted if isinstance(act, WithdrawCaller)] == ["PJSIP/f2", "PJSIP/f1"]
    assert pbx.order("sales") == ["f2", "v1"] and duty.made == 1


def test_what_the_pbx_refuses_is_not_counted_and_not_tried_for_ever() -> None:
    pbx = DrivenPbx("sales")
    duty = duty_of(pbx)
    pbx.refuses = "Permission denied"
    pbx.comes("sales", "f1", 900)
    pbx.comes("sales", "v1")
    for at_s in (NOW_S, NOW_S + 1):
        asyncio.run(duty.turn(at_s))
    assert len(pbx.acted) == 1 and duty.made == 0
