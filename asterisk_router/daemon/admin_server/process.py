"""The admin server's process: `python -m asterisk_router.daemon.admin_server.process`, started by the daemon.

It lives as long as its daemon: its standard input is a pipe of the daemon's, which the kernel closes with it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...admin.asked.frame import located
from ...admin.asked.wish import ActContext
from ...errors import StoreError
from ..compose.daemon import open_shared
from ..compose.policies import state_files
from ..masked_log import log_to
from .server import ACT_S, AdminServer

LOG = logging.getLogger(__name__)

LIFELINE = 0
"""Standard input."""


def main() -> int:
    """Answer at the socket that was handed over; returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the daemon, which then lets go of us
    told = json.loads(_first_line())
    log_to(sys.stderr, told["log_level"])
    with socket.socket(fileno=told["listener"]) as listener:
        listener.setblocking(False)
        try:
            asyncio.run(_answer(listener, told))
        except StoreError as fault:
            LOG.error("nothing is done at the admin socket: %s", fault)
            return 1
    return 0


def _first_line() -> bytes:
    """What the daemon says, and nothing behind it."""
    said = b""
    while not said.endswith(b"\n"):
        part = os.read(LIFELINE, 1 << 16)
        if not part:
            raise SystemExit(0)  # the daemon is gone already
        said += part
    return said


async def _answer(listener: socket.socket, told: dict[str, Any]) -> None:
    state_dir = Path(told["state_dir"])
    async with open_shared(told["redis"], state_dir) as shared:
        server = AdminServer(ActContext(shared, state_files(state_dir), state_dir, ACT_S), located(told["redis"]))
        answering = asyncio.get_running_loop().create_task(server.serve(listener))
        asyncio.get_running_loop().add_reader(LIFELINE, answering.cancel)
        with suppress(asyncio.CancelledError):
            await answering


if __name__ == "__main__":
    sys.exit(main())
