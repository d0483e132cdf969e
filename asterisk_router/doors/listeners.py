"""The sockets a door listens on."""

from __future__ import annotations

import ipaddress
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

OWN_TCP, OWN_PORT_KEEPER, OWN_SCRIPT = "own-tcp", "own-port-keeper", "own-script"
"""The names under which the sockets of our last life come back from the service manager's keeping."""


class HandedOver(NamedTuple):
    """What whoever started us listens on."""

    listeners: list[socket.socket]
    """All of them."""
    refusing: list[socket.socket]
    """Those of them that may be shut: he keeps their port meanwhile."""
    kept: list[tuple[str, socket.socket]]
    """What we made ourselves in a life before and left in his keeping, by name; it may not listen just now."""


def inherited(environment: MutableMapping[str, str] = os.environ) -> HandedOver:
    """The listening sockets that whoever started us has handed over; none as a rule. Raises SettingsError.

    They stay open in his hands when we end: who calls between two daemons waits in the kernel for the next one.
    What is said of them is taken out of `environment`, for it holds for no child of ours.
    """
    count, meant_for, names = (environment.pop(f"LISTEN_{name}", "") for name in ("FDS", "PID", "FDNAMES"))
    if not count.isdigit() or meant_for != str(os.getpid()):
        return HandedOver([], [], [])
    listeners, refusing, kept = [], [], []
    named = dict(enumerate(names.split(":"), FIRST_INHERITED))
    for descriptor in range(FIRST_INHERITED, FIRST_INHERITED + int(count)):
        name = named.get(descriptor, "")
        may_be_shut, is_own = name == MAY_BE_SHUT, name in (OWN_TCP, OWN_PORT_KEEPER, OWN_SCRIPT)
        try:
            listener = socket.socket(fileno=descriptor)
            listens = listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        except OSError as fault:
            raise _no_listener(descriptor, fault.strerror) from None
        if not (listens or may_be_shut or is_own) or listener.type != socket.SOCK_STREAM:
            raise _no_listener(descriptor, "it does not listen for streams")
        listener.set_inheritable(False)
        listener.setblocking(False)
        if is_own:
            kept.append((name, listener))
            continue
        listeners.append(listener)
        if may_be_shut:
            refusing.append(listener)
    return HandedOver(listeners, refusing, kept)


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
        raise _cannot_listen(host, port, fault) from None
    listener.setblocking(False)
    return listener


def is_at(listener: socket.socket, host: str, port: int) -> bool:
    """Whether a socket is bound to an IP address and port; 0 is any."""
    if listener.family not in (socket.AF_INET, socket.AF_INET6):
        return False
    bound = listener.getsockname()
    return ipaddress.ip_address(bound[0]) == ipaddress.ip_address(host) and port in (0, bound[1])


def listen_again(listener: socket.socket) -> None:
    """Open a socket of our last life that was shut when it ended; one that is open keeps whoever waits in it.

    It may have been shut twice, which the kernel remembers: opened and shut once more, it forgets that. Raises
    SettingsError.
    """
    if listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return
    try:
        listener.listen(BACKLOG)
        listener.shutdown(socket.SHUT_RD)
        listener.listen(BACKLOG)
    except OSError as fault:
        host, port = listener.getsockname()[:2]
        raise _cannot_listen(host, port, fault) from None


def is_at_path(listener: socket.socket, path: Path) -> bool:
    """Whether a socket is the one at a path, as far as can be told: that somebody put another there cannot."""
    return listener.family == socket.AF_UNIX and listener.getsockname() == str(path) and path.is_socket()


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


def _cannot_listen(host: str, port: int, fault: OSError) -> SettingsError:
    return SettingsError(
        f"cannot listen on {host}, port {port}: {fault.strerror or fault}",
        remedy="another daemon may be running; choose another address with --listen",
    )


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
