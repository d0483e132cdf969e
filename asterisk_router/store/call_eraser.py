"""Erases callers from the stream of calls, so that their bytes are gone as well.

XDEL alone would only mark an entry: its bytes stay in memory and in every dump for as long as a neighbour lives. So
the stream is copied without the entries, piece by piece inside Redis, each entry under the ID it had, and the copy
takes its place in the step that finds nothing more to copy. Killed before that, nothing has changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from secrets import token_hex

from ..callers.registered_call import BeganCall, EndedCall, Registered
from ..errors import CallRecordError, StoreError
from ..wire.call_record import decode
from .call_stream import BITE, _next
from .redis_keys import RedisKeys
from .resp_connection import StoreConnection
from .resp_wire import Command, Reply

LEASE_MS = 30_000
"""How long one who erases may stop between two pieces before another one may begin."""

PATIENCE_S = 60.0
"""How long another one who erases is waited for."""

GLANCE_S = 0.1
"""How often it is looked whether they are done."""

COPY = b"""if redis.call('GET', KEYS[3]) ~= ARGV[1] then return redis.error_reply('somebody else erases') end
redis.call('PEXPIRE', KEYS[3], ARGV[2])
if ARGV[3] == '0' then redis.call('DEL', KEYS[2]) end
local without = {}
for at = 5, #ARGV do without[ARGV[at]] = true end
local rows = redis.call('XRANGE', KEYS[1], ARGV[3], '+', 'COUNT', ARGV[4])
local last = ''
for _, row in ipairs(rows) do
  last = row[1]
  if not without[last] then redis.call('XADD', KEYS[2], last, row[2][1], row[2][2]) end
end
if #rows == tonumber(ARGV[4]) then
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
  return last
end
if redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('PERSIST', KEYS[2])
  redis.call('RENAME', KEYS[2], KEYS[1])
else
  redis.call('DEL', KEYS[1])
end
redis.call('DEL', KEYS[3])
return ''"""
"""Copies one piece of a stream, leaving entries out, and lets the copy take its place when that was the last piece.

Keys: the stream, the copy, the lock. Arguments: who holds the lock, its lease, from where (0: a new copy), how many,
the IDs to leave out."""


class CallEraser:
    """Takes callers out of the registry's stream."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys) -> None:
        self._connection = connection
        self._keys = keys

    async def erase(self, names: Collection[str]) -> int:
        """Take out every record of these numbers or pseudonyms; how many there were. Raises StoreError.

        Reads the whole stream, in pieces between which calls have their turn.
        """
        out = await self.find(names)
        if not out:
            return 0
        key, lock, holder = self._keys.calls, self._keys.calls_new + b":lock", token_hex(8)
        await self._hold(lock, holder)
        position = "0"
        while position:
            script = (COPY, 3, key, self._keys.calls_new, lock)
            reply = await self._ask(("EVAL", *script, holder, LEASE_MS, position, BITE, *out))
            last = bytes(reply).decode()
            position = _next(last) if last else ""
        return len(out)

    async def find(self, names: Collection[str]) -> list[str]:
        """The IDs of their entries, oldest first."""
        needles = [name.encode("utf-8", "replace") for name in names]
        found: list[str] = []
        position = "0"
        while True:
            rows = await self._ask(("XRANGE", self._keys.calls, position, "+", "COUNT", BITE))
            for entry_id, fields in rows:
                if any(needle in fields[1] for needle in needles) and _is_of(fields[1], names):
                    found.append(entry_id.decode())
            if len(rows) < BITE:
                return found
            position = _next(rows[-1][0].decode())
            await asyncio.sleep(0)

    async def _hold(self, lock: bytes, holder: str) -> None:
        for _ in range(round(PATIENCE_S / GLANCE_S)):
            if await self._ask(("SET", lock, holder, "NX", "PX", LEASE_MS)):
                return
            await asyncio.sleep(GLANCE_S)
        raise StoreError("somebody else erases callers and does not end", remedy="try again in a minute")

    async def _ask(self, command: Command) -> Reply:
        reply = (await self._connection.send([command]))[0]
        if isinstance(reply, StoreError):
            raise reply
        return reply


def names_of(record: Registered) -> tuple[str, ...]:
    """Every number of a caller in a record of the registry."""
    if isinstance(record, EndedCall):
        return tuple(filter(None, (record.number, record.call_back_id)))
    return (record.number,) if isinstance(record, BeganCall) and record.number else ()


def _is_of(payload: bytes, names: Collection[str]) -> bool:
    """Whether a record is of one of them; so is one that cannot be read and has their letters in it."""
    try:
        return any(name in names for name in names_of(decode(payload)))
    except CallRecordError:
        return True
