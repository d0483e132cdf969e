"""An ARI in between that tells what Asterisk tells and does nothing with a call: acts are refused, or unanswered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web

from asterisk_router.wire.ari_answer import NOBODY, PIECE

UNAVAILABLE = 503
STARTED_WITHIN_S = 10


class _Relay:
    """Connections to `port`; each websocket has one of its own to Asterisk."""

    def __init__(self, port: int, *, answers: bool, knows_nobody: bool) -> None:
        self._asterisk = f"http://127.0.0.1:{port}"
        self._answers, self._knows_nobody = answers, knows_nobody
        self._over = asyncio.Event()

    async def answer(self, asked: web.Request) -> web.StreamResponse:
        """The websocket of events, or what Asterisk says outside it."""
        login = {"Authorization": asked.headers.get("Authorization", "")}
        address = f"{self._asterisk}{asked.path_qs}"
        async with ClientSession(headers=login) as session:
            if asked.headers.get("Upgrade", "").lower() == "websocket":
                async with session.ws_connect(address) as far:
                    return await _told(asked, far)
            if self._is_refused(asked):
                if not self._answers:
                    await self._over.wait()
                return web.Response(status=UNAVAILABLE, reason="Service Unavailable")
            said_what = {"Content-Type": asked.content_type} if asked.can_read_body else {}
            async with session.request(asked.method, address, data=await asked.read(), headers=said_what) as said:
                return web.Response(status=said.status, body=await said.read(), content_type=said.content_type)

    async def end(self, application: web.Application) -> None:
        """Who still waits for an answer waits no more."""
        self._over.set()

    def _is_refused(self, asked: web.Request) -> bool:
        """Whether it is an act on a call; one that knows nobody does what is about nobody."""
        on_channel, on_variable = (asked.path.startswith(f"/ari/{of}") for of in ("channels/", "asterisk/variable"))
        about_nobody = f"/{NOBODY}/" in asked.path or asked.query.get("variable") == PIECE + NOBODY
        return asked.method != "GET" and (on_channel or on_variable) and not (self._knows_nobody and about_nobody)


async def _told(handshake: web.Request, far: ClientWebSocketResponse) -> web.WebSocketResponse:
    near = web.WebSocketResponse(compress=False)
    await near.prepare(handshake)

    async def tell() -> None:
        async for told in far:
            await near.send_str(told.data)

    telling = asyncio.create_task(tell())
    try:
        async for asked in near:
            if asked.type == WSMsgType.TEXT:
                await far.send_str(asked.data)
    finally:
        telling.cancel()
    return near


@contextmanager
def refusing(port: int, *, answers: bool = True, knows_nobody: bool = False) -> Iterator[int]:
    """Such an ARI before that of Asterisk at `port`; yields its own port.

    It refuses acts with 503, or leaves them unanswered; one that knows nobody does what is asked about a channel that
    is not there, so that only a call shows what has become of it.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def open() -> tuple[web.AppRunner, int]:
        relay = _Relay(port, answers=answers, knows_nobody=knows_nobody)
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", relay.answer)
        application.on_shutdown.append(relay.end)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner, int(runner.addresses[0][1])

    runner, own_port = asyncio.run_coroutine_threadsafe(open(), loop).result(STARTED_WITHIN_S)
    try:
        yield own_port
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(STARTED_WITHIN_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
