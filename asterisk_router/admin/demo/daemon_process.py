"""The real daemon as a process of its own, on a free port and a store of its own."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from ...errors import RouterError
from ...settings import parse_address

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ...settings import Address, Clock

START_S = 15.0
STOP_S = 10.0


@asynccontextmanager
async def running_daemon(policy: str, redis: str, state_dir: Path, clock: Clock) -> AsyncIterator[Address]:
    """Run `asterisk-router serve` by `clock` until the block is left; gives the address it listens on.

    Raises RouterError with what it said when it does not come to listening.
    """
    said = state_dir / "daemon.log"
    with open(said, "wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "asterisk_router.daemon.main", "serve"),
            *("--policy", policy, "--listen", "127.0.0.1:0", "--redis", redis, "--state-dir", str(state_dir)),
            *("--clock", str(clock)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the demo, which then stops the daemon
        )
    try:
        yield await _listening(process, said)
    finally:
        await _stop(process)


async def _listening(process: asyncio.subprocess.Process, said: Path) -> Address:
    """Where the daemon says it listens: `asterisk-router listening on 127.0.0.1:4573 and PATH`."""
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), START_S)).decode()
    except asyncio.TimeoutError:
        line = ""
    if " listening on " not in line:
        faults = said.read_text("utf-8", "replace").strip()[-2000:]
        raise RouterError(f"the daemon did not start: {faults or 'it said nothing'}")
    return parse_address(line.split(" listening on ")[1].split()[0])


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
