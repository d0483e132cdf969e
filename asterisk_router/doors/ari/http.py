"""REST by HTTP on connections that are kept open: several requests in one write, many writes in flight at once.

Asterisk gives every connection a thread and answers in order there, so a connection on which something takes its time
is passed by. Bytes are written and read here, not by aiohttp, whose client takes most of the time of a
request (docs/decisions/ari.md).
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections import deque
from collections.abc import Sequence
from typing import cast

from ...errors import AriError, AriUnavailableError
from ...settings import AriServer
from ...wire.ari_http import HttpReader, HttpWriter, credentials
from ...wire.ari_rest import Request, Response

MOST_CONNECTIONS = 8
"""Connections to one Asterisk; its own limit for everybody is 100 (`session_limit` in http.conf)."""

STUCK_S = 0.002
"""A connection whose oldest batch waits longer than this takes no more: Asterisk is at something that takes its time.

Short of it, one more batch behind the others is faster than waking another thread of Asterisk's: ten requests took
335 us on one connection and 750 us on eight.
"""

WARM_S = 5.0
"""So long without a request, and a ping is sent: Asterisk closes what is idle for 15 s (`session_keep_alive`)."""

ANSWER_S = 5.0
"""How long Asterisk may take for a response; then its connection is given up."""


PING = Request("GET", "/asterisk/ping")


class Batch:
    """Requests written together, and their responses so far."""

    __slots__ = ("count", "future", "responses", "since_s")

    def __init__(self, count: int, since_s: float, future: asyncio.Future[list[Response]]) -> None:
        self.count = count
        """How many there are."""
        self.since_s = since_s
        """When they were written, by the loop's clock."""
        self.future = future
        """Done with the last response."""
        self.responses: list[Response] = []
        """What came so far, in the order of the requests."""

    def take(self, response: Response) -> bool:
        """Take one response; whether it was the last."""
        self.responses.append(response)
        if len(self.responses) < self.count:
            return False
        if not self.future.done():
            self.future.set_result(self.responses)
        return True

    def fail(self, fault: AriError) -> None:
        """There will be no more."""
        if not self.future.done():
            self.future.set_exception(fault)
            self.future.exception()  # who does not wait for it is not warned of it


