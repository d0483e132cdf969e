"""The Stasis door against a PBX that keeps Asterisk's rules in any order of events."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_router.call_path import CallPath
from asterisk_router.callers.number_ranges import NumberRanges
from asterisk_router.doors import stasis
from asterisk_router.doors.stasis import StasisDoor
from asterisk_router.wire.ari_rest import Request
from asterisk_router.wire.channel_variables import CHANNEL_VARIABLES, SENTINEL
from tests.doors.conftest import EchoPolicy, Notebook, SlowBook
from tests.doors.model_pbx import APPS, ModelPbx

DEADLINE_S = 0.005
READ_S = 0.005
A = APPS[0]


class House:
    """Two daemons at one PBX, with one caller book and one register between them."""

    def __init__(self, prompt: bool = True, most_calls: int = 100, sweep_after_s: float = 0.0) -> None:
        self.pbx, self.book, self.policy, self.register = ModelPbx(), SlowBook(prompt), EchoPolicy(), Notebook()

        class InForce:
            path = CallPath(self.policy, self.book, NumberRanges())

        self.doors = [
            StasisDoor(
                connection,
                InForce(),
                self.register,
                deadline_s=DEADLINE_S,
                most_calls=most_calls,
                clock=lambda: 0.0,
                read_s=READ_S,
                sweep_after_s=sweep_after_s,
            )
            for connection in self.pbx.connections.values()
        ]
        self.door = self.doors[0]

    def deliver_all(self) -> None:
        """Everything on its way arrives."""
        for connection in self.pbx.connections.values():
            while connection.events and connection.connected:
                connection.deliver()

    async def settle(self) -> None:
        """Every connection is there, every deadline passes, everything arrives."""
        for connection in self.pbx.connections.values():
            await connection.come_back()
        for _ in range(4):
            self.deliver_all()
            await asyncio.sleep(DEADLINE_S)

    def total(self, counter: str) -> int:
        return sum(getattr(door, counter) for door in self.doors)

    def at_hand(self) -> int:
        """What the doors still hold of any call."""
        kept = (getattr(door, name) for door in self.doors for name in ("_waiting", "_inside", "_channels", "_timers"))
        return sum(map(len, kept))


@asynccontextmanager
async def opened(prompt: bool = True, most_calls: int = 100, sweep_after_s: float = 0.0) -> AsyncIterator[House]:
    house = House(prompt, most_calls, sweep_after_s)
    for door in house.doors:
        door.open()
    try:
        yield house
    finally:
        await asyncio.gather(*(door.close(0.1) for door in house.doors))
        assert not house.pbx.left, "nothing is left behind"


def test_a_call_gets_its_variables_and_goes_back(run) -> None:
    async def test() -> None:
        async with opened() as house:
            house.pbx.call("1.1")
            await house.settle()
            said = house.pbx.variables["1.1"]
            assert list(said) == [*(variable.name for variable in CHANNEL_VARIABLES), SENTINEL]
            assert (said["ROUTER_BRANCH"], said["ROUTER_NUMBER"]) == ("known", "+42125550100")
            assert house.pbx.sent_on == {"1.1": 1}
            assert house.register.decisions == [("+42125550100", "known")]
            assert (house.door.answered, house.door.late, house.at_hand()) == (1, 0, 0)

    run(test())


def test_a_call_that_asks_again_is_decided_again(run) -> None:
    async def test() -> None:
        async with opened() as house:
            for _ in range(2):
                house.pbx.call("1.1")
            await house.settle()
            assert house.pbx.sent_on["1.1"] == 1, "it cannot be inside twice"
            house.pbx.call("1.1")
            await house.settle()
            assert (house.pbx.sent_on["1.1"], house.at_hand()) == (2, 0)

    run(test())


def test_a_store_that_hangs_costs_the_deadline_and_nothing_more(run) -> None:
    async def test() -> None:
        async with opened(prompt=False) as house:
            house.pbx.call("1.1")
            await house.settle()
            assert house.pbx.variables["1.1"]["ROUTER_BRANCH"] == "unknown"
            assert house.pbx.variables["1.1"]["ROUTER_DEGRADED"] == "1"
            house.book.release()  # the reply comes after all: nobody is told twice
            assert (house.door.late, house.door.answered, house.pbx.sent_on["1.1"]) == (1, 1, 1)

    run(test())


def test_a_fault_of_ours_sends_the_call_back_without_an_answer(run, caplog) -> None:
    async def test() -> None:
        async with opened() as house:
            house.policy.broken = True
            house.pbx.call("1.1")
            await house.settle()
            assert (house.pbx.sent_on["1.1"], house.pbx.variables) == (1, {})
            assert (house.door.failed, house.door.answered) == (1, 0)
            assert house.register.decisions == [("+42125550100", "")]

    run(test())
    assert "+42125550100" not in caplog.text


def test_one_call_too_many_goes_back_at_once_and_is_not_claimed(run) -> None:
    async def test() -> None:
        async with opened(prompt=False, most_calls=2) as house:
            for at in range(3):
                house.pbx.call(f"1.{at}")
            house.deliver_all()
            assert (house.door.crowded_out, house.pbx.sent_on["1.2"]) == (1, 1)
            house.pbx.call("1.3", broadcast=True)
            house.deliver_all()
            assert (house.door.crowded_out, house.pbx.inside["1.3"]) == (2, APPS[1])

    run(test())


def test_a_call_in_the_hands_of_nobody_is_found_after_a_loss(run) -> None:
    async def test() -> None:
        async with opened() as house:
            house.pbx.call("1.1")
            house.pbx.connections[A].lose()
            await house.settle()
            assert (house.door.swept, house.pbx.sent_on["1.1"]) == (1, 1)
            assert house.pbx.variables["1.1"][SENTINEL] == "1"

    run(test())


def test_taken_over_it_finishes_the_calls_at_hand(run) -> None:
    async def test() -> None:
        async with opened(prompt=False) as house:
            house.pbx.call("1.1")
            house.deliver_all()
            assert house.door.answered == 0
            taken_over = house.pbx.connections[A].on_taken_over
            assert taken_over is not None
            await taken_over()
            assert (house.door.answered, house.pbx.sent_on["1.1"], house.pbx.left) == (1, 1, {})

    run(test())


def test_a_call_that_whoever_had_the_application_answers_is_not_swept(run) -> None:
    async def test() -> None:
        async with opened(sweep_after_s=4 * DEADLINE_S) as house:
            connection = house.pbx.connections[A]
            house.pbx.call("1.1")
            house.pbx.call("1.2")
            connection.lose()
            back = asyncio.create_task(connection.come_back())
            await asyncio.sleep(DEADLINE_S)
            house.pbx.carried_out(Request("POST", "/channels/1.1/continue"))
            await back
            await house.settle()
            assert (house.door.swept, dict(house.pbx.sent_on)) == (1, {"1.1": 1, "1.2": 1})

    run(test())


def test_a_call_that_comes_in_while_others_are_looked_for_is_decided_once(run) -> None:
    async def test() -> None:
        async with opened(prompt=False) as house:
            connection = house.pbx.connections[A]
            connection.lose()
            connection.connected = True
            house.pbx.call("1.1")
            back = asyncio.create_task(house.door._connected())
            await asyncio.sleep(0)
            connection.deliver()
            await back
            await house.settle()
            assert (house.pbx.sent_on["1.1"], house.register.decisions) == (1, [("+42125550100", "unknown")])
            assert house.door.swept == 0

    run(test())


def test_a_call_that_hangs_up_while_it_is_looked_for_leaves_nothing(run) -> None:
    async def test() -> None:
        async with opened() as house:
            connection = house.pbx.connections[A]
            house.pbx.call("1.1")
            connection.lose()
            back = asyncio.create_task(connection.come_back())
            while not connection.connected:
                await asyncio.sleep(0)
            house.pbx.leave("1.1")
            connection.deliver()
            await back
            await house.settle()
            assert (house.door.swept, house.door.hung_up, house.at_hand()) == (1, 1, 0)

    run(test())


def test_closing_lets_the_calls_at_hand_finish(run) -> None:
    async def test() -> None:
        async with opened(prompt=False) as house:
            house.pbx.call("1.1")
            house.deliver_all()
        assert house.pbx.sent_on["1.1"] == 1

    run(test())


def test_a_register_that_fails_costs_no_call_its_answer(run) -> None:
    async def test() -> None:
        async with opened() as house:
            house.register.broken = True
            house.pbx.call("1.1")
            await house.settle()
            assert (house.pbx.sent_on["1.1"], house.door.answered) == (1, 1)

    run(test())


def test_an_answer_is_taken_away_when_it_has_been_read(run) -> None:
    async def test() -> None:
        async with opened() as house:
            house.pbx.call("1.1")
            house.deliver_all()
            assert list(house.pbx.left) == ["ROUTER_SAID_1.1"], "for the dialplan to read"
            house.pbx.connections[A].lose()
            await asyncio.sleep(2 * READ_S)
            assert house.pbx.left, "it waits for a connection"
            await house.settle()

    run(test())


@pytest.mark.parametrize("refused", [{"type": "StasisStart"}, {"type": "CallBroadcast"}, {"type": "StasisEnd"}])
def test_an_event_about_nobody_is_passed_over(run, refused: dict[str, str]) -> None:
    async def test() -> None:
        async with opened() as house:
            house.pbx.connections[A].events.append(dict(refused))
            house.deliver_all()
            assert house.at_hand() == 0

    run(test())


def test_events_without_their_end_cost_no_memory(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stasis, "MOST_INSIDE", 10)

    async def test() -> None:
        async with opened() as house:
            connection = house.pbx.connections[A]
            for at in range(100):
                if at % 7 == 0:
                    connection.lose()
                    await connection.come_back()
                connection.events.append(
                    {"type": "StasisStart", "timestamp": str(at), "channel": {"id": f"9.{at}"}, "args": [""]}
                )
                house.deliver_all()
                await asyncio.sleep(0)
            assert len(house.door._inside) <= 10
            assert len(house.door._left) <= 20
            house.pbx.call("1.1")
            await house.settle()
            assert house.pbx.sent_on == {"1.1": 1}

    run(test())


CALL = st.integers(0, 3)
STEP = st.one_of(
    st.tuples(st.sampled_from(["call", "offer", "leave"]), CALL),
    st.tuples(st.sampled_from(["deliver", "deliver", "repeat", "reply", "turn"]), st.integers(0, 1)),
)
LOSS = st.tuples(st.sampled_from(["lose", "come back"]), st.integers(0, 1))


async def play(house: House, steps: list[tuple[str, int]]) -> None:
    """Let it all happen; each call is a channel of its own."""
    calls: list[str] = []
    for at, (step, which) in enumerate(steps):
        connection = house.pbx.connections[APPS[which % 2]]
        if step in ("call", "offer"):
            calls.append(f"1.{at}")
            house.pbx.call(calls[-1], broadcast=step == "offer")
        elif step == "leave" and calls:
            house.pbx.leave(calls[-1 - which % len(calls)])
        elif step == "deliver":
            connection.deliver()
        elif step == "repeat" and connection.events:
            connection.events.appendleft(connection.events[0])
        elif step == "reply":
            house.book.release()
        elif step == "lose":
            connection.lose()
        elif step == "come back":
            await connection.come_back()
        elif step == "turn":
            await asyncio.sleep(0)
    await house.settle()


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, max_size=40), st.booleans())
def test_hung_up_at_any_moment_told_twice_or_offered_to_two_a_call_is_decided_once(
    steps: list[tuple[str, int]], prompt: bool
) -> None:
    async def test() -> None:
        async with opened(prompt) as house:
            await play(house, steps)
            assert not house.pbx.inside, "nobody stays inside"
            assert house.at_hand() == 0
            assert set(house.pbx.sent_on.values()) <= {1}
            came_in = Counter(step for step, _ in steps)
            assert len(house.register.decisions) <= came_in["call"] + came_in["offer"]
            assert house.total("answered") - house.total("hung_up") <= len(house.pbx.sent_on)
            for channel in house.pbx.sent_on:
                assert house.pbx.variables[channel][SENTINEL] == "1"

    asyncio.run(asyncio.wait_for(test(), 90))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(STEP, LOSS), max_size=40), st.booleans())
def test_through_lost_connections_nobody_in_stasis_stays_there(steps: list[tuple[str, int]], prompt: bool) -> None:
    async def test() -> None:
        async with opened(prompt) as house:
            await play(house, [(step.replace("offer", "call"), which) for step, which in steps])
            assert not house.pbx.inside
            assert house.at_hand() == 0
            assert set(house.pbx.sent_on.values()) <= {1}

    asyncio.run(asyncio.wait_for(test(), 90))
