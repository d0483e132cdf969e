"""Connections of our own, and a peer that answers as it is told: in pieces, late, never, or not like Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from asterisk_router.doors.ari import http
from asterisk_router.doors.ari.http import MOST_CONNECTIONS, HttpPool
from asterisk_router.errors import AriUnavailableError
from asterisk_router.settings import AriServer
from asterisk_router.wire.ari_rest import Request
from tests.live.ports import refusing_port

PING = Request("GET", "/asterisk/ping")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a connection is not stuck yet; the test of that says what is."""
    monkeypatch.setattr(http, "STUCK_S", 60.0)


def answer(number: int) -> bytes:
    said = b'{"n":%d}' % number
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said)


class Peer:
    """Listens; hands every connection to the test."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        self.count = 0
        self._kept: list[asyncio.StreamWriter] = []

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.count += 1
        self._kept.append(writer)  # dropped writers close
        self.came.put_nowait((reader, writer))

    async def start(self) -> AriServer:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return AriServer("127.0.0.1", self._server.sockets[0].getsockname()[1], "router", "s3cret")

    async def stop(self) -> None:
        self._server.close()
        for writer in self._kept:
            writer.transport.abort()


async def heads(reader: asyncio.StreamReader, count: int) -> list[bytes]:
    return [await reader.readuntil(b"\r\n\r\n") for _ in range(count)]


def run(test: Callable[[Peer, HttpPool], Awaitable[None]]) -> None:
    async def bounded() -> None:
        peer = Peer()
        pool = HttpPool(await peer.start(), None)
        try:
            await asyncio.wait_for(test(peer, pool), 60)
        finally:
            pool.close("closed")
            await peer.stop()

    asyncio.run(bounded())


def test_answers_go_to_the_requests_they_are_for_however_they_come() -> None:
    async def test(peer: Peer, pool: HttpPool) -> None:
        first, second = pool.send([PING, PING]), pool.send([PING])
        reader, writer = await peer.came.get()
        await heads(reader, 3)
        for byte in b"".join(map(answer, (1, 2, 3))):
            writer.write(bytes((byte,)))
            await writer.drain()
        assert [one.json()["n"] for one in await first] == [1, 2]
        assert [one.json()["n"] for one in await second] == [3]
        assert peer.count == 1

    run(test)


def test_a_stuck_connection_is_passed_by_and_there_are_no_more_than_eight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "STUCK_S", 0.001)

    async def test(peer: Peer, pool: HttpPool) -> None:
        stuck = []
        for expected in range(1, MOST_CONNECTIONS + 3):
            stuck.append(pool.send([PING]))
            while peer.count < min(expected, MOST_CONNECTIONS):
                await asyncio.sleep(0.001)
            await asyncio.sleep(http.STUCK_S * 3)
        assert peer.count == MOST_CONNECTIONS
        for _ in range(MOST_CONNECTIONS):
            _, writer = peer.came.get_nowait()
            writer.write(answer(0) * 2)
        await asyncio.wait(stuck[:MOST_CONNECTIONS])

    run(test)


@pytest.mark.parametrize("said", [b"", answer(1), answer(1)[:-1], answer(1) + b"HTTP/1.1 2", b"220 mail\r\n\r\n"])
def test_what_is_not_answered_fails_and_the_next_request_goes_by_a_new_connection(said: bytes) -> None:
    async def test(peer: Peer, pool: HttpPool) -> None:
        waiting = pool.send([PING, PING])
        reader, writer = await peer.came.get()
        await heads(reader, 2)
        writer.write(said)
        writer.close()
        with pytest.raises(AriUnavailableError, match="may have been carried out"):
            await waiting
        again = pool.send([PING])
        _, writer = await peer.came.get()
        writer.write(answer(7))
        assert (await again)[0].json() == {"n": 7}

    run(test)


def test_an_answer_nobody_asked_for_ends_the_connection() -> None:
    async def test(peer: Peer, pool: HttpPool) -> None:
        waiting = pool.send([PING])
        reader, writer = await peer.came.get()
        await heads(reader, 1)
        writer.write(answer(1) + answer(2))
        assert (await waiting)[0].json() == {"n": 1}
        assert await reader.read() == b""

    run(test)


def test_an_asterisk_without_keep_alive_is_told_apart() -> None:
    async def test(peer: Peer, pool: HttpPool) -> None:
        waiting = pool.send([PING, PING])
        reader, writer = await peer.came.get()
        await heads(reader, 2)
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        with pytest.raises(AriUnavailableError, match="session_keep_alive"):
            await waiting

    run(test)


def test_an_idle_connection_is_kept_warm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "WARM_S", 0.01)

    async def test(peer: Peer, pool: HttpPool) -> None:
        await asyncio.sleep(0.02)
        pool.look()
        pool.look()
        reader, writer = await peer.came.get()
        assert len(await heads(reader, 1)) == 1
        writer.write(answer(1))
        again = pool.send([PING])
        await heads(reader, 1)
        writer.write(answer(2))
        assert (await again)[0].json() == {"n": 2} and peer.count == 1

    run(test)


def test_an_overdue_answer_gives_the_connection_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "ANSWER_S", 0.01)

    async def test(peer: Peer, pool: HttpPool) -> None:
        waiting = pool.send([PING])
        await peer.came.get()
        await asyncio.sleep(0.02)
        pool.look()
        with pytest.raises(AriUnavailableError, match="no answer within"):
            await waiting

    run(test)


def test_a_pool_that_closes_fails_what_waits_and_what_is_not_open_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "STUCK_S", 0.0)

    async def test(peer: Peer, pool: HttpPool) -> None:
        open_one = pool.send([PING])
        await peer.came.get()
        opening = pool.send([PING])
        pool.close("closed")
        for waiting in (open_one, opening):
            with pytest.raises(AriUnavailableError, match="closed"):
                await waiting

    run(test)


def test_nobody_there_is_said_with_a_remedy_and_without_the_secret() -> None:
    async def test(peer: Peer, pool: HttpPool) -> None:
        with refusing_port() as port:
            nobody = HttpPool(AriServer("127.0.0.1", port, "router", "s3cret"), None)
            with pytest.raises(AriUnavailableError, match="Connection refused.*http.conf") as refusal:
                await nobody.send([PING])
        assert "s3cret" not in repr(refusal.value)

    run(test)


def test_what_is_no_name_of_a_host_is_said() -> None:
    async def test(peer: Peer, pool: HttpPool) -> None:
        nobody = HttpPool(AriServer("a..b", 1, "router", "s3cret"), None)
        with pytest.raises(AriUnavailableError, match="cannot connect.*label"):
            await asyncio.wait_for(nobody.send([PING]), 2.0)

    run(test)
