"""Keeps several workers on the same listening sockets: starts, watches and restarts them, and answers no call itself.

The sockets are the keeper's, so a worker that ends closes no door: whoever calls meanwhile waits in the kernel for
another worker, or for the next one. In a restart the new worker answers before the old one is told to finish; and
whoever starts while others answer opens its door only when it is wholly ready.

Asterisk hands the calls of an ARI application to whoever connected last, so one worker answers them, and says when
they come to it. When it ends, the keeper tells another; in a restart before the old one is told to finish.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from functools import partial

from ...settings import Settings
from ..compose.admin_server import WHAT, admin_server_of_workers
from ..compose.daemon import keeps_callers_elsewhere
from ..compose.doorway import Doorway, doorway
from ..endless import endless
from ..service_manager import ServiceManager
from .process import start
from .reports import WorkerReports
from .worker import BEAT_S, Worker

LOG = logging.getLogger(__name__)

WATCHDOG_S = 5.0
"""A worker whose loop has not gone round for so long is frozen, and killed."""

ARI_JOIN_S = 2.0
"""How long a worker that is to answer ARI is waited for before the one before it is told to finish."""

AGAIN_FIRST_S, AGAIN_MAX_S = 0.1, 5.0
"""Pause before a worker that ended by itself is started again; it grows while workers end before they answer."""

Start = Callable[[int, bool], int]
"""Starts the worker of a number, which may take its time or not; returns its process ID."""


def keep(settings: Settings) -> int:
    """Keep `settings.workers` workers until SIGTERM or SIGINT; returns the exit code.

    That of the first worker which ends before it answers, at the start. Raises SettingsError.
    """
    keeps_callers_elsewhere(settings)
    manager = ServiceManager()
    doors = doorway(settings, manager)
    try:
        return asyncio.run(_keep(settings, doors, manager))
    finally:
        doors.close()


async def _keep(settings: Settings, doors: Doorway, manager: ServiceManager) -> int:
    with WorkerReports() as reports:
        begin = partial(_start, doors, reports.address)
        keeper = WorkerKeeper(settings.workers, begin, manager, with_ari=bool(settings.ari))
        admin_server = admin_server_of_workers(settings)
        beside: list[asyncio.Task[None]] = []
        loop = asyncio.get_running_loop()

        def opened() -> None:
            doors.announce()
            beside.append(loop.create_task(endless(admin_server.keep, WHAT)))

        def restart() -> None:
            keeper.ask_for_restart()
            admin_server.renew()

        loop.add_reader(reports.fileno(), lambda: reports.read(keeper.heard))
        loop.add_signal_handler(signal.SIGCHLD, keeper.reap)
        loop.add_signal_handler(signal.SIGHUP, keeper.reload)
        loop.add_signal_handler(signal.SIGUSR2, restart)
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, keeper.stop)
        try:
            return await keeper.live(opened)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            loop.remove_reader(reports.fileno())


def _start(doors: Doorway, reports: str, number: int, unhurried: bool) -> int:
    return start(number, doors.listeners, doors.names, reports, WATCHDOG_S, unhurried=unhurried)


class WorkerKeeper:
    """The workers of one daemon, by their numbers."""

    def __init__(self, count: int, begin: Start, manager: ServiceManager, *, with_ari: bool) -> None:
        self._begin = begin
        self._manager = manager
        self._serving: dict[int, Worker] = {}  # by number; during a restart the old one, until the new one answers
        self._alive: dict[int, Worker] = {}  # by process ID, those being replaced included
        self._count = count
        self._with_ari = with_ari
        self._ari: Worker | None = None  # who answers it
        self._stopping = asyncio.Event()
        self._restart = asyncio.Event()

    async def live(self, opened: Callable[[], None]) -> int:
        """Start, tell `opened` when all answer, keep them until told to stop; returns the exit code."""
        for number in range(self._count):
            self._serving[number] = self._started(number, unhurried=number > 0)
        watching = asyncio.create_task(self._watch())
        code = 0
        try:
            for worker in list(self._serving.values()):
                if not await worker.answers() and not self._stopping.is_set():
                    return max(worker.ended.result(), 1)
            if self._ari is not None:
                await self._ari.answers_ari_within(ARI_JOIN_S)
            if not self._stopping.is_set():
                opened()
                self._manager.ready(self._status())
                tasks = [asyncio.create_task(self._keep(number)) for number in range(self._count)]
                tasks.append(asyncio.create_task(self._restart_when_asked()))
                await self._stopping.wait()
                for task in tasks:
                    task.cancel()
        finally:
            self._stopping.set()
            self._manager.stopping()
            for worker in self._alive.values():
                worker.finish()
            await asyncio.gather(*[worker.ended for worker in self._alive.values()])
            watching.cancel()
        return code

    def heard(self, pid: int, said: dict[str, str]) -> None:
        """A process says how it is; whoever is no worker of ours is not believed."""
        worker = self._alive.get(pid)
        if worker is None:
            return
        worker.heard(said)
        self._see_to_ari()
        if "READY" in said and all(other.is_ready for other in self._serving.values()):
            self._manager.ready(self._status())

    def reap(self) -> None:
        """Some child has ended."""
        for pid, worker in list(self._alive.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._alive[pid]
                worker.ended.set_result(os.waitstatus_to_exitcode(status))
        self._see_to_ari()

    def reload(self) -> None:
        """Have every worker read the policy again; one that starts just now does so when it answers."""
        self._manager.reloading()
        for worker in self._alive.values():
            worker.reload()

    def ask_for_restart(self) -> None:
        """Restart the workers, one at a time; asked again meanwhile, once more after it."""
        self._restart.set()

    def stop(self) -> None:
        """Have every worker finish the calls at hand and end."""
        self._stopping.set()

    def _started(self, number: int, unhurried: bool) -> Worker:
        worker = Worker(number, self._begin(number, unhurried))
        self._alive[worker.pid] = worker
        return worker

    def _see_to_ari(self) -> None:
        """Have a worker answer ARI where none does."""
        if self._with_ari and not self._stopping.is_set() and (self._ari is None or self._ari.ended.done()):
            there = (worker for worker in self._serving.values() if worker.has_answered and not worker.ended.done())
            self._ari = next(there, None)
            if self._ari is not None:
                self._ari.answer_ari()

    def _status(self) -> str:
        return f"{sum(worker.is_ready for worker in self._serving.values())} of {self._count} workers answer"

    async def _keep(self, number: int) -> None:
        """Start a worker anew whenever it ends by itself."""
        pause_s = AGAIN_FIRST_S
        while True:
            worker = self._serving[number]
            code = await worker.has_ended()
            if self._serving[number] is not worker:
                continue  # it was replaced
            pause_s = AGAIN_FIRST_S if worker.has_answered else min(pause_s * 2, AGAIN_MAX_S)
            LOG.error("worker %d (%d) has ended with %s; another begins in %.1f s", number, worker.pid, code, pause_s)
            await asyncio.sleep(pause_s)
            if self._serving[number] is worker:
                try:
                    others_answer = any(other.is_ready for other in self._serving.values() if other is not worker)
                    self._serving[number] = self._started(number, unhurried=others_answer)
                except OSError as fault:
                    LOG.error("worker %d cannot be started: %s", number, fault)

    async def _restart_when_asked(self) -> None:
        while True:
            await self._restart.wait()
            self._restart.clear()
            LOG.info("the workers are restarted, one at a time")
            for number in range(self._count):
                if not await self._replaced(number):
                    LOG.error("the new worker %d did not come to answer: the old ones stay", number)
                    break
            else:
                LOG.info("the workers have been restarted")

    async def _replaced(self, number: int) -> bool:
        """Start another worker in place of number `number`, and end that when the new one answers; whether it does."""
        try:
            new = self._started(number, unhurried=True)
        except OSError as fault:
            LOG.error("worker %d cannot be started: %s", number, fault)
            return False
        if not await new.answers():
            return False
        old, self._serving[number] = self._serving[number], new
        if self._ari is old:
            self._ari = new
            new.answer_ari()
            if not await new.answers_ari_within(ARI_JOIN_S):
                LOG.warning("the new worker %d does not answer ARI yet; the old one finishes all the same", number)
        old.finish()
        await old.has_ended()
        return True

    async def _watch(self) -> None:
        """Kill what is frozen, and say to the service manager that we are not."""
        pause_s = min(self._manager.beat_s or BEAT_S, BEAT_S)
        while True:
            await asyncio.sleep(pause_s)
            for worker in list(self._alive.values()):
                worker.kill_if_frozen(WATCHDOG_S)
            self._manager.alive(self._status())
