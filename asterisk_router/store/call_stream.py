"""The stream of every call in Redis: each record in it exactly once, however often it is handed over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

from ..callers.registered_call import BeganCall, Registered
from ..errors import CallRecordError, StoreError
from ..wire.call_record import day, decode, encode, member
from .redis_keys import RedisKeys
from .resp_connection import StoreConnection
from .resp_wire import Command, Reply

STREAM_MAX = 1_000_000
"""About how many records the stream keeps; older ones go."""

SEEN_S = 14 * 86_400
"""How long it is remembered what is in the stream: so late may a journal left behind still be taken in."""

GLANCE_S = 0.25
"""How often a follower looks for news."""

BITE = 500
"""Most entries read at once."""

FIELD = b"c"
"""The one field of an entry."""

KNOWN, NEW, ENDED = 0, 1, 2
"""What `add` replies: it was there, it is new, or it is the beginning of a call whose end is there already."""

ADD = b"""local ended = redis.call('SISMEMBER', KEYS[2], ARGV[2])
if redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 1 then return 2 * ended end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[4], '*', ARGV[5], ARGV[6])
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1 + ended"""
"""Adds an entry unless its name is among those seen."""


class StreamEntry(NamedTuple):
    """One entry of the stream."""

    id: str
    """Its ID in Redis, by which reading goes on after it."""
    record: Registered
    """What it tells."""


class CallStream:
    """Written by the registry, read by people."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys) -> None:
        self.unreadable = 0
        """Entries met that this release cannot read."""
        self._connection = connection
        self._keys = keys

    def add(self, record: Registered) -> Command:
        """The command that puts a record into the stream, once; replies KNOWN, NEW or ENDED."""
        keys = (self._keys.calls, self._keys.calls_seen(day(record)))
        names = (member(record), f"e:{record.uniqueid}" if isinstance(record, BeganCall) else "")
        return ("EVAL", ADD, 2, *keys, *names, SEEN_S, STREAM_MAX, FIELD, encode(record))

    async def newest(self, count: int) -> list[StreamEntry]:
        """The latest entries, oldest first; raises StoreError."""
        rows = await self._ask(("XREVRANGE", self._keys.calls, "+", "-", "COUNT", count))
        return self._read(rows)[::-1]

    async def after(self, entry_id: str, most: int = BITE) -> list[StreamEntry]:
        """The entries that follow the one with that ID (`0` for all), oldest first; raises StoreError."""
        return self._read(await self._ask(("XRANGE", self._keys.calls, _next(entry_id), "+", "COUNT", most)))

    async def tail(self, after: str = "") -> AsyncIterator[StreamEntry]:
        """Every entry that follows, as it comes, for ever; `after` empty: from now on. Raises StoreError.

        Asks again and again in place of waiting inside Redis, which would hold up everybody on the connection.
        """
        if not after:
            newest = await self.newest(1)
            after = newest[-1].id if newest else "0-0"
        while True:
            rows = await self._ask(("XRANGE", self._keys.calls, _next(after), "+", "COUNT", BITE))
            for entry in self._read(rows):
                yield entry
            if rows:
                after = rows[-1][0].decode()
            else:
                await asyncio.sleep(GLANCE_S)

    async def _ask(self, command: Command) -> Reply:
        reply = (await self._connection.send([command]))[0]
        if isinstance(reply, StoreError):
            raise reply
        return reply

    def _read(self, rows: Reply) -> list[StreamEntry]:
        entries = []
        for entry_id, fields in rows:
            try:
                entries.append(StreamEntry(entry_id.decode(), decode(fields[1])))
            except (CallRecordError, IndexError, TypeError):
                self.unreadable += 1
        return entries


def _next(entry_id: str) -> str:
    """The least ID after `entry_id`: Redis before 6.2 knows no open ranges.

    >>> _next("1700000000000-3")
    '1700000000000-4'
    """
    moment, _, number = entry_id.partition("-")
    return f"{moment}-{int(number or 0) + 1}"
