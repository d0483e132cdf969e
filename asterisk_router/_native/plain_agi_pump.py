"""Moves the bytes of all AGI connections over one epoll; plain twin of `ext/agi_pump.pyx`.

A call costs: accept, quick-ack, read, send, half-close, one registration, close. The sockets are handed in by the
door, and so is time, as ticks: a pump that was starved does not count the time in which it could not read.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from errno import EINVAL
from typing import Any

from ..wire.agi_session import AgiSession, AsteriskAtFaultError
from ..wire.incoming_call import IncomingCall

Socket = Any
"""A non-blocking `socket.socket`: every one comes from the door, for nothing here may open one."""

Asked = Callable[[int, IncomingCall], None]
"""Told the ticket of a connection and its call; a second time when the same call turned out tainted."""

_IPPROTO_TCP, _TCP_QUICKACK, _SHUT_WR, _MSG_NOSIGNAL, _MSG_MORE = 6, 12, 1, 0x4000, 0x8000
_READ_BYTES = 32768
_EVENTS_A_TURN = 512
_READS_A_TURN = 16
"""How many calls are read, and as a rule decided, before those who ring are heard: a few milliseconds' worth."""
_AT_ONCE = 4
"""How many of those who ring are read in the same turn, where nobody waits."""
_MOST_UNREAD = 256
"""How many may wait to be read: more than that is more than we can serve in time, and turned away at once."""
_TALK = select.EPOLLIN | select.EPOLLRDHUP
_END = select.EPOLLRDHUP


class _Connection:
    __slots__ = ("age", "session", "socket", "ticket", "watched")

    def __init__(self, ticket: int, accepted: Socket) -> None:
        self.ticket = ticket
        self.socket = accepted
        self.session = AgiSession()
        self.age = 0
        self.watched = 0


