"""The stream of every call in Redis: each record in it exactly once, however often it is handed over."""

from __future__ import annotations

from collections.abc import Callable
from time import time

from ..callers.registered_call import BeganCall, Gap, Registered
from ..errors import CallRecordError, StoreError
from ..wire.call_record import began_at_s, day, decode, encode, member
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command, Reply
from .redis_keys import RedisKeys

STREAM_MAX = 1_000_000
"""About how many records the stream keeps; older ones go."""

SEEN_S = 14 * 86_400
"""How long it is remembered what is in the stream: so late may a journal left behind still be taken in."""

BITE = 500
"""Most entries read at once."""

FIELD = b"c"
"""The one field of an entry."""

KNOWN, NEW, ENDED, FORGOTTEN = 0, 1, 2, 4
"""What `add` replies: it was there, it is new, it is the beginning of a call whose end is there already, or its caller
was forgotten after it began: it was not added."""

ADD = b"""if ARGV[8] ~= '' then
  local forgotten = redis.call('HGET', KEYS[3], ARGV[8])
  if forgotten and tonumber(ARGV[9]) <= (tonumber(forgotten) or 0) then return 4 end
end
local ended = redis.call('SISMEMBER', KEYS[2], ARGV[2])
if redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 1 then return 2 * ended end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[4], '*', ARGV[5], ARGV[6])
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[3])
if ARGV[7] ~= '0' then redis.pcall('XTRIM', KEYS[1], 'MINID', ARGV[7]) end
return 1 + ended"""
"""Adds an entry unless its name is among those seen, and takes away those older than the last argument says, by their
ID; a Redis before 6.2 cannot, and keeps them until there are too many."""

MILLISECONDS = 1000


class CallStream:
    """Written by the registry, read by people."""

    def __init__(
        self,
        connection: StoreConnection,
        keys: RedisKeys,
        *,
        kept_s: float = 0.0,
        pseudonym_of: Callable[[str], str] = lambda number: "",
    ) -> None:
        """Entries older than `kept_s` go when another is added; 0: none goes for its age.

        `pseudonym_of` tells under what a caller would have been forgotten; without it nobody has been.
        """
        self.unreadable = 0
        """Entries met that this release cannot read."""
        self._kept_s = kept_s
        self._pseudonym_of = pseudonym_of
        self._connection = connection
        self._keys = keys

    def add(self, record: Registered) -> Command:
        """The command that puts a record into the stream, once; replies KNOWN, NEW, ENDED or FORGOTTEN."""
        keys = (self._keys.calls, self._keys.calls_seen(day(record)), self._keys.forgotten)
        names = (member(record), f"e:{record.uniqueid}" if isinstance(record, BeganCall) else "")
        oldest_ms = round((time() - self._kept_s) * MILLISECONDS) if self._kept_s else 0
        whose = ("", 0) if isinstance(record, Gap) else (self._pseudonym_of(record.number), began_at_s(record))
        return ("EVAL", ADD, 3, *keys, *names, SEEN_S, STREAM_MAX, FIELD, encode(record), oldest_ms, *whose)

    async def newest(self, count: int) -> tuple[list[Registered], str]:
        """The latest records, oldest first, and the position to go on `after`; raises StoreError."""
        rows = await self._ask(("XREVRANGE", self._keys.calls, "+", "-", "COUNT", count))
        return self._read(rows[::-1], "0")

    async def after(self, position: str, most: int = BITE) -> tuple[list[Registered], str]:
        """The records after a position (`0`: from the first one), oldest first, and where to go on; raises StoreError.

        At most so many: none with a new position is a stretch that this release cannot read.
        """
        rows = await self._ask(("XRANGE", self._keys.calls, _next(position), "+", "COUNT", most))
        return self._read(rows, position)

    async def _ask(self, command: Command) -> Reply:
        reply = (await self._connection.send([command]))[0]
        if isinstance(reply, StoreError):
            raise reply
        return reply

    def _read(self, rows: Reply, position: str) -> tuple[list[Registered], str]:
        """The records in entries as Redis lists them, and the ID of the last of these, read or not."""
        records = []
        for _, fields in rows:
            try:
                records.append(decode(fields[1]))
            except (CallRecordError, IndexError, TypeError):
                self.unreadable += 1
        return records, rows[-1][0].decode() if rows else position


def _next(entry_id: str) -> str:
    """The least ID after `entry_id`: Redis before 6.2 knows no open ranges.

    >>> _next("1700000000000-3")
    '1700000000000-4'
    """
    moment, _, number = entry_id.partition("-")
    return f"{moment}-{int(number or 0) + 1}"
