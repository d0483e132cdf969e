"""Erases callers from the stream of calls, or changes what stands there, so that the old bytes are gone as well.

XDEL alone would only mark an entry: its bytes stay in memory and in every dump for as long as a neighbour lives. So
the stream is copied without the entries, piece by piece inside Redis, each entry under the ID it had, and the copy
takes its place in the step that finds nothing more to copy. Killed before that, nothing has changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from secrets import token_hex

from ..callers.registered_call import BeganCall, EndedCall, Registered
from ..errors import CallRecordError, StoreError
from ..wire.call_record import decode
from .call_stream import MILLISECONDS, _next
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command, Reply
from .redis_keys import RedisKeys

BITE = 100
"""How many entries are looked at in one turn of the event loop, and copied in one turn of Redis."""

PAUSE_S = 0.001
"""How long calls have their turn after that."""

LEASE_MS = 30_000
"""How long one who erases may stop between two pieces before another one may begin."""

PATIENCE_S = 60.0
"""How long another one who erases is waited for."""

GLANCE_S = 0.1
"""How often it is looked whether they are done."""

COPY = b"""if redis.call('GET', KEYS[3]) ~= ARGV[1] then return redis.error_reply('somebody else erases') end
redis.call('PEXPIRE', KEYS[3], ARGV[2])
if ARGV[3] == '0' then redis.call('DEL', KEYS[2]) end
local changed = {}
for at = 5, #ARGV, 2 do changed[ARGV[at]] = ARGV[at + 1] end
for _, row in ipairs(redis.call('XRANGE', KEYS[1], ARGV[3], ARGV[4])) do
  local kept = changed[row[1]] or row[2][2]
  if kept ~= '' then redis.call('XADD', KEYS[2], row[1], row[2][1], kept) end
end
if ARGV[4] ~= '+' then return redis.call('PEXPIRE', KEYS[2], ARGV[2]) end
if redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('PERSIST', KEYS[2])
  redis.call('RENAME', KEYS[2], KEYS[1])
else
  redis.call('DEL', KEYS[1])
end
return redis.call('DEL', KEYS[3])"""
"""Copies one piece of a stream with changes, and lets the copy take its place when that was the last piece.

Keys: the stream, the copy, the lock. Arguments: who holds the lock, its lease, from where (0: a new copy), up to where
(+: the last piece), then an ID and what is to stand there, empty for nothing, again and again. Both ends are told, for
entries that go meanwhile because they are too old must not let others in at the end at which nobody has looked."""

Change = Callable[[float, bytes], bytes]
"""What is to stand in the place of an entry that was added then (seconds since 1970 UTC); empty for nothing."""


class CallEraser:
    """Takes callers out of the registry's stream, and whatever else is to be different there."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys) -> None:
        self._connection = connection
        self._keys = keys

    async def erase(self, names: Collection[str]) -> int:
        """Take out every record of these numbers or pseudonyms; how many there were. Raises StoreError."""
        needles = [name.encode("utf-8", "replace") for name in names]

        def change(at_s: float, payload: bytes) -> bytes:
            found = any(needle in payload for needle in needles) and _is_of(payload, names)
            return b"" if found else payload

        return await self.rewrite(change)

    async def rewrite(self, change: Change) -> int:
        """Let every entry be what `change` makes of it; how many are different from before. Raises StoreError.

        Reads the whole stream, in pieces between which calls have their turn, and copies it where anything differs.
        """
        if not await self._differs(change):
            return 0
        key, lock, holder = self._keys.calls, self._keys.calls_new + b":lock", token_hex(8)
        await self._hold(lock, holder)
        count, position = 0, "0"
        while position:
            rows = await self._piece(position)
            changed = _changed(rows, change)
            count += len(changed) // 2
            last = rows[-1][0].decode() if len(rows) == BITE else "+"  # what comes behind that is new
            script = (COPY, 3, key, self._keys.calls_new, lock)
            await self._ask(("EVAL", *script, holder, LEASE_MS, position, last, *changed))
            position = "" if last == "+" else _next(last)
        return count

    async def _differs(self, change: Change) -> bool:
        position = "0"
        while True:
            rows = await self._piece(position)
            if _changed(rows, change):
                return True
            if len(rows) < BITE:
                return False
            position = _next(rows[-1][0].decode())

    async def _piece(self, position: str) -> Reply:
        rows = await self._ask(("XRANGE", self._keys.calls, position, "+", "COUNT", BITE))
        await asyncio.sleep(PAUSE_S)
        return rows

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


def _changed(rows: Reply, change: Change) -> list[bytes]:
    """The ID and the new bytes of every entry among `rows` that `change` makes another one of."""
    found: list[bytes] = []
    for entry_id, fields in rows:
        payload = bytes(fields[1])
        made = change(int(entry_id.partition(b"-")[0]) / MILLISECONDS, payload)
        if made != payload:
            found += (entry_id, made)
    return found


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
