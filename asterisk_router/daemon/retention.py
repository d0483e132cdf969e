"""Lets go of what is past its time, beside the calls."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from ..errors import StoreError
from ..numbering.number import masked

LOG = logging.getLogger(__name__)

FIRST_S = 60.0
"""How long after the start it is looked first: callers come before."""

ROUND_S = 600.0
"""How often it is looked whether it is time."""


class WhatWent(Protocol):
    """What one round came to (`store/retention.LetGo`)."""

    @property
    def records(self) -> int:
        """Records of calls that lost number or facts."""

    @property
    def callers(self) -> int:
        """Callers who lost history or tags."""

    @property
    def call_backs(self) -> int:
        """Settled call-backs removed."""

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Numbers of callers whose record cannot be read, so that it stays as it is."""


class LetsGo(Protocol):
    """What keeps no longer than wanted (`store/retention`); both raise StoreError."""

    async def due(self) -> bool:
        """Whether it is for us to do it today."""

    async def let_go(self) -> WhatWent:
        """Do it; what lost something."""


async def keep_no_longer(retention: LetsGo, first_s: float = FIRST_S) -> None:
    """Do it once a day, for ever; a store that is away is waited for."""
    await asyncio.sleep(first_s)
    while True:
        try:
            if await retention.due():
                went = await retention.let_go()
                LOG.info(
                    "past their time: %d records of calls, %d callers, %d settled call-backs",
                    went.records, went.callers, went.call_backs,
                )  # fmt: skip
                if damaged := went.unreadable:
                    LOG.warning(
                        "%d records of callers cannot be read and stay as they are, the first that of %s",
                        len(damaged), masked(damaged[0]),
                    )  # fmt: skip
        except StoreError as fault:
            LOG.warning("what is past its time stays another day: %s", fault.problem)  # where it is may be a number
        await asyncio.sleep(ROUND_S)
