"""The life of the daemon: startup, main loop, shutdown."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys

from ..settings import Settings
from .compose import House, build, new_event_loop

LOG = logging.getLogger(__name__)


def serve(settings: Settings) -> int:
    """Answer calls until SIGTERM or SIGINT; returns the exit code.

    Raises SettingsError, PolicyError or StoreError when the daemon cannot start as it is told.
    """
    # nothing made at the start is garbage: looking for some would cost a tenth of the start
    gc.disable()
    logging.basicConfig(
        stream=sys.stderr, level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(message)s"
    )
    loop = new_event_loop()
    try:
        loop.run_until_complete(live(settings))
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
    return 0


async def live(settings: Settings) -> None:
    """One life, in its three parts."""
    house = await startup(settings)
    try:
        await main_loop(house)
    finally:
        await shutdown(house)


async def startup(settings: Settings) -> House:
    """Build the house, open the door, say so in one line on standard output."""
    house = await build(settings)
    house.door.open(house.listeners)
    print(f"asterisk-router listening on {house.where}", flush=True)
    # what the start made stays for life: the collector need not look at it during a call
    gc.freeze()
    gc.enable()
    return house


async def main_loop(house: House) -> None:
    """Wait to be told to stop; SIGHUP, or a saved file, puts the policy in force anew."""
    loop = asyncio.get_running_loop()
    told_to_stop = asyncio.Event()
    reloads: set[asyncio.Task[bool]] = set()

    def reload() -> None:
        task = loop.create_task(house.in_force.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, told_to_stop.set)
    loop.add_signal_handler(signal.SIGHUP, reload)
    watch = loop.create_task(house.in_force.watch())
    await told_to_stop.wait()
    watch.cancel()


async def shutdown(house: House) -> None:
    """Take no more calls, finish those at hand, let the book write what it has noted."""
    LOG.info("stopping: %d calls answered", house.door.answered)
    await house.door.close()
    for listener in house.listeners:
        listener.close()
    if house.script_socket is not None:
        house.script_socket.unlink(missing_ok=True)
    await house.book.close()
