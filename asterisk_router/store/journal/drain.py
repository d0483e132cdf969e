"""Takes the records of one journal to wherever they are registered, in bites, and confirms what is there."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from ...callers.registered_call import Gap, Registered
from ...errors import CallRecordError
from ...wire.call_record import decode, happened_at_s, is_erased
from .folder import Position
from .reader import Entry

LOG = logging.getLogger(__name__)

BITE = 16
"""How many records are worked on in one turn of the event loop: a call waits less than a millisecond behind them."""

READ = 512
"""How many records are read back at once."""

DISK_S = 2.0
"""How long reading back may take before the disk counts as hanging."""

Write = Callable[[Sequence[Registered]], Awaitable[None]]
"""Registers some records; raises StoreError when they must be handed in again."""


class JournalDrain:
    """One journal on its way; `read` and `confirm` block on the disk and are called in a thread, one at a time."""

    def __init__(
        self,
        name: str,
        read: Callable[[int], list[Entry]],
        confirm: Callable[[Position], None],
        write: Write,
        bite: int = BITE,
    ) -> None:
        self.lost = 0
        """Records found missing."""
        self._name = name
        self._read = read
        self._confirm = confirm
        self._write = write
        self._bite = bite
        self._entries: deque[Entry] = deque()
        self._reading: asyncio.Future[list[Entry]] | None = None
        self._done: Position | None = None
        self._before_s = 0.0

    @property
    def hangs(self) -> bool:
        """Whether the disk has not come back with what was asked of it."""
        return self._reading is not None

    async def bite(self) -> int:
        """Register the next few records; how many, 0 when there are none now. Raises StoreError, OSError."""
        if not self._entries:
            self._entries.extend(await self._further())
        entries = [self._entries[at] for at in range(min(self._bite, len(self._entries)))]
        if not entries:
            return 0
        records, gaps, before_s = self._records(entries)
        await self._write(records)
        for _ in entries:
            self._entries.popleft()
        self._done, self._before_s = entries[-1].position, before_s
        for gap in gaps:
            self.lost += gap.records
            LOG.error("%d records of calls are lost: %s", gap.records, gap.why)
        return len(records)

    async def _further(self) -> list[Entry]:
        """What follows in the journal; nothing while the disk hangs, which holds up only the thread that asked."""
        if self._reading is None:
            self._reading = asyncio.ensure_future(asyncio.to_thread(self._confirm_and_read, self._done))
        await asyncio.wait([self._reading], timeout=DISK_S)
        if not self._reading.done():
            return []
        reading, self._reading, self._done = self._reading, None, None
        return reading.result()

    def _confirm_and_read(self, done: Position | None) -> list[Entry]:
        if done is not None:
            with suppress(OSError):  # then the same records are gone through again after a restart
                self._confirm(done)
        return self._read(READ)

    def _records(self, entries: Sequence[Entry]) -> tuple[list[Registered], list[Gap], float]:
        """What the entries tell, with a Gap wherever something is missing; those; and when the last of it happened."""
        records: list[Registered] = []
        gaps: list[Gap] = []
        before_s = self._before_s
        for payload, lost, position in entries:
            record: Registered | None = None
            why = "cut short" if lost and not payload else "damaged"
            try:
                record = decode(payload) if payload else None
            except CallRecordError as fault:
                lost, why = lost + 1, fault.problem
            at_s = happened_at_s(record) if record is not None else 0.0
            if lost:
                place = f"journal {self._name}/{position.segment}, before byte {position.offset}: {why}"
                gaps.append(Gap(lost, before_s, at_s, place))
                records.append(gaps[-1])
            if record is not None and not is_erased(record):
                records.append(record)
                before_s = at_s
        return records, gaps, before_s
