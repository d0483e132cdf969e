"""One worker as its keeper sees it: a process that starts, answers, finishes and ends."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

LOG = logging.getLogger(__name__)

BEAT_S = 1.0
"""How often the keeper looks after its workers."""

START_S = 30.0
"""How long a worker may take to answer; Redis and PBX are not waited for that long, so it is frozen."""

FINISH_S = 15.0
"""How long a worker may take to finish: calls at hand 1 s, PBXs and registry a few seconds more."""


class Worker:
    """A process; made inside the running event loop."""

    def __init__(self, number: int, pid: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.number = number
        """Which of the workers it is."""
        self.pid = pid
        """Its process ID."""
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """Its exit code, or the negative number of the signal that killed it; set by whoever reaps it."""
        self.is_ready = False
        """Whether it answers by the policy it was last told to read."""
        self.has_answered = False
        """Whether it has come to answer at all."""
        self._answering, self._answering_ari = asyncio.Event(), asyncio.Event()
        self._reload = False  # asked for before it could hear it
        self._clock = clock
        self._patience_s = START_S
        self._heard_s = clock()

    async def answers(self) -> bool:
        """Wait until it answers, or ends; whether it answers."""
        await self._comes(self._answering)
        return not self.ended.done()

    async def answers_ari_within(self, patience_s: float) -> bool:
        """Wait until calls handed over by ARI come to it, or it ends, at most so long; whether they do."""
        await self._comes(self._answering_ari, patience_s)
        return self._answering_ari.is_set() and not self.ended.done()

    async def has_ended(self) -> int:
        """Wait until it has; its exit code. May be cancelled, which changes nothing for the worker."""
        return await asyncio.shield(self.ended)

    def heard(self, said: Mapping[str, str]) -> None:
        """It says how it is, in the words of sd_notify(3)."""
        self._heard_s = self._clock()
        if "RELOADING" in said:
            self.is_ready = False
        if "X_ARI_JOINED" in said:
            self._answering_ari.set()
        if "READY" in said:
            self.is_ready = self.has_answered = True
            self._answering.set()
            if self._reload:
                self._reload = False
                self.reload()

    def reload(self) -> None:
        """Have it read the policy again, as soon as it can hear that."""
        if self.has_answered:
            self._signal(signal.SIGHUP)
        else:
            self._reload = True

    def answer_ari(self) -> None:
        """Have it answer the calls handed over by ARI, in place of whoever did; it answers already."""
        self._signal(signal.SIGUSR1)

    def finish(self) -> None:
        """Have it take no more calls, finish those at hand and end."""
        self._patience_s, self._heard_s = FINISH_S, self._clock()
        self._signal(signal.SIGTERM)

    def kill_if_frozen(self, watchdog_s: float) -> None:
        """Kill it if it has not been heard of for too long: its calls go on to their default, as those of a crash."""
        silent_s = self._clock() - self._heard_s
        finishing = self._patience_s == FINISH_S
        if silent_s > (watchdog_s if self.has_answered and not finishing else self._patience_s):
            LOG.error("worker %d (%d) is frozen since %.0f s and is killed", self.number, self.pid, silent_s)
            self._signal(signal.SIGKILL)

    async def _comes(self, news: asyncio.Event, patience_s: float | None = None) -> None:
        """Wait for it, or for its end."""
        ending, waiting = asyncio.create_task(self.has_ended()), asyncio.create_task(news.wait())
        await asyncio.wait({waiting, ending}, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        ending.cancel()

    def _signal(self, sign: signal.Signals) -> None:
        if not self.ended.done():
            with suppress(ProcessLookupError):
                os.kill(self.pid, sign)
