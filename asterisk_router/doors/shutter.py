"""Shuts the door for milliseconds while more ring than can be served: the kernel refuses them, which costs us nothing.

On Linux shutdown(2) takes a listening TCP socket back to where it was before listen(2), its port kept, and resets
whoever stands in its queue (`inet_shutdown`, `tcp_disconnect`); listen(2) opens it again. To accept a call and close it
costs us 16 us, a refused one nothing: the kernel's work is done in the time of whoever calls.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from .listeners import BACKLOG

LOG = logging.getLogger(__name__)

WAIT_S = 0.1
"""How long whoever is taken in may wait to be read: a third of the dialplan's guard, the rest is for the unforeseen."""

LEAST_ROOM, MOST_ROOM = 64, 256
"""How many may wait to be read at least, however slow we are just now, and at most."""

MANY = 32
"""From how many that wait to be read we look between two calls who rings, not only once a turn: two turns' reads."""

OVER_S = 1.0
"""How long the door must have stood open until the overload is over."""

SAID_S = 60.0
"""How often at most the log is told that there are more calls than can be served."""


class Shutter:
    """The listeners of a door that may be shut; whoever rings meanwhile is at their default at once."""

    def __init__(self, most_calls: int, clock: Callable[[], float]) -> None:
        """A door of `most_calls` connections; `clock` tells seconds."""
        self.times = 0
        """How often a listener was shut; nobody counts whom the kernel then refused."""
        self.overloaded = False
        """Whether `look` is to be called after every turn, and every tick."""
        self._most_calls = most_calls
        self._clock = clock
        self._refusing: dict[int, socket.socket] = {}
        self._shut: list[socket.socket] = []
        self._unread = 0
        self._shut_s = 0.0
        self._said = 0
        self._said_s = -SAID_S

    def may_shut(self, listeners: Iterable[socket.socket]) -> None:
        """Shut these when it is needed: TCP sockets whose port is kept, and that none but ourselves share.

        One that is shut is shut to all who hold it, and a unix socket would never open again. Workers who share one
        need not agree: each has work left when it shuts, finds it shut at its next look, and the first with room opens.
        """
        self._refusing = {listener.fileno(): listener for listener in listeners}

    @property
    def is_shut(self) -> bool:
        """Whether somebody is refused just now."""
        return bool(self._shut)

    def crowded(self, pump: Any, descriptor: int) -> bool:
        """One more rings at a listener of `pump` than can be served, or it is found shut; whether it may be, and is."""
        listener = self._refusing.get(descriptor)
        if listener is None:
            return False
        pump.unlisten(descriptor)
        self.times += _shut(listener)
        self._shut.append(listener)
        self._shut_s, self._unread = self._clock(), pump.unread
        self.overloaded = True
        return True

    def glance(self, pump: Any) -> None:
        """Between two calls, while many wait: take in who rings, and shut the door as soon as there is no room.

        A turn of the loop is then long, for one read of its socket brings many of Redis's replies.
        """
        if (self.overloaded or pump.unread > MANY) and not self._shut:
            pump.let_in()

    def look(self, pump: Any) -> None:
        """After each turn of an overloaded door: open it once there is room."""
        if self._shut:
            if pump.unread <= pump.room // 4 and pump.open() < self._most_calls:
                self._open_again(pump)
        elif self._clock() - self._shut_s > OVER_S:
            self.overloaded, pump.room = False, MOST_ROOM

    def _open_again(self, pump: Any) -> None:
        """Open what is shut; where the kernel has no room for the socket, at the next look."""
        read, took_s = self._unread - pump.unread, self._clock() - self._shut_s
        if read > 0 < took_s:
            pump.room = min(max(int(read / took_s * WAIT_S), LEAST_ROOM), MOST_ROOM)
        for listener in list(self._shut):
            try:
                listener.listen(BACKLOG)
            except OSError as fault:
                LOG.error("the door cannot be opened again, calls go to their default: %s", fault)
                continue
            self._shut.remove(listener)
            pump.listen(listener)

    def give_up(self) -> None:
        """The door closes: what is shut stays shut."""
        self._shut.clear()
        self.overloaded = False

    def say(self, pump: Any) -> None:
        """Tell the log, once a minute, that calls are turned away or refused."""
        count = self.times + pump.crowded_out
        if count > self._said and self._clock() - self._said_s >= SAID_S:
            self._said, self._said_s = count, self._clock()
            LOG.warning(
                "more calls than can be served: the door was shut %d times and %d calls were turned away since the "
                "start; they went to their default",
                self.times,
                pump.crowded_out,
            )


def _shut(listener: socket.socket) -> bool:
    """Shut a listener, if another worker has not; whether it was we.

    shutdown(2) of one that is shut already would be remembered, and every call after the next opening would end before
    it is read. Where another worker came in between, one more that does its work undoes that.
    """
    while listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        try:
            listener.shutdown(socket.SHUT_RD)
        except OSError:
            with suppress(OSError):
                listener.listen(BACKLOG)
        else:
            return True
    return False
