"""Where workers say how they are: a socket that tells whose words they are, as the kernel knows it."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from types import TracebackType

_CREDENTIALS = struct.Struct("3i")
"""Process, user and group of a sender (struct ucred, unix(7))."""

_MOST_BYTES = 4096

Heard = Callable[[int, dict[str, str]], None]
"""Told a process ID and the variables it sent."""


class WorkerReports:
    """Open from its making until its `with` block ends."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.setblocking(False)
        self._socket.bind("")  # a free abstract name: no file to be left behind, and gone with us

    def __enter__(self) -> WorkerReports:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    @property
    def address(self) -> str:
        """What goes into NOTIFY_SOCKET."""
        name: bytes = self._socket.getsockname()
        return "@" + name[1:].decode()

    def fileno(self) -> int:
        """The descriptor that is readable when somebody has said something."""
        return self._socket.fileno()

    def read(self, heard: Heard) -> None:
        """Tell `heard` all that was said since."""
        while True:
            try:
                text, ancillary, _, _ = self._socket.recvmsg(_MOST_BYTES, socket.CMSG_SPACE(_CREDENTIALS.size))
            except BlockingIOError:
                return
            said = dict(line.split("=", 1) for line in text.decode(errors="replace").split("\n") if "=" in line)
            for level, kind, data in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                    heard(_CREDENTIALS.unpack(data[: _CREDENTIALS.size])[0], said)
