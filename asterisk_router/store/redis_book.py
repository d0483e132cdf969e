"""The caller book in Redis: one GET finds a caller; everything else happens off the path of the call."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from types import TracebackType

from ..callers.caller import Caller, Tag
from ..callers.caller_book import Found
from ..callers.number_ranges import NumberRanges, TaggedRange
from ..errors import CallerRecordError, StoreError, StoreUnavailableError
from ..wire.caller_record import decode
from .bulk_save import BulkSave
from .connection.call_connection import SlowStoreError
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command, LateReplyError, RedisRefusedError, Reply
from .history_notes import Seen
from .person_writer import PersonWriter
from .range_mirror import RangeMirror
from .redis_keys import RedisKeys

LOG = logging.getLogger(__name__)

SCAN_COUNT = 500
"""How many keys Redis looks at, and records it hands out, in one bite of a listing, so that no call waits behind it."""

AWAY, LATE, NOT_ASKED = "store away", "answer late", "store too slow, not asked"
"""Why a look-up got no answer."""

SAID_BY_THE_CONNECTION = (AWAY, LATE, NOT_ASKED)
"""What the log holds already when a look-up meets it."""


class RedisBook:
    """Every caller, in one Redis server, over two connections: one for calls alone, one for everything else."""

    def __init__(
        self,
        calls: StoreConnection,
        acts: StoreConnection,
        *,
        keys: RedisKeys = RedisKeys(),  # noqa: B008  a NamedTuple cannot change
        on_close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.degraded: dict[str, int] = {}
        """Why look-ups were answered as degraded -> how many of them, since the start."""
        self.persistent = acts.persistent
        """Whether what is written outlives this process; the daemon warns when it does not."""
        self.acts = acts
        """The connection for everything but look-ups; what else is shared through this store goes over it too."""
        self.keys = keys
        """The names of everything in it."""
        self._read: tuple[str, Seen | None] = ("", None)
        self._calls = calls
        self._on_close = on_close
        self._writer = PersonWriter(acts, keys)
        self._bulk = BulkSave(acts, keys, self._writer)
        self._mirror = RangeMirror(acts, keys)

    @property
    def ranges(self) -> NumberRanges:
        """Tags of number ranges and prefixes: one object for the life of the book, kept fresh by it."""
        return self._mirror.ranges

    async def ranges_are(self, version: Reply) -> bool:
        """Whether the ranges in memory are of that version; if not, they are read now.

        Raises StoreError.
        """
        if self._mirror.version != version:
            await self._mirror.refresh()
        return bool(self._mirror.version == version)

    async def open(self, wait_s: float) -> None:
        """Connect, at most `wait_s`, and read the ranges; a server that is away is looked for in the background."""
        await asyncio.gather(self._calls.open(wait_s), self.acts.open(wait_s))
        await self._mirror.open(wait_s)

    async def close(self) -> None:
        """Disconnect, and stop the embedded server if there is one."""
        await self._mirror.close()
        await asyncio.gather(self._calls.close(), self.acts.close())
        if self._on_close is not None:
            await self._on_close()

    async def __aenter__(self) -> RedisBook:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def find(self, key: str, found: Found) -> None:
        """Find the caller behind a canonical number by one GET; see `CallerBook.find`."""
        self._calls.get(self.keys.caller(key), partial(self._tell, key, found))

    def _tell(self, key: str, found: Found, reply: Reply) -> None:
        caller, degraded = Caller.UNKNOWN, True
        if reply is None:
            degraded = False
        elif type(reply) is bytes:
            try:
                read = decode(reply, key)
                if key not in read.numbers:
                    raise CallerRecordError("it is the record of somebody else", where=key)
                caller, degraded = read, False
            except CallerRecordError as unreadable:
                self._count(_why(unreadable), unreadable)
        else:
            fault = reply if isinstance(reply, StoreError) else StoreError(f"{type(reply).__name__} is no record")
            self._count(_why(fault), fault)
        self._read = (key, None if degraded else Seen(caller, reply or b""))
        found(caller, degraded)

    def _count(self, why: str, fault: StoreError) -> None:
        """Count a look-up that was degraded; the first of each kind is said at once."""
        count = self.degraded.get(why, 0)
        if not count and why not in SAID_BY_THE_CONNECTION:
            LOG.warning("a caller is unknown for now (%s): %s", why, fault.problem)
        self.degraded[why] = count + 1

    def last_seen(self, number: str) -> Seen | None:
        """What the last look-up found, if it was for `number` and got an answer: its very bytes are at hand then."""
        key, seen = self._read
        return seen if key == number else None

    @property
    def store_fault(self) -> str:
        """Why calls meet no caller at the moment; empty while they do."""
        return self._calls.why

    async def show(self, key: str) -> Caller:
        """The caller behind a number, for people; raises StoreUnavailableError, CallerRecordError."""
        return await self._writer.read(key)

    async def update(self, key: str, change: Callable[[Caller], Caller]) -> Caller:
        """Change one caller under all of their numbers; see `PersonWriter.change`."""
        return await self._writer.change(key, change)

    async def save_many(self, callers: Iterable[Caller]) -> int:
        """Store records fast; callers known already are enriched, their history stays; returns how many."""
        return await self._bulk.save(callers)

    async def forget(self, key: str) -> bool:
        """Remove a person under all of their numbers; whether there was one."""
        return await self._writer.forget(key)

    async def callers(self, unreadable: list[str] | None = None) -> AsyncIterator[Caller]:
        """Every caller on record; one who is added or removed meanwhile may be missed or met twice.

        One damaged record hides nobody behind it: it is passed over, and its number added to `unreadable`.
        """
        damaged = [] if unreadable is None else unreadable
        cursor = b"0"
        while True:
            command = ("SCAN", cursor, "MATCH", self.keys.every_caller, "COUNT", SCAN_COUNT)
            cursor, keys = (await self._send([command]))[0]
            records = await self.acts.send([("GET", key) for key in keys])
            for number, record in zip(map(self.keys.number_of, keys), records, strict=True):
                try:
                    caller = _listed(record, number)
                except CallerRecordError:
                    damaged.append(number)
                    continue
                if caller.numbers[:1] == (number,):  # else a copy under another number of the person, or just removed
                    yield caller
            if int(cursor) == 0:
                return

    async def _send(self, commands: list[Command]) -> list[Reply]:
        replies = await self.acts.send(commands)
        for reply in replies:
            if isinstance(reply, StoreError):
                raise reply
        return replies

    async def tag_range(self, first: str, last: str, tag: Tag) -> None:
        """Tag every number from `first` to `last`; raises TagError, StoreError."""
        await self._mirror.put(TaggedRange(first, last, tag))

    async def tag_prefix(self, prefix: str, tag: Tag) -> None:
        """Tag every number that begins with `prefix`; raises TagError, StoreError."""
        await self._mirror.put(TaggedRange(prefix, "", tag))

    async def untag_range(self, first: str, last: str, name: str) -> bool:
        """Take a tag off a range (`last` empty: a prefix); whether it was there."""
        return await self._mirror.remove(first, last, name)


def _listed(record: Reply, number: str) -> Caller:
    """The caller in what a listing met under a number; raises CallerRecordError, or as the store is away."""
    if isinstance(record, RedisRefusedError) and record.problem.startswith("WRONGTYPE"):
        raise CallerRecordError("it is no record at all", where=number)
    if isinstance(record, StoreError):
        raise record
    return decode(record, number) if record is not None else Caller.UNKNOWN


def _why(fault: StoreError) -> str:
    """The kind of a fault that a look-up met; of a refusal the server's own word for it: NOPERM, LOADING, WRONGTYPE."""
    if isinstance(fault, LateReplyError):
        return LATE
    if isinstance(fault, SlowStoreError):
        return NOT_ASKED
    if isinstance(fault, StoreUnavailableError):
        return AWAY
    if isinstance(fault, RedisRefusedError):
        return f"refused, {fault.problem.partition(' ')[0][:20]}"
    return "record unreadable"
