"""Keeps the record of acts whole, beside the calls: what waits is recorded, what is new is mirrored to disk."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from ..errors import StoreError

LOG = logging.getLogger(__name__)

ROUND_S = 1.0
"""How often it is looked whether anybody did anything: one round trip when nobody did."""


class Acts(Protocol):
    """The record, as `store/kept_acts` keeps it."""

    async def keep(self) -> None:
        """Record what waits, mirror what is new, put back what Redis lost; raises StoreError, OSError."""


async def keep_acts(acts: Acts) -> None:
    """Do it again and again, for ever; a Redis or a disk that is away is waited for, and said once."""
    said = ""
    while True:
        try:
            await acts.keep()
            said = ""
        except (StoreError, OSError) as fault:
            if str(fault) != said:
                LOG.warning("the record of acts waits: %s", fault)
            said = str(fault)
        await asyncio.sleep(ROUND_S)
