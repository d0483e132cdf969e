"""The door that is shut while more ring than can be served, over real sockets and both pumps."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path

import pytest

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
                assert sum(map(bool, said)) == 256
            assert door.door.shutter.times == 4

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
            for _ in range(300):
                with contextlib.suppress(ConnectionRefusedError):
                    assert branch_of(await door.call(BLOCK)) == "known"
                    break
                await asyncio.sleep(0.005)
            else:
                pytest.fail("the door stays shut")

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
