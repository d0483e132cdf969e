"""Who spoke with whom, joined to the call at its end."""

from __future__ import annotations

from asterisk_router.queues.events import (
    AgentCompleted,
    AgentConnected,
    CallerAbandoned,
    CallerJoined,
    CallerLeft,
    Ending,
    MemberRemoved,
)
from asterisk_router.queues.served_calls import ServedCalls, Service

ANNA, BORIS = "PJSIP/anna", "PJSIP/boris"


def joined(queue: str = "sales", uniqueid: str = "u1") -> CallerJoined:
    return CallerJoined(queue, uniqueid, uniqueid, f"PJSIP/{uniqueid}", 1, 1)


def left(queue: str = "sales", uniqueid: str = "u1") -> CallerLeft:
    return CallerLeft(queue, uniqueid, 0)


def connected(agent: str = ANNA, queue: str = "sales", waited_s: int = 0) -> AgentConnected:
    return AgentConnected(queue, "u1", "u1", agent, agent[6:].title(), waited_s, 2)


def completed(
    talked_s: int, ending: Ending = "caller", agent: str = ANNA, queue: str = "sales", waited_s: int = 0
) -> AgentCompleted:
    return AgentCompleted(queue, "u1", agent, agent[6:].title(), waited_s, talked_s, ending)


def test_a_call_is_served() -> None:
    served = ServedCalls()
    for event, at_s in ((joined(), 10.0), (left(), 30.5), (connected(waited_s=20), 30.5), (completed(60), 90.5)):
        served.apply(event, at_s)
    assert served.take("u1") == Service(ANNA, "Anna", 20.5, 60, "caller")
    assert served.take("u1") is Service.NONE and len(served) == 0


def test_a_call_nobody_took_up_was_served_by_nobody() -> None:
    served = ServedCalls()
    for event in (joined(), CallerAbandoned("sales", "u1", 3), left(), MemberRemoved("sales", ANNA)):
        served.apply(event, 10.0)
    assert served.take("u1") == Service.NONE
    assert served.take("never heard of") is Service.NONE


def test_a_call_that_ends_before_its_conversation_is_told() -> None:
    served = ServedCalls()
    served.apply(connected(waited_s=4), 10.0)
    assert served.take("u1") == Service(ANNA, "Anna", 4, 0, "")


def test_a_call_that_tries_two_queues_waited_in_both() -> None:
    served = ServedCalls()
    for event, at_s in (
        (joined(), 10.0), (left(), 40.0), (joined("support"), 50.0), (left("support"), 60.0),
        (connected(BORIS, "support", waited_s=10), 60.0), (completed(7, "agent", BORIS, "support"), 67.0),
    ):  # fmt: skip
        served.apply(event, at_s)
    assert served.take("u1") == Service(BORIS, "Boris", 40, 7, "agent")


def test_a_call_transferred_to_another_queue_is_the_last_agents_and_its_times_add_up() -> None:
    served = ServedCalls()
    for event, at_s in (
        (joined(), 10.0), (left(), 20.0), (connected(waited_s=10), 20.0), (completed(30, "transfer"), 50.0),
        (joined("support"), 50.0), (left("support"), 65.0), (connected(BORIS, "support", 15), 65.0),
    ):  # fmt: skip
        served.apply(event, at_s)
    served.apply(completed(40, "caller", BORIS, "support", 15), 105.0)
    assert served.take("u1") == Service(BORIS, "Boris", 25, 70, "caller")


def test_an_earlier_conversation_told_late_does_not_take_the_call_back() -> None:
    served = ServedCalls()
    for event in (connected(waited_s=3), connected(BORIS, "support", 4), completed(30, "transfer")):
        served.apply(event, 10.0)
    assert served.take("u1") == Service(BORIS, "Boris", 7, 30, "")


def test_a_conversation_that_began_before_we_listened() -> None:
    served = ServedCalls()
    served.apply(completed(60, waited_s=5), 90.0)
    assert served.take("u1") == Service(ANNA, "Anna", 5, 60, "caller")


def test_the_end_of_nobody_knows_whose_conversation_is_nobodys() -> None:
    served = ServedCalls()
    served.apply(completed(60)._replace(uniqueid=""), 90.0)
    assert len(served) == 0


def test_who_came_before_we_listened_waited_what_asterisk_says() -> None:
    served = ServedCalls()
    served.apply(left(), 9.0)
    served.apply(connected(waited_s=33), 9.0)
    assert served.take("u1").waited_s == 33


def test_the_oldest_is_forgotten_when_there_are_too_many() -> None:
    served = ServedCalls(limit=3)
    for number in range(5):
        served.apply(AgentConnected("sales", f"c{number}", "", ANNA, "Anna", 1, 1), 1.0)
    assert len(served) == 3
    assert served.take("c1") is Service.NONE and served.take("c2").agent == ANNA
