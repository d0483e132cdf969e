"""Changes to one person in Redis, nobody else's change lost, the same record under every number.

The record under the person's first number decides: a change is compare-and-set there, in one script, so two
daemons and an admin can write at once. The copies under the other numbers follow it. Each script touches one
key, as a Redis Cluster demands. A copy left behind by a process that died in between is still only a copy:
the next change starts at the first number again and writes all of them. (When a change joins two persons, a call
noted for the other one between the reading and the writing is not in the joined history.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..callers.caller import Caller
from ..callers.joining import join
from ..errors import CallerRecordError, StoreError
from ..wire.caller_record import decode, encode
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command, Reply
from .redis_keys import RedisKeys

COMPARE_AND_SET = b"""local now = redis.call('GET', KEYS[1])
if (now or '') ~= ARGV[1] then return now end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2]) end
return 1"""
"""Replaces what lies under a key if it is what was read; empty stands for no record. Replies 1 or what lies there."""

TRIES = 64
"""How often a change is tried again because somebody else was quicker, before it is given up as an error."""


def compare_and_set(key: bytes, seen: bytes, record: bytes) -> Command:
    """The command that puts `record` in the place of `seen`; an empty `record` removes it."""
    return ("EVAL", COMPARE_AND_SET, 1, key, seen, record)


class PersonWriter:
    """Reads and changes whole persons."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys) -> None:
        self._connection = connection
        self._keys = keys

    async def read(self, number: str) -> Caller:
        """The caller behind a number; raises StoreUnavailableError, CallerRecordError."""
        return self._decoded(await self._record(number), number)

    async def change(self, number: str, change: Callable[[Caller], Caller]) -> Caller:
        """Put what `change` makes of the caller behind `number` in their place, under all their numbers.

        `change` may be asked several times. A caller without numbers afterwards gets the one asked for; numbers
        that belong to somebody else until now join the two. Raises StoreUnavailableError, CallerRecordError, and
        whatever `change` raises, in which case nothing is changed.
        """
        for _ in range(TRIES):
            first, seen, known = await self._first_record(number)
            caller = change(known)
            if not caller.numbers:
                caller = caller._replace(numbers=known.numbers or (number,))
            caller = await self._joined(caller, known)
            record = encode(caller)
            if record == seen and len(caller.numbers) == 1:
                return caller
            if not await self._replaced(first, seen, record):
                continue
            if first != caller.numbers[0]:  # another number leads from now on; the old one points at it by its copy
                await self._send([("SET", self._keys.caller(caller.numbers[0]), record)])
            await self.copy(caller.numbers[0])
            gone = [(old, seen) for old in known.numbers if old not in caller.numbers]
            await self._remove([(old, record if old == first else bytes_) for old, bytes_ in gone])
            return caller
        raise StoreError(f"others changed this caller {TRIES} times in a row", where=number, remedy="try again")

    async def forget(self, number: str) -> bool:
        """Remove a person under all of their numbers, readable or not; whether there was one.

        What lies under `number` goes last: killed before that, the same again finds all numbers once more.
        """
        for _ in range(TRIES):
            try:
                first, seen, known = await self._first_record(number)
            except CallerRecordError:
                return bool((await self._send([("DEL", self._keys.caller(number))]))[0])
            if not seen:
                return False
            others = [("DEL", self._keys.caller(other)) for other in known.numbers if other not in (first, number)]
            if first == number and others:
                await self._send(list(others))
            if await self._replaced(first, seen, b""):
                if first != number:
                    await self._send([*others, ("DEL", self._keys.caller(number))])
                return True
        raise StoreError(f"others changed this caller {TRIES} times in a row", where=number, remedy="try again")

    async def _first_record(self, number: str) -> tuple[str, bytes, Caller]:
        """The number that leads, the bytes under it, and the caller; found by any number of the person."""
        seen = await self._record(number)
        known = self._decoded(seen, number)
        if not known.numbers or known.numbers[0] == number:
            return number, seen, known
        first = known.numbers[0]
        leading = await self._record(first)
        leader = self._decoded(leading, first)
        if leader.numbers and leader.numbers[0] == first and number in leader.numbers:
            return first, leading, leader
        return number, seen, known  # an orphaned copy leads itself until it is written

    async def _joined(self, caller: Caller, known: Caller) -> Caller:
        """The caller together with whoever had one of their new numbers until now."""
        for number in caller.numbers:
            if number not in known.numbers:
                other = await self.read(number)
                if other.numbers and other.numbers != caller.numbers:
                    caller = join(caller, other)
        return caller

    async def copy(self, first: str) -> None:
        """Copy the leading record under the other numbers until what was copied is still what leads."""
        for _ in range(TRIES):
            record = await self._record(first)
            others = [other for other in self._decoded(record, first).numbers if other != first]
            if not others:
                return
            *_, now = await self._send(
                [*(("SET", self._keys.caller(other), record) for other in others), ("GET", self._keys.caller(first))]
            )
            if now == record:
                return

    async def _remove(self, records: Iterable[tuple[str, bytes]]) -> None:
        """Remove the copies under numbers the person gave up, unless somebody wrote there since."""
        commands = [compare_and_set(self._keys.caller(number), seen, b"") for number, seen in records]
        if commands:
            await self._send(commands)

    async def _replaced(self, number: str, seen: bytes, record: bytes) -> bool:
        replies = await self._send([compare_and_set(self._keys.caller(number), seen, record)])
        return bool(replies[0] == 1)

    async def _record(self, number: str) -> bytes:
        record = (await self._send([("GET", self._keys.caller(number))]))[0]
        return b"" if record is None else bytes(record)

    async def _send(self, commands: list[Command]) -> list[Reply]:
        replies = await self._connection.send(commands)
        for reply in replies:
            if isinstance(reply, StoreError):
                raise reply
        return replies

    def _decoded(self, record: bytes, number: str) -> Caller:
        return decode(record, number) if record else Caller.UNKNOWN
