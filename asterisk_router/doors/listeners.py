"""The sockets a door listens on."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

from ..errors import SettingsError

BACKLOG = 1024
"""Connections the kernel holds for us while we are busy; a full backlog costs a caller 2 seconds in Asterisk."""


def listen_tcp(host: str, port: int) -> socket.socket:
    """A listening socket on an IP address; raises SettingsError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as fault:
        listener.close()
        raise SettingsError(
            f"cannot listen on {host}, port {port}: {fault.strerror or fault}",
            remedy="another daemon may be running; choose another address with --listen",
        ) from None
    listener.setblocking(False)
    return listener


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


def _is_left_over(path: Path) -> bool:
    """Whether there is a socket at `path` that nobody listens on."""
    if not path.exists() or not stat.S_ISSOCK(path.stat().st_mode):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(0.2)
        return caller.connect_ex(str(path)) != 0
