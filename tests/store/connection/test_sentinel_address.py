"""A master that changes: calls go on, and who calls is known again from the new one."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_router.callers.caller import Caller
from asterisk_router.errors import SettingsError, StoreError, StoreUnavailableError
from asterisk_router.store.connection import sentinel_address
from asterisk_router.store.connection.redis_address import RedisAddress
from asterisk_router.store.connection.sentinel_address import SentinelAddress, parse_sentinel
from asterisk_router.store.open_book import open_book
from asterisk_router.store.redis_book import RedisBook
from tests.live.ports import refusing_port
from tests.live.redis_server import RedisServer
from tests.store.sentinels import Sentinels

NUMBER = "+12025550100"
ANN = Caller((NUMBER,), "Ann")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (
            "redis+sentinel://10.0.0.1,10.0.0.2:26380/callers",
            SentinelAddress(
                (RedisAddress("10.0.0.1", 26379), RedisAddress("10.0.0.2", 26380)), "callers", RedisAddress("sentinel")
            ),
        ),
        (
            "redis+sentinel://ann:s%40cret@[::1],[::2]:5000/callers/3?sentinel_password=watch&sentinel_username=w",
            SentinelAddress(
                (
                    RedisAddress("::1", 26379, username="w", password="watch"),
                    RedisAddress("::2", 5000, username="w", password="watch"),
                ),
                "callers",
                RedisAddress("sentinel", db=3, username="ann", password="s@cret"),
            ),
        ),
    ],
)  # fmt: skip
def test_a_url_is_read(url: str, address: SentinelAddress) -> None:
    assert parse_sentinel(url) == address
    assert "cret" not in str(address) + repr(address) and "watch" not in str(address) + repr(address)


def test_over_tls_all_of_it_is() -> None:
    address = parse_sentinel("rediss+sentinel://a,b/callers?ssl_check_hostname=false")
    assert address.server.tls is not None
    assert all(sentinel.tls is address.server.tls for sentinel in address.sentinels)


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://10.0.0.1",
        "redis+sentinel:///callers",
        "redis+sentinel://a,,b/callers",
        "redis+sentinel://a:x/callers",
        "redis+sentinel://a/callers/three",
        "redis+sentinel://a/callers/3/4",
        "redis+sentinel://a/callers?colour=red",
    ],
)
def test_a_url_that_is_none_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_sentinel(url)
    assert "redis+sentinel://" in str(refused.value) or "known are" in str(refused.value)


@pytest.fixture(scope="module")
def sentinels() -> Iterator[Sentinels]:
    watched = Sentinels()
    try:
        yield watched.start()
    finally:
        watched.stop()


class Line:
    """Calls, one every 5 ms, and what each was told."""

    def __init__(self, book: RedisBook) -> None:
        self._book = book
        self.asked = 0
        self.told: list[tuple[float, bool]] = []
        self.slowest_s = 0.0

    def call(self) -> None:
        began_s = time.monotonic()
        self.asked += 1

        def found(caller: Caller, degraded: bool) -> None:
            assert degraded or caller == ANN
            self.told.append((began_s, degraded))
            self.slowest_s = max(self.slowest_s, time.monotonic() - began_s)

        self._book.find(NUMBER, found)

    async def until_known(self, since_s: float) -> float:
        """Call until the caller was known for a second; how long after `since_s` that began."""
        while True:
            self.call()
            await asyncio.sleep(0.005)
            last_degraded_s = max((at_s for at_s, degraded in self.told if degraded), default=0.0)
            if last_degraded_s > since_s and time.monotonic() - last_degraded_s > 1.0:
                return last_degraded_s - since_s
            assert time.monotonic() - since_s < 60


async def master_of(sentinels: Sentinels) -> RedisServer:
    """The master by the word of the first Sentinel."""
    place = await asyncio.to_thread(sentinels.ask, "GET-MASTER-ADDR-BY-NAME", "callers")
    return next(server for server in sentinels.servers if server.port == int(place[1]))


async def replicated(server: RedisServer) -> None:
    """Return when a replica has what the master has: WAIT counts from the last write of its own connection."""
    for _ in range(100):
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(server.socket))
            line.sendall(b"SET written-last 1\r\n")
            assert line.recv(64) == b"+OK\r\n"
            line.sendall(b"WAIT 1 1000\r\n")
            if line.recv(64) == b":1\r\n":
                return
    raise AssertionError("no replica follows")


def test_a_server_named_that_is_no_master_is_not_taken_for_one(sentinels: Sentinels) -> None:
    async def body() -> None:
        master = await master_of(sentinels)
        replica = next(server for server in sentinels.servers if server is not master)
        while b"slave" not in replica.command("ROLE"):  # it may have been the master until a moment ago
            await asyncio.sleep(0.02)

        async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1000)
            port = str(replica.port).encode()
            writer.write(b"+PONG\r\n*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%b\r\n" % (len(port), port))

        liar = await asyncio.start_server(lie, "127.0.0.1", 0)
        url = f"redis+sentinel://127.0.0.1:{liar.sockets[0].getsockname()[1]}/callers"
        async with await open_book(url, state_dir=Path("/nonexistent")) as book:
            with pytest.raises(StoreUnavailableError, match="is slave, not master"):
                await book.show(NUMBER)
        liar.close()

    asyncio.run(body())


@pytest.mark.parametrize("accident", ["by hand", "killed", "frozen"])
def test_no_call_is_lost_to_a_failover_and_who_calls_is_known_again(sentinels: Sentinels, accident: str) -> None:
    async def body() -> None:
        async with await open_book(sentinels.url, state_dir=Path("/nonexistent"), call_budget_s=0.05) as book:
            await saved(book)
            before = await master_of(sentinels)
            await replicated(before)
            line = Line(book)
            line.call()
            since_s = time.monotonic()
            if accident == "killed":
                before.kill()
            elif accident == "frozen":
                before.freeze()
            else:
                assert sentinels.ask("FAILOVER", "callers") == ["OK"]
            took_s = await line.until_known(since_s)
            lost = [at_s for at_s, degraded in line.told if degraded]
            print(
                f"{accident}: {line.asked} calls, {len(lost)} without their caller, from {lost[0] - since_s:.2f} s "
                f"to {took_s:.2f} s after; longest look-up {line.slowest_s * 1000:.0f} ms"
            )
            await saved(book)
            assert len(line.told) == line.asked
            if accident == "killed":
                before.start()
            before.thaw()
            assert await master_of(sentinels) is not before

    asyncio.run(body())


async def saved(book: RedisBook) -> None:
    """Ann on record, whoever is the master by now."""
    for _ in range(1000):
        try:
            await book.update(NUMBER, lambda caller: ANN)
        except StoreError:
            await asyncio.sleep(0.02)
        else:
            return
    raise AssertionError("nobody takes Ann")


def test_a_name_the_sentinels_do_not_know_and_sentinels_that_are_away_are_said(
    sentinels: Sentinels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentinel_address, "ASK_S", 60.0)  # who refuses or answers does so at once, if we are not kept

    async def body(nobody: str, other: str) -> None:
        for url, said in (
            (sentinels.url.replace("/callers", "/others"), "knows no master called others"),
            (f"redis+sentinel://{nobody},{other}/callers", f"cannot connect to Sentinel {nobody}"),
        ):
            async with await open_book(url, state_dir=Path("/nonexistent")) as book:
                with pytest.raises(StoreUnavailableError, match=said):
                    await book.show(NUMBER)
                assert said in book.store_fault

    with refusing_port() as one, refusing_port() as two:
        asyncio.run(body(f"127.0.0.1:{one}", f"127.0.0.1:{two}"))
