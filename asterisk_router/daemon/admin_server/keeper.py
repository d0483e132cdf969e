"""The daemon's part in its admin socket: it holds the socket, and has a process answer there when somebody comes.

The admin server is a process of its own so that no act, however long, and no peer, however hostile, takes a turn of
the loop that answers calls, or its interpreter.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import SettingsError

if TYPE_CHECKING:
    from ...settings import Settings

LOG = logging.getLogger(__name__)

GLANCE_S = 0.25
"""How often it is looked whether the admin server has ended."""

AGAIN_S = 1.0
"""How soon after one that failed the next one is started, and how often another daemon's socket is tried for."""

OURS_ALONE = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES")
"""What our service manager says to us, and to nobody we start."""


class AdminServerKeeper:
    """Holds the admin socket for the life of the daemon: its keeper does, or the one process that it is."""

    def __init__(self, settings: Settings, listen: Callable[[Path], socket.socket], *, answers_calls: bool) -> None:
        """`answers_calls`: whether calls wait for the loop we are on, so that no process is started in it."""
        self._settings = settings
        self._listen = listen
        self._answers_calls = answers_calls
        self._present: subprocess.Popen[bytes] | None = None  # who takes questions
        self._ending: list[subprocess.Popen[bytes]] = []  # who still has acts at hand

    async def keep(self) -> None:
        """Have whoever comes answered, until cancelled."""
        path = self._settings.admin_socket
        listener = await self._listener(path)
        ours = path.stat().st_ino
        try:
            while True:
                await _somebody(listener)
                await self._server(listener)
        finally:
            # away, then closed: another daemon that waits for the place must not find it dead, and then lose its own
            if path.exists() and path.stat().st_ino == ours:
                path.unlink()
            listener.close()

    def renew(self) -> None:
        """Have the next question answered by a new process, of an upgraded package as well; acts at hand are ended."""
        if self._present is not None:
            self._let_go(self._present)
            self._present = None

    async def _listener(self, path: Path) -> socket.socket:
        said = False
        while True:
            try:
                return self._listen(path)
            except SettingsError as fault:  # as a rule another daemon
                if not said:
                    LOG.info("acts of people are not done here yet: %s", fault.problem)
                said = True
                await asyncio.sleep(AGAIN_S)

    async def _server(self, listener: socket.socket) -> None:
        """Start one, and wait until it has ended: nobody has asked for a while."""
        told: dict[str, Any] = {
            "listener": listener.fileno(),
            "redis": self._settings.redis,
            "state_dir": str(self._settings.state_dir.absolute()),
            "log_level": self._settings.log_level,
        }
        environment = {name: value for name, value in os.environ.items() if name not in OURS_ALONE}
        command = [sys.executable, "-m", f"{__package__}.process"]

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[listener.fileno()], env=environment)

        process = self._present = await asyncio.to_thread(start) if self._answers_calls else start()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(told).encode() + b"\n")
            process.stdin.flush()
            while process is self._present and process.poll() is None:
                await asyncio.sleep(GLANCE_S)
        finally:
            self._let_go(process)
        if process.returncode:
            LOG.warning("the process that does acts of people ended with %d", process.returncode)
            await asyncio.sleep(AGAIN_S)

    def _let_go(self, process: subprocess.Popen[bytes]) -> None:
        """Have a process take no more questions; it ends when what it has at hand is done."""
        assert process.stdin is not None
        process.stdin.close()
        self._ending = [other for other in {*self._ending, process} if other.poll() is None]


async def _somebody(listener: socket.socket) -> None:
    """Wait until somebody wants in."""
    loop = asyncio.get_running_loop()
    came: asyncio.Future[None] = loop.create_future()
    loop.add_reader(listener, _come, came)
    try:
        await came
    finally:
        loop.remove_reader(listener)


def _come(came: asyncio.Future[None]) -> None:
    if not came.done():
        came.set_result(None)
