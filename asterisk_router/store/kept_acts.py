"""The record of acts as one thing: the chain in Redis, its mirror on disk, and what still waits to be recorded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress

from ..errors import ActRecordError
from ..wire.act_record import ActNote, ActRecord, Fault, decode, decode_note, first_fault
from .act_log import ActLog
from .act_mirror import ActMirror

LOG = logging.getLogger(__name__)

ITSELF = "asterisk-router"
"""Who puts records back that Redis lost."""

LATELY = 200
"""How many of the last records are looked through for a note, after a daemon that was killed while it recorded."""


class KeptActs:
    """What a command or a daemon does with the record."""

    def __init__(self, log: ActLog, mirror: ActMirror) -> None:
        self._log = log
        self._mirror = mirror
        self._mirrored: tuple[int, bytes] | None = None
        self._said = ""

    async def record(self, note: ActNote) -> ActRecord:
        """Record an act in Redis, and in the mirror where this user may write it; else the daemon does within seconds.

        Raises StoreUnavailableError, ActRecordError.
        """
        with suppress(OSError):
            await self._record_waiting()
        record = await self._log.append(note)
        with suppress(OSError, ActRecordError):
            await self._mirror_more()
        return record

    async def subject(self, number: str) -> str:
        """What stands for a caller in the record."""
        return await self._log.subject(number)

    async def subjects(self) -> dict[str, str]:
        """What stands for a caller -> their number, of all who were acted upon and are not forgotten."""
        return await self._log.subjects()

    async def forget(self, numbers: Iterable[str]) -> int:
        """Let no record lead to these numbers any more; to how many one did."""
        return await self._log.forget(numbers)

    async def lines(self) -> Sequence[bytes]:
        """Every line of the chain, oldest first."""
        return await self._log.lines()

    async def verify(self) -> tuple[int, bool, Fault | None]:
        """How many records there are, whether the mirror could be read, and the first that is not as it was written."""
        lines = await self._log.lines()
        faults = [first_fault(lines)]
        try:
            mirrored = await asyncio.to_thread(self._mirror.lines)
        except OSError:
            return len(lines), False, faults[0]
        where = f"the mirror at {self._mirror.path}"
        broken = first_fault(mirrored)
        if broken is not None:
            faults.append(broken._replace(problem=f"{broken.problem}, in {where}"))
        for number, line in enumerate(mirrored, 1):
            if number > len(lines):
                faults.append(Fault(number, f"is missing, as is all behind it: {where} has {len(mirrored)} records"))
            elif line != lines[number - 1]:
                faults.append(Fault(number, f"is not what {where} has"))
            else:
                continue
            break
        found = [fault for fault in faults if fault is not None]
        return len(lines), True, min(found, key=lambda fault: fault.number, default=None)

    async def keep(self) -> None:
        """Record what waits, mirror what is new, put back what Redis lost; raises StoreError, OSError."""
        await self._record_waiting()
        head = await self._log.head()
        if head == self._mirrored:
            return
        restored = await self._restore(*head)
        if restored:
            LOG.warning("%d records of acts were missing in Redis and are put back", restored)
        await self._mirror_more()

    async def _record_waiting(self) -> None:
        """In threads, for calls wait for the loop, and a command may hold the files however long it is stopped."""
        with self._mirror.recording() as ours:
            waiting = await asyncio.to_thread(self._mirror.waiting) if ours else []
            if not waiting:
                return
            count, _ = await self._log.head()
            known = {decode(line).note.id for line in await self._log.lines(max(0, count - LATELY))}
            for line in waiting:
                try:
                    note = decode_note(line)
                except ActRecordError as fault:
                    LOG.error("%s; it is passed over", fault)
                    continue
                if not note.id or note.id not in known:
                    await self._log.append(note)
            await asyncio.to_thread(self._mirror.recorded, len(waiting))

    async def _restore(self, count: int, last: bytes) -> int:
        """Put the records back that Redis had and lost the end of; how many."""
        if _number_of(await asyncio.to_thread(self._mirror.last)) <= count:
            return 0
        mirrored = await asyncio.to_thread(self._mirror.lines)
        lost = mirrored[count:]
        if not lost or first_fault(mirrored) is not None or (count and mirrored[count - 1] != last):
            return 0
        if await self._log.append_lines(count, last, lost) is not None:
            return 0  # somebody acts right now: the next round sees what is there then
        at_s = decode(lost[-1]).note.at_s
        note = ActNote(at_s, ITSELF, "", "mirror", "acts restore", detail=f"{len(lost)} records", outcome="done")
        await self._log.append(note)
        return len(lost)

    async def _mirror_more(self) -> None:
        """Add to the mirror what it does not have; raises OSError, StoreError.

        Only ends are read, of the mirror and of the chain, so that a record costs the same however many there are;
        what was changed further up is for `verify` to find.
        """
        mirrored = await asyncio.to_thread(self._mirror.last)
        known = _number_of(mirrored)
        kept = await self._log.lines(max(0, known - 1))
        fresh = kept[1:] if mirrored else kept
        if mirrored and kept[:1] != [mirrored]:
            self._say(f"the record of acts is not what {self._mirror.path} has: run asterisk-router acts verify")
            return
        if fresh:
            await asyncio.to_thread(self._mirror.add, mirrored, fresh)
        if kept:
            self._mirrored = (known + len(fresh), kept[-1])
        self._said = ""

    def _say(self, fault: str) -> None:
        if fault != self._said:
            LOG.error("%s", fault)
        self._said = fault


def _number_of(line: bytes) -> int:
    """Which record a line is; 0 for none, and for one that cannot be read."""
    with suppress(ActRecordError):
        return decode(line).number if line else 0
    return 0
