"""Asterisk's side of Stasis in memory, by its own rules: for orders of events that no real one can be made to keep.

Each application has one connection; its events wait until a test delivers them, as they do on a wire. Requests are
carried out at once. What the real one does stands in tests/live.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import quote, unquote

from asterisk_router.doors.application import Send
from asterisk_router.errors import AriUnavailableError
from asterisk_router.settings import AriServer
from asterisk_router.wire.ari_answer import PIECE
from asterisk_router.wire.ari_rest import Request, Response

Event = dict[str, Any]
APPS = ("router-a", "router-b")
NO_CONTENT, NOT_FOUND, CONFLICT = Response(204, "No Content"), Response(404, "Not Found"), Response(409, "Conflict")


class Connection:
    """What a door has of the PBX."""

    before_join: Callable[[Send], Awaitable[None]] | None = None
    on_connect: Callable[[], Awaitable[None] | None] | None = None
    on_lost: Callable[[str], Awaitable[None] | None] | None = None
    on_taken_over: Callable[[], Awaitable[None]] | None = None

    def __init__(self, pbx: ModelPbx, app: str) -> None:
        self.app = app
        self.server = AriServer("192.0.2.1", 8088, "router", "secret", app)
        self.connected = False
        self.events: deque[Event] = deque()
        self._pbx = pbx
        self._hearers: dict[str, Callable[[Event], Any]] = {}

    def on_event(self, kind: str, handler: Callable[[Event], Any]) -> Callable[[], None]:
        self._hearers[kind] = handler
        return lambda: None

    def start(self) -> None:
        self.connected = True

    async def close(self) -> None:
        self.connected = False

    def deliver(self) -> None:
        """One event reaches the daemon."""
        if self.connected and self.events:
            event = self.events.popleft()
            self._hearers[event["type"]](event)

    def leave(self, why: str) -> None:
        self.lose(why)

    def lose(self, why: str = "cut") -> None:
        """The connection is cut, and with it what was on its way."""
        if self.connected:
            self.connected = False
            self.events.clear()
            assert self.on_lost is not None
            self.on_lost(why)

    async def come_back(self) -> None:
        """Connected again."""
        if not self.connected:
            assert self.before_join is not None
            await self.before_join(self._send)
            self.connected = True
            assert self.on_connect is not None
            swept = self.on_connect()
            assert swept is not None
            await swept

    def send(self, requests: Sequence[Request]) -> asyncio.Future[list[Response]]:
        answered = self._send(requests)
        if not self.connected:
            answered.cancel()
        return answered

    def _send(self, requests: Sequence[Request]) -> asyncio.Future[list[Response]]:
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[list[Response]] = loop.create_future()
        responses = [self._pbx.broken or self._pbx.carried_out(request) for request in requests]
        if not self._pbx.silent:
            loop.call_soon(self._answer, answered, responses, self.connected)
        return answered

    def _answer(self, answered: asyncio.Future[list[Response]], responses: list[Response], was: bool) -> None:
        if answered.done():
            return
        if self.connected is was:
            answered.set_result(responses)
        else:
            answered.set_exception(AriUnavailableError("the connection was lost"))


class ModelPbx:
    """Calls in Stasis, and who has them."""

    def __init__(self) -> None:
        self.connections = {app: Connection(self, app) for app in APPS}
        self.inside: dict[str, str] = {}
        """Channel -> application; empty while it is offered to all."""
        self.variables: dict[str, dict[str, str]] = {}
        """Channel -> what it was told, read by its dialplan on the way out."""
        self.left: dict[str, str] = {}
        """The global variables."""
        self.sent_on: Counter[str] = Counter()
        """How often a channel went back to the dialplan by `continue`."""
        self.defaults: set[str] = set()
        """Channels that went on without us: nobody connected, hung up, the guard."""
        self.moments = 0
        self.broken: Response | None = None
        """What every request is answered, in place of being carried out."""
        self.silent = False
        """Whether requests get no response."""

    def call(self, channel: str, *, broadcast: bool = False) -> None:
        """A call reaches the step of the dialplan."""
        there = [connection for connection in self.connections.values() if connection.connected]
        if not there:
            self.defaults.add(channel)
        elif broadcast:
            self.inside[channel] = ""
            for connection in there:
                connection.events.append(self._event("CallBroadcast", channel))
        else:
            self._enter(channel, there[0].app)

    def leave(self, channel: str) -> None:
        """It hangs up, or the guard takes it."""
        if channel in self.inside:
            self.defaults.add(channel)
            self._out(channel)

    def carried_out(self, request: Request) -> Response:
        """What Asterisk does with a request, and answers."""
        if request.path == "/channels":
            return Response(200, "OK", json.dumps([self._shown(channel) for channel in self.inside]).encode())
        if request.path == "/events/claim":
            assert request.query is not None
            return self._claimed(request.query["channelId"], request.query["application"])
        if request.path == "/asterisk/variable":
            return self._left(**(request.body or request.query or {}))
        _, _, channel, act = request.path.split("/")
        channel = unquote(channel)
        if not self.inside.get(channel):
            return CONFLICT if channel in self.inside else NOT_FOUND
        assert act == "continue" and not request.query
        self.sent_on[channel] += 1
        if PIECE + channel in self.left:
            pairs = (pair.partition("=") for pair in self.left[PIECE + channel].split(","))
            self.variables[channel] = {name: value for name, _, value in pairs}
        self._out(channel)
        return NO_CONTENT

    def _left(self, variable: str, value: str | None = None) -> Response:
        if value is None:
            self.left.pop(variable, None)
        else:
            self.left[variable] = value
        return NO_CONTENT

    def _claimed(self, channel: str, app: str) -> Response:
        if channel not in self.inside:
            return NOT_FOUND
        if self.inside[channel]:
            return CONFLICT
        self._enter(channel, app)
        return NO_CONTENT

    def _enter(self, channel: str, app: str) -> None:
        self.inside[channel] = app
        self.connections[app].events.append(self._event("StasisStart", channel, args=[self._query(channel)]))

    def _out(self, channel: str) -> None:
        app = self.inside.pop(channel)
        if app and self.connections[app].connected:
            self.connections[app].events.append(self._event("StasisEnd", channel))

    def _event(self, kind: str, channel: str, **more: object) -> Event:
        self.moments += 1
        return {"type": kind, "timestamp": str(self.moments), "channel": self._shown(channel), **more}

    def _shown(self, channel: str) -> dict[str, Any]:
        data = f"{self.inside.get(channel)},{self._query(channel)}"
        return {"id": channel, "name": f"Local/{channel}", "dialplan": {"app_name": "Stasis", "app_data": data}}

    def _query(self, channel: str) -> str:
        return f"num={quote('+42125550100')}&uid={channel}"
