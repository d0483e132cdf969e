"""Calls, a breaker and a real Redis behind a wire that slows down, freezes and is cut."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.errors import StoreError
from asterisk_router.store.connection import resp_connection
from asterisk_router.store.connection.breaker import LATE_MIN
from asterisk_router.store.connection.call_connection import CallConnection
from asterisk_router.store.connection.resp_connection import RETRY_MAX_S
from asterisk_router.store.open_book import open_book
from asterisk_router.store.redis_book import LATE, NOT_ASKED, RedisBook
from tests.live.ports import free_port
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


async def until(book: RedisBook, degraded: bool) -> Caller:
    """The caller, when look-ups are as awaited; on a busy machine one of them may come late at any time."""
    for _ in range(3000):
        caller, is_degraded = await asked(book)
        if is_degraded is degraded:
            return caller
        await asyncio.sleep(0.01)
    raise AssertionError(book.degraded)


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
            assert await until(book, degraded=False) == ANN
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
            assert await until(book, degraded=False) == ANN
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
            assert await until(book, degraded=False) == ANN

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
            assert await until(book, degraded=False) == ANN

    asyncio.run(body())


def test_a_server_that_greets_slowly_is_not_asked_by_calls(redis_server) -> None:
    async def body() -> None:
        wire = SlowWire()
        wire.delay_s = 0.3
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
        async with behind_a_wire(redis_server, budget_s=1.0) as (book, _):
            key = book.keys.caller("+12025550199")
            redis_server.command("LPUSH", key, "foreign")
            for _ in range(lines):
                told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
                book.find("+12025550199", lambda caller, degraded, told=told: told.set_result(degraded))
                assert await told
            assert await until(book, degraded=False) == ANN
            assert book.degraded == {"refused, WRONGTYPE": lines}

    asyncio.run(body())


@pytest.fixture
def harmed() -> Iterator[Callable[..., RedisServer]]:
    """Starts servers of a test's own, to be harmed."""
    started: list[RedisServer] = []

    def start(*options: str, at: RedisServer | None = None) -> RedisServer:
        server = at or RedisServer()
        server._options = options
        started.append(server.start())
        return server

    yield start
    for server in started:
        server.stop()


@asynccontextmanager
async def opened(server: RedisServer) -> AsyncIterator[RedisBook]:
    async with await open_book(server.unix_url, state_dir=Path("/nonexistent"), call_budget_s=0.5) as book:
        yield book


def test_a_right_taken_away_is_said_by_name_and_counted(harmed, caplog) -> None:
    server = harmed()

    async def body() -> None:
        async with opened(server) as book:
            await book.save_many([ANN])
            server.command("ACL", "SETUSER", "default", "-get")
            assert [await asked(book) for _ in range(20)] == [(Caller.UNKNOWN, True)] * 20
            assert book.degraded == {"refused, NOPERM": 20}
            server.command("ACL", "SETUSER", "default", "+get")
            assert await asked(book) == (ANN, False), "the first call after it knows the caller"

    asyncio.run(body())
    assert caplog.text.count("NOPERM") == 2, "once, with the server's words"


def test_a_server_that_refuses_us_is_asked_again_and_again_at_short_uneven_pauses(harmed, monkeypatch) -> None:
    server = harmed()
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def noted(delay: float, result: None = None) -> None:
        if asyncio.current_task() is keeper:
            pauses.append(delay)
        await sleep(delay / 10, result)

    async def body() -> None:
        nonlocal keeper
        async with opened(server) as book:
            await book.save_many([ANN])
            keeper = calls_of(book)._keeper
            monkeypatch.setattr(resp_connection.asyncio, "sleep", noted)
            server.command("CONFIG", "SET", "requirepass", "nobody-was-told")
            server.password = "nobody-was-told"
            server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            end_s = time.monotonic() + 10
            while len(pauses) < 8 and time.monotonic() < end_s:
                await sleep(0.01)
            assert at_once(book) == [True]
            server.command("CONFIG", "SET", "requirepass", "")
            assert await until(book, degraded=False) == ANN

    keeper: asyncio.Task[None] | None = None
    asyncio.run(body())
    assert all(0.5 * RETRY_MAX_S <= pause_s <= 1.5 * RETRY_MAX_S for pause_s in pauses[5:])
    assert len(set(pauses)) == len(pauses) >= 8
    assert 1.5 * RETRY_MAX_S <= 1, "callers stay unknown so long at most when the server is well again"


def test_a_replica_and_a_full_server_still_say_who_calls_and_take_nothing(harmed) -> None:
    server = harmed()

    async def body() -> None:
        async with opened(server) as book:
            await book.save_many([ANN])
            for harm, mend, word in (
                (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0"), "OOM"),
                (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE"), "READONLY"),
            ):
                server.command(*harm)
                assert await until(book, degraded=False) == ANN
                with pytest.raises(StoreError, match=word):
                    await book.update(NUMBER, lambda caller: caller._replace(name="Anna"))
                server.command(*mend)
                assert await book.update(NUMBER, lambda caller: caller._replace(name="Ann")) == ANN

    asyncio.run(body())


def test_a_server_that_still_loads_is_no_server_yet(harmed) -> None:
    server = harmed()

    async def body() -> None:
        async with opened(server) as book:
            await book.save_many([ANN])
            await book.acts.send([("SET", f"filler-{n}", "") for n in range(6000)])  # it looks up every 1,024 of them
            server.kill()
            back = asyncio.create_task(asyncio.to_thread(harmed, "--key-load-delay", "200", at=server))
            said: set[str] = set()
            while not back.done():
                assert (await asked(book))[1]
                said.add(book.store_fault)
                await asyncio.sleep(0.01)
            assert any("LOADING" in fault for fault in said)
            assert await until(book, degraded=False) == ANN

    asyncio.run(body())


def test_a_cluster_without_the_slot_is_said(harmed) -> None:
    server = harmed("--cluster-enabled", "yes", "--cluster-port", str(free_port()))

    async def body() -> None:
        async with opened(server) as book:
            assert await asked(book) == (Caller.UNKNOWN, True)
            assert book.degraded == {"refused, CLUSTERDOWN": 1}

    asyncio.run(body())


def test_an_emptied_server_knows_nobody_and_that_is_no_fault(harmed) -> None:
    server = harmed()

    async def body() -> None:
        async with opened(server) as book:
            await book.save_many([ANN])
            await book.tag_prefix("+1202", Tag("local", "me"))
            assert book.ranges.tags_of(NUMBER)
            server.command("FLUSHALL")
            assert await asked(book) == (Caller.UNKNOWN, False)
            await book._mirror.refresh()
            assert not book.ranges.tags_of(NUMBER)
            assert book.degraded == {}

    asyncio.run(body())
