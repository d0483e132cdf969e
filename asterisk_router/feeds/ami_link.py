"""One connection to a PBX from login to end: events heard, snapshots asked, acts carried out, silence noticed."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from ..errors import AmiError, ForgedBlockError
from ..queues.acts import Done
from ..queues.events import Event
from ..settings import AmiServer
from ..wire.ami_actions import Action, must_be_sayable
from ..wire.ami_dialplan import DIALPLAN_ROWS, DialplanListing
from ..wire.ami_events import event_of
from ..wire.ami_listing import STATUS_ROWS, SUMMARY_ROWS
from ..wire.ami_stream import Block
from .ami_protocol import LineManager, LineProtocol
from .ami_snapshots import Snapshots

LOG = logging.getLogger(__name__)

GREETING_S = 3.0
"""How long a PBX may take to accept, to greet and to let us in."""

SILENCE_S = 3.0
"""So long without a byte, with pings unanswered, and the connection is given up."""

WATCH_S = 0.25
"""How often silence is looked for; every fourth time a ping is sent."""

PING_EVERY = 4
"""Looks between two pings: one a second."""

ACT_S = 5.0
"""How long an act waits for Asterisk's word; it is never sent a second time."""

_ROWS = frozenset((*STATUS_ROWS, *SUMMARY_ROWS))


class LoginRefusedError(AmiError):
    """The PBX does not let us in with this user and secret, or from this address."""


class Hear(Protocol):
    """Who listens to a PBX; plain methods, called inside the event loop, none of which may wait."""

    def happened(self, event: Event, at_s: float) -> None:
        """Something changed in the queues; `at_s` is when it was read."""

    def heard(self, at_s: float) -> None:
        """The PBX answered a ping that was sent at `at_s`: what it had said by then has been told."""

    def lost(self, why: str) -> None:
        """The PBX is gone, or cannot be reached; told once for each reason, with its remedy where there is one."""


