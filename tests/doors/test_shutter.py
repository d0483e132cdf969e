"""The door that is shut while more ring than can be served, over real sockets and both pumps."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_router.doors.listeners import listen_tcp
from asterisk_router.doors.shutter import LEAST_ROOM, MOST_ROOM, OVER_S, SAID_S, Shutter
from tests.doors.conftest import branch_of, read_to_the_end, ring

BLOCK = (Path(__file__).parents[1] / "recorded" / "fastagi.agi").read_bytes()


def test_of_more_calls_than_can_wait_the_kernel_refuses_the_rest_until_there_is_room(opened, run, caplog) -> None:
    async def test() -> None:
        async with opened(refusing=True) as door:
            clients = ring(door.address, BLOCK, 400)
            while not door.door.shutter.times:
                await asyncio.sleep(0)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(door.address)
            while door.door.answered < 256:
                await asyncio.sleep(0)
            said = [await asyncio.to_thread(read_to_the_end, client) for client in clients]
            assert [bool(heard) for heard in said] == [True] * 256 + [False] * 144
            assert (door.door.shutter.times, door.door.pump.crowded_out) == (1, 0), "nobody was accepted to be closed"
            assert branch_of(await door.call(BLOCK)) == "known"
            for _ in range(3):
                clients = ring(door.address, BLOCK, 400)
                said = [await asyncio.to_thread(read_to_the_end, client) for client in clients]
                assert LEAST_ROOM <= sum(map(bool, said)) <= MOST_ROOM, "as many as this machine serves in time"
            assert door.door.shutter.times >= 4

    run(test())
    assert caplog.text.count("more calls than can be served") == 1, "not once for each"


def test_a_burst_that_can_be_served_is_served_and_shuts_no_door(opened, run) -> None:
    async def test() -> None:
        async with opened(refusing=True) as door:
            for count in (50, 200, 255):
                said = [await asyncio.to_thread(read_to_the_end, client) for client in ring(door.address, BLOCK, count)]
                assert {branch_of(heard) for heard in said} == {"known"}
            assert (door.door.shutter.times, door.door.pump.crowded_out) == (0, 0)

    run(test())


@pytest.mark.parametrize("room", [MOST_ROOM, LEAST_ROOM], ids=["there is room", "there is none"])
def test_while_many_wait_nobody_stands_before_the_door_for_a_whole_turn(opened, run, room: int) -> None:
    async def test() -> None:
        async with opened(refusing=True) as door:
            late: list[socket.socket] = []
            decide, taken_in, shut = door.policy.decide, [], []

            def decides(*given, **more):
                taken_in.append(door.door.pump.accepted)
                shut.append(door.door.shutter.times)
                if len(taken_in) == 10:  # in the middle of the second turn, which reads 16
                    door.door.pump.room = room
                    late.append(socket.create_connection(door.address))
                return decide(*given, **more)

            door.policy.decide = decides
            for client in ring(door.address, BLOCK, 100):
                assert branch_of(await asyncio.to_thread(read_to_the_end, client)) == "known"
            assert taken_in[9] == 100 and shut[9] == 0
            assert (taken_in[10], shut[10]) == ((101, 0) if room == MOST_ROOM else (100, 1)), "before the next call"
            late[0].close()

    run(test())


def test_after_an_overload_a_burst_is_served_whole_again(opened, run) -> None:
    async def test() -> None:
        async with opened(refusing=True) as door:
            door.door.pump.room = LEAST_ROOM  # as on a slow machine
            clients = ring(door.address, BLOCK, 200)
            for client in clients:
                await asyncio.to_thread(read_to_the_end, client)
            assert door.door.shutter.overloaded
            while door.door.shutter.overloaded:  # nobody rings: a tick ends it
                await asyncio.sleep(0.01)
            said = [await asyncio.to_thread(read_to_the_end, client) for client in ring(door.address, BLOCK, 200)]
            assert {branch_of(heard) for heard in said} == {"known"}

    run(test())


def test_a_door_with_as_many_calls_as_it_holds_is_shut_until_one_ends(opened, run) -> None:
    async def test() -> None:
        async with opened(prompt=False, most_calls=3, refusing=True) as door:
            held = [asyncio.create_task(door.call(BLOCK)) for _ in range(3)]
            while len(door.book.held) < 3:
                await asyncio.sleep(0.001)
            with pytest.raises(OSError):  # refused, or reset by the first look at who rings
                await door.call()
                await door.connect()
            door.book.release()
            assert [branch_of(said) for said in await asyncio.gather(*held)] == ["known"] * 3
            door.book.prompt = True
            for _ in range(3000):
                with contextlib.suppress(ConnectionRefusedError):
                    assert branch_of(await door.call(BLOCK)) == "known"
                    break
                await asyncio.sleep(0.005)
            else:
                pytest.fail("the door stays shut")

    run(test())


def test_a_socket_that_one_worker_has_shut_is_opened_by_another_with_room(opened, run) -> None:
    async def test() -> None:
        async with opened(most_calls=0, refusing=True) as full:
            while not full.door.shutter.is_shut:
                with contextlib.suppress(OSError):  # refused, or reset by the first look at who rings
                    await full.call()
            with pytest.raises(ConnectionRefusedError):
                await full.call(BLOCK)
            async with opened(refusing=True, shared=full.listener) as other:
                while other.door.shutter.is_shut or not other.door.shutter.overloaded:
                    await asyncio.sleep(0.001)
                assert [branch_of(await other.call(BLOCK)) for _ in range(3)] == ["known"] * 3
                assert (full.door.shutter.times, other.door.shutter.times) == (1, 0)
                assert full.door.shutter.is_shut, "who is full takes nobody"

    run(test())


def test_a_shut_door_is_closed_as_any_other(opened, run) -> None:
    async def test() -> None:
        async with opened(refusing=True) as door:
            clients = ring(door.address, BLOCK, 400)
            while not door.door.shutter.times:
                await asyncio.sleep(0)
            await door.door.close(10)
            with pytest.raises(ConnectionRefusedError):
                await door.call(BLOCK)
            said = [await asyncio.to_thread(read_to_the_end, client) for client in clients]
            assert sum(map(bool, said)) == 256, "calls at hand are finished"

    run(test())


class Crowd:
    """What a shutter sees of a pump, and the time."""

    def __init__(self) -> None:
        self.listener: socket.socket = listen_tcp("127.0.0.1", 0)
        self.now_s = 1000.0
        self.accepted = self.unread = self.crowded_out = 0
        self.room = MOST_ROOM
        self.shutter = Shutter(500, lambda: self.now_s)
        self.shutter.may_shut([self.listener])

    def open(self) -> int:
        return self.unread

    def listen(self, listener: socket.socket) -> None:
        assert listener is self.listener

    def unlisten(self, descriptor: int) -> None:
        assert descriptor == self.listener.fileno()

    def rings(self, count: int) -> None:
        """So many are taken in within a turn; the door is shut when no more fit."""
        self.accepted += count
        self.unread += count
        if self.unread >= self.room and not self.shutter.is_shut:
            assert self.shutter.crowded(self, self.listener.fileno())
        self.shutter.look(self)

    def reads(self, count: int, took_s: float) -> None:
        """So many are read within a turn in which nobody is taken in."""
        self.now_s += took_s
        self.unread -= count
        self.shutter.look(self)


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    crowd = Crowd()
    with crowd.listener:
        yield crowd


@pytest.mark.parametrize(
    ("a_second", "room"),
    [(100, LEAST_ROOM), (1000, 100), (2000, 200), (100_000, MOST_ROOM)],
    ids=["very slow", "slow", "fair", "fast"],
)
def test_as_many_are_taken_in_as_can_be_served_within_a_tenth_of_a_second(
    crowd: Crowd, a_second: int, room: int
) -> None:
    crowd.rings(256)
    assert crowd.shutter.is_shut
    crowd.reads(191, 191 / a_second)
    assert crowd.shutter.is_shut, "a quarter is to be left, so that there is work while the next ring"
    crowd.reads(1, 1 / a_second)
    assert not crowd.shutter.is_shut
    assert crowd.room == pytest.approx(room, abs=1)


def test_an_overload_that_is_over_is_forgotten(crowd: Crowd) -> None:
    crowd.rings(256)
    crowd.reads(256, 0.2)
    assert crowd.room < MOST_ROOM
    assert crowd.shutter.overloaded
    crowd.now_s += OVER_S + 0.1
    crowd.shutter.look(crowd)  # a tick
    crowd.rings(200)
    assert (crowd.room, crowd.shutter.overloaded, crowd.shutter.is_shut) == (MOST_ROOM, False, False)


def test_the_log_is_told_once_a_minute(crowd: Crowd, caplog) -> None:
    for _ in range(3):
        crowd.rings(256)
        crowd.reads(256, 0.1)
        crowd.shutter.say(crowd)
    assert len(caplog.messages) == 1
    crowd.now_s += SAID_S
    crowd.shutter.say(crowd)
    crowd.now_s += SAID_S
    crowd.shutter.say(crowd)
    assert len(caplog.messages) == 2, "nothing new, nothing said"
    assert "shut 3 times and 0 calls were turned away" in caplog.messages[1]


class Overtaken(socket.socket):
    """A listener that another worker shuts at the same moment, a little before us."""

    met = False

    def shutdown(self, how: int) -> None:
        if not self.met:
            self.met = True
            super().shutdown(how)
        super().shutdown(how)


def test_of_two_workers_who_shut_a_socket_at_once_neither_cuts_off_a_later_call(crowd: Crowd) -> None:
    with Overtaken(fileno=listen_tcp("127.0.0.1", 0).detach()) as listener:
        crowd.listener = listener
        crowd.shutter.may_shut([listener])
        crowd.rings(256)
        assert crowd.shutter.is_shut and crowd.shutter.times == 1
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(listener.getsockname())
        crowd.reads(256, 0.2)
        listener.setblocking(True)
        with socket.create_connection(listener.getsockname()), listener.accept()[0] as taken:
            taken.setblocking(False)
            with pytest.raises(BlockingIOError):  # not the end of a stream whose call has yet to be said
                taken.recv(1)
