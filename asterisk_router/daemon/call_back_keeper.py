"""Keeps call-backs by what becomes of calls: a missed call opens one, a conversation closes it, time ends it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Protocol

from ..callers.call_back import CallBack, CallBackTerms, news_of, numbers_of
from ..callers.caller import Caller
from ..callers.registered_call import EndedCall
from ..errors import CallBackRecordError, StoreError
from ..numbering.number import masked
from ..once_a_minute import OnceAMinute

LOG = logging.getLogger(__name__)

EXPIRE_S: Final = 60.0
"""How often it is looked which call-backs are over."""


class KeptCallBacks(Protocol):
    """The call-backs, as far as calls change them; each raises StoreUnavailableError."""

    async def missed(self, ended: EndedCall, caller: Caller, terms: CallBackTerms) -> CallBack:
        """Owe somebody a call-back."""

    async def contacted(self, ended: EndedCall, caller: Caller, terms: CallBackTerms) -> CallBack:
        """They were spoken with."""

    async def tried(self, ended: EndedCall, caller: Caller, terms: CallBackTerms) -> CallBack:
        """They were called in vain."""

    async def expire(self, terms: CallBackTerms) -> list[CallBack]:
        """Give up those that are over."""


class CallBackKeeper:
    """Told of every end of a call, at least once and in any order."""

    def __init__(self, call_backs: KeptCallBacks, terms: Callable[[], CallBackTerms]) -> None:
        self.without_number = 0
        """Missed calls that are owed a call-back and left no number."""
        self.refused = 0
        """News that met an entry of a newer release, or a damaged one."""
        self._call_backs = call_backs
        self._terms = terms
        self._seldom = OnceAMinute(LOG)

    async def ended(self, ended: EndedCall, caller: Caller) -> None:
        """Take in the end of one call of `caller`; raises StoreUnavailableError, to be told again."""
        news, terms = news_of(ended), self._terms()
        if not numbers_of(ended, caller):
            self.without_number += news == "missed"
            return
        try:
            if news == "missed":
                await self._call_backs.missed(ended, caller, terms)
            elif news == "spoke":
                await self._call_backs.contacted(ended, caller, terms)
            elif news == "tried":
                await self._call_backs.tried(ended, caller, terms)
        except CallBackRecordError as fault:  # telling it again would not help
            self.refused += 1
            self._seldom.error(
                "call %s of %s changes no call-back: %s", ended.uniqueid, masked(ended.number), fault.problem
            )

    async def keep(self) -> None:
        """Give up call-backs whose time is over, until cancelled."""
        while True:
            await asyncio.sleep(EXPIRE_S)
            try:
                for entry in await self._call_backs.expire(self._terms()):
                    LOG.info("the call-back of %s is over after %d attempts", masked(entry.person), entry.attempts)
            except StoreError as fault:
                LOG.warning("call-backs are not looked through: %s", fault.problem)  # where it is may be a number