class HttpConnection(asyncio.Protocol):
    """One connection; what is sent before it is open is written when it is."""

    def __init__(self, loop: asyncio.AbstractEventLoop, where: str) -> None:
        self._loop, self._where = loop, where
        self._reader = HttpReader()
        self._waiting: deque[Batch] = deque()
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []
        self.ended = False
        """Whether nothing can be sent here any more."""

    @property
    def load(self) -> int:
        """Batches that wait for responses here."""
        return len(self._waiting)

    def send(self, written: bytes, batch: Batch) -> None:
        """Write the requests of a batch."""
        self._waiting.append(batch)
        if self._transport is None:
            self._early.append(written)
        else:
            self._transport.write(written)

    def waited_s(self, now_s: float) -> float:
        """How long the oldest batch here has waited; 0 when there is none."""
        return now_s - self._waiting[0].since_s if self._waiting else 0.0

    def late(self, now_s: float) -> None:
        """Give the connection up when its oldest batch waits too long."""
        if self.waited_s(now_s) > ANSWER_S:
            self._end(f"no answer within {ANSWER_S:.0f} s")

    def end(self, fault: AriUnavailableError) -> None:
        """Close; what waits fails with `fault`."""
        self.ended = True
        if self._transport is not None:
            self._transport.abort()
        waiting, self._waiting = self._waiting, deque()
        for batch in waiting:
            batch.fail(fault)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Write what came early."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        if self.ended:
            self._transport.abort()
        elif self._early:
            self._transport.write(b"".join(self._early))
            self._early.clear()

    def data_received(self, data: bytes) -> None:
        """Hand responses to the batches that wait for them, in order."""
        try:
            for response in self._reader.feed(data):
                if not self._waiting:
                    raise AriError("answers what was not asked")
                if self._waiting[0].take(response):
                    self._waiting.popleft()
        except AriError as fault:
            self._end(fault.problem)
        if self._reader.closes:
            problem = "Asterisk closes every connection after one answer; the next request was not carried out"
            remedy = "session_keep_alive in http.conf must not be 0"
            self.end(AriUnavailableError(problem, where=self._where, remedy=remedy))

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what waits."""
        self._end("the connection was closed" if exc is None else f"the connection was lost: {exc}")

    def _end(self, why: str) -> None:
        self.end(AriUnavailableError(f"{why}; it may have been carried out", where=self._where))


class HttpPool:
    """The connections to one Asterisk; opened when they are needed, kept as long as Asterisk keeps them."""

    def __init__(self, server: AriServer, tls: ssl.SSLContext | None) -> None:
        self._server, self._tls = server, tls
        self._loop = asyncio.get_running_loop()
        authorization = credentials(server.username, server.secret)
        self._writer = HttpWriter(server.host, server.port, server.prefix, authorization)
        self._connections: list[HttpConnection] = []
        self._used_s = self._loop.time()
        self._opening: set[asyncio.Task[None]] = set()

    def send(self, requests: Sequence[Request]) -> asyncio.Future[list[Response]]:
        """Write the requests on one connection, at once; their order is kept."""
        written = b"".join(map(self._writer.write, requests))
        self._used_s = now_s = self._loop.time()
        batch = Batch(len(requests), now_s, self._loop.create_future())
        self._prompt(now_s).send(written, batch)
        return batch.future

    def look(self) -> None:
        """Give up connections whose answers are overdue, and keep one from being closed idle; called now and then.

        A request that meets Asterisk closing an idle connection is lost, and with it the time of a call.
        """
        now_s = self._loop.time()
        for connection in self._connections:
            connection.late(now_s)
        if now_s - self._used_s > WARM_S:
            self.send([PING])

    def close(self, why: str) -> None:
        """Close all; what waits fails."""
        for opening in self._opening:
            opening.cancel()
        for connection in self._connections:
            connection.end(AriUnavailableError(f"{why}; it may have been carried out", where=str(self._server)))
        self._connections.clear()

    def _prompt(self, now_s: float) -> HttpConnection:
        """The first connection on which nothing is stuck; a new one when something is on all of them."""
        self._connections = [connection for connection in self._connections if not connection.ended]
        for connection in self._connections:
            if connection.waited_s(now_s) < STUCK_S:
                return connection
        if len(self._connections) >= MOST_CONNECTIONS:
            return min(self._connections, key=lambda connection: connection.load)
        opened = HttpConnection(self._loop, str(self._server))
        self._connections.append(opened)
        task = self._loop.create_task(self._open(opened))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        return opened

    async def _open(self, connection: HttpConnection) -> None:
        host, port = self._server.host, self._server.port
        try:
            await self._loop.create_connection(lambda: connection, host, port, ssl=self._tls)
        except (OSError, ssl.SSLError, ValueError) as fault:  # ValueError: what is no name of a host
            connection.end(unreachable(fault, str(self._server)))
        except asyncio.CancelledError:
            connection.end(AriUnavailableError("closed", where=str(self._server)))
            raise


def unreachable(fault: Exception, where: str) -> AriUnavailableError:
    """What kept a connection from being made, in words for people, with what to do."""
    if isinstance(fault, ssl.SSLError):
        remedy = "the PBX's certificate authority must be among this system's, or in the file SSL_CERT_FILE names"
        return AriUnavailableError(f"no encrypted connection: {fault.reason or fault}", where=where, remedy=remedy)
    remedy = "is Asterisk up, and are enabled, bindaddr and bindport of its http.conf as said here?"
    number = getattr(fault, "errno", None)
    words = os.strerror(number) if isinstance(number, int) and number > 0 else str(fault)
    return AriUnavailableError(f"cannot connect: {words}", where=where, remedy=remedy)
