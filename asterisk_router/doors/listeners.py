"""The sockets a door listens on."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import MutableMapping
from pathlib import Path
from typing import NamedTuple

from ..errors import SettingsError

BACKLOG = 4096
"""Connections the kernel holds for us while we are busy; a full backlog costs a caller 2 seconds in Asterisk."""

FIRST_INHERITED = 3
"""The descriptor at which inherited sockets begin (SD_LISTEN_FDS_START, sd_listen_fds(3))."""


MAY_BE_SHUT = "may-be-shut"
"""The name under which a worker inherits a socket that it may shut under overload, and may find shut by another."""


class HandedOver(NamedTuple):
    """What whoever started us listens on."""

    listeners: list[socket.socket]
    """All of them."""
    refusing: list[socket.socket]
    """Those of them that may be shut: he keeps their port meanwhile."""


def inherited(environment: MutableMapping[str, str] = os.environ) -> HandedOver:
    """The listening sockets that whoever started us has handed over; none as a rule. Raises SettingsError.

    They stay open in his hands when we end: who calls between two daemons waits in the kernel for the next one.
    What is said of them is taken out of `environment`, for it holds for no child of ours.
    """
    count, meant_for, names = (environment.pop(f"LISTEN_{name}", "") for name in ("FDS", "PID", "FDNAMES"))
    if not count.isdigit() or meant_for != str(os.getpid()):
        return HandedOver([], [])
    listeners, refusing = [], []
    named = dict(enumerate(names.split(":"), FIRST_INHERITED))
    for descriptor in range(FIRST_INHERITED, FIRST_INHERITED + int(count)):
        may_be_shut = named.get(descriptor) == MAY_BE_SHUT
        try:
            listener = socket.socket(fileno=descriptor)
            listens = listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        except OSError as fault:
            raise _no_listener(descriptor, fault.strerror) from None
        if not (listens or may_be_shut) or listener.type != socket.SOCK_STREAM:
            raise _no_listener(descriptor, "it does not listen for streams")
        listener.set_inheritable(False)
        listener.setblocking(False)
        listeners.append(listener)
        if may_be_shut:
            refusing.append(listener)
    return HandedOver(listeners, refusing)


def shown(listeners: list[socket.socket]) -> str:
    """Where they listen, for people."""
    places = [listener.getsockname() for listener in listeners]
    hosts = [(f"[{place[0]}]" if ":" in place[0] else place[0], place[1]) for place in places if type(place) is tuple]
    return " and ".join([f"{host}:{port}" for host, port in hosts] + [place for place in places if type(place) is str])


def listen_tcp(host: str, port: int) -> socket.socket:
    """A listening socket on an IP address; raises SettingsError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port or _free_port(family, host)))
        # not before bind: a second daemon must find the port taken
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.listen(BACKLOG)
    except OSError as fault:
        listener.close()
        raise SettingsError(
            f"cannot listen on {host}, port {port}: {fault.strerror or fault}",
            remedy="another daemon may be running; choose another address with --listen",
        ) from None
    listener.setblocking(False)
    return listener


def _free_port(family: int, host: str) -> int:
    """A port nobody has: a socket whose port the kernel chose gets another one when it is shut and opened again."""
    with socket.socket(family, socket.SOCK_STREAM) as free:
        free.bind((host, 0))
        return int(free.getsockname()[1])


def port_keeper(listener: socket.socket) -> socket.socket | None:
    """A second socket on the port of `listener` (ours, TCP): it takes no call, and keeps others away.

    While `listener` is shut anybody on this machine could listen in its place, for it was bound with SO_REUSEADDR;
    this one is not, and goes with it as both are of one user (SO_REUSEPORT). None where the port cannot be kept: where
    connections of another program to that port are not yet forgotten by the kernel.
    """
    keeper = socket.socket(listener.family, socket.SOCK_STREAM)
    try:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        keeper.bind(listener.getsockname())
    except OSError:
        keeper.close()
        return None
    return keeper


def listen_unix(path: Path) -> socket.socket:
    """A listening socket at a path, for the AGI script; a dead daemon's socket is replaced. Raises SettingsError."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if _is_left_over(path):
            path.unlink()
        listener.bind(str(path))
        # whoever may log in to this machine may ask, as over loopback: Asterisk runs as a user of its own
        os.chmod(path, 0o666)
        listener.listen(BACKLOG)
    except OSError as fault:
        listener.close()
        raise SettingsError(
            f"cannot listen on {path}: {fault.strerror or fault}", remedy="choose a writable place with --state-dir"
        ) from None
    listener.setblocking(False)
    return listener


def _no_listener(descriptor: int, why: str | None) -> SettingsError:
    return SettingsError(
        f"the inherited descriptor {descriptor} is no socket to answer on: {why}",
        remedy="hand over listening stream sockets only: ListenStream= in asterisk-router.socket",
    )


def _is_left_over(path: Path) -> bool:
    """Whether there is a socket at `path` that nobody listens on."""
    if not path.exists() or not stat.S_ISSOCK(path.stat().st_mode):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(0.2)
        return caller.connect_ex(str(path)) != 0