class AmiLink:
    """One connection; `open` once, then it lives until `gone`."""

    def __init__(self, server: AmiServer, hear: Hear, clock: Callable[[], float], tls: ssl.SSLContext | None) -> None:
        self.gone = asyncio.Event()
        """Set when the connection has ended."""
        self.why = ""
        """Why it ended."""
        self._server, self._hear, self._clock, self._tls = server, hear, clock, tls
        self._loop = asyncio.get_running_loop()
        self._protocol = LineProtocol(self._took, self._lost)
        self._manager = LineManager(server, LOG, WATCH_S, self._watch)
        self.snapshots = Snapshots(server, self._protocol.send, self._listed)
        """What is asked of its queues."""
        self.dialplan = DialplanListing()
        """What it says of its dialplan; only to whoever asks on this connection."""
        self._looks = 0
        self._received = -1
        self._heard_s = self._looked_s = self._loop.time()

    @property
    def version(self) -> str:
        """Version of the manager interface."""
        return self._protocol.interface_version

    async def open(self) -> None:
        """Connect, log in and ask for the first snapshot; raises AmiError, LoginRefusedError when not let in."""
        must_be_sayable("the user name", self._server.username)
        must_be_sayable("the secret", self._server.secret)
        host, port = self._server.host, self._server.port
        connecting = asyncio.ensure_future(
            self._loop.create_connection(lambda: self._protocol, host, port, ssl=self._tls)
        )
        try:
            await asyncio.wait({connecting}, timeout=GREETING_S)
            if not connecting.done():
                raise AmiError("does not accept connections", where=str(self._server))
            _raise_why(connecting.exception(), str(self._server))
            self._manager.connection_made(connecting)
            entering: asyncio.Future[Any] = self._manager.authenticated_future
            await asyncio.wait({entering}, timeout=GREETING_S)
        finally:
            connecting.cancel()
        if not entering.done() or entering.cancelled():
            raise AmiError(self.why or "does not answer the login", where=str(self._server))
        if not entering.result().success:
            raise LoginRefusedError(
                f"login refused: {entering.result().message}",
                where=str(self._server),
                remedy=f"[{self._server.username}] of manager.conf: the same secret, and a permit line for this host",
            )
        self.snapshots.ask()
        self._ping()

    async def ask(self, action: Action) -> Done:
        """Send one action and wait for its response, at most `ACT_S`; never raises for what the PBX does."""
        try:
            said = await self.response_to(action)
        except AmiError as fault:
            return Done(False, str(fault))
        return Done(bool(said.success), str(said.message))

    async def response_to(self, action: Action) -> Any:
        """The same, with all that the response says by name; raises AmiError when none comes."""
        if self.why:
            raise AmiError(f"not connected: {self.why}")
        asked = self._protocol.send(action)
        try:
            await asyncio.wait({asked}, timeout=ACT_S)
            if not asked.done():
                raise AmiError(f"no answer within {ACT_S:.0f} s; it may have been carried out")
        finally:
            self._protocol.forget(asked)
        if asked.cancelled():
            raise AmiError(f"not answered: {self.why or 'too much is waiting for an answer'}")
        return asked.result()

    def close(self) -> None:
        """End the connection."""
        self.why = self.why or "closed"
        self.snapshots.close()
        self._protocol.abort("closed")  # before close(): Python 3.11.2 cannot abort TLS that was closed twice
        self._manager.close()
        self.gone.set()

    def _took(self, blocks: list[Block]) -> None:
        """Tell what the blocks say, in order."""
        at_s = self._clock()
        for kind, fields, fault in blocks:
            if fault:
                self.snapshots.doubt(fault)
            elif kind in _ROWS:
                self.snapshots.row(kind, fields)
            elif kind in DIALPLAN_ROWS:
                self.dialplan.take(kind, fields)
            elif kind:
                try:
                    event = event_of(kind, fields)
                except ForgedBlockError as forged:
                    self.snapshots.doubt(str(forged))
                else:
                    self.snapshots.quiet = False
                    self._hear.happened(event, at_s)
            else:
                self._protocol.settle(fields)

    def _listed(self, event: Event) -> None:
        self._hear.happened(event, self._clock())

    def _watch(self) -> None:
        """Ping, and give the connection up when nothing came for too long."""
        now_s = self._loop.time()
        ours = now_s - self._looked_s > WATCH_S + 1.0  # we stood still ourselves: what came meanwhile is not read yet
        self._looked_s = now_s
        if ours or self._received != self._protocol.received:
            self._received, self._heard_s = self._protocol.received, now_s
        elif now_s - self._heard_s > SILENCE_S:
            self._protocol.abort(f"silent for {SILENCE_S:.0f} s")
            return
        self._looks += 1
        if self._looks % PING_EVERY == 0 and self._manager.authenticated:
            self._ping()

    def _ping(self) -> None:
        self._protocol.send({"Action": "Ping"}).add_done_callback(partial(self._pong, self._clock()))

    def _pong(self, sent_s: float, answer: asyncio.Future[Any]) -> None:
        if not answer.cancelled() and answer.result().success:
            self._hear.heard(sent_s)

    def _lost(self, why: str) -> None:
        self.why = self.why or why
        self.snapshots.close()
        self.gone.set()


def _raise_why(fault: BaseException | None, where: str) -> None:
    """Raise AmiError for what kept a connection from being made, in words for people."""
    if fault is None:
        return
    if isinstance(fault, ssl.SSLError):
        remedy = "the PBX's certificate authority must be among this system's, or in the file SSL_CERT_FILE names"
        raise AmiError(f"no encrypted connection: {fault.reason or fault}", where=where, remedy=remedy) from None
    if isinstance(fault, OSError):
        remedy = "is the PBX up, and are enabled, port and bindaddr of its manager.conf as said here?"
        raise AmiError(f"cannot connect: {fault.strerror or fault}", where=where, remedy=remedy) from None
    raise AmiError(f"cannot connect: {fault}", where=where) from None
