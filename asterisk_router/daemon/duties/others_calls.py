"""Learns, while it leads, of the calls that other daemons decided: who waits in a queue may be anybody's call."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from ...callers.registered_call import BeganCall, EndedCall, Registered
from ...errors import StoreError

LOG = logging.getLogger(__name__)

BACK_S = 3600.0
"""How far back it is read: whoever waits in a queue began to within the hour."""

BITE = 100
"""Records taken at once: half a millisecond."""

BITES = 20
"""Most bites in one turn: what an hour of 50 calls a second left is taken in within a minute."""

OPEN_S = 4 * 3600.0
"""How long a call counts as open whose end nobody tells: the daemon that saw it may be gone for good."""

OPEN_MAX = 20_000
"""How many calls are remembered; the oldest goes first."""


class Registry(Protocol):
    """The register of every call."""

    async def after(self, position: str, most: int) -> tuple[Sequence[Registered], str]:
        """The records after a position, oldest first, at most so many, and where to go on; raises StoreError."""


class OthersCalls:
    """Calls that have begun and not ended, whoever decided them."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._position = ""
        self._open: dict[str, BeganCall] = {}
        self._said = False

    def of(self, uniqueid: str) -> BeganCall:
        """What was decided for a call; one without a class when nothing is known of it."""
        return self._open.get(uniqueid) or BeganCall(uniqueid, "", 0.0, "", "")

    def callers(self) -> set[str]:
        """The numbers of everybody who is on the line now, waiting or talking."""
        return {call.number for call in self._open.values()}

    async def turn(self, at_s: float) -> None:
        """Take in what was registered since the last turn; the store being away is said once."""
        position = self._position or f"{round((at_s - BACK_S) * 1000)}-0"
        try:
            for _ in range(BITES):
                before = position
                records, position = await self._registry.after(before, BITE)
                self._position = position
                for record in records:
                    self._take(record)
                if position == before:
                    break
        except StoreError as fault:
            if not self._said:
                LOG.warning("what other daemons decide is not known: %s", fault)
            self._said = True
            return
        self._said = False
        while self._open and next(iter(self._open.values())).at_s < at_s - OPEN_S:
            del self._open[next(iter(self._open))]

    def _take(self, record: Registered) -> None:
        if isinstance(record, EndedCall):
            self._open.pop(record.uniqueid, None)
        elif isinstance(record, BeganCall):
            self._open[record.uniqueid] = record
            if len(self._open) > OPEN_MAX:
                del self._open[next(iter(self._open))]
