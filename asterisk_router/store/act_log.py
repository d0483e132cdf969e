"""The record of what people did, in Redis: a list to which one script alone adds, so that no two writers can fork it.

Whom an act was about stands in the list as a token, drawn at random when a caller is first acted upon; a hash beside
the list leads from the caller's number to it. Forgetting the caller removes the entry, and with it the only way from
any record to the person: neither key nor guessing leads from a random token to a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from secrets import token_hex

from ..errors import StoreError
from ..wire.act_record import FIRST, ActNote, ActRecord, chained, decode, encode
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command, Reply
from .redis_keys import RedisKeys

APPEND = b"""local n = redis.call('LLEN', KEYS[1])
local last = redis.call('LINDEX', KEYS[1], -1) or ''
if n ~= tonumber(ARGV[1]) or last ~= ARGV[2] then return {n, last} end
for i = 3, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[i]) end
return 1"""
"""Adds records behind the one they were made to follow, or tells which one is the last now."""

TRIES = 256
"""How often a record is made anew because another one came first."""

TOKEN_BYTES = 9
"""How much chance there is in a token: no two callers get the same one."""

READ_AT_ONCE = 1000
"""How many records are read in one round trip."""

CALLER = "caller "
"""What a subject that is a caller begins with; the token follows."""


class ActLog:
    """The chain, for everybody who acts and everybody who reads."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys) -> None:
        self._connection = connection
        self._keys = keys

    async def append(self, note: ActNote) -> ActRecord:
        """Record an act; raises StoreUnavailableError, ActRecordError where the last record cannot be read."""
        number, last = await self.head()
        for _ in range(TRIES):
            previous = decode(last, f"record {number}").hash if last else FIRST
            record = chained(number + 1, note, previous)
            reply = await self.append_lines(number, last, [encode(record)])
            if reply is None:
                return record
            number, last = reply
        raise StoreError(f"others recorded acts {TRIES} times in a row", remedy="try again")

    async def append_lines(self, number: int, last: bytes, lines: Sequence[bytes]) -> tuple[int, bytes] | None:
        """Add lines behind record `number`, which reads `last`; what the last one is instead, else None."""
        reply = (await self._send([("EVAL", APPEND, 1, self._keys.acts, number, last, *lines)]))[0]
        return None if reply == 1 else (int(reply[0]), bytes(reply[1]))

    async def head(self) -> tuple[int, bytes]:
        """How many records there are, and the line of the last one; empty for none."""
        count, last = await self._send([("LLEN", self._keys.acts), ("LINDEX", self._keys.acts, -1)])
        return int(count), bytes(last or b"")

    async def lines(self, after: int = 0) -> list[bytes]:
        """The lines of all records behind record `after`, oldest first, as they are kept."""
        found: list[bytes] = []
        while True:
            start = after + len(found)
            part = (await self._send([("LRANGE", self._keys.acts, start, start + READ_AT_ONCE - 1)]))[0]
            found += part
            if len(part) < READ_AT_ONCE:
                return found

    async def subject(self, number: str) -> str:
        """What stands for a caller in the record, from now on if not before."""
        drawn = token_hex(TOKEN_BYTES)
        key = self._keys.act_subjects
        _, token = await self._send([("HSETNX", key, number, drawn), ("HGET", key, number)])
        return CALLER + bytes(token).decode(errors="replace")

    async def subjects(self) -> dict[str, str]:
        """Subject in the record -> number, of every caller acted upon and not forgotten."""
        fields = (await self._send([("HGETALL", self._keys.act_subjects)]))[0]
        pairs = zip(fields[::2], fields[1::2], strict=True)
        return {CALLER + token.decode(errors="replace"): number.decode(errors="replace") for number, token in pairs}

    async def forget(self, numbers: Iterable[str]) -> int:
        """Let no record lead to these numbers any more; to how many one did."""
        fields = list(numbers)
        return int((await self._send([("HDEL", self._keys.act_subjects, *fields)]))[0]) if fields else 0

    async def _send(self, commands: list[Command]) -> list[Reply]:
        replies = await self._connection.send(commands)
        for reply in replies:
            if isinstance(reply, StoreError):
                raise reply
        return replies
