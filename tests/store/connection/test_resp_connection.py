"""Look-ups when Redis is frozen, killed, slow, absent, foreign or locked: told once, in order, within their time."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop

from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.errors import RouterError, StoreUnavailableError
from asterisk_router.store.connection import resp_connection
from asterisk_router.store.open_book import open_book
from asterisk_router.store.redis_book import RedisBook
from asterisk_router.store.redis_keys import RedisKeys
from tests.live.redis_server import RedisServer

SECRET = "no-log-may-hold-this"
NUMBER = "+12025550100"
ANN = Caller((NUMBER,), "Ann", (Tag("vip"),))
BOB = Caller(("+12025550101",), "Bob")


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """A server of this test's own, to be harmed."""
    server = RedisServer().start()
    yield server
    server.stop()


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Iterator[Callable[[Awaitable[None]], None]]:
    """Runs a test on each event loop; whatever the loop reports as unhandled fails it."""
    loop = uvloop.new_event_loop() if request.param == "uvloop" else asyncio.new_event_loop()
    unhandled: list[str] = []
    loop.set_exception_handler(lambda _, context: unhandled.append(str(context)))
    yield lambda body: loop.run_until_complete(body)
    loop.close()
    assert unhandled == []


class Told:
    """What one look-up was told, each time."""

    def __init__(self, book: RedisBook, number: str) -> None:
        self.times: list[tuple[Caller, bool]] = []
        self.first = asyncio.Event()
        book.find(number, self.take)

    def take(self, caller: Caller, degraded: bool) -> None:
        self.times.append((caller, degraded))
        self.first.set()

    async def once(self) -> tuple[Caller, bool]:
        await asyncio.wait_for(self.first.wait(), 30)
        return self.times[0]


@asynccontextmanager
async def opened(url: str, wait_s: float = 2.0) -> AsyncIterator[RedisBook]:
    book = await open_book(url, state_dir=Path("/nonexistent"), wait_s=wait_s, call_budget_s=0.5)
    try:
        yield book
    finally:
        await book.close()


async def recovered(book: RedisBook) -> None:
    """Return when both connections of the book work again."""
    for _ in range(3000):
        if not (await Told(book, NUMBER).once())[1]:
            try:
                await book.show(NUMBER)
            except StoreUnavailableError:
                pass
            else:
                return
        await asyncio.sleep(0.01)
    raise AssertionError("the store did not come back")


def test_a_frozen_server_degrades_each_look_up_once_and_late_replies_find_nobody(server, run) -> None:
    async def body() -> None:
        async with opened(server.unix_url) as book:
            await book.save_many([ANN, *(Caller((f"+1202555{n:04d}",), str(n)) for n in range(1000, 1050))])
            server.freeze()
            frozen = [Told(book, f"+1202555{n:04d}") for n in range(1000, 1050)]
            for told in frozen:
                assert await told.once() == (Caller.UNKNOWN, True)
            assert book._calls.connected  # type: ignore[attr-defined]  # told by the budget, not by giving up
            server.thaw()
            assert await Told(book, NUMBER).once() in ((ANN, False), (Caller.UNKNOWN, True))
            await recovered(book)
            after = [Told(book, f"+1202555{n:04d}") for n in range(1000, 1050)]
            assert [(await told.once())[0].name for told in after] == [str(n) for n in range(1000, 1050)]
            assert [len(told.times) for told in frozen + after] == [1] * 100

    run(body())


def test_a_server_frozen_for_long_is_given_up_and_found_again(server, run) -> None:
    async def body() -> None:
        async with opened(server.tcp_url) as book:
            await book.save_many([ANN])
            server.freeze()
            told = Told(book, NUMBER)
            await told.once()
            while book._calls.connected:  # type: ignore[attr-defined]
                await asyncio.sleep(0.02)
            at_once = Told(book, NUMBER)
            assert at_once.times == [(Caller.UNKNOWN, True)]
            server.thaw()
            await recovered(book)
            assert await Told(book, NUMBER).once() == (ANN, False)
            assert (len(told.times), len(at_once.times)) == (1, 1)

    run(body())


@pytest.mark.parametrize("transport", ["tcp", "tls", "unix"])
def test_a_killed_server_degrades_and_a_new_one_is_found(server, run, transport) -> None:
    async def body() -> None:
        async with opened(getattr(server, f"{transport}_url")) as book:
            await book.save_many([ANN])
            server.freeze()
            on_the_way = [Told(book, NUMBER) for _ in range(10)]
            await asyncio.sleep(0)
            server.kill()
            assert [await told.once() for told in on_the_way] == [(Caller.UNKNOWN, True)] * 10
            with pytest.raises(StoreUnavailableError):
                while True:
                    await book.show(NUMBER)
            server.start()
            await recovered(book)
            assert await Told(book, NUMBER).once() == (ANN, False)
            assert {len(told.times) for told in on_the_way} == {1}

    run(body())


def test_a_slow_server_degrades_and_the_next_reply_is_not_the_late_one(server, run) -> None:
    async def body() -> None:
        async with opened(server.unix_url) as book:
            await book.save_many([ANN, BOB])
            for _ in range(20):  # frozen for a moment again and again, never long enough to be given up
                server.freeze()
                late = Told(book, NUMBER)
                assert await late.once() == (Caller.UNKNOWN, True)
                following = Told(book, "+12025550101")
                server.thaw()
                assert await following.once() in ((BOB, False), (Caller.UNKNOWN, True))
                await recovered(book)
                assert await Told(book, "+12025550101").once() == (BOB, False)
                assert len(late.times) == len(following.times) == 1

    run(body())


