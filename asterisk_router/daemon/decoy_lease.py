"""Whether a decoy may be played, as this daemon knows it: for a second after Redis said so, and no longer.

The switch is asked for four times a second. What Redis says holds from the moment it was asked, so that a daemon whose
Redis is slow, frozen or gone plays no decoy a second after it was switched off, or after it could have been. A file in
the state directory is off by itself, for a host whose Redis cannot be reached.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from ..callers.decoy_use import OFF_FILE, DecoyState
from ..errors import StoreError
from ..policy.situation import NO_DECOY, DecoySwitch

LOG = logging.getLogger(__name__)

LEASE_S = 1.0
"""How long a switch holds that was confirmed; counted from before it was asked for."""

ASK_S = 0.25
"""How often it is asked for."""

UNCONFIRMED = DecoySwitch("not confirmed within a second")
"""Redis has not said within the lease that it is on."""

NO_AUDIT = DecoySwitch("without an audit: the registry takes nothing")
"""Nobody could tell afterwards who met it."""

RANGES_UNREAD = DecoySwitch("while number ranges are being read")
"""Somebody tagged a range just now: it may be that of an authority."""


class Confirms(Protocol):
    """Asks for the switch; raises StoreError."""

    async def confirm(self) -> tuple[DecoyState, Any]:
        """The switch, and the version of number ranges."""


class Ranges(Protocol):
    """The tags of number ranges; raises StoreError."""

    async def ranges_are(self, version: Any) -> bool:
        """Whether those in memory are of that version."""


class DecoyLease:
    """The switch of one daemon; `switch` is asked for every decision and never waits."""

    def __init__(
        self,
        decoys: Confirms,
        ranges: Ranges,
        audited: Callable[[], bool],
        state_dir: Path,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`audited` tells whether a call that begins now is kept; `clock` must go on while the daemon is frozen."""
        self._decoys = decoys
        self._ranges = ranges
        self._audited = audited
        self._off_file = state_dir / OFF_FILE
        self._clock = clock
        self._known = NO_DECOY
        self._until_s = float("-inf")

    def switch(self) -> DecoySwitch:
        """Whether a decoy may be played at this moment."""
        known = self._known
        if known.why_not:
            return known
        if self._clock() >= self._until_s:
            return UNCONFIRMED
        return known if self._audited() else NO_AUDIT

    async def keep(self) -> None:
        """Ask again and again, until cancelled."""
        while True:
            await self.ask()
            await asyncio.sleep(ASK_S)

    async def ask(self) -> None:
        """Ask once; a store that is away leaves what is known to its lease."""
        asked_s = self._clock()
        try:
            state, version = await self._decoys.confirm()
            stopped = await asyncio.to_thread(self._off_file.exists)
            if not state.on or stopped:
                self._take(NO_DECOY, asked_s)
            elif not await self._ranges.ranges_are(version):
                self._take(RANGES_UNREAD, asked_s)
            else:
                self._take(DecoySwitch("", state.responsible), asked_s)
        except (StoreError, OSError):
            return  # the connection says by itself that the store is away

    def _take(self, known: DecoySwitch, asked_s: float) -> None:
        if known.why_not != self._known.why_not or known.responsible != self._known.responsible:
            LOG.info("the decoy is %s", known.why_not or f"on, {known.responsible} answers for it")
        self._known, self._until_s = known, asked_s + LEASE_S
