"""What follows when a call that met the decoy is over: it is counted, and an escape suspends the caller's tag.

Too many escapes mean that the wrong people are sent there: then it is switched off for everybody.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from ..callers.caller import Caller
from ..callers.decoy_use import DecoyState, DecoyUses
from ..callers.registered_call import EndedCall
from ..callers.tags import suspend_tags
from ..errors import CallerRecordError
from ..numbering.number import masked
from ..policy.guard.guard_rails import DECOY_BRANCH, DecoyRules

LOG = logging.getLogger(__name__)

ITSELF = "asterisk-router"
"""Who switches it off when too many escape."""


class Decoys(Protocol):
    """The switch and the count; each raises StoreError."""

    async def state(self) -> DecoyState:
        """The switch."""

    async def note(self, uniqueid: str, at_s: float, escaped: bool) -> None:
        """One caller who met it."""

    async def uses(self, since_s: float) -> DecoyUses:
        """What became of its callers since then."""

    async def switch_off(self, by: str, why: str, at_s: float, only: DecoyState | None = None) -> bool:
        """Switch it off if it is still as in `only`."""


class People(Protocol):
    """The callers; each raises StoreError."""

    async def show(self, key: str) -> Caller:
        """The caller behind a number."""

    async def update(self, key: str, change: Callable[[Caller], Caller]) -> Caller:
        """Change one."""


class DecoyKeeper:
    """Told of every end of a call, at least once and in any order."""

    def __init__(
        self, decoys: Decoys, people: People, rules: Callable[[], DecoyRules], *, clock: Callable[[], float]
    ) -> None:
        """`rules` are those of the policy in force."""
        self.suspended = 0
        """Callers whose tag was suspended."""
        self.unreadable = 0
        """Callers whose record could not be read, so that their tag counts for nothing anyway."""
        self._decoys = decoys
        self._people = people
        self._rules = rules
        self._clock = clock

    async def ended(self, ended: EndedCall) -> None:
        """Take in the end of one call; raises StoreUnavailableError, to be told again."""
        if ended.direction != "in" or not (ended.escaped or ended.branch == DECOY_BRANCH):
            return
        rules = self._rules()
        if ended.escaped and ended.number:
            await self._suspend(ended, rules)
        await self._decoys.note(ended.uniqueid, ended.ended_at_s, ended.escaped)
        if ended.escaped:
            await self._look(rules)

    async def _suspend(self, ended: EndedCall, rules: DecoyRules) -> None:
        now_s = int(self._clock())
        try:
            known = await self._people.show(ended.number)
            if suspend_tags(known, rules.tags, now_s) is known:
                return  # told before, or the tag is gone
            await self._people.update(ended.number, lambda caller: suspend_tags(caller, rules.tags, now_s))
        except CallerRecordError as fault:
            self.unreadable += 1
            LOG.error("the tag of %s is not suspended: %s", masked(ended.number), fault.problem)
            return
        self.suspended += 1
        LOG.warning("%s left the decoy for a person: the tag is suspended", masked(ended.number))

    async def _look(self, rules: DecoyRules) -> None:
        state = await self._decoys.state()
        if not state.on:
            return
        uses = await self._decoys.uses(state.since_s)
        if uses.too_many(rules.escape_share, rules.escape_uses):
            why = f"{uses.escapes} of {uses.uses} callers asked for a person"
            if await self._decoys.switch_off(ITSELF, why, self._clock(), state):
                LOG.warning("the decoy is switched off: %s", why)
