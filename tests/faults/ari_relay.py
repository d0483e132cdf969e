"""An ARI in between that tells what Asterisk tells and does nothing with a call: 503 to every act on a channel."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web

UNAVAILABLE = 503
STARTED_WITHIN_S = 10


class _Relay:
    """Connections to `port`; each websocket has one of its own to Asterisk."""

    def __init__(self, port: int) -> None:
        self._asterisk = f"http://127.0.0.1:{port}"

    async def answer(self, asked: web.Request) -> web.StreamResponse:
        """The websocket of events, or what Asterisk says outside it."""
        login = {"Authorization": asked.headers.get("Authorization", "")}
        address = f"{self._asterisk}{asked.path_qs}"
        async with ClientSession(headers=login) as session:
            if asked.headers.get("Upgrade", "").lower() == "websocket":
                async with session.ws_connect(address) as far:
                    return await _told(asked, far)
            async with session.request(asked.method, address, data=await asked.read()) as said:
                return web.Response(status=said.status, body=await said.read(), content_type=said.content_type)


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
                request = json.loads(asked.data)
                if request["method"] != "GET" and request["uri"].startswith("channels/"):
                    await near.send_str(_refused(request))
                else:
                    await far.send_str(asked.data)
    finally:
        telling.cancel()
    return near


def _refused(asked: dict[str, str]) -> str:
    return json.dumps(
        {
            "type": "RESTResponse",
            "transaction_id": asked.get("transaction_id"),
            "request_id": asked.get("request_id"),
            "status_code": UNAVAILABLE,
            "reason_phrase": "Service Unavailable",
            "uri": asked.get("uri"),
        }
    )


@contextmanager
def refusing(port: int) -> Iterator[int]:
    """Such an ARI before that of Asterisk at `port`; yields its own port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def open() -> tuple[web.AppRunner, int]:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", _Relay(port).answer)
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
