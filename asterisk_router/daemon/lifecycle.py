"""The life of the daemon: startup, main loop, shutdown."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from typing import NamedTuple

from ..ending import ended
from ..numbering import truth
from ..settings import Settings
from .compose.daemon import STORE_WAIT_S, House, build, followed, new_event_loop, stasis_doors
from .endless import endless
from .service_manager import ServiceManager
from .workers import process as worker_process

LOG = logging.getLogger(__name__)

ACQUAINTED_S = 2.0
"""How long a start waits for its PBXs before it says that it is ready; calls are answered meanwhile."""

BEAT_S = 1.0
"""How often at least it is said that calls are answered, where somebody waits for that."""

STORE_UNHURRIED_S = 2.0
"""How long a worker waits for Redis before it takes calls without, while others answer."""

GLANCE_S = 0.02
"""How often a start looks whether its PBXs are there."""

SETTLE_AFTER_S = 0.1
"""When what can wait is done: callers who rang during the start have their answer by then."""


SWITCH_S = 0.0005
"""How long a thread beside the calls may keep them waiting at a time; Python's own 5 ms, at every step of a call,
made a tenth of the calls three times as long while a policy was read, and the first calls late while a library was.
"""


def serve(settings: Settings) -> int:
    """Answer calls until SIGTERM or SIGINT; returns the exit code.

    Raises SettingsError, or PolicyError where no policy was ever good, when the daemon cannot start as it is told.
    """
    sys.setswitchinterval(SWITCH_S)
    loop = new_event_loop()
    try:
        loop.run_until_complete(live(settings))
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
    return 0


class Told(NamedTuple):
    """What a daemon is told from outside, by signals."""

    stop: asyncio.Event
    """SIGTERM, SIGINT: finish the calls at hand and end."""
    reload: asyncio.Event
    """SIGHUP: read the policy again."""
    answer_ari: asyncio.Event
    """SIGUSR1: a worker answers ARI as soon as its keeper says so; set from the start where there is no keeper."""


async def live(settings: Settings) -> None:
    """One life, in its three parts; told to stop in the first already, it still ends what it has begun."""
    told = Told(asyncio.Event(), asyncio.Event(), asyncio.Event())
    if not worker_process.is_worker():
        told.answer_ari.set()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, told.stop.set)
    loop.add_signal_handler(signal.SIGHUP, told.reload.set)
    loop.add_signal_handler(signal.SIGUSR1, told.answer_ari.set)
    loop.add_signal_handler(signal.SIGUSR2, say_no_restart)
    manager = ServiceManager()
    house = await startup(settings, manager)
    joined = asyncio.Event()
    following = asyncio.create_task(follow(settings, house))
    answering = asyncio.create_task(answer_ari(settings, house, told, manager, joined))
    try:
        await main_loop(house, told, manager, joined)
    finally:
        manager.stopping()
        await shutdown(house, answering, following)


def say_no_restart() -> None:
    """SIGUSR2 to a daemon that has no worker, or is one."""
    LOG.warning("nothing is restarted: that is for the keeper of --workers")


async def startup(settings: Settings, manager: ServiceManager) -> House:
    """Build the house, and open the door if callers depend on it: `be_ready` does where other workers answer."""
    unhurried = worker_process.may_take_its_time()
    house = await build(settings, manager, STORE_UNHURRIED_S if unhurried else STORE_WAIT_S)
    house.calls.open()
    if not unhurried:
        house.door.open(house.doorway.listeners, house.doorway.refusing)
    return house


async def follow(settings: Settings, house: House) -> None:
    """Follow the queues of every PBX, until cancelled; without that calls are routed all the same."""
    try:
        await asyncio.gather(*(pbx.run() for pbx in await followed(settings, house)))
    except Exception:
        LOG.exception("no PBX is followed: what the policy asks about queues is unknown")


async def answer_ari(
    settings: Settings, house: House, told: Told, manager: ServiceManager, joined: asyncio.Event
) -> None:
    """Answer the calls handed over by ARI, until cancelled; those at hand then get their answer first.

    An application has one connection, so of several workers one answers: it is told to. `joined` is set when calls
    of every application come here, or will not, and when they need not.
    """
    try:
        doors = await stasis_doors(settings, house)
    except Exception:
        LOG.exception("no call is answered over ARI: they go to their default branch")
        joined.set()
        return
    try:
        if not told.answer_ari.is_set():
            joined.set()
            await told.answer_ari.wait()
        for door in doors:
            door.open()
        while not all(door.connected for door in doors):
            await asyncio.sleep(GLANCE_S)
        joined.set()
        manager.ari_joined()
        await asyncio.Future()
    finally:
        await asyncio.gather(*(door.close() for door in doors))


async def settle() -> None:
    """Load the library behind unusual numbers, so that no call waits for it, and start the garbage collector."""
    if not worker_process.may_take_its_time():
        await asyncio.sleep(SETTLE_AFTER_S)
    try:
        await asyncio.to_thread(truth.load)
        LOG.info("numbers of every kind are read at once from now on")
    finally:
        # what the start made stays for life: the collector need not look at it during a call
        gc.freeze()
        gc.enable()


async def main_loop(house: House, told: Told, manager: ServiceManager, ari_joined: asyncio.Event) -> None:
    """Say that calls are answered, in one line on standard output, and wait to be told to stop.

    SIGHUP, or a saved file, puts the policy in force anew.
    """
    loop = asyncio.get_running_loop()
    if not worker_process.is_worker():  # its keeper says it for all
        house.doorway.announce()
    settled = loop.create_task(settle())
    beside = [loop.create_task(house.in_force.watch()), loop.create_task(beat(house, told, manager))]
    beside.append(loop.create_task(be_ready(house, told, manager, ari_joined, settled)))
    beside.append(loop.create_task(work_beside(house, settled)))
    await told.stop.wait()
    for task in beside:
        task.cancel()
    await settled


async def work_beside(house: House, settled: asyncio.Task[None]) -> None:
    """What goes on beside the calls, begun when the start is over: all of it at once would keep the first caller."""
    await asyncio.wait({settled})
    await asyncio.gather(*(endless(work, what) for what, work in house.works))


async def be_ready(
    house: House, told: Told, manager: ServiceManager, ari_joined: asyncio.Event, settled: asyncio.Task[None]
) -> None:
    """Say that we are ready, once the PBXs are known or do not come, and again after every reload.

    A door that is still closed then, because other workers answer, is opened.
    """
    loop = asyncio.get_running_loop()
    until_s = loop.time() + ACQUAINTED_S
    while loop.time() < until_s:
        if ari_joined.is_set() and all(line.known(house.clock()) for line in house.lines):
            break
        await asyncio.sleep(GLANCE_S)
    if worker_process.may_take_its_time():
        await asyncio.wait({settled})
        house.door.open(house.doorway.listeners, house.doorway.refusing)
    while True:
        manager.ready(f"{house.door.answered} calls answered")
        await told.reload.wait()
        told.reload.clear()
        manager.reloading()
        await house.in_force.reload()


async def beat(house: House, told: Told, manager: ServiceManager) -> None:
    """Say that the loop which answers calls goes round: a daemon that hangs is killed, and its calls go on."""
    while manager.beat_s:
        manager.alive(f"{house.door.answered} calls answered")
        if worker_process.is_orphan():
            LOG.error("the keeper of this worker is gone: it ends")
            told.stop.set()
        await asyncio.sleep(min(manager.beat_s, BEAT_S))


def say_what_was(house: House) -> None:
    """Say how many calls were answered, and of whom it was not the whole answer, by what became of them."""
    door, pump = house.door, house.door.pump
    others = {
        "at their deadline": door.late,
        "by a fault of ours not": door.failed,
        "too many": pump.crowded_out,
        "hung up before": pump.hung_up,
        "gone before the whole question": pump.unfinished,
        "gone at the answer": pump.undelivered,
    }
    told = "".join(f", {count} {what}" for what, count in others.items() if count)
    LOG.info("stopping: %d calls answered%s", door.answered, told)


async def shutdown(house: House, answering: asyncio.Task[None], following: asyncio.Task[None]) -> None:
    """Take no more calls, finish those at hand, leave the queues as they are, register what is left.

    Inherited sockets stay open with whoever handed them over: who calls now waits there for another daemon.
    """
    answering.cancel()
    await asyncio.gather(asyncio.wait({answering}), house.door.close())
    say_what_was(house)
    house.doorway.close()
    await ended(following)
    await house.calls.close()
    await house.book.close()
