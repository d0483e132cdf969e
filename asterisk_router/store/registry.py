"""The registry of every call: the journal first, and from there, in the background, into Redis.

Each record goes once into the stream, then into the history of its caller, then its end is told to whoever listens
(call-backs). Only then is its place in the journal confirmed; after a kill the last few records are gone through
again, and every step knows what it has done already. While Redis is away nothing is read, so memory stays as it is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from ..callers.registered_call import BeganCall, EndedCall, Registered
from ..ending import ended
from ..errors import CallRecordError, StoreError
from ..once_a_minute import OnceAMinute
from ..wire.call_record import began_at_s, decode, encode, happened_at_s
from .call_stream import CallStream
from .call_writer import CallWriter, OnEnded, nobody_listens
from .connection.resp_connection import StoreConnection
from .forgotten import Forgotten
from .history_notes import Calls, Seen
from .journal.drain import BITE, JournalDrain
from .journal.journal import Journal
from .journal.reader import JournalReader
from .redis_keys import RedisKeys

LOG = logging.getLogger(__name__)

BITE_IN_PROCESS = 2
"""The same where the store is in this process, and the event loop waits for it."""

TAKE_S = 0.005
"""How long calls gather before they are handed to the journal: waking its thread costs more than the writing."""

GATHER_S = 0.1
"""How long records gather before they are read back and registered, in another thread again."""

RETRY_S = 1.0
"""Pause before Redis, or a disk that cannot be read, is asked again."""

ROUND_S = 60.0
"""How often it is looked for journals that were left behind."""

SYNC_S = 1.0
"""How often what was written is forced onto the disk."""

READY_S = 5.0
"""How long a start waits for its journal to be there before it goes on without what is in it."""

SEEN_MAX = 4_096
"""How many callers are remembered as their look-up found them, until their call is registered."""


def not_seen(number: str) -> Seen | None:
    """In place of a book that tells the last look-up: every caller is read once more."""
    return None


class Registry:
    """Takes every call from the event loop at once, and registers it in its own time."""

    def __init__(
        self,
        journal: Journal,
        connection: StoreConnection,
        keys: RedisKeys,
        *,
        last_seen: Callable[[str], Seen | None] = not_seen,
        on_ended: OnEnded = nobody_listens,
        kept_s: float = 0.0,
        forgotten: Forgotten | None = None,
    ) -> None:
        """Records older than `kept_s` go from the stream when another is added (0: none); `forgotten` are not kept."""
        self.drained = 0
        """Records registered in Redis."""
        self.faults = 0
        """Records that no record can hold, or that met a fault of ours, and were passed over."""
        self.stream = CallStream(connection, keys)
        """The stream of every call, for readers."""
        self._journal = journal
        self._forgotten = forgotten
        self._writer = CallWriter(connection, keys, on_ended, kept_s, forgotten)
        self._bite = BITE if connection.persistent else BITE_IN_PROCESS
        self._own = JournalDrain("own", journal.read, journal.confirm, self._write, self._bite)
        self._lost_of_others = 0
        self._last_seen = last_seen
        self._seen: dict[str, Seen] = {}
        self._taken: list[BeganCall | EndedCall] = []
        self._news, self._idle = asyncio.Event(), asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._said, self._seldom = "", OnceAMinute(LOG)

    @property
    def journaled(self) -> int:
        """Records taken since the start."""
        return self._journal.appended

    @property
    def gaps(self) -> int:
        """Records that are known to be missing: no room for them anywhere, or found damaged."""
        return self._journal.lost + self._own.lost + self._lost_of_others

    @property
    def waiting(self) -> int:
        """About how many of those taken are not in Redis yet."""
        return max(0, self._journal.appended - self.drained)

    def open(self) -> None:
        """Begin to register, inside the running event loop; returns at once, whatever disk and Redis do."""
        self._journal.open()
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._go_on(work)) for work in (self._drain, self._take_in, self._keep_synced)]

    async def close(self, patience_s: float = 2.0) -> None:
        """Register what is left if that can be done soon, and leave the rest to the next start."""
        if not self._tasks:
            return
        self._append()
        await self.settled(patience_s)
        await ended(*self._tasks)
        self._tasks.clear()
        await asyncio.to_thread(self._journal.close)

    async def settled(self, patience_s: float = 60.0) -> bool:
        """Wait until everything taken so far is registered, at most so long; whether it is."""
        with suppress(asyncio.TimeoutError, TimeoutError):
            await asyncio.wait_for(self._idle.wait(), patience_s)
        return self._idle.is_set()

    async def on_disk(self, patience_s: float) -> bool:
        """Wait until everything taken so far is on the disk, at most so long; whether it is."""
        until_s = asyncio.get_running_loop().time() + patience_s
        self._append()
        while self._journal.waiting and asyncio.get_running_loop().time() < until_s:
            await asyncio.sleep(GATHER_S)
        return not self._journal.waiting

    def began(self, call: BeganCall) -> None:
        """Take the beginning of a call, right after its answer; the caller just looked up is remembered.

        Or, with a choice, what was decided anew: who must know the call's class now is another daemon, or the next one.
        """
        seen = self._last_seen(call.number) if call.number and not call.choice else None
        if seen is not None:
            if len(self._seen) >= SEEN_MAX:
                del self._seen[next(iter(self._seen))]
            self._seen[call.uniqueid] = seen
        self._take(call)

    def ended(self, call: EndedCall) -> None:
        """Take the end of a call."""
        self._take(call)

    async def unfinished(self, since_s: float) -> list[BeganCall]:
        """Calls in the journal that began at `since_s` or later and have no end there, as a restart finds them."""
        until_s = asyncio.get_running_loop().time() + READY_S
        while not self._journal.ready and asyncio.get_running_loop().time() < until_s:
            await asyncio.sleep(GATHER_S)
        try:
            return await asyncio.to_thread(self._unfinished, since_s)
        except OSError as fault:
            self._say(f"the journal cannot be read: {fault}")
            return []

    def _unfinished(self, since_s: float) -> list[BeganCall]:
        begun: dict[str, BeganCall] = {}
        for entry in self._journal.kept():
            with suppress(CallRecordError):
                record = decode(entry.payload)
                if isinstance(record, BeganCall):
                    if not record.choice or record.uniqueid in begun:  # else it began with another daemon
                        begun[record.uniqueid] = record
                elif isinstance(record, EndedCall):
                    begun.pop(record.uniqueid, None)
        return [call for call in begun.values() if call.at_s >= since_s]

    def _take(self, record: BeganCall | EndedCall) -> None:
        if not self._taken:
            asyncio.get_running_loop().call_later(TAKE_S, self._append)
            self._idle.clear()
        self._taken.append(record)

    def _append(self) -> None:
        """Hand what was taken to the journal."""
        taken, self._taken = self._taken, []
        for record in taken:
            if self._forgotten is not None and self._forgotten.covers(record.number, began_at_s(record)):
                self._seen.pop(record.uniqueid, None)
                continue
            try:
                self._journal.append(encode(record), happened_at_s(record))
            except CallRecordError as fault:
                self.faults += 1
                self._seldom.error("%s", fault)
        self._news.set()

    async def _go_on(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work` for ever: no fault of ours may end it while calls come in."""
        while True:
            try:
                await work()
            except Exception:
                LOG.exception("a fault of ours in the registry; it goes on")
            await asyncio.sleep(RETRY_S)

    async def _drain(self) -> None:
        """Register what comes, for ever."""
        while True:
            self._news.clear()
            all_on_disk = self._journal.ready and not self._journal.waiting  # before it is read, so none is overlooked
            try:
                if await self._own.bite() or await self._bite_of_memory():
                    self._say("")
                    continue
            except (StoreError, OSError) as fault:
                why = fault.problem if isinstance(fault, StoreError) else fault  # where it is may be a number
                self._say(f"calls wait to be registered: {why}")
                await asyncio.sleep(RETRY_S)
                continue
            if all_on_disk and not self._own.hangs:
                await self._rest()
            else:
                await asyncio.sleep(GATHER_S)

    async def _bite_of_memory(self) -> int:
        """Register straight from memory while the disk takes nothing."""
        payloads = self._journal.in_memory(self._bite) if self._journal.refuses else []
        if payloads:
            await self._write([decode(payload) for payload in payloads])
            self._journal.forget(payloads)
        return len(payloads)

    async def _rest(self) -> None:
        """Wait until something is taken, and a moment longer for what comes with it."""
        if not self._taken and not self._news.is_set():
            self._idle.set()
        await self._news.wait()
        await asyncio.sleep(GATHER_S)

    async def _write(self, records: Sequence[Registered]) -> None:
        """Register them all; a fault of ours costs only the record that meets it, never those behind it."""
        try:
            await self._writer.write(records, self._seen_at)
        except StoreError:
            raise
        except Exception:
            if len(records) > 1:
                for record in records:
                    await self._write([record])
                return
            self.faults += 1
            LOG.exception("a call cannot be registered and is passed over")
        self.drained += len(records)

    def _seen_at(self, calls: Calls) -> Seen | None:
        """The caller of these calls as the look-up of the first found them; asked again, nobody remembers."""
        seen = [self._seen.pop(call.uniqueid, None) for call in calls if isinstance(call, BeganCall)]
        return seen[0] if seen and isinstance(calls[0], BeganCall) else None

    async def _take_in(self) -> None:
        """Register what daemons left behind that ended, now and then."""
        while True:
            try:
                for reader in await asyncio.to_thread(lambda: list(self._journal.left_behind())):
                    await self._take_in_one(reader)
            except OSError as fault:
                self._say(f"a journal left behind cannot be read: {fault}")
            await asyncio.sleep(ROUND_S if self._journal.ready else GATHER_S)

    async def _take_in_one(self, reader: JournalReader) -> None:
        LOG.info("the calls in %s were left behind by a daemon and are taken in", reader.folder.path)
        drain = JournalDrain(reader.folder.path.name, reader.read, reader.folder.save_position, self._write, self._bite)
        try:
            while True:
                try:
                    if not await drain.bite() and not drain.hangs:
                        break
                except StoreError:
                    await asyncio.sleep(RETRY_S)
            await asyncio.to_thread(reader.folder.remove_before, reader.position.segment + 1, 0)
        finally:
            self._lost_of_others += drain.lost
            reader.folder.release()

    async def _keep_synced(self) -> None:
        while True:
            await asyncio.sleep(SYNC_S)
            await asyncio.to_thread(self._journal.sync)

    def _say(self, fault: str) -> None:
        """Say a fault when it begins, and its end, not every second between."""
        if fault and not self._said:
            LOG.warning("%s", fault)
        elif self._said and not fault:
            LOG.info("calls are registered again")
        self._said = fault
