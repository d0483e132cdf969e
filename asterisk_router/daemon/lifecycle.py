"""The life of the daemon: startup, main loop, shutdown."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from contextlib import suppress

from ..numbering import truth
from ..settings import Settings
from .compose import House, build, followed, new_event_loop, stasis_doors
from .endless import endless

LOG = logging.getLogger(__name__)

SETTLE_AFTER_S = 0.1
"""When what can wait is done: callers who rang during the start have their answer by then."""


def serve(settings: Settings) -> int:
    """Answer calls until SIGTERM or SIGINT; returns the exit code.

    Raises SettingsError, PolicyError or StoreError when the daemon cannot start as it is told.
    """
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
    """One life, in its three parts; told to stop in the first already, it still ends what it has begun."""
    told_to_stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, told_to_stop.set)
    house = await startup(settings)
    following = asyncio.create_task(follow(settings, house))
    answering = asyncio.create_task(answer_ari(settings, house))
    try:
        await main_loop(house, told_to_stop)
    finally:
        await shutdown(house, answering, following)


async def startup(settings: Settings) -> House:
    """Build the house and open the door."""
    house = await build(settings)
    house.calls.open()
    house.door.open(house.doorway.listeners)
    return house


async def follow(settings: Settings, house: House) -> None:
    """Follow the queues of every PBX, until cancelled; without that calls are routed all the same."""
    try:
        await asyncio.gather(*(pbx.run() for pbx in await followed(settings, house)))
    except Exception:
        LOG.exception("no PBX is followed: what the policy asks about queues is unknown")


async def answer_ari(settings: Settings, house: House) -> None:
    """Answer the calls handed over by ARI, until cancelled; those at hand then get their answer first."""
    try:
        doors = await stasis_doors(settings, house)
    except Exception:
        LOG.exception("no call is answered over ARI: they go to their default branch")
        return
    try:
        for door in doors:
            door.open()
        await asyncio.Future()
    finally:
        await asyncio.gather(*(door.close() for door in doors))


async def settle() -> None:
    """Load the library behind unusual numbers, so that no call waits for it, and start the garbage collector."""
    await asyncio.sleep(SETTLE_AFTER_S)
    try:
        await asyncio.to_thread(truth.load)
        LOG.info("numbers of every kind are read at once from now on")
    finally:
        # what the start made stays for life: the collector need not look at it during a call
        gc.freeze()
        gc.enable()


async def main_loop(house: House, told_to_stop: asyncio.Event) -> None:
    """Say that calls are answered, in one line on standard output, and wait to be told to stop.

    SIGHUP, or a saved file, puts the policy in force anew.
    """
    loop = asyncio.get_running_loop()
    reloads: set[asyncio.Task[bool]] = set()

    def reload() -> None:
        task = loop.create_task(house.in_force.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    loop.add_signal_handler(signal.SIGHUP, reload)
    with suppress(OSError):  # a log on a full disk
        print(f"asterisk-router listening on {house.doorway.where}", flush=True)
    settled = loop.create_task(settle())
    beside = [loop.create_task(house.in_force.watch())]
    beside += [loop.create_task(endless(work, what)) for what, work in house.works]
    await told_to_stop.wait()
    for task in beside:
        task.cancel()
    await settled


async def shutdown(house: House, answering: asyncio.Task[None], following: asyncio.Task[None]) -> None:
    """Take no more calls, finish those at hand, leave the queues as they are, register what is left."""
    LOG.info("stopping: %d calls answered", house.door.answered)
    answering.cancel()
    await asyncio.wait({answering})
    await house.door.close()
    for listener in house.doorway.listeners:
        listener.close()
    if house.doorway.script_socket is not None:
        house.doorway.script_socket.unlink(missing_ok=True)
    following.cancel()
    await asyncio.wait({following})
    await house.calls.close()
    await house.book.close()
