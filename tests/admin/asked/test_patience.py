"""What is waited for by a process that is kept from running: its stall is not held against who asks."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from asterisk_router.admin.asked.patience import in_time

PATIENCE_S = 0.4


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        yield ours, theirs


async def hear(ours: socket.socket) -> bytes:
    return await asyncio.get_running_loop().sock_recv(ours, 100)


@pytest.mark.parametrize("when", ["in the stall", "after it"])
def test_who_speaks_while_we_are_stalled_is_heard_and_who_was_stalled_with_us(
    pair: tuple[socket.socket, socket.socket], when: str
) -> None:
    ours, theirs = pair

    async def body() -> bytes:
        listening = asyncio.create_task(in_time(hear(ours), PATIENCE_S))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if when == "in the stall":
            theirs.send(b"question")
        time.sleep(PATIENCE_S * 2)
        if when == "after it":
            await asyncio.sleep(PATIENCE_S / 8)
            theirs.send(b"question")
        return await listening

    assert asyncio.run(body()) == b"question"


def test_who_says_nothing_is_given_up_and_what_waited_for_them_ended(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ended = []

    async def work() -> None:
        try:
            await hear(pair[0])
        finally:
            ended.append(True)

    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(in_time(work(), 0.02))
    assert ended == [True]


def test_what_is_done_when_it_is_told_to_end_is_told() -> None:
    async def work() -> str:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(1000)
        return "done"

    assert asyncio.run(in_time(work(), 0.02)) == "done"


def test_a_fault_of_the_work_is_told_as_it_is() -> None:
    async def work() -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        asyncio.run(in_time(work(), 1))


def test_who_waits_may_be_told_to_end_and_the_work_ends_too() -> None:
    ended = []

    async def work() -> None:
        try:
            await asyncio.sleep(1000)
        finally:
            ended.append(True)

    async def body() -> None:
        waiting = asyncio.create_task(in_time(work(), 1000))
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(body())
    assert ended == [True]


def test_work_that_loses_its_first_cancel_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asterisk_router.ending.AGAIN_S", 0.01)
    told = 0

    async def works_on() -> None:
        nonlocal told
        while told < 2:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                told += 1

    asyncio.run(asyncio.wait_for(in_time(works_on(), 0.05), 30))
    assert told == 2
