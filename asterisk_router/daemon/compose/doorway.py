"""Puts together where Asterisk asks: the sockets handed over by whoever started us, or our own."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ...doors.listeners import MAY_BE_SHUT, inherited, listen_tcp, listen_unix, port_keeper, shown
from ...errors import SettingsError

if TYPE_CHECKING:
    import socket

    from ...settings import Settings

LOG = logging.getLogger(__name__)


class Doorway(NamedTuple):
    """Where Asterisk asks."""

    listeners: list[socket.socket]
    """What the door listens on."""
    where: str
    """The same, for people."""
    script_socket: Path | None
    """The AGI script's socket if it is ours to remove; None where it could not be had, or was handed over."""
    refusing: list[socket.socket]
    """Of the listeners those that may be shut under overload: our own TCP socket, or our keeper's.

    Never one of systemd's, which gives a socket up when it finds it shut.
    """
    port_keeper: socket.socket | None = None
    """Keeps our TCP port while the kernel refuses calls there; None where it cannot be kept, or is not ours."""

    @property
    def names(self) -> list[str]:
        """The names under which workers inherit the listeners."""
        return [MAY_BE_SHUT if listener in self.refusing else "kept-open" for listener in self.listeners]

    def announce(self) -> None:
        """Say in one line on standard output that calls are answered; where that is a full disk, answer them unsaid."""
        with suppress(OSError):
            print(f"asterisk-router listening on {self.where}", flush=True)

    def close(self) -> None:
        """Leave it; sockets that were handed over stay open with whoever did that."""
        for listener in (*self.listeners, *([self.port_keeper] if self.port_keeper else [])):
            listener.close()
        if self.script_socket is not None:
            self.script_socket.unlink(missing_ok=True)


def doorway(settings: Settings) -> Doorway:
    """The sockets handed over by whoever started us, and no others; else our own. Raises SettingsError."""
    listeners, refusing = inherited()
    if listeners:
        return Doorway(listeners, shown(listeners), None, refusing)
    tcp = listen_tcp(*settings.listen)
    where = str(settings.listen._replace(port=tcp.getsockname()[1]))
    unix = _script_listener(settings.script_socket)
    keeper = port_keeper(tcp)
    refusing = [] if keeper is None else [tcp]
    if unix is None:
        return Doorway([tcp], where, None, refusing, keeper)
    return Doorway([tcp, unix], f"{where} and {settings.script_socket}", settings.script_socket, refusing, keeper)


def _script_listener(path: Path) -> socket.socket | None:
    """The socket of the AGI script, or None with a word why: FastAGI, the better way, must not fail over it."""
    try:
        return listen_unix(path)
    except SettingsError as fault:
        LOG.warning("the AGI script cannot ask: %s", fault)
        return None
