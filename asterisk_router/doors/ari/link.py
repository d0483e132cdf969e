"""One connection to ARI from its first request to its end: abilities asked, events heard, requests sent."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from ...errors import AriError, AriUnavailableError
from ...settings import AriServer
from ...wire.ari_rest import Request, Response, checked, part
from .abilities import Abilities, asked, takes_frames
from .http import HttpPool
from .websocket import TAKEN_OVER, WATCH_S, Event, EventSocket

Transport = Literal["auto", "http", "websocket"]
"""How requests travel; `auto` is what is faster for the work at hand, see `AriLink.send`."""

Send = Callable[[Sequence[Request]], "asyncio.Future[list[Response]]"]
"""Sends requests in order, in one write."""

ALWAYS_HEARD = ("RESTResponse", "ApplicationReplaced")
"""Kinds every filter lets through: without them answers to frames, and the news of a take-over, would vanish."""

OPEN_S = 5.0
"""How long opening may take in all."""


class AriLink:
    """One connection; `open` once, then it lives until `gone`."""

    def __init__(
        self,
        server: AriServer,
        app: str,
        transport: Transport,
        event_filter: Sequence[str],
        tls: ssl.SSLContext | None,
        hear: Callable[[Event], None],
    ) -> None:
        self.abilities = Abilities()
        """What this Asterisk can do."""
        self._server, self._app, self._transport, self._filter = server, app, transport, event_filter
        self._http = HttpPool(server, tls)
        self._socket = EventSocket(server, app, tls, hear)
        self._watcher: asyncio.Task[None] | None = None

    @property
    def gone(self) -> asyncio.Event:
        """Set when the connection has ended."""
        return self._socket.gone

    @property
    def why(self) -> str:
        """Why it ended."""
        return self._socket.why

    @property
    def taken_over(self) -> bool:
        """Whether it ended because another client opened the same application."""
        return self._socket.why == TAKEN_OVER

    async def open(
        self, opened: Callable[[AriLink], None], before_join: Callable[[Send], Awaitable[None]] | None = None
    ) -> None:
        """Ask what Asterisk can do, open the WebSocket, set the filter; raises AriError.

        `before_join` is waited for before the WebSocket makes the application ours. `opened` is called when requests
        can be sent, before the first event is heard.
        """
        self._watcher = asyncio.get_running_loop().create_task(self._watch())
        try:
            await asyncio.wait_for(self._open(opened, before_join), OPEN_S)
        except asyncio.TimeoutError:
            raise AriUnavailableError("does not answer", where=str(self._server)) from None

    def send(self, requests: Sequence[Request]) -> asyncio.Future[list[Response]]:
        """Send several requests in one write.

        `auto` is HTTP: measured faster for one request, for ten in flight and for variables and `continue`
        (docs/decisions/ari.md).
        """
        if self._transport == "websocket":
            return self._socket.send(requests)
        return self._http.send(requests)

    def send_by_http(self, requests: Sequence[Request]) -> asyncio.Future[list[Response]]:
        """Send what only HTTP can answer: frames carry no files."""
        return self._http.send(requests)

    def leave(self, why: str) -> None:
        """Be gone, for a reason of ours."""
        self._socket.end(why)

    async def close(self) -> None:
        """End the connection; what waits for an answer fails."""
        why = self.why or "closed"
        if self._watcher is not None:
            self._watcher.cancel()
        self._http.close(why)
        await self._socket.close(why)

    async def _open(
        self, opened: Callable[[AriLink], None], before_join: Callable[[Send], Awaitable[None]] | None
    ) -> None:
        self.abilities = await asked(self._http, str(self._server))
        if before_join is not None:
            await before_join(self._http.send)
        opened(self)
        await self._socket.open()
        if self._filter:
            allowed = [{"type": kind} for kind in dict.fromkeys((*self._filter, *ALWAYS_HEARD))]
            request = Request("PUT", f"/applications/{part(self._app)}/eventFilter", None, {"allowed": allowed})
            checked(request, (await self._http.send([request]))[0])
        if self._transport == "websocket" and not await takes_frames(self._socket):
            raise AriError(
                f"Asterisk {self.abilities.version} takes no requests over the WebSocket",
                where=str(self._server),
                remedy="use transport 'auto' or 'http'; it can since 20.14, 21.9 and 22.4",
            )

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            self._http.look()