class Pump:
    """All connections of a door; the door looks after the calls, the pump after their bytes.

    `most` connections are held, one more is accepted and closed, unless `crowded`, told the descriptor of the listener
    it rings at, says that it has been shut; it is told as well of one that another process has shut. A connection gets
    `patience`: so many ticks to ask, so many to be answered (then `overdue` is told its ticket, once a tick), so many
    to close after the answer. `admits` is asked whether a peer's IP address may talk to us.
    """

    def __init__(
        self,
        asked: Asked,
        overdue: Callable[[int], None],
        admits: Callable[[str], bool],
        crowded: Callable[[int], bool],
        most: int,
        patience: tuple[int, int, int],
    ) -> None:
        self.accepted = 0
        """Connections taken."""
        self.crowded_out = 0
        """Connections accepted and closed: `most` were open, too many waited to be read, or no descriptor was left."""
        self.room = _MOST_UNREAD
        """How many may wait to be read; whoever knows how fast they are served may change it."""
        self.unread = 0
        """Connections that are left to be read in this turn or by the last one, or were accepted since."""
        self.foreign = 0
        """Connections closed because their peer is not admitted."""
        self.unfinished = 0
        """Connections that ended or fell silent inside the environment."""
        self.hung_up = 0
        """Calls that were over before their answer: Asterisk closed, or gave up under its guard and said so."""
        self.undelivered = 0
        """Answers that could not be sent."""
        self._asked = asked
        self._overdue = overdue
        self._admits = admits
        self._crowded = crowded
        self._most = most
        self._patience = dict(zip(("asking", "deciding", "draining"), patience, strict=True))
        self._epoll = select.epoll()
        self._listeners: dict[int, Socket] = {}
        self._paused: list[int] = []
        self._connections: dict[int, _Connection] = {}
        self._by_descriptor: dict[int, _Connection] = {}
        self._reading: _Connection | None = None

    def fileno(self) -> int:
        """The descriptor that is readable whenever `turn` has something to do."""
        return self._epoll.fileno()

    def open(self) -> int:
        """How many connections are open now."""
        return len(self._connections)

    def busy(self) -> bool:
        """Whether there is anything that ticks: connections, or listeners that wait for a descriptor."""
        return bool(self._connections or self._paused)

    def listen(self, listener: Socket) -> None:
        """Accept from `listener` (non-blocking) until `unlisten` or `deafen`."""
        self._listeners[listener.fileno()] = listener
        self._epoll.register(listener.fileno(), select.EPOLLIN)

    def unlisten(self, listener: int) -> None:
        """Accept no more from a listener, told by its descriptor."""
        del self._listeners[listener]
        self._epoll.unregister(listener)

    def deafen(self) -> None:
        """Accept no more; calls at hand go on."""
        for listener in list(self._listeners):
            self.unlisten(listener)
        self._paused.clear()

    def close(self) -> None:
        """Drop every connection and the epoll itself."""
        for connection in list(self._connections.values()):
            self._drop(connection)
        self._epoll.close()

    def turn(self) -> None:
        """Handle whatever is ready: ends and questions first, then new connections.

        Under more calls than we can serve each turn stays short: some are read, all who ring are taken from the
        kernel, and those for whom there is no time are turned away, which sends them to their default in milliseconds.
        """
        ringing, reads, ready = [], 0, self._epoll.poll(0, _EVENTS_A_TURN)
        self.unread = sum(self._asks(descriptor) for descriptor, _ in ready)
        for descriptor, _ in ready:
            if descriptor in self._listeners:
                # after the others: a new connection may get the descriptor of one that ended in this turn
                ringing.append(self._listeners[descriptor])
                continue
            connection = self._by_descriptor.get(descriptor)
            if connection is None:
                continue
            if connection.session.state == "draining":
                self._drop(connection)
            elif connection.session.state != "asking":
                self._read(connection)
            elif reads < _READS_A_TURN:
                reads += 1
                self.unread -= 1
                self._read(connection)
        for listener in ringing:
            if listener.fileno() in self._listeners:  # not shut meanwhile
                self._accept(listener, _AT_ONCE)

    def let_in(self) -> None:
        """Take in whoever rings now, between two calls; they are read in a later turn.

        While more ring than can be served a turn may last tens of milliseconds, and who is refused stood there for it.
        """
        if not self._paused:
            for listener in list(self._listeners.values()):
                self._accept(listener, 0)

    def tick(self) -> None:
        """Let one tick pass: the silent are closed, the undecided are told to `overdue`."""
        for descriptor in self._paused:
            if descriptor in self._listeners:
                self._epoll.modify(descriptor, select.EPOLLIN)
        self._paused.clear()
        for connection in list(self._connections.values()):
            connection.age += 1
            if connection.age <= self._patience[connection.session.state]:
                continue
            if connection.session.state == "deciding":
                self._overdue(connection.ticket)
            else:
                self.unfinished += connection.session.state == "asking"
                self._drop(connection)

    def answer(self, ticket: int, answer: bytes) -> bool:
        """Send the whole answer and half-close; whether it was sent.

        Bytes that came since the call was read make it a tainted one, told to `asked` instead of answered.
        """
        connection = self._connections.get(ticket)
        if connection is None or connection.session.state != "deciding":
            return False
        if connection is not self._reading and not self._read(connection):
            return False
        try:
            # held back until the half-close, so that answer and end leave in one segment
            if connection.socket.send(answer, _MSG_NOSIGNAL | _MSG_MORE) != len(answer):
                raise BlockingIOError
            connection.socket.shutdown(_SHUT_WR)
        except OSError:
            self.undelivered += 1
            self._drop(connection)
            return False
        connection.session.answered()
        connection.age = 0
        self._watch(connection, _END)
        return True

    def _asks(self, descriptor: int) -> bool:
        connection = self._by_descriptor.get(descriptor)
        return connection is not None and connection.session.state == "asking"

    def _accept(self, listener: Socket, at_once: int) -> None:
        for _ in range(_EVENTS_A_TURN):  # all that wait: whom we cannot serve must hear so at once
            full = len(self._connections) >= self._most or self.unread >= self.room
            if full and self._crowded(listener.fileno()):
                return
            try:
                accepted, peer = listener.accept()
            except BlockingIOError:
                return
            except OSError as fault:  # no descriptor left, or the peer is gone already
                if fault.errno == EINVAL and self._crowded(listener.fileno()):
                    return  # another process has shut it
                self.crowded_out += 1
                self._epoll.modify(listener.fileno(), 0)
                self._paused.append(listener.fileno())
                return
            self._welcome(accepted, peer, at_once)

    def _welcome(self, accepted: Socket, peer: Any, at_once: int) -> None:
        """Take a connection in, unless too many wait before it or its peer (address and port) is not admitted.

        It is read where no more than `at_once` wait, itself included.
        """
        over_network = isinstance(peer, tuple)
        if len(self._connections) >= self._most or self.unread >= self.room:
            self.crowded_out += 1
            accepted.close()
            return
        if over_network and not self._admits(peer[0]):
            self.foreign += 1
            accepted.close()
            return
        accepted.setblocking(False)
        if over_network:
            accepted.setsockopt(_IPPROTO_TCP, _TCP_QUICKACK, 1)
        self.accepted += 1
        connection = _Connection(self.accepted, accepted)
        self._connections[connection.ticket] = connection
        self._by_descriptor[accepted.fileno()] = connection
        self.unread += 1
        if self.unread <= at_once:
            self._read(connection)
        else:
            self._watch(connection, _TALK)

    def _read(self, connection: _Connection) -> bool:
        """Take what has arrived; whether nothing had, and the connection still stands as it did."""
        if connection.session.full:
            return True
        try:
            data = connection.socket.recv(_READ_BYTES)
        except BlockingIOError:
            if connection.session.state == "asking":
                self._watch(connection, _TALK)
            return True
        except OSError:
            data = b""
        try:
            call = connection.session.receive(data)
            self.hung_up += connection.session.state == "over"
        except AsteriskAtFaultError:
            self.unfinished += 1
            call = None
        if connection.session.state == "over":
            self._drop(connection)
        elif call is None:
            self._watch(connection, _TALK)
        else:
            connection.age = 0
            self._reading = connection
            self._asked(connection.ticket, call)
            self._reading = None
        return False

    def _watch(self, connection: _Connection, events: int) -> None:
        if not connection.watched:
            self._epoll.register(connection.socket.fileno(), events)
        elif connection.watched != events:
            self._epoll.modify(connection.socket.fileno(), events)
        connection.watched = events

    def _drop(self, connection: _Connection) -> None:
        del self._connections[connection.ticket]
        del self._by_descriptor[connection.socket.fileno()]
        connection.socket.close()
