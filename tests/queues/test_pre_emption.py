"""Who makes room for a first-class caller."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as some

from asterisk_router.policy.class_rules import ClassRules
from asterisk_router.queues.acts import RedirectCaller, WithdrawCaller
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.queues.pre_emption import CALL_BACK, PUT_ASIDE, Line, Room, rooms
from tests.queues.lines import NOW_S, agent, caller, line, queue, rings, talks

RULES = {
    "v": ClassRules(preempts=True),
    "f": ClassRules(yields="waiting"),
    "t": ClassRules(yields="talking"),
    "i": ClassRules(yields="talking", protected=True),
    "n": ClassRules(),
}
"""Class by the first letter of the uniqueid."""

BUSY = (agent("anna", status=2), agent("boris", status=2))


def found(made: LiveLine, *, talking_too: bool = False, helped: frozenset[str] = frozenset()) -> list[Room]:
    free: Mapping[str, int | None] = {name: made.free(name, NOW_S) for name in made.queues}
    return rooms(Line(made.queues, free.get, lambda uniqueid: RULES[uniqueid[0]], talking_too), helped)


def test_who_stands_before_and_yields_makes_room_lowest_rank_first() -> None:
    waiting = (caller("n1", 900), caller("f1", 800), caller("f2", 700), caller("v1", 600), caller("f3"))
    assert found(line(queue("sales", BUSY, waiting))) == [
        Room("v1", "f2", WithdrawCaller("sales", "PJSIP/f2", CALL_BACK))
    ]


def test_who_is_rung_makes_room_before_who_only_stands_before_in_any_queue_of_the_same_agent() -> None:
    sales = queue("sales", BUSY, (caller("f1", 900), caller("v1", 600)))
    made = line(sales, queue("support", BUSY[:1], (caller("f2"),)))
    rings(made, "support", "f2", "anna")
    assert found(made) == [Room("v1", "f2", WithdrawCaller("support", "PJSIP/f2", CALL_BACK))]


def test_a_ring_at_somebody_elses_agent_helps_nobody() -> None:
    made = line(queue("sales", BUSY[:1], (caller("v1"),)), queue("support", BUSY[1:], (caller("f1"),)))
    rings(made, "support", "f1", "boris")
    assert found(made) == []


@pytest.mark.parametrize("waiting", ["n1", "i1", "v2"])
def test_who_is_protected_pre_empts_or_is_not_said_to_yield_stays(waiting: str) -> None:
    made = line(queue("sales", BUSY, (caller(waiting, 900), caller("v1"))))
    assert found(made, talking_too=True) == []


def test_nobody_moves_while_an_agent_is_free_or_the_line_unknown() -> None:
    made = line(queue("sales", (agent("anna"),), (caller("f1", 900), caller("v1"))))
    assert found(made) == []
    unknown = Line(made.queues, lambda _: None, lambda uniqueid: RULES[uniqueid[0]])
    assert rooms(unknown, frozenset()) == []


def test_who_was_helped_or_is_rung_already_needs_no_room() -> None:
    made = line(queue("sales", BUSY, (caller("f1", 900), caller("v1"))))
    assert found(made, helped=frozenset({"v1"})) == []
    rings(made, "sales", "v1", "anna")
    assert found(made) == []


def test_no_first_class_caller_makes_room_for_another_whatever_their_class_says() -> None:
    made = line(queue("sales", BUSY, (caller("w1", 900), caller("v1"))))
    rules = {**RULES, "w": ClassRules(preempts=True, yields="waiting")}
    others = Line(made.queues, lambda name: made.free(name, NOW_S), lambda uniqueid: rules[uniqueid[0]])
    assert rooms(others, frozenset()) == []


def test_two_first_class_callers_get_two_rooms() -> None:
    made = line(queue("sales", BUSY, (caller("f1", 900), caller("f2", 800), caller("v1"), caller("v2"))))
    assert [(room.first, room.yields) for room in found(made)] == [("v1", "f2"), ("v2", "f1")]


def test_a_conversation_is_ended_only_where_that_is_switched_on_and_nobody_waiting_will_do() -> None:
    made = line(queue("sales", BUSY, (caller("v1"),)), queue("support", (agent("anna", status=2),)))
    talks(made, "support", "t1", "anna", NOW_S - 300)
    talks(made, "sales", "t2", "boris", NOW_S - 20)
    assert found(made) == []
    assert found(made, talking_too=True) == [Room("v1", "t2", RedirectCaller("t2", PUT_ASIDE))]
    waits = line(queue("sales", BUSY, (caller("f1", 900), caller("v1"))))
    talks(waits, "sales", "t2", "boris")
    assert found(waits, talking_too=True)[0].yields == "f1"


def test_whose_class_yields_while_talking_is_cut_off_while_it_rings_too() -> None:
    made = line(queue("sales", BUSY, (caller("v1", 900), caller("t1"))))
    rings(made, "sales", "t1", "anna")
    assert found(made) == [Room("v1", "t1", WithdrawCaller("sales", "PJSIP/t1", CALL_BACK))]
    assert found(made, talking_too=True) == [Room("v1", "t1", RedirectCaller("PJSIP/t1", PUT_ASIDE))]


@given(
    waiting=some.lists(some.tuples(some.sampled_from("vftin"), some.integers(0, 999)), max_size=8),
    talking=some.sampled_from(["", "t", "f", "i", "n", "v"]),
    talking_too=some.booleans(),
)
def test_whatever_happens_nobody_protected_goes_and_each_is_helped_once(
    waiting: list[tuple[str, int]], talking: str, talking_too: bool
) -> None:
    callers = tuple(caller(f"{kind}{at}", head) for at, (kind, head) in enumerate(waiting))
    made = line(queue("sales", BUSY, callers))
    if talking:
        talks(made, "sales", f"{talking}-talks", "anna")
    rooms_found = found(made, talking_too=talking_too)
    assert all(room.yields[0] in "ft" and room.first[0] == "v" for room in rooms_found)
    assert len({room.yields for room in rooms_found}) == len({room.first for room in rooms_found}) == len(rooms_found)
    assert talking_too or all(isinstance(room.act, WithdrawCaller) for room in rooms_found)
