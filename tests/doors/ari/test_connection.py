"""A connection that is closed cleanly, silent, garbled or refused: with a server of ours, which can be told to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import WSCloseCode, web

from asterisk_router.doors.ari import connection, websocket
from asterisk_router.doors.ari.connection import AriConnection
from asterisk_router.errors import AriError, AriRefusedError, AriUnavailableError
from asterisk_router.settings import AriServer
from asterisk_router.wire.ari_rest import Request


class Pbx:
    """Says what Asterisk says at the start; what its WebSockets do is up to the test."""

    def __init__(self) -> None:
        self.sockets: asyncio.Queue[web.WebSocketResponse] = asyncio.Queue()
        self.info: Any = {"system": {"version": "22.10.1+dfsg"}}
        self.status = 200
        self.filters: asyncio.Queue[Any] = asyncio.Queue()
        self.authorizations: set[str] = set()
        self.pongs = True

    async def start(self) -> AriServer:
        routes = web.Application()
        routes.router.add_get("/ari/asterisk/info", self._info)
        routes.router.add_get("/ari/events", self._events)
        routes.router.add_put("/ari/applications/{app}/eventFilter", self._filter)
        routes.router.add_route("*", "/ari/{rest:.*}", self._nothing)
        self._runner = web.AppRunner(routes, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return AriServer("127.0.0.1", self._runner.addresses[0][1], "router", "s3cret")

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _info(self, request: web.Request) -> web.Response:
        self.authorizations.add(request.headers["Authorization"])
        return web.json_response(self.info, status=self.status)

    async def _filter(self, request: web.Request) -> web.Response:
        self.filters.put_nowait(await request.json())
        return web.json_response({})

    async def _nothing(self, request: web.Request) -> web.Response:
        return web.json_response({"message": "Resource not found"}, status=404)

    async def _events(self, request: web.Request) -> web.WebSocketResponse:
        self.authorizations.add(request.headers["Authorization"])
        assert request.query_string == "app=router"
        socket = web.WebSocketResponse(autoping=self.pongs)
        await socket.prepare(request)
        self.sockets.put_nowait(socket)
        async for _ in socket:
            pass
        return socket


class Told:
    """What a connection tells."""

    def __init__(self, server: AriServer, **options: Any) -> None:
        self.connection = AriConnection(server, **options)
        self.lost: asyncio.Queue[str] = asyncio.Queue()
        self.events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.connection.on_lost = self.lost.put_nowait
        self.connection.on_event("*", self.events.put_nowait)


def run(test: Callable[[Pbx, AriServer], Awaitable[None]]) -> None:
    async def bounded() -> None:
        pbx = Pbx()
        server = await pbx.start()
        try:
            await asyncio.wait_for(test(pbx, server), 60)
        finally:
            await pbx.stop()

    asyncio.run(bounded())


@pytest.mark.parametrize("code", [WSCloseCode.OK, WSCloseCode.GOING_AWAY, WSCloseCode.POLICY_VIOLATION])
def test_a_clean_close_is_a_loss(code: int) -> None:
    async def test(pbx: Pbx, server: AriServer) -> None:
        told = Told(server, event_filter=["StasisStart"])
        async with told.connection:
            await (await pbx.sockets.get()).close(code=code)
            assert await told.lost.get() == "Asterisk closed the connection"
            await pbx.sockets.get()
            for _ in range(2):
                assert await pbx.filters.get() == {"allowed": [{"type": kind} for kind in ALLOWED]}
        assert pbx.authorizations == {"Basic cm91dGVyOnMzY3JldA=="}

    run(test)


ALLOWED = ("StasisStart", "RESTResponse", "ApplicationReplaced")


def test_what_is_no_event_is_left_aside(caplog: pytest.LogCaptureFixture) -> None:
    async def test(pbx: Pbx, server: AriServer) -> None:
        told = Told(server)
        async with told.connection:
            socket = await pbx.sockets.get()
            for said in ("", "{", "[]", "null", '"x"', "{}", '{"type":"RESTResponse"}', '{"type":"Good","n":1}'):
                await socket.send_str(said)
            await socket.send_bytes(b"\x00\xff")
            await socket.send_str('{"type":"Good","n":2}')
            assert [(await told.events.get())["n"] for _ in range(2)] == [1, 2]
            assert told.connection.connected

    run(test)
    assert len([record for record in caplog.records if "no event" in record.getMessage()]) == 1, (
        "a flood of it is no flood of ours"
    )


def test_a_kind_that_is_no_text_kills_nothing() -> None:
    async def test(pbx: Pbx, server: AriServer) -> None:
        told = Told(server)
        async with told.connection:
            socket = await pbx.sockets.get()
            for said in ('{"type":[]}', '{"type":{}}', '{"type":null}', '{"type":7}', '{"type":"Good"}'):
                await socket.send_str(said)
            assert (await told.events.get())["type"] == "Good"

    run(test)


def test_a_peer_that_answers_no_ping_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "SILENCE_S", 0.1)
    monkeypatch.setattr(websocket, "WATCH_S", 0.02)

    async def test(pbx: Pbx, server: AriServer) -> None:
        pbx.pongs = False
        told = Told(server)
        async with told.connection:
            assert (await told.lost.get()).startswith("silent for")

    run(test)


def test_who_took_the_application_over_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    async def test(pbx: Pbx, server: AriServer) -> None:
        told = Told(server)
        async with told.connection:
            socket = await pbx.sockets.get()
            await socket.send_json({"type": "ApplicationReplaced", "application": "another"})
            await socket.send_json({"type": "ApplicationReplaced", "application": "router"})
            assert await told.lost.get() == websocket.TAKEN_OVER
            await asyncio.sleep(connection.RETRY_FIRST_S * 4)
            assert pbx.sockets.empty()

    run(test)
    assert websocket.TAKEN_OVER in caplog.text


def test_taken_over_it_can_still_say_what_is_to_be_said() -> None:
    async def test(pbx: Pbx, server: AriServer) -> None:
        told = Told(server)
        said: list[int] = []

        async def finish() -> None:
            assert told.connection.connected
            (response,) = await told.connection.send([Request("GET", "/asterisk/ping")])
            said.append(response.status)

        told.connection.on_taken_over = finish
        async with told.connection:
            socket = await pbx.sockets.get()
            await socket.send_json({"type": "ApplicationReplaced", "application": "router"})
            assert await told.lost.get() == websocket.TAKEN_OVER
            assert said != [] and not told.connection.connected

    run(test)


@pytest.mark.parametrize(
    ("info", "status", "kind", "words"),
    [
        ({"message": "Authentication required"}, 401, AriRefusedError, "401: Authentication required.*ari.conf"),
        ({"message": "Forbidden"}, 403, AriRefusedError, "403"),
        ({"message": "no"}, 404, AriError, "enabled = yes in ari.conf"),
        ({}, 503, AriError, "session_limit"),
        ({"system": {}}, 200, AriError, "not as Asterisk does"),
        ([], 200, AriError, "not as Asterisk does"),
        (None, 200, AriError, "not as Asterisk does"),
    ],
)
def test_a_refusal_is_told_by_open(info: Any, status: int, kind: type[AriError], words: str) -> None:
    async def test(pbx: Pbx, server: AriServer) -> None:
        pbx.info, pbx.status = info, status
        with pytest.raises(kind, match=words):
            await AriConnection(server).open()

    run(test)


def test_a_daemon_waits_for_nothing_and_is_told_once_for_each_reason() -> None:
    async def test(pbx: Pbx, server: AriServer) -> None:
        pbx.status = 503
        told = Told(server)
        told.connection.start()
        assert "session_limit" in await told.lost.get()
        with pytest.raises(AriUnavailableError, match="not connected"):
            await told.connection.request("GET", "/asterisk/ping")
        await asyncio.sleep(connection.RETRY_FIRST_S * 4)
        assert told.lost.empty()
        pbx.status = 200
        await pbx.sockets.get()
        await told.connection.close()
        assert not told.connection.connected

    run(test)


def test_nothing_to_send_is_done_and_what_is_no_request_is_refused() -> None:
    async def test(pbx: Pbx, server: AriServer) -> None:
        async with AriConnection(server) as connection:
            await connection.open()
            assert await connection.send([]) == []
            with pytest.raises(AriError, match="is no request"):
                await connection.request("GET", "/channels/a b")

    run(test)


def test_handlers_still_at_work_end_with_the_client() -> None:
    async def test(pbx: Pbx, server: AriServer) -> None:
        begun, ended = asyncio.Event(), asyncio.Event()

        async def works(event: dict[str, Any]) -> None:
            begun.set()
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()

        told = Told(server)
        told.connection.on_event("Work", works)
        async with told.connection:
            await (await pbx.sockets.get()).send_json({"type": "Work"})
            await begun.wait()
        assert ended.is_set()

    run(test)


def test_nothing_is_logged_that_holds_the_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    test_a_clean_close_is_a_loss(WSCloseCode.OK)
    assert "s3cret" not in caplog.text and "cm91dGVyOnMzY3JldA" not in caplog.text