def test_a_server_absent_at_the_start_is_found_when_it_comes(run) -> None:
    server = RedisServer()

    async def body() -> None:
        async with opened(server.tcp_url) as book:
            assert Told(book, NUMBER).times == [(Caller.UNKNOWN, True)]
            with pytest.raises(StoreUnavailableError, match="cannot connect"):
                await book.show(NUMBER)
            server.start()
            await recovered(book)
            await book.save_many([ANN])
            assert await Told(book, NUMBER).once() == (ANN, False)

    try:
        run(body())
    finally:
        server.stop()


def test_what_is_no_name_of_a_host_is_said(run) -> None:
    async def body() -> None:
        async with opened("redis://a..b/0") as book:
            assert Told(book, NUMBER).times == [(Caller.UNKNOWN, True)]
            with pytest.raises(StoreUnavailableError, match="cannot connect to Redis: .*label"):
                await book.show(NUMBER)

    run(body())


def test_a_wrong_password_is_said_without_saying_it(run, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    server = RedisServer(password="right").start()

    async def body() -> None:
        for url in (server.tcp_url.replace("right", SECRET), server.tcp_url.replace(":right@", "")):
            async with opened(url) as book:
                assert Told(book, NUMBER).times == [(Caller.UNKNOWN, True)]
                with pytest.raises(StoreUnavailableError, match="WRONGPASS|NOAUTH") as refused:
                    await book.show(NUMBER)
                assert SECRET not in str(refused.value) + repr(refused.value)
        async with opened(server.tcp_url + "?db=3") as book:
            await book.save_many([ANN])
            assert await Told(book, NUMBER).once() == (ANN, False)

    try:
        run(body())
        assert server.command("DBSIZE").startswith(b":0")  # it went to database 3
    finally:
        server.stop()
    assert SECRET not in caplog.text


def test_a_server_that_does_not_know_auth_and_repeats_it(run) -> None:
    async def body() -> None:
        async def foreign(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(100)
            writer.write(b"-ERR unknown command 'AUTH', with args beginning with: '%b'\r\n" % SECRET.encode() * 2)
            await reader.read()
            writer.close()

        listener = await asyncio.start_server(foreign, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        async with opened(f"redis://:{SECRET}@127.0.0.1:{port}") as book:
            with pytest.raises(StoreUnavailableError, match="refused us") as refused:
                await book.show(NUMBER)
            assert SECRET not in str(refused.value)
        listener.close()

    run(body())


@pytest.mark.parametrize(
    "lie", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"$5\r\nhel", b"+PONG\r\n+PONG\r\n+more\r\n", b""]
)
def test_what_is_no_redis_never_answers_a_call(run, lie, monkeypatch) -> None:
    monkeypatch.setattr(resp_connection, "GREETING_S", 0.2)

    async def body() -> None:
        async def liar(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(100)
            writer.write(lie)
            await reader.read()
            writer.close()

        listener = await asyncio.start_server(liar, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        async with opened(f"redis://127.0.0.1:{port}", wait_s=0.5) as book:
            assert await Told(book, NUMBER).once() == (Caller.UNKNOWN, True)
            with pytest.raises(StoreUnavailableError):
                await book.show(NUMBER)
        listener.close()

    run(body())


def test_a_record_that_cannot_be_read_and_a_key_of_another_type_degrade(server, run) -> None:
    async def body() -> None:
        async with opened(server.unix_url) as book:
            server.command("SET", RedisKeys().caller(NUMBER), b"\x93\x01garbage")
            server.command("LPUSH", RedisKeys().caller("+12025550101"), "foreign")
            assert await Told(book, NUMBER).once() == (Caller.UNKNOWN, True)
            assert await Told(book, "+12025550101").once() == (Caller.UNKNOWN, True)
            assert book.degraded == {"record unreadable": 1, "refused, WRONGTYPE": 1}
            for number in (NUMBER, "+12025550101"):
                with pytest.raises(RouterError):
                    await book.show(number)
                with pytest.raises(RouterError):
                    await book.update(number, lambda caller: caller._replace(name="Ann"))
                with pytest.raises(RouterError):
                    await book.save_many([Caller((number,), "Ann")])
            assert await book.forget(NUMBER)
            assert await Told(book, NUMBER).once() == (Caller.UNKNOWN, False)

    run(body())


def test_one_who_fails_when_told_does_not_cost_the_others_their_reply(server) -> None:
    async def body() -> None:
        reported: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["message"]))
        async with opened(server.unix_url) as book:
            await book.save_many([ANN])
            book.find(NUMBER, lambda caller, degraded: 1 // 0)
            assert await Told(book, NUMBER).once() == (ANN, False)
        assert reported == ["whoever waited for Redis failed"]

    asyncio.run(body())


def test_closing_tells_whoever_still_waits(server, run) -> None:
    async def body() -> None:
        book = await open_book(server.unix_url, state_dir=Path("/nonexistent"))
        server.freeze()
        told = Told(book, NUMBER)
        await asyncio.sleep(0)
        await book.close()
        assert told.times == [(Caller.UNKNOWN, True)]
        server.thaw()

    run(body())


def test_a_port_that_says_nothing_does_not_hold_up_the_start(run) -> None:
    async def body() -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            async with opened(f"redis://127.0.0.1:{silent.getsockname()[1]}", wait_s=0.05) as book:
                assert Told(book, NUMBER).times == [(Caller.UNKNOWN, True)]

    run(body())
