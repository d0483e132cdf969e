"""The WebSocket that brings events, and takes REST requests where Asterisk can: by aiohttp."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

import aiohttp

from ...ending import ended
from ...errors import AriError, AriRefusedError, AriUnavailableError
from ...settings import AriServer
from ...wire.ari_frames import frame, response_of
from ...wire.ari_http import credentials
from ...wire.ari_rest import Request, Response, error_of
from .http import ANSWER_S, Batch, unreachable

LOG = logging.getLogger(__name__)

HANDSHAKE_S = 3.0
"""How long Asterisk may take to open the WebSocket."""

SILENCE_S = 3.0
"""So long without a frame, with pings unanswered, and the connection is given up."""

WATCH_S = 0.25
"""How often silence and overdue answers are looked for; every fourth time a ping is sent."""

PING_EVERY = 4
"""Looks between two pings: one a second."""

MOST_FRAME = 16 * 1024 * 1024
"""Longest frame taken, in bytes: `GET /channels` of a full PBX fits."""

Event = dict[str, Any]
"""An event as Asterisk wrote it; `type` names its kind."""


class EventSocket:
    """One WebSocket from `open` until `gone`; never opened twice."""

    def __init__(self, server: AriServer, app: str, tls: ssl.SSLContext | None, hear: Callable[[Event], None]) -> None:
        self.gone = asyncio.Event()
        """Set when the connection has ended, a clean close included."""
        self.why = ""
        """Why it ended."""
        self._server, self._app, self._tls, self._hear = server, app, tls, hear
        self._loop = asyncio.get_running_loop()
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse[bool] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._waiting: dict[str, Batch] = {}
        self._sent = 0
        self._odd = False  # whether it was told that something was no event
        self._heard_s = self._looked_s = self._loop.time()

    async def open(self) -> None:
        """Connect; the application is registered when this returns. Raises AriError."""
        where = str(self._server)
        try:
            self._socket = await asyncio.wait_for(self._connect(), HANDSHAKE_S)
        except aiohttp.WSServerHandshakeError as refusal:
            answer = Response(refusal.status, refusal.message)
            raise _refusal(answer, self._app, where) from None
        except asyncio.TimeoutError:
            raise AriUnavailableError("does not open the WebSocket of events", where=where) from None
        except aiohttp.ClientSSLError as fault:
            raise unreachable(ssl.SSLError(1, str(fault)), where) from None
        except (aiohttp.ClientError, OSError) as fault:
            raise unreachable(fault, where) from None
        self._heard_s = self._looked_s = self._loop.time()
        self._tasks = [self._loop.create_task(self._read(self._socket)), self._loop.create_task(self._watch())]

    def send(self, requests: Sequence[Request]) -> asyncio.Future[list[Response]]:
        """Write the requests as frames, one after another and at once; Asterisk does them in order."""
        batch = Batch(len(requests), self._loop.time(), self._loop.create_future())
        if self._socket is None or self.why:
            batch.fail(AriUnavailableError(f"not connected: {self.why}", where=str(self._server)))
            return batch.future
        for request in requests:
            self._sent += 1
            transaction = str(self._sent)
            self._waiting[transaction] = batch
            _now(self._socket.send_str(frame(request, transaction)))
        return batch.future

    async def close(self, why: str = "closed") -> None:
        """End the connection."""
        self.end(why)
        await ended(*self._tasks)
        if self._session is not None:
            with suppress(aiohttp.ClientError, OSError, asyncio.TimeoutError):
                if self._socket is not None:
                    await asyncio.wait_for(self._socket.close(), 0.5)
            await self._session.close()

    async def _connect(self) -> aiohttp.ClientWebSocketResponse[bool]:
        server = self._server
        host = f"[{server.host}]" if ":" in server.host else server.host
        url = f"{'wss' if server.tls else 'ws'}://{host}:{server.port}{server.prefix}/ari/events"
        self._session = aiohttp.ClientSession(
            headers={"Authorization": credentials(server.username, server.secret)},
            timeout=aiohttp.ClientTimeout(total=None),
        )
        return await self._session.ws_connect(
            url, params={"app": self._app}, autoping=False, autoclose=False, compress=0, max_msg_size=MOST_FRAME,
            ssl=self._tls or True,
        )  # fmt: skip

    async def _read(self, socket: aiohttp.ClientWebSocketResponse[bool]) -> None:
        """Hand on what comes until nothing does; a clean close is a loss like any other."""
        try:
            while True:
                message = await socket.receive()
                self._heard_s = self._loop.time()
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._took(message.data)
                elif message.type is aiohttp.WSMsgType.PING:
                    await socket.pong(message.data)  # one who pings and does not read is not read any more, either
                elif message.type is aiohttp.WSMsgType.ERROR:
                    return self.end(f"the connection was lost: {message.data}")
                elif message.type not in (aiohttp.WSMsgType.PONG, aiohttp.WSMsgType.BINARY):
                    return self.end("Asterisk closed the connection")
        except (aiohttp.ClientError, OSError) as fault:
            self.end(f"the connection was lost: {fault}")
        except Exception as fault:  # ours: the next connection may do better
            LOG.exception("a fault of ours in what %s sent", self._server)
            self.end(f"a fault of ours: {type(fault).__name__}")

    def _took(self, text: str | bytes) -> None:
        try:
            event = json.loads(text)
            kind = event["type"]
            if not isinstance(kind, str):
                raise TypeError("a kind that is no text")
        except (ValueError, KeyError, TypeError, RecursionError):
            if not self._odd:
                LOG.warning("%s sent something that is no event; left aside, and so is more of it", self._server)
            self._odd = True
            return
        if kind == "RESTResponse":
            transaction, response = response_of(event)
            batch = self._waiting.pop(transaction, None)
            if batch is not None:
                batch.take(response)
            return
        self._hear(event)
        if kind == "ApplicationReplaced" and event.get("application") == self._app:
            self.end(TAKEN_OVER)

    async def _watch(self) -> None:
        """Ping, and give the connection up when nothing came for too long."""
        looks = 0
        while not self.why:
            await asyncio.sleep(WATCH_S)
            now_s = self._loop.time()
            if now_s - self._looked_s > WATCH_S + 1.0:  # we stood still ourselves: what came meanwhile is not read yet
                self._heard_s = now_s
            self._looked_s = now_s
            if now_s - self._heard_s > SILENCE_S:
                return self.end(f"silent for {SILENCE_S:.0f} s")
            for batch in {id(batch): batch for batch in self._waiting.values()}.values():
                if now_s - batch.since_s > ANSWER_S:
                    batch.fail(AriUnavailableError(f"no answer within {ANSWER_S:.0f} s", where=str(self._server)))
            self._waiting = {at: batch for at, batch in self._waiting.items() if not batch.future.done()}
            looks += 1
            if looks % PING_EVERY == 0 and self._socket is not None:
                _now(self._socket.ping())

    def end(self, why: str) -> None:
        """Hear nothing more; `close` ends the connection itself."""
        self.why = self.why or why
        waiting, self._waiting = self._waiting, {}
        for batch in waiting.values():
            batch.fail(AriUnavailableError(f"{why}; it may have been carried out", where=str(self._server)))
        self.gone.set()


TAKEN_OVER = "another client took the application over"
"""Why a connection ends when a second client opens the same application."""


def _now(writing: Coroutine[Any, Any, None]) -> None:
    """Write a frame at once, without a task.

    An uncompressed frame is in the transport before aiohttp waits for anything; what it would wait for is room in the
    transport, and we never have more in flight than Asterisk answers in `ANSWER_S`.
    """
    try:
        writing.send(None)
    except StopIteration:
        return
    except (aiohttp.ClientError, OSError):
        return  # the reader tells of it
    writing.close()


def _refusal(answer: Response, app: str, where: str) -> AriError:
    """What a refused handshake says."""
    refused = error_of(Request("GET", "/events"), answer)
    if isinstance(refused, AriRefusedError):
        return AriRefusedError(refused.problem, status=answer.status, where=where, remedy=refused.remedy)
    remedy = f"is res_ari enabled in ari.conf, and may this user open the application {app!r}?"
    return AriError(refused.problem, status=answer.status, where=where, remedy=remedy)
