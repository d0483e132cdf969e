"""Calls, a breaker and a real Redis behind a wire that slows down, freezes and is cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from asterisk_router.callers.caller import Caller
from asterisk_router.store.breaker import LATE_MIN
from asterisk_router.store.call_connection import CallConnection
from asterisk_router.store.open_book import open_book
from asterisk_router.store.redis_book import LATE, NOT_ASKED, RedisBook
from tests.live.redis_server import RedisServer
from tests.store.slow_wire import SlowWire

NUMBER = "+12025550100"
ANN = Caller((NUMBER,), "Ann")


@asynccontextmanager
async def behind_a_wire(server: RedisServer, budget_s: float = 0.05) -> AsyncIterator[tuple[RedisBook, SlowWire]]:
    wire = SlowWire()
    await wire.start(server.port)
    book = await open_book(f"redis://127.0.0.1:{wire.port}", state_dir=Path("/nonexistent"), call_budget_s=budget_s)
    try:
        await book.save_many([ANN])
        yield book, wire
    finally:
        await book.close()
        await wire.stop()


def calls_of(book: RedisBook) -> CallConnection:
    connection = book._calls
    assert isinstance(connection, CallConnection)
    return connection


async def asked(book: RedisBook) -> tuple[Caller, bool]:
    """What one look-up is told."""
    told: asyncio.Future[tuple[Caller, bool]] = asyncio.get_running_loop().create_future()
    book.find(NUMBER, lambda caller, degraded: told.set_result((caller, degraded)))
    return await told


async def open_it(book: RedisBook, wire: SlowWire) -> None:
    """Calls until the breaker is open."""
    wire.delay_s = 0.3
    while calls_of(book).breaker.state == "closed":
        await asked(book)


def at_once(book: RedisBook) -> list[bool]:
    """Whether a look-up of now was degraded, told before this returns; nothing if it has to wait."""
    told: list[bool] = []
    book.find(NUMBER, lambda caller, degraded: told.append(degraded))
    return told


def test_a_slow_store_costs_the_first_calls_and_then_is_not_asked(redis_server) -> None:
    async def body() -> None:
        async with behind_a_wire(redis_server) as (book, wire):
            assert await asked(book) == (ANN, False)
            await open_it(book, wire)
            assert book.degraded[LATE] >= LATE_MIN
            asked_before = wire.passed
            assert [at_once(book) for _ in range(100)] == [[True]] * 100
            assert book.degraded[NOT_ASKED] == 100
            assert "too late" in book.store_fault
            await asyncio.sleep(0)
            assert wire.passed == asked_before, "no call went over the wire"

    asyncio.run(body())


def test_only_probes_ask_while_it_is_open_and_calls_are_back_after_one_in_time(redis_server, caplog) -> None:
    caplog.set_level("INFO")

    async def body() -> None:
        async with behind_a_wire(redis_server) as (book, wire):
            await open_it(book, wire)
            await asyncio.sleep(0.4)
            assert at_once(book) == [True], "the probes so far came late"
            wire.delay_s = 0.0
            while calls_of(book).breaker.state != "closed":
                assert at_once(book) == [True]
                await asyncio.sleep(0.01)
            assert await asked(book) == (ANN, False)
            assert book.store_fault == ""

    asyncio.run(body())
    assert [text for text in ("too slow", "in time again") if text not in caplog.text] == []


def test_a_wire_frozen_for_good_is_cut_and_a_new_one_is_found(redis_server) -> None:
    async def body() -> None:
        async with behind_a_wire(redis_server) as (book, wire):
            wire.freeze()
            while calls_of(book).breaker.state == "closed":
                await asked(book)
            while calls_of(book).connected:
                assert at_once(book) == [True]
                await asyncio.sleep(0.02)
            wire.thaw()
            while calls_of(book).breaker.state != "closed":
                assert at_once(book) == [True]
                await asyncio.sleep(0.02)
            assert await asked(book) == (ANN, False)

    asyncio.run(body())


def test_a_wire_cut_with_a_probe_on_it_is_made_anew(redis_server) -> None:
    async def body() -> None:
        async with behind_a_wire(redis_server) as (book, wire):
            await open_it(book, wire)
            while calls_of(book).breaker.state != "half-open":
                await asyncio.sleep(0.005)
            wire.delay_s = 0.0
            wire.cut()
            while calls_of(book).breaker.state != "closed":
                assert at_once(book) == [True]
                await asyncio.sleep(0.02)
            assert await asked(book) == (ANN, False)

    asyncio.run(body())


def test_a_server_that_greets_slowly_is_not_asked_by_calls(redis_server) -> None:
    async def body() -> None:
        wire = SlowWire()
        wire.delay_s = 0.2
        await wire.start(redis_server.port)
        book = await open_book(f"redis://127.0.0.1:{wire.port}", state_dir=Path("/nonexistent"), wait_s=5.0)
        try:
            assert calls_of(book).connected
            assert at_once(book) == [True]
        finally:
            await book.close()
            await wire.stop()

    asyncio.run(body())


@pytest.mark.parametrize("lines", [20, 400])
def test_one_record_of_a_wrong_type_does_not_take_the_store_from_the_others(redis_server, lines: int) -> None:
    async def body() -> None:
        async with behind_a_wire(redis_server) as (book, _):
            key = book.keys.caller("+12025550199")
            redis_server.command("LPUSH", key, "foreign")
            for _ in range(lines):
                told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
                book.find("+12025550199", lambda caller, degraded, told=told: told.set_result(degraded))
                assert await told
            assert await asked(book) == (ANN, False)
            assert book.degraded == {"refused, WRONGTYPE": lines}

    asyncio.run(body())
