"""Puts together where Asterisk asks: the sockets handed over by whoever started us, or our own.

Our own are left in the keeping of the service manager, where there is one: who calls while we are restarted, or after
we were killed, waits in the kernel for our next life. Made by us they may be shut, as those of a socket unit may not.
A door that was shut when we were killed opens when we begin again; until then calls are refused, and at their default
at once. So they are before the first start, and when the service is stopped.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, NamedTuple

from ...doors.listeners import (
    MAY_BE_SHUT,
    OWN_PORT_KEEPER,
    OWN_SCRIPT,
    OWN_TCP,
    inherited,
    is_at,
    is_at_path,
    listen_again,
    listen_tcp,
    listen_unix,
    port_keeper,
    shown,
)
from ...errors import SettingsError

if TYPE_CHECKING:
    import socket

    from ...settings import Address, Settings
    from ..service_manager import ServiceManager

LOG = logging.getLogger(__name__)

LET_GO_S = 1.0
"""How long the port is waited for after systemd was told to let it go, at another address; it takes 2 to 200 ms."""


class Doorway(NamedTuple):
    """Where Asterisk asks."""

    listeners: list[socket.socket]
    """What the door listens on."""
    where: str
    """The same, for people."""
    script_socket: Path | None
    """The AGI script's socket if it is ours to remove; None where it could not be had, or is in others' keeping."""
    refusing: list[socket.socket]
    """Of the listeners those that may be shut under overload: our own TCP socket, or our keeper's.

    Never one of a socket unit, which gives it up when it finds it shut.
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
        """Leave it; sockets that were handed over, or are kept for us, stay open with whoever does that."""
        for listener in (*self.listeners, *([self.port_keeper] if self.port_keeper else [])):
            listener.close()
        if self.script_socket is not None:
            self.script_socket.unlink(missing_ok=True)


def doorway(settings: Settings, manager: ServiceManager) -> Doorway:
    """The sockets handed over by whoever started us, and no others; else our own, kept by `manager` for the next life.

    Raises SettingsError.
    """
    listeners, refusing, kept = inherited()
    ours = {} if listeners else _still_ours(kept, settings)
    gone = [each for each in kept if ours.get(each[0]) is not each[1]]
    for name, left in gone:
        manager.let_go(name)
        left.close()
    if listeners:
        return Doorway(listeners, shown(listeners), None, refusing)
    tcp = _tcp_listener(ours.get(OWN_TCP), settings.listen, LET_GO_S if gone else 0.0)
    keeper = ours.get(OWN_PORT_KEEPER) or port_keeper(tcp)
    unix = ours.get(OWN_SCRIPT) or _script_listener(settings.script_socket)
    there = {name: each for name, each in ((OWN_TCP, tcp), (OWN_PORT_KEEPER, keeper), (OWN_SCRIPT, unix)) if each}
    taken = [name for name, each in there.items() if manager.keep(name, each)]
    where = str(settings.listen._replace(port=tcp.getsockname()[1]))
    refusing = [] if keeper is None else [tcp]
    if unix is None:
        return Doorway([tcp], where, None, refusing, keeper)
    path = settings.script_socket
    return Doorway([tcp, unix], f"{where} and {path}", None if OWN_SCRIPT in taken else path, refusing, keeper)


def _still_ours(kept: list[tuple[str, socket.socket]], settings: Settings) -> dict[str, socket.socket]:
    """Of the sockets of our last life those that are where the settings of this one say, by name."""
    ours: dict[str, socket.socket] = {}
    for name, each in kept:
        if is_at_path(each, settings.script_socket) if name == OWN_SCRIPT else is_at(each, *settings.listen):
            ours[name] = each
    if OWN_TCP not in ours:
        ours.pop(OWN_PORT_KEEPER, None)  # it would keep the port from us
    return ours


def _tcp_listener(ours: socket.socket | None, place: Address, patience_s: float) -> socket.socket:
    """Ours, opened where it was shut, or another; its port may still be another's for `patience_s`."""
    if ours is not None:
        listen_again(ours)
        return ours
    until_s = monotonic() + patience_s
    while True:
        try:
            return listen_tcp(*place)
        except SettingsError:
            if monotonic() >= until_s:
                raise
            sleep(0.01)


def _script_listener(path: Path) -> socket.socket | None:
    """The socket of the AGI script, or None with a word why: FastAGI, the better way, must not fail over it."""
    try:
        return listen_unix(path)
    except SettingsError as fault:
        LOG.warning("the AGI script cannot ask: %s", fault)
        return None
