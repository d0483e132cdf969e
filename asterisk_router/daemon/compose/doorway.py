"""Puts together where Asterisk asks: the sockets handed over by whoever started us, or our own."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ...doors.listeners import inherited, listen_tcp, listen_unix, port_keeper, shown
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
    port_keeper: socket.socket | None = None
    """Keeps our TCP port while the kernel refuses calls there; None where the kernel must not be left to."""

    @property
    def refusing(self) -> list[socket.socket]:
        """Of the listeners those that may be shut under overload: our own TCP socket.

        One that was handed over is shut to all who hold it: other workers, or systemd, which gives a socket up when it
        finds it shut.
        """
        return [] if self.port_keeper is None else self.listeners[:1]

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
    if listeners := inherited():
        return Doorway(listeners, shown(listeners), None)
    tcp = listen_tcp(*settings.listen)
    where = str(settings.listen._replace(port=tcp.getsockname()[1]))
    unix = _script_listener(settings.script_socket)
    if unix is None:
        return Doorway([tcp], where, None, port_keeper(tcp))
    where = f"{where} and {settings.script_socket}"
    return Doorway([tcp, unix], where, settings.script_socket, port_keeper(tcp))


def _script_listener(path: Path) -> socket.socket | None:
    """The socket of the AGI script, or None with a word why: FastAGI, the better way, must not fail over it."""
    try:
        return listen_unix(path)
    except SettingsError as fault:
        LOG.warning("the AGI script cannot ask: %s", fault)
        return None
