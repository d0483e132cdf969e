"""Who does the duties on a PBX, and when: the daemon that leads there, a few times a second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from time import time
from typing import Protocol

from ...queues.acts import Act, Done, LineActs
from ...queues.live_line import LiveLine
from ..endless import endless

LOG = logging.getLogger(__name__)

TURN_S = 0.25
"""How often a duty looks at the line: a change is carried out well under a second later."""


HOLD_S = 1.0
"""How often the lead is renewed, or tried for."""


class Lead(Protocol):
    """The lead on one PBX, which one daemon at most has."""

    @property
    def is_leader(self) -> bool:
        """Whether this daemon leads; True only while no other can believe that it does."""

    async def hold(self) -> bool:
        """Take the lead where it is free, renew it where it is ours; whether it is. Never raises."""

    async def release(self) -> None:
        """Give it up, so that another can have it at once."""


class Duty(Protocol):
    """One thing the router does by itself."""

    async def turn(self, at_s: float) -> None:
        """Look at the line, which is known, and do what is due."""


class LeadersActs:
    """The way to a PBX, open only while this daemon leads there: asked at each act, for the lead may be gone since."""

    def __init__(self, acts: LineActs, lead: Lead) -> None:
        self._acts = acts
        self._lead = lead

    async def act(self, act: Act) -> Done:
        """Carry one act out, as of `LineActs`."""
        if not self._lead.is_leader:
            return Done(False, "another daemon leads here")
        return await self._acts.act(act)


class Roster:
    """Gives every duty its turn, each at its own pace: one that waits for the PBX holds up no other."""

    def __init__(
        self, line: LiveLine, lead: Lead, duties: Iterable[Duty], *, clock: Callable[[], float] = time
    ) -> None:
        self._line = line
        self._lead = lead
        self._duties = tuple(duties)
        self._clock = clock

    async def run(self) -> None:
        """Do the duties until cancelled, and give up the lead then; a fault in one ends neither it nor the others."""
        try:
            leading = endless(self._keep_lead, f"leading on {self._line.pbx}")
            await asyncio.gather(leading, *map(self._perform, self._duties))
        finally:
            await self._lead.release()

    async def _keep_lead(self) -> None:
        """Lead while the PBX is heard: whoever is deaf leaves it to a daemon that is not."""
        while True:
            if self._line.known(self._clock()):
                await self._lead.hold()
            elif self._lead.is_leader:
                LOG.info("%s is not heard: another daemon may lead there", self._line.pbx)
                await self._lead.release()
            await asyncio.sleep(HOLD_S)

    async def _perform(self, duty: Duty) -> None:
        while True:
            await asyncio.sleep(TURN_S)
            at_s = self._clock()
            if not (self._lead.is_leader and self._line.known(at_s)):
                continue
            try:
                await duty.turn(at_s)
            except Exception:
                LOG.exception("%s: a fault of ours in %s; it goes on", self._line.pbx, type(duty).__name__)
