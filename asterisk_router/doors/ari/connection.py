"""One Stasis application of one PBX: what it tells, what is said to it, and what to do when it is away."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from ...ending import ended
from ...errors import AriError, AriRefusedError, AriUnavailableError
from ...settings import AriServer
from ...wire.ari_rest import Request, Response, checked, error_of
from .abilities import Abilities
from .hearers import Hearers
from .link import AriLink, Send, Transport
from .websocket import Event

LOG = logging.getLogger(__name__)

Handler = Callable[[Event], Awaitable[None] | None]
"""What hears an event; a plain function is called at once, a coroutine function in a task of its own."""

Connected = TypeVar("Connected", bound="AriConnection")

RETRY_FIRST_S, RETRY_MAX_S = 0.1, 2.0
"""Pause before connecting again, doubled up to the second after every failure, each with a random part."""

REFUSED_S = 30.0
"""Pause after Asterisk refused us, or after another client took the application over: two would take turns."""

STEADY_S = 5.0
"""A connection that lasted this long makes the next pause short again."""


class AriConnection:
    """Stays connected through whatever happens to PBX and connection; requests go out and events come in."""

    def __init__(
        self,
        server: AriServer,
        app: str = "",
        *,
        transport: Transport = "auto",
        event_filter: Sequence[str] = (),
    ) -> None:
        """Make a client; `open` or `start` connects it.

        `app` is that of the address unless given. `event_filter` names the kinds of events wanted, all when empty:
        every other kind is not even written by Asterisk (16.3 and later).
        """
        self.server = server
        """The PBX."""
        self.app = app or server.app
        """The Stasis application; one name is one client: a second one takes it over."""
        self.before_join: Callable[[Send], Awaitable[None]] | None = None
        """Called at every connect, before the application is ours, with what sends requests; an AriError it raises is
        a connection that cannot be had, and others are as little."""
        self.on_connect: Callable[[], Awaitable[None] | None] | None = None
        """Called after every connect, the filter set: the place to sweep calls left inside."""
        self.on_lost: Callable[[str], Awaitable[None] | None] | None = None
        """Called when the connection is lost or cannot be had, with the reason; once for each reason."""
        self.on_taken_over: Callable[[], Awaitable[None]] | None = None
        """Called when another client took the application over: no event comes any more, but requests can be sent
        until it returns."""
        self._transport, self._filter = transport, tuple(event_filter)
        self._hearers = Hearers()
        self._link: AriLink | None = None
        self._abilities = Abilities()
        self._why, self._told = "no connection was made yet", ""
        self._keeper: asyncio.Task[None] | None = None
        self._first: asyncio.Future[None] | None = None
        # made once, for it reads every authority this system knows; whose certificate is not known gets no secret
        self._tls = ssl.create_default_context() if server.tls else None

    @property
    def connected(self) -> bool:
        """Whether events come in and requests can be sent; after a take-over only these, until all is said."""
        return self._link is not None and (not self._link.gone.is_set() or self._link.taken_over)

    @property
    def version(self) -> str:
        """Version of the Asterisk last connected to, e.g. `22.10.1`; empty before the first."""
        return self._abilities.version

    @property
    def sets_many_variables(self) -> bool:
        """Whether it sets several variables in one request (20.20, 22.10, 23.4)."""
        return self._abilities.sets_many_variables

    @property
    def broadcasts(self) -> bool:
        """Whether it has StasisBroadcast() and `POST /events/claim` (20.20, 22.10, 23.4)."""
        return self._abilities.broadcasts

    async def open(self) -> None:
        """Connect and stay connected until `close`; raises AriError when the first connection cannot be had."""
        if self.connected:
            return
        self._first = asyncio.get_running_loop().create_future()
        self.start()
        try:
            await self._first
        except BaseException:
            await self.close()
            raise

    def start(self) -> None:
        """Connect, now and whenever the connection is lost, inside the running event loop; waits for nothing."""
        if self._keeper is None:
            self._keeper = asyncio.get_running_loop().create_task(self._keep())

    def leave(self, why: str) -> None:
        """Give the application up, and come back to it after a pause: Asterisk hands us nothing meanwhile."""
        if self._link is not None:
            self._link.leave(why)

    async def close(self) -> None:
        """Disconnect for good; requests still in flight fail, and so do handlers still at work."""
        if self._keeper is not None:
            await ended(self._keeper)
        self._keeper, self._why = None, "closed"
        await self._hearers.close()

    async def __aenter__(self: Connected) -> Connected:
        await self.open()
        return self

    async def __aexit__(self, *fault: object) -> None:
        await self.close()

    def on_event(self, kind: str, handler: Handler) -> Callable[[], None]:
        """Have `handler` hear every event of that kind (`*`: of every kind); the result ends it when called.

        >>> from asterisk_router.ari import AriClient, parse_ari
        >>> client = AriClient(parse_ari("ari://router:s3cret@127.0.0.1/router"))
        >>> forget = client.on_event("StasisStart", lambda event: print(event["channel"]["name"]))
        """
        return self._hearers.add(kind, handler)

    async def request(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> Any:
        """Send one request and return its JSON, None where there is none; raises AriError."""
        request = Request(method, path, query, body)
        return checked(request, (await self.send([request]))[0])

    async def fetch(self, path: str) -> bytes:
        """Get a file, e.g. of a recording; raises AriError."""
        request = Request("GET", path)
        if self._link is None:
            raise self._away()
        (response,) = await self._link.send_by_http([request])
        if not response.ok:
            raise error_of(request, response)
        return response.body

    def send(self, requests: Sequence[Request]) -> asyncio.Future[list[Response]]:
        """Send several requests in one write, at once; Asterisk does them in order, also when one fails.

        The future has a response for each, whatever its status; it has AriUnavailableError when there is no
        connection or it is lost before the last one. Between two calls of `send` no order is kept. What cannot be
        written as a request raises AriError at once.
        """
        if self._link is not None and requests:
            return self._link.send(requests)
        done: asyncio.Future[list[Response]] = asyncio.get_running_loop().create_future()
        if requests:
            done.set_exception(self._away())
            done.exception()  # who does not wait for it is not warned of it
        else:
            done.set_result([])
        return done

    def _away(self) -> AriUnavailableError:
        return AriUnavailableError(f"not connected: {self._why}", where=str(self.server))

    async def _keep(self) -> None:
        """Connect whenever there is no connection; pauses grow and differ, so that clients do not come in step."""
        pause_s = RETRY_FIRST_S
        loop = asyncio.get_running_loop()
        while True:
            began_s, stay_away, fault = loop.time(), False, None
            try:
                stay_away = await self._follow()
            except AriError as refusal:
                self._why, fault, stay_away = str(refusal), refusal, isinstance(refusal, AriRefusedError)
            except Exception as ours:  # the next connection may do better
                LOG.exception("a fault of ours on the way to %s", self.server)
                self._why = f"a fault of ours: {type(ours).__name__}"
                fault = AriError(self._why, where=str(self.server))
            if self._first is not None and not self._first.done() and fault is not None:
                self._first.set_exception(fault)
                return
            self._tell_lost()
            pause_s = RETRY_FIRST_S if loop.time() - began_s > STEADY_S else min(pause_s * 2, RETRY_MAX_S)
            await asyncio.sleep((REFUSED_S if stay_away else pause_s) * random.uniform(0.5, 1.5))

    async def _follow(self) -> bool:
        """One connection from beginning to end; whether to stay away for a while. Raises AriError."""
        link = AriLink(self.server, self.app, self._transport, self._filter, self._tls, self._heard)
        try:
            await link.open(self._opened, self.before_join)
            self._told = ""
            LOG.info("connected to %s, Asterisk %s", self.server, link.abilities.version)
            if self._first is not None and not self._first.done():
                self._first.set_result(None)
            if self.on_connect is not None:
                self._hearers.call(self.on_connect)
            await link.gone.wait()
            self._why = link.why
            if link.taken_over and self.on_taken_over is not None:
                await self.on_taken_over()
            return link.taken_over
        finally:
            self._link = None
            await link.close()

    def _heard(self, event: Event) -> None:
        self._hearers.tell(event["type"], event)

    def _opened(self, link: AriLink) -> None:
        """Requests can be sent: before the first event is heard, whose handler may answer at once."""
        self._link, self._abilities = link, link.abilities

    def _tell_lost(self) -> None:
        """Tell whoever listens, unless this is what they were told last."""
        if self._why != self._told:
            self._told = self._why
            LOG.warning("lost %s: %s", self.server, self._why)
            if self.on_lost is not None:
                self._hearers.call(self.on_lost, self._why)
