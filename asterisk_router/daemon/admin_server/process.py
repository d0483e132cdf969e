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
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ...admin.asked.frame import located
from ...admin.asked.wish import ActContext, NoStore
from ...errors import StoreError
from ..compose.daemon import load_policy, open_shared
from ..compose.policies import state_files
from ..masked_log import log_to
from .server import ACT_S, AdminServer

if TYPE_CHECKING:
    from ...admin.ports import Shared

LOG = logging.getLogger(__name__)

LIFELINE = 0
"""Standard input."""

WITHOUT_S = 2.0
"""How long one answers that did not find Redis; the next tries again."""


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
            LOG.error("only what needs no Redis is done at the admin socket: %s", fault)
            asyncio.run(_serve(cast("Shared", NoStore(fault)), listener, told, WITHOUT_S))
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
    async with open_shared(told["redis"], Path(told["state_dir"])) as shared:
        await _serve(shared, listener, told)


async def _serve(shared: Shared, listener: socket.socket, told: dict[str, Any], most_s: float = inf) -> None:
    state_dir = Path(told["state_dir"])
    context = ActContext(shared, state_files(state_dir), state_dir, load_policy, ACT_S)
    server = AdminServer(context, located(told["redis"]))
    loop = asyncio.get_running_loop()
    answering = loop.create_task(server.serve(listener, most_s))

    def let_go() -> None:
        loop.remove_reader(LIFELINE)  # its end can be read for ever, and a second cancel ends the acts at hand
        answering.cancel()

    loop.add_reader(LIFELINE, let_go)
    with suppress(asyncio.CancelledError):
        await answering


if __name__ == "__main__":
    sys.exit(main())
