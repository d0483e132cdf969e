"""The ARI client: what is said to Asterisk, what it tells, and what to do when it is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal

from ...settings import AriServer
from ...wire.ari_rest import Request, Response

Event = dict[str, Any]
"""An event as Asterisk wrote it; `type` names its kind."""

Handler = Callable[[Event], Awaitable[None] | None]
"""What hears an event; a plain function is called at once, a coroutine function in a task of its own."""


class AriClient:
    """One Stasis application of one PBX, through whatever happens to PBX and connection."""

    def __init__(
        self,
        server: AriServer,
        app: str = "",
        *,
        transport: Literal["auto", "http", "websocket"] = "auto",
        event_filter: Sequence[str] = (),
    ) -> None:
        self.server = server
        """The PBX."""
        self.app = app or server.app
        """The Stasis application; one name is one client: a second one takes it over."""
        self.on_connect: Callable[[], Awaitable[None] | None] | None = None
        """Called after every connect, the filter set: the place to sweep calls left inside."""
        self.on_lost: Callable[[str], Awaitable[None] | None] | None = None
        """Called when the connection is lost, with the reason."""

    @property
    def connected(self) -> bool:
        """Whether events come in and requests can be sent."""
        raise NotImplementedError

    @property
    def version(self) -> str:
        """Version of the Asterisk connected to, e.g. `22.10.0`."""
        raise NotImplementedError

    @property
    def sets_many_variables(self) -> bool:
        """Whether this Asterisk sets several variables in one request (20.20, 22.10, 23.4)."""
        raise NotImplementedError

    @property
    def broadcasts(self) -> bool:
        """Whether this Asterisk has StasisBroadcast and `POST /events/claim` (20.20, 22.10, 23.4)."""
        raise NotImplementedError

    async def open(self) -> None:
        """Connect and stay connected until `close`; raises AriError when the first connection cannot be had."""
        raise NotImplementedError

    def start(self) -> None:
        """Connect, now and whenever the connection is lost, waiting for nothing (for a daemon)."""
        raise NotImplementedError

    async def close(self) -> None:
        """Disconnect for good; requests still in flight fail."""
        raise NotImplementedError

    async def __aenter__(self) -> AriClient:
        await self.open()
        return self

    async def __aexit__(self, *fault: object) -> None:
        await self.close()

    def on_event(self, kind: str, handler: Handler) -> Callable[[], None]:
        """Have `handler` hear every event of that kind (`*`: of every kind); the result ends it when called."""
        raise NotImplementedError

    async def request(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> Any:
        """Send one request and return its JSON, None where there is none; raises AriError."""
        raise NotImplementedError

    def send(self, requests: Sequence[Request]) -> asyncio.Future[list[Response]]:
        """Send several requests in one write, at once; Asterisk does them in order.

        The future has a response for each, whatever its status; it has AriUnavailableError when the connection is
        lost before the last one.
        """
        raise NotImplementedError
