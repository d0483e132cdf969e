"""panoramisk's manager connection with our own reading: its action table is kept, its parser and its timers are not.

panoramisk 1.4 decodes each piece of the stream alone and loses a letter split between two, spends 50 us on an event,
sends unanswered actions again after a reconnect, and does not notice a peer that has gone silent. So bytes go through
`wire/ami_stream`, only responses become its messages, a connection that ends forgets what was asked on it, and a
new connection is a new manager (`feeds/ami_feed` says when).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from panoramisk.actions import Action as SentAction  # type: ignore[import-untyped]
from panoramisk.ami_protocol import AMIProtocol  # type: ignore[import-untyped]
from panoramisk.manager import Manager  # type: ignore[import-untyped]
from panoramisk.message import Message  # type: ignore[import-untyped]

from ..errors import AmiError
from ..settings import AmiServer
from ..wire.ami_actions import Action
from ..wire.ami_dialplan import DIALPLAN_ROWS
from ..wire.ami_events import KINDS
from ..wire.ami_listing import STATUS_ROWS, SUMMARY_ROWS
from ..wire.ami_stream import Block, BlockReader

EVENT_CLASS = "agent"
"""The only class of events asked for at login: everything about queues, and a tenth of what a call makes."""

MOST_UNANSWERED = 500
"""Actions that may wait for their response; a PBX that answers none is noticed long before."""

AT_ONCE_BYTES = 16_384
"""How much is read before calls have their turn: some forty events, two milliseconds.

A PBX that floods us (a daemon that had stood still, a storm of events) may have 8 MB ready at once: read in one piece
it would hold every call up for a second or more, past the guard of the dialplan.
"""

WANTED = (*KINDS, *STATUS_ROWS, *SUMMARY_ROWS, *DIALPLAN_ROWS)
"""Events that are read; all others are dropped undecoded."""


class LineProtocol(AMIProtocol):  # type: ignore[misc]
    """The bytes of one connection: blocks go to `took` at once, responses from there to `settle`."""

    def __init__(self, took: Callable[[list[Block]], None], lost: Callable[[str], None]) -> None:
        self.received = 0
        """Pieces that came so far: while it grows, the PBX lives."""
        self.transport: asyncio.Transport | None = None
        """The connection; None before it is made."""
        self.responses: dict[str, SentAction] = {}
        """Actions that wait for their response, by their ID."""
        self._took, self._lost = took, lost
        self._reader = BlockReader(WANTED)
        self._left = b""
        self._why = ""

    @property
    def interface_version(self) -> str:
        """Version of the manager interface, from its greeting: 5 for Asterisk 16, 11 for 22."""
        return self._reader.version

    def data_received(self, data: bytes) -> None:
        """Take what arrived; whatever it holds, nothing is raised: what cannot be read ends the connection.

        Of much at once a part, and the next one after calls have had their turn; nothing more is read meanwhile.
        """
        self.received += 1
        if self._left:
            self._left += data
        elif len(data) <= AT_ONCE_BYTES:
            self._read(data)
        elif self.transport is not None and not self.transport.is_closing():
            self._left = data
            self.transport.pause_reading()
            self._read_on()

    def _read_on(self) -> None:
        """Read the next part of what is left."""
        part, self._left = self._left[:AT_ONCE_BYTES], self._left[AT_ONCE_BYTES:]
        self._read(part)
        if self.transport is None or self.transport.is_closing():
            self._left = b""
        elif self._left:
            asyncio.get_running_loop().call_soon(self._read_on)
        else:
            self.transport.resume_reading()

    def _read(self, data: bytes) -> None:
        try:
            self._took(self._reader.feed(data))
        except AmiError as fault:
            self.abort(str(fault))
        except Exception as fault:  # of ours: what the state is now nobody knows, a new snapshot will say it
            self.log.exception("a fault of ours while reading the manager interface")
            self.abort(f"a fault of ours: {type(fault).__name__}")

    def send(self, data: Action, as_list: bool | None = None) -> asyncio.Future[Any]:
        """Send one action; the future of its response, cancelled when the connection ends before."""
        sent = SentAction(data, as_list=False)
        future: asyncio.Future[Any] = sent.future
        if self.transport is None or self.transport.is_closing() or len(self.responses) >= MOST_UNANSWERED:
            future.cancel()
        else:
            self.responses[sent.id] = sent
            self.transport.write(str(sent).encode())
        return future

    def settle(self, fields: dict[str, str]) -> None:
        """Give a response to whoever asked."""
        self.handle_message(Message(fields))

    def forget(self, future: asyncio.Future[Any]) -> None:
        """Wait no longer for a response."""
        future.cancel()
        self.responses = {key: sent for key, sent in self.responses.items() if sent.future is not future}

    def abort(self, why: str) -> None:
        """End the connection at once, whatever is still on its way."""
        self._why = self._why or why
        if self.transport is not None:
            self.transport.abort()

    def close(self) -> None:
        """End the connection; nothing asked on it is asked again."""
        self.closed = True
        if self.transport is not None:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended; whoever waits for a response is told."""
        self.closed = True
        self.transport = None
        for sent in self.responses.values():
            sent.future.cancel()
        self.responses.clear()
        reason = getattr(exc, "strerror", None) or (str(exc) if exc else "closed by the PBX")
        self._lost(self._why or reason)


class LineManager(Manager):  # type: ignore[misc]
    """panoramisk's manager for the length of one connection: it logs in, and connects no second time."""

    def __init__(self, server: AmiServer, log: Any, watch_s: float, watch: Callable[[], None]) -> None:
        super().__init__(
            loop=asyncio.get_running_loop(),
            username=server.username,
            secret=server.secret,
            events=EVENT_CLASS,
            log=log,
        )
        self.ping_delay = self.ping_interval = watch_s
        self._watch = watch

    def login(self, future: asyncio.Future[Any]) -> bool:
        """Note what became of the login; whoever awaits `authenticated_future` says it."""
        self.authenticated = not future.cancelled() and bool(future.result().success)
        return self.authenticated

    def ping(self) -> None:
        """Look after the connection, every `watch_s`."""
        self.pinger = self.loop.call_later(self.ping_interval, self.ping)
        self._watch()
