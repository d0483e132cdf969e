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
    """Holds the admin socket for the life of the daemon."""

    def __init__(self, settings: Settings, listen: Callable[[Path], socket.socket]) -> None:
        self._settings = settings
        self._listen = listen

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

    async def _listener(self, path: Path) -> socket.socket:
        said = False
        while True:
            try:
                return self._listen(path)
            except SettingsError as fault:  # as a rule another daemon, or the worker before us
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
        process = await asyncio.to_thread(
            subprocess.Popen, command, stdin=subprocess.PIPE, pass_fds=[listener.fileno()], env=environment
        )
        lifeline = process.stdin
        assert lifeline is not None
        try:
            lifeline.write(json.dumps(told).encode() + b"\n")
            lifeline.flush()
            while process.poll() is None:
                await asyncio.sleep(GLANCE_S)
        finally:
            lifeline.close()
        if process.returncode:
            LOG.warning("the process that does acts of people ended with %d", process.returncode)
            await asyncio.sleep(AGAIN_S)


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
